"""Every act of a person: durable transactions with its journal row; then who looks is told.

Edits of one asset or a hundred thousand, files split and merged, and the way back from any of it.
Edits are done in pieces (`batches`), all else in one transaction.
Albums go through `library.albums`, which uses `act` and `finish` here, as the trash may.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from photostore.base.errors import BadRequestError, NotFoundError
from photostore.base.events import LibraryChanged
from photostore.library.acts import undoing
from photostore.library.acts.batches import Heading, LongAct
from photostore.library.acts.editing import change_states, new_states, now_ms, summarise
from photostore.library.acts.grouping import merge_assets, split_asset
from photostore.library.acts.record import Record
from photostore.library.acts.results import Done, NotUndoableError
from photostore.library.acts.undoing import edits_of
from photostore.store.details import find_asset_ids
from photostore.store.edits import Field, load_editables
from photostore.store.journal import (
    ActName,
    expand,
    find_act,
    find_head,
    list_parts,
    load_part,
    write_act,
)
from photostore.store.timeline import library_revision

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

    from photostore.base.events import Bus
    from photostore.library.acts.batches import Progress
    from photostore.library.acts.change import Change
    from photostore.library.acts.copy import JournalCopy
    from photostore.library.acts.results import Undoer
    from photostore.store.db import Database, Transaction
    from photostore.store.edits import Editable, State
    from photostore.store.journal import ActHead, JournalAct
    from photostore.store.scope import Scope

    NewStates = Callable[[Editable], Mapping[str, State]]
    Wishes = list[tuple[Editable, Mapping[str, State]]]
    FindWishes = Callable[[Transaction, Sequence[Editable]], Awaitable[Wishes]]
    Sides = tuple[Mapping[str, Mapping[str, State]], Mapping[str, Mapping[str, State]]]

# What these did to originals is not taken back by a row.
FINAL = frozenset({ActName.DELETE, ActName.COPY})
# These change fields of assets and nothing else.
EDITS = frozenset({ActName.EDIT, ActName.TAG_RENAME, ActName.TAG_MERGE, ActName.CHOOSE_FILE})


def tell_nobody(done: int, size_bytes: int) -> None:
    """The progress of work that nobody follows."""


def _for_each(states_of: NewStates) -> FindWishes:
    """The wishes of an edit that only asks what an asset is."""

    async def find(_: Transaction, assets: Sequence[Editable]) -> Wishes:
        return [(one, states_of(one)) for one in assets]

    return find


def is_undoable(act: ActHead) -> bool:
    """Whether an act can be taken back now."""
    return act.undone_by is None and act.act not in FINAL


class Acts:
    """What people do, for one open library. `undoers` take back the acts of other modules."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        copy: JournalCopy | None = None,
        undoers: Mapping[ActName, Undoer] | None = None,
    ) -> None:
        self.database = database
        self._bus = bus
        self._copy = copy
        self.undoers = dict(undoers or {})
        self._undoing: set[int] = set()
        self._unfinished: set[int] = set() if copy is None else copy.unfinished

    async def edit(
        self,
        scope: Scope,
        public_ids: Sequence[str],
        change: Change,
        progress: Progress = tell_nobody,
    ) -> Done:
        """Change fields of assets; unknown ones and those that stay as they are are skipped."""
        if change.is_empty:
            raise BadRequestError("Nothing is to be changed")
        heading = Heading(ActName.EDIT, scope.user_id, now_ms(), summarise(change))
        find = _for_each(lambda asset: new_states(asset, change))
        return await self._edit(scope, public_ids, find, heading, progress)

    async def choose_shown(self, scope: Scope, public_id: str, file_id: int | None) -> Done:
        """Have a file stand for its asset; None leaves the choice to photostore (SPEC 7.1)."""
        async with self.database.read() as reading:
            file = await undoing.name_file(reading, scope, public_id, file_id)
        states: Mapping[str, State] = {Field.SHOWN: [] if file is None else [file]}

        def choose(asset: Editable) -> Mapping[str, State]:
            return states if list(asset.states.get(Field.SHOWN, [])) != states[Field.SHOWN] else {}

        heading = Heading(ActName.CHOOSE_FILE, scope.user_id, now_ms(), {})
        return await self._edit(scope, [public_id], _for_each(choose), heading)

    async def edit_each(
        self,
        scope: Scope,
        public_ids: Sequence[str],
        find_wishes: FindWishes,
        heading: tuple[ActName, Mapping[str, object]],
        progress: Progress = tell_nobody,
    ) -> Done:
        """Give each asset states of its own, as one act; `heading`: its name and summary.

        `find_wishes` says them in the transaction that writes them.
        """
        name, summary = heading
        whole = Heading(name, scope.user_id, now_ms(), summary)
        return await self._edit(scope, public_ids, find_wishes, whole, progress)

    async def _edit(
        self,
        scope: Scope,
        public_ids: Sequence[str],
        find_wishes: FindWishes,
        heading: Heading,
        progress: Progress = tell_nobody,
    ) -> Done:
        wanted = list(dict.fromkeys(public_ids))

        async def edit_some(transaction: Transaction, some: Sequence[str], record: Record) -> None:
            found = await load_editables(transaction, scope, some)
            wishes = await find_wishes(transaction, found)
            await change_states(transaction, scope, wishes, record, heading.at_ms)

        act = LongAct(self.database, heading, self._unfinished)
        async with self._finishing(act):
            await act.do(wanted, edit_some, progress)
        return Done(act.act_id, act.changed, len(wanted) - act.changed, await self._revision(act))

    @asynccontextmanager
    async def _finishing(self, act: LongAct) -> AsyncIterator[None]:
        """However it ends: what is done of an act is an act, and who looks is told."""
        try:
            yield
        finally:
            act.release()
            if act.revision is not None:
                self._bus.publish(LibraryChanged(act.revision))
            if self._copy is not None:
                await self._copy.catch_up()

    async def _revision(self, act: LongAct) -> int:
        if act.revision is not None:
            return act.revision
        async with self.database.read() as reading:
            return await library_revision(reading)

    async def split(
        self, scope: Scope, public_id: str, file_ids: Sequence[int]
    ) -> tuple[Done, tuple[str, str]]:
        """Make some files of an asset an asset of their own, for good (SPEC 7.1)."""
        record, at_ms = Record(), now_ms()
        async with self.database.write(durable=True) as transaction:
            new_id = await split_asset(transaction, scope, public_id, file_ids, (record, at_ms))
            act = record.act(ActName.SPLIT, scope.user_id, at_ms, {})
            act_id = await write_act(transaction, act)
        revision = await self.finish(transaction)
        return Done(act_id, record.changes, 0, revision), (public_id, new_id)

    async def merge(self, scope: Scope, public_ids: Sequence[str]) -> tuple[Done, str]:
        """Make several assets one, the first of them (SPEC 7.1)."""
        record, at_ms = Record(), now_ms()
        async with self.database.write(durable=True) as transaction:
            target = await merge_assets(transaction, scope, public_ids, (record, at_ms))
            act = record.act(ActName.MERGE, scope.user_id, at_ms, {})
            act_id = await write_act(transaction, act)
        revision = await self.finish(transaction)
        return Done(act_id, record.changes, 0, revision), target

    async def undo(self, scope: Scope, act_id: int, progress: Progress = tell_nobody) -> Done:
        """Take an act back, also one that took another back.

        What was changed again since is left alone and counted as skipped.
        """
        async with self.database.read() as reading:
            head = await find_head(reading, scope, act_id)
        if head is None:
            raise NotFoundError("There is no such act in the journal")
        self._check_undoable(head)
        if head.act in EDITS:
            self._undoing.add(head.id)
            try:
                return await self._unedit(scope, head, progress)
            finally:
                self._undoing.discard(head.id)
        async with self.database.read() as reading:
            act = await find_act(reading, scope, act_id)
        if act is None:
            raise NotFoundError("There is no such act in the journal")
        undoer = self.undoers.get(act.act)
        if undoer is not None:
            undone = await undoer.undo(act, scope)
            deleted = await self._count_deleted(scope, act) if undone.skipped else 0
            revision = await self.finish(None)
            return Done(
                undone.act, undone.changed, undone.skipped, revision, min(deleted, undone.skipped)
            )
        record, at_ms, new_id = Record(), now_ms(), None
        async with self.database.write(durable=True) as transaction:
            await undoing.take_back(transaction, scope, act, (record, at_ms))
            if not record.is_empty:
                row = record.act(act.act, scope.user_id, at_ms, act.summary, act.id)
                new_id = await write_act(transaction, row)
        revision = await self.finish(transaction)
        return Done(new_id, record.changes, record.skips, revision, len(record.deleted))

    async def _count_deleted(self, scope: Scope, act: JournalAct) -> int:
        """How many assets of an act were deleted for good since."""
        named = list({**act.before.get("assets", {}), **act.after.get("assets", {})})
        async with self.database.read() as reading:
            return len(named) - len(await find_asset_ids(reading, scope, named))

    def _check_undoable(self, act: ActHead) -> None:
        if act.undone_by is not None:
            raise NotUndoableError(f"It was undone already, by act {act.undone_by}")
        if act.act in FINAL:
            raise NotUndoableError("What it did to files cannot be taken back")
        if act.id in self._unfinished:
            raise NotUndoableError("It is still being done: wait until it has ended")
        if act.id in self._undoing:
            raise NotUndoableError("It is being undone just now")

    async def _unedit(self, scope: Scope, head: ActHead, progress: Progress) -> Done:
        """Take an edit back, part by part; it holds until all of it is back."""
        heading = Heading(head.act, scope.user_id, now_ms(), head.summary, head.id)
        undo = LongAct(self.database, heading, self._unfinished)
        async with self.database.read() as reading:
            parts = await list_parts(reading, head.id)
        async with self._finishing(undo):
            for part in parts:
                async with self.database.read() as reading:
                    before, after = await load_part(reading, head.id, part)
                sides = (edits_of(before), edits_of(expand(after, before.get("assets", {}))))

                async def unedit_some(
                    transaction: Transaction,
                    some: Sequence[str],
                    record: Record,
                    sides: Sides = sides,
                ) -> None:
                    noting = (record, heading.at_ms)
                    await undoing.unedit_some(transaction, scope, some, sides, noting)

                is_last = part == parts[-1]
                await undo.do(list(sides[0]), unedit_some, progress, is_last=is_last)
        revision = await self._revision(undo)
        return Done(undo.act_id, undo.changed, undo.skipped, revision, undo.deleted)

    async def finish(self, transaction: Transaction | None) -> int:
        """After an act's transaction: tell who looks, copy the journal; returns the revision."""
        revision = transaction.changed_revision if transaction is not None else None
        if revision is not None:
            self._bus.publish(LibraryChanged(revision))
        if self._copy is not None:
            await self._copy.catch_up()
        if revision is None:
            async with self.database.read() as reading:
                return await library_revision(reading)
        return revision
