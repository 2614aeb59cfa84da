"""Terms of the filters about an asset itself: a value becomes a condition on `asset`.

Values are always bound. What many assets share is found through `tag`, which is small, and
`asset_tag`, which is sorted by it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from photostore.store.folding import fold
from photostore.store.labels import KIND_OF_ROOT, Kind, key_of
from photostore.store.search import values as v
from photostore.store.search.naming import tagged
from photostore.store.search.terms import (
    IN_ALBUMS,
    WITH_FACES,
    ColumnTest,
    Everything,
    Negated,
    Opaque,
    TagsAmong,
    Words,
)
from photostore.store.search.texts import phrase_of
from photostore.store.search.view import Shelf

if TYPE_CHECKING:
    from photostore.store.search.binding import Binding
    from photostore.store.search.syntax import Value
    from photostore.store.search.terms import Term

# Aspect bytes: within 4 % of square, and twice as wide as high (see labels.PANORAMA_RATIO).
SQUARE_LOW, SQUARE_HIGH = 126, 130
MOST_STARS = 5
TYPES = ("photo", "video", "raw", "live", "animated", "panorama")
PATH_PART = re.compile(r"((?:[^/\\]|\\.)+)")


def person(binding: Binding, value: Value) -> Term:
    """Somebody by name."""
    return tagged(binding, value, Kind.PERSON, "level > 0")


def keyword(binding: Binding, value: Value) -> Term:
    """A keyword on any level."""
    return tagged(binding, value, Kind.KEYWORD, "level > 0")


def tag(binding: Binding, value: Value) -> Term:
    """A tag by its path; the root may be in any case, folders below it as they are."""
    names = [
        re.sub(r"\\(.)", r"\1", part) for part in PATH_PART.findall(value.text) if part.strip()
    ]
    if not names or fold(names[0]) not in KIND_OF_ROOT:
        roots = ", ".join(kind.title() for kind in KIND_OF_ROOT)
        named = [f"{kind.title()}" for kind in KIND_OF_ROOT]
        raise v.wrong(value, "tag", f"its path begins with one of {roots}", named)
    key = binding.bind(key_of(names))
    return TagsAmong(f"SELECT id FROM tag WHERE owner_id = :owner AND key = {key}")


def type_(binding: Binding, value: Value) -> Term:
    """Photo and video by a constant, so that the index of videos is used; the rest by tags."""
    kind = value.text.lower()
    if kind in {"photo", "image", "video"}:
        return ColumnTest("is_video", f"value = {int(kind == 'video')}")
    if kind not in {"raw", "live", "animated", "panorama"}:
        allowed = "use photo, video, raw, live, animated or panorama"
        raise v.wrong(value, "type", allowed, TYPES)
    return _type_tag(binding, kind)


def _type_tag(binding: Binding, kind: str) -> Term:
    key = binding.bind(f"type/{kind}")
    return TagsAmong(f"SELECT id FROM tag WHERE owner_id = :owner AND key = {key}")


def _shape(value: Value, name: str, low: int, high: int) -> Term:
    negated = "" if v.want_flag(value, name) else "NOT "
    return ColumnTest("ratio", f"value {negated}BETWEEN {low} AND {high}")


def portrait(binding: Binding, value: Value) -> Term:
    """Higher than wide."""
    return _shape(value, "portrait", 0, SQUARE_LOW - 1)


def landscape(binding: Binding, value: Value) -> Term:
    """Wider than high."""
    return _shape(value, "landscape", SQUARE_HIGH + 1, 255)


def square(binding: Binding, value: Value) -> Term:
    """As wide as high, more or less."""
    return _shape(value, "square", SQUARE_LOW, SQUARE_HIGH)


def panorama(binding: Binding, value: Value) -> Term:
    """By its tag."""
    term = _type_tag(binding, "panorama")
    return term if v.want_flag(value, "panorama") else Negated(term)


def faces(binding: Binding, value: Value) -> Term:
    """How many; a single number is the least."""
    if value.text.lower() in {"yes", "no"}:
        return WITH_FACES if v.want_flag(value, "faces") else Negated(WITH_FACES)
    found = v.read_whole(value, "faces", "2")
    low = binding.bind(int(found.low or 0))
    exact = "-" not in value.text or found.high is None
    high = "" if exact else f" AND count(*) <= {binding.bind(int(found.high or 0))}"
    if not found.low:
        more = f"HAVING count(*) > {binding.bind(int(found.high or 0))}"
        return Everything() if found.high is None else Negated(_with_faces(more))
    return _with_faces(f"HAVING count(*) >= {low}{high}")


def _with_faces(having: str) -> Term:
    return Opaque(f"{WITH_FACES.ids} GROUP BY asset_id {having}")


def title(binding: Binding, value: Value) -> Term:
    """Words of the title."""
    return _in_column(binding, value, "title")


def description(binding: Binding, value: Value) -> Term:
    """Words of the description."""
    return _in_column(binding, value, "description")


def _in_column(binding: Binding, value: Value, column: str) -> Term:
    flag = v.read_flag(value)
    if flag is not None:
        return ColumnTest(column, f"value IS {'NOT ' if flag else ''}NULL")
    return Words(binding.bind(phrase_of(value, column)))


def color(binding: Binding, value: Value) -> Term:
    """Nothing yet."""
    raise v.wrong(value, "color", "photostore does not analyse the colours of pictures yet")


def album(binding: Binding, value: Value) -> Term:
    """An album by its id or name; yes and no: in any at all."""
    flag = v.read_flag(value)
    if flag is not None:
        return IN_ALBUMS if flag else Negated(IN_ALBUMS)
    if not value.text.strip():
        raise v.wrong(value, "album", "give an album's name or id")
    name = binding.bind(value.text)
    pattern = binding.bind(v.like_pattern(value.text.strip()))
    return replace(
        IN_ALBUMS,
        condition="album_id IN (SELECT id FROM album WHERE owner_id = :owner "
        f"AND (public_id = {name} OR name LIKE {pattern} ESCAPE '\\'))",
    )


def favourite(binding: Binding, value: Value) -> Term:
    """By a constant, so that the index of favourites is used."""
    return ColumnTest("favourite", f"value = {int(v.want_flag(value, 'favourite'))}")


def rating(binding: Binding, value: Value) -> Term:
    """Stars."""
    if value.text.lower() in {"yes", "no"}:
        return ColumnTest(
            "rating", f"value IS {'NOT ' if v.want_flag(value, 'rating') else ''}NULL"
        )
    if value.text == "-1":
        return ColumnTest("rating", "value IS -1")
    found = v.read_whole(value, "rating", "4-5")
    low = 1 if found.low is None else found.low
    high = MOST_STARS if found.high is None else found.high
    if max(low, high) > MOST_STARS:
        raise v.wrong(value, "rating", "stars go from 1 to 5, -1 is rejected, no means none")
    if low == 0:
        return ColumnTest("rating", f"coalesce(value, 0) BETWEEN 0 AND {binding.bind(high)}")
    # Never null, so that what has no stars is not what was asked for, and is what is left.
    stars = f"value BETWEEN {binding.bind(low)} AND {binding.bind(high)}"
    return ColumnTest("rating", f"(value IS NOT NULL AND {stars})")


def in_(binding: Binding, value: Value) -> Term:
    """Was taken up before anything else (see `compilation`)."""
    return Everything()


def read_shelf(value: Value) -> Shelf:
    """The shelf that a value names."""
    try:
        return Shelf(value.text.lower())
    except ValueError as error:
        allowed = "use hidden, trash, missing, removed or timeline"
        raise v.wrong(value, "in", allowed, list(Shelf)) from error


def public_id(binding: Binding, value: Value) -> Term:
    """One asset."""
    return Opaque(f"SELECT id FROM asset WHERE public_id = {binding.bind(value.text)}")
