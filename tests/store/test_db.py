"""One writer and some readers: DESIGN 1, reliability 4."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading

import pytest

from photostore.base.errors import LibraryError
from photostore.store.db import Database

COUNT = "SELECT count(*) FROM meta"
INSERT = "INSERT INTO meta VALUES (?, 1)"


async def test_a_rollback_loses_nobody_elses_rows(database):
    async def write(name: str, *, fail: bool) -> None:
        async with database.write() as transaction:
            await transaction.execute(INSERT, (name,))
            await asyncio.sleep(0)
            if fail:
                raise ZeroDivisionError

    results = await asyncio.gather(
        *(write(f"k{n}", fail=n % 3 == 0) for n in range(30)), return_exceptions=True
    )
    assert sum(isinstance(result, ZeroDivisionError) for result in results) == 10
    async with database.read() as reading:
        rows = await reading.fetch_all("SELECT key FROM meta WHERE key LIKE 'k%'")
    assert {row["key"] for row in rows} == {f"k{n}" for n in range(30) if n % 3}


async def test_a_reader_sees_only_what_is_committed(database):
    async with database.write() as transaction:
        await transaction.execute(INSERT, ("a",))
        async with database.read() as reading:
            before = await reading.fetch_value(COUNT)
    async with database.read() as reading:
        assert await reading.fetch_value(COUNT) == before + 1


async def test_a_consistent_reader_sees_one_moment(database):
    async with database.read(consistent=True) as reading:
        before = await reading.fetch_value(COUNT)
        async with database.write() as transaction:
            await transaction.execute(INSERT, ("a",))
        assert await reading.fetch_value(COUNT) == before
    for _ in range(3):
        async with database.read() as reading:
            assert await reading.fetch_value(COUNT) == before + 1


async def test_a_reader_cannot_write(database):
    async with database.read() as reading:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            await reading.fetch_all("DELETE FROM meta")


async def test_a_cancelled_write_is_undone_and_the_next_goes_on(database):
    begun = asyncio.Event()

    async def write() -> None:
        async with database.write() as transaction:
            await transaction.execute(INSERT, ("half",))
            begun.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(write())
    await begun.wait()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    async with database.write(durable=True) as transaction:
        await transaction.execute(INSERT, ("whole",))
    async with database.read() as reading:
        rows = await reading.fetch_all("SELECT key FROM meta WHERE key IN ('half', 'whole')")
    assert [row["key"] for row in rows] == ["whole"]


async def test_a_person_is_answered_when_it_is_on_disk(database):
    """DESIGN 3: synchronous=FULL for what a person did, NORMAL (1) for imports."""
    for durable, level in ((True, 2), (False, 1), (True, 2)):
        async with database.write(durable=durable) as transaction:
            assert await transaction.fetch_value("PRAGMA synchronous") == level


async def test_a_person_is_answered_when_it_is_on_disk_whoever_was_cancelled_before(
    database, monkeypatch
):
    """A watch that ends takes its comparison with it, at whatever step."""
    async with database.write(durable=True):
        pass
    execute = database._writer.execute_fetchall

    async def execute_and_cancel(sql: str, *rest):
        await execute(sql, *rest)
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(database._writer, "execute_fetchall", execute_and_cancel)
        with pytest.raises(asyncio.CancelledError):
            async with database.write():
                pass
    async with database.write(durable=True) as transaction:
        assert await transaction.fetch_value("PRAGMA synchronous") == 2


async def test_the_revision_counts_once_a_transaction(database):
    async with database.write() as transaction:
        first = await transaction.revision()
        assert await transaction.revision() == first
        assert transaction.changed_revision == first
    async with database.write() as transaction:
        await transaction.execute(INSERT, ("a",))
        assert transaction.changed_revision is None
    async with database.write() as transaction:
        assert await transaction.revision() == first + 1


async def test_closing_twice_leaves_no_thread_and_no_wal(tmp_path):
    before = set(threading.enumerate())
    database = await Database.open(tmp_path / "p.db", tmp_path)
    async with database.write() as transaction:
        await transaction.execute(INSERT, ("a",))
    await database.close()
    await database.close()
    for thread in set(threading.enumerate()) - before:
        # The default executor's threads stay for the loop; the others are just ending.
        if not thread.name.startswith("asyncio"):
            await asyncio.to_thread(thread.join, 5)
            assert not thread.is_alive()
    assert not (tmp_path / "p.db-wal").exists()
    for use in (database.read, database.write):
        with pytest.raises(LibraryError):
            async with use():
                pass


async def test_one_who_waited_for_a_reader_is_told_of_the_end(tmp_path):
    database = await Database.open(tmp_path / "p.db", tmp_path, readers=1)

    async def wait_and_read() -> None:
        async with database.read() as reading:
            await reading.fetch_value(COUNT)

    async with database.read():
        waiting = asyncio.create_task(wait_and_read())
        await asyncio.sleep(0)
        await database.close()
    with pytest.raises(LibraryError, match="closed"):
        await waiting


async def test_reading_beside_a_writer(database, tmp_path):
    path = tmp_path / "support" / "photostore.db"
    beside = await Database.open_reading(path)
    try:
        async with database.write() as transaction:
            await transaction.execute(INSERT, ("a",))
        async with beside.read() as reading:
            assert await reading.fetch_value("SELECT 1 FROM meta WHERE key = 'a'") == 1
        with pytest.raises(LibraryError, match="not open for writing"):
            async with beside.write():
                pass
    finally:
        await beside.close()


async def test_a_library_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(LibraryError, match="does not exist"):
        await Database.open_reading(tmp_path / "none.db")
    assert list(tmp_path.iterdir()) == []


async def test_foreign_keys_hold(database):
    with pytest.raises(sqlite3.IntegrityError):
        async with database.write() as transaction:
            await transaction.execute(
                "INSERT INTO folder (volume_id, path, root_id) VALUES (99, x'', 99)"
            )


async def test_a_full_disk_undoes_and_reading_goes_on(database):
    """Reliability 4: SQLITE_FULL rolls back by itself; the next write works again."""
    async with database.write() as transaction:
        pages = await transaction.fetch_value("PRAGMA page_count")
        await transaction.fetch_value(f"PRAGMA max_page_count = {pages + 4}")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        async with database.write() as transaction:
            await transaction.execute_many(
                "INSERT INTO meta VALUES (?, ?)", [(f"k{n}", "x" * 1000) for n in range(200)]
            )
    async with database.read() as reading:
        assert await reading.fetch_value("SELECT count(*) FROM meta WHERE key LIKE 'k%'") == 0
    async with database.write() as transaction:
        await transaction.execute(INSERT, ("small",))
