"""Painting with libvips: float RGB images in 0..1, gradients, tileable noise and soft shapes.

Never draws with anything but libvips and never keeps state, except for small caches of pure
functions (the same arguments always give the same pixels).
"""

from __future__ import annotations

import os
from array import array
from functools import lru_cache

os.environ.setdefault("VIPS_CONCURRENCY", "1")  # the library is built by one process per core

import pyvips

Rgb = tuple[float, float, float]
Image = pyvips.Image
TILE = 512  # edge of the square noise tiles, pixels


def rgb(text: str) -> Rgb:
    """The colour ``#rrggbb`` (or ``rrggbb``) as three floats in 0..1."""
    value = int(text.removeprefix("#"), 16)
    return ((value >> 16) / 255, (value >> 8 & 255) / 255, (value & 255) / 255)


def css(colour: Rgb) -> str:
    """A colour as SVG wants it."""
    return "#" + "".join(f"{round(255 * min(1.0, max(0.0, c))):02x}" for c in colour)


def blend(a: Rgb, b: Rgb, t: float) -> Rgb:
    """The colour between `a` (t = 0) and `b` (t = 1)."""
    return tuple(x + (y - x) * t for x, y in zip(a, b, strict=True))  # type: ignore[return-value]


def shade(colour: Rgb, factor: float) -> Rgb:
    """The colour, lighter (factor > 1) or darker (factor < 1)."""
    return tuple(c * factor for c in colour)  # type: ignore[return-value]


@lru_cache(maxsize=6)
def grid(width: int, height: int) -> Image:
    """Two bands: x and y of each pixel, floats."""
    return Image.xyz(width, height).cast("float").copy_memory()


def flat(width: int, height: int, colour: Rgb) -> Image:
    """A plain surface."""
    return (Image.black(width, height, bands=3) + list(colour)).cast("float")


def mix(a: Image, b: Image | Rgb, t: Image | float) -> Image:
    """`a` where t = 0, `b` where t = 1; `t` is one band."""
    # Each image is used once and the mask twice: libvips computes a shared branch once per use.
    if isinstance(t, Image):
        t = t.copy_memory()
        other = t * list(b) if isinstance(b, tuple) else b * t
        return (a * (t * -1 + 1) + other).cast("float")
    return (a * (1 - t) + ([c * t for c in b] if isinstance(b, tuple) else b * t)).cast("float")


def tint(mask: Image, low: Rgb, high: Rgb) -> Image:
    """One band in 0..1 becomes colour from `low` to `high`."""
    return (mask * [b - a for a, b in zip(low, high, strict=True)] + list(low)).cast("float")


def clamp(image: Image, low: float = 0.0, high: float = 1.0) -> Image:
    """Values held between two bounds."""
    return image.clamp(min=low, max=high)


def smooth(image: Image, low: float, high: float) -> Image:
    """0 below `low`, 1 above `high`, and an S-shaped way between them."""
    t = clamp((image - low) / (high - low)).copy_memory()
    return t * t * (t * -2 + 3)


def gradient(width: int, height: int, stops: list[tuple[float, Rgb]]) -> Image:
    """A vertical gradient; stops are (place in 0..1 from the top, colour)."""
    column = array("f")
    rows = 256
    for row in range(rows):
        place = row / (rows - 1)
        upper = next((s for s in reversed(stops) if s[0] <= place), stops[0])
        lower = next((s for s in stops if s[0] > place), stops[-1])
        span = lower[0] - upper[0]
        t = (place - upper[0]) / span if span > 0 else 0.0
        column.extend(blend(upper[1], lower[1], t))
    image = Image.new_from_memory(column.tobytes(), 1, rows, 3, "float")
    return image.resize(width, vscale=height / rows, kernel="linear").crop(0, 0, width, height)


@lru_cache(maxsize=24)
def fractal(seed: int, coarsest: int = 128, octaves: int = 5, gain: float = 0.5) -> Image:
    """Cloudy noise, TILE x TILE, tileable, about -1..1 with mean 0."""
    total = Image.black(TILE, TILE).cast("float")
    weight, sum_of_weights = 1.0, 0.0
    for octave in range(octaves):
        cell = max(2, coarsest >> octave)
        total = total + Image.perlin(TILE, TILE, cell_size=cell, seed=seed * 31 + octave) * weight
        sum_of_weights += weight * 0.55
        weight *= gain
    return (total / sum_of_weights).cast("float").copy_memory()


def wrapped(tile: Image, u: Image, v: Image) -> Image:
    """The tile sampled at (u, v) pixels, repeating for ever; u and v are one band each."""
    index = u.bandjoin(v) % tile.width
    twice = tile.embed(0, 0, tile.width + 2, tile.height + 2, extend="repeat")
    return twice.mapim(index.cast("float"), interpolate=_bilinear()).copy_memory()


@lru_cache(maxsize=1)
def _bilinear() -> pyvips.Interpolate:
    return pyvips.Interpolate.new("bilinear")


def spread(tile: Image, width: int, height: int, scale: float = 1.0, at: tuple[int, int] = (0, 0)):
    """The tile magnified by `scale` and repeated over a surface, from the point `at` of it."""
    need_w, need_h = int(width / scale) + 4, int(height / scale) + 4
    x, y = at[0] % tile.width, at[1] % tile.height
    across, down = (x + need_w) // tile.width + 1, (y + need_h) // tile.height + 1
    part = tile.replicate(across, down).crop(x, y, need_w, need_h)
    if scale != 1.0:
        part = part.resize(scale, kernel="cubic" if scale > 1 else "linear")
    return part.crop(0, 0, width, height)


def svg(width: int, height: int, body: str, defs: str = "") -> Image:
    """Shapes drawn by the SVG renderer: RGBA, 8 bits each; coordinates are pixels."""
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}"><defs>{defs}</defs>{body}</svg>'
    )
    # photostore refuses SVG in its process; beside it in a test, only our own drawing may pass.
    pyvips.operation_block_set("VipsForeignLoadSvg", False)
    try:
        return Image.svgload_buffer(text.encode(), unlimited=True).copy_memory()
    finally:
        pyvips.operation_block_set("VipsForeignLoadSvg", True)


def over(below: Image, shapes: Image, opacity: float = 1.0, blur: float = 0.0) -> Image:
    """RGBA shapes laid over a picture, softened by `blur` pixels when asked."""
    soft = shapes.premultiply().cast("uchar")
    if blur > 0.3:
        soft = _soften(soft, blur)
    soft = soft.copy_memory()
    rest = soft[3] * (-opacity / 255) + 1
    return (below * rest + soft.extract_band(0, n=3) * (opacity / 255)).cast("float")


def _soften(shapes: Image, blur: float) -> Image:
    """A blur whose cost does not grow with its width."""
    factor = int(blur / 2.2)
    if factor < 2:
        return shapes.gaussblur(blur, precision="integer", min_ampl=0.1)
    small = shapes.shrink(factor, factor, ceil=True)
    small = small.gaussblur(blur / factor, precision="integer", min_ampl=0.1)
    wide = small.resize(factor, kernel="linear")
    return wide.crop(0, 0, shapes.width, shapes.height)


def emission(shapes: Image, spread_px: float = 0.0, strength: float = 1.0) -> Image:
    """Shapes as light (RGB floats), with a halo of `spread_px` pixels round each."""
    light = shapes.premultiply().cast("uchar").extract_band(0, n=3).copy_memory()
    if spread_px <= 0:
        return (light / 255).cast("float")
    return (light / 255 + _soften(light, spread_px) * (strength / 255)).cast("float")


def add_light(below: Image, light: Image) -> Image:
    """Light added the way film does: it never burns out at once (screen blending)."""
    return (below * -1 + 1) * (clamp(light) * -1 + 1) * -1 + 1


def glow(width: int, height: int, at: tuple[float, float], radius: float) -> Image:
    """A soft round light, 1 at the point and e^-1 at `radius` pixels."""
    xy = grid(width, height) - [at[0], at[1]]
    squared = (xy**2).bandmean() * (2 / (radius * radius))
    return (squared * -1).exp().cast("float")


def halo(width: int, height: int, at: tuple[float, float], radius: float) -> Image:
    """A round light with a long faint tail, 1 at the point and 1/2 at `radius` pixels."""
    xy = grid(width, height) - [at[0], at[1]]
    squared = (xy**2).bandmean() * (2 / (radius * radius))
    return ((squared + 1) ** -1).cast("float")
