"""Minolta MRW headers: blocks, one of which is a TIFF with the camera's settings."""

from __future__ import annotations

import struct
from typing import Final

from photostore.media.headers.header import DamagedHeaderError, Header

_MAX_BLOCKS: Final = 32


def read_mrw(data: bytes) -> Header:
    """Read size and EXIF. The preview is LibRaw's to find. Raises `DamagedHeaderError`."""
    width = height = 0
    exif: bytes | None = None
    at = 8
    for _ in range(_MAX_BLOCKS):
        if at + 8 > len(data):
            break
        name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "big")
        body = data[at + 8 : at + 8 + length]
        if name == b"\x00PRD" and len(body) >= 16:
            height, width = struct.unpack_from(">HH", body, 12)
        elif name == b"\x00TTW":
            exif = body
        if width and exif:
            break
        at += 8 + length
    if not width or not height:
        raise DamagedHeaderError("the RAW file gives no size")
    return Header(width, height, exif=exif)
