"""IPTC-IIM records in a Photoshop resource block: title, caption, keywords. Bytes in, text out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from photostore.media.exif import clean_text, decode_text

_MAX_RESOURCES: Final = 1000
_MAX_RECORDS: Final = 2000
_IPTC_RESOURCE: Final = 0x0404
_UTF8: Final = b"\x1b%G"


@dataclass(frozen=True, slots=True)
class IptcFields:
    """What photostore takes from IPTC; unknown is None or empty."""

    title: str | None = None
    description: str | None = None
    keywords: tuple[str, ...] = ()


def read_iptc(block: bytes) -> IptcFields:
    """Read the resources behind `Photoshop 3.0` in APP13. Never raises; damage ends the reading."""
    found: dict[tuple[int, int], list[str]] = {}
    utf8 = False
    for record, number, value in _records(_resource(block)):
        if (record, number) == (1, 90):  # coded character set
            utf8 = value == _UTF8
        elif record == 2 and number in (5, 25, 120):
            text = value.decode("utf-8", "replace") if utf8 else decode_text(value)
            kept = clean_text(text)
            if kept:
                found.setdefault((record, number), []).append(kept)
    return IptcFields(
        title=next(iter(found.get((2, 5), ())), None),
        description=next(iter(found.get((2, 120), ())), None),
        keywords=tuple(dict.fromkeys(found.get((2, 25), ()))),
    )


def _resource(block: bytes) -> bytes:
    """Return the IPTC resource among the others, b"" without one."""
    at = 0
    for _ in range(_MAX_RESOURCES):
        if block[at : at + 4] != b"8BIM" or at + 12 > len(block):
            return b""
        number = int.from_bytes(block[at + 4 : at + 6], "big")
        name = block[at + 6] + 1  # a Pascal string, padded to an even length
        size_at = at + 6 + name + (name & 1)
        size = int.from_bytes(block[size_at : size_at + 4], "big")
        if number == _IPTC_RESOURCE:
            return block[size_at + 4 : size_at + 4 + size]
        at = size_at + 4 + size + (size & 1)
    return b""


def _records(data: bytes) -> list[tuple[int, int, bytes]]:
    """List record number, data set number and value, as far as they are well formed."""
    found: list[tuple[int, int, bytes]] = []
    at = 0
    while at + 5 <= len(data) and data[at] == 0x1C and len(found) < _MAX_RECORDS:
        size = int.from_bytes(data[at + 3 : at + 5], "big")
        if size & 0x8000:  # values over 32 kB are not text that anyone shows
            break
        found.append((data[at + 1], data[at + 2], data[at + 5 : at + 5 + size]))
        at += 5 + size
    return found
