"""The migration ledger: brings a library's database to this version, never backwards.

Each migration is a file in `migrations/`, applied once, in the order of names, together with its
row in the `migration` table in one transaction. A copy of the database is taken before the first
change to a database that holds anything (DESIGN 2, SPEC 12.5). A ledger that names a migration
unknown here was written by a newer photostore: it is refused, untouched.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from importlib import resources
from typing import TYPE_CHECKING
from urllib.parse import quote

from photostore.base.errors import LibraryError, LibraryTooNewError
from photostore.store.copies import copy_database

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LEDGER = """
CREATE TABLE IF NOT EXISTS migration (
  name TEXT PRIMARY KEY,
  applied_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID
"""


def known_migrations() -> dict[str, str]:
    """Names and SQL texts of the migrations of this version, in order."""
    folder = resources.files("photostore.store") / "migrations"
    return {
        entry.name.removesuffix(".sql"): entry.read_text(encoding="utf-8")
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".sql")
    }


def migrate(
    database: Path, backups: Path, migrations: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Apply what is missing to `database` (made if absent) and return the names applied.

    Raises LibraryTooNewError if a newer version wrote it, LibraryError if a step fails; the
    database is then as it was before that step.
    """
    steps = known_migrations() if migrations is None else migrations
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as connection:
        applied = _applied(connection)
        _refuse_newer(applied, steps, database)
        # A copy that took the place of another database is not in this mode.
        connection.execute("PRAGMA journal_mode = WAL")
        missing = [name for name in steps if name not in applied]
        if not missing:
            return ()
        if applied:
            stamp = time.strftime("%Y%m%d-%H%M%S")
            copy_database(database, backups / f"{stamp}-before-{missing[0]}.db")
        connection.execute(LEDGER)
        for name in missing:
            _apply(connection, name, steps[name], database)
    return tuple(missing)


def check_ledger(database: Path) -> None:
    """See whether a database can be read as it is, without changing it.

    Raises LibraryTooNewError if a newer version wrote it, LibraryError if it must be opened for
    writing once, so that its migrations are applied.
    """
    steps = known_migrations()
    uri = f"file:{quote(str(database))}?mode=ro"
    with contextlib.closing(sqlite3.connect(uri, uri=True)) as connection:
        applied = _applied(connection)
    _refuse_newer(applied, steps, database)
    if steps.keys() - applied:
        raise LibraryError(
            f"{database} was written by an older photostore, or never finished: "
            "run `photostore serve` or `photostore sync` once to bring it up to date"
        )


def _refuse_newer(applied: set[str], steps: Mapping[str, str], database: Path) -> None:
    unknown = sorted(applied - steps.keys())
    if unknown:
        raise LibraryTooNewError(
            f"{database} was written by a newer photostore (it knows {unknown[-1]}): "
            "start that version, or restore a backup made by this one"
        )


def _applied(connection: sqlite3.Connection) -> set[str]:
    known = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migration'"
    ).fetchone()
    if not known:
        return set()
    return {name for (name,) in connection.execute("SELECT name FROM migration")}


def _apply(connection: sqlite3.Connection, name: str, sql: str, database: Path) -> None:
    now_ms = int(time.time() * 1000)
    try:
        # executescript runs all of it in the transaction that the text itself opens.
        connection.executescript(
            f"BEGIN IMMEDIATE;\n{sql}\n;INSERT INTO migration VALUES ('{name}', {now_ms});\nCOMMIT;"
        )
    except sqlite3.Error as error:
        if connection.in_transaction:
            connection.rollback()
        raise LibraryError(
            f"{database}: migration {name} failed ({error}); nothing of it was kept"
        ) from error
