"""How long something has really lain, whatever the clock showed meanwhile (SPEC 4.4, 9.4).

What is deleted by itself after some days must not go because a clock was wrong: a Pi starts in
1970, a battery dies, a year is mistyped. So only time counts in which the clock was seen to go on:
it is looked at now and then, and a step of more than two days, or back, is not believed. The time
in which photostore did not run for that long counts for nothing either.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from photostore.store.meta import load_text, save_text
from photostore.store.trash import CLOCK_SET_MS

if TYPE_CHECKING:
    from photostore.store.db import Database

CLOCK = "clock"
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
# Some look once a day; a clock that is set to the right second goes back a little.
MAX_STEP_MS = 2 * DAY_MS
BACK_MS = HOUR_MS // 12
SAVE_EVERY_MS = 6 * HOUR_MS
# Nothing is kept for that long, so what was before needs not be told apart any more.
FORGET_MS = 4_000 * DAY_MS
MAX_SPANS = 100


@dataclass(frozen=True, slots=True)
class Span:
    """A time in which the clock went on evenly. `counted` is the time counted until it began."""

    since: int
    until: int
    counted: int


@dataclass(frozen=True, slots=True)
class Clock:
    """The spans that were seen, all in milliseconds; times since 1970 as the clock showed them."""

    spans: tuple[Span, ...] = ()

    @property
    def counted(self) -> int:
        """The time that was counted in all."""
        last = self.spans[-1] if self.spans else Span(0, 0, 0)
        return last.counted + last.until - last.since

    def see(self, now: int) -> Clock:
        """The same, after the clock showed `now`."""
        if now < CLOCK_SET_MS:
            return self
        last = self.spans[-1] if self.spans else None
        if last is not None and last.until - BACK_MS <= now <= last.until + MAX_STEP_MS:
            return Clock((*self.spans[:-1], replace(last, until=max(now, last.until))))
        kept = [one for one in self.spans if self.counted - one.counted < FORGET_MS]
        return Clock((*kept[-MAX_SPANS:], Span(now, now, self.counted)))

    def cutoff(self, keep: int) -> int | None:
        """What has a time before this one has lain for `keep` milliseconds; None: nothing has.

        What has a time from before the first look counts from that.
        """
        if not self.spans or self.counted < keep:
            return None
        # A clock that was set back shows times again that it had shown before: the later counts.
        bounds = [(one, one.since + self.counted - one.counted - keep) for one in self.spans]
        return min(max(bound, one.since) for one, bound in bounds if bound <= one.until)


async def look_at_clock(database: Database, now_ms: int) -> Clock:
    """Note that the clock shows `now_ms`, and return what is known of it."""
    async with database.read() as reading:
        before = _read(await load_text(reading, CLOCK))
    after = before.see(now_ms)
    if _is_news(before, after):
        async with database.write() as transaction:
            await save_text(transaction, CLOCK, json.dumps([asdict(one) for one in after.spans]))
    return after


async def known_clock(database: Database) -> Clock:
    """What was noted last."""
    async with database.read() as reading:
        return _read(await load_text(reading, CLOCK))


def _is_news(before: Clock, after: Clock) -> bool:
    """Whether it is worth waking a disk for."""
    if len(before.spans) != len(after.spans) or not after.spans:
        return before != after
    return after.spans[-1].until - before.spans[-1].until >= SAVE_EVERY_MS


def _read(text: str) -> Clock:
    try:
        return Clock(tuple(Span(**one) for one in json.loads(text or "[]")))
    except (ValueError, TypeError):
        return Clock()
