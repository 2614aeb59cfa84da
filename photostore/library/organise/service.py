"""Copying what lies outside the library into it: never a move, never over a file (SPEC 9.2).

Goes over the assets in batches: plan, copy, note the rows in one durable transaction. Each batch is
written down first; so a start after a crash knows what to clean up, and the next run finds finished
copies at their places and goes on behind them.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from photostore.base.errors import FileError
from photostore.base.events import LibraryChanged
from photostore.base.text import display_name, format_size
from photostore.library.organise.copying import copy_set, end, write_down
from photostore.library.organise.destination import settle_destination
from photostore.library.organise.planning import Planner
from photostore.library.organise.results import NoRoomError, Outcome
from photostore.library.organise.template import parse_template
from photostore.library.reports import ReportRow
from photostore.library.trash import forget_act
from photostore.library.trash.errors import NameTakenError
from photostore.library.trash.folders import pass_by
from photostore.library.trashing.results import Refused, no_progress
from photostore.store.details import find_asset_ids
from photostore.store.journal import ActName, NewAct, write_act
from photostore.store.organise import copyable_assets, load_sources, note_copied
from photostore.store.timeline import load_places
from photostore.store.trash import forget_settled, settle_acts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from pathlib import Path

    from photostore.base.events import Bus
    from photostore.library.organise.planning import CopySet
    from photostore.library.organise.results import OrganiseSetup, Wish
    from photostore.library.trash import DiskJournal
    from photostore.library.trash.folders import Reach
    from photostore.library.trashing.results import Progress
    from photostore.library.turns import Turn
    from photostore.store.db import Database
    from photostore.store.organise import Copied, SourceAsset
    from photostore.store.scope import Scope
    from photostore.store.volumes import Root

BATCH = 50
ATTEMPTS = 3
LISTED = 1_000


@dataclass(slots=True)
class _Run:
    """One run under way."""

    scope: Scope
    root: Root
    planner: Planner
    outcome: Outcome
    contents: dict[str, set[str]] = field(default_factory=dict)
    acts: list[str] = field(default_factory=list)
    request: dict[str, str] = field(default_factory=dict)


class Organiser:
    """Copies into one open library. `turn` is shared with the trash: one act at a time."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        setup: OrganiseSetup,
        turn: Turn,
        reach: Reach = pass_by,
    ) -> None:
        self._database = database
        self._bus = bus
        self.setup = setup
        self._turn = turn
        self._reach = reach
        self._running = asyncio.Lock()
        self._stopping = threading.Event()
        self.on_act: Callable[[], Awaitable[object]] | None = None
        self.last: Outcome | None = None
        self.problem: str | None = None

    async def run(
        self,
        scope: Scope,
        wish: Wish,
        progress: Progress = no_progress,
        expect: Callable[[int], None] = lambda _: None,
    ) -> Outcome:
        """Copy what is wanted and not there yet, or with `dry_run` say what would be.

        `progress` is told of files and bytes, `expect` once of how many files there are to copy.
        Raises NoRoomError before anything is copied if it will not fit; ConflictError if the
        destination cannot be used.
        """
        async with self._running:
            self._stopping.clear()
            run = await self._begin(scope, wish)
            plan = await self._measure(run, wish)
            if wish.dry_run:
                return plan
            self._refuse_if_full(plan.size_bytes)
            expect(plan.files)
            run.planner = self._planner()
            async for assets in self._batches(scope, wish):
                await self._copy_batch(run, assets)
                progress(run.outcome.files, run.outcome.size_bytes)
            await self._finish(run)
        self.last = replace(run.outcome, items=run.outcome.items[:LISTED])
        return run.outcome

    async def _begin(self, scope: Scope, wish: Wish) -> _Run:
        parse_template(self.setup.template)
        root = await settle_destination(
            self._database,
            self.setup.destination,
            exclude_globs=self.setup.exclude_globs,
            dry_run=wish.dry_run,
        )
        request = {"request": secrets.token_hex(8), "user": str(scope.user_id)}
        return _Run(scope, root, self._planner(), Outcome(wish.dry_run), request=request)  # type: ignore[arg-type]

    def _planner(self) -> Planner:
        destination = os.path.realpath(self.setup.destination)
        return Planner(os.fsencode(destination), parse_template(self.setup.template))

    async def _batches(self, scope: Scope, wish: Wish) -> AsyncIterator[list[SourceAsset]]:
        """The wanted assets with their files, some at a time."""
        if wish.ids is not None or wish.view is not None:
            async with self._database.read() as reading:
                if wish.ids is not None:
                    ids = list((await find_asset_ids(reading, scope, wish.ids)).values())
                else:
                    assert wish.view is not None  # noqa: S101 - said by the condition above
                    ids = [place.id for place in await load_places(reading, wish.view)]
            for start in range(0, len(ids), BATCH):
                async with self._database.read() as reading:
                    found = await load_sources(reading, scope, ids[start : start + BATCH])
                yield found
            return
        after, seen = 0, set[int]()
        while True:
            async with self._database.read() as reading:
                ids, following = await copyable_assets(reading, scope, after, BATCH)
                fresh = [one for one in ids if one not in seen]
                seen.update(fresh)
                found = await load_sources(reading, scope, fresh)
            if found:
                yield found
            if not following:
                return
            after = following

    async def _measure(self, run: _Run, wish: Wish) -> Outcome:
        """Plan all of it: what it comes to, and how much room it needs."""
        plan = Outcome(dry_run=wish.dry_run)
        async for assets in self._batches(run.scope, wish):
            sets, refused = await asyncio.to_thread(_plan_all, run.planner, assets)
            plan.refused += refused
            for one in sets:
                plan.add(one, "planned")
            plan.assets += len({one.asset_id for one in sets if one.missing})
            if not wish.dry_run:
                plan.items.clear()
        return plan

    def _refuse_if_full(self, needed: int) -> None:
        free = shutil.disk_usage(self.setup.destination).free - self.setup.reserve
        if needed > free:
            raise NoRoomError(
                f"{format_size(needed)} are to be copied to "
                f"{display_name(os.fspath(self.setup.destination))}, which has "
                f"{format_size(max(free, 0))} to spare: free some space there, or copy less"
            )

    async def _copy_batch(self, run: _Run, assets: Sequence[SourceAsset]) -> None:
        async with self._turn:
            # What was planned may be in the trash by now.
            async with self._database.read() as reading:
                current = await load_sources(reading, run.scope, [one.id for one in assets])
            done, error = await self._turn.do(
                partial(self._copy_all, run, current), self._stopping.set
            )
            self._reach("batch done")
            async with self._database.write(durable=True) as transaction:
                await note_copied(transaction, run.root, done, time.time_ns() // 1_000_000)
                self._reach("noting")
            self._reach("noted")
        if transaction.changed_revision is not None and done:
            self._bus.publish(LibraryChanged(transaction.changed_revision))
        for one in done:
            contents = run.contents.setdefault(one.public_id, set())
            contents.update({one.sha1} if one.sha1 else ())
        if error is not None:
            await self._finish(run)
            self.last = run.outcome
            raise error

    def _copy_all(
        self, run: _Run, assets: Sequence[SourceAsset]
    ) -> tuple[list[Copied], NoRoomError | None]:
        """Copy a batch, in a worker thread; what fails is refused, a full disk ends it all."""
        sets, refused = _plan_all(run.planner, assets)
        run.outcome.refused += refused
        done: list[Copied] = []
        journal: DiskJournal | None = None
        if any(one.missing for one in sets):
            now = datetime.now().astimezone()
            try:
                journal, act_id = write_down(sets, self.setup.acts, now, run.request)
            except FileError as error:
                return [], NoRoomError(str(error))
            run.acts.append(act_id)
        by_id = {asset.id: asset for asset in assets}
        rows: list[ReportRow] = []
        failure: NoRoomError | None = None
        for one in sets:
            if self._stopping.is_set():
                break
            try:
                copied, final = self._copy_set(run, by_id[one.asset_id], one)
            except FileError as error:
                run.outcome.refused.append(Refused.of(one.public_id, error))
                if "volume is full" in error.reason:
                    failure = NoRoomError(f"{error}. What was copied so far is complete")
                    break
                continue
            done += copied
            run.outcome.add(final, "copied")
            rows += [
                ReportRow(
                    member.source,
                    "copied",
                    details=display_name(member.target),
                    asset=one.public_id,
                )
                for member in final.missing
            ]
        if journal is not None:
            end(journal)
        self.setup.reports.add(rows)
        return done, failure

    def _copy_set(
        self, run: _Run, asset: SourceAsset, planned: CopySet
    ) -> tuple[list[Copied], CopySet]:
        """Copy a set; a name that another program took meanwhile is planned anew."""
        for _ in range(ATTEMPTS):
            try:
                return copy_set(planned, self._reach), planned
            except NameTakenError:
                run.planner.look_again({os.path.dirname(one.target) for one in planned.members})
                mine = {member.source for member in planned.members}
                again = (one for one in run.planner.plan(asset))
                planned = next(
                    (one for one in again if mine & {m.source for m in one.members}), planned
                )
        return copy_set(planned, self._reach), planned

    async def _finish(self, run: _Run) -> None:
        """Write the journal, and forget the records of the batches."""
        outcome = run.outcome
        outcome.assets = len(run.contents)
        outcome.ended_at = datetime.now(UTC)
        if run.contents:
            assets = {one: {"sha1s": sorted(sha1s)} for one, sha1s in run.contents.items()}
            act = NewAct(
                ActName.COPY,
                run.scope.user_id,
                time.time_ns() // 1_000_000,
                len(assets),
                {"assets": assets},
                {},
                summary={"files": outcome.files, "bytes": outcome.size_bytes},
            )
            async with self._database.write(durable=True) as transaction:
                outcome.act = await write_act(transaction, act)
                await settle_acts(transaction, run.acts)
            if self.on_act is not None:
                await self.on_act()
        await asyncio.to_thread(_forget_all, self.setup.acts, run.acts, self._reach)
        async with self._database.write() as transaction:
            await forget_settled(transaction, run.acts)


def _plan_all(
    planner: Planner, assets: Sequence[SourceAsset]
) -> tuple[list[CopySet], list[Refused]]:
    sets: list[CopySet] = []
    refused: list[Refused] = []
    for asset in assets:
        try:
            sets += planner.plan(asset)
        except OSError as error:
            reason = error.strerror or str(error)
            refused.append(Refused(asset.public_id, asset.files[0].path, reason, "sync its folder"))
    return sets, refused


def _forget_all(folder: Path, act_ids: Sequence[str], reach: Reach) -> None:
    for act_id in act_ids:
        forget_act(folder, act_id)
        reach("forgotten")
