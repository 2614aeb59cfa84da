"""Small facts about the library itself, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from photostore.store.db import Database, Reading, Transaction


async def load_flag(reading: Reading, name: str) -> bool:
    """A flag that was saved, False if it never was."""
    return bool(await reading.fetch_value("SELECT value FROM meta WHERE key = ?", (name,)))


async def save_flag(transaction: Transaction, name: str, *, on: bool) -> None:
    """Keep a flag over restarts."""
    await transaction.execute(
        """INSERT INTO meta (key, value) VALUES (?, ?)
           ON CONFLICT (key) DO UPDATE SET value = excluded.value""",
        (name, int(on)),
    )


async def load_text(reading: Reading, name: str) -> str:
    """A text that was saved, empty if none ever was."""
    value = await reading.fetch_value("SELECT value FROM meta WHERE key = ?", (name,))
    return value if isinstance(value, str) else ""


async def save_text(transaction: Transaction, name: str, text: str) -> None:
    """Keep a text over restarts."""
    await transaction.execute(
        """INSERT INTO meta (key, value) VALUES (?, ?)
           ON CONFLICT (key) DO UPDATE SET value = excluded.value""",
        (name, text),
    )


async def try_writing(database: Database) -> None:
    """Write a page that says what it said, to see whether that works. Raises sqlite3.Error."""
    async with database.write(durable=True) as transaction:
        await transaction.execute("UPDATE meta SET value = value WHERE key = 'revision'")
