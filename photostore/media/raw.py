"""LibRaw, for RAW files whose structure photostore does not read itself, and for developing.

Loaded at the first need: LibRaw and NumPy take memory that a library without RAW files never needs.
"""

from __future__ import annotations

import io
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from photostore.base.errors import CodecMissingError, UnreadableError
from photostore.media.gate import check_size
from photostore.media.libvips import Image

if TYPE_CHECKING:
    from collections.abc import Iterator

# A developed picture is held whole, with six bytes a pixel on the way.
MAX_DEVELOPED_PIXELS: Final = 110_000_000
# LibRaw's numbers for how to turn what it gives → EXIF's.
_FLIPS: Final = {0: 1, 3: 3, 5: 8, 6: 6}


@dataclass(frozen=True, slots=True)
class RawFields:
    """Size of the picture in pixels, not yet turned, and how to turn it (EXIF 1..8)."""

    width: int
    height: int
    orientation: int


def read_raw_size(path: bytes, data: bytes) -> RawFields:
    """Ask LibRaw for a file's size. Raises `UnreadableError`, `CodecMissingError`."""
    with _opened(path, data) as raw:
        sizes = raw.sizes
        return RawFields(sizes.width, sizes.height, _FLIPS.get(sizes.flip, 1))


def extract_jpeg(path: bytes, data: bytes) -> bytes | None:
    """Return the largest JPEG preview that LibRaw finds in a file, None without one."""
    with _opened(path, data) as raw:
        library = _library()
        try:
            thumb = raw.extract_thumb()
        except library.LibRawError:
            return None
        return bytes(thumb.data) if thumb.format == library.ThumbFormat.JPEG else None


def develop(path: bytes, data: bytes) -> Any:
    """Develop a file with the camera's white balance: a libvips image, sRGB, 8 bit, not turned.

    Half the size in each direction (no interpolation between the sensor's colours), unless the
    sensor is small. Raises `UnreadableError`, `CodecMissingError`, `MediaRejectedError`.
    """
    with _opened(path, data) as raw:
        check_size(path, raw.sizes.width, raw.sizes.height, MAX_DEVELOPED_PIXELS)
        library = _library()
        pixels = raw.postprocess(
            use_camera_wb=True,
            half_size=max(raw.sizes.width, raw.sizes.height) >= 2 * _ENOUGH_PX,
            output_color=library.ColorSpace.sRGB,
            output_bps=8,
            user_flip=0,
        )
        height, width, bands = pixels.shape
        image = Image.new_from_memory(pixels.tobytes(), width, height, bands, "uchar")
        return image.copy(interpretation="srgb" if bands == 3 else "b-w")


_ENOUGH_PX: Final = 1440


def _library() -> Any:
    return import_module("rawpy")


@contextmanager
def _opened(path: bytes, data: bytes) -> Iterator[Any]:
    try:
        library = _library()
    except ImportError as error:
        raise CodecMissingError(path, "no decoder for this RAW kind is installed") from error
    try:
        with library.imread(io.BytesIO(data)) as raw:
            yield raw
    except library.LibRawFileUnsupportedError as error:
        raise CodecMissingError(path, "LibRaw does not know this RAW kind") from error
    except (library.LibRawError, MemoryError, ValueError, TypeError) as error:
        reason = error.args[0] if error.args else type(error).__name__
        text = reason.decode("ascii", "replace") if isinstance(reason, bytes) else str(reason)
        raise UnreadableError(path, f"damaged: {text}") from error
