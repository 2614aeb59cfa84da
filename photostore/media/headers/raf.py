"""Fujifilm RAF headers: the file points at a whole JPEG at a fixed place."""

from __future__ import annotations

import struct
from typing import Final

from photostore.media.headers.header import DamagedHeaderError, Header
from photostore.media.headers.jpeg import read_jpeg

_MAX_ENTRIES: Final = 256


def read_raf(data: bytes) -> Header:
    """Read where the embedded JPEG is, and its header.

    Raises `DamagedHeaderError` without one.
    """
    offset, length = struct.unpack_from(">II", data, 84)
    if data[offset : offset + 3] != b"\xff\xd8\xff":
        raise DamagedHeaderError("the RAW file points at no preview")
    inner = read_jpeg(data[offset : offset + length])
    width, height = _raw_size(data) or (inner.width, inner.height)
    return Header(
        width,
        height,
        exif=inner.exif,
        xmp=inner.xmp,
        xmp_rest=inner.xmp_rest,
        iptc=inner.iptc,
        preview=(offset, length),
    )


def _raw_size(data: bytes) -> tuple[int, int] | None:
    """Return the size of the picture on the sensor: entry 0x111 of the directory, else 0x100."""
    at = int.from_bytes(data[92:96], "big")
    count = int.from_bytes(data[at : at + 4], "big") if at else 0
    found: dict[int, tuple[int, int]] = {}
    at += 4
    for _ in range(min(count, _MAX_ENTRIES)):
        if at + 4 > len(data):
            break
        tag, size = struct.unpack_from(">HH", data, at)
        if tag in (0x100, 0x111) and size == 4 and at + 8 <= len(data):
            down, across = struct.unpack_from(">HH", data, at + 4)
            found[tag] = (across, down)
        at += 4 + size
    return found.get(0x111) or found.get(0x100)
