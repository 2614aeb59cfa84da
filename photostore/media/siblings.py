"""What the neighbours of a file tell of its date and zone (SPEC 6.3). Pure: names and dates in.

Cameras number their files: one without a date lies between those before and behind it. A film
whose clock is in UTC was taken where the photos of that hour were. Only dates that files have of
their own count, so that the answer does not depend on the order in which it is asked for.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
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


class Neighbours:
    """The dated files of one folder, in order, so that each question is a short search."""

    def __init__(self, dated: Iterable[Neighbour]) -> None:
        known = [one for one in dated if one.captured.source not in _WEAK]
        self._numbered: dict[bytes, list[tuple[int, bytes, datetime]]] = defaultdict(list)
        self._zoned: list[tuple[datetime, int]] = []
        for one in known:
            self._add(one.name, one.captured)
        for row in self._numbered.values():
            row.sort()
        self._zoned.sort()

    def _add(self, name: bytes, captured: Captured) -> None:
        number = _numbered(name)
        # A month or a year says nothing of the day.
        if number is not None and captured.precision not in (Precision.MONTH, Precision.YEAR):
            self._numbered[number[0]].append((number[1], name, captured.local))
        if captured.offset_min is not None and not is_utc_only(captured):
            utc = captured.local - timedelta(minutes=captured.offset_min)
            self._zoned.append((utc, captured.offset_min))

    def date_of(self, name: bytes) -> Captured | None:
        """Return the day on which a numbered file lies between its neighbours.

        The nearest dated numbers on both sides must be at most a day apart; on the same day the
        answer is that day, else the earlier of the two. One side alone tells nothing.
        """
        own = _numbered(name)
        row = self._numbered.get(own[0], []) if own else []
        if own is None or not row:
            return None
        number = own[1]
        behind = bisect_left(row, (number + 1, b""))
        before = bisect_left(row, (number, b"")) - 1
        if before < 0 or behind >= len(row):
            return None
        if max(number - row[before][0], row[behind][0] - number) > MAX_STEPS:
            return None
        first, last = row[before][2], row[behind][2]
        if not timedelta(0) <= last - first <= MAX_BETWEEN:
            return None
        day = datetime(first.year, first.month, first.day)  # noqa: DTZ001 - wall clock
        return Captured(day, Precision.DAY, None, "siblings")

    def zone_of(self, captured: Captured) -> Captured:
        """Return an instant in UTC as the wall clock that the nearest photo in time was taken by.

        Unchanged where it is no such instant, and where no neighbour within six hours knows its
        zone. Of two that are equally near, the earlier one counts.
        """
        if not is_utc_only(captured) or not self._zoned:
            return captured
        at = bisect_left(self._zoned, (captured.local, -1_000_000))
        near = self._zoned[max(0, at - 1) : at + 1]
        apart, _, offset = min((abs(utc - captured.local), utc, zone) for utc, zone in near)
        return shift_to(captured, offset) if apart <= MAX_ZONE_APART else captured


def _numbered(name: bytes) -> tuple[bytes, int] | None:
    stem = name.rpartition(b".")[0] or name
    match = _NUMBERED.match(stem)
    return (match[1].lower(), int(match[2])) if match else None
