"""Where the family was, and when: places with their scenes, trips, and the days at home."""

# ruff: noqa: E501 - the tables read best one row a line

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random


@dataclass(frozen=True, slots=True)
class Place:
    """A place: degrees, metres, offset from UTC in winter, and summer time ("eu", "us", "")."""

    name: str
    country: str
    lat: float
    lon: float
    alt_m: float
    offset_min: int
    summer_time: str
    scenes: tuple[str, ...]
    months: tuple[int, ...]


HOME = Place("Freiburg", "Germany", 47.9959, 7.8522, 278, 60, "eu", (), ())
PLACES = (
    Place("Lofoten", "Norway", 68.1470, 13.7650, 12, 60, "eu", ("lake", "lake", "sea", "lake", "mountains", "silhouettes"), (6, 7, 8)),
    Place("Tromsø", "Norway", 69.6492, 18.9553, 40, 60, "eu", ("aurora", "aurora", "winter", "lake", "winter", "mountains"), (2, 3, 11)),
    Place("Lisbon", "Portugal", 38.7223, -9.1393, 30, 0, "eu", ("skyline", "sea", "beach", "street", "skyline", "sea", "food", "beach"), (4, 5, 9, 10)),
    Place("Kyoto", "Japan", 35.0116, 135.7681, 50, 540, "", ("blossom", "blossom", "woods", "lake", "street", "blossom", "food", "lake", "mountains"), (4,)),
    Place("Patagonia", "Argentina", -49.3315, -72.8863, 410, -180, "", ("mountains", "lake", "mountains", "lake", "silhouettes"), (1, 2, 12)),
    Place("Sahara", "Morocco", 31.0990, -4.0120, 710, 60, "", ("dunes", "dunes", "dunes", "desert", "silhouettes", "dunes"), (3, 10, 11)),
    Place("Yosemite", "United States", 37.7456, -119.5936, 1220, -480, "us", ("mountains", "lake", "mountains", "woods", "lake"), (6, 9, 10)),
    Place("Zermatt", "Switzerland", 46.0207, 7.7491, 1620, 60, "eu", ("winter", "mountains", "lake", "mountains", "mountains", "winter"), (1, 2, 7, 8)),
    Place("Iceland", "Iceland", 64.0784, -16.2306, 20, 0, "", ("lake", "mountains", "sea", "aurora", "beach", "lake"), (7, 8, 9)),
    Place("Santorini", "Greece", 36.4618, 25.3753, 150, 120, "eu", ("white_village", "white_village", "white_village", "white_village", "sea", "beach", "silhouettes"), (5, 6, 9)),
    Place("New York", "United States", 40.7061, -73.9969, 10, -300, "us", ("skyline", "skyline", "street", "skyline", "skyline", "food"), (4, 10, 12)),
    Place("Cappadocia", "Türkiye", 38.6431, 34.8289, 1100, 180, "", ("desert", "desert", "countryside", "desert"), (5, 9)),
    Place("Tuscany", "Italy", 43.0773, 11.6786, 480, 60, "eu", ("countryside", "countryside", "food", "flowers", "silhouettes", "countryside", "countryside"), (5, 6, 9)),
    Place("Brittany", "France", 48.6833, -3.9833, 8, 60, "eu", ("sea", "beach", "sea", "silhouettes", "beach"), (7, 8)),
    Place("Lake District", "United Kingdom", 54.4609, -3.0886, 160, 0, "eu", ("lake", "countryside", "lake", "woods", "countryside"), (5, 6, 10)),
    Place("Queenstown", "New Zealand", -45.0312, 168.6626, 330, 720, "", ("lake", "mountains", "lake", "sea", "leaves"), (3, 4)),
    Place("Hamburg", "Germany", 53.5436, 9.9880, 6, 60, "eu", ("skyline", "street", "sea", "skyline", "food"), (3, 5, 10)),
)  # fmt: skip

# The newest days of the library are the first thing that anybody sees of it: a varied trip.
LATEST = Place("Lofoten", "Norway", 68.1470, 13.7650, 12, 60, "eu", ("lake", "aurora", "lake", "silhouettes", "mountains", "lake", "beach", "aurora", "sea"), (9,))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """Days with a camera: where, from when, how long, what was seen, how much was taken."""

    name: str  # of the folder; empty for everyday pictures
    place: Place
    start: date
    days: int
    scenes: tuple[str, ...]
    weight: float
    trip: bool
    light: str = ""


_HOME_EVENTS = (
    # name, month, day, scenes, weight, light
    ("Snow", 1, 14, ("winter", "winter", "winter", "woods", "cats"), 1.2, ""),
    ("", 2, 8, ("cats", "food", "woods"), 0.6, ""),
    ("Spring", 4, 18, ("blossom", "flowers", "countryside"), 1.6, ""),
    ("Garden", 5, 23, ("flowers", "flowers", "flowers", "cats", "countryside"), 1.4, ""),
    ("Birthday", 6, 12, ("birthday", "birthday", "flowers"), 1.2, ""),
    ("By the lake", 8, 2, ("lake", "silhouettes", "countryside"), 1.0, ""),
    ("Autumn walk", 10, 21, ("leaves", "woods", "countryside", "leaves"), 1.6, ""),
    ("", 11, 16, ("woods", "cats", "street", "leaves"), 0.8, ""),
    ("Christmas", 12, 24, ("christmas", "christmas", "food"), 1.5, ""),
    ("New Year's Eve", 12, 31, ("fireworks", "fireworks"), 0.7, "night"),
)


def plan_events(rng: random.Random, first: int = 2005, last: int = 2025) -> list[Event]:
    """The family's calendar, in order of time."""
    events = []
    remaining: list[Place] = []
    for year in range(first, last + 1):
        busy = 1.0 + (year - first) * 0.05  # the newer the camera, the more pictures
        for _ in range(1 if rng.random() < 0.6 else 2):
            if not remaining:
                remaining = list(PLACES)
                rng.shuffle(remaining)
            place = remaining.pop()
            start = date(year, rng.choice(place.months), rng.randint(2, 20))
            events.append(
                Event(place.name, place, start, rng.randint(3, 10), place.scenes, 6.5 * busy, True)
            )
        for name, month, day, scenes, weight, light in _HOME_EVENTS:
            if rng.random() < 0.5:
                moved = day if month == 12 else max(1, day + rng.randint(-4, 5))
                start = date(year, month, moved)
                days = 1 if name in ("Birthday", "Christmas", "New Year's Eve") else 3
                events.append(Event(name, HOME, start, days, scenes, weight * busy, False, light))
    latest = date(last, 9, 24)
    events = [event for event in events if event.start < latest - timedelta(days=12)]
    events.append(Event(LATEST.name, LATEST, latest, 11, LATEST.scenes, 26.0, True))
    return sorted(events, key=lambda e: (e.start, e.name))


def offset_at(place: Place, day: date) -> int:
    """Minutes east of UTC at a place on a day, summer time included."""
    if place.summer_time == "eu":
        summer = _last_sunday(day.year, 3) <= day < _last_sunday(day.year, 10)
    elif place.summer_time == "us":
        summer = _sunday(day.year, 3, 2) <= day < _sunday(day.year, 11, 1)
    else:
        summer = False
    return place.offset_min + (60 if summer else 0)


def _sunday(year: int, month: int, which: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (which - 1))


def _last_sunday(year: int, month: int) -> date:
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)
