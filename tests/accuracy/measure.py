"""Reads every file of a corpus and compares: no printing, no judging."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photostore.base.errors import FileError
from photostore.media.facts import Facts
from photostore.media.probe import probe
from photostore.media.reading import read_content
from photostore.media.sidecars import match_sidecars, merge, read_sidecar
from tests.accuracy.fields import FIELDS, Field, Item


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is not what the truth says."""

    path: str
    kind: str
    field: str
    wanted: Any
    found: Any


@dataclass(frozen=True, slots=True)
class Tally:
    """How often a field was right among the files of one kind."""

    field: Field
    kind: str
    right: int
    counted: int


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that gave no facts although it should have."""

    path: str
    kind: str
    reason: str
    tolerant: bool


@dataclass(frozen=True, slots=True)
class Measurement:
    """Everything that was found in one run."""

    files: int
    tallies: tuple[Tally, ...]
    differences: tuple[Difference, ...]
    unread: tuple[Unread, ...]


def measure(corpus: Path, items: Iterable[Item]) -> Measurement:
    """Compare all files that are to be imported. Kinds are the corpus' folders."""
    counts: dict[tuple[str, str], list[int]] = {}
    differences: list[Difference] = []
    unread: list[Unread] = []
    files = 0
    for item in items:
        if item["expect"] != "import":
            continue
        files += 1
        path = corpus / item["path"]
        facts = _read(os.fsencode(path), with_sidecars=bool(item["truth"].get("takeout_json")))
        if isinstance(facts, str):
            unread.append(Unread(item["path"], item["kind"], facts, bool(item.get("tolerant"))))
            continue
        for field in FIELDS:
            wanted = field.expected(item)
            if wanted is None:
                continue
            found = field.found(facts)
            right = bool(field.same(wanted, found))
            tally = counts.setdefault((field.name, item["kind"]), [0, 0])
            tally[0] += right
            tally[1] += 1
            if not right:
                differences.append(
                    Difference(item["path"], item["kind"], field.name, wanted, found)
                )
    by_name = {field.name: field for field in FIELDS}
    tallies = tuple(
        Tally(by_name[name], kind, right, counted)
        for (name, kind), (right, counted) in counts.items()
    )
    return Measurement(files, tallies, tuple(differences), tuple(unread))


def _read(path: bytes, *, with_sidecars: bool) -> Facts | str:
    """Read a file; with its sidecars only where the truth knows of them too."""
    try:
        facts = probe(read_content(path))
    except FileError as error:
        return error.reason
    if not with_sidecars:
        return facts
    folder, _, name = path.rpartition(b"/")
    matched = match_sidecars(os.listdir(folder)).get(name, ())
    return merge(facts, [read_sidecar(folder + b"/" + one.name, one.form) for one in matched])
