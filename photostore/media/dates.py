"""Dates as metadata writes them (SPEC 6.3). Never asks the clock or the server's zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from photostore.media.facts import Captured, Precision

EARLIEST: Final = datetime(1826, 1, 1)  # noqa: DTZ001 - wall clock; the first photograph
AHEAD: Final = timedelta(days=2)
MAX_OFFSET_MIN: Final = 15 * 60

# What clocks show that were never set: epochs of firmwares and of file formats.
_DEFAULTS: Final = frozenset(
    (
        "1904-01-01 00:00:00",
        "1970-01-01 00:00:00",
        "1980-01-01 00:00:00",
        "2002-12-08 12:00:00",
    )
)
_STAMP: Final = re.compile(
    r"\s*(\d{4})(?:[:/. -](\d\d?|  | \d)(?:[:/. -](\d\d?|  | \d))?)?"
    r"(?:[T ]+(\d\d?|  ):(\d\d?|  | \d)(?::(\d\d?|  | \d)(?:[.,](\d+))?)?)?"
    r"\s*(?:GMT|UTC)?(Z|[+-]\d{2}:?\d{2})?(?:\s*DST)?\s*\Z"
)
# `Sat Jul 25 13:15:45 2016`, as C's asctime writes it into AVI files.
_ASCTIME: Final = re.compile(r"\s*\w{3} +(\w{3}) +(\d{1,2}) (\d\d:\d\d:\d\d) (\d{4})\s*\Z")
# `14 Jul 2021 13:15:45 +0200` with or without the weekday (RFC 2822), as PNG recommends it.
_MAIL: Final = re.compile(
    r"\s*(?:\w{3}, *)?(\d{1,2}) (\w{3}) (\d{4}) (\d\d:\d\d(?::\d\d)?) *(GMT|UTC|[+-]\d{4})?\s*\Z"
)
_MONTHS: Final = [
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
]
_OFFSET: Final = re.compile(r"\s*([+-])(\d{1,2}):?(\d{2})\s*\Z")


def parse_offset(text: str | None) -> int | None:
    """Return minutes east of UTC of `+02:00`, `-0730` or `Z`, None for anything else."""
    if text is None:
        return None
    if text.strip() in ("Z", "z"):
        return 0
    match = _OFFSET.match(text)
    if match is None:
        return None
    minutes = int(match[2]) * 60 + int(match[3])
    if int(match[3]) > 59 or minutes > MAX_OFFSET_MIN:
        return None
    return -minutes if match[1] == "-" else minutes


def parse_stamp(text: str, source: str) -> Captured | None:
    """Read a date as EXIF (`2023:05:01 12:30:45`), XMP or QuickTime (ISO 8601) write it.

    A missing or zero day gives `MONTH`, a missing time `DAY`. None for what is no date.
    """
    match = _STAMP.match(_in_figures(text.rstrip("\x00")))
    if match is None:
        return None
    year, month, day, hour, minute, second = (
        int(part) if part and part.strip() else None for part in match.groups()[:6]
    )
    precision = _precision(month, day, hour, second, match[7])
    fraction = int((match[7] or "0")[:6].ljust(6, "0"))
    if year is None or (hour or 0) > 23 or (minute or 0) > 59 or (second or 0) > 60:
        # A clock that cannot be leaves the day.
        hour, minute, second, fraction = 0, 0, 0, 0
        precision = _precision(month, day, None, None, None)
    clock = (hour or 0, minute or 0, min(second or 0, 59))
    try:
        local = datetime(year or 0, month or 1, day or 1, *clock, fraction)  # noqa: DTZ001 - wall clock
    except ValueError:
        return None
    return Captured(local, precision, parse_offset(match[8]), source)


def _in_figures(text: str) -> str:
    """Return a date with a month's name as one with figures; others as they are."""
    if (match := _ASCTIME.match(text)) and match[1].lower() in _MONTHS:
        month = _MONTHS.index(match[1].lower()) + 1
        return f"{match[4]}:{month:02}:{match[2]:0>2} {match[3]}"
    if (match := _MAIL.match(text)) and match[2].lower() in _MONTHS:
        month = _MONTHS.index(match[2].lower()) + 1
        zone = "Z" if match[5] in ("GMT", "UTC") else match[5] or ""
        return f"{match[3]}:{month:02}:{match[1]:0>2} {match[4]}{zone}"
    return text


def _precision(
    month: int | None, day: int | None, hour: int | None, second: int | None, fraction: str | None
) -> Precision:
    if not month:
        return Precision.YEAR
    if not day:
        return Precision.MONTH
    if hour is None:
        return Precision.DAY
    if second is None:
        return Precision.MINUTE
    return Precision.MILLISECOND if fraction else Precision.SECOND


def is_believable(captured: Captured, now: datetime) -> bool:
    """Say whether a date may be one (SPEC 6.3): from 1826 to two days ahead, and no default.

    `now` is aware; the date is taken for its own offset, or UTC where that is unknown.
    """
    return doubt_about(captured, now) is None


def doubt_about(captured: Captured, now: datetime) -> str | None:
    """Say why a date cannot be one, None where it can. `now` is aware."""
    if captured.local < EARLIEST:
        return "it is before the first photograph"
    wall_now = now.astimezone(UTC).replace(tzinfo=None)
    if captured.local - timedelta(minutes=captured.offset_min or 0) - wall_now > AHEAD:
        return "it lies in the future"
    if captured.local.isoformat(" ", "seconds") in _DEFAULTS:
        return "it is what a clock shows that was never set"
    return None


def with_fraction(captured: Captured, digits: str | None) -> Captured:
    """Add EXIF sub-second digits ("5", "05", "123456") to a date that has seconds."""
    digits = (digits or "").strip(" \x00")
    if captured.precision is not Precision.SECOND or not (digits.isascii() and digits.isdigit()):
        return captured
    local = captured.local.replace(microsecond=int(digits[:6].ljust(6, "0")))
    return Captured(local, Precision.MILLISECOND, captured.offset_min, captured.source)


def dates_of_file(mtime_ns: int, ctime_ns: int | None) -> tuple[Captured, ...]:
    """Return the file system's times, the older first, in UTC: the server's zone never leaks in."""
    stamps = [(mtime_ns, "mtime")]
    if ctime_ns is not None:
        stamps.append((ctime_ns, "ctime"))
    return tuple(_from_file_system(stamp, source) for stamp, source in sorted(stamps))


def _from_file_system(stamp_ns: int, source: str) -> Captured:
    try:
        stamp = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=stamp_ns // 1000)
    except OverflowError:
        stamp = datetime(1970, 1, 1, tzinfo=UTC)
    return Captured(stamp.replace(tzinfo=None, microsecond=0), Precision.SECOND, 0, source)
