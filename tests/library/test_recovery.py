"""A damaged database is found at the start and replaced: SPEC 12.5 (row 29)."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from photostore.library.backup import back_up
from photostore.library.opening import open_database
from photostore.library.recovery import ClosingNote, recover

NOW = datetime(2026, 5, 1, 12, 30, 45)


@dataclass
class Places:
    library: Path
    support: Path
    database: Path
    cache: Path

    @property
    def backups(self) -> Path:
        return self.support / "backups"


@pytest.fixture
def places(tmp_path):
    support = tmp_path / "library" / ".photostore"
    support.mkdir(parents=True)
    (tmp_path / "cache").mkdir()
    return Places(support.parent, support, support / "photostore.db", tmp_path / "cache")


async def use(places: Places, name: str | None = None) -> tuple[str, ...]:
    """Open and close; with a name, note it as a tag. Returns what is said."""
    async with open_database(places, places.backups) as opened:
        if name:
            async with opened.database.write() as transaction:
                await transaction.execute("INSERT INTO meta VALUES (?, 1)", (name,))
                # Enough pages that the middle of the file is one of a table.
                await transaction.execute_many(
                    "INSERT INTO user (name, role, created_at) VALUES (?, 'member', 0)",
                    [(f"{name} {number} {'x' * 200}",) for number in range(2000)],
                )
        return opened.notices


def names(database: Path) -> set[str]:
    with closing(sqlite3.connect(database)) as connection:
        return {row[0] for row in connection.execute("SELECT key FROM meta")} - {"revision"}


def spoil(database: Path) -> bytes:
    """Overwrite 4 kB in the middle."""
    data = bytearray(database.read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 4096] = b"\xa5" * 4096
    database.write_bytes(data)
    return bytes(data)


async def test_a_damaged_database_is_replaced_by_the_last_backup_and_kept(places):
    await use(places, "early")
    back_up(places.database, places.backups, NOW, keep=7)
    await use(places, "late")
    damaged = spoil(places.database)
    (said,) = await use(places)
    assert "20260501-123045.db" in said
    assert names(places.database) >= {"early"}
    assert "late" not in names(places.database)
    (kept,) = places.support.glob("photostore-damaged-*.db")
    assert kept.read_bytes() == damaged
    assert await use(places) == ()


async def test_a_damaged_backup_is_passed_over(places):
    await use(places, "first")
    back_up(places.database, places.backups, NOW, keep=7)
    await use(places, "second")
    spoil(back_up(places.database, places.backups, NOW.replace(hour=13), keep=7))
    spoil(places.database)
    (said,) = await use(places)
    assert "20260501-123045.db" in said
    assert "first" in names(places.database)


async def test_without_a_backup_an_empty_library_takes_the_place(places):
    await use(places, "all")
    places.database.write_bytes(b"this is no database" * 1000)
    (said,) = await use(places)
    assert "no sound backup" in said
    assert "all" not in names(places.database)
    assert len(list(places.support.glob("photostore-damaged-*.db"))) == 1


async def test_an_orderly_stop_needs_no_check(places, monkeypatch):
    await use(places, "x")
    checks: list[Path] = []
    monkeypatch.setattr(
        "photostore.library.recovery.check_database", lambda path: checks.append(path) or ()
    )
    await use(places)
    assert checks == []
    # A crash leaves no note, and somebody else's hand another file.
    (places.support / "closed.json").unlink()
    await use(places)
    assert len(checks) == 1
    with closing(sqlite3.connect(places.database)) as connection:
        connection.execute("UPDATE meta SET value = value + 1")
        connection.commit()
    await use(places)
    assert len(checks) == 2


async def test_a_stop_cancels_and_is_orderly_all_the_same(places):
    opened = asyncio.Event()

    async def serve() -> None:
        async with open_database(places, places.backups):
            opened.set()
            await asyncio.Event().wait()

    serving = asyncio.create_task(serve())
    await opened.wait()
    assert not (places.support / "closed.json").exists()
    serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving
    assert (places.support / "closed.json").exists()


async def test_damage_that_is_met_leaves_no_note_of_an_orderly_stop(places):
    await use(places, "x")
    damaged = spoil(places.database)
    ClosingNote(places.database, places.support).write()  # as if it was damaged while it was open
    met = []
    with suppress(sqlite3.DatabaseError):
        async with open_database(places, places.backups) as opened:
            met.append(opened.database)
            async with opened.database.read() as reading:
                await reading.fetch_all("SELECT name FROM user ORDER BY +name")
    assert met[0].is_damaged
    (said,) = await use(places)
    assert "damaged" in said
    assert len(damaged) > 0


def copy_with_wal(places: Places) -> None:
    for ending in ("", "-wal", "-shm"):
        data = Path(f"{places.database}{ending}").read_bytes()
        (places.cache / f"copy.db{ending}").write_bytes(data)


async def test_what_only_a_crash_left_is_sound(places):
    """SPEC 5.4: a WAL is no damage."""
    async with open_database(places, places.backups) as opened:
        async with opened.database.write() as transaction:
            await transaction.execute("INSERT INTO meta VALUES ('in the WAL', 1)")
        copy_with_wal(places)
    assert recover(places.cache / "copy.db", places.backups, NOW) is None
    assert "in the WAL" in names(places.cache / "copy.db")


async def test_a_library_that_is_new_is_not_checked(places):
    assert ClosingNote(places.database, places.support).is_true()
    assert await use(places) == ()
