"""Whether a database is sound. Reads all of it: for a person who asks, and after a crash."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from photostore.store.db import Reading

MAX_FAULTS = 5


async def find_faults(reading: Reading) -> tuple[str, ...]:
    """What SQLite finds wrong, at most five lines; empty if all is well.

    Raises sqlite3.DatabaseError for a file that is no database at all.
    """
    rows = await reading.fetch_all(f"PRAGMA quick_check({MAX_FAULTS})")
    return tuple(row[0] for row in rows if row[0] != "ok")


def check_database(database: Path) -> tuple[str, ...]:
    """What is wrong with a database that nobody has open, at most five lines; empty if nothing is.

    What a crash left in its WAL is folded in first, as at any opening. Another program's lock or an
    error of the disk is no fault of the database: raises sqlite3.OperationalError.
    """
    try:
        with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as connection:
            rows = connection.execute(f"PRAGMA quick_check({MAX_FAULTS})").fetchall()
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        return (str(error),)
    return tuple(str(row[0]).splitlines()[0] for row in rows if row[0] != "ok")


def mend_words(database: Path) -> bool:
    """Make the index of words anew if it is damaged, which no other check sees; whether it was.

    For a database that passed these, and that nobody has open. Raises sqlite3.Error.
    """
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as connection:
        try:
            connection.execute("INSERT INTO asset_text(asset_text) VALUES ('integrity-check')")
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            connection.execute("INSERT INTO asset_text(asset_text) VALUES ('rebuild')")
            return True
    return False
