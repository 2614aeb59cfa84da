"""Disk to library, kept going: scans, watches, settles and imports the roots of one library.

The one place that starts the tasks of this floor. Everything lives in the task group of `run`.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import time
from collections import deque
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from photostore.base.events import ProblemsChanged
from photostore.base.memory import own_budget
from photostore.base.text import display_name
from photostore.library.roots import (
    find_obstacle,
    find_root,
    is_inside,
    look_at_root,
    settle_again,
)
from photostore.store.db import is_obstacle
from photostore.store.meta import load_flag, save_flag
from photostore.store.volumes import configured_roots
from photostore.sync.nightly import call_nightly
from photostore.sync.outcomes import OBSTACLE_WAIT_S
from photostore.sync.pipeline import Importer, Pace
from photostore.sync.progress import Meter
from photostore.sync.report import RunReport, make_report
from photostore.sync.scan import Scanner, ScanSummary
from photostore.sync.settle import SettleTracker
from photostore.sync.shared import Shared, go_on_after
from photostore.sync.watching import Watching, WatchState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractAsyncContextManager

    from photostore.base.events import Bus, SyncProgress
    from photostore.base.settings import Settings
    from photostore.library.machine import Obstacle
    from photostore.library.reports import Reports
    from photostore.store.db import Database
    from photostore.store.files import WorkFile
    from photostore.store.volumes import Root
    from photostore.sync.journey import FailedFile, ImportedFile, Workshop

log = logging.getLogger(__name__)

SETTLE_POLL_S = 0.5
# A process that was stopped for this long may have missed any number of events (SPEC 5.5).
GAP_S = 5.0
# The first scan waits this long for the watches, so that no change falls between the two.
BEGIN_S = 5.0
ROOT_CHECK_S = 60.0
# Files that change while they are read make another scan; this many times in a single run.
MAX_ROUNDS = 3
PAUSED = "sync_paused"


@dataclass(frozen=True, slots=True)
class _Request:
    """A scan that somebody asked for; without paths, of all roots.

    `away`: roots, by id, of which a person was told that their disks are away.
    """

    paths: tuple[bytes, ...] = ()
    accept_missing: bool = False
    away: frozenset[int] = frozenset()


class SyncEngine:
    """Keeps the library true to the disk while `run` runs."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        workshop: Workshop,
        settings: Settings,
        *,
        find_obstacle: Callable[[], Obstacle | None] = lambda: None,
        reports: Reports | None = None,
    ) -> None:
        self._database = database
        self._bus = bus
        self._settings = settings
        self._meter = Meter(time.monotonic)
        shared = self.shared = Shared(database, bus, self._meter, reports)
        self._tracker = SettleTracker(settings.settle_time.total_seconds(), time.monotonic)
        self.importer = Importer(
            shared,
            workshop,
            Pace(
                settings.max_concurrent_imports or own_budget().imports,
                settings.nice,
                settings.first_pass_files,
            ),
            find_obstacle=find_obstacle,
            on_unsettled=lambda folder: self.request_scan([folder]),
        )
        self._scanner = Scanner(
            shared,
            self._tracker,
            exclude_globs=settings.exclude_globs,
            wake_importer=self.importer.wake,
        )
        self._requests: deque[_Request] = deque()
        self._requested = asyncio.Event()
        self._all_settled = asyncio.Event()
        self._watching: Watching | None = None
        # What is kept and what the import does are to be the same.
        self._pausing = asyncio.Lock()

    # What others ask of it

    def progress(self) -> SyncProgress:
        """How far the running scan and import are."""
        return self._meter.progress()

    @property
    def obstacle(self) -> str | None:
        """Why nothing can be imported now (no room, previews not writable), or None."""
        return self.importer.obstacle

    def protection(self) -> tuple[str, ...] | None:
        """The layers that held the last decode child, None if none was needed yet."""
        return self.importer.protection()

    def watch_states(self) -> list[WatchState]:
        """How each root's changes are noticed (SPEC 5.5: shown on /health)."""
        return self._watching.states() if self._watching else []

    def hold_scans(self) -> AbstractAsyncContextManager[None]:
        """Keep scans from looking while files are moved whose rows are not written yet."""
        return self._scanner.turn

    def request_scan(self, paths: Sequence[bytes] = ()) -> None:
        """Scan these paths, or all roots, as soon as the running scan is done."""
        self._request(_Request(tuple(paths)))

    async def accept_missing(self, paths: Sequence[bytes] = ()) -> None:
        """A person says that what these roots, or all, do not show any more is really gone.

        Scans them; whatever is not there becomes missing (SPEC 4.3, 4.4). Not where a disk is taken
        off only after this was said.
        """
        async with self._database.read() as reading:
            roots = await configured_roots(reading)
        away = frozenset(root.id for root in roots if root.state == "unavailable")
        self._request(_Request(tuple(paths), accept_missing=True, away=away))

    async def pause(self, *, paused: bool) -> None:
        """Pause or resume the import; kept over restarts (SPEC 5.6)."""
        async with self._pausing:
            async with self._database.write(durable=True) as transaction:
                await save_flag(transaction, PAUSED, on=paused)
            await self.importer.pause(paused=paused)

    def problems_changed(self) -> None:
        """A person asked for some files to be tried again."""
        self._bus.publish(ProblemsChanged())
        self.importer.wake()

    async def import_now(self, work: WorkFile) -> bool:
        """Make a file's previews before all others; False if that failed."""
        return await self.importer.import_now(work)

    async def import_soon(self, work: WorkFile) -> None:
        """Make a file's previews before all others, without waiting for them."""
        await self.importer.import_soon(work)

    async def examine(self, work: WorkFile) -> ImportedFile | FailedFile:
        """What a file is that has no row yet. Raises PreviewsUnwritableError."""
        async with self._database.read() as reading:
            roots = await configured_roots(reading)
        self.importer.allow([root.path for root in roots])
        return await self.importer.examine(work)

    # What it does

    async def run(self) -> None:
        """Scan all roots, then watch them, until cancelled."""
        async with self._database.read() as reading:
            roots = await configured_roots(reading)
        self.importer.allow([root.path for root in roots])
        async with self._pausing:
            async with self._database.read() as reading:
                paused = await load_flag(reading, PAUSED)
            await self.importer.pause(paused=paused)
        settings = self._settings
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.importer.run())
            tasks.create_task(self._settle())
            tasks.create_task(self._mind_roots())
            if settings.watch:
                self._watching = Watching(
                    tasks, self._database, self._scanner, settings.poll_interval, self.request_scan
                )
                self._watching.add(roots)
                await self._watching.wait_begun(BEGIN_S)
            self.request_scan()
            tasks.create_task(self._scan_on_request())
            if settings.rescan_time is not None:
                tasks.create_task(
                    call_nightly(settings.rescan_time, settings.tz, self.request_scan)
                )

    async def run_once(self, paths: Sequence[bytes] = ()) -> RunReport:
        """Scan these paths or all roots, import everything pending, and return.

        Ends early, with a reason, when there is no room to import.
        """
        results = self.importer.keep_results()
        await self._settle_roots()
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(self.importer.run()),
                tasks.create_task(self._settle()),
            ]
            summary = await self._scan(_Request(tuple(paths)))
            obstacle = await self._finish()
            for _ in range(MAX_ROUNDS):
                if obstacle or not self._requests:
                    break
                while self._requests:
                    again = await self._scan(self._requests.popleft())
                    summary.missing += again.missing
                obstacle = await self._finish()
            for task in running:
                task.cancel()
        reasons = [*summary.reasons, *([f"The import stopped: {obstacle}"] if obstacle else [])]
        return make_report(summary, results, reasons)

    async def _finish(self) -> str | None:
        """Wait until all is settled and imported; returns what prevents it, if anything does."""
        self._all_settled.clear()
        if len(self._tracker):
            await self._all_settled.wait()
        self.importer.wake()
        idle = asyncio.create_task(self.importer.wait_idle())
        try:
            while not self.importer.obstacle or self.importer.is_passing:
                done, _ = await asyncio.wait([idle], timeout=SETTLE_POLL_S)
                if done:
                    return None
        finally:
            idle.cancel()
        return self.importer.obstacle

    def _request(self, request: _Request) -> None:
        covered = request in self._requests or (
            _Request() in self._requests and not request.accept_missing
        )
        if not covered:
            self._requests.append(request)
        self._requested.set()

    async def _settle_roots(self) -> list[Root]:
        """See which roots are where now: disks come and go (SPEC 4.3)."""
        await settle_again(self._database, exclude_globs=self._settings.exclude_globs)
        async with self._database.read() as reading:
            roots = await configured_roots(reading)
        self.importer.allow([root.path for root in roots])
        if self._watching:
            self._watching.add(roots)
        return roots

    async def _scan(self, request: _Request) -> ScanSummary:
        """Scan whole roots, and the parts of roots that paths name."""
        paths = [await asyncio.to_thread(os.path.realpath, path) for path in request.paths]
        roots = await self._settle_roots()
        total = ScanSummary()
        whole = [
            root for root in roots if not paths or any(is_inside(root.path, path) for path in paths)
        ]
        for root in whole:
            scan = self._scanner.scan_root(
                root,
                accept_missing=request.accept_missing,
                accept_away=root.id in request.away,
            )
            total.add(await scan)
        for path in paths:
            inside = find_root(roots, path)
            if inside is not None and inside not in whole:
                is_file = await asyncio.to_thread(os.path.isfile, path)
                if is_file:
                    total.add(await self._scanner.scan_file(inside, path))
                else:
                    total.add(await self._scanner.scan_paths(inside, [path], deep=True))
            elif inside is None and not any(is_inside(root.path, path) for root in whole):
                total.complete = False
                total.reasons.append(f"{display_name(path)}: it lies in no folder that is scanned")
        if request.accept_missing:
            # Where a disk was given up, the one that is there now takes its place.
            known = {root.id for root in roots}
            for root in await self._settle_roots():
                if root.id not in known:
                    total.add(await self._scanner.scan_root(root))
        return total

    async def _scan_on_request(self) -> None:
        while True:
            await self._requested.wait()
            self._requested.clear()
            while self._requests:
                request = self._requests.popleft()
                try:
                    summary = await self._scan(request)
                except sqlite3.OperationalError as error:
                    if not is_obstacle(error):
                        log.exception("a scan failed; the next may do better")
                        continue
                    # What it would have found must not wait for the night.
                    log.warning("the database cannot be written (%s): the scan waits", error)
                    await asyncio.sleep(OBSTACLE_WAIT_S)
                    self._request(request)
                except Exception:
                    log.exception("a scan failed; the next may do better")
                else:
                    for reason in summary.reasons:
                        log.warning("scan: %s", reason)

    async def _mind_roots(self) -> None:
        """Look whether the disk of a root is back, or gone."""
        while True:
            await asyncio.sleep(ROOT_CHECK_S)
            with go_on_after("looking for roots"):
                async with self._database.read() as reading:
                    roots = await configured_roots(reading)
                if any(root.state == "unavailable" for root in roots):
                    roots = await self._settle_roots()
                for root in roots:
                    is_away = bool(await asyncio.to_thread(find_obstacle, root))
                    if root.state != "unavailable" and is_away:
                        self.request_scan([root.path])
                    elif root.state == "unavailable" and not is_away:
                        await self._welcome(root)

    async def _welcome(self, root: Root) -> None:
        """Scan and watch a root whose disk is back."""
        view = await asyncio.to_thread(look_at_root, root.path)
        if view.is_empty:
            return
        if self._watching:
            self._watching.begin_anew(root.path)
        self.request_scan([root.path])

    async def _settle(self) -> None:
        """Have files compared when they have become quiet."""
        loop = asyncio.get_running_loop()
        while True:
            if not len(self._tracker):
                self._all_settled.set()
            before = loop.time()
            await asyncio.sleep(SETTLE_POLL_S)
            if loop.time() - before > GAP_S + SETTLE_POLL_S and self._watching:
                self.request_scan()
            settled = await asyncio.to_thread(self._tracker.poll)
            if not settled:
                continue
            async with self._database.read() as reading:
                roots = await configured_roots(reading)
            for folder, files in groupby(settled, key=lambda file: file.folder):
                root = find_root(roots, folder)
                if root is not None:
                    names = [file.name for file in files]
                    try:
                        await self._scanner.compare_settled(root, folder, names)
                    except Exception:
                        log.exception("comparing a folder failed; it is scanned again")
                        self.request_scan([folder])
