"""Opens the database of a library, wherever that works, and leaves it so that the next can.

In order: working copy if the library is on a network disk, check after anything but an orderly
stop, recovery, migration. The other way round at the end. The library's lock is held already.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from photostore.base.errors import LibraryError
from photostore.library.recovery import ClosingNote, Recovery, recover
from photostore.library.replacement import finish_replacement, forget_replacement
from photostore.library.standing import Place, Standing, rescue
from photostore.library.working_copy import WorkingCopy, is_on_network
from photostore.store.db import Database
from photostore.store.integrity import mend_words

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from photostore.base.layout import Layout

log = logging.getLogger(__name__)

MENDED_WORDS = "The index of words was damaged: it was made anew from the database, nothing is lost"
CHECK_S = 30.0
WRITE_BACK_S = 30 * 60.0


@dataclass(frozen=True, slots=True)
class OpenDatabase:
    """An open database at `path`. `notices` are for a person; `working_copy` is None on a disk.

    `was_unclean`: the last stop was no orderly one. `place` is where its file was.
    """

    database: Database
    path: Path
    notices: tuple[str, ...]
    working_copy: WorkingCopy | None
    place: Place
    was_unclean: bool = False


@asynccontextmanager
async def open_database(
    layout: Layout,
    backups: Path,
    *,
    is_suspect: bool = False,
    on_network: Callable[[Path], bool] = is_on_network,
) -> AsyncIterator[OpenDatabase]:
    """Open the database of a library for the time of a block. Raises LibraryError.

    `is_suspect`: damage was met at work. `on_network` tells whether a folder is on a network file
    system.
    """
    copy: WorkingCopy | None = None
    if await asyncio.to_thread(_needs_copy, layout, on_network):
        copy = WorkingCopy(layout)
    path = copy.path if copy else layout.database
    note = ClosingNote(path, path.parent)
    notices, was_unclean = await asyncio.to_thread(_make_ready, path, backups, note, copy)
    if is_suspect and not notices:
        notices = await asyncio.to_thread(_look_closely, path)
    try:
        database = await Database.open(path, backups)
        by_number = not await asyncio.to_thread(on_network, path.parent)
        place = await asyncio.to_thread(_place_of, path, by_number)
        try:
            yield OpenDatabase(database, path, notices, copy, place, was_unclean)
        finally:
            # Also when the block was cancelled, as a stop does.
            standing = await asyncio.to_thread(place.look)
            if standing is Standing.GONE:
                await rescue(database, path)
            await database.close()
            if standing is Standing.HERE and not database.is_damaged:
                await asyncio.to_thread(note.write)
                for replaced in {path, layout.database}:
                    await asyncio.to_thread(forget_replacement, replaced)
    finally:
        if copy is not None:
            await asyncio.to_thread(_write_back, copy)


async def keep_written_back(copy: WorkingCopy, is_idle: Callable[[], bool]) -> None:
    """Write a working copy back when nothing goes on, and every half hour in any case."""
    loop = asyncio.get_running_loop()
    written = loop.time()
    while True:
        await asyncio.sleep(CHECK_S)
        is_due = loop.time() - written >= WRITE_BACK_S
        if (is_due or is_idle()) and await asyncio.to_thread(copy.has_changed):
            await asyncio.to_thread(_write_back, copy)
            written = loop.time()


def _needs_copy(layout: Layout, on_network: Callable[[Path], bool]) -> bool:
    """Whether the library is on a network disk, and the cache is on one of this computer."""
    return on_network(layout.support) and not on_network(layout.cache)


def _make_ready(
    path: Path, backups: Path, note: ClosingNote, copy: WorkingCopy | None
) -> tuple[tuple[str, ...], bool]:
    """What is to be said, and whether the last stop was no orderly one."""
    now = datetime.now().astimezone()
    notices: list[str] = []
    if copy is not None:
        # `photostore restore` works in the library itself.
        said = finish_replacement(copy.shared)
        notices += [said] if said else []
        said = copy.take_up(now)
        notices += [said] if said else []
    said = finish_replacement(path)
    notices += [said] if said else []
    was_unclean = not note.is_true()
    if was_unclean or not path.exists():
        try:
            recovery: Recovery | None = recover(path, backups, now)
        except sqlite3.Error as error:
            raise LibraryError(f"The database {path} cannot be checked: {error}") from error
        notices += [recovery.describe()] if recovery else []
    note.remove()
    return tuple(notices), was_unclean


def _look_closely(path: Path) -> tuple[str, ...]:
    """What is to be said of a database in which damage was met, and which passed all checks."""
    try:
        return (MENDED_WORDS,) if mend_words(path) else ()
    except sqlite3.Error as error:
        raise LibraryError(f"The database {path} cannot be mended: {error}") from error


def _place_of(path: Path, by_number: bool) -> Place:
    return Place(path, by_number=by_number)


def _write_back(copy: WorkingCopy) -> None:
    try:
        copy.write_back()
    except LibraryError as error:
        # Nothing is lost: the database here goes on, and the next start takes it up.
        log.warning("%s", error)
