"""The tags that follow from what is known of one asset: its labels. Pure; touches no database.

A label is a path of names from one of eight roots: When/2019/07, Where/Germany/Bavaria/Munich,
Camera/Canon/EOS 80D, Lens, Type, Keywords/…, People, Folders/volume/path (SPEC 7.3).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from photostore.base.text import display_name
from photostore.store.facts import RAW_RANK
from photostore.store.folding import fold
from photostore.store.places import find_place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from photostore.store.db import Row

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Wall clocks of the years 1 and 9999 in milliseconds: what is beyond has no month.
FIRST_MS, LAST_MS = -62_135_596_800_000, 253_402_300_799_999
# An aspect byte of 159 is 1.96 : 1, wider than any film or phone screen's 16 : 9.
PANORAMA_RATIO = 159
# Corporate words that say nothing about a camera.
CORPORATE = frozenset({"corporation", "corp", "corp.", "co.,ltd", "co.,ltd.", "co.", "ltd", "ltd."})
MAX_DEPTH = 24


class Kind(StrEnum):
    """The eight roots."""

    WHEN = "when"
    WHERE = "where"
    CAMERA = "camera"
    LENS = "lens"
    TYPE = "type"
    KEYWORD = "keyword"
    PERSON = "person"
    FOLDER = "folder"


ROOTS = {
    Kind.WHEN: "When",
    Kind.WHERE: "Where",
    Kind.CAMERA: "Camera",
    Kind.LENS: "Lens",
    Kind.TYPE: "Type",
    Kind.KEYWORD: "Keywords",
    Kind.PERSON: "People",
    Kind.FOLDER: "Folders",
}
KIND_OF_ROOT = {fold(name): kind for kind, name in ROOTS.items()}


@dataclass(frozen=True, slots=True)
class Label:
    """A tag before it has an id: its names from the root. `code` is that of the last name."""

    kind: Kind
    names: tuple[str, ...]
    code: str | None = None

    @property
    def key(self) -> str:
        """What makes it the same tag: the folded path."""
        return key_of(self.names)

    @property
    def parent(self) -> Label | None:
        """The label above; a country keeps its code only where it is the last name."""
        if len(self.names) == 1:
            return None
        code = self.code if self.kind is Kind.WHERE and len(self.names) > 2 else None
        code = self.code if self.kind is Kind.FOLDER and len(self.names) > 2 else code
        return Label(self.kind, self.names[:-1], code)


def make_label(kind: Kind, names: Iterable[str], code: str | None = None) -> Label:
    """A label below a kind's root."""
    return Label(kind, (ROOTS[kind], *names), code)


def key_of(names: Sequence[str]) -> str:
    """The key of a path of names. Folders differ by case, as on disk; the rest does not."""
    is_folder = fold(names[0]) == fold(ROOTS[Kind.FOLDER])
    rest = names[1:] if is_folder else [fold(name) for name in names[1:]]
    return "/".join(
        name.replace("\\", "\\\\").replace("/", "\\/") for name in (fold(names[0]), *rest)
    )


def labels_of(asset: Row, files: Sequence[Row]) -> frozenset[Label]:
    """The narrowest labels of an asset from its row, its files and its edited keywords."""
    return frozenset(
        [
            *_when(asset),
            *_where(asset),
            *_gear(files),
            *_types(asset, files),
            *(make_label(Kind.KEYWORD, path) for path in keyword_paths(asset, files)),
            *(make_label(Kind.PERSON, [name]) for name in _people(files)),
            *_folders(files),
        ]
    )


def _when(asset: Row) -> Iterator[Label]:
    if not FIRST_MS <= asset["captured_ms"] <= LAST_MS:
        return
    moment = EPOCH + timedelta(milliseconds=asset["captured_ms"])
    names = [f"{moment.year:04}"]
    if asset["captured_precision"] != "year":
        names.append(f"{moment.month:02}")
    yield make_label(Kind.WHEN, names)


def _where(asset: Row) -> Iterator[Label]:
    place = find_place(asset["lat"], asset["lon"])
    if place is not None:
        yield make_label(Kind.WHERE, place.names, place.country_code)


def _gear(files: Sequence[Row]) -> Iterator[Label]:
    """Camera and lens of each file that names them."""
    for file in files:
        make, model = make_name(file["make"]), _clean(file["model"])
        if model and make and fold(model).startswith(fold(make) + " "):
            model = model[len(make) + 1 :]
        names = [name for name in (make, model) if name]
        if names:
            yield make_label(Kind.CAMERA, names)
        if lens := _clean(file["lens"]):
            yield make_label(Kind.LENS, [lens])


def make_name(make: str | None) -> str | None:
    """A maker as people write it: `NIKON CORPORATION` is Nikon."""
    words = (_clean(make) or "").split()
    while len(words) > 1 and words[-1].lower().rstrip(",") in CORPORATE:
        words.pop()
    # Short ones are abbreviations: LG, HTC, DJI.
    named = [word.title() if word.isupper() and len(word) > 3 else word for word in words]
    return " ".join(named).rstrip(",") or None


def _types(asset: Row, files: Sequence[Row]) -> Iterator[Label]:
    extras = [json.loads(file["facts"] or "{}") for file in files]
    yield make_label(Kind.TYPE, ["Video" if asset["is_video"] else "Photo"])
    if any(file["show_rank"] == RAW_RANK for file in files):
        yield make_label(Kind.TYPE, ["RAW"])
    if not asset["is_video"]:
        if any(file["is_video"] for file in files) or any(
            one.get("motion_photo") for one in extras
        ):
            yield make_label(Kind.TYPE, ["Live"])
        if any(one.get("animated") for one in extras):
            yield make_label(Kind.TYPE, ["Animated"])
        if asset["ratio"] >= PANORAMA_RATIO or any(one.get("projection") for one in extras):
            yield make_label(Kind.TYPE, ["Panorama"])


def keyword_paths(asset: Row, files: Sequence[Row]) -> set[tuple[str, ...]]:
    """The keywords of an asset as paths: those of its files, changed by what a person said."""
    paths: dict[str, tuple[str, ...]] = {}
    flat: dict[str, str] = {}
    for file in files:
        for given in json.loads(file["facts"] or "{}").get("keyword_paths", ()):
            path = split_keyword(given)
            if path:
                paths.setdefault(key_of(path), path)
        for word in json.loads(file["keywords"]):
            if _clean(word):
                flat.setdefault(fold(word), _clean(word) or "")
    # Programs write each name of a path as a keyword of its own as well.
    parts = {fold(name) for path in paths.values() for name in path}
    paths |= {key_of((word,)): (word,) for key, word in flat.items() if key not in parts}
    edit: Mapping[str, Any] = json.loads(asset["keywords_edit"] or "{}")
    for gone in filter(None, map(split_keyword, edit.get("remove", ()))):
        paths = {key: path for key, path in paths.items() if not _is_named(path, gone)}
    for path in filter(None, map(split_keyword, edit.get("add", ()))):
        paths.setdefault(key_of(path), path)
    return set(paths.values())


def _is_named(path: tuple[str, ...], given: tuple[str, ...]) -> bool:
    """Whether a keyword is meant: by its whole path, or by its own name alone."""
    return key_of(path) == key_of(given) or (len(given) == 1 and fold(path[-1]) == fold(given[0]))


def split_keyword(given: str | Sequence[str]) -> tuple[str, ...]:
    """A keyword as a path: `Animals/Dogs/Rex`, `Animals|Dogs|Rex`, or its names one by one."""
    parts = given.replace("|", "/").split("/") if isinstance(given, str) else given
    names = (_clean(part) for part in parts)
    return tuple(name for name in names if name)[:MAX_DEPTH]


def _people(files: Sequence[Row]) -> set[str]:
    found: dict[str, str] = {}
    for file in files:
        for name in json.loads(file["people"]):
            if _clean(name):
                found.setdefault(fold(name), _clean(name) or "")
    return set(found.values())


def _folders(files: Sequence[Row]) -> Iterator[Label]:
    for file in files:
        volume = display_name(file["label"] or "") or "Computer"
        parts = [display_name(part) for part in file["folder"].split(b"/") if part]
        yield make_label(Kind.FOLDER, [volume, *parts[:MAX_DEPTH]], file["uuid"])


def _clean(text: str | None) -> str | None:
    """Text on one line without spare spaces; None if nothing is left."""
    if text is None:
        return None
    return " ".join(display_name(text).split())[:200] or None
