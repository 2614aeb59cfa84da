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


async def call_nightly(moment: time, zone_name: str, call: Callable[[], None]) -> None:
    """Call once a day when the clock in a zone (that of the system if "") shows `moment`."""
    zone = ZoneInfo(zone_name) if zone_name else None
    due = next_time(moment, datetime.now(zone).astimezone(zone))
    while True:
        now = datetime.now(zone).astimezone(zone)
        if now >= due:
            call()
            due = next_time(moment, now)
        left_s = due.timestamp() - now.timestamp()
        await asyncio.sleep(min(max(left_s, 1.0), CLOCK_CHECK_S))


def next_time(moment: time, now: datetime) -> datetime:
    """The next time after `now` at which the clock in its zone shows `moment`."""
    due = now.replace(hour=moment.hour, minute=moment.minute, second=moment.second, microsecond=0)
    return due if due > now else due + timedelta(days=1)
