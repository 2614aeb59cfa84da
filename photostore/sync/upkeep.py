"""What an open library needs besides its photos: nightly backups and tidying, copies written back.

Every task here goes on after a failure, and says in an attribute what the last one was.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from photostore.base.errors import LibraryError
from photostore.library.backup import back_up
from photostore.library.ballast import Ballast
from photostore.library.clock import look_at_clock
from photostore.library.opening import keep_written_back
from photostore.library.standing import Standing
from photostore.store.meta import try_writing
from photostore.sync.missing import DAY_MS, KEPT_DAYS, purge_missing
from photostore.sync.nightly import call_nightly
from photostore.sync.shared import go_on_after, now_ms

if TYPE_CHECKING:
    from pathlib import Path

    from photostore.base.settings import Settings
    from photostore.library.opening import OpenDatabase
    from photostore.sync.engine import SyncEngine

log = logging.getLogger(__name__)

# A database that is deleted goes on for this long until it is saved.
LOOK_S = 3.0


class DatabaseDamagedError(LibraryError):
    """The database turned out to be damaged: it has to be closed and looked at."""

    type = "database-damaged"
    title = "The database is damaged"

    def __init__(self, cause: str) -> None:
        super().__init__(f"The database is damaged ({cause}): it is closed, checked and mended")
        self.cause = cause


class DatabaseAwayError(LibraryError):
    """The database's file is no longer where it was opened. `is_away`: nor is its folder."""

    type = "database-away"
    title = "The database is gone"

    def __init__(self, message: str, *, is_away: bool) -> None:
        super().__init__(message)
        self.is_away = is_away


class Upkeep:
    """The care for one open library, for as long as `run` runs.

    `backup_problem` says why the last backup failed; `opened` is the database that is cared for.
    """

    def __init__(
        self, opened: OpenDatabase, backups: Path, settings: Settings, engine: SyncEngine
    ) -> None:
        self.opened = opened
        self._backups = backups
        self._settings = settings
        self._engine = engine
        self._ballast = Ballast(opened.path.parent / "ballast", settings.min_free_space)
        self.backup_problem: str | None = None

    async def run(self) -> None:
        """Take care until cancelled.

        Raises DatabaseDamagedError when the database is, DatabaseAwayError when its file is gone.
        """
        self.opened.database.on_full = self._ballast.drop
        await asyncio.to_thread(self._ballast.lay)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._wait_for_damage())
            tasks.create_task(self._mind_file())
            tasks.create_task(self._tidy_nightly())
            if self.opened.working_copy is not None:
                tasks.create_task(keep_written_back(self.opened.working_copy, self._is_idle))

    def _is_idle(self) -> bool:
        return self._engine.progress().state in {"idle", "paused"}

    async def _wait_for_damage(self) -> None:
        cause = await self.opened.database.wait_damaged()
        raise DatabaseDamagedError(cause)

    async def _mind_file(self) -> None:
        """See that what is written goes into the file that is there, and can be written."""
        database, place = self.opened.database, self.opened.place
        while True:
            await asyncio.sleep(LOOK_S)
            standing = await asyncio.to_thread(place.look)
            if standing is Standing.GONE:
                message = f"The database {place.path} was deleted or replaced: it is opened anew"
                raise DatabaseAwayError(message, is_away=False)
            if standing is Standing.AWAY:
                message = f"{place.path.parent} is not there any more: is its disk mounted?"
                raise DatabaseAwayError(message, is_away=True)
            if database.write_problem:
                # Nobody may write for a long time; it is well again as soon as this is.
                with suppress(sqlite3.Error):
                    await try_writing(database)

    async def _tidy_nightly(self) -> None:
        """Once a day, at the time of the nightly scan: back up, then forget what is long gone."""
        if self._settings.rescan_time is None:
            return
        due = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(call_nightly(self._settings.rescan_time, self._settings.tz, due.set))
            while True:
                await due.wait()
                due.clear()
                await asyncio.to_thread(self._ballast.lay)
                await self.back_up()
                with go_on_after("forgetting missing files"):
                    await self.forget_missing(now_ms())

    async def forget_missing(self, at_ms: int) -> int:
        """Forget what is missing for 30 days of a clock that can be believed (SPEC 4.4)."""
        keep_ms = KEPT_DAYS * DAY_MS
        before_ms = (await look_at_clock(self.opened.database, at_ms)).cutoff(keep_ms)
        if before_ms is None:
            return 0
        engine = self._engine
        return await purge_missing(engine.shared, before_ms + keep_ms, engine.hold_scans)

    async def back_up(self) -> None:
        """Make a backup now, if backups are kept (SPEC 12.5)."""
        keep = self._settings.backup_keep
        if not keep:
            return
        now = datetime.now().astimezone()
        try:
            await asyncio.to_thread(back_up, self.opened.path, self._backups, now, keep=keep)
            self.backup_problem = None
        except (LibraryError, OSError) as error:
            log.warning("no backup: %s", error)
            self.backup_problem = str(error)
