"""Taking assets out of the library and back; no file is touched (SPEC 9).

Not the trash (which moves files) and not hiding (which keeps an asset, off the timeline): a removed
asset is listed nowhere but under `in:removed`, and its content is not imported again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photostore.base.events import LibraryChanged
from photostore.store.journal import ActName, NewAct, write_act
from photostore.store.removal import set_removed
from photostore.store.timeline import library_revision

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from photostore.base.events import Bus
    from photostore.store.db import Database
    from photostore.store.scope import Scope


@dataclass(frozen=True, slots=True)
class Removed:
    """What came of it; `skipped` are unknown, in the trash, or as wanted already."""

    act: int | None
    changed: int
    skipped: int
    revision: int


class Removal:
    """Removes from one open library, and takes back; `on_act` is called after each act."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        self.on_act: Callable[[], Awaitable[object]] | None = None

    async def remove(
        self, scope: Scope, public_ids: Sequence[str], *, undoes: int | None = None
    ) -> Removed:
        """Take assets out of the library."""
        return await self._set(ActName.REMOVE, scope, public_ids, undoes)

    async def unremove(
        self, scope: Scope, public_ids: Sequence[str], *, undoes: int | None = None
    ) -> Removed:
        """Take assets back into the library, with all that was said of them."""
        return await self._set(ActName.UNREMOVE, scope, public_ids, undoes)

    async def _set(
        self, act: ActName, scope: Scope, public_ids: Sequence[str], undoes: int | None
    ) -> Removed:
        wanted = set(public_ids)
        now_ms = time.time_ns() // 1_000_000
        removed_at = now_ms if act is ActName.REMOVE else None
        number: int | None = None
        async with self._database.write(durable=True) as transaction:
            contents = await set_removed(transaction, scope, list(wanted), removed_at)
            if contents:
                assets = {one: {"sha1s": sorted(sha1s)} for one, sha1s in contents.items()}
                number = await write_act(
                    transaction,
                    NewAct(act, scope.user_id, now_ms, len(assets), {"assets": assets}, {}, undoes),
                )
            revision = await library_revision(transaction)
        if transaction.changed_revision is not None:
            self._bus.publish(LibraryChanged(revision))
        if number is not None and self.on_act is not None:
            await self.on_act()
        return Removed(number, len(contents), len(wanted) - len(contents), revision)
