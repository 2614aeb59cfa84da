"""The time zone at a place, offline: which offset from UTC the clocks there showed (SPEC 6.3).

Boundaries come with tzfpy (OpenStreetMap data), the rules with zoneinfo. Both are loaded at the
first question: they take memory that a library without positions never needs.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from datetime import datetime

    from photostore.media.facts import Position


def zone_name(position: Position) -> str | None:
    """Return the name of the zone at a place (`Europe/Oslo`), None on the open sea."""
    name: str = _finder().get_tz(position.lon, position.lat)
    return name if name and not name.startswith("Etc/") else None


def offset_at(position: Position, local: datetime) -> int | None:
    """Return minutes east of UTC when clocks at a place showed `local` (naive).

    Of the two answers in the hour that is repeated each autumn, the earlier one.
    """
    zone = _zone(zone_name(position))
    difference = local.replace(tzinfo=zone).utcoffset() if zone else None
    return None if difference is None else round(difference / timedelta(minutes=1))


def offset_at_utc(position: Position, utc: datetime) -> int | None:
    """Return minutes east of UTC at a place at an instant that is given as naive UTC."""
    zone = _zone(zone_name(position))
    if zone is None:
        return None
    try:
        difference = utc.replace(tzinfo=UTC).astimezone(zone).utcoffset()
    except OverflowError:
        return None
    return None if difference is None else round(difference / timedelta(minutes=1))


@lru_cache(maxsize=1)
def _finder() -> Any:
    return import_module("tzfpy")


@lru_cache(maxsize=256)
def _zone(name: str | None) -> ZoneInfo | None:
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
