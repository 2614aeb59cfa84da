"""Copies of the database file: made while it is in use, and checked before one takes its place.

A copy appears under its final name only when it is whole and on the disk (SPEC 12.5).
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
from typing import TYPE_CHECKING
from urllib.parse import quote

from photostore.base.disk import sync_file, sync_folder
from photostore.base.errors import LibraryError, LibraryTooNewError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path


STAMP = "copy_stamp"  # in the table meta
# The database comes last: without it the others are of no use.
ENDINGS = ("-wal", "-shm", "")


def copy_database(database: Path, target: Path) -> None:
    """Write a consistent copy of a database, which others may be using, as `target`.

    Raises LibraryError with the reason; then no `target` is there.
    """
    partial = target.with_name(target.name + ".partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        with contextlib.closing(_open_reading(database)) as connection:
            connection.execute("VACUUM INTO ?", (os.fspath(partial),))
        sync_file(partial)
        partial.rename(target)
        sync_folder(target.parent)
    except (sqlite3.Error, OSError) as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise LibraryError(f"{database} cannot be copied to {target}: {error}") from error


def check_copy(copy: Path, known: Collection[str]) -> None:
    """Make sure that a file is a sound database, with none but `known` migrations in its ledger.

    Raises LibraryTooNewError or LibraryError with what is wrong.
    """
    if not copy.is_file():
        raise LibraryError(f"{copy} is no file")
    try:
        with contextlib.closing(_open_reading(copy)) as connection:
            applied = {name for (name,) in connection.execute("SELECT name FROM migration")}
            faults = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
            broken_links = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error as error:
        raise LibraryError(f"{copy} is no database of photostore: {error}") from error
    if unknown := sorted(applied.difference(known)):
        raise LibraryTooNewError(f"{copy} was written by a newer photostore ({unknown[-1]})")
    if faults != ["ok"] or broken_links:
        raise LibraryError(f"{copy} is damaged: {'; '.join(faults)}")


def prepare_copy(copy: Path, target: Path) -> None:
    """Write a checked copy as `target`, ready to become the database. Raises LibraryError."""
    try:
        with contextlib.closing(_open_reading(copy)) as connection:
            connection.execute("VACUUM INTO ?", (_fresh(target),))
        # What was restored is nobody's working copy, nor what was restored before (SPEC 4.5).
        write_stamp(target, secrets.randbits(62))
    except (sqlite3.Error, OSError, LibraryError) as error:
        with contextlib.suppress(OSError):
            target.unlink(missing_ok=True)
        raise LibraryError(f"{copy} cannot be restored: {error}") from error


def read_stamp(copy: Path) -> int | None:
    """The number that `write_stamp` gave to a copy, None if it has none. Raises LibraryError."""
    try:
        with contextlib.closing(_open_reading(copy)) as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = ?", (STAMP,)).fetchone()
    except sqlite3.Error as error:
        raise LibraryError(f"{copy} cannot be read: {error}") from error
    return int(row[0]) if row else None


def write_stamp(copy: Path, stamp: int | None) -> None:
    """Give a copy that nobody uses a number, or take it away. Raises LibraryError."""
    try:
        with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            if stamp is None:
                connection.execute("DELETE FROM meta WHERE key = ?", (STAMP,))
            else:
                connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (STAMP, stamp))
        sync_file(copy)
    except (sqlite3.Error, OSError) as error:
        raise LibraryError(f"{copy} cannot be written: {error}") from error


def put_aside(database: Path, kept: Path) -> None:
    """Give a database another name, with the files beside it, byte for byte; overwrites nothing.

    Nobody may have it open. May be called again after a crash in the middle. Raises LibraryError.
    """
    try:
        for ending in ENDINGS:
            beside = database.with_name(database.name + ending)
            if beside.exists():
                beside.rename(_free_name(kept.with_name(kept.name + ending)))
        sync_folder(database.parent)
    except OSError as error:
        raise LibraryError(f"{database} cannot be put aside: {error}") from error


def _free_name(path: Path) -> Path:
    """`path`, or where that is taken the same with a number."""
    free, number = path, 1
    while free.exists():
        number += 1
        free = path.with_name(f"{path.name}.{number}")
    return free


def _fresh(path: Path) -> str:
    path.unlink(missing_ok=True)
    return os.fspath(path)


def fold_wal(database: Path) -> None:
    """Checkpoint a database that nobody has open, so that one file holds all; a broken one stays.

    Then its WAL goes with it wherever it is put aside.
    """
    with (
        contextlib.suppress(sqlite3.DatabaseError),
        contextlib.closing(sqlite3.connect(database)) as connection,
    ):
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _open_reading(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(os.fspath(path))}?mode=ro", uri=True)
