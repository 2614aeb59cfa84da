"""Small, fast samples for tests: one photo or one clip with exactly the facts asked for."""

from __future__ import annotations

import random
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from .exif import Caption, Exposure, describe, into_jpeg, write_tiff, write_xmp
from .paint import Image, blend, css, rgb, svg
from .video import write_clip

if TYPE_CHECKING:
    from datetime import datetime

TURNS = {1: "", 3: "rot180", 6: "rot270", 8: "rot90"}


def make_photo(
    path: Path,
    *,
    taken: datetime | None = None,
    gps: tuple[float, float] | tuple[float, float, float | None] | None = None,
    size: tuple[int, int] = (640, 480),
    offset: int | None = None,
    make: str | None = None,
    model: str | None = None,
    lens: str | None = None,
    exposure: Exposure | None = None,
    orientation: int = 1,
    caption: Caption | None = None,
    exif: bool = True,
    quality: int = 80,
    seed: int = 0,
) -> Path:
    """Write a JPEG of a little landscape; another seed, another picture.

    `size` is as displayed, `offset` minutes east of UTC, `gps` degrees (and metres). With
    ``exif=False`` nothing but pixels is written. Orientations 1, 3, 6 and 8.
    """
    path = Path(path)
    image = paint_card(size, seed)
    turn = TURNS[orientation]
    if turn:
        image = getattr(image, turn)()
    jpeg = image.jpegsave_buffer(Q=quality, keep="none")
    tiff = None
    if exif:
        place = None if gps is None else (gps[0], gps[1], gps[2] if len(gps) > 2 else None)
        described = describe(
            taken=taken, offset_min=offset, gps=place, camera=(make, model, lens),
            exposure=exposure, orientation=orientation,
        )  # fmt: skip
        tiff = write_tiff(*described, {})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(into_jpeg(jpeg, tiff, write_xmp(caption) if caption else None))
    return path


def make_video(
    path: Path,
    *,
    taken_utc: datetime | None = None,
    gps: tuple[float, float] | None = None,
    size: tuple[int, int] = (320, 180),
    seconds: float = 2.0,
    turned: bool = False,
    sound: bool = False,
    seed: int = 0,
) -> Path:
    """Write an MP4 (H.264, AAC with `sound`); `size` is as stored, before `turned` applies."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    painting = paint_card((size[0] + 64, size[1] + 32), seed)
    place = None if gps is None else (gps[0], gps[1], None)
    write_clip(
        path, painting, size, seconds=seconds, created_utc=taken_utc, gps=place, turned=turned,
        sound=sound,
    )  # fmt: skip
    return path


@lru_cache(maxsize=8)
def _grain(width: int, height: int) -> Image:
    return Image.gaussnoise(width, height, sigma=3, mean=0, seed=3).cast("char").copy_memory()


def paint_card(size: tuple[int, int], seed: int) -> Image:
    """A sky, a sun and three chains of hills; 8-bit RGB, painted in a few milliseconds."""
    w, h = size
    rng = random.Random(seed)
    top, low = (rgb(f"{rng.randrange(0x1000000):06x}") for _ in range(2))
    defs = (
        f'<linearGradient id="s" x1="0" y1="0" x2="0" y2="1"><stop stop-color="{css(top)}"/>'
        f'<stop offset="1" stop-color="{css(low)}"/></linearGradient>'
    )
    body = f'<rect width="{w}" height="{h}" fill="url(#s)"/>'
    sun = (rng.uniform(0.1, 0.9) * w, rng.uniform(0.1, 0.5) * h)
    body += f'<circle cx="{sun[0]:.1f}" cy="{sun[1]:.1f}" r="{h * 0.07:.1f}" fill="#fff3d0"/>'
    for layer in range(3):
        colour = css(blend(low, (0.05, 0.08, 0.1), 0.3 + 0.3 * layer))
        points = [
            (w * k / 12, h * (0.55 + 0.13 * layer + rng.uniform(-0.1, 0.1))) for k in range(13)
        ]
        outline = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        body += f'<polygon points="0,{h} {outline} {w},{h}" fill="{colour}"/>'
    image = svg(w, h, body, defs).extract_band(0, n=3)
    return (image + _grain(w, h)).cast("uchar").copy(interpretation="srgb").copy_memory()
