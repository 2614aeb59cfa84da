"""The database of a library on a network file system: it works in the cache folder (SPEC 4.5).

SQLite's locks and shared memory do not hold over a network, so the library there has a copy that is
written back whole. Each written copy bears a stamp, and the cache folder notes which one its own
database comes from: a copy with another stamp was put there by somebody else, and wins. The note
names the next stamp before the copy appears, so that a crash in between makes no stranger of it.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from photostore.base.disk import replace_file, sync_folder
from photostore.base.errors import FileError, LibraryError
from photostore.base.mounts import find_mount, read_mounts
from photostore.store.copies import (
    check_copy,
    copy_database,
    put_aside,
    read_stamp,
    write_stamp,
)
from photostore.store.migrate import known_migrations

if TYPE_CHECKING:
    from datetime import datetime

    from photostore.base.layout import Layout

NOTE = "working-copy.json"
SUPERSEDED = "photostore-superseded-"
KEPT_SUPERSEDED = 3


def is_on_network(folder: Path) -> bool:
    """Whether a folder is on a network or FUSE file system."""
    return find_mount(read_mounts(), Path(os.path.realpath(folder))).is_remote


class WorkingCopy:
    """The working database of one library, under the library's lock.

    `path` is where the database is opened, `shared` the copy in the library. `written_at` is when
    it was last written back (seconds since 1970), None if it was not yet; `problem` says why the
    last time failed.
    """

    def __init__(self, layout: Layout) -> None:
        # Several libraries may be told to use one cache folder.
        key = hashlib.sha256(os.fsencode(layout.library)).hexdigest()[:16]
        self.shared = layout.database
        self._mark = layout.support / NOTE
        self.folder = layout.cache / "database" / key
        self.path = self.folder / layout.database.name
        self._note = self.folder / NOTE
        self._turn = threading.Lock()
        self._written: tuple[int, ...] | None = None
        self.written_at: float | None = None
        self.problem: str | None = None

    def take_up(self, now: datetime) -> str | None:
        """Make the working database ready; returns what a person should know about that.

        Raises LibraryError when neither the library's copy nor one here can be used.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            library = self._library_id()
            note = _read_note(self._note)
            is_ours = self.path.exists() and note.library == library
            if not self.shared.exists():
                if not is_ours:
                    self._supersede(now)
                self._save(library, list(note.stamps) if is_ours else [])
                return None
            stamp = self._stamp_of_shared(must=not is_ours)
            if is_ours and (stamp is _DAMAGED or stamp in note.stamps):
                return None  # the library's copy is the one that was written back from here
            said = self._supersede(now)
            copy_database(self.shared, self.path)
            write_stamp(self.path, None)
            self._save(library, [stamp])
        except (OSError, FileError) as error:
            raise LibraryError(f"The working copy in {self.folder} fails: {error}") from error
        return said

    def has_changed(self) -> bool:
        """Whether there is something to write back."""
        return self._look() != self._written

    def write_back(self) -> bool:
        """Write a consistent copy into the library if there are changes; whether it was written.

        The database may be in use. One thread at a time: a stop leaves one behind that writes, and
        both would write the same files. Raises LibraryError; the library's copy is then the one
        before.
        """
        with self._turn:
            return self._write_back()

    def _write_back(self) -> bool:
        before = self._look()
        if before == self._written or not self.path.exists():
            return False
        outgoing = self.folder / "outgoing.db"
        partial = self.shared.with_name(f".{self.shared.name}.partial")
        try:
            copy_database(self.path, outgoing)
            stamp = secrets.randbits(62)
            write_stamp(outgoing, stamp)
            library, note = self._library_id(), _read_note(self._note)
            self._save(library, [*note.stamps[-1:], stamp])
            _copy_whole(outgoing, partial)
            for ending in ("-wal", "-shm"):
                self.shared.with_name(self.shared.name + ending).unlink(missing_ok=True)
            partial.replace(self.shared)
            sync_folder(self.shared.parent)
            self._save(library, [stamp])
            outgoing.unlink()
        except (OSError, FileError, LibraryError) as error:
            self.problem = str(error)
            raise LibraryError(f"The database cannot be written back: {error}") from error
        # What changed while it was copied is for the next time.
        self._written, self.written_at, self.problem = before, time.time(), None
        return True

    def _stamp_of_shared(self, *, must: bool) -> object:
        """The stamp of the library's copy; a damaged one is only an error if there is no other."""
        try:
            check_copy(self.shared, known_migrations())
        except LibraryError:
            if must and not self.path.exists():
                return None  # what is wrong with it is found when it is opened
            return _DAMAGED
        return read_stamp(self.shared)

    def _supersede(self, now: datetime) -> str | None:
        """Put a database aside that is not the library's any more; never deletes the last ones."""
        if not self.path.exists():
            return None
        kept = self.folder / f"{SUPERSEDED}{now:%Y%m%d-%H%M%S}.db"
        put_aside(self.path, kept)
        old = sorted(self.folder.glob(f"{SUPERSEDED}*.db"), reverse=True)[KEPT_SUPERSEDED:]
        for path in old:
            for ending in ("", "-wal", "-shm"):
                path.with_name(path.name + ending).unlink(missing_ok=True)
        return f"the library's own copy of the database is newer; the one here is kept as {kept}"

    def _library_id(self) -> str:
        """What tells this library from another one that was at the same place."""
        found = _read_note(self._mark).library
        if found is not None:
            return found
        made = secrets.token_hex(16)
        replace_file(self._mark, json.dumps({"library": made}).encode())
        return made

    def _save(self, library: str, stamps: list[object]) -> None:
        replace_file(self._note, json.dumps({"library": library, "stamps": stamps}).encode())

    def _look(self) -> tuple[int, ...]:
        """Sizes and times of the database and its WAL: they change with every write."""
        found: list[int] = []
        for ending in ("", "-wal"):
            path = self.path.with_name(self.path.name + ending)
            if path.exists():
                stat = path.stat()
                found += [stat.st_size, stat.st_mtime_ns]
        return tuple(found)


# In the place of a stamp that cannot be read.
_DAMAGED = object()


@dataclass(frozen=True, slots=True)
class _Note:
    """What a note says: of which library the database here is, and which stamps are its own."""

    library: str | None
    stamps: tuple[object, ...]


def _read_note(path: Path) -> _Note:
    try:
        found = json.loads(path.read_bytes())
        return _Note(str(found["library"]), tuple(found.get("stamps", ())))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return _Note(None, ())


def _copy_whole(source: Path, target: Path) -> None:
    """Copy a file and have it on the other side's disk."""
    with source.open("rb") as reading, target.open("wb") as writing:
        shutil.copyfileobj(reading, writing, 1 << 20)
        writing.flush()
        os.fsync(writing.fileno())
