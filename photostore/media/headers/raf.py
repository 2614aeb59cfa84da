"""Fujifilm RAF headers: the file points at a whole JPEG at a fixed place."""

from __future__ import annotations

import struct

from photostore.media.headers.header import DamagedHeaderError, Header
from photostore.media.headers.jpeg import read_jpeg


def read_raf(data: bytes) -> Header:
    """Read where the embedded JPEG is, and its header.

    Raises `DamagedHeaderError` without one.
    """
    offset, length = struct.unpack_from(">II", data, 84)
    if data[offset : offset + 3] != b"\xff\xd8\xff":
        raise DamagedHeaderError("the RAW file points at no preview")
    inner = read_jpeg(data[offset : offset + length])
    return Header(
        inner.width,
        inner.height,
        exif=inner.exif,
        xmp=inner.xmp,
        preview=(offset, length),
    )
