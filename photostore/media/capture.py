"""Decides when a picture was taken (SPEC 6.3): of many dates the one that a careful person takes.

Pure: what the file system and the names say is passed in. Dates come best first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from photostore.media.dates import doubt_about, is_believable
from photostore.media.facts import Captured, Position, Precision
from photostore.media.zones import offset_at, offset_at_utc

if TYPE_CHECKING:
    from collections.abc import Sequence

# Clocks that run in UTC by definition: their offset 0 says nothing about the place.
UTC_SOURCES: Final = frozenset(
    (
        "QuickTime:CreateDate",
        "QuickTime:MediaCreateDate",
        "EXIF:GPSTimeStamp",
        "XMP:GPSTimeStamp",
        "Takeout:photoTakenTime",
        "file-name",
        "mtime",
        "ctime",
    )
)
FILE_SYSTEM: Final = frozenset(("mtime", "ctime"))
_ORDER: Final = (
    "EXIF:DateTimeOriginal",
    "H264:DateTimeOriginal",
    "XMP:DateTimeOriginal",
    "QuickTime:CreationDate",
    "Container:DateTimeOriginal",
    "XMP:DateCreated",
    "IPTC:DateCreated",
    "EXIF:DateTimeDigitized",
    "XMP:DateTimeDigitized",
    "XMP:CreateDate",
    "IPTC:DigitalCreationDate",
    "PNG:CreationTime",
    "QuickTime:CreateDate",
    "QuickTime:MediaCreateDate",
    "Container:Date",
    "EXIF:GPSTimeStamp",
    "XMP:GPSTimeStamp",
    "Takeout:photoTakenTime",
    "file-name",
    "folder",
    "siblings",
    "mtime",
)
_RANKS: Final = {source: rank for rank, source in enumerate(_ORDER)} | {"ctime": len(_ORDER) - 1}
_SPANS: Final = {
    Precision.MILLISECOND: timedelta(0),
    Precision.SECOND: timedelta(seconds=1),
    Precision.MINUTE: timedelta(minutes=1),
    Precision.HOUR: timedelta(hours=1),
    Precision.DAY: timedelta(days=1),
}
# A receiver's clock may be some seconds old, and camera clocks run wrong by minutes.
_GPS_TOLERANCE: Final = timedelta(minutes=3)
_QUARTER: Final = timedelta(minutes=15)
_FARTHEST: Final = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class Decision:
    """A chosen date, where its offset comes from, and what was found wrong with others."""

    captured: Captured | None
    offset_source: str | None
    notes: tuple[str, ...] = ()


def rank_of(source: str) -> int:
    """Return the place of a source in the order of SPEC 6.3; 0 is the best."""
    return _RANKS.get(source, _RANKS["Container:Date"])


def is_utc_only(captured: Captured) -> bool:
    """Say whether a date is an instant without a place: the wall clock there is yet unknown."""
    return captured.offset_min == 0 and captured.source in UTC_SOURCES


def decide(dates: Sequence[Captured], position: Position | None, now: datetime) -> Decision:
    """Choose among dates in any order and find the offset of the chosen one.

    A coarse date (a day, a month) is replaced by a finer one of a lower rank that lies within it.
    """
    notes = [
        f"the date {date.local} of {date.source} cannot be right: ignored"
        for date in dates
        if date.source not in FILE_SYSTEM and not is_believable(date, now)
    ]
    good = sorted(
        (date for date in dates if is_believable(date, now)), key=lambda date: rank_of(date.source)
    )
    if not good:
        return Decision(None, None, tuple(notes))
    chosen = _finest(good)
    captured, source = settle_offset(chosen, position, good)
    return Decision(captured, source, tuple(notes))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A date that was found, whether it is the one that counts, and why or why not."""

    captured: Captured
    chosen: bool
    reason: str


def weigh(
    dates: Sequence[Captured], chosen: Captured | None, now: datetime
) -> tuple[Candidate, ...]:
    """Say of all dates that were found why one of them counts and the others do not, best first.

    `chosen` is what came out, perhaps with an offset that was found elsewhere.
    """
    found: list[Candidate] = []
    own = chosen.source.removeprefix("sidecar:") if chosen else None
    for date in sorted(dict.fromkeys(dates), key=lambda date: rank_of(date.source)):
        is_it = date.source == own and not any(one.chosen for one in found)
        found.append(Candidate(date, is_it, _why(date, chosen, is_it=is_it, now=now)))
    if chosen is not None and not any(one.chosen for one in found):
        found.insert(0, Candidate(chosen, chosen=True, reason="the best that is known"))
    return tuple(found)


def _why(date: Captured, chosen: Captured | None, *, is_it: bool, now: datetime) -> str:
    if is_it and chosen is not None:
        return _why_chosen(date, chosen)
    doubt = doubt_about(date, now)
    if doubt or chosen is None:
        return f"cannot be right: {doubt}" if doubt else "not used"
    if chosen.local.replace(microsecond=0) == date.local.replace(microsecond=0):
        return f"says the same as {chosen.source}"
    if rank_of(date.source) < rank_of(chosen.source):
        return f"less exact than {chosen.source}, which lies within it"
    return f"less trusted than {chosen.source}"


def _why_chosen(date: Captured, chosen: Captured) -> str:
    if chosen.source.startswith("sidecar:"):
        return "set in a sidecar, which counts more than the file"
    if chosen.local != date.local:
        return "the most trusted source; it is in UTC and was turned into wall clock time"
    return "the most trusted source"


def settle_offset(
    captured: Captured, position: Position | None, others: Sequence[Captured] = ()
) -> tuple[Captured, str | None]:
    """Find a date's offset: its own tag, else the place's zone, else by comparing with UTC.

    An instant in UTC becomes the wall clock of the place, or of the name that a camera gave.
    Returns the date and where its offset comes from.
    """
    if is_utc_only(captured):
        return _wall_clock(captured, position, others)
    if captured.offset_min is not None:
        return captured, captured.source
    if captured.precision in (Precision.DAY, Precision.MONTH, Precision.YEAR):
        return captured, None
    if position is not None:
        minutes = offset_at(position, captured.local)
        if minutes is not None:
            return _with_offset(captured, minutes), "position"
    for other in others:
        if other.source.endswith(":GPSTimeStamp"):
            difference = _quarters(captured.local - other.local)
            if difference is not None:
                return _with_offset(captured, difference), "gps-time"
    return captured, None


def shift_to(captured: Captured, offset_min: int) -> Captured:
    """Return an instant in UTC as the wall clock of a zone, for example that of a neighbour."""
    local = captured.local + timedelta(minutes=offset_min)
    return Captured(local, captured.precision, offset_min, captured.source)


def _wall_clock(
    captured: Captured, position: Position | None, others: Sequence[Captured]
) -> tuple[Captured, str | None]:
    if position is not None:
        minutes = offset_at_utc(position, captured.local)
        if minutes is not None:
            return shift_to(captured, minutes), "position"
    for other in others:
        if other.offset_min is None and other.source == "file-name" and _has_clock(other):
            difference = _quarters(other.local - captured.local)
            if difference == 0:
                # Either Greenwich, or a camera that writes its own clock where UTC belongs.
                wall = Captured(captured.local, captured.precision, None, captured.source)
                return wall, None
            if difference is not None:
                return shift_to(captured, difference), "file-name"
    return captured, "UTC"


def _has_clock(captured: Captured) -> bool:
    return captured.precision in (Precision.MILLISECOND, Precision.SECOND, Precision.MINUTE)


def _with_offset(captured: Captured, minutes: int) -> Captured:
    return Captured(captured.local, captured.precision, minutes, captured.source)


def _quarters(difference: timedelta) -> int | None:
    """Return a difference of two clocks in minutes if it can be that of a zone from UTC."""
    count = round(difference / _QUARTER)
    if abs(difference - count * _QUARTER) > _GPS_TOLERANCE or abs(difference) > _FARTHEST:
        return None
    return count * 15


def _finest(dates: Sequence[Captured]) -> Captured:
    first = dates[0]
    if first.precision in (Precision.MILLISECOND, Precision.SECOND):
        return first
    inside = [
        date
        for date in dates[1:]
        if date.source not in FILE_SYSTEM
        and _span(date) < _span(first)
        and first.local <= date.local < first.local + _span(first)
    ]
    return min(inside, key=_span, default=first)


def _span(captured: Captured) -> timedelta:
    if captured.precision is Precision.YEAR:
        return timedelta(days=366 if captured.local.year % 4 == 0 else 365)
    if captured.precision is Precision.MONTH:
        following = (captured.local.replace(day=28) + timedelta(days=4)).replace(day=1)
        return following - captured.local
    return _SPANS[captured.precision]
