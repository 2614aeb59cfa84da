"""A clock that is wrong makes nothing older than it is: SPEC 4.4 and 9.4."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from photostore.library.clock import DAY_MS, HOUR_MS, Clock, known_clock, look_at_clock

DAY0 = int(datetime(2026, 5, 1, tzinfo=UTC).timestamp() * 1000)
KEEP = 30 * DAY_MS


def day(number: float) -> int:
    return DAY0 + round(number * DAY_MS)


def seen(*days: float) -> Clock:
    clock = Clock()
    for number in days:
        clock = clock.see(day(number))
    return clock


def nightly(first: int, last: int) -> list[int]:
    return list(range(first, last + 1))


def test_what_lay_for_30_days_of_an_even_clock_is_old() -> None:
    assert seen(*nightly(0, 29)).cutoff(KEEP) is None
    assert seen(*nightly(0, 31)).cutoff(KEEP) == day(1)


def test_a_server_that_runs_an_hour_a_day_counts_whole_days() -> None:
    clock = Clock()
    for number in range(32):
        clock = clock.see(day(number)).see(day(number) + HOUR_MS)
    assert clock.cutoff(KEEP) == day(1) + HOUR_MS


@pytest.mark.parametrize("ahead", [40, 365, 4000])
def test_a_clock_that_is_set_ahead_makes_nothing_old(ahead: int) -> None:
    clock = seen(*nightly(0, 20), 20 + ahead)
    assert clock.cutoff(KEEP) is None
    assert seen(*nightly(0, 40), 40 + ahead).cutoff(KEEP) == day(10)


def test_back_to_the_right_time_nothing_is_old_before_its_days_are_over() -> None:
    """What is trashed on day 21, after a night of 2035, is old on day 51 and not before."""
    before = [*nightly(0, 20), 3500, 3500.2]
    assert (seen(*before, *nightly(21, 49)).cutoff(KEEP) or 0) <= day(21)
    assert seen(*before, *nightly(21, 52)).cutoff(KEEP) == day(22)


def test_a_clock_that_was_set_back_for_a_month_does_not_make_it_a_month_older() -> None:
    """A Pi thinks that it is April; what is trashed then would be a month old in May."""
    april = [number / 24 - 31 for number in range(24)]
    clock = seen(*april, *nightly(0, 28))
    assert clock.cutoff(KEEP) is None
    assert seen(*april, *nightly(0, 30)).cutoff(KEEP) is not None


def test_a_time_in_which_it_did_not_run_makes_nothing_older() -> None:
    assert seen(*nightly(0, 10), 60).cutoff(KEEP) is None
    assert seen(*nightly(0, 10), *nightly(60, 82)).cutoff(KEEP) == day(2)


def test_a_clock_that_was_never_set_is_not_looked_at() -> None:
    assert Clock().see(1000) == Clock()


async def test_it_is_kept_over_restarts_and_seldom_written(database) -> None:
    await look_at_clock(database, DAY0)
    await look_at_clock(database, DAY0 + HOUR_MS)
    assert (await known_clock(database)).counted == 0, "an hour is not worth a write"
    await look_at_clock(database, DAY0 + 7 * HOUR_MS)
    assert (await known_clock(database)).counted == 7 * HOUR_MS
    for number in nightly(1, 31):
        clock = await look_at_clock(database, day(number))
    assert clock.cutoff(KEEP) == day(1)
