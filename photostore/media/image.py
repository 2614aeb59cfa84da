"""Decodes one picture from bytes to a small upright sRGB image in memory.

The loader is chosen by kind, never by libvips itself. A first try is strict; when it fails, a
second one takes what there is and says how much is missing; Pillow is the last resort.
"""

from __future__ import annotations

import io
import threading
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from PIL import Image as PillowImage

from photostore.base.errors import CodecMissingError, FileError, UnreadableError
from photostore.media.codecs import load_heif
from photostore.media.colour import to_srgb
from photostore.media.gate import MAX_PILLOW_PIXELS, check_size, read_header
from photostore.media.headers.boxes import code_points_of
from photostore.media.jxl import decode_jxl
from photostore.media.kinds import Group
from photostore.media.libvips import BLOB_TYPE, Image, VipsError, reason_of
from photostore.media.raw import develop, extract_jpeg

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from photostore.media.facts import Facts
    from photostore.media.reading import Content

# Decoding more than this at once is done one at a time: two of them would not fit a small machine.
HEAVY_PIXELS: Final = 64_000_000
HEAVY_HEIF_PIXELS: Final = 16_000_000
# With less of the picture than this there is nothing to show.
MIN_PRESENT: Final = 0.25
_PREVIEW_SHARE: Final = 0.5
# A preview inside a RAW file of this length or more is shown as it is.
ENOUGH_RAW_PX: Final = 1440
MIN_RAW_PX: Final = 1000
# Cameras leave out some rows and columns of the sensor.
RAW_BORDER_PX: Final = 64
# RAW kinds whose structure is LibRaw's to read.
BY_LIBRAW: Final = frozenset(("mrw", "x3f", "iiq", "raw"))
_HEAVY = threading.Lock()

# libvips's EXIF turns: (flip across first, then degrees clockwise).
_TURNS: Final = {
    2: (True, 0),
    3: (False, 180),
    4: (True, 180),
    5: (True, 270),
    6: (False, 90),
    7: (True, 90),
    8: (False, 270),
}
_PILLOW_FORMATS: Final = {
    "jpeg": ("JPEG", "MPO"),
    "png": ("PNG",),
    "gif": ("GIF",),
    "webp": ("WEBP",),
    "tiff": ("TIFF",),
    "bmp": ("BMP",),
    "psd": ("PSD",),
    "jp2": ("JPEG2000",),
    "avif": ("AVIF",),
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture: a libvips image (8-bit sRGB, 3 or 4 bands, upright) held in memory.

    `damaged` says what is wrong with it, None when it is whole.
    """

    image: Any
    damaged: str | None


def decode_picture(content: Content, facts: Facts, long_edge_px: int) -> Picture:
    """Decode a photo or the preview inside a RAW file, at most `long_edge_px` on its longer side.

    Raises `UnreadableError` when no picture can be had, `CodecMissingError` when there is no
    decoder for its kind, `MediaRejectedError` for what is over the limits of the gate.
    """
    if facts.kind.group is Group.RAW:
        return _decode_raw(content, facts, long_edge_px)
    data = content.data
    if data is None:
        raise UnreadableError(content.path, "too large to be decoded")
    job = _Job(content.path, data, facts.kind.name, (facts.width, facts.height), long_edge_px)
    heavy: AbstractContextManager[object] = nullcontext()
    whole = facts.kind.name in ("heic", "avif")
    if facts.width * facts.height > (HEAVY_HEIF_PIXELS if whole else HEAVY_PIXELS):
        heavy = _HEAVY
    with heavy:
        small, damaged = job.run()
    image = to_srgb(small, code_points_of(data) if facts.kind.name in ("heic", "avif") else None)
    # These decoders turn the picture themselves.
    orientation = 1 if facts.kind.name in ("heic", "avif", "jxl") else facts.orientation
    return Picture(turn(image, orientation).copy_memory(), damaged)


def _decode_raw(content: Content, facts: Facts, long_edge_px: int) -> Picture:
    """Show a RAW file by the JPEG that the camera put in; develop it where that is too small."""
    if content.data is None:
        raise UnreadableError(content.path, "too large to be decoded")
    header = read_header(content, facts.kind)
    small = _embedded(content, facts, header.preview)
    enough = min(ENOUGH_RAW_PX, max(facts.width, facts.height) - RAW_BORDER_PX)
    if small is not None and max(small.size) >= enough:
        return _shown_raw(small, facts, long_edge_px)
    try:
        with _HEAVY:
            image = shrink(develop(content.path, content.data), long_edge_px, long_edge_px)
            return Picture(turn(image, facts.orientation).copy_memory(), None)
    except FileError as error:
        # Better a small picture than none, unless it is too small to tell anything.
        least = min(MIN_RAW_PX, _PREVIEW_SHARE * max(facts.width, facts.height))
        if small is None or max(small.size) < least:
            raise CodecMissingError(
                content.path,
                f"no large preview inside, and it cannot be developed ({error.reason})",
            ) from error
        return _shown_raw(small, facts, long_edge_px)


def _shown_raw(job: _Job, facts: Facts, long_edge_px: int) -> Picture:
    job.long_edge_px = long_edge_px
    small, damaged = job.run()
    return Picture(turn(to_srgb(small), facts.orientation).copy_memory(), damaged)


def _embedded(content: Content, facts: Facts, place: tuple[int, int] | None) -> _Job | None:
    """Open the JPEG inside a RAW file, found by its structure or else by LibRaw."""
    data = content.data or b""
    jpeg: bytes | None = None
    if place is not None:
        jpeg = data[place[0] : place[0] + place[1]]
    elif facts.kind.name in BY_LIBRAW:
        try:
            jpeg = extract_jpeg(content.path, data)
        except FileError:
            return None
    if not jpeg:
        return None
    job = _Job(content.path, jpeg, "jpeg", (0, 0), 1)
    try:
        job.size = job.measure()
    except UnreadableError:
        return None
    check_size(content.path, *job.size)
    return job


def turn(image: Any, orientation: int) -> Any:
    """Apply an EXIF orientation (1..8) to an image."""
    flip, degrees = _TURNS.get(orientation, (False, 0))
    if flip:
        image = image.fliphor()
    return image.rot(f"d{degrees}") if degrees else image


def shrink(image: Any, width: float, height: float) -> Any:
    """Scale an image down to fit `width` x `height`, never up; alpha does not bleed."""
    scale = min(width / image.width, height / image.height)
    if scale >= 1:
        return image
    # A thin picture keeps its one pixel.
    across = max(scale, 1 / image.width)
    down = max(scale, 1 / image.height)
    if not image.hasalpha():
        return image.resize(across, vscale=down)
    flat = image.premultiply().resize(across, vscale=down)
    return flat.unpremultiply().cast(image.format)


class _Job:
    """One decode: the bytes, and the ways to try in order."""

    def __init__(
        self, path: bytes, data: bytes, kind: str, size: tuple[int, int], long_edge_px: int
    ) -> None:
        self.path = path
        self.data = data
        self.kind = kind
        self.size = size
        self.long_edge_px = long_edge_px

    def measure(self) -> tuple[int, int]:
        """Return the size that libvips reads from a header, without decoding."""
        try:
            image = _LOADERS[self.kind](self, False)
        except VipsError as error:
            raise UnreadableError(self.path, f"damaged: {reason_of(error)}") from error
        return image.width, image.height

    def run(self) -> tuple[Any, str | None]:
        """Return a small image in the file's own colours, and what is wrong with it."""
        if self.kind in ("heic", "jxl"):
            opened = self._open_heif if self.kind == "heic" else self._open_jxl
            return self._shrunk(opened), None
        loader = _LOADERS.get(self.kind)
        if loader is None:
            return self._by_pillow(None), None
        try:
            return self._shrunk(lambda: loader(self, True)), None
        except VipsError as error:
            first = reason_of(error)
        try:
            image = self._shrunk(lambda: loader(self, False))
        except VipsError:
            return self._by_pillow(first), None
        present = 1 - _missing_share(image, 128 if self.kind == "jpeg" else 0)
        if present < MIN_PRESENT:
            # What libvips gave up on at once, another decoder may still read.
            return self._by_pillow(f"only {present:.0%} of the picture is there; {first}"), None
        return image, f"damaged: about {present:.0%} of the picture is there ({first})"

    def _shrunk(self, load: Callable[[], Any]) -> Any:
        edge = self.long_edge_px
        try:
            return shrink(load(), edge, edge).copy_memory()
        except (RuntimeError, ValueError, LookupError, EOFError, OSError, SyntaxError) as error:
            if isinstance(error, VipsError | FileError):
                raise
            raise UnreadableError(self.path, f"damaged: {error}") from error

    def _by_pillow(self, reason: str | None) -> Any:
        formats = _PILLOW_FORMATS.get(self.kind)
        if formats is None:
            raise CodecMissingError(self.path, f"no decoder for {self.kind.upper()} is installed")
        try:
            with PillowImage.open(io.BytesIO(self.data), formats=formats) as picture:
                check_size(self.path, *picture.size, MAX_PILLOW_PIXELS)
                picture.load()
                return self._shrunk(lambda: image_from_pillow(picture, self.long_edge_px))
        except FileError:
            raise
        except Exception as error:
            # Pillow's plugins raise whatever a damaged file makes them stumble over.
            raise UnreadableError(self.path, f"damaged: {reason or error}") from error

    def _open_jxl(self) -> Any:
        return decode_jxl(self.path, self.data)

    def _open_heif(self) -> Any:
        file = load_heif(self.path).open_heif(io.BytesIO(self.data), convert_hdr_to_8bit=True)
        picture = file[file.primary_index]
        check_size(self.path, *picture.size)
        bands = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4, "RGBa": 4}.get(picture.mode)
        if bands is None:
            raise UnreadableError(self.path, f"pixels of an unknown layout: {picture.mode}")
        width, height = picture.size
        row = picture.stride // bands
        image = Image.new_from_memory(picture.data, row, height, bands, "uchar")
        image = image.crop(0, 0, width, height) if row != width else image
        image = image.copy(interpretation="srgb" if bands >= 3 else "b-w")
        return _with_profile(image, _as_bytes(picture.info.get("icc_profile")))


def _as_bytes(value: object) -> bytes | None:
    return value if isinstance(value, bytes) else None


def _load_jpeg(job: _Job, strict: bool) -> Any:
    # The decoder halves for almost nothing; the last step down is left to a proper filter.
    factor = max(job.size) / job.long_edge_px
    step = next((step for step in (8, 4, 2) if factor >= step), 1)
    return Image.jpegload_buffer(
        job.data, shrink=step, fail_on="truncated" if strict else "none", access="sequential"
    )


def _load_png(job: _Job, strict: bool) -> Any:
    return Image.pngload_buffer(
        job.data, fail_on="error" if strict else "none", access="sequential"
    )


def _load_gif(job: _Job, strict: bool) -> Any:
    return Image.gifload_buffer(
        job.data, n=1, fail_on="error" if strict else "none", access="sequential"
    )


def _load_webp(job: _Job, strict: bool) -> Any:
    factor = max(job.size) / job.long_edge_px
    return Image.webpload_buffer(
        job.data,
        n=1,
        access="sequential",
        scale=min(1.0, 1 / factor) if factor > 1 else 1.0,
        fail_on="error" if strict else "none",
    )


def _load_tiff(job: _Job, strict: bool) -> Any:
    return Image.tiffload_buffer(
        job.data, n=1, fail_on="error" if strict else "none", access="sequential"
    )


def _load_avif(job: _Job, strict: bool) -> Any:
    image = Image.heifload_buffer(
        job.data, n=1, fail_on="error" if strict else "none", access="sequential"
    )
    check_size(job.path, image.width, image.height)
    return image


_LOADERS: Final[dict[str, Callable[[_Job, bool], Any]]] = {
    "jpeg": _load_jpeg,
    "png": _load_png,
    "gif": _load_gif,
    "webp": _load_webp,
    "tiff": _load_tiff,
    "avif": _load_avif,
}


def image_from_pillow(picture: PillowImage.Image, long_edge_px: int) -> Any:
    """Return Pillow's pixels as a libvips image; unusual modes become RGB or RGBA, 8 bit.

    A large picture is halved where it lies, down to twice `long_edge_px`: copies of it cost memory.
    """
    profile = picture.info.get("icc_profile")
    factor = max(picture.size) // (2 * long_edge_px)
    if factor > 1 and picture.mode in ("L", "RGB", "RGBA", "CMYK"):
        picture = picture.reduce(factor)
    mode = picture.mode
    if mode.startswith("I;16") or mode in ("I", "F"):
        raw = picture.convert("I" if mode != "F" else "F").tobytes()
        image = Image.new_from_memory(
            raw, picture.width, picture.height, 1, "float" if mode == "F" else "int"
        )
        top = max(image.max(), 1)
        scale = 255 / (255 if top <= 255 else max(65_535, top))
        return (image * scale).cast("uchar").copy(interpretation="b-w")
    wanted = "RGBA" if picture.has_transparency_data else "RGB"
    if mode not in ("RGB", "RGBA"):
        profile = None  # it belongs to other channels than those that are left
    if mode != wanted:
        picture = picture.convert(wanted)
    bands = len(wanted)
    image = Image.new_from_memory(
        picture.tobytes(), picture.width, picture.height, bands, "uchar"
    ).copy(interpretation="srgb")
    return _with_profile(image, profile)


def _with_profile(image: Any, profile: bytes | None) -> Any:
    if not profile:
        return image
    image = image.copy()
    image.set_type(BLOB_TYPE, "icc-profile-data", profile)
    return image


def _missing_share(image: Any, filler: int) -> float:
    """Return which share of the rows, from the bottom, holds nothing but the decoder's filler."""
    if image.format != "uchar":
        return 0.0
    flat = image.extract_band(0, n=min(image.bands, 3))
    empty = ((flat >= filler - 2) & (flat <= filler + 2)).bandand()
    rows = bytes(empty.project()[1].write_to_memory())
    # One unsigned 32-bit sum a row; 255 for each pixel that is filler.
    sums = memoryview(rows).cast("I")
    full = 255 * image.width
    count = 0
    for value in reversed(sums):
        if value != full:
            break
        count += 1
    return count / int(image.height)
