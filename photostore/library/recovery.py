"""A library whose database is damaged: found at the start, put aside, replaced (SPEC 12.5).

The database is checked when the last stop was no orderly one, or when its file is not the one that
was left. What is damaged is kept; the newest sound backup takes its place, and the scan that every
start makes finds what is newer than that. Originals are never touched.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photostore.base.disk import replace_file
from photostore.base.errors import FileError, LibraryError
from photostore.library.replacement import Replacement, replace_database
from photostore.store.copies import check_copy, put_aside
from photostore.store.integrity import check_database
from photostore.store.migrate import known_migrations

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

CLOSED = "closed.json"  # in the support folder


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was done about a damaged database: `restored` is the backup, None if there was none.

    `kept` is where the damaged one lies, None if there was nothing left to keep.
    """

    faults: tuple[str, ...]
    kept: Path | None
    restored: Path | None

    def describe(self) -> str:
        """All of it, for a person."""
        instead = (
            f"the backup {self.restored.name} has taken its place"
            if self.restored
            else "there is no sound backup, so an empty one has taken its place"
        )
        what = f"was damaged ({self.faults[0]})" if self.kept else "was gone"
        kept = f" The damaged one is kept as {self.kept.name}." if self.kept else ""
        return (
            f"The database {what}: {instead}.{kept} Your photos are untouched; all folders are "
            "scanned anew, and what you did is taken from the journal's copy"
        )


class ClosingNote:
    """The note that an orderly stop leaves: what the database's file was like at that moment."""

    def __init__(self, database: Path, support: Path) -> None:
        self._database = database
        self._path = support / CLOSED

    def is_true(self) -> bool:
        """Whether the database is as it was left; also if there is none yet."""
        try:
            if not self._database.exists():
                return True
            return bool(json.loads(self._path.read_bytes()) == self._look())
        except (OSError, ValueError):
            return False

    def write(self) -> None:
        """Note how the database is left, after it was closed; without a note, it is checked."""
        with suppress(OSError, FileError):
            replace_file(self._path, json.dumps(self._look()).encode())

    def remove(self) -> None:
        """From now on the database may change. Raises LibraryError."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            raise LibraryError(f"{self._path} cannot be removed: {error.strerror}") from error

    def _look(self) -> list[int]:
        found = self._database.stat()
        wal = self._database.with_name(self._database.name + "-wal")
        return [found.st_size, found.st_mtime_ns, wal.stat().st_size if wal.exists() else 0]


def recover(database: Path, backups: Path, now: datetime) -> Recovery | None:
    """Check a database that nobody has open; replace a damaged or lost one. None if all is well.

    Raises LibraryError if that cannot be done; then it is as it was, or the next start goes on.
    """
    kept = database.with_name(f"{database.stem}-damaged-{now:%Y%m%d-%H%M%S}.db")
    exists = database.exists()
    faults = check_database(database) if exists else ()
    if exists and not faults:
        return None
    restored = _newest_sound(backups)
    recovery = Recovery(faults, kept if exists else None, restored)
    if not exists and restored is None:
        # A library that is new; what an earlier one left would be taken for the new one's.
        put_aside(database, kept)
        return None
    plan = Replacement(kept.name, has_new=restored is not None, said=recovery.describe())
    replace_database(database, restored, plan)
    return recovery


def _newest_sound(backups: Path) -> Path | None:
    """The newest copy that passes all checks; those from before an upgrade count too."""
    if not backups.is_dir():
        return None
    for copy in sorted(backups.glob("*.db"), key=lambda path: path.name, reverse=True):
        with suppress(LibraryError):
            check_copy(copy, known_migrations())
            return copy
    return None
