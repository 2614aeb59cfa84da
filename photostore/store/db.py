"""The database file: one connection that writes, a few that only read.

Exactly one connection ever writes or checkpoints, inside `async with db.write()`; so no writer
waits for another, a rollback loses nobody else's rows, and SQLite's WAL-reset bug (all versions
before 3.51.3) cannot occur. Readers open `mode=ro` and `query_only`, and always fetch to the end,
because a half-read cursor holds the WAL.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from array import array
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

import aiosqlite

from photostore.base.disk import sync_file
from photostore.base.errors import LibraryError
from photostore.base.memory import own_budget
from photostore.store.migrate import check_ledger, migrate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    Parameters = Sequence[Any] | Mapping[str, Any]
    Row = sqlite3.Row

log = logging.getLogger(__name__)

READERS = 3
# Rows that are handed to the event loop at once: a hop costs 70 us, turning a row 0.2 us.
COLUMN_ROWS = 10_000
PRAGMAS = (
    "foreign_keys = ON",
    "busy_timeout = 5000",
    # With mmap an unplugged disk is a SIGBUS instead of an error, and it gained nothing.
    "mmap_size = 0",
    "temp_store = MEMORY",
)
# What SQLite says of pages that make no sense, and of such that the log should have and has not.
DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
DAMAGED_LOG = sqlite3.SQLITE_IOERR_SHORT_READ
# What time or a person mends: no room, another program's lock, a disk that fails or is read-only.
OBSTACLES = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
    }
)
READER_PRAGMAS = ("query_only = ON",)
# A checkpoint every ~16 MiB of WAL: fewer fsyncs on an SD card, still a bounded file.
WRITER_PRAGMAS = ("synchronous = NORMAL", "wal_autocheckpoint = 4096")


def is_damage(error: BaseException) -> bool:
    """Whether SQLite came upon pages that make no sense, or are gone."""
    # The low byte is the kind of error, the rest its detail.
    code = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF in DAMAGE or code == DAMAGED_LOG


def is_obstacle(error: BaseException) -> bool:
    """Whether time or a person mends what the database says."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in OBSTACLES and not is_damage(error)


class Reading:
    """A connection for queries. Every method fetches all rows before it returns."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def fetch_all(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """All rows of a query."""
        return list(await self._connection.execute_fetchall(sql, parameters))

    async def fetch_one(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """The first row, or None."""
        rows = await self.fetch_all(sql, parameters)
        return rows[0] if rows else None

    async def fetch_plain(self, sql: str, parameters: Parameters = ()) -> list[Any]:
        """All rows as plain tuples, which take half the time of rows with names."""
        async with self._connection.cursor() as cursor:
            cursor.row_factory = None
            await cursor.execute(sql, parameters)
            return list(await cursor.fetchall())

    async def fetch_columns(
        self, sql: str, parameters: Parameters = (), *, columns: str
    ) -> tuple[array[int], ...]:
        """All rows of a query over whole numbers, as one array for each of its columns.

        `columns` are the type codes of these arrays: `qB` for a large number and a byte. A million
        rows take little memory this way, and no time of the event loop in one piece.
        """
        found = tuple(array(code) for code in columns)
        async with self._connection.cursor() as cursor:
            # Plain tuples: made in half the time of rows with names.
            cursor.row_factory = None
            await cursor.execute(sql, parameters)
            while rows := await cursor.fetchmany(COLUMN_ROWS):
                for column, values in zip(found, zip(*rows, strict=True), strict=True):
                    column.extend(values)
        return found

    async def fetch_value(self, sql: str, parameters: Parameters = ()) -> Any:
        """The first column of the first row, or None."""
        row = await self.fetch_one(sql, parameters)
        return row[0] if row else None

    async def end(self) -> None:
        """End a transaction if there is one; nothing else is done."""
        await self._connection.rollback()


class Transaction(Reading):
    """What `Database.write` hands out: reads and writes that are kept or undone together."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        super().__init__(connection)
        self._revision: int | None = None

    # A statement that gives no rows is over when it was run: closing its cursor would only be one
    # more turn in the connection's thread.

    async def execute(self, sql: str, parameters: Parameters = ()) -> int:
        """Run one statement; returns the id of the last inserted row."""
        cursor = await self._connection.execute(sql, parameters)
        return cursor.lastrowid or 0

    async def change(self, sql: str, parameters: Parameters = ()) -> int:
        """Run one statement; returns the number of rows it changed."""
        cursor = await self._connection.execute(sql, parameters)
        return cursor.rowcount

    async def execute_many(self, sql: str, rows: Iterable[Parameters]) -> None:
        """Run one statement over many rows: forty times cheaper than row by row."""
        listed = list(rows)
        if listed:
            await self._connection.executemany(sql, listed)

    async def revision(self) -> int:
        """The library revision of this transaction; the first call in it counts up by one."""
        if self._revision is None:
            await self.execute("UPDATE meta SET value = value + 1 WHERE key = 'revision'")
            self._revision = int(
                await self.fetch_value("SELECT value FROM meta WHERE key = 'revision'")
            )
        return self._revision

    @property
    def changed_revision(self) -> int | None:
        """The new library revision if this transaction made one."""
        return self._revision


class Database:
    """An open library database. Made by `Database.open`, ended by `close` on every path."""

    def __init__(
        self, writer: aiosqlite.Connection | None, readers: Sequence[aiosqlite.Connection]
    ) -> None:
        self._writer = writer
        self._all = [*readers, *([writer] if writer else [])]
        self._readers: asyncio.Queue[Reading] = asyncio.Queue()
        for reader in readers:
            self._readers.put_nowait(Reading(reader))
        self._write_lock = asyncio.Lock()
        self._durable: bool | None = False
        self._closed = False
        self._damage, self._cause = asyncio.Event(), ""
        # Why the last transaction could not be written, None if it could.
        self.write_problem: str | None = None
        # Called when a transaction found no room on the disk, before it is undone.
        self.on_full: Callable[[], None] = lambda: None

    @property
    def is_damaged(self) -> bool:
        """Whether SQLite came upon pages that make no sense."""
        return self._damage.is_set()

    async def wait_damaged(self) -> str:
        """Wait until that happens; what SQLite said."""
        await self._damage.wait()
        return self._cause

    @classmethod
    async def open(cls, path: Path, backups: Path, *, readers: int = READERS) -> Self:
        """Migrate `path` (made if absent) and open it for writing and reading.

        Raises LibraryError with the reason and the remedy when it cannot be opened.
        """
        try:
            await asyncio.to_thread(migrate, path, backups)
            opened = await _connect_all(path, [False, *([True] * readers)])
        except (sqlite3.Error, OSError) as error:
            raise LibraryError(f"The database {path} cannot be opened: {error}") from error
        return cls(opened[0], opened[1:])

    @classmethod
    async def open_reading(cls, path: Path) -> Self:
        """Open an existing database for queries only, beside a server that may be writing it.

        Raises LibraryError, also for one that another version of photostore wrote.
        """
        if not await asyncio.to_thread(path.is_file):
            raise LibraryError(f"There is no library here: {path} does not exist")
        try:
            await asyncio.to_thread(check_ledger, path)
            return cls(None, await _connect_all(path, [True]))
        except sqlite3.Error as error:
            raise LibraryError(f"The database {path} cannot be read: {error}") from error

    async def close(self) -> None:
        """Close readers, then the writer after a last checkpoint. May be called twice."""
        self._closed = True
        async with self._write_lock:
            # One that was cancelled in the middle is gone on with by the next call.
            while self._all:
                connection = self._all[0]
                try:
                    if connection is self._writer:
                        await connection.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
                except sqlite3.Error as error:
                    # A damaged file, a disk that fails: the WAL stays, and the next start uses it.
                    self._note_damage(error)
                    log.warning("the last checkpoint failed: %s", error)
                finally:
                    await connection.close()
                    self._all.remove(connection)

    @asynccontextmanager
    async def read(self, *, consistent: bool = False) -> AsyncIterator[Reading]:
        """Borrow a reading connection; with `consistent`, all its queries see one moment.

        To be held for moments only: what it sees cannot be cleared out of the WAL meanwhile.
        """
        reading = await self._readers.get()
        try:
            if self._closed:
                raise LibraryError("The library is closed")
            if consistent:
                await reading.fetch_all("BEGIN")
            yield reading
        except sqlite3.DatabaseError as error:
            self._note_damage(error)
            raise
        except ValueError as error:
            # So says a connection that was closed while it was lent.
            if self._closed:
                raise LibraryError("The library is closed") from error
            raise
        finally:
            try:
                if consistent and not self._closed:
                    await reading.end()
            finally:
                self._readers.put_nowait(reading)

    @asynccontextmanager
    async def write(self, *, durable: bool = False) -> AsyncIterator[Transaction]:
        """The one write transaction (BEGIN IMMEDIATE); an exception inside undoes all of it.

        `durable` waits for the disk (synchronous=FULL): for what a person did. Imports can be
        repeated and do without (DESIGN 3).
        """
        async with self._write_lock:
            writer = self._writer
            if writer is None or self._closed:
                raise LibraryError("The library is not open for writing")
            if durable != self._durable:
                # Who is cancelled here does not know whether it was said.
                self._durable = None
                await writer.execute_fetchall(
                    f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}"
                )
                self._durable = durable
            try:
                if writer.in_transaction:  # the disk failed when it was to be undone
                    await writer.rollback()
                await writer.execute_fetchall("BEGIN IMMEDIATE")
                yield Transaction(writer)
                await writer.commit()
                self.write_problem = None
            except BaseException as error:
                self._note_damage(error)
                if is_obstacle(error):
                    self.write_problem = str(error)
                if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL:
                    self.on_full()
                # A full disk has rolled back already; rollback() is then a no-op.
                with suppress(sqlite3.Error):
                    await writer.rollback()
                raise

    async def save_as(self, target: Path) -> None:
        """Write all of it into another file, and take no more writes: its own file is gone.

        Raises sqlite3.Error, OSError or LibraryError; then `target` is of no use.
        """
        async with self._write_lock:
            self._closed = True
            if self._writer is None:
                raise LibraryError("The library is not open for writing")
            await asyncio.to_thread(target.unlink, missing_ok=True)
            await self._writer.execute_fetchall("VACUUM INTO ?", (str(target),))
            await asyncio.to_thread(sync_file, target)

    def _note_damage(self, error: BaseException) -> None:
        if is_damage(error) and not self.is_damaged:
            self._cause = str(error)
            self._damage.set()


async def _connect_all(path: Path, read_only: Sequence[bool]) -> list[aiosqlite.Connection]:
    """One connection for each element; none is left open if one of them fails."""
    opened: list[aiosqlite.Connection] = []
    try:
        for flag in read_only:
            uri = f"file:{quote(str(path))}?mode={'ro' if flag else 'rw'}"
            connection = await aiosqlite.connect(uri, uri=True, isolation_level=None)
            opened.append(connection)
            connection.row_factory = sqlite3.Row
            # In KiB, for each connection.
            size = f"cache_size = -{own_budget().database_cache_bytes >> 10}"
            for pragma in [*PRAGMAS, size, *(READER_PRAGMAS if flag else WRITER_PRAGMAS)]:
                await connection.execute_fetchall(f"PRAGMA {pragma}")
    except BaseException:
        for connection in opened:
            await connection.close()
        raise
    return opened
