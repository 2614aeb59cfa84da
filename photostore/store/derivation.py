"""What an asset is, derived from its files and from what a person said of it. Pure; no SQL."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from photostore.base.text import display_name
from photostore.store.edits import UNDATED_MS, Field, column_values, with_keywords
from photostore.store.volumes import join_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from photostore.store.db import Row
    from photostore.store.edits import Edit

__all__ = ["UNDATED_MS", "Derived", "Words", "aspect_byte", "derive", "keywords_of"]


@dataclass(frozen=True, slots=True)
class Words:
    """The texts by which an asset is found; `place` is written by `tagging`."""

    title: str | None
    description: str | None
    keywords: str
    people: str
    camera: str
    names: str


@dataclass(frozen=True, slots=True)
class Derived:
    """The derived columns of `asset` by name, its words, and the albums that its files name."""

    values: Mapping[str, Any]
    words: Words
    albums: tuple[str, ...]


def aspect_byte(width: int, height: int) -> int:
    """The aspect ratio as a byte: width / height = 2 ** ((byte - 128) / 32), ends clamped."""
    if width <= 0 or height <= 0:
        return 128
    return max(0, min(255, round(128 + 32 * math.log2(width / height))))


def derive(asset: Row, files: Sequence[Row], edits: Mapping[str, Edit]) -> Derived:
    """An asset from all its files that were read, in the order of fitness to be shown.

    Files that are missing count only where no other is left.
    """
    present = [file for file in files if file["gone_at"] is None]
    counted = present or files
    values = _from_files(counted, edits.get(Field.SHOWN)) if counted else _kept(asset)
    facts = [json.loads(file["facts"] or "{}") for file in counted]
    values |= {
        "favourite": int(any(one.get("favourite") for one in facts)),
        "hidden_at": asset["added_at"] if any(one.get("archived") for one in facts) else None,
        "rotation": 0,
    }
    values |= column_values(edits)
    if values["rotation"] in (90, 270):
        values["ratio"] = min(255, 256 - values["ratio"])
    values["id"] = asset["id"]
    values["shelf"] = _shelf(asset, values, is_there=bool(present))
    albums = tuple(dict.fromkeys(name for one in facts for name in one.get("albums") or ()))
    return Derived(values, _words(counted, values, edits), albums)


def _from_files(files: Sequence[Row], wanted: Edit | None) -> dict[str, Any]:
    shown = _choose(files, wanted.value) if wanted else files[0]
    dated = max(files, key=lambda file: file["captured_rank"])
    placed = next((file for file in files if file["lat"] is not None), shown)
    return {
        "captured_ms": UNDATED_MS if dated["captured_ms"] is None else dated["captured_ms"],
        "captured_precision": dated["captured_precision"],
        "captured_offset_min": dated["captured_offset_min"],
        "captured_source": dated["captured_source"],
        "ratio": aspect_byte(shown["width"], shown["height"]),
        "is_video": shown["is_video"],
        "duration_ms": shown["duration_ms"],
        "thumbhash": shown["thumbhash"],
        "shown_file_id": shown["id"],
        "rating": _first(files, "rating"),
        "title": _first(files, "title"),
        "description": _first(files, "description"),
        "lat": placed["lat"],
        "lon": placed["lon"],
        "alt_m": placed["alt_m"],
    }


def _choose(files: Sequence[Row], wanted: Mapping[str, str]) -> Row:
    """The file that a person chose: that copy of the content, else any, else the fittest."""
    sha1, path = bytes.fromhex(wanted["sha1"]), unquote_to_bytes(wanted["path"])
    same = [file for file in files if file["sha1"] == sha1]
    there = (file for file in same if join_path(file["folder"], file["name"]) == path)
    return next(there, same[0] if same else files[0])


def _kept(asset: Row) -> dict[str, Any]:
    """An asset whose files went to another one, or that waits for them after a rebuild."""
    return {
        "captured_ms": UNDATED_MS,
        "captured_precision": None,
        "captured_offset_min": None,
        "captured_source": None,
        "ratio": 128,
        "is_video": asset["is_video"],
        "duration_ms": None,
        "thumbhash": None,
        "shown_file_id": None,
        "rating": None,
        "title": None,
        "description": None,
        "lat": None,
        "lon": None,
        "alt_m": None,
    }


def _shelf(asset: Row, values: Mapping[str, Any], *, is_there: bool) -> str:
    """Where an asset is found. What a person did to it counts before what became of its files."""
    if asset["removed_at"] is not None:
        return "removed"
    if asset["trashed_at"] is not None:
        return "trash"
    if not is_there:
        return "missing"
    return "timeline" if values["hidden_at"] is None else "hidden"


def _words(files: Sequence[Row], values: Mapping[str, Any], edits: Mapping[str, Edit]) -> Words:
    people: set[str] = set()
    camera: set[str] = set()
    names: list[str] = []
    for file in files:
        people.update(json.loads(file["people"]))
        camera.update(filter(None, (file["make"], file["model"], file["lens"])))
        names += [display_name(file["name"]), display_name(file["folder"])]
    keywords = with_keywords(keywords_of(files), edits.get(Field.KEYWORDS))
    return Words(
        values["title"],
        values["description"],
        " \n".join(sorted(keywords)),
        " \n".join(sorted(people)),
        " ".join(sorted(camera)),
        " \n".join(names),
    )


def keywords_of(files: Iterable[Row]) -> tuple[str, ...]:
    """The keywords that files carry, each once, in the order of first occurrence."""
    return tuple(dict.fromkeys(word for file in files for word in json.loads(file["keywords"])))


def _first(files: Sequence[Row], column: str) -> Any:
    """The first value that one of the files gives."""
    return next((file[column] for file in files if file[column] is not None), None)
