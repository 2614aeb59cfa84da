"""What lies beside a file and describes it: its sidecars, read when the file is (SPEC 6.2).

A digest of their names, sizes and times is kept with the file, so that a sidecar that appears,
changes or goes is seen by any later comparison of the folder.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from photostore.base.errors import FileError
from photostore.base.text import display_name
from photostore.library.sidecars.digest import digest_of
from photostore.media.sidecars import match_sidecars, merge, read_sidecar
from photostore.sync.walk import see_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from photostore.media.facts import Facts
    from photostore.media.sidecars import Sidecar
    from photostore.store.files import SeenFile

# Workers go through folders one after the other; a few stay known.
FOLDERS_KEPT = 16
# Two names may appear within one tick of a file system's clock: a folder that changed this lately
# is listed anew now and then.
FRESH_S, FRESH_LISTING_S = 4.0, 0.25


class Described(NamedTuple):
    """A file's facts with what its sidecars say, and the digest of those."""

    facts: Facts
    digest: bytes | None


def with_sidecars(path: bytes, facts: Facts) -> Described:
    """Add what the sidecars of a file say; one that cannot be read is a note."""
    folder = os.path.dirname(path)
    sidecars = sidecars_beside(path)
    # Looked at before they are read: a later change must give another digest.
    digest = digest_of(filter(None, (_see(folder, sidecar.name) for sidecar in sidecars)))
    found = []
    notes = []
    for sidecar in sidecars:
        try:
            found.append(read_sidecar(os.path.join(folder, sidecar.name), sidecar.form))
        except FileError as error:
            notes.append(f"the sidecar {display_name(sidecar.name)} was left out: {error.reason}")
    merged = merge(facts, found) if found else facts
    if notes:
        merged = replace(merged, notes=(*merged.notes, *notes))
    return Described(merged, digest)


def sidecars_beside(path: bytes) -> Sequence[Sidecar]:
    """The sidecars of one file, best first."""
    folder, name = os.path.split(path)
    return sidecars_of(folder).get(name, ())


def digests_by_name(
    names: Iterable[bytes], companions: Sequence[SeenFile]
) -> Mapping[bytes, bytes | None]:
    """The digest of each media file's sidecars, from one listing of a folder; left out: none."""
    if not companions:
        return {}
    seen = {companion.name: companion for companion in companions}
    return {
        name: digest_of(seen[sidecar.name] for sidecar in sidecars)
        for name, sidecars in match_sidecars([*names, *seen]).items()
    }


def _see(folder: bytes, name: bytes) -> SeenFile | None:
    try:
        return see_file(name, os.lstat(os.path.join(folder, name)))
    except OSError:
        return None  # it has just vanished, which reading it tells


def sidecars_of(folder: bytes) -> Mapping[bytes, tuple[Sidecar, ...]]:
    """The sidecars in a folder by the name of the file that they describe."""
    try:
        mtime_ns = os.stat(folder).st_mtime_ns
        is_fresh = abs(time.time() - mtime_ns / 1e9) < FRESH_S
        return _match(folder, mtime_ns, time.monotonic() // FRESH_LISTING_S if is_fresh else 0.0)
    except OSError:
        return {}  # gone meanwhile, which reading the file itself tells


@lru_cache(maxsize=FOLDERS_KEPT)
def _match(folder: bytes, mtime_ns: int, listing: float) -> Mapping[bytes, tuple[Sidecar, ...]]:
    """Match the names of a folder as it was at a time: a new name changes the folder's mtime."""
    return match_sidecars(os.listdir(folder))
