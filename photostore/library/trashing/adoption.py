"""What other programs moved to the trash: in ours too, so that it can be restored (SPEC 9.3).

Looks at trashes, for a worker thread; changes nothing.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from photostore.library.trash import EntryState, list_trash
from photostore.library.trashing.sets import MTIME_TOLERANCE_NS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from photostore.library.trash import TrashEntry, TrashPlace
    from photostore.store.trash import DisposedFile


def find_entries(places: Iterable[TrashPlace]) -> list[TrashEntry]:
    """The files in some trashes that could be restored."""
    found: list[TrashEntry] = []
    for place in places:
        with suppress(OSError):  # a trash that cannot be read has nothing to say
            found += (
                entry
                for entry in list_trash(place)
                if entry.state is EntryState.WHOLE and not entry.is_folder
            )
    return found


def find_trashed(
    missing: Sequence[tuple[DisposedFile, int]], places: Iterable[TrashPlace]
) -> list[DisposedFile]:
    """Those of the missing files that lie in one of the trashes: same path, size and time."""
    entries: dict[bytes, list[TrashEntry]] = {}
    for place in places:
        with suppress(OSError):  # a trash that cannot be read has nothing to say
            for entry in list_trash(place):
                if entry.state is EntryState.WHOLE and entry.path is not None:
                    entries.setdefault(entry.path, []).append(entry)
    found: list[DisposedFile] = []
    for file, mtime_ns in missing:
        for entry in entries.get(file.source, ()):
            is_near = abs(entry.mtime_ns - mtime_ns) <= MTIME_TOLERANCE_NS
            if entry.size_bytes == file.size and is_near:
                found.append(replace(file, target=entry.file))
                break
    return found
