"""The import: pending files -> claimed -> read, probed, previewed -> recorded -> announced.

A large backlog goes through it twice: facts and grid pictures first, so that everything can be
looked at early, and the screen pictures when no other file waits (docs/decisions/0015).

Pending work is asked of the database and never kept anywhere else, so a kill loses nothing and
repeats no finished file (SPEC 5.4). Each worker has one decode thread, and children for what is
doubtful (`worker`); the queue before them and the one to the recorder are bounded.
"""

from __future__ import annotations

import asyncio
import logging
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from photostore.base.events import ProblemsChanged, SyncProgressed
from photostore.base.text import display_name
from photostore.store.facts import ScreenState
from photostore.store.files import Pictures
from photostore.store.problems import next_retry_at, retry_due
from photostore.store.work import count_pending, pending_files
from photostore.sync.journey import (
    PREVIEW_VERSION,
    PROBE_VERSION,
    FailedFile,
    ImportedFile,
    PicturedFile,
    PreviewsUnwritableError,
    travel,
)
from photostore.sync.lanes import Lanes
from photostore.sync.neighbours import settle_neighbours
from photostore.sync.outcomes import Outcome, OutcomeRecorder
from photostore.sync.shared import now_ms
from photostore.sync.worker import ChildrenPool, Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from photostore.library.machine import Obstacle
    from photostore.store.files import WorkFile
    from photostore.store.problems import ProblemState
    from photostore.sync.journey import Workshop
    from photostore.sync.shared import Shared

log = logging.getLogger(__name__)

BATCH_FILES = 100
BATCH_S = 0.25
# While many files wait nobody misses the last second's; a transaction costs less for more of them.
LARGE_BATCH_S = 1.0
MANY_FILES = 200
OBSTACLE_CHECK_S = 10.0
RETRY_CHECK_S = 5.0
TICK_S = 0.5
NEIGHBOURS_EVERY_S = 30.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How an import works: side by side, how readily it gives way, in which order.

    With `first_pass_files` or more that lack a picture the grid pictures are made first; 0: never.
    """

    workers: int
    nice: int = 0
    first_pass_files: int = 0


class Importer:
    """Imports what is pending, for as long as `run` runs.

    `obstacle` says why nothing can be imported now, or is None; `is_passing`, that it goes by
    itself. `on_unsettled` is told the folder of a file that was removed, moved or changed while it
    was read.
    """

    def __init__(
        self,
        shared: Shared,
        workshop: Workshop,
        pace: Pace,
        *,
        find_obstacle: Callable[[], Obstacle | None] = lambda: None,
        on_unsettled: Callable[[bytes], None] = lambda _: None,
    ) -> None:
        self._shared = shared
        self._database = shared.database
        self._bus = shared.bus
        self._meter = shared.meter
        self._workshop = workshop
        self._pace = pace
        self._find_obstacle = find_obstacle
        self._on_unsettled = on_unsettled
        self._recorder = OutcomeRecorder(shared)
        self._children = ChildrenPool(workshop.children)
        self._lanes = Lanes(capacity=4 * pace.workers)
        self._outcomes: asyncio.Queue[Outcome] = asyncio.Queue(maxsize=2 * BATCH_FILES)
        self._in_flight: dict[int, asyncio.Future[bool]] = {}
        self._finished_meanwhile: set[int] = set()
        self._more = asyncio.Event()
        self._idle = asyncio.Event()
        self._results: dict[int, ProblemState | None] | None = None
        self.obstacle: str | None = None
        self.is_passing = False

    async def run(self) -> None:
        """Work until cancelled. What is in flight then stays pending, and may be begun anew."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._feed())
                for slot in range(self._pace.workers):
                    tasks.create_task(self._work(slot))
                tasks.create_task(self._record())
                tasks.create_task(self._retry())
                tasks.create_task(self._tell())
                tasks.create_task(self._compare_neighbours())
        finally:
            self._give_all_back()

    def _give_all_back(self) -> None:
        """Forget what was claimed: it is pending, and whoever waits for it is told so."""
        for future in self._in_flight.values():
            if not future.done():
                future.set_result(False)
        self._in_flight.clear()
        self._lanes = Lanes(capacity=4 * self._pace.workers)
        self._outcomes = asyncio.Queue(maxsize=2 * BATCH_FILES)

    def allow(self, folders: Sequence[bytes]) -> None:
        """Name the folders that files are read from; decode children may read no others."""
        for child in self._workshop.children:
            child.allow(folders)

    def protection(self) -> tuple[str, ...] | None:
        """The layers that held the last decode child, None if none was needed yet."""
        known = [child.layers for child in self._workshop.children if child.layers is not None]
        return known[-1] if known else None

    def wake(self) -> None:
        """There is, or may be, new pending work."""
        self._idle.clear()
        self._more.set()

    async def wait_idle(self) -> None:
        """Wait until nothing is pending and everything done is recorded."""
        await self._idle.wait()

    def keep_results(self) -> dict[int, ProblemState | None]:
        """From now on, note what becomes of each file: its state by id, None if imported.

        For a single run: a person waits for its report, so nothing is put off either, all is made
        in one pass, and a file that ends early is taken as it is.
        """
        self._results = {}
        self._pace = replace(self._pace, first_pass_files=0)
        self._workshop = replace(self._workshop, patience_s=0)
        return self._results

    async def pause(self, *, paused: bool) -> None:
        """Hold the backlog back, or go on; what a person looks at is made in any case."""
        self._meter.paused = paused
        await self._lanes.pause(paused=paused)
        self._bus.publish(SyncProgressed(self._meter.progress()))

    async def import_now(self, work: WorkFile) -> bool:
        """Import one file before all others; False if it failed. Waits for the recorded result."""
        # The work goes on when the one who asked hangs up: others may wait for it too.
        return await asyncio.shield(await self.import_soon(work))

    async def import_soon(self, work: WorkFile) -> asyncio.Future[bool]:
        """Put one file before all others; the future tells whether it was imported."""
        future = self._in_flight.get(work.id)
        if future is None:
            future = self._claim(work)
            await self._lanes.add_urgent(work)
        else:
            await self._lanes.promote(work.id)
        return future

    async def examine(self, work: WorkFile) -> ImportedFile | FailedFile:
        """Take a file through its journey that has no row yet; nothing is recorded by this.

        It comes from a stranger, so a child looks at it where there is one. Raises
        PreviewsUnwritableError.
        """
        workshop = replace(self._workshop, in_flight=None, patience_s=0)
        worker = Worker(workshop, self._children, travel, nice=0)
        try:
            outcome = await worker.take_through(replace(work, apart=True))
        finally:
            worker.close()
        # Only what has a row is read for its screen picture alone.
        assert not isinstance(outcome, PicturedFile)  # noqa: S101 - for the type checker
        return outcome

    def claim(self, file_id: int) -> None:
        """A file that was examined gets a row just now: it is not to be read again, but recorded.

        Until `release`; to be called before others can see the row. One that was there before may
        be on its way: whoever waits for it goes on waiting.
        """
        self._in_flight.setdefault(file_id, asyncio.get_running_loop().create_future())

    def release(self, file_id: int) -> None:
        """The file is recorded, or is pending like any other."""
        self._finished_meanwhile.add(file_id)
        future = self._in_flight.pop(file_id, None)
        if future is not None and not future.done():
            future.set_result(True)
        self._more.set()

    async def record(self, outcome: Outcome) -> None:
        """Write and announce what `examine` found, now that the file has a row."""
        self._count(await self._recorder.record([outcome]))

    def _claim(self, work: WorkFile) -> asyncio.Future[bool]:
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._in_flight[work.id] = future
        return future

    async def _feed(self) -> None:
        """Bring pending files into the backlog, as it empties."""
        while True:
            await self._lanes.wait_wanted()
            await self._wait_for_room()
            self._more.clear()
            self._finished_meanwhile.clear()
            wanted = max(1, self._lanes.wanted)
            async with self._database.read() as reading:
                found = await pending_files(
                    reading,
                    probe_version=PROBE_VERSION,
                    preview_version=PREVIEW_VERSION,
                    # Those in flight are pending until they are recorded.
                    limit=wanted + len(self._in_flight),
                )
            if not self._unclaimed(found):
                await self._rest()
                continue
            await self._begin()
            # Asked again: while it was counted, somebody may have opened one of them.
            fresh = self._unclaimed(found)[:wanted]
            for work in fresh:
                self._claim(work)
            # The count may be older than the latest of these.
            backlog = max(self._meter.new, len(fresh)) + self._meter.screens
            await self._lanes.add_backlog([self._in_its_round(work, backlog) for work in fresh])

    def _unclaimed(self, found: Sequence[WorkFile]) -> list[WorkFile]:
        """Those that nobody works on, or has finished since they were found."""
        taken = self._in_flight.keys() | self._finished_meanwhile
        return [work for work in found if work.id not in taken]

    async def _begin(self) -> None:
        """Begin a run, unless one goes on: it must know how much there is."""
        if not self._meter.is_running:
            await self._count_pending()
        self._meter.begin()

    def _in_its_round(self, work: WorkFile, backlog: int) -> WorkFile:
        """A file of a large backlog gets its grid picture only, if that pays.

        `backlog` counts files without any picture and those without a screen picture: as the first
        pass goes on they only change sides, so it ends with the last of them; and it goes on after
        a restart.
        """
        is_first = 0 < self._pace.first_pass_files <= backlog
        is_new = work.earlier is None and not (work.attempts or work.apart)
        if is_first and is_new and work.pictures is Pictures.BOTH:
            return replace(work, pictures=Pictures.GRID)
        return work

    async def _wait_for_room(self) -> None:
        """Wait while the machine has no room, or is too hot (SPEC 5.6)."""
        was_stopped = False
        while obstacle := await asyncio.to_thread(self._find_obstacle):
            self._stop_at(obstacle.reason)
            self.is_passing = obstacle.passes
            await asyncio.sleep(OBSTACLE_CHECK_S)
            was_stopped = True
        if was_stopped:
            log.warning("the import goes on")
            self.obstacle, self.is_passing = None, False

    def _stop_at(self, obstacle: str) -> None:
        if self.obstacle != obstacle:
            log.warning("the import waits: %s", obstacle)
        self.obstacle = obstacle

    async def _rest(self) -> None:
        """Nothing more to claim: note whether all is done, then wait for a word."""
        await self._count_pending()
        if not self._in_flight and not self._meter.is_behind:
            await settle_neighbours(self._shared)
        # A word that came meanwhile means that the count may be older than the work.
        if not self._in_flight and not self._meter.is_behind and not self._more.is_set():
            self._meter.end()
            self._idle.set()
        await self._more.wait()

    async def _work(self, slot: int) -> None:
        """Take files through the journey, one after the other."""
        workshop = replace(self._workshop, slot=slot)
        worker = Worker(workshop, self._children, travel, self._pace.nice)
        try:
            while True:
                work = await self._lanes.take()
                self._meter.folder = display_name(os.path.dirname(work.path))
                try:
                    outcome = await worker.take_through(work)
                except PreviewsUnwritableError as error:
                    await self._give_back(work, f"previews cannot be written: {error}")
                    continue
                self.obstacle = None
                await self._outcomes.put(outcome)
        finally:
            worker.close()

    async def _give_back(self, work: WorkFile, obstacle: str) -> None:
        self._stop_at(obstacle)
        self._finish(work, ok=False)
        await asyncio.sleep(OBSTACLE_CHECK_S)
        self.wake()

    async def _record(self) -> None:
        """Write outcomes in batches, then tell who waits and who looks."""
        loop = asyncio.get_running_loop()
        while True:
            batch = [await self._outcomes.get()]
            is_large = self._meter.pending > MANY_FILES
            deadline = loop.time() + (LARGE_BATCH_S if is_large else BATCH_S)
            while len(batch) < BATCH_FILES and loop.time() < deadline:
                try:
                    async with asyncio.timeout_at(deadline):
                        batch.append(await self._outcomes.get())
                except TimeoutError:
                    break
            self._count(await self._recorder.record(batch))
            for outcome in batch:
                self._finish(outcome.work, ok=not isinstance(outcome, FailedFile))
            self._more.set()

    def _count(self, recorded: Sequence[Outcome]) -> None:
        """Count what was recorded, and have a look at folders that are not as they were."""
        failed = [outcome for outcome in recorded if isinstance(outcome, FailedFile)]
        rejected = sum(outcome.state == "rejected" for outcome in failed)
        screens = sum(isinstance(outcome, PicturedFile) for outcome in recorded)
        imported = [outcome for outcome in recorded if isinstance(outcome, ImportedFile)]
        self._meter.count(
            imported=len(imported),
            failed=len(failed) - rejected,
            rejected=rejected,
            screens_due=sum(outcome.screen is ScreenState.DUE for outcome in imported),
            screens=screens,
        )
        for folder in {os.path.dirname(one.work.path) for one in failed if one.unsettled}:
            self._on_unsettled(folder)
        if self._results is not None:
            self._results |= {
                one.work.id: one.state if isinstance(one, FailedFile) else None
                for one in recorded
                if not isinstance(one, PicturedFile)
            }

    def _finish(self, work: WorkFile, *, ok: bool) -> None:
        self._finished_meanwhile.add(work.id)
        future = self._in_flight.pop(work.id, None)
        if future is not None and not future.done():
            future.set_result(ok)

    async def _compare_neighbours(self) -> None:
        """Long before a large import ends, the folders that are through get their last dates."""
        while True:
            await asyncio.sleep(NEIGHBOURS_EVERY_S)
            if self._meter.is_running:
                await settle_neighbours(self._shared)

    async def _retry(self) -> None:
        """Return failed files to pending when their time has come."""
        while True:
            for child in self._workshop.children:
                child.reap()
            async with self._database.read() as reading:
                due = await next_retry_at(reading)
            if due is not None and due <= now_ms():
                async with self._database.write() as transaction:
                    await retry_due(transaction, now_ms())
                self._bus.publish(ProblemsChanged())
                self.wake()
            await asyncio.sleep(RETRY_CHECK_S)

    async def _tell(self) -> None:
        """Publish progress, at most twice a second and only when it changed."""
        told = None
        while True:
            if self._meter.is_running:
                await self._count_pending()
            progress = self._meter.progress()
            if progress != told:
                self._bus.publish(SyncProgressed(progress))
                told = progress
            await asyncio.sleep(TICK_S)

    async def _count_pending(self) -> None:
        async with self._database.read() as reading:
            pending = await count_pending(
                reading, probe_version=PROBE_VERSION, preview_version=PREVIEW_VERSION
            )
        self._meter.know(new=pending.new, outdated=pending.outdated, screens=pending.screens)
