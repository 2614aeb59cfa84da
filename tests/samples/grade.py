"""What a camera makes of a scene: bloom, contrast, colour, vignette, resolution and grain."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from PIL import Image as Pillow

from .paint import Image, Rgb, add_light, clamp, grid, smooth

if TYPE_CHECKING:
    import random

GRAIN = 256  # edge of the grain tile, pixels


@dataclass(frozen=True, slots=True)
class Look:
    """The rendering of an era. `white` is the colour of a white sheet; grain in 8-bit steps."""

    white: Rgb = (1.0, 1.0, 1.0)
    contrast: float = 1.06
    saturation: float = 1.0
    lift: float = 0.0  # black that is not black
    vignette: float = 0.12
    grain: float = 2.0
    softness: float = 0.0  # pixels of the picture before enlargement
    quality: int = 84
    mono: Rgb | None = None  # tone of a monochrome print
    border: float = 0.0  # white edge of a print, part of the height


LOOKS = {
    "compact": Look((1.04, 1.0, 0.93), 1.1, 0.95, 0.015, 0.22, 6.0, 0.7, 78),
    "travel zoom": Look((1.01, 1.0, 0.98), 1.06, 1.05, 0.0, 0.16, 3.5, 0.4, 82),
    "reflex": Look((1.05, 1.05, 1.05), 1.07, 1.0, 0.0, 0.2, 2.0, 0.0, 86),
    "early phone": Look((0.98, 1.0, 1.03), 1.12, 0.88, 0.02, 0.28, 6.5, 0.8, 76),
    "phone": Look((1.06, 1.06, 1.06), 1.05, 1.08, 0.012, 0.05, 1.6, 0.0, 84),
    "sent": Look((1.0, 1.0, 1.0), 1.02, 1.0, 0.0, 0.1, 1.5, 0.9, 62),
    "film": Look((1.07, 0.98, 0.84), 0.86, 0.68, 0.075, 0.3, 7.0, 0.9, 82, None, 0.03),
    "slide": Look((1.05, 0.97, 0.9), 1.12, 0.92, 0.03, 0.35, 6.0, 0.6, 84),
    "monochrome": Look((1.0, 1.0, 1.0), 1.12, 0.0, 0.05, 0.3, 9.0, 0.7, 82, (1, 0.99, 0.96), 0.03),
    "sepia": Look((1.0, 1.0, 1.0), 0.92, 0.0, 0.09, 0.4, 8.0, 0.9, 82, (1.0, 0.86, 0.66), 0.035),
}  # fmt: skip


def develop(picture: Image, size: tuple[int, int], look: Look, rng: random.Random) -> Image:
    """The scene as an 8-bit picture of `size` pixels, as this camera would have stored it."""
    image = clamp(picture).copy_memory()
    image = _bloom(image)
    image = _colours(image, look)
    image = image * _vignette(image.width, image.height, look.vignette)
    image = (clamp(image) * 255).cast("uchar").copy_memory()
    if look.softness > 0:
        image = image.gaussblur(look.softness, precision="integer").copy_memory()
    if (image.width, image.height) != size:
        image = _enlarge(image, size)
    image = _grain(image, look, rng)
    if look.border > 0:
        image = _print_border(image, round(look.border * size[1]))
    return image.copy(interpretation="srgb")


def _enlarge(image: Image, size: tuple[int, int]) -> Image:
    """Pillow does this in half of libvips' time, and to the exact size."""
    data = image.write_to_memory()
    pixels = Pillow.frombuffer("RGB", (image.width, image.height), data, "raw", "RGB", 0, 1)
    larger = pixels.resize(size, Pillow.Resampling.BILINEAR)
    return Image.new_from_memory(larger.tobytes(), *size, 3, "uchar")


def _bloom(image: Image) -> Image:
    """Bright places spill a little light, as they do in any lens."""
    small = image.shrink(8, 8, ceil=True)
    bright = (smooth(small, 0.78, 1.0) * small).gaussblur(max(1.0, image.height / 320))
    wide = (bright * 0.16).copy_memory().resize(8, kernel="linear")
    return add_light(image, wide.crop(0, 0, image.width, image.height))


def _colours(image: Image, look: Look) -> Image:
    red, green, blue = 0.30, 0.59, 0.11
    s = look.saturation
    if look.mono is not None:
        matrix = [[red * m, green * m, blue * m] for m in look.mono]
    else:
        grey = (red, green, blue)
        matrix = [
            [(1 - s) * g + (s if row == k else 0.0) for k, g in enumerate(grey)] for row in range(3)
        ]
        matrix = [[v * w for v in row] for row, w in zip(matrix, look.white, strict=True)]
    image = image.recomb(Image.new_from_array(matrix))
    c = look.contrast * (1 - look.lift)
    return image * c + (0.5 - 0.5 * look.contrast + look.lift)


@lru_cache(maxsize=12)
def _vignette(width: int, height: int, strength: float) -> Image:
    xy = (grid(width, height) - [width / 2, height / 2]) / (max(width, height) / 2)
    return ((xy**2).bandmean() * (-2 * 0.6 * strength) + 1).cast("float").copy_memory()


@lru_cache(maxsize=8)
def _grain_tile(variant: int) -> Image:
    noise = Image.gaussnoise(GRAIN, GRAIN, sigma=40, mean=0, seed=900 + variant)
    colour = Image.gaussnoise(GRAIN, GRAIN, sigma=14, mean=0, seed=950 + variant).gaussblur(1.0)
    return noise.bandjoin([noise + colour, noise - colour]).cast("short").copy_memory()


def _grain(image: Image, look: Look, rng: random.Random) -> Image:
    tile = _grain_tile(rng.randrange(4))
    if look.mono is not None:
        tile = tile[0]
    if look.grain > 4:  # cheap sensors and film: grain of more than a pixel
        tile = tile.gaussblur(0.6) * 2.0
    scaled = (tile * (look.grain / 40)).cast("char").copy_memory()
    across, down = image.width // GRAIN + 2, image.height // GRAIN + 2
    x, y = rng.randrange(GRAIN), rng.randrange(GRAIN)
    layer = scaled.replicate(across, down).crop(x, y, image.width, image.height)
    return (image + layer).cast("uchar")


def _print_border(image: Image, edge: int) -> Image:
    w, h = image.width, image.height
    inner = image.crop(edge, edge, w - 2 * edge, h - 2 * edge)
    paper = [244, 240, 230]
    return inner.embed(edge, edge, w, h, extend="background", background=paper)
