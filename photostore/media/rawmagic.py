"""Tells the many RAW formats that begin like a TIFF from a TIFF. Bytes in, a kind's name out."""

from __future__ import annotations

import struct
from typing import Final

_CFA_PHOTOMETRICS: Final = frozenset((32803, 34892))
# Nikon, Sony, Pentax, Samsung and Kodak compressions that occur in no ordinary TIFF.
_RAW_COMPRESSIONS: Final = frozenset((34713, 32767, 65535, 32770, 65000, 32867, 34892))
_MAKERS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"NIKON", "nef"),
    (b"SONY", "arw"),
    (b"PENTAX", "pef"),
    (b"RICOH", "pef"),
    (b"SAMSUNG", "srw"),
    (b"PHASE ONE", "iiq"),
    (b"LEAF", "iiq"),
    (b"HASSELBLAD", "3fr"),
    (b"SEIKO EPSON", "erf"),
    (b"EPSON", "erf"),
    (b"EASTMAN KODAK", "raw"),
    (b"KODAK", "raw"),
    (b"MAMIYA", "raw"),
    (b"CANON", "cr2"),
)
_MARKS: Final = {
    b"IIRO": "orf",
    b"IIRS": "orf",
    b"MMOR": "orf",
    b"IIU\x00": "rw2",
    b"II\x2b\x00": "tiff",  # BigTIFF
    b"MM\x00\x2b": "tiff",
}
_INLINE: Final = {1: "B", 3: "H", 4: "I", 13: "I"}


def sniff_tiff_family(head: bytes) -> str | None:
    """Return `tiff` or the name of a RAW kind, None when it is neither.

    Only the first directory is looked at, and only as far as `head` reaches.
    """
    mark = head[:4]
    if mark in _MARKS:
        return _MARKS[mark]
    if mark not in (b"II\x2a\x00", b"MM\x00\x2a"):
        return None
    if head[8:11] == b"CR\x02":
        return "cr2"
    if head[8:12] in (b"IIII", b"MMMM") and len(head) > 16:
        return "iiq"
    return _by_first_directory(head)


def _by_first_directory(head: bytes) -> str:
    order = "<" if head[:1] == b"I" else ">"
    tags = _first_directory(head, order)
    if 0xC612 in tags:  # DNGVersion
        return "dng"
    first = {tag: value for tag, (_, _, value) in tags.items()}
    reduced_with_more = first.get(0xFE) == 1 and 0x14A in tags  # NewSubfileType, SubIFDs
    raw = (
        first.get(0x106) in _CFA_PHOTOMETRICS
        or first.get(0x103) in _RAW_COMPRESSIONS
        or reduced_with_more
    )
    make = _text(head, tags.get(0x10F), order).upper()
    for prefix, name in _MAKERS:
        if raw and make.startswith(prefix):
            return name
    return "raw" if raw and first.get(0x106) in _CFA_PHOTOMETRICS else "tiff"


def _first_directory(head: bytes, order: str) -> dict[int, tuple[int, int, int]]:
    """Return tag → (type, count, first value or offset) of the directory, as far as it reaches."""
    if len(head) < 8:
        return {}
    at = int(struct.unpack_from(order + "I", head, 4)[0])
    if at + 2 > len(head):
        return {}
    tags: dict[int, tuple[int, int, int]] = {}
    for index in range(min(struct.unpack_from(order + "H", head, at)[0], 512)):
        entry = at + 2 + 12 * index
        if entry + 12 > len(head):
            break
        tag, type_, count = struct.unpack_from(order + "HHI", head, entry)
        code = _INLINE.get(type_, "I") if count == 1 else "I"
        tags[tag] = (type_, count, struct.unpack_from(order + code, head, entry + 8)[0])
    return tags


def _text(head: bytes, entry: tuple[int, int, int] | None, order: str) -> bytes:
    if entry is None or entry[0] != 2:
        return b""
    _, count, value = entry
    if count <= 4:
        return struct.pack(order + "I", value)[:count].rstrip(b"\x00 ")
    return head[value : value + min(count, 64)].rstrip(b"\x00 ")
