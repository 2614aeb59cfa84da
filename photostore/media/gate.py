"""The gate before every decoder: what a header promises must be within bounds (DESIGN 3).

A decoder in a thread cannot be stopped, so whatever could cost unbounded time or memory is refused
here, on header facts alone. Never decodes a pixel.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from photostore.base.errors import MediaRejectedError, UnreadableError
from photostore.media.headers.boxes import read_heif
from photostore.media.headers.cr3 import read_cr3
from photostore.media.headers.crw import read_crw
from photostore.media.headers.header import DamagedHeaderError, Header, RefusedHeaderError
from photostore.media.headers.jpeg import read_jpeg
from photostore.media.headers.jxl import read_jxl
from photostore.media.headers.mrw import read_mrw
from photostore.media.headers.plain import read_bmp, read_gif, read_jp2, read_psd
from photostore.media.headers.png import read_png
from photostore.media.headers.raf import read_raf
from photostore.media.headers.tiff import read_raw, read_tiff
from photostore.media.headers.webp import read_webp
from photostore.media.headers.x3f import read_x3f
from photostore.media.kinds import Group

if TYPE_CHECKING:
    from collections.abc import Callable

    from photostore.media.kinds import Kind
    from photostore.media.reading import Content

MAX_SIDE: Final = 65_535
MAX_PIXELS: Final = 500_000_000
# What a decoder may hold at once for one picture: interlaced PNG, progressive JPEG, lossless WebP.
MAX_WHOLE_BYTES: Final = 300 * 1024 * 1024
# HEIF is decoded whole; phones write 200 megapixels. Above the smaller limit the file must be of a
# size that a picture of something has: a byte for 512 pixels (a dark, soft photograph has one for
# 250, an ordinary one for 8, a bomb of one colour one for 50,000).
MAX_HEIF_PIXELS: Final = 256_000_000
MAX_THIN_HEIF_PIXELS: Final = 16_000_000
MIN_HEIF_DENSITY: Final = 1 / 512
# Pillow decodes whole, at four bytes a pixel. Its own limit (89 MP) is higher and is never lifted.
MAX_PILLOW_PIXELS: Final = 64_000_000

_READERS: Final[dict[str, Callable[[bytes], Header]]] = {
    "jpeg": read_jpeg,
    "png": read_png,
    "gif": read_gif,
    "webp": read_webp,
    "tiff": read_tiff,
    "bmp": read_bmp,
    "psd": read_psd,
    "jp2": read_jp2,
    "jxl": read_jxl,
    "heic": read_heif,
    "avif": read_heif,
    "raf": read_raf,
    "cr3": read_cr3,
    "crw": read_crw,
    "x3f": read_x3f,
    "mrw": read_mrw,
}
_PIXEL_LIMITS: Final = {
    "heic": MAX_HEIF_PIXELS,
    "avif": MAX_HEIF_PIXELS,
    "bmp": MAX_PILLOW_PIXELS,
    "psd": MAX_PILLOW_PIXELS,
    "jp2": MAX_PILLOW_PIXELS,
}


def read_header(content: Content, kind: Kind) -> Header:
    """Read the header of a picture or RAW file and hold it against the limits.

    A width and height of 0 mean that only the decoder can tell (low-overhead HEIF, some RAW).
    Raises `MediaRejectedError` for what is over a limit, `UnreadableError` for a damaged header.
    """
    data = content.data
    if data is None:
        raise MediaRejectedError(
            content.path, "a picture file of more than 256 MiB is not decoded: the limit for safety"
        )
    reader = _READERS.get(kind.name, read_raw if kind.group is Group.RAW else None)
    if reader is None:
        raise MediaRejectedError(content.path, f"no reader for {kind.name.upper()} headers")
    try:
        header = reader(data)
    except RefusedHeaderError as error:
        raise MediaRejectedError(content.path, str(error)) from error
    except DamagedHeaderError as error:
        raise UnreadableError(content.path, f"damaged or cut short: {error}") from error
    except (struct.error, IndexError, ValueError, OverflowError) as error:
        raise UnreadableError(content.path, "damaged or cut short in its header") from error
    check_size(content.path, header.width, header.height, _PIXEL_LIMITS.get(kind.name, MAX_PIXELS))
    _check_density(content, kind, header)
    if header.whole_bytes > MAX_WHOLE_BYTES:
        size = f"{header.width} x {header.height} pixels"
        raise MediaRejectedError(
            content.path,
            f"would need {header.whole_bytes / 1e6:,.0f} MB of memory at once ({size} of a kind "
            f"that is decoded whole); the limit is {MAX_WHOLE_BYTES / 1e6:,.0f} MB",
        )
    return header


def _check_density(content: Content, kind: Kind, header: Header) -> None:
    """Refuse a HEIF file of many pixels in next to no bytes: it would only cost memory."""
    pixels = header.width * header.height
    if kind.name not in ("heic", "avif") or pixels <= MAX_THIN_HEIF_PIXELS:
        return
    if content.size < pixels * MIN_HEIF_DENSITY:
        raise MediaRejectedError(
            content.path,
            f"{header.width:,} x {header.height:,} pixels in only {content.size:,} bytes: "
            "nothing to see, and too much memory",
        )


def check_size(path: bytes, width: int, height: int, max_pixels: int = MAX_PIXELS) -> None:
    """Raise `MediaRejectedError` when a picture or video frame is over the limits of size."""
    if max(width, height) > MAX_SIDE:
        raise MediaRejectedError(
            path, f"{width:,} x {height:,} pixels: a side is longer than {MAX_SIDE:,}"
        )
    if width * height > max_pixels:
        raise MediaRejectedError(
            path,
            f"{width:,} x {height:,} pixels: more than the limit of {max_pixels // 1_000_000} MP",
        )
