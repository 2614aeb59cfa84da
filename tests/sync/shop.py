"""A whole engine over a folder, with readers of files that a test can steer."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from photostore.base.settings import Settings
from photostore.library.previews import PreviewStore
from photostore.library.roots import settle_roots
from photostore.media.filters import Limits
from photostore.sync.engine import SyncEngine
from photostore.sync.journey import FailedFile, ImportedFile, Workshop
from tests.store.stock import facts
from tests.sync.yard import Yard, age, read

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from photostore.decode.child import DecodeChild
    from photostore.library.machine import Obstacle
    from photostore.store.db import Database
    from photostore.store.files import WorkFile
    from photostore.sync.report import RunReport

DEADLINE_S = 60


def settings(**changes: Any) -> Settings:
    """Quick settings, two workers."""
    values = {
        "settle_time": timedelta(seconds=0.3),
        "max_concurrent_imports": 2,
        "rescan_time": None,
        "watch": False,
        "nice": 0,
    }
    return replace(Settings(), **values | changes)


def read_only(work: WorkFile, workshop: Workshop) -> ImportedFile | FailedFile:
    """A journey without media: the content of a file is its facts; some words make it fail."""
    try:
        content = read(work.path)
        found = os.stat(work.path)
    except OSError as error:
        reason = error.strerror or ""
        return FailedFile(work, "failed", "read", reason, again=True, unsettled=True)
    for state in ("failed", "rejected", "waiting"):
        if content.startswith(state):
            return FailedFile(work, state, "probe", content, again=state == "failed")
    return ImportedFile(work, facts(content), found.st_size, found.st_mtime_ns)


class Shop(Yard):
    """A yard with an engine."""

    def __init__(self, database: Database, photos: Path, tmp_path: Path) -> None:
        super().__init__(database, photos)
        self.previews = PreviewStore(tmp_path / "previews")
        self.obstacle: Obstacle | None = None
        self.children: tuple[DecodeChild, ...] = ()
        self.make_engine()

    def make_engine(self, **changes: Any) -> SyncEngine:
        limits = Limits(min_bytes=1)
        workshop = Workshop(self.previews, limits, 1440, children=self.children)
        self.engine = SyncEngine(
            self.database,
            self.bus,
            workshop,
            settings(**changes),
            find_obstacle=lambda: self.obstacle,
        )
        return self.engine

    async def sync(self, *names: str, **changes: Any):
        """A single run, as `photostore sync`."""
        engine = self.make_engine(**changes)
        async with asyncio.timeout(DEADLINE_S):
            return await engine.run_once([self.path(name) for name in names])

    @asynccontextmanager
    async def running(self, **changes: Any) -> AsyncIterator[SyncEngine]:
        """The engine at work, as in a server."""
        engine = self.make_engine(**changes)
        task = asyncio.create_task(engine.run())
        try:
            yield engine
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def until(self, holds: Callable[[], Any]) -> None:
        """Wait until something holds; the test fails if it never does."""
        end = time.monotonic() + DEADLINE_S
        while True:
            result = holds()
            if hasattr(result, "__await__"):
                result = await result
            if result:
                return
            assert time.monotonic() < end, f"it never came true; files: {await self.states()}"
            await asyncio.sleep(0.02)

    async def states(self) -> dict[str, str]:
        return {
            name: "missing" if row["gone_at"] else row["state"]
            for name, row in (await self.rows()).items()
        }

    async def are(self, **states: str) -> bool:
        return await self.states() == states

    async def problems(self) -> dict[str, tuple[str, str]]:
        async with self.database.read() as reading:
            rows = await reading.fetch_all("SELECT * FROM problem")
        by_id = {row["file_id"]: (row["stage"], row["reason"]) for row in rows}
        return {name: by_id[key] for name, key in (await self.ids()).items() if key in by_id}


async def open_shop(database: Database, tmp_path: Path) -> Shop:
    photos = tmp_path / "photos"
    photos.mkdir()
    shop = Shop(database, photos, tmp_path)
    await settle_roots(database, [shop.path()])
    return shop


def counts(report: RunReport) -> dict[str, int]:
    """The counts of a run that are not zero."""
    names = ("found", "imported", "unchanged", "moved", "missing", "rejected", "failed", "waiting")
    return {name: getattr(report, name) for name in names if getattr(report, name)}


def old(path: Path) -> Path:
    """Make a file one that was written some time ago."""
    age(path, 1000)
    return path
