"""Water: a plane with waves that mirrors what stands above the horizon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .paint import (
    TILE,
    Image,
    add_light,
    clamp,
    fractal,
    grid,
    mix,
    shade,
    smooth,
    tint,
    wrapped,
)
from .sky import sun_place

if TYPE_CHECKING:
    import random

    from .light import Light
    from .paint import Rgb


def lay_water(
    picture: Image, horizon: float, light: Light, rng: random.Random, deep: Rgb, swell: float
) -> Image:
    """Everything below the horizon becomes water; `swell` 0 = mirror .. 1 = choppy sea."""
    w, h = picture.width, picture.height
    xy = grid(w, h)
    below = clamp((xy[1] - horizon) / h, 0.0015, 2.0).copy_memory()
    depth = (below + 0.012) ** -1
    u = (xy[0] - w / 2) / h * depth * 22 + rng.random() * TILE
    v = depth * 62 + rng.random() * TILE
    waves = wrapped(fractal(60 + rng.randrange(3), 64, 5, 0.55), u, v)
    strength = clamp(below * 5, 0, 1) * 0.8 + 0.2
    reach = clamp(below * h * 1.6, 0, 0.34 * h)  # a wave can throw the mirror so far, rows
    row = xy[1] * -1 + 2 * horizon - (waves * strength + 0.25) * reach * (0.12 + swell * 0.75)
    column = xy[0] + waves * strength * (2 + 16 * swell)
    place = clamp(column, 0, w - 1).bandjoin(clamp(row, 0, max(1.0, horizon - 1)))
    mirror = picture.gaussblur(0.8 + 2.0 * swell).mapim(place.cast("float"))
    facing = smooth(below, 0.0, 0.75) * (0.45 + 0.4 * swell) + 0.14  # we look into it near us
    body = tint(waves * 0.5 + 0.5, shade(deep, 0.6), shade(deep, 1.4))
    tilt = waves * clamp(below * 9, 0, 1) * (0.10 + 0.35 * swell)  # the near side mirrors less
    surface = mix(mirror, body, clamp(facing + tilt))
    if swell > 0.6 and not light.stars:
        crests = smooth(waves, 0.52, 0.72) * smooth(below, 0.01, 0.12) * (swell - 0.6)
        surface = mix(surface, shade(light.cloud_lit, 0.95), crests)
    if light.sun_height > 0:
        surface = add_light(surface, _glitter(w, h, horizon, light, waves, below))
    return (xy[1] > horizon).ifthenelse(surface, picture).copy_memory()


def _glitter(w: int, h: int, horizon: float, light: Light, waves: Image, below: Image) -> Image:
    """The road of light under a low sun."""
    x, _ = sun_place(w, h, horizon, light)
    aside = (grid(w, h)[0] - x) / w
    width = below * 0.22 + 0.022
    road = ((aside / width) ** 2 * -1).exp()
    sparks = smooth(waves, 0.12, 0.42) * 0.85 + 0.12
    return tint(road * sparks, (0, 0, 0), shade(light.sun, 0.95))


def lay_beach(picture: Image, rng: random.Random, sand: Rgb, tide: float) -> Image:
    """Wet sand and a line of foam along the lower edge; `tide` = height of the shore, 0..1."""
    w, h = picture.width, picture.height
    xy = grid(w, h)
    slope = rng.uniform(-0.12, 0.12)
    bend = wrapped(fractal(3, 128, 3), xy[0] * 0.35 + rng.random() * 500, xy[1] * 0)
    shore = (xy[1] / h - (xy[0] / w - 0.5) * slope - bend * 0.025 - (1 - tide)).copy_memory()
    depth = clamp(xy[1] / h - 0.35, 0.05, 1)
    grain = wrapped(fractal(8, 32, 5, 0.75), xy[0] / depth * 0.5, xy[1] / depth * 1.3)
    dry = tint(clamp(grain * 0.3 + 0.6), shade(sand, 0.82), shade(sand, 1.06))
    wet = picture * [0.55 * c + 0.12 for c in sand] + [0.16 * c for c in sand]
    ground = mix(wet, dry, smooth(shore, 0.03, 0.13))
    lace = wrapped(fractal(11, 32, 4, 0.7), xy[0] * 1.2, xy[1] * 3.5)
    foam = smooth(shore + lace * 0.016, -0.028, -0.006) * smooth(shore, 0.016, 0.0)
    result = mix(picture, ground, smooth(shore, -0.008, 0.004))
    return mix(result, (0.95, 0.96, 0.97), foam * 0.85)
