"""Whether a database is sound. Reads all of it, so this is for a person who asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from photostore.store.db import Reading

MAX_FAULTS = 5


async def find_faults(reading: Reading) -> tuple[str, ...]:
    """What SQLite finds wrong, at most five lines; empty if all is well.

    Raises sqlite3.DatabaseError for a file that is no database at all.
    """
    rows = await reading.fetch_all(f"PRAGMA quick_check({MAX_FAULTS})")
    return tuple(row[0] for row in rows if row[0] != "ok")
