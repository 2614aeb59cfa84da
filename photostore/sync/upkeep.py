"""What an open library needs besides its photos: nightly backups and tidying, copies written back.

Every task here goes on after a failure, and says in an attribute what the last one was.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime
from typing import TYPE_CHECKING

from photostore.base.errors import LibraryError
from photostore.library.backup import back_up
from photostore.library.ballast import Ballast
from photostore.library.opening import keep_written_back
from photostore.sync.missing import purge_missing
from photostore.sync.nightly import call_nightly
from photostore.sync.shared import go_on_after

if TYPE_CHECKING:
    from pathlib import Path

    from photostore.base.settings import Settings
    from photostore.library.opening import OpenDatabase
    from photostore.sync.engine import SyncEngine

log = logging.getLogger(__name__)


class DatabaseDamagedError(LibraryError):
    """The database turned out to be damaged: it has to be closed and looked at."""

    type = "database-damaged"
    title = "The database is damaged"


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
        """Take care until cancelled. Raises DatabaseDamagedError when the database is."""
        self.opened.database.on_full = self._ballast.drop
        await asyncio.to_thread(self._ballast.lay)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._wait_for_damage())
            tasks.create_task(self._tidy_nightly())
            if self.opened.working_copy is not None:
                tasks.create_task(keep_written_back(self.opened.working_copy, self._is_idle))

    def _is_idle(self) -> bool:
        return self._engine.progress().state in {"idle", "paused"}

    async def _wait_for_damage(self) -> None:
        await self.opened.database.wait_damaged()
        raise DatabaseDamagedError("The database is damaged: it is closed, checked and mended")

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
                    await purge_missing(self._engine.shared)

    async def back_up(self) -> None:
        """Make a backup now, if backups are kept (SPEC 12.5)."""
        keep = self._settings.backup_keep
        if not keep:
            return
        now = datetime.now().astimezone()
        try:
            await asyncio.to_thread(back_up, self.opened.path, self._backups, now, keep=keep)
            self.backup_problem = None
        except LibraryError as error:
            log.warning("no backup: %s", error)
            self.backup_problem = str(error)
