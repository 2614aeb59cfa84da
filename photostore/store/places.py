"""Names of places, offline: which city a position belongs to, and where a named place lies.

The data is `places.bin` beside this module: GeoNames places of 1,000 people and more (CC BY 4.0,
geonames.org), made by `python -m tests.gazetteer`. It is read when first asked, into arrays of
5 MB, and no position ever leaves the machine (SPEC 7.4). Never touches the database.
"""

from __future__ import annotations

import json
import math
import threading
import zlib
from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from itertools import accumulate
from typing import TYPE_CHECKING

from photostore.store.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

REACH_KM = 25.0
KM_PER_DEGREE = 111.195
BANDS_PER_DEGREE = 4
UNITS_PER_DEGREE = 100_000
# A step of the population byte: 2 ** (byte / POPULATION_STEPS) people.
POPULATION_STEPS = 10
# Kilometres that a city of ten times the people may be farther away: the Eiffel Tower is in
# Paris, though the centre of a suburb is nearer.
PULL_KM = 1.2
LOADING = threading.Lock()


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A city or village; `state` is None where a country has none. Positions in degrees."""

    city: str
    state: str | None
    country: str
    country_code: str
    lat: float
    lon: float

    @property
    def names(self) -> tuple[str, ...]:
        """From the largest to the smallest: country, state, city."""
        return tuple(name for name in (self.country, self.state, self.city) if name)


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Parallel arrays over all places, sorted by band of latitude and then by longitude."""

    lats: array[int]
    lons: array[int]
    states: array[int]
    populations: bytes
    ends: array[int]
    names: bytes
    by_name: array[int]
    bands: array[int]
    state_names: tuple[tuple[str, str | None], ...]
    countries: dict[str, str]

    def place(self, index: int) -> NamedPlace:
        """The place with this index."""
        code, state = self.state_names[self.states[index]]
        return NamedPlace(
            self.name(index),
            state,
            self.countries.get(code, code),
            code,
            self.lats[index] / UNITS_PER_DEGREE,
            self.lons[index] / UNITS_PER_DEGREE,
        )

    def name(self, index: int) -> str:
        """Its name, as GeoNames spells it."""
        start = self.ends[index - 1] if index else 0
        return self.names[start : self.ends[index]].decode()

    def near(self, lat: float, lon: float) -> Iterator[int]:
        """Indexes of the places in a box around a position, the box REACH_KM to each side."""
        reach = REACH_KM / KM_PER_DEGREE
        width = min(180.0, reach / max(0.01, math.cos(math.radians(lat))))
        first, last = (
            max(0, min(len(self.bands) - 2, int((edge + 90) * BANDS_PER_DEGREE)))
            for edge in (lat - reach, lat + reach)
        )
        for band in range(first, last + 1):
            start, end = self.bands[band], self.bands[band + 1]
            # Once more around the world: a place may lie beyond the date line.
            for turn in (-360.0, 0.0, 360.0):
                west, east = lon - width + turn, lon + width + turn
                if east < -180 or west > 180:
                    continue
                low = bisect_left(self.lons, int(west * UNITS_PER_DEGREE), start, end)
                yield from range(
                    low, bisect_right(self.lons, int(east * UNITS_PER_DEGREE), low, end)
                )


def distance_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """The way between two positions over the globe (haversine)."""
    rise = math.radians(other_lat - lat) / 2
    turn = math.radians(other_lon - lon) / 2
    part = math.sin(rise) ** 2 + math.sin(turn) ** 2 * (
        math.cos(math.radians(lat)) * math.cos(math.radians(other_lat))
    )
    return 2 * KM_PER_DEGREE * math.degrees(math.asin(min(1.0, math.sqrt(part))))


def find_place(lat: float | None, lon: float | None) -> NamedPlace | None:
    """The city that a position belongs to: at most REACH_KM away; None at sea and in deserts."""
    if lat is None or lon is None or not (-90 <= lat <= 90 and -180 <= lon <= 180):
        return None
    # Photos of one afternoon share the answer: 0.002 degrees are 200 m.
    return _find_near(round(lat * 500) / 500, round(lon * 500) / 500)


@lru_cache(maxsize=2_048)
def _find_near(lat: float, lon: float) -> NamedPlace | None:
    gazetteer = load_gazetteer()
    best, least = None, math.inf
    for index in gazetteer.near(lat, lon):
        way = distance_km(
            lat,
            lon,
            gazetteer.lats[index] / UNITS_PER_DEGREE,
            gazetteer.lons[index] / UNITS_PER_DEGREE,
        )
        people = 2 ** (gazetteer.populations[index] / POPULATION_STEPS)
        weight = way - PULL_KM * math.log10(max(100.0, people) / 100)
        if way <= REACH_KM and weight < least:
            best, least = index, weight
    return None if best is None else gazetteer.place(best)


def find_named(name: str) -> NamedPlace | None:
    """The largest place of this name, whatever its case and accents."""
    gazetteer, wanted = load_gazetteer(), fold(name)
    low = bisect_left(gazetteer.by_name, wanted, key=lambda index: fold(gazetteer.name(index)))
    high = bisect_right(
        gazetteer.by_name, wanted, low, key=lambda index: fold(gazetteer.name(index))
    )
    found = gazetteer.by_name[low:high]
    if not found:
        return None
    return gazetteer.place(max(found, key=lambda index: gazetteer.populations[index]))


def names_like(name: str, limit: int = 1_000) -> list[str]:
    """Names of places that begin with the same two letters: what was perhaps meant."""
    gazetteer, begin = load_gazetteer(), fold(name)[:2]
    if len(begin) < 2:
        return []

    def start_of(index: int) -> str:
        return fold(gazetteer.name(index))[:2]

    low = bisect_left(gazetteer.by_name, begin, key=start_of)
    high = bisect_right(gazetteer.by_name, begin, low, key=start_of)
    some = sorted(gazetteer.by_name[low:high], key=lambda index: -gazetteer.populations[index])
    return [gazetteer.name(index) for index in some[:limit]]


def load_gazetteer() -> Gazetteer:
    """The places, read once; 40 ms the first time."""
    with LOADING:
        return _read_gazetteer()


@cache
def _read_gazetteer() -> Gazetteer:
    packed = (resources.files("photostore.store") / "places.bin").read_bytes()
    return unpack(zlib.decompress(packed))


def unpack(data: bytes) -> Gazetteer:
    """Read what `tests.gazetteer` packed: a header's length, a JSON header, arrays one by one."""
    length = int.from_bytes(data[:4], "little")
    header = json.loads(data[4 : 4 + length])
    count, position = header["count"], 4 + length

    def take(kind: str, entries: int) -> array[int]:
        nonlocal position
        part: array[int] = array(kind)
        end = position + entries * part.itemsize
        part.frombytes(data[position:end])
        position = end
        return part

    lats, lons, states = take("i", count), take("i", count), take("H", count)
    by_name = take("I", count)
    populations, lengths = take("B", count).tobytes(), take("B", count)
    bands = _find_bands(lats)
    return Gazetteer(
        lats=lats,
        lons=lons,
        states=states,
        populations=populations,
        ends=array("I", accumulate(lengths)),
        names=data[position:],
        by_name=by_name,
        bands=bands,
        state_names=tuple((code, state) for code, state in header["states"]),
        countries=header["countries"],
    )


def band_of(lat_units: int) -> int:
    """The band of a latitude in units of 1e-5 degrees."""
    return int((lat_units / UNITS_PER_DEGREE + 90) * BANDS_PER_DEGREE)


def _find_bands(lats: array[int]) -> array[int]:
    """Where each band begins, and the end of the last one."""
    bands = range(180 * BANDS_PER_DEGREE + 1)
    starts = [bisect_left(lats, band, key=band_of) for band in bands]
    return array("I", [*starts, len(lats)])
