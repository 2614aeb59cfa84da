"""Whether an open database is still the file at its place, and what to do when it is not.

SQLite works on with a file that was deleted, and all that is written into it would be gone with the
last connection. So its place is looked at now and then; what was deleted is put back from what is
open, and what another file took the place of is kept beside that.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from photostore.base.errors import FileError, LibraryError
from photostore.library.replacement import READY, Replacement, note_replacement

if TYPE_CHECKING:
    from pathlib import Path

    from photostore.store.db import Database

log = logging.getLogger(__name__)


class Standing(StrEnum):
    """`gone`: deleted, or another file is there. `away`: its whole folder is."""

    HERE = "here"
    GONE = "gone"
    AWAY = "away"


class Place:
    """The place of a database that is open. `by_number`: its file system numbers files reliably."""

    def __init__(self, path: Path, *, by_number: bool) -> None:
        self.path = path
        self._by_number = by_number
        self._file = self._look_at(path)
        self._folder = self._look_at(path.parent)

    def look(self) -> Standing:
        """Whether what was opened is still what lies there."""
        if self._look_at(self.path) == self._file:
            return Standing.HERE
        is_same = self._look_at(self.path.parent) == self._folder
        return Standing.GONE if is_same else Standing.AWAY

    def _look_at(self, path: Path) -> tuple[int, int] | None:
        try:
            found = path.stat()
        except OSError:
            return None
        return (found.st_dev, found.st_ino) if self._by_number else (0, 0)


async def rescue(database: Database, path: Path) -> None:
    """Save an open database whose file was deleted or replaced; from now on it takes no writes.

    A start that follows puts it back, or says where it is kept.
    """
    plan = await asyncio.to_thread(_plan, path)
    target = path.with_name(path.name + READY if plan.has_new else plan.kept)
    try:
        await database.save_as(target)
        await asyncio.to_thread(note_replacement, path, plan)
    except (sqlite3.Error, OSError, FileError, LibraryError) as error:
        log.error("the database whose file is gone cannot be saved: %s", error)  # noqa: TRY400


def _plan(path: Path) -> Replacement:
    now = datetime.now().astimezone()
    kept = f"{path.stem}-superseded-{now:%Y%m%d-%H%M%S}.db"
    if path.exists():
        said = (
            "Another file took the place of the database while photostore ran, and is used now; "
            f"the one before is kept as {kept}"
        )
        return Replacement(kept, has_new=False, said=said, is_done=True)
    said = "The database was deleted while photostore ran; it was put back as it was"
    return Replacement(kept, has_new=True, said=said)
