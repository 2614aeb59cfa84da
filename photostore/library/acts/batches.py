"""A long act in pieces: each is a transaction of its own, with its part of the journal.

Nobody waits for the one writer longer than a piece takes. The act is in the journal from its first
piece on, and says at any moment exactly what is done: whatever ends the work, it can be taken back.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from photostore.library.acts.record import Record
from photostore.store.journal import extend_act, mark_undone, write_act

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from photostore.store.db import Database, Transaction
    from photostore.store.journal import ActName

    Progress = Callable[[int, int], None]
    Piece = Callable[[Transaction, Sequence[str], Record], Awaitable[None]]

# What a piece may take, and how many assets it has: the first is small, the next as time allows.
WANTED_S = 0.1
FIRST, LEAST, MOST = 100, 20, 1_000


@dataclass(frozen=True, slots=True)
class Heading:
    """What the journal says of an act as a whole."""

    name: ActName
    user_id: int
    at_ms: int
    summary: Mapping[str, Any]
    undoes: int | None = None


@dataclass(slots=True)
class LongAct:
    """An act that is being done. `act_id`: None until something changed.

    `unfinished` are the acts that are not whole yet: they are not copied, and not taken back.
    """

    database: Database
    heading: Heading
    unfinished: set[int]
    act_id: int | None = None
    changed: int = 0
    skipped: int = 0
    deleted: int = 0
    revision: int | None = None
    done: int = 0
    _size: int = FIRST

    async def do(
        self, public_ids: Sequence[str], piece: Piece, progress: Progress, *, is_last: bool = True
    ) -> None:
        """Do something to assets, piece by piece, and tell after each how many are done."""
        start = 0
        while start < len(public_ids):
            some = public_ids[start : start + min(self._size, MOST)]
            start += len(some)
            begun = time.monotonic()
            await self._do_piece(some, piece, is_end=is_last and start >= len(public_ids))
            self._fit(time.monotonic() - begun, len(some))
            self.done += len(some)
            progress(self.done, 0)
            # Whoever waits to write comes first.
            await asyncio.sleep(0)

    async def _do_piece(self, some: Sequence[str], piece: Piece, *, is_end: bool) -> None:
        record, act_id = Record(), self.act_id
        try:
            async with self.database.write(durable=True) as transaction:
                await piece(transaction, some, record)
                if not record.is_empty:
                    act_id = await self._write(transaction, record, is_end=is_end)
                elif is_end and act_id is not None:
                    await mark_undone(transaction, act_id, self.heading.undoes)
                if act_id is not None and not is_end:
                    self.unfinished.add(act_id)
        except BaseException:
            if self.act_id is None and act_id is not None:
                self.unfinished.discard(act_id)
            raise
        self.act_id = act_id
        self.revision = transaction.changed_revision or self.revision
        self.changed += len(record.changed)
        self.skipped += len(record.skipped)
        self.deleted += len(record.deleted)

    async def _write(self, transaction: Transaction, record: Record, *, is_end: bool) -> int:
        heading = self.heading
        act = record.act(
            heading.name, heading.user_id, heading.at_ms, heading.summary, heading.undoes
        )
        if self.act_id is None:
            return await write_act(transaction, act, is_whole=is_end)
        await extend_act(transaction, self.act_id, act)
        if is_end:
            await mark_undone(transaction, self.act_id, heading.undoes)
        return self.act_id

    def release(self) -> None:
        """The act is as whole as it will be."""
        if self.act_id is not None:
            self.unfinished.discard(self.act_id)

    def _fit(self, taken_s: float, count: int) -> None:
        """Choose how many assets the next piece has, not many times more than this one."""
        fitting = int(count * WANTED_S / max(taken_s, 0.001))
        self._size = max(LEAST, min(MOST, 2 * self._size, fitting))
