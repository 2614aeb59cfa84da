"""Terms of the filters that ask where. No position leaves the machine (SPEC 7.4)."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from photostore.store.labels import Kind
from photostore.store.places import KM_PER_DEGREE, find_named, names_like
from photostore.store.search import values as v
from photostore.store.search.naming import tagged
from photostore.store.search.terms import POSITIONED, Negated, TagsAmong, any_of

if TYPE_CHECKING:
    from photostore.store.search.binding import Binding
    from photostore.store.search.syntax import Value
    from photostore.store.search.terms import Term

MAX_KM = 20_000.0


def country(binding: Binding, value: Value) -> Term:
    """By name or by its code of two letters."""
    text = value.text
    if len(text) == 2 and text.isascii() and text.isalpha() and v.read_flag(value) is None:
        code = binding.bind(text.upper())
        return TagsAmong(
            "SELECT id FROM tag WHERE owner_id = :owner AND kind = 'where' AND level = 1 "
            f"AND code = {code}"
        )
    return tagged(binding, value, Kind.WHERE, "level = 1")


def state(binding: Binding, value: Value) -> Term:
    """What is between country and city."""
    return tagged(binding, value, Kind.WHERE, "level = 2")


def city(binding: Binding, value: Value) -> Term:
    """The narrowest of a place; a few countries have no states."""
    leaf = "level >= 2 AND NOT EXISTS (SELECT 1 FROM tag AS below WHERE below.parent_id = tag.id)"
    return tagged(binding, value, Kind.WHERE, leaf)


def near(binding: Binding, value: Value) -> Term:
    """Around a position or a named place: `Binding.dist_km` to each side."""
    point = v.read_point(value.text)
    if point is None:
        place = find_named(value.text) if value.text else None
        if place is None:
            allowed = "give a position or a place, such as near:52.5,13.4 or near:lisbon"
            raise v.wrong(value, "near", allowed, names_like(value.text))
        point = place.lat, place.lon
    lat, lon = point
    rise = binding.dist_km / KM_PER_DEGREE
    shrink = max(0.01, math.cos(math.radians(lat)))
    parts: list[Term] = []
    centres = [lon]
    if abs(lon) + rise / shrink > 180:
        # Once more around the world: the circle crosses the date line.
        centres.append(lon - 360 if lon > 0 else lon + 360)
    for centre in centres:
        names = {
            "south": lat - rise, "north": lat + rise, "lat": lat, "lon": centre,
            "west": centre - rise / shrink, "east": centre + rise / shrink,
            "shrink": shrink * shrink, "reach": rise * rise,
        }  # fmt: skip
        b = {name: binding.bind(number) for name, number in names.items()}
        # On a plane that touches the globe there: 1 % off at 500 km, exact for a walk.
        is_near = (
            f"lat_max >= {b['south']} "
            f"AND lat_min <= {b['north']} AND lon_max >= {b['west']} AND lon_min <= {b['east']} "
            f"AND (lat_min - {b['lat']}) * (lat_min - {b['lat']}) + (lon_min - {b['lon']}) * "
            f"(lon_min - {b['lon']}) * {b['shrink']} <= {b['reach']}"
        )
        parts.append(replace(POSITIONED, condition=is_near))
    return any_of(tuple(parts))


def dist(binding: Binding, value: Value) -> Term:
    """Was taken up before what stands beside it (see `compilation`); alone it says nothing."""
    raise v.wrong(value, "dist", "it says how far from near:, such as near:lisbon dist:10")


def read_dist(value: Value) -> float:
    """Kilometres."""
    found = v.read_range(value, "dist", "10")
    if found.low is None or found.low != found.high or not 0 < found.low <= MAX_KM:
        raise v.wrong(value, "dist", "give kilometres, such as dist:10")
    return found.low


def geo(binding: Binding, value: Value) -> Term:
    """Whether it has a position."""
    return POSITIONED if v.want_flag(value, "geo") else Negated(POSITIONED)
