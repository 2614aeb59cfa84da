"""Dates in metadata and in file names (SPEC 6.3). Never asks the clock or the server's zone."""

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
    r"\s*(\d{4})[:/. -](\d{1,2}|  )(?:[:/. -](\d{1,2}|  ))?"
    r"(?:[T ]+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d+))?)?)?"
    r"\s*(Z|[+-]\d{2}:?\d{2})?(?:\s*DST)?\s*\Z"
)
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
    match = _STAMP.match(text.rstrip("\x00"))
    if match is None:
        return None
    year, month, day = (int(part) if part and part.strip() else 0 for part in match.groups()[:3])
    hour, minute, second = match[4], match[5], match[6]
    precision = _precision(month, day, hour, second, match[7])
    fraction = int((match[7] or "0")[:6].ljust(6, "0"))
    clock = (int(hour or 0), int(minute or 0), min(int(second or 0), 59))
    try:
        local = datetime(year, month or 1, day or 1, *clock, fraction)  # noqa: DTZ001 - wall clock
    except ValueError:
        return None
    return Captured(local, precision, parse_offset(match[8]), source)


def _precision(
    month: int, day: int, hour: str | None, second: str | None, fraction: str | None
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
    wall_now = now.astimezone(UTC).replace(tzinfo=None)
    ahead = captured.local - timedelta(minutes=captured.offset_min or 0) - wall_now
    default = captured.local.isoformat(" ", "seconds") in _DEFAULTS
    return captured.local >= EARLIEST and ahead <= AHEAD and not default


def with_fraction(captured: Captured, digits: str | None) -> Captured:
    """Add EXIF sub-second digits ("5", "05", "123456") to a date that has seconds."""
    digits = (digits or "").strip(" \x00")
    if captured.precision is not Precision.SECOND or not (digits.isascii() and digits.isdigit()):
        return captured
    local = captured.local.replace(microsecond=int(digits[:6].ljust(6, "0")))
    return Captured(local, Precision.MILLISECOND, captured.offset_min, captured.source)


_D: Final = r"(?P<y>(?:19|20)\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])"
_DS: Final = r"(?P<y>(?:19|20)\d\d)[-_.](?P<m>0[1-9]|1[0-2])[-_.](?P<d>0[1-9]|[12]\d|3[01])"
_T: Final = r"(?P<h>[01]\d|2[0-3])(?P<i>[0-5]\d)(?P<s>[0-5]\d)(?P<f>\d{3})?"
_TS: Final = r"(?P<h>[01]\d|2[0-3])[-_.:h](?P<i>[0-5]\d)[-_.:m](?P<s>[0-5]\d)"
# First hit wins: from the most telling to the least. The flag says that the name is in UTC.
_NAME_PATTERNS: Final[tuple[tuple[re.Pattern[str], bool], ...]] = (
    (re.compile(rf"(?<![A-Za-z])PXL_{_D}_{_T}"), True),
    (re.compile(rf"(?<!\d){_D}[-_T ]?{_T}(?!\d)"), False),
    (re.compile(rf"(?<!\d){_DS}(?:[-_T ,]|at|um|à)+{_TS}(?!\d)"), False),
    (re.compile(rf"(?<!\d){_DS}[-_T ]{_T}(?!\d)"), False),
    (re.compile(rf"(?<![A-Za-z])(?:IMG|VID|AUD|PTT)-{_D}-WA\d+"), False),
    (re.compile(rf"(?<!\d){_DS}(?!\d)"), False),
    (re.compile(rf"(?<!\d){_D}(?!\d)"), False),
)


def date_from_name(name: bytes) -> Captured | None:
    """Return the date that a file's name carries, by the patterns of cameras, phones and chats.

    `name` may be a path. Google's `PXL_` names are in UTC; all others are taken for wall clock.
    """
    base = name.rpartition(b"/")[2].decode("utf-8", "replace")
    for pattern, utc in _NAME_PATTERNS:
        match = pattern.search(base)
        if match is not None:
            found = match.groupdict()
            precision = Precision.SECOND if found.get("s") else Precision.DAY
            if found.get("f"):
                precision = Precision.MILLISECOND
            year, month, day, hour, minute, second, milli = (
                int(found.get(part) or 0) for part in "ymdhisf"
            )
            try:
                local = datetime(year, month, day, hour, minute, second, milli * 1000)  # noqa: DTZ001
            except ValueError:
                continue
            return Captured(local, precision, 0 if utc else None, "file-name")
    return None


def date_from_mtime(mtime_ns: int) -> Captured:
    """Return the file system's time as a last resort, in UTC: the server's zone never leaks in."""
    try:
        stamp = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=mtime_ns // 1000)
    except OverflowError:
        stamp = datetime(1970, 1, 1, tzinfo=UTC)
    return Captured(stamp.replace(tzinfo=None, microsecond=0), Precision.SECOND, 0, "mtime")
