"""What lies beside a file and describes it: sidecars, read when the file is (SPEC 6.2)."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from photostore.base.errors import FileError
from photostore.base.text import display_name
from photostore.media.sidecars import match_sidecars, merge, read_sidecar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from photostore.media.facts import Facts
    from photostore.media.sidecars import Sidecar

# Workers go through folders one after the other; a few stay known.
FOLDERS_KEPT = 16


def with_sidecars(path: bytes, facts: Facts) -> Facts:
    """The facts of a file with what its sidecars say; one that cannot be read is a note."""
    folder, name = os.path.split(path)
    found = []
    notes = []
    for sidecar in sidecars_of(folder).get(name, ()):
        try:
            found.append(read_sidecar(os.path.join(folder, sidecar.name), sidecar.form))
        except FileError as error:
            notes.append(f"the sidecar {display_name(sidecar.name)} was left out: {error.reason}")
    merged = merge(facts, found) if found else facts
    return replace(merged, notes=(*merged.notes, *notes)) if notes else merged


def sidecars_of(folder: bytes) -> Mapping[bytes, tuple[Sidecar, ...]]:
    """The sidecars in a folder by the name of the file that they describe."""
    try:
        return _match(folder, os.stat(folder).st_mtime_ns)
    except OSError:
        return {}  # gone meanwhile, which reading the file itself tells


@lru_cache(maxsize=FOLDERS_KEPT)
def _match(folder: bytes, mtime_ns: int) -> Mapping[bytes, tuple[Sidecar, ...]]:
    """Match the names of a folder as it was at a time: a new name changes the folder's mtime."""
    return match_sidecars(os.listdir(folder))
