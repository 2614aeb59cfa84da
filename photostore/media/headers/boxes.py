"""HEIF and AVIF headers (ISO 23008-12): the sizes that items announce. Not a full box reader."""

from __future__ import annotations

import re
import struct
from typing import Final

from photostore.media.headers.header import DamagedHeaderError, Header

_MAX_TOP_BOXES: Final = 1000
_MAX_SIZES: Final = 10_000
_ISPE: Final = re.compile(rb"ispe....(........)", re.DOTALL)
_NCLX: Final = re.compile(rb"colrnclx(....)", re.DOTALL)


def read_heif(data: bytes) -> Header:
    """Return the largest size that any item of the file announces; 0 x 0 where none does.

    Items may be cropped, turned and composed, so the displayed size is the decoder's to say.
    Raises `DamagedHeaderError` when the metadata box is missing or cut.
    """
    start, end, sequence = _find_meta(data)
    width = height = 0
    for count, match in enumerate(_ISPE.finditer(data, start, end)):
        if count > _MAX_SIZES:
            break
        across, down = struct.unpack(">II", match[1])
        if across * down >= width * height:
            width, height = across, down
    return Header(width, height, frames=2 if sequence else 1)


def code_points_of(data: bytes) -> tuple[int, int] | None:
    """Return colour primaries and transfer characteristics (ITU-T H.273) of the first `nclx` box.

    None without such a box.
    """
    match = _NCLX.search(data, 0, min(len(data), 1 << 20))
    if match is None:
        return None
    return int.from_bytes(match[1][:2], "big"), int.from_bytes(match[1][2:], "big")


def _find_meta(data: bytes) -> tuple[int, int, bool]:
    """Return start and end of the top-level metadata box, and whether there is a film as well."""
    at = 0
    meta: tuple[int, int] | None = None
    sequence = False
    for _ in range(_MAX_TOP_BOXES):
        if at + 8 > len(data):
            break
        length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if length == 1:
            length = int.from_bytes(data[at + 8 : at + 16], "big")
        end = at + length if length else len(data)
        if name in (b"meta", b"mini") and meta is None:
            if end > len(data):
                raise DamagedHeaderError("the file ends inside its metadata")
            meta = at, end
        sequence = sequence or name == b"moov"
        if length and length < 8:
            break
        at = end
    if meta is None and sequence:
        return 0, 0, True
    if meta is None:
        raise DamagedHeaderError("no metadata box")
    return (*meta, sequence)
