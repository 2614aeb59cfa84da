"""What photostore itself wrote into a sidecar: read back, and looked through.

A sidecar that photostore wrote holds, in a namespace of its own, what a person said (`edits`), what
was written for that into the properties that other programs read (`written`), and what stood there
before (`replaced`). Where a property still is as written, the file is taken to say what it said
before: a person's word is the library's, and must be able to be taken back. Where another program
has changed it since, that program has its say.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from photostore.media.facts import Captured, Position, Precision

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from photostore.media.facts import Facts
    from photostore.media.rdf import Packet

NAMESPACE: Final = "urn:photostore:xmp:1.0/"
EDITS: Final = f"{NAMESPACE} edits"
WRITTEN: Final = f"{NAMESPACE} written"
REPLACED: Final = f"{NAMESPACE} replaced"
MAX_WORDS: Final = 1_000
MAX_TEXT: Final = 20_000


def look_through(packet: Packet) -> Packet:
    """The packet as it was without photostore, as far as nobody else changed it since."""
    written = _object(packet.text(WRITTEN))
    if not written:
        return packet
    before = packet.properties[REPLACED].fields() if REPLACED in packet.properties else {}
    properties = dict(packet.properties)
    for name, texts in written.items():
        if list(packet.texts(name)) != texts:
            continue
        properties.pop(name, None)
        if name in before:
            properties[name] = before[name]
    return replace(packet, properties=properties)


def read_said(packet: Packet) -> Mapping[str, Any]:
    """What a person said, by the fields of the library; what cannot be is left out (SPEC 6.6)."""
    said = _object(packet.text(EDITS))
    return {
        field: value for field, value in said.items() if field in CHECKS and CHECKS[field](value)
    }


def _object(text: str | None) -> dict[str, Any]:
    try:
        value = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _is_text(value: Any) -> bool:
    return value is None or _is_words(value)


def _is_words(value: Any) -> bool:
    """Whether it is text that can be kept: JSON can also hold half a character."""
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT:
        return False
    return not any("\ud800" <= character <= "\udfff" for character in value)


def _is_rating(value: Any) -> bool:
    return value is None or (type(value) is int and -1 <= value <= 5)


def _is_flag(value: Any) -> bool:
    return type(value) is bool


def _is_rotation(value: Any) -> bool:
    return type(value) is int and value in (0, 90, 180, 270)


def _is_captured(value: Any) -> bool:
    if not isinstance(value, dict) or value.keys() != {"local", "precision", "offset_min"}:
        return False
    offset = value["offset_min"]
    if offset is not None and not (type(offset) is int and abs(offset) <= 15 * 60):
        return False
    if not isinstance(value["local"], str) or value["precision"] not in set(Precision):
        return False
    try:
        return datetime.fromisoformat(value["local"]).tzinfo is None
    except ValueError:
        return False


def _is_position(value: Any) -> bool:
    if value is None:
        return True
    if not isinstance(value, dict) or not {"lat", "lon"} <= value.keys() <= {"lat", "lon", "alt"}:
        return False
    limits = {"lat": 90.0, "lon": 180.0, "alt": 100_000.0}
    return all(
        type(number) in (int, float) and math.isfinite(number) and abs(number) <= limits[name]
        for name, number in value.items()
    )


def _is_keywords(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"add", "remove"}
        and all(
            isinstance(words, list)
            and len(words) <= MAX_WORDS
            and all(_is_words(word) for word in words)
            for words in value.values()
        )
    )


def _is_file(value: Any) -> bool:
    if not isinstance(value, dict) or value.keys() != {"sha1", "path"}:
        return False
    sha1, path = value["sha1"], value["path"]
    if not (isinstance(sha1, str) and isinstance(path, str) and path.isascii()):
        return False
    return len(sha1) == 40 and set(sha1) <= set("0123456789abcdef") and len(path) <= MAX_TEXT


CHECKS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "title": _is_text,
    "description": _is_text,
    "rating": _is_rating,
    "favourite": _is_flag,
    "hidden": _is_flag,
    "captured": _is_captured,
    "position": _is_position,
    "keywords": _is_keywords,
    "rotation": _is_rotation,
    "shown": _is_file,
}


def with_said(facts: Facts) -> Facts:
    """The facts with what a person said of the file, for who looks at it outside of a library."""
    said = facts.said
    values: dict[str, Any] = {
        name: said[name] for name in ("title", "description", "rating", "favourite") if name in said
    }
    if "captured" in said:
        captured = said["captured"]
        local, precision = datetime.fromisoformat(captured["local"]), captured["precision"]
        offset = captured["offset_min"]
        values["captured"] = Captured(local, Precision(precision), offset, "person")
    if "position" in said:
        place = said["position"]
        values["position"] = (
            None if place is None else Position(place["lat"], place["lon"], place.get("alt"))
        )
    if "keywords" in said:
        change = said["keywords"]
        kept = (word for word in facts.keywords if word not in change["remove"])
        values["keywords"] = tuple(dict.fromkeys((*kept, *change["add"])))
        values["keyword_paths"] = tuple(
            path for path in facts.keyword_paths if path[-1] not in change["remove"]
        )
    sources = {**facts.sources, **dict.fromkeys(values, "person")}
    return replace(facts, **values, sources=sources)
