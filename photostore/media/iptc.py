"""IPTC-IIM records in Photoshop resources: title, caption, keywords, dates. Bytes in, text out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from photostore.media.dates import parse_stamp
from photostore.media.text import clean_text, decode_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from photostore.media.facts import Captured

_MAX_RESOURCES: Final = 1000
_MAX_RECORDS: Final = 2000
_IPTC_RESOURCE: Final = 0x0404
_UTF8: Final = b"\x1b%G"
_TEXTS: Final = frozenset((5, 25, 55, 60, 62, 63, 120))
_DAY: Final = re.compile(r"(\d{4}):?(\d\d):?(\d\d)")
_CLOCK: Final = re.compile(r"(\d\d):?(\d\d):?(\d\d)([+-]\d\d:?\d\d)?")


@dataclass(frozen=True, slots=True)
class IptcFields:
    """What photostore takes from IPTC; unknown is None or empty."""

    title: str | None = None
    description: str | None = None
    keywords: tuple[str, ...] = ()
    captured: tuple[Captured, ...] = ()


def read_iptc(block: bytes) -> IptcFields:
    """Read Photoshop resources (behind `Photoshop 3.0` in APP13) or bare IIM records.

    Never raises; damage ends the reading.
    """
    found: dict[tuple[int, int], list[str]] = {}
    utf8 = False
    for record, number, value in _records(block if block[:1] == b"\x1c" else _resource(block)):
        if (record, number) == (1, 90):  # coded character set
            utf8 = value == _UTF8
        elif record == 2 and number in _TEXTS:
            text = value.decode("utf-8", "replace") if utf8 else decode_text(value)
            kept = clean_text(text)
            if kept:
                found.setdefault((record, number), []).append(kept)
    return IptcFields(
        title=next(iter(found.get((2, 5), ())), None),
        description=next(iter(found.get((2, 120), ())), None),
        keywords=tuple(dict.fromkeys(found.get((2, 25), ()))),
        captured=tuple(_dates(found)),
    )


def read_all_records(block: bytes) -> list[tuple[str, str]]:
    """Read every data set of the application record as text, by its name in the standard."""
    found = _records(block if block[:1] == b"\x1c" else _resource(block))
    utf8 = any((record, number, value) == (1, 90, _UTF8) for record, number, value in found)
    return [
        (
            _NAMES.get(number, f"Data set {number}"),
            value.decode("utf-8", "replace") if utf8 else decode_text(value),
        )
        for record, number, value in found
        if record == 2 and number
    ]


_NAMES: Final = {
    5: "Object name", 7: "Edit status", 10: "Urgency", 15: "Category",
    20: "Supplemental category", 22: "Fixture identifier", 25: "Keywords",
    40: "Special instructions", 55: "Date created", 60: "Time created",
    62: "Digital creation date", 63: "Digital creation time", 65: "Originating program",
    70: "Program version", 80: "By-line", 85: "By-line title", 90: "City", 92: "Sub-location",
    95: "Province or state", 100: "Country code", 101: "Country", 103: "Original transmission",
    105: "Headline", 110: "Credit", 115: "Source", 116: "Copyright notice", 118: "Contact",
    120: "Caption", 122: "Caption writer",
}  # fmt: skip


def _dates(found: dict[tuple[int, int], list[str]]) -> Iterator[Captured]:
    """Yield the dates of creation and of digitising: `20090714` and `123456+0200`."""
    for day, clock, source in ((55, 60, "DateCreated"), (62, 63, "DigitalCreationDate")):
        date = _DAY.fullmatch(next(iter(found.get((2, day), ())), ""))
        if date is None:
            continue
        text = ":".join(date.groups())
        time = _CLOCK.fullmatch(next(iter(found.get((2, clock), ())), ""))
        if time is not None:
            text += f" {time[1]}:{time[2]}:{time[3]}{time[4] or ''}"
        captured = parse_stamp(text, f"IPTC:{source}")
        if captured is not None:
            yield captured


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
