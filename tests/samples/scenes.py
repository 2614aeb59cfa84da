"""All scenes by name. A scene paints (size, rng, land seed, light) as RGB floats 0..1."""

from __future__ import annotations

import random
from functools import lru_cache
from typing import TYPE_CHECKING

from . import scenes_city, scenes_home, scenes_land, scenes_near, scenes_sea

if TYPE_CHECKING:
    from collections.abc import Callable

    from .paint import Image

SCENES: dict[str, Callable[..., Image]] = {
    scene.__name__: scene
    for scene in (
        scenes_land.mountains,
        scenes_land.winter,
        scenes_land.lake,
        scenes_land.aurora,
        scenes_land.dunes,
        scenes_land.desert,
        scenes_land.countryside,
        scenes_sea.sea,
        scenes_sea.beach,
        scenes_sea.white_village,
        scenes_city.skyline,
        scenes_city.street,
        scenes_city.fireworks,
        scenes_near.flowers,
        scenes_near.leaves,
        scenes_near.woods,
        scenes_near.blossom,
        scenes_home.food,
        scenes_home.birthday,
        scenes_home.silhouettes,
        scenes_home.cats,
        scenes_home.christmas,
    )
}
MARGIN = 0.06  # of each side, painted but cut off: bursts and clips move within it


@lru_cache(maxsize=1)
def paint_scene(name: str, seed: int, land: int, light: str, size: tuple[int, int]) -> Image:
    """The scene with its margin; `size` is what is left after the margin is cut off.

    The last one is remembered: the pictures of a burst are cut from the same painting.
    """
    w, h = (round(edge * (1 + MARGIN) / 2) * 2 for edge in size)
    rng = random.Random(seed)
    picture = SCENES[name]((w, h), rng, land, light)
    return picture.cast("float").copy_memory()


def cut(picture: Image, size: tuple[int, int], shift: tuple[float, float]) -> Image:
    """The part of a painting that the camera sees; shift -1..1 of the margin."""
    spare_x, spare_y = picture.width - size[0], picture.height - size[1]
    x = round(spare_x * (0.5 + 0.5 * shift[0]))
    y = round(spare_y * (0.5 + 0.5 * shift[1]))
    return picture.crop(x, y, *size)
