"""One planned file of a library, with everything that is known about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .exif import Caption

if TYPE_CHECKING:
    from datetime import datetime

    from .exif import Exposure

NO_CAPTION = Caption()


@dataclass(frozen=True, slots=True)
class Shot:
    """One file. `size` is (width, height) as displayed; `form` says how it is written."""

    path: str
    form: str  # jpeg, png, webp, heic, dng, mp4, screenshot, truncated, empty
    size: tuple[int, int]
    look: str
    scene: str
    scene_seed: int
    land: int
    light: str
    seed: int
    taken: datetime | None = None
    precision: str = "second"
    offset_min: int | None = None  # as written in the file
    zone_min: int = 0  # as it was, for the file's mtime
    gps: tuple[float, float, float | None] | None = None
    camera: tuple[str | None, str | None, str | None] = (None, None, None)
    exposure: Exposure | None = None
    orientation: int = 1
    caption: Caption = NO_CAPTION
    sidecar: bool = False
    exif: bool = True
    shift: tuple[float, float] = (0.0, 0.0)
    group: str | None = None  # burst or raw pair
    copy_of: str | None = None
    duration_s: float | None = None


def picture_size(
    aspect: tuple[float, float], megapixels: float, *, upright: bool
) -> tuple[int, int]:
    """Width and height with that aspect, multiples of 8."""
    ratio = aspect[0] / aspect[1]
    h = (megapixels * 1e6 / ratio) ** 0.5
    long_edge, short_edge = round(h * ratio / 8) * 8, round(h / 8) * 8
    return (short_edge, long_edge) if upright else (long_edge, short_edge)
