"""The nightly scan, also when the clocks change: SPEC 5.5."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from photostore.sync.nightly import next_time

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
