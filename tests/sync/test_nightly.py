"""The nightly scan, also when the clocks change: SPEC 5.5."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from photostore.sync.nightly import call_nightly, next_time

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (datetime(2024, 5, 1, 1, 0, tzinfo=BERLIN), 1),
        (datetime(2024, 5, 1, 2, 0, tzinfo=BERLIN), 24),
        (datetime(2024, 5, 1, 3, 0, tzinfo=BERLIN), 23),
        (datetime(2024, 3, 30, 4, 0, tzinfo=BERLIN), 22),  # 02:00 does not exist the next night
        (datetime(2024, 10, 26, 3, 0, tzinfo=BERLIN), 23),
        (datetime(2024, 10, 27, 3, 0, tzinfo=BERLIN), 23),  # after the long night
    ],
)
def test_the_hours_until_two_o_clock(now, hours):
    due = next_time(time(2), now)
    assert (due.timestamp() - now.timestamp()) / 3600 == hours


async def calls(monkeypatch, moment: time, moments: list[datetime]) -> list[datetime]:
    """When it calls, on a clock that shows these moments one after the other."""
    clock = iter(moments)
    shown: list[datetime] = []
    called: list[datetime] = []

    def read_clock(zone):
        found = next(clock, None)
        if found is None:
            raise asyncio.CancelledError
        shown.append(found.astimezone(zone))
        return shown[-1]

    async def no_sleep(_seconds):
        return None

    monkeypatch.setattr(asyncio, "sleep", no_sleep)
    with pytest.raises(asyncio.CancelledError):
        await call_nightly(moment, "Europe/Berlin", lambda: called.append(shown[-1]), read_clock)
    return called


@pytest.mark.parametrize("moment", [time(2), time(2, 30), time(3)])
@pytest.mark.parametrize(
    "first", [datetime(2024, 3, 28, 20, tzinfo=UTC), datetime(2024, 10, 24, 20, tzinfo=UTC)]
)
async def test_each_night_once_also_when_the_clocks_change(monkeypatch, moment, first):
    """Two thirty comes twice in October, and not at all in March."""
    every_ten_minutes = [first + timedelta(minutes=10 * step) for step in range(4 * 144)]
    found = await calls(monkeypatch, moment, every_ten_minutes)
    nights = [first.date() + timedelta(days=night + 1) for night in range(4)]
    assert [one.date() for one in found] == nights


async def test_a_clock_that_was_years_ahead_does_not_end_the_nights(monkeypatch):
    wrong = [datetime(2035, 1, 1, 12, tzinfo=UTC)] * 2
    right = [datetime(2024, 4, 30, 20, tzinfo=UTC) + timedelta(minutes=10 * n) for n in range(288)]
    found = await calls(monkeypatch, time(2), wrong + right)
    assert [one.date().isoformat() for one in found] == ["2024-05-01", "2024-05-02"]
