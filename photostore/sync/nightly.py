"""The time of the nightly scan (SPEC 5.5)."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import time

# Clocks may be set while a process sleeps: the time of day is looked at again after this.
CLOCK_CHECK_S = 600.0
# The longest night, when clocks are put back, and a bit.
LONGEST_S = 27 * 3600.0


async def call_nightly(
    moment: time,
    zone_name: str,
    call: Callable[[], None],
    read_clock: Callable[[ZoneInfo | None], datetime] = lambda zone: datetime.now(zone).astimezone(
        zone
    ),
) -> None:
    """Call once a day when the clock in a zone (that of the system if "") shows `moment`."""
    zone = ZoneInfo(zone_name) if zone_name else None
    due = next_time(moment, read_clock(zone))
    while True:
        now = read_clock(zone)
        if now >= due:
            call()
            due = next_time(moment, now)
        left_s = due.timestamp() - now.timestamp()
        if left_s > LONGEST_S:
            # The clock was set back: what was due in another year would not be for as long.
            due = next_time(moment, now)
        await asyncio.sleep(min(max(left_s, 1.0), CLOCK_CHECK_S))


def next_time(moment: time, now: datetime) -> datetime:
    """The next time after `now` at which the clock in its zone shows `moment`."""
    due = now.replace(hour=moment.hour, minute=moment.minute, second=moment.second, microsecond=0)
    return due if due > now else due + timedelta(days=1)
