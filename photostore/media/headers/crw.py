"""Canon CRW headers (CIFF 1.0): heaps within heaps, each with its directory at the end.

What the camera noted is written into a TIFF block, so that one reader of EXIF serves all kinds.
"""

from __future__ import annotations

import math
import struct
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from photostore.media.headers.header import DamagedHeaderError, Header
from photostore.media.headers.ifd import join_blocks, make_block

if TYPE_CHECKING:
    from photostore.media.headers.ifd import RawEntry

_MAX_HEAPS: Final = 32
_MAX_ENTRIES: Final = 512
_HEAP_TYPES: Final = (0x2800, 0x3000)
_ORIENTATIONS: Final = {0: 1, 90: 6, 180: 3, 270: 8}
_EXIF_IFD: Final = 0x8769
# Records by their number: make and model, time, size, focal length, shot, exposure, whole JPEG.
_NAMES, _TIME, _SIZE, _FOCAL, _SHOT, _EXPOSURE, _JPEG = (
    *(0x080A, 0x180E, 0x1810, 0x1029, 0x102A, 0x1818, 0x2007),
)

Range = tuple[int, int]


def read_crw(data: bytes) -> Header:
    """Read size, EXIF and the embedded JPEG. Raises `DamagedHeaderError` without a directory."""
    order = "<" if data[:2] == b"II" else ">"
    start = int(struct.unpack_from(order + "I", data, 2)[0])
    found = _records(data, order, start)
    if not found:
        raise DamagedHeaderError("the RAW file has no directory")
    width = height = 0
    orientation = 1
    if _SIZE in found and found[_SIZE][1] >= 16:
        width, height, _, degrees = struct.unpack_from(order + "IIfi", data, found[_SIZE][0])
        orientation = _ORIENTATIONS.get(degrees % 360, 1)
    return Header(
        width,
        height,
        exif=_exif(data, order, found, orientation),
        preview=found.get(_JPEG),
    )


def _records(data: bytes, order: str, start: int) -> dict[int, Range]:
    """Return offset and length of each record by its number, those of inner heaps too."""
    found: dict[int, Range] = {}
    waiting = [(start, len(data))]
    for _ in range(_MAX_HEAPS):
        if not waiting:
            break
        begin, end = waiting.pop()
        if not 0 <= begin <= end - 4 or end > len(data):
            continue
        at = begin + int(struct.unpack_from(order + "I", data, end - 4)[0])
        if at + 2 > end:
            continue
        count = min(int(struct.unpack_from(order + "H", data, at)[0]), _MAX_ENTRIES)
        for entry in range(at + 2, min(at + 2 + 10 * count, end - 10), 10):
            tag, size, offset = struct.unpack_from(order + "HII", data, entry)
            inline = tag & 0xC000 == 0x4000
            place = (entry + 2, 8) if inline else (begin + offset, size)
            if tag & 0x3800 in _HEAP_TYPES and not inline:
                waiting.append((place[0], place[0] + size))
            elif place[0] + place[1] <= len(data):
                found.setdefault(tag & 0x3FFF, place)
    return found


def _exif(data: bytes, order: str, found: dict[int, Range], orientation: int) -> bytes:
    first: dict[int, RawEntry] = {0x112: (3, 1, struct.pack(order + "H", orientation))}
    inner: dict[int, RawEntry] = {}
    if _NAMES in found:
        at, size = found[_NAMES]
        names = data[at : at + size].split(b"\x00")[:2]
        for tag, name in zip((0x10F, 0x110), names, strict=False):
            first[tag] = (2, len(name) + 1, name + b"\x00")
    if _TIME in found:
        seconds = int(struct.unpack_from(order + "I", data, found[_TIME][0])[0])
        if seconds:
            # The camera's own clock, counted as if it were UTC.
            local = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
            inner[0x9003] = (2, 20, f"{local:%Y:%m:%d %H:%M:%S}\0".encode())
    for tag, value in _figures(data, order, found).items():
        if math.isfinite(value) and 0 < value < 1e6:
            parts = 10_000_000 if value < 100 else 1000
            scaled = round(value * parts), parts
            if tag == 0x8827:
                inner[tag] = (4, 1, struct.pack(order + "I", round(value)))
            else:
                inner[tag] = (5, 1, struct.pack(order + "II", *scaled))
    return join_blocks(make_block(order, first), {_EXIF_IFD: make_block(order, inner)})


def _stops(value: int) -> float:
    """Canon counts stops in 32 parts; a third is written as 12, two thirds as 20."""
    size = abs(value)
    part = {0x0C: 32 / 3, 0x14: 64 / 3}.get(size & 0x1F, size & 0x1F)
    return math.copysign(((size & ~0x1F) + part) / 32, value)


def _figures(data: bytes, order: str, found: dict[int, Range]) -> dict[int, float]:
    """Return exposure time, aperture, ISO and focal length by their EXIF tags."""
    figures: dict[int, float] = {}
    if _EXPOSURE in found and found[_EXPOSURE][1] >= 12:
        _, shutter, aperture = struct.unpack_from(order + "3f", data, found[_EXPOSURE][0])
        if abs(shutter) < 30 and 0 < aperture < 30:
            figures |= {0x829A: 2**-shutter, 0x829D: 2 ** (aperture / 2)}
    if _SHOT in found and found[_SHOT][1] >= 46:
        shot = struct.unpack_from(order + "23h", data, found[_SHOT][0])
        figures[0x8827] = 2 ** ((shot[1] + shot[2]) / 32) * 100 / 32
        if shot[21] and shot[22]:
            figures |= {0x829A: 2 ** -_stops(shot[22]), 0x829D: 2 ** (_stops(shot[21]) / 2)}
    if _FOCAL in found and found[_FOCAL][1] >= 4:
        figures[0x920A] = struct.unpack_from(order + "2H", data, found[_FOCAL][0])[1]
    return figures
