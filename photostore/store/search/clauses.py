"""The clause of each filter, one function each: a value becomes SQL over `asset`.

Values are always bound. What many assets share is found through `tag`, which is small, and
`asset_tag`, which is sorted by it.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from photostore.store.derivation import UNDATED_MS
from photostore.store.folding import fold
from photostore.store.labels import KIND_OF_ROOT, Kind, key_of
from photostore.store.places import KM_PER_DEGREE, find_named
from photostore.store.search import values as v
from photostore.store.search.texts import phrase_of
from photostore.store.search.view import Shelf

if TYPE_CHECKING:
    from collections.abc import Iterable

    from photostore.store.search.binding import Binding
    from photostore.store.search.syntax import Value
    from photostore.store.search.values import Range, Span

# Aspect bytes: within 4 % of square, and twice as wide as high (see labels.PANORAMA_RATIO).
SQUARE_LOW, SQUARE_HIGH = 126, 130
MAX_KM = 20_000.0
PATH_PART = re.compile(r"((?:[^/\\]|\\.)+)")
# A run of letters and digits whose beginning is not open.
TOKEN = re.compile(r"(?<![^\W_])(?<!\*)([^\W_]+)(\*?)")


def among(ids: str) -> str:
    """The assets whose ids a subquery gives."""
    return f"asset.id IN ({ids})"


def with_tags(tags: str) -> str:
    """The assets that have one of the tags that a subquery gives, or one below it."""
    return among(
        "SELECT asset_id FROM asset_tag WHERE tag_id IN "
        f"(SELECT tag_id FROM tag_line WHERE ancestor_id IN ({tags}))"
    )


def _tagged(binding: Binding, value: Value, kind: Kind, where: str, name: str = "fold") -> str:
    """Assets with a tag of a kind whose `name` (an expression) is meant by a value."""
    flag = v.read_flag(value)
    if flag is not None and kind is not Kind.TYPE:
        root = f"SELECT id FROM tag WHERE owner_id = :owner AND kind = '{kind}' AND level = 0"
        return with_tags(root) if flag else f"NOT {with_tags(root)}"
    if not fold(value.text):
        raise v.wrong(value, kind, "give a name, the beginning of one, or yes or no")
    likes = " OR ".join(
        f"{name} LIKE {binding.bind(pattern)} ESCAPE '\\'" for pattern in v.name_patterns(value)
    )
    return with_tags(
        f"SELECT id FROM tag WHERE owner_id = :owner AND kind = '{kind}' AND {where} AND ({likes})"
    )


def _taken_within(binding: Binding, spans: Iterable[Span]) -> str:
    return " OR ".join(
        f"asset.captured_ms >= {binding.bind(span.start)} "
        f"AND asset.captured_ms < {binding.bind(span.end)}"
        for span in spans
    )


def year(binding: Binding, value: Value) -> str:
    """A year, or years from one to another."""
    parts = value.text.split("-")
    if len(parts) > 2 or not all(part.isascii() and len(part) == 4 for part in parts):
        raise v.wrong(value, "year", "give a year or a range, such as year:2019, year:2015-2018")
    spans = [v.read_span(_part(value, part), "year") for part in parts]
    low, high = min(span.start for span in spans), max(span.end for span in spans)
    return f"({_taken_within(binding, [v.Span(low, high)])})"


def _part(value: Value, text: str) -> Value:
    return type(value)(text, False, value.start, value.end)


def month(binding: Binding, value: Value) -> str:
    """A month as a number, or months from one to another."""
    found = v.read_range(value, "month", "7")
    low, high = int(found.low or 1), int(found.high or 12)
    if not 1 <= low <= high <= 12:
        raise v.wrong(value, "month", "give a number from 1 to 12, or a range such as month:6-8")
    names = (binding.bind(f"{number:02}") for number in range(low, high + 1))
    return with_tags(
        "SELECT id FROM tag WHERE owner_id = :owner AND kind = 'when' AND level = 2 "
        f"AND fold IN ({', '.join(names)})"
    )


def taken(binding: Binding, value: Value) -> str:
    """Within a year, month or day."""
    return f"({_taken_within(binding, [v.read_span(value, 'taken')])})"


def before(binding: Binding, value: Value) -> str:
    """Before it begins; what has no date is neither before nor after."""
    start = binding.bind(v.read_span(value, "before").start)
    return f"(asset.captured_ms < {start} AND asset.captured_ms > {UNDATED_MS})"


def after(binding: Binding, value: Value) -> str:
    """From its beginning on."""
    return f"asset.captured_ms >= {binding.bind(v.read_span(value, 'after').start)}"


def on_this_day(binding: Binding, value: Value) -> str:
    """That day of each year: a range of the timeline's index each."""
    spans = v.read_day_of_year(value, "onthisday")
    starts = binding.bind("[" + ",".join(str(span.start) for span in spans) + "]")
    return among(
        f"SELECT day.id FROM json_each({starts}) AS begun CROSS JOIN asset AS day "
        f"WHERE day.owner_id = :owner AND day.shelf = '{binding.shelf}' "
        "AND day.captured_ms >= begun.value AND day.captured_ms < begun.value + 86400000"
    )


def undated(binding: Binding, value: Value) -> str:
    """Whether nothing tells when."""
    sign = "=" if _flag(value, "undated") else "<>"
    return f"asset.captured_ms {sign} {UNDATED_MS}"


def added(binding: Binding, value: Value) -> str:
    """When it came to the library, in UTC."""
    span = v.read_span(value, "added")
    return (
        f"(asset.added_at >= {binding.bind(span.start)} "
        f"AND asset.added_at < {binding.bind(span.end)})"
    )


def _flag(value: Value, name: str) -> bool:
    flag = v.read_flag(value)
    if flag is None:
        raise v.wrong(value, name, f"use {name}:yes or {name}:no")
    return flag


def country(binding: Binding, value: Value) -> str:
    """By name or by its code of two letters."""
    text = value.text
    if len(text) == 2 and text.isascii() and text.isalpha() and v.read_flag(value) is None:
        code = binding.bind(text.upper())
        return with_tags(
            "SELECT id FROM tag WHERE owner_id = :owner AND kind = 'where' AND level = 1 "
            f"AND code = {code}"
        )
    return _tagged(binding, value, Kind.WHERE, "level = 1")


def state(binding: Binding, value: Value) -> str:
    """What is between country and city."""
    return _tagged(binding, value, Kind.WHERE, "level = 2")


def city(binding: Binding, value: Value) -> str:
    """The narrowest of a place; a few countries have no states."""
    leaf = "level >= 2 AND NOT EXISTS (SELECT 1 FROM tag AS below WHERE below.parent_id = tag.id)"
    return _tagged(binding, value, Kind.WHERE, leaf)


def near(binding: Binding, value: Value) -> str:
    """Around a position or a named place: `Binding.dist_km` to each side."""
    point = v.read_point(value.text)
    if point is None:
        place = find_named(value.text) if value.text else None
        if place is None:
            allowed = "give a position or a place, such as near:52.5,13.4 or near:lisbon"
            raise v.wrong(value, "near", allowed)
        point = place.lat, place.lon
    lat, lon = point
    rise = binding.dist_km / KM_PER_DEGREE
    shrink = max(0.01, math.cos(math.radians(lat)))
    parts = []
    # Once more around the world: the circle may cross the date line.
    for centre in {lon, lon - 360 if lon > 0 else lon + 360}:
        names = {
            "south": lat - rise, "north": lat + rise, "lat": lat, "lon": centre,
            "west": centre - rise / shrink, "east": centre + rise / shrink,
            "shrink": shrink * shrink, "reach": rise * rise,
        }  # fmt: skip
        b = {name: binding.bind(number) for name, number in names.items()}
        # On a plane that touches the globe there: 1 % off at 500 km, exact for a walk.
        parts.append(
            f"SELECT id FROM asset_position WHERE lat_max >= {b['south']} "
            f"AND lat_min <= {b['north']} AND lon_max >= {b['west']} AND lon_min <= {b['east']} "
            f"AND (lat_min - {b['lat']}) * (lat_min - {b['lat']}) + (lon_min - {b['lon']}) * "
            f"(lon_min - {b['lon']}) * {b['shrink']} <= {b['reach']}"
        )
    return among(" UNION ALL ".join(parts))


def dist(binding: Binding, value: Value) -> str:
    """Was taken up before anything else (see `compilation`); alone it says nothing."""
    return "1"


def read_dist(value: Value) -> float:
    """Kilometres."""
    found = v.read_range(value, "dist", "10")
    if found.low is None or found.low != found.high or not 0 < found.low <= MAX_KM:
        raise v.wrong(value, "dist", "give kilometres, such as dist:10")
    return found.low


def geo(binding: Binding, value: Value) -> str:
    """Whether it has a position."""
    clause = among("SELECT id FROM asset_position")
    return clause if _flag(value, "geo") else f"NOT {clause}"


def camera(binding: Binding, value: Value) -> str:
    """Maker and model as one text."""
    return _tagged(binding, value, Kind.CAMERA, "level > 0", "replace(substr(key, 8), '/', ' ')")


def make(binding: Binding, value: Value) -> str:
    """Maker."""
    return _tagged(binding, value, Kind.CAMERA, "level = 1")


def model(binding: Binding, value: Value) -> str:
    """Model; one without a maker stands where makers do."""
    return _tagged(binding, value, Kind.CAMERA, "level > 0")


def lens(binding: Binding, value: Value) -> str:
    """Lens."""
    return _tagged(binding, value, Kind.LENS, "level > 0")


def person(binding: Binding, value: Value) -> str:
    """Somebody by name."""
    return _tagged(binding, value, Kind.PERSON, "level > 0")


def keyword(binding: Binding, value: Value) -> str:
    """A keyword on any level."""
    return _tagged(binding, value, Kind.KEYWORD, "level > 0")


def folder(binding: Binding, value: Value) -> str:
    """A folder's own name."""
    return _tagged(binding, value, Kind.FOLDER, "level > 0")


def path(binding: Binding, value: Value) -> str:
    """Some folders one below the other, anywhere in the tree."""
    text = value.text.replace("\\", "/").strip("/")
    if not text:
        raise v.wrong(value, "path", "give folders, such as path:2020/Holiday")
    pattern = binding.bind("%/" + v.like_pattern(text))
    return with_tags(
        "SELECT id FROM tag WHERE owner_id = :owner AND kind = 'folder' AND level > 0 "
        f"AND key LIKE {pattern} ESCAPE '\\'"
    )


def tag(binding: Binding, value: Value) -> str:
    """A tag by its path; the root may be in any case, folders below it as they are."""
    names = [
        re.sub(r"\\(.)", r"\1", part) for part in PATH_PART.findall(value.text) if part.strip()
    ]
    if not names or fold(names[0]) not in KIND_OF_ROOT:
        roots = ", ".join(kind.title() for kind in KIND_OF_ROOT)
        raise v.wrong(value, "tag", f"its path begins with one of {roots}")
    key = binding.bind(key_of(names))
    return with_tags(f"SELECT id FROM tag WHERE owner_id = :owner AND key = {key}")


def type_(binding: Binding, value: Value) -> str:
    """Photo and video by a constant, so that the index of videos is used; the rest by tags."""
    kind = value.text.lower()
    if kind in {"photo", "image", "video"}:
        return f"asset.is_video = {int(kind == 'video')}"
    if kind not in {"raw", "live", "animated", "panorama"}:
        raise v.wrong(value, "type", "use photo, video, raw, live, animated or panorama")
    return _type_tag(binding, kind)


def _type_tag(binding: Binding, kind: str) -> str:
    key = binding.bind(f"type/{kind}")
    return with_tags(f"SELECT id FROM tag WHERE owner_id = :owner AND key = {key}")


def _shape(value: Value, name: str, low: int, high: int) -> str:
    negated = "" if _flag(value, name) else "NOT "
    return f"asset.ratio {negated}BETWEEN {low} AND {high}"


def portrait(binding: Binding, value: Value) -> str:
    """Higher than wide."""
    return _shape(value, "portrait", 0, SQUARE_LOW - 1)


def landscape(binding: Binding, value: Value) -> str:
    """Wider than high."""
    return _shape(value, "landscape", SQUARE_HIGH + 1, 255)


def square(binding: Binding, value: Value) -> str:
    """As wide as high, more or less."""
    return _shape(value, "square", SQUARE_LOW, SQUARE_HIGH)


def panorama(binding: Binding, value: Value) -> str:
    """By its tag."""
    clause = _type_tag(binding, "panorama")
    return clause if _flag(value, "panorama") else f"NOT {clause}"


def _numbers(binding: Binding, column: str, found: Range, slack: float = 0.0) -> str:
    """Of one of the files that are there; found in the covering index file_asset."""
    bounds = []
    if found.low is not None:
        bounds.append(f"{column} >= {binding.bind(found.low - slack)}")
    if found.high is not None:
        bounds.append(f"{column} <= {binding.bind(found.high + slack)}")
    return among(f"SELECT asset_id FROM file WHERE gone_at IS NULL AND {' AND '.join(bounds)}")


def iso(binding: Binding, value: Value) -> str:
    """Sensitivity."""
    return _numbers(binding, "iso", v.read_range(value, "iso", "200-400"))


def aperture(binding: Binding, value: Value) -> str:
    """The f-number, as it is rounded on lenses."""
    return _numbers(binding, "f_number", v.read_range(value, "f", "1.4-2.8"), 0.05)


def focal_length(binding: Binding, value: Value) -> str:
    """In millimetres, as rounded."""
    return _numbers(binding, "focal_mm", v.read_range(value, "mm", "28-35"), 0.5)


def megapixels(binding: Binding, value: Value) -> str:
    """Pixels in millions, as rounded."""
    found = v.read_range(value, "mp", "3-6")
    return _numbers(binding, "width * height / 1000000.0", found, 0.5)


def faces(binding: Binding, value: Value) -> str:
    """How many; a single number is the least."""
    clause = among("SELECT asset_id FROM face")
    if value.text.lower() in {"yes", "no"}:
        return clause if _flag(value, "faces") else f"NOT {clause}"
    found = v.read_range(value, "faces", "2")
    low = binding.bind(int(found.low or 0))
    exact = "-" not in value.text or found.high is None
    high = "" if exact else f" AND count(*) <= {binding.bind(int(found.high or 0))}"
    if not found.low:
        more = f"HAVING count(*) > {binding.bind(int(found.high or 0))}"
        return "1" if found.high is None else f"NOT {_with_faces(more)}"
    return _with_faces(f"HAVING count(*) >= {low}{high}")


def _with_faces(having: str) -> str:
    return among(f"SELECT asset_id FROM face GROUP BY asset_id {having}")


def title(binding: Binding, value: Value) -> str:
    """Words of the title."""
    return _in_column(binding, value, "title")


def description(binding: Binding, value: Value) -> str:
    """Words of the description."""
    return _in_column(binding, value, "description")


def _in_column(binding: Binding, value: Value, column: str) -> str:
    flag = v.read_flag(value)
    if flag is not None:
        return f"asset.{column} IS {'NOT ' if flag else ''}NULL"
    return _matching(binding, phrase_of(value, column))


def _matching(binding: Binding, phrase: str) -> str:
    name = binding.bind(phrase)
    return among(f"SELECT rowid FROM asset_text WHERE asset_text MATCH {name}")


def color(binding: Binding, value: Value) -> str:
    """Nothing yet."""
    raise v.wrong(value, "color", "photostore does not analyse the colours of pictures yet")


def album(binding: Binding, value: Value) -> str:
    """An album by its id or name; yes and no: in any at all."""
    flag = v.read_flag(value)
    if flag is not None:
        clause = among("SELECT asset_id FROM album_asset")
        return clause if flag else f"NOT {clause}"
    if not value.text.strip():
        raise v.wrong(value, "album", "give an album's name or id")
    name = binding.bind(value.text)
    pattern = binding.bind(v.like_pattern(value.text.strip()))
    return among(
        "SELECT asset_id FROM album_asset WHERE album_id IN (SELECT id FROM album "
        f"WHERE owner_id = :owner AND (public_id = {name} OR name LIKE {pattern} ESCAPE '\\'))"
    )


def favourite(binding: Binding, value: Value) -> str:
    """By a constant, so that the index of favourites is used."""
    return f"asset.favourite = {int(_flag(value, 'favourite'))}"


def rating(binding: Binding, value: Value) -> str:
    """Stars."""
    if value.text.lower() in {"yes", "no"}:
        return f"asset.rating IS {'NOT ' if _flag(value, 'rating') else ''}NULL"
    if value.text == "-1":
        return "asset.rating = -1"
    found = v.read_range(value, "rating", "4-5")
    if found.low == 0 == found.high:
        return "coalesce(asset.rating, 0) = 0"
    low = 1 if found.low is None else found.low
    high = 5 if found.high is None else found.high
    return f"asset.rating BETWEEN {binding.bind(low)} AND {binding.bind(high)}"


def in_(binding: Binding, value: Value) -> str:
    """Was taken up before anything else (see `compilation`)."""
    return "1"


def read_shelf(value: Value) -> Shelf:
    """The shelf that a value names."""
    try:
        return Shelf(value.text.lower())
    except ValueError as error:
        raise v.wrong(value, "in", "use hidden, trash, missing, removed or timeline") from error


def public_id(binding: Binding, value: Value) -> str:
    """One asset."""
    return among(f"SELECT id FROM asset WHERE public_id = {binding.bind(value.text)}")


def filename(binding: Binding, value: Value) -> str:
    """The name of one of the files: whole in quotes, else its beginning, or a pattern."""
    text = value.text
    if not any(letter.isalnum() for letter in text):
        raise v.wrong(value, "filename", "give a name or a part of it, such as filename:IMG_00*")
    pattern = v.like_pattern(text) + ("" if value.quoted or "*" in text else "%")
    return _with_file(binding, _name_tokens(text, whole=value.quoted), pattern)


def _name_tokens(text: str, *, whole: bool) -> list[str]:
    """Words of a name that the index has; those whose beginning is open cannot be looked up."""
    spelled = text if whole or "*" in text else text + "*"
    return [f'"{token}"{star}' for token, star in TOKEN.findall(spelled)]


def _with_file(binding: Binding, tokens: list[str], pattern: str) -> str:
    """Assets by words of their names first, and then by the names themselves."""
    named = (
        "EXISTS (SELECT 1 FROM file WHERE file.asset_id = asset.id "
        f"AND CAST(file.name AS TEXT) LIKE {binding.bind(pattern)} ESCAPE '\\')"
    )
    if not tokens:
        return named
    phrase = f"{{names}} : ({' AND '.join(tokens)})"
    return f"({_matching(binding, phrase)} AND {named})"


def extension(binding: Binding, value: Value) -> str:
    """The end of a file's name."""
    text = value.text.lower().lstrip(".")
    if not (text.isalnum() and text.isascii()):
        raise v.wrong(value, "ext", "give an extension, such as ext:jpg")
    return _with_file(binding, [f'"{text}"'], f"%.{text}")
