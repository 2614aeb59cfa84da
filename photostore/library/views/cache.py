"""The snapshots of the views that are looked at, brought up to date from what changed."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import OrderedDict
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from photostore.base.errors import LibraryError, RevisionGoneError
from photostore.library.views.patches import (
    PATCH_LIMIT,
    Patch,
    apply_changes,
    compare_snapshots,
    locate,
    stands_alike,
)
from photostore.library.views.snapshot import Snapshot
from photostore.store.scope import OWNER
from photostore.store.search import Order, View, compile_view
from photostore.store.sets import AssetSets, find_columns, follow_changes, is_answerable, load_sets
from photostore.store.smart import resolve_view
from photostore.store.timeline import (
    Columns,
    Place,
    changed_assets,
    library_revision,
    load_columns,
    load_places,
)
from photostore.store.unknown import explain_nothing

if TYPE_CHECKING:
    from array import array
    from collections.abc import Collection, Iterable

    from photostore.store.db import Database, Reading

log = logging.getLogger(__name__)

KEPT_VIEWS = 6
KEPT_SNAPSHOTS = 4
# Places in all kept snapshots together, 17 bytes each; the newest snapshot is kept in any case.
KEPT_PLACES = 4_000_000


class ViewCache:
    """The snapshots of the views that are looked at."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._snapshots: OrderedDict[View, list[Snapshot]] = OrderedDict()
        # One for each view that is being made: a long search holds nothing else up.
        self._locks: WeakValueDictionary[View, asyncio.Lock] = WeakValueDictionary()
        # Counts up when all is forgotten: what was begun before is not kept.
        self._age = 0
        self._sets: AssetSets | None = None
        self._sets_lock = asyncio.Lock()
        self._sets_wanted = asyncio.Event()

    async def current(self, view: View) -> Snapshot:
        """The snapshot of a view as the library is now."""
        lock = self._locks.setdefault(view, asyncio.Lock())
        async with lock:
            snapshots, age = self._snapshots.get(view, []), self._age
            latest = snapshots[-1] if snapshots else None
            async with self._database.read(consistent=True) as reading:
                revision = await library_revision(reading)
                if latest is not None and latest.revision == revision:
                    # It may have been dropped meanwhile, for another view.
                    self._keep(view, snapshots, age)
                    return latest
                changed, places = None, []
                if latest is not None and not has_own_members(view):
                    changed = await changed_assets(reading, latest.revision, PATCH_LIMIT)
                if changed is not None:
                    places = await load_places(reading, view, only=changed)
                else:
                    shown = await resolve_view(reading, view)
                    columns = await self.find(reading, shown)
                    if not columns.ids:
                        await explain_nothing(reading, view)
            if latest is not None and changed is not None:
                snapshot, _ = await asyncio.to_thread(
                    apply_changes, latest, revision, changed, places
                )
            else:
                snapshot = _wrap(shown, revision, columns)
            self._keep(view, [*snapshots, snapshot], age)
            return snapshot

    async def find(self, reading: Reading, view: View) -> Columns:
        """All of a view, without keeping it: from the sets where they tell, else from the database.

        Albums in the search that are saved searches are to be resolved before.
        """
        sets = self._sets
        if sets is not None and is_answerable(view, compile_view(view), sets):
            async with self._sets_lock:
                is_true = await follow_changes(reading, sets)
            if is_true:
                return await find_columns(reading, sets, view)
            self._sets = None
            self._sets_wanted.set()
        return await load_columns(reading, view)

    async def keep_sets(self) -> None:
        """Have the sets ready from which new searches are answered; runs until it is cancelled."""
        self._sets_wanted.set()
        while True:
            await self._sets_wanted.wait()
            self._sets_wanted.clear()
            try:
                await self.load_sets()
            except (LibraryError, sqlite3.Error) as error:
                # The database answers alone, slower; whether it is damaged, others find out.
                log.warning("searches are not answered from memory: %s", error)

    async def load_sets(self) -> None:
        """Read the sets anew; what is asked meanwhile is asked of the database."""
        self._sets = None
        self._sets = await load_sets(self._database, OWNER)

    async def warm(self, view: View) -> None:
        """Have a view ready, and the form in which it is sent, before somebody asks for it."""
        snapshot = await self.current(view)
        await asyncio.to_thread(snapshot.pack)

    async def patch(self, view: View, since: int) -> Patch | None:
        """What changed in a view since a revision, or None if that one is no longer known."""
        snapshot = await self.current(view)
        old = self._find(view, since)
        if old is None:
            return None
        async with self._database.read() as reading:
            changed = await changed_assets(reading, since, PATCH_LIMIT)
        if changed is None:
            is_same = await asyncio.to_thread(stands_alike, old, snapshot)
            return Patch(old.revision, snapshot.revision, (), (), None) if is_same else None
        if has_own_members(view):
            return await asyncio.to_thread(compare_snapshots, old, snapshot, set(changed))
        # From the two snapshots, so that the patch leads exactly to what `rows` answers from.
        return await asyncio.to_thread(_compare, old, snapshot, changed)

    def clear(self) -> None:
        """Forget all: tags were derived anew, which changes views and no asset."""
        self._snapshots.clear()
        self._age += 1
        self._sets = None
        self._sets_wanted.set()

    def at(self, view: View, revision: int) -> Snapshot:
        """A kept snapshot. Raises RevisionGoneError if the browser has to ask for the shape."""
        snapshot = self._find(view, revision)
        if snapshot is None:
            raise RevisionGoneError(f"Revision {revision} of this view is no longer known")
        return snapshot

    def _find(self, view: View, revision: int) -> Snapshot | None:
        return next(
            (kept for kept in self._snapshots.get(view, []) if kept.revision == revision), None
        )

    def _keep(self, view: View, snapshots: list[Snapshot], age: int) -> None:
        if age != self._age:
            return
        self._snapshots[view] = snapshots[-KEPT_SNAPSHOTS:]
        self._snapshots.move_to_end(view)
        while len(self._snapshots) > KEPT_VIEWS:
            self._snapshots.popitem(last=False)
        # Snapshots of a view in which nothing moved have their arrays in common.
        kept = sum(len(one) for one in self._arrays())
        while kept > KEPT_PLACES:
            oldest, of_view = next(iter(self._snapshots.items()))
            if oldest == view and len(of_view) == 1:
                return
            of_view.pop(0)
            if not of_view:
                del self._snapshots[oldest]
            kept = sum(len(one) for one in self._arrays())

    def _arrays(self) -> Iterable[array[int]]:
        kept = (one for of_view in self._snapshots.values() for one in of_view)
        return {id(one.ids): one.ids for one in kept}.values()


def has_own_members(view: View) -> bool:
    """Whether what is in a view can change while no asset does: albums have lists of their own."""
    return view.order is Order.ALBUM or compile_view(view).names_albums


def _wrap(view: View, revision: int, columns: Columns) -> Snapshot:
    return Snapshot(view, revision, columns.ids, columns.keys, bytearray(columns.ratios))


def _compare(old: Snapshot, new: Snapshot, changed: Collection[int]) -> Patch:
    """The patch between two snapshots that differ in some assets alone."""
    where = locate(new, changed, {})
    places = [
        Place(asset_id, new.keys[ordinal], new.ratios[ordinal])
        for asset_id, ordinal in sorted(where.items(), key=lambda item: item[1])
    ]
    _, patch = apply_changes(old, new.revision, changed, places)
    return patch
