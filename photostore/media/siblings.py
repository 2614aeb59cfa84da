"""What the neighbours of a file tell of its date and zone (SPEC 6.3). Pure: names and dates in.

Cameras number their files: one without a date lies between those before and behind it. A film
whose clock is in UTC was taken where the photos of that hour were.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from photostore.media.capture import FILE_SYSTEM, is_utc_only, shift_to
from photostore.media.facts import Captured, Precision

if TYPE_CHECKING:
    from collections.abc import Iterable

# Numbers farther apart than this are of another outing.
MAX_STEPS: Final = 50
MAX_BETWEEN: Final = timedelta(days=1)
MAX_ZONE_APART: Final = timedelta(hours=6)
_WEAK: Final = FILE_SYSTEM | {"folder", "siblings"}
_NUMBERED: Final = re.compile(rb"(.*?)(\d{1,9})(\D*)\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another file of the same folder: its name, and its date with a source of its own."""

    name: bytes
    captured: Captured


def date_from_siblings(name: bytes, neighbours: Iterable[Neighbour]) -> Captured | None:
    """Return the day on which a numbered file lies between its neighbours.

    The nearest dated numbers on both sides must be at most a day apart; on the same day the answer
    is that day, else the earlier of the two. One side alone tells nothing.
    """
    own = _numbered(name)
    if own is None:
        return None
    before: tuple[int, Captured] | None = None
    behind: tuple[int, Captured] | None = None
    for neighbour in neighbours:
        other = _numbered(neighbour.name)
        if other is None or other[0] != own[0] or neighbour.captured.source in _WEAK:
            continue
        steps = other[1] - own[1]
        if -MAX_STEPS <= steps < 0 and (before is None or steps > before[0]):
            before = steps, neighbour.captured
        elif 0 < steps <= MAX_STEPS and (behind is None or steps < behind[0]):
            behind = steps, neighbour.captured
    if before is None or behind is None:
        return None
    first, last = before[1].local, behind[1].local
    if not timedelta(0) <= last - first <= MAX_BETWEEN:
        return None
    day = datetime(first.year, first.month, first.day)  # noqa: DTZ001 - wall clock
    return Captured(day, Precision.DAY, None, "siblings")


def zone_from_siblings(captured: Captured, neighbours: Iterable[Neighbour]) -> Captured:
    """Return an instant in UTC as the wall clock that the nearest photo in time was taken by.

    Unchanged where it is no such instant, and where no neighbour within six hours knows its zone.
    """
    if not is_utc_only(captured):
        return captured
    best: tuple[timedelta, int] | None = None
    for neighbour in neighbours:
        other = neighbour.captured
        if other.offset_min is None or other.source in _WEAK or is_utc_only(other):
            continue
        utc = other.local - timedelta(minutes=other.offset_min)
        apart = abs(utc - captured.local)
        if apart <= MAX_ZONE_APART and (best is None or apart < best[0]):
            best = apart, other.offset_min
    return shift_to(captured, best[1]) if best is not None else captured


def _numbered(name: bytes) -> tuple[bytes, int] | None:
    stem = name.rpartition(b".")[0] or name
    match = _NUMBERED.match(stem)
    return (match[1].lower(), int(match[2])) if match else None
