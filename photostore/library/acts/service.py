"""Every act of a person: one durable transaction with its journal row; then who looks is told.

Edits of one asset or a hundred thousand, files split and merged, and the way back from any of it.
Albums go through `library.albums`, which uses `act` and `finish` here, as the trash may.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from photostore.base.errors import BadRequestError, NotFoundError
from photostore.base.events import LibraryChanged
from photostore.library.acts import undoing
from photostore.library.acts.editing import change_states, new_states, now_ms, summarise
from photostore.library.acts.grouping import merge_assets, split_asset
from photostore.library.acts.record import Record
from photostore.library.acts.results import Done, NotUndoableError
from photostore.store.edits import Field, load_editables
from photostore.store.journal import ActName, find_act, write_act
from photostore.store.timeline import library_revision

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from photostore.base.events import Bus
    from photostore.library.acts.change import Change
    from photostore.library.acts.copy import JournalCopy
    from photostore.library.acts.results import Undoer
    from photostore.store.db import Database, Transaction
    from photostore.store.edits import Editable, State
    from photostore.store.journal import ActHead
    from photostore.store.scope import Scope

    NewStates = Callable[[Editable], Mapping[str, State]]

BATCH = 200
# What these did to originals is not taken back by a row.
FINAL = frozenset({ActName.DELETE, ActName.COPY})


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

    async def edit(
        self,
        scope: Scope,
        public_ids: Sequence[str],
        change: Change,
        *,
        name: ActName = ActName.EDIT,
        summary: Mapping[str, object] | None = None,
    ) -> Done:
        """Change fields of assets; unknown ones and those that stay as they are are skipped."""
        if change.is_empty:
            raise BadRequestError("Nothing is to be changed")
        return await self._edit(
            scope,
            public_ids,
            lambda asset: new_states(asset, change),
            name,
            summarise(change) if summary is None else summary,
        )

    async def choose_shown(self, scope: Scope, public_id: str, file_id: int | None) -> Done:
        """Have a file stand for its asset; None leaves the choice to photostore (SPEC 7.1)."""
        async with self.database.read() as reading:
            file = await undoing.name_file(reading, scope, public_id, file_id)
        states: Mapping[str, State] = {Field.SHOWN: [] if file is None else [file]}

        def choose(asset: Editable) -> Mapping[str, State]:
            return states if list(asset.states.get(Field.SHOWN, [])) != states[Field.SHOWN] else {}

        return await self._edit(scope, [public_id], choose, ActName.CHOOSE_FILE, {})

    async def edit_each(
        self,
        scope: Scope,
        public_ids: Sequence[str],
        states_of: NewStates,
        name: ActName,
        summary: Mapping[str, object],
    ) -> Done:
        """Give each asset states of its own, as one act."""
        return await self._edit(scope, public_ids, states_of, name, summary)

    async def _edit(
        self,
        scope: Scope,
        public_ids: Sequence[str],
        states_of: NewStates,
        name: ActName,
        summary: Mapping[str, object],
    ) -> Done:
        wanted = list(dict.fromkeys(public_ids))
        record, at_ms, act_id = Record(), now_ms(), None
        async with self.database.write(durable=True) as transaction:
            for start in range(0, len(wanted), BATCH):
                some = await load_editables(transaction, scope, wanted[start : start + BATCH])
                await change_states(
                    transaction, scope, [(one, states_of(one)) for one in some], record, at_ms
                )
            if not record.is_empty:
                act = record.act(name, scope.user_id, at_ms, summary)
                act_id = await write_act(transaction, act)
        revision = await self.finish(transaction)
        changed = len(record.changed)
        return Done(act_id, changed, len(wanted) - changed, revision)

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

    async def undo(self, scope: Scope, act_id: int) -> Done:
        """Take an act back, also one that took another back.

        What was changed again since is left alone and counted as skipped.
        """
        async with self.database.read() as reading:
            act = await find_act(reading, scope, act_id)
        if act is None:
            raise NotFoundError("There is no such act in the journal")
        if act.undone_by is not None:
            raise NotUndoableError(f"It was undone already, by act {act.undone_by}")
        if act.act in FINAL:
            raise NotUndoableError("What it did to files cannot be taken back")
        undoer = self.undoers.get(act.act)
        if undoer is not None:
            undone = await undoer.undo(act, scope)
            return Done(undone.act, undone.changed, undone.skipped, await self.finish(None))
        record, at_ms, new_id = Record(), now_ms(), None
        async with self.database.write(durable=True) as transaction:
            await undoing.take_back(transaction, scope, act, (record, at_ms))
            if not record.is_empty:
                row = record.act(act.act, scope.user_id, at_ms, act.summary, act.id)
                new_id = await write_act(transaction, row)
        revision = await self.finish(transaction)
        return Done(new_id, record.changes, record.skips, revision)

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
