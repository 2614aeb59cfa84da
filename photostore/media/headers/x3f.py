"""Sigma X3F headers: size and rotation in front, at the end a directory of sections with a JPEG."""

from __future__ import annotations

import struct
from typing import Final

from photostore.media.headers.header import DamagedHeaderError, Header, RefusedHeaderError
from photostore.media.headers.jpeg import read_jpeg

_MAX_SECTIONS: Final = 64
_JPEG: Final = 18
_ORIENTATIONS: Final = {0: 1, 90: 6, 180: 3, 270: 8}


def read_x3f(data: bytes) -> Header:
    """Read size, the embedded JPEG and its EXIF. Raises `DamagedHeaderError` for no size."""
    width, height, degrees = struct.unpack_from("<III", data, 28)
    if not 0 < width <= 65_535 or not 0 < height <= 65_535:
        raise DamagedHeaderError("the RAW file gives no size")
    best: tuple[int, int] | None = None
    inner = Header(0, 0)
    for place in _jpegs(data):
        try:
            found = read_jpeg(data[place[0] : place[0] + place[1]])
        except (DamagedHeaderError, RefusedHeaderError, struct.error, IndexError):
            continue
        if found.width * found.height > inner.width * inner.height:
            best, inner = place, found
    return Header(
        width,
        height,
        orientation=None if inner.exif else _ORIENTATIONS.get(degrees, 1),
        exif=inner.exif,
        xmp=inner.xmp,
        preview=best,
    )


def _jpegs(data: bytes) -> list[tuple[int, int]]:
    """List offset and length of the pictures that are JPEG."""
    at = int.from_bytes(data[-4:], "little")
    if data[at : at + 4] != b"SECd":
        return []
    found = []
    count = min(int(struct.unpack_from("<I", data, at + 8)[0]), _MAX_SECTIONS)
    for index in range(count):
        entry = at + 12 + 12 * index
        if entry + 12 > len(data):
            break
        offset, size = struct.unpack_from("<II", data, entry)
        if data[offset : offset + 4] == b"SECi" and offset + size <= len(data) and size > 28:
            form = int(struct.unpack_from("<I", data, offset + 12)[0])
            if form == _JPEG:
                found.append((offset + 28, size - 28))
    return found
