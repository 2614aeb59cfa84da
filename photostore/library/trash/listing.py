"""What is in a trash, whoever put it there. Reads only, and copes with junk."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from photostore.library.trash.folders import Spot, open_folder, read_small
from photostore.library.trash.info import INFO_SUFFIX, MAX_INFO_BYTES, parse_info, unescape_path

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from photostore.library.trash.places import TrashPlace

_MAX_SIZES_BYTES = 16 << 20


class EntryState(StrEnum):
    """Whether an entry can be restored."""

    WHOLE = "whole"
    ORPHAN = "orphan"  # a file without an info file: an emergency, since its path is not known
    EMPTY = "empty"  # an info file without a file
    UNREADABLE = "unreadable"  # the info file does not say where the file was


@dataclass(frozen=True, slots=True)
class TrashEntry:
    """One entry of a trash; `name` is its name there.

    `path` is where it was, absolute; `deleted_at` local wall clock time; each None if not known.
    `size_bytes` is the file's, or what `directorysizes` says of a folder, or None. `problem` says
    to a person why it cannot be restored.
    """

    place: TrashPlace
    name: bytes
    path: bytes | None
    deleted_at: datetime | None
    size_bytes: int | None
    mtime_ns: int
    is_folder: bool
    state: EntryState
    info_text: bytes
    problem: str | None = None

    @property
    def file(self) -> bytes:
        """Where the file is now."""
        return os.path.join(self.place.files, self.name)

    @property
    def info(self) -> bytes:
        """The `.trashinfo`, whether it is there or not."""
        return os.path.join(self.place.info, self.name + INFO_SUFFIX)


def list_trash(place: TrashPlace) -> tuple[TrashEntry, ...]:
    """The entries of a trash, the last deleted first, those without a date at the end.

    Raises OSError if the trash cannot be read, ENOTDIR or ELOOP if it was replaced by a link.
    """
    with open_folder(place.files) as files, open_folder(place.info) as infos:
        trashed = {os.fsencode(name) for name in os.listdir(files)}
        names = (os.fsencode(name) for name in os.listdir(infos))
        told = {name[: -len(INFO_SUFFIX)] for name in names if name.endswith(INFO_SUFFIX)}
        sizes = _read_sizes(place)
        found = [_read_entry(place, name, files, infos, sizes) for name in trashed | told - {b""}]
    entries = [entry for entry in found if entry is not None]
    return tuple(sorted(entries, key=_order))


def read_entries(place: TrashPlace, names: Iterable[bytes]) -> dict[bytes, TrashEntry]:
    """Those of some entries of a trash that are there, by name. Raises OSError as `list_trash`."""
    with open_folder(place.files) as files, open_folder(place.info) as infos:
        found = {name: _read_entry(place, name, files, infos, {}) for name in names}
    return {name: entry for name, entry in found.items() if entry is not None}


def _order(entry: TrashEntry) -> tuple[bool, float, bytes]:
    date = entry.deleted_at
    return (date is None, -date.timestamp() if date else 0.0, entry.name)


def _read_entry(
    place: TrashPlace, name: bytes, files: int, infos: int, sizes: dict[bytes, tuple[int, int]]
) -> TrashEntry | None:
    """An entry, None if it went away meanwhile."""
    status = _look(files, name)
    info_status = _look(infos, name + INFO_SUFFIX)
    if status is None and info_status is None:
        return None
    text, problem = b"", None
    if info_status is not None:
        try:
            text = read_small(Spot(infos, name + INFO_SUFFIX), MAX_INFO_BYTES)
        except OSError as error:
            problem = f"its info file cannot be read ({error.strerror})"
    info = parse_info(text)
    path, fault = _resolve(info.path, place)
    state, word = EntryState.WHOLE, problem or fault
    if info_status is None:
        state, word = EntryState.ORPHAN, "it has no info file: where it was is not known"
    elif status is None:
        state, word = EntryState.EMPTY, "only the info file is left; the file itself is gone"
    elif word is not None:
        state = EntryState.UNREADABLE
    is_folder = status is not None and stat.S_ISDIR(status.st_mode)
    size = None if status is None or is_folder else status.st_size
    if is_folder and info_status is not None:
        known = sizes.get(name)
        # A size counts for the info file that it was written with.
        size = known[0] if known and known[1] == int(info_status.st_mtime) else None
    mtime = status.st_mtime_ns if status else 0
    return TrashEntry(place, name, path, info.deleted_at, size, mtime, is_folder, state, text, word)


def _resolve(path: bytes | None, place: TrashPlace) -> tuple[bytes | None, str | None]:
    """The absolute path that an info file means, or why it is not believed."""
    if path is None:
        return None, "its info file does not say where it was"
    parts = path.strip(b"/").split(b"/")
    if b".." in parts or b"." in parts or not path.strip(b"/"):
        return None, "its info file names a path that leads elsewhere"
    # In the trash of a volume an absolute path could name any place of the system.
    if path.startswith(b"/") == (place.top is not None):
        return None, "its info file names a path of another kind than this trash has"
    full = path if place.top is None else os.path.join(place.top, path)
    return b"/" + os.path.normpath(full).lstrip(b"/"), None


def _look(folder: int, name: bytes) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        # Gone meanwhile, or a name in the other folder that is too long for this one.
        return None


def _read_sizes(place: TrashPlace) -> dict[bytes, tuple[int, int]]:
    """Size and time of the info file by name, of trashed folders; lines of junk are passed over."""
    try:
        with open_folder(place.folder) as folder:
            content = read_small(Spot(folder, b"directorysizes"), _MAX_SIZES_BYTES)
    except OSError:
        return {}
    sizes: dict[bytes, tuple[int, int]] = {}
    for line in content.split(b"\n"):
        size, _, rest = line.partition(b" ")
        mtime, _, name = rest.partition(b" ")
        if size.isdigit() and mtime.isdigit() and name:
            sizes[unescape_path(name)] = (int(size), int(mtime))
    return sizes
