"""PNG and APNG headers (W3C PNG, third edition): sizes, interlacing, metadata chunks."""

from __future__ import annotations

import struct
import zlib
from typing import Final

from photostore.media.headers.header import DamagedHeaderError, Header

_MAX_CHUNKS: Final = 100_000
_MAX_TEXT: Final = 4 * 1024 * 1024
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_XMP: Final = b"XML:com.adobe.xmp\x00"
# A row that deflate cannot shrink further still takes about one byte in 1032 of its raw size.
_MAX_DEFLATE_RATIO: Final = 1040


def read_png(data: bytes) -> Header:
    """Read the chunks up to the end of the file; only `eXIf` and XMP text are kept.

    Raises `DamagedHeaderError` when there is no valid first chunk or no picture data.
    """
    if len(data) < 33 or data[12:16] != b"IHDR":
        raise DamagedHeaderError("the first chunk is not a PNG header")
    width, height, depth, colour, _, _, interlace = struct.unpack_from(">IIBBBBB", data, 16)
    channels = _CHANNELS.get(colour)
    if not width or not height or channels is None or depth not in (1, 2, 4, 8, 16):
        raise DamagedHeaderError("the PNG header gives an impossible size, depth or colour")
    exif: bytes | None = None
    xmp: bytes | None = None
    frames, picture_bytes, transparent = 1, 0, False
    for name, start, end in _chunks(data):
        if name == b"IDAT":
            picture_bytes += end - start
        elif name == b"acTL" and end - start >= 8:
            frames = max(1, int.from_bytes(data[start : start + 4], "big"))
        elif name == b"tRNS":
            transparent = True
        elif name == b"eXIf" and exif is None:
            exif = data[start:end].removeprefix(b"Exif\x00\x00")
        elif name == b"iTXt" and xmp is None:
            xmp = _xmp_text(data[start : min(end, start + _MAX_TEXT)])
    row = -(-width * channels * depth // 8)
    if picture_bytes == 0:
        raise DamagedHeaderError("no picture data behind the header")
    if row * height > picture_bytes * _MAX_DEFLATE_RATIO * 4:
        raise DamagedHeaderError(
            f"{width} x {height} pixels are announced, "
            f"but there are only {picture_bytes:,} bytes of picture data"
        )
    return Header(
        width,
        height,
        has_alpha=colour in (4, 6) or transparent,
        frames=frames,
        whole_bytes=_decoded_row(width, channels, depth) * height if interlace else 0,
        exif=exif,
        xmp=xmp,
    )


def _decoded_row(width: int, channels: int, depth: int) -> int:
    """Palettes and small depths are decoded to at least three bytes a pixel."""
    return width * max(channels, 3) * (2 if depth == 16 else 1)


def _chunks(data: bytes) -> list[tuple[bytes, int, int]]:
    """List name, start and end of each chunk; a last one that is cut short ends with the file."""
    found: list[tuple[bytes, int, int]] = []
    at = 8
    while at + 8 <= len(data) and len(found) < _MAX_CHUNKS:
        length = int.from_bytes(data[at : at + 4], "big")
        name = data[at + 4 : at + 8]
        found.append((name, at + 8, min(at + 8 + length, len(data))))
        if name == b"IEND":
            break
        at += 12 + length
    return found


def _xmp_text(body: bytes) -> bytes | None:
    """Return the XMP packet of an iTXt chunk, inflated up to a bound."""
    if not body.startswith(_XMP) or len(body) < len(_XMP) + 4:
        return None
    compressed = body[len(_XMP)] == 1
    # Behind the keyword: compression flag and method, language tag, translated keyword.
    parts = body[len(_XMP) + 2 :].split(b"\x00", 2)
    if len(parts) < 3:
        return None
    if not compressed:
        return parts[2]
    try:
        return zlib.decompressobj().decompress(parts[2], _MAX_TEXT)
    except zlib.error:
        return None
