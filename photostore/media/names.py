"""Dates in the names of files and folders (SPEC 6.3): a table of patterns, the most telling first.

Never asks the clock or the file system. Names are bytes; what is no UTF-8 is simply not matched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Final

from photostore.media.dates import parse_offset
from photostore.media.facts import Captured, Precision

# How many folders above a file may tell its date: deeper down the disk they speak of other things.
FOLDER_LEVELS: Final = 4

_YEAR: Final = r"(?P<y>(?:19|20)\d\d)"
_MONTH: Final = r"(?P<m>0[1-9]|1[0-2])"
_DAY: Final = r"(?P<d>0[1-9]|[12]\d|3[01])"
_DATE: Final = _YEAR + _MONTH + _DAY
_PARTED: Final = rf"{_YEAR}(?P<sep>[-_. ]){_MONTH}(?P=sep){_DAY}"
_DAY_FIRST: Final = rf"{_DAY}[-_.]{_MONTH}[-_.]{_YEAR}"
_MONTH_FIRST: Final = rf"{_MONTH}[-_.]{_DAY}[-_.]{_YEAR}"
_TIME: Final = r"(?P<h>[01]\d|2[0-3])(?P<i>[0-5]\d)(?P<s>[0-5]\d)"
# The last two look like a colon, which file systems of other makers do not allow.
_COLON: Final = r"-_.: \u2236\ua789"
_PARTED_TIME: Final = rf"(?P<h>[01]\d|2[0-3])[{_COLON}h](?P<i>[0-5]\d)[{_COLON}m](?P<s>[0-5]\d)"
_SHORT_TIME: Final = rf"(?P<h>[01]\d|2[0-3])[{_COLON}h](?P<i>[0-5]\d)"
_HALF: Final = r"[\s\u202f]*(?P<half>[AaPp])\.?[Mm]"
_TWELVE: Final = rf"(?P<h>0?[1-9]|1[0-2])[-_.:](?P<i>[0-5]\d)[-_.:](?P<s>[0-5]\d){_HALF}"
_MILLI: Final = r"[-_.,]?(?P<f>\d{3})(?!\d)"
# Words between day and clock in the languages that systems name their screenshots in.
_AT: Final = r"(?:[-_T ,]|at|um|à|a las|alle|om|kl\.?|às|\u0432|klo)+"
_ZONE: Final = r"(?P<z>Z|[+-]\d\d:?\d\d)"


class Clock(Enum):
    """What the figures of a pattern are."""

    WALL = "wall"
    UTC = "utc"
    EPOCH = "epoch"


@dataclass(frozen=True, slots=True)
class NamePattern:
    """One way to write a date into a name. `label` says who does."""

    label: str
    pattern: re.Pattern[str]
    clock: Clock = Clock.WALL


def _row(label: str, pattern: str, clock: Clock = Clock.WALL) -> NamePattern:
    return NamePattern(label, re.compile(pattern), clock)


_FRACTION: Final = r"(?:[.,](?P<f>\d{3})\d*)?"
_EPOCH_MS: Final = r"(?P<ms>1\d{12})"
FILE_PATTERNS: Final = (
    _row("Pixel phones, in UTC", rf"(?<![A-Za-z])PXL_{_DATE}_{_TIME}(?:{_MILLI})?", Clock.UTC),
    _row("ISO 8601 with a zone", rf"(?<!\d){_PARTED}T{_PARTED_TIME}{_FRACTION}{_ZONE}"),
    _row("ISO 8601, basic, with a zone", rf"(?<!\d){_DATE}T{_TIME}{_FRACTION}{_ZONE}"),
    _row("Facebook", rf"(?<![A-Za-z])FB_IMG_{_EPOCH_MS}(?!\d)", Clock.EPOCH),
    _row("iOS screen film", r"(?<![A-Za-z])RPReplay_Final(?P<t>1\d{9})(?!\d)", Clock.EPOCH),
    _row("Telegram export", rf"@{_DAY_FIRST}_{_PARTED_TIME}(?!\d)"),
    _row("iOS screen film, dated", rf"ScreenRecording_{_MONTH_FIRST}[ _]{_PARTED_TIME}(?!\d)"),
    _row("macOS and WhatsApp, twelve hours", rf"(?<!\d){_PARTED}{_AT}{_TWELVE}"),
    _row("phones, cameras, drones", rf"(?<!\d){_DATE}[-_T ]?{_TIME}(?:{_MILLI})?(?!\d)"),
    _row("Windows Phone", rf"(?<!\d){_DATE}[-_T ]{_PARTED_TIME}(?:{_MILLI})?(?!\d)"),
    _row("screenshots, chats", rf"(?<!\d){_PARTED}{_AT}{_PARTED_TIME}(?:{_MILLI})?(?!\d)"),
    _row("Signal", rf"(?<!\d){_PARTED}[-_T ]{_TIME}(?:{_MILLI})?(?!\d)"),
    _row("to the minute", rf"(?<!\d){_PARTED}{_AT}{_SHORT_TIME}(?![\d.:])"),
    _row("WhatsApp", rf"(?<![A-Za-z])(?:IMG|VID|AUD|PTT|STK)-{_DATE}-WA\d+"),
    _row("day, parted", rf"(?<!\d){_PARTED}(?!\d)"),
    _row("day", rf"(?<!\d){_DATE}(?!\d)"),
    _row("messengers", rf"(?:^|[-_ ]){_EPOCH_MS}(?=$|[-_ .(])", Clock.EPOCH),
)

_FROM: Final = r"from|von|de|del|di|da|van|fra|från|z|из|uit|depuis|aus"
FOLDER_PATTERNS: Final = (
    _row("2009-07-14 Reine", rf"^{_PARTED}(?!\d)"),
    _row("20090714 Reine", rf"^{_DATE}(?!\d)"),
    _row("Reine 2009-07-14", rf"(?<!\d){_PARTED}$"),
    _row("2009-07 Lofoten", rf"^{_YEAR}[-_.]{_MONTH}(?!\d)"),
    _row("200907", rf"^{_YEAR}{_MONTH}$"),
    _row("2009", rf"^{_YEAR}$"),
    _row("Photos from 2009", rf"^[^\W\d][\w'\u2019]* (?:{_FROM}) {_YEAR}$"),
)
_MONTH_FOLDER: Final = re.compile(r"^(0?[1-9]|1[0-2])(?:$|[-_. ])")
_DAY_FOLDER: Final = re.compile(r"^(0?[1-9]|[12]\d|3[01])(?:$|[-_. ])")


def date_from_name(name: bytes) -> Captured | None:
    """Return the date that a file's name carries, by the patterns of cameras, phones and chats.

    `name` may be a path. Names in UTC come with the offset 0; others are taken for wall clock.
    """
    base = name.rpartition(b"/")[2].decode("utf-8", "replace")
    for row in FILE_PATTERNS:
        for match in row.pattern.finditer(base):
            captured = _captured(match, row.clock, "file-name")
            if captured is not None:
                return captured
    return None


def date_from_folders(path: bytes) -> Captured | None:
    """Return the date that the folders of a path carry, the innermost first.

    Year, month and day may stand in one name or in nested ones (`2009/07/14`).
    """
    folders = path.decode("utf-8", "replace").split("/")[:-1][-FOLDER_LEVELS:]
    for depth in range(len(folders) - 1, -1, -1):
        captured = _from_folder(folders[depth])
        if captured is not None:
            return _refined(captured, folders[depth + 1 :])
    return None


def _from_folder(name: str) -> Captured | None:
    for row in FOLDER_PATTERNS:
        match = row.pattern.search(name)
        captured = _captured(match, row.clock, "folder") if match else None
        if captured is not None:
            return captured
    return None


def _refined(captured: Captured, below: list[str]) -> Captured:
    """Add month and day from the folders directly below a year or month."""
    local, precision = captured.local, captured.precision
    for name in below:
        if precision is Precision.YEAR and (match := _MONTH_FOLDER.match(name)):
            local, precision = local.replace(month=int(match[1])), Precision.MONTH
        elif precision is Precision.MONTH and (match := _DAY_FOLDER.match(name)):
            try:
                local, precision = local.replace(day=int(match[1])), Precision.DAY
            except ValueError:
                break
        else:
            break
    return Captured(local, precision, None, captured.source)


def _captured(match: re.Match[str], clock: Clock, source: str) -> Captured | None:
    found = match.groupdict()
    if clock is Clock.EPOCH:
        return _from_epoch(found, source)
    hour = int(found.get("h") or 0)
    half = (found.get("half") or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        local = datetime(  # noqa: DTZ001 - wall clock
            int(found["y"]),
            int(found.get("m") or 1),
            int(found.get("d") or 1),
            hour,
            int(found.get("i") or 0),
            int(found.get("s") or 0),
            int(found.get("f") or 0) * 1000,
        )
    except ValueError:
        return None
    offset = 0 if clock is Clock.UTC else parse_offset(found.get("z"))
    return Captured(local, _precision(found), offset, source)


def _from_epoch(found: dict[str, str | None], source: str) -> Captured:
    seconds, milli = found.get("t"), found.get("ms")
    stamp = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(
        seconds=int(seconds or 0), milliseconds=int(milli or 0)
    )
    precision = Precision.MILLISECOND if milli else Precision.SECOND
    return Captured(stamp.replace(tzinfo=None), precision, 0, source)


def _precision(found: dict[str, str | None]) -> Precision:
    for part, precision in (
        ("f", Precision.MILLISECOND),
        ("s", Precision.SECOND),
        ("i", Precision.MINUTE),
        ("d", Precision.DAY),
        ("m", Precision.MONTH),
    ):
        if found.get(part):
            return precision
    return Precision.YEAR
