"""Deleting and bringing back assets, one act at a time (SPEC 9.3 to 9.6).

An act goes over its assets in batches: files first, written down before and after; then the rows,
in one durable transaction a batch; the last of these also writes the journal. The records on disk
stay until then, so that a start after a crash knows what was done and draws the consequences.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import sqlite3
import time
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from photostore.base.errors import LibraryError
from photostore.base.events import LibraryChanged
from photostore.library.clock import look_at_clock
from photostore.library.trash import forget_act, read_surroundings
from photostore.library.trash.folders import pass_by
from photostore.library.trashing.adoption import find_trashed
from photostore.library.trashing.aftermath import drop_previews, report_rows
from photostore.library.trashing.deeds import Bench, Erasing, Purging, Restoring, Trashing
from photostore.library.trashing.places import find_blocked, find_usable
from photostore.library.trashing.results import (
    ConfirmationError,
    Disposal,
    Refused,
    Weight,
    no_progress,
)
from photostore.library.trashing.settling import is_emptied, journal_entry, settle
from photostore.library.trashing.weighing import Survey
from photostore.library.turns import Turn
from photostore.store.disposal import mount_paths, note_emptied, note_trashed
from photostore.store.journal import ActName, write_act
from photostore.store.timeline import library_revision
from photostore.store.trash import (
    count_missing,
    count_trash,
    forget_settled,
    ids_in_trash,
    load_originals,
    missing_files,
    root_paths,
    settle_acts,
    trashed_files,
)
from photostore.store.volumes import configured_roots

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from photostore.base.events import Bus
    from photostore.library.previews import PreviewStore
    from photostore.library.reports import Reports
    from photostore.library.trash import Surroundings, TrashPlace
    from photostore.library.trash.folders import Reach
    from photostore.library.trash.places import Refusal
    from photostore.library.trashing.deeds import Deed, Done
    from photostore.library.trashing.results import Progress
    from photostore.library.trashing.settling import Settled
    from photostore.library.trashing.weighing import Agreed
    from photostore.store.db import Database, Transaction
    from photostore.store.scope import Scope
    from photostore.store.trash import TrashTotals

log = logging.getLogger(__name__)

# Assets in one act on disk and one transaction: a moment, in which scans and others wait.
BATCH = 100


@dataclass(frozen=True, slots=True)
class TrashSetup:
    """Where acts are recorded and how deleting is set. `keep`: zero never empties by itself."""

    acts: Path
    previews: PreviewStore
    reports: Reports
    soft_deletes: bool
    keep: timedelta
    in_container: bool
    environ: Mapping[str, str]


@dataclass(slots=True)
class _Sum:
    """What the batches of an act came to."""

    contents: dict[str, set[str]] = field(default_factory=dict)
    files: int = 0
    size_bytes: int = 0
    acts: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    act: int | None = None
    revision: int = 0

    def add(self, done: Done) -> None:
        self.files += len(done.files)
        self.size_bytes += sum(file.size for file in done.files)
        self.acts += done.acts
        self.refused += done.refused
        for file in done.files:
            contents = self.contents.setdefault(file.public_id, set())
            contents.update({file.sha1} if file.sha1 else ())


class Trash:
    """Deletes, restores and empties for one open library.

    `quiet` holds scans back while files are moved and their rows are not written yet: one that
    listed a folder a moment ago would take a trashed file for one that is back. `on_act` is called
    after each act that the journal has.
    """

    def __init__(
        self,
        database: Database,
        bus: Bus,
        setup: TrashSetup,
        quiet: Callable[[], AbstractAsyncContextManager[object]],
        reach: Reach = pass_by,
    ) -> None:
        self.database = database
        self._bus = bus
        self._setup = setup
        self.quiet = quiet
        self._reach = reach
        # One act on originals at a time; copying takes its turns too.
        self.turn = Turn()
        self.on_act: Callable[[], Awaitable[object]] | None = None
        self.settled: tuple[Settled, ...] = ()
        self._is_behind = False
        self._missing = 0
        self.unfinished: list[str] = []

    @property
    def soft_deletes(self) -> bool:
        """Whether deleting means the trash; else nothing goes there, and deleting is for good."""
        return self._setup.soft_deletes

    # What a person does

    async def trash(
        self,
        scope: Scope,
        public_ids: Sequence[str],
        progress: Progress = no_progress,
        *,
        undoes: int | None = None,
        agreed: Agreed | None = None,
    ) -> Disposal:
        """Move assets to the trash, all files of each or none; only what was `agreed` to."""
        return await self._act(Trashing(agreed), scope, public_ids, progress, undoes)

    async def restore(
        self,
        scope: Scope,
        public_ids: Sequence[str],
        progress: Progress = no_progress,
        *,
        undoes: int | None = None,
    ) -> Disposal:
        """Bring assets back from the trash, to where they were or beside it."""
        async with self.database.read() as reading:
            roots = await root_paths(reading)
        restoring = Restoring(await self.places(), roots)
        return await self._act(restoring, scope, public_ids, progress, undoes)

    async def weigh(self, scope: Scope, public_ids: Sequence[str]) -> Weight:
        """How much `delete` would delete: without the trash, sidecars are not counted."""
        return (await self._survey(scope, public_ids)).weight

    async def _survey(self, scope: Scope, public_ids: Sequence[str]) -> Survey:
        survey = Survey()
        for some in _batches(public_ids, BATCH):
            async with self.database.read() as reading:
                assets = await load_originals(reading, scope, some)
            survey.add(assets, soft_deletes=self.soft_deletes)
        return survey

    async def delete(
        self,
        scope: Scope,
        public_ids: Sequence[str],
        confirmed: Weight | None,
        progress: Progress = no_progress,
    ) -> Disposal:
        """Delete assets for good: those in the trash, others only where there is to be no trash.

        Raises ConfirmationError unless a person confirmed exactly what `weigh` says (SPEC 9.4).
        """
        survey = await self._survey(scope, public_ids)
        if confirmed != survey.weight:
            raise ConfirmationError(survey.weight)
        trashed, agreed = survey.trashed, survey.agreed
        present = [one for one in dict.fromkeys(public_ids) if one not in set(trashed)]
        if not present or self.soft_deletes:
            refused = [
                Refused(one, None, "it is not in the trash", "delete it first, then for good")
                for one in present
            ]
            purging = Purging(await self.places(), agreed)
            outcome = await self._act(purging, scope, trashed, progress, None)
            return _with_refused(outcome, refused)
        if not trashed:
            return await self._act(Erasing(agreed), scope, present, progress, None)
        purging = Purging(await self.places(), agreed)
        first = await self._act(purging, scope, trashed, progress, None)

        def go_on(done: int, size_bytes: int) -> None:
            progress(len(trashed) + done, first.size_bytes + size_bytes)

        second = await self._act(Erasing(agreed), scope, present, go_on, None)
        return Disposal(
            second.act or first.act,
            first.assets + second.assets,
            first.files + second.files,
            first.size_bytes + second.size_bytes,
            (*first.refused, *second.refused),
            second.revision,
        )

    async def empty(
        self,
        scope: Scope,
        confirmed: Weight | None,
        older_than: timedelta | None = None,
        progress: Progress = no_progress,
    ) -> Disposal:
        """Delete for good what is in the trash, or what came there longer ago than a time.

        `confirmed` None is a person's plain yes. Raises ConfirmationError if it is something else.
        """
        ids, agreed = await self._ids_in_trash(scope, older_than), None
        if confirmed is not None:
            survey = await self._survey(scope, ids)
            if confirmed != survey.weight:
                raise ConfirmationError(survey.weight)
            agreed = survey.agreed
        return await self._act(Purging(await self.places(), agreed), scope, ids, progress, None)

    # What can be asked

    async def totals(self, scope: Scope) -> TrashTotals:
        """How much is in the trash."""
        async with self.database.read() as reading:
            return await count_trash(reading, scope)

    async def weigh_trash(self, scope: Scope, older_than: timedelta | None = None) -> Weight:
        """How much `empty` would delete."""
        return await self.weigh(scope, await self._ids_in_trash(scope, older_than))

    async def _ids_in_trash(self, scope: Scope, older_than: timedelta | None) -> list[str]:
        async with self.database.read() as reading:
            before = None if older_than is None else _now_ms() - _ms(older_than)
            return await ids_in_trash(reading, scope, before)

    async def blocked(self) -> list[Refusal]:
        """Folders of which nothing can go to a trash, with reason and remedy (SPEC 9.4)."""
        async with self.database.read() as reading:
            roots = await configured_roots(reading)
        paths = [root.path for root in roots if root.state != "unavailable"]

        return await asyncio.to_thread(lambda: find_blocked(paths, self._surroundings()))

    # What goes on by itself

    async def settle(self) -> None:
        """Bring acts that were interrupted to an end: at start, before anything looks at files."""
        async with self.turn:
            self.settled = await settle(self.database, self._setup.acts, self._reach)
        for one in self.settled:
            log.warning("%s", one.describe())

    async def catch_up(self) -> None:
        """Write what the database could not take when it was done, if there is any such thing."""
        async with self.turn:
            await self._catch_up()

    async def empty_old(self, scope: Scope) -> None:
        """Delete for good what has been in the trash for longer than is set, if that is set.

        Only the time counts in which the clock can be believed.
        """
        if not self._setup.keep:
            return
        clock = await look_at_clock(self.database, _now_ms())
        before = clock.cutoff(_ms(self._setup.keep))
        if before is None:
            return
        async with self.database.read() as reading:
            ids = await ids_in_trash(reading, scope, before)
        if ids:
            outcome = await self._act(Purging(await self.places()), scope, ids, no_progress, None)
            for one in outcome.refused:
                log.warning("not emptied from the trash: %s", one.reason)

    async def _catch_up(self) -> None:
        """Write what a database that was full or away could not take, from the records of acts."""
        if self._is_behind:
            async with self.quiet():
                self.settled += await settle(self.database, self._setup.acts, self._reach)
            self._is_behind = False
            async with self.database.read() as reading:
                self._bus.publish(LibraryChanged(await library_revision(reading)))

    async def look_again(self) -> int:
        """Note what another program emptied from a trash; returns the number of such files."""
        self._missing = -1  # so that these are looked for again as well
        async with self.turn, self.quiet():
            async with self.database.read() as reading:
                known = await trashed_files(reading)
            gone = await asyncio.to_thread(lambda: [one for one in known if is_emptied(one)])
            ids = [one.id for one in gone if one.id is not None]
            if ids:
                async with self.database.write(durable=True) as transaction:
                    await note_emptied(transaction, ids, _now_ms())
                self._announce(transaction)
        return len(ids)

    async def look_for_missing(self) -> int:
        """Take what another program trashed into our trash; returns the number of such files."""
        async with self.database.read() as reading:
            count = await count_missing(reading)
        if count == self._missing:
            return 0
        places = (await self.places()).values()
        async with self.turn, self.quiet():
            async with self.database.read() as reading:
                missing = await missing_files(reading)
            found = await asyncio.to_thread(find_trashed, missing, places)
            if found:
                async with self.database.write(durable=True) as transaction:
                    await note_trashed(transaction, found, _now_ms())
                self._announce(transaction)
        self._missing = count - len({file.asset_id for file in found})
        return len(found)

    # How

    async def _act(
        self,
        deed: Deed,
        scope: Scope,
        public_ids: Sequence[str],
        progress: Progress,
        undoes: int | None,
    ) -> Disposal:
        wanted = list(dict.fromkeys(public_ids))
        total = _Sum()
        async with self.turn:
            await self._catch_up()
            around = await asyncio.to_thread(self._surroundings)
            request, now = secrets.token_hex(8), datetime.now().astimezone()
            bench = Bench(
                self._setup.acts, around, now, request, scope.user_id, undoes, self._reach
            )
            try:
                for start in range(0, max(len(wanted), 1), BATCH):
                    some = wanted[start : start + BATCH]
                    await self._do_batch(
                        deed, scope, some, bench, total, last=start + BATCH >= len(wanted)
                    )
                    progress(start + len(some), total.size_bytes)
            except BaseException:
                # The journal is told of the batches that were done at the next look.
                self._is_behind = self._is_behind or bool(total.acts)
                raise
            await self._forget(total.acts)
        if total.act is not None and self.on_act is not None:
            await self.on_act()
        return Disposal(
            total.act,
            len(total.contents),
            total.files,
            total.size_bytes,
            tuple(total.refused),
            total.revision,
        )

    async def _do_batch(
        self,
        deed: Deed,
        scope: Scope,
        public_ids: Sequence[str],
        bench: Bench,
        total: _Sum,
        *,
        last: bool,
    ) -> None:
        async with self.quiet():
            async with self.database.read() as reading:
                assets = await load_originals(reading, scope, public_ids)
            found = {asset.public_id for asset in assets}
            total.refused += [
                Refused(one, None, "there is no such photo or video")
                for one in public_ids
                if one not in found
            ]
            # Until the rows say what the files show, whatever comes between.
            self._is_behind = True
            done = await self.turn.do(partial(deed.carry_out, assets, bench))
            total.add(done)
            self.unfinished += done.unfinished
            self._reach("batch done")
            try:
                orphaned, transaction = await self._note(deed, bench, total, done, last=last)
            except sqlite3.Error as error:
                raise LibraryError(
                    f"The files were moved, but the database cannot say so now ({error}): it is "
                    "tried again every few seconds; see whether its disk is full"
                ) from error
            self._is_behind = False
            self._reach("noted")
            async with self.database.read() as reading:
                total.revision = await library_revision(reading)
        self._announce(transaction)
        await asyncio.to_thread(self._tidy_up, deed.name, done, orphaned)

    async def _note(
        self, deed: Deed, bench: Bench, total: _Sum, done: Done, *, last: bool
    ) -> tuple[list[bytes], Transaction]:
        """Draw the consequences of a batch; with the last one, the journal tells of the act."""
        orphaned: list[bytes] = []
        async with self.database.write(durable=True) as transaction:
            if done.files:
                orphaned = await deed.note(transaction, done.files, _now_ms())
            if last and total.contents:
                entry = journal_entry(deed.name, bench.user_id, total.contents, bench.undoes)
                total.act = await write_act(transaction, entry)
                await settle_acts(transaction, total.acts)
            self._reach("noting")
        return orphaned, transaction

    async def _forget(self, act_ids: Sequence[str]) -> None:
        """Remove the records of acts that are in the database whole."""
        if not act_ids:
            return

        def forget() -> None:
            for act_id in act_ids:
                forget_act(self._setup.acts, act_id)
                self._reach("forgotten")

        await asyncio.to_thread(forget)
        async with self.database.write() as transaction:
            await forget_settled(transaction, act_ids)

    async def places(self) -> dict[bytes, TrashPlace]:
        """The trashes that can be used now, by folder."""
        async with self.database.read() as reading:
            mounts = await mount_paths(reading)

        return await asyncio.to_thread(lambda: find_usable(mounts, self._surroundings()))

    def _surroundings(self) -> Surroundings:
        setup = self._setup
        return read_surroundings(setup.environ, in_container=setup.in_container)

    def _announce(self, transaction: Transaction) -> None:
        if transaction.changed_revision is not None:
            self._bus.publish(LibraryChanged(transaction.changed_revision))

    def _tidy_up(self, name: ActName, done: Done, orphaned: Sequence[bytes]) -> None:
        self._setup.reports.add(report_rows(name, done))
        drop_previews(self._setup.previews, orphaned)


def _with_refused(outcome: Disposal, refused: Sequence[Refused]) -> Disposal:
    return replace(outcome, refused=(*refused, *outcome.refused))


def _batches(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _ms(duration: timedelta) -> int:
    return int(duration.total_seconds() * 1000)
