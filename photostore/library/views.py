"""The exact shape of a view, kept in memory: which asset stands where, and how wide it is.

A snapshot of a million assets is 17 MB. It is brought up to date from what changed since its
revision, which also gives the patch that an open browser applies (DESIGN 1, "One grid"). A few
older snapshots are kept, so that a browser that is a moment behind still gets the rows it asks for.
"""

from __future__ import annotations

import asyncio
import gzip
import json
from array import array
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from photostore.base.errors import RevisionGoneError
from photostore.store.derivation import UNDATED_MS
from photostore.store.search import Order, View, compile_view
from photostore.store.timeline import (
    DESCENDING,
    Columns,
    Place,
    changed_assets,
    library_revision,
    load_columns,
    load_places,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from photostore.store.db import Database

DAY_MS = 86_400_000
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
KEPT_VIEWS = 6
KEPT_SNAPSHOTS = 4
# Places in all kept snapshots together, 17 bytes each; the newest snapshot is kept in any case.
KEPT_PLACES = 4_000_000
# Past this many changes, loading the view anew is cheaper than patching it.
PATCH_LIMIT = 5_000


@dataclass(slots=True)
class Snapshot:
    """A view at one revision: parallel arrays in the view's order. `keys` are what it sorts by."""

    view: View
    revision: int
    ids: array[int]
    keys: array[int]
    ratios: bytearray
    _packed: bytes | None = field(default=None, repr=False)

    @property
    def has_headings(self) -> bool:
        """Whether its keys are times, so that each day has a heading; an album has an order."""
        return self.view.order is not Order.ALBUM

    def pack(self) -> bytes:
        """The gzipped wire form: u32le header length, JSON header, one aspect byte an asset."""
        if self._packed is None:
            header = {
                "revision": self.revision,
                "count": len(self.ids),
                "headings": self.has_headings,
                "days": self._days(),
            }
            text = json.dumps(header, separators=(",", ":")).encode()
            raw = len(text).to_bytes(4, "little") + text + self.ratios
            self._packed = gzip.compress(raw, compresslevel=5, mtime=0)
        return self._packed

    def _days(self) -> list[list[str | int]]:
        if not self.has_headings:
            return [["", len(self.ids)]]
        runs = groupby(moment // DAY_MS for moment in self.keys)
        return [[day_text(day), sum(1 for _ in run)] for day, run in runs]

    def day_of(self, key: int) -> str:
        """The heading below which an asset with this key stands."""
        return day_text(key // DAY_MS) if self.has_headings else ""

    def ordinal_before(self, place: Place) -> int:
        """The ordinal of the first asset that stands after `place` in the view's order."""
        is_descending = self.view.order in DESCENDING
        wanted = (place.key, place.id)
        low, high = 0, len(self.ids)
        while low < high:
            middle = (low + high) // 2
            other = (self.keys[middle], self.ids[middle])
            if (other > wanted) if is_descending else (other < wanted):
                low = middle + 1
            else:
                high = middle
        return low


@dataclass(frozen=True, slots=True)
class Patch:
    """How a snapshot became the next one; the JSON form is that of `GET /api/v1/shape?since=`."""

    start: int
    end: int
    removed: tuple[int, ...]
    inserted: tuple[tuple[int, int, str], ...]
    changed: tuple[int, ...]


def day_text(day: int) -> str:
    """An ISO date for a count of days since 1970; empty for undated assets."""
    if day == UNDATED_MS // DAY_MS:
        return ""
    return date.fromordinal(max(1, min(3_652_059, EPOCH_ORDINAL + day))).isoformat()


def build_snapshot(view: View, revision: int, places: Iterable[Place]) -> Snapshot:
    """A snapshot from the places of a view, in its order."""
    snapshot = Snapshot(view, revision, array("q"), array("q"), bytearray())
    for place in places:
        snapshot.ids.append(place.id)
        snapshot.keys.append(place.key)
        snapshot.ratios.append(place.ratio)
    return snapshot


def apply_changes(
    old: Snapshot, revision: int, changed: Iterable[int], present: Sequence[Place]
) -> tuple[Snapshot, Patch]:
    """The snapshot after some assets changed: `present` are those of them that are in the view now.

    An asset whose place and width stayed the same is only `changed` in the patch.
    """
    gone = set(changed)
    where = {asset_id: ordinal for ordinal, asset_id in enumerate(old.ids) if asset_id in gone}
    kept = {
        place.id
        for place in present
        if place.id in where
        and old.keys[where[place.id]] == place.key
        and old.ratios[where[place.id]] == place.ratio
    }
    removed = sorted(ordinal for asset_id, ordinal in where.items() if asset_id not in kept)
    arriving = [place for place in present if place.id not in kept]
    new = Snapshot(old.view, revision, array("q"), array("q"), bytearray())
    inserted: list[tuple[int, int, str]] = []
    removals = iter([*removed, len(old.ids)])
    next_removed = next(removals)
    position = 0

    def copy_until(end: int) -> None:
        nonlocal position, next_removed
        while position < end:
            stop = min(end, next_removed)
            new.ids.extend(old.ids[position:stop])
            new.keys.extend(old.keys[position:stop])
            new.ratios.extend(old.ratios[position:stop])
            position = stop
            if position < end:
                position += 1  # the removed one
                next_removed = next(removals)

    for place in arriving:
        copy_until(old.ordinal_before(place))
        inserted.append((len(new.ids), place.ratio, new.day_of(place.key)))
        new.ids.append(place.id)
        new.keys.append(place.key)
        new.ratios.append(place.ratio)
    copy_until(len(old.ids))
    stayed = tuple(ordinal for ordinal, asset_id in enumerate(new.ids) if asset_id in kept)
    patch = Patch(old.revision, revision, tuple(removed), tuple(inserted), stayed)
    return new, patch


def compare_snapshots(old: Snapshot, new: Snapshot, changed: Collection[int]) -> Patch | None:
    """The patch from one snapshot to another one, however they differ: the middle is replaced.

    For views whose members change without any change of the assets. None if the middle is so long
    that the whole shape is cheaper. `changed` are assets whose facts changed.
    """
    length = min(len(old.ids), len(new.ids))
    same = 0
    while same < length and _stands_alike(old, same, new, same):
        same += 1
    rest = 0
    while rest < length - same and _stands_alike(old, -1 - rest, new, -1 - rest):
        rest += 1
    removed = tuple(range(same, len(old.ids) - rest))
    if len(removed) + len(new.ids) - same - rest > PATCH_LIMIT:
        return None
    inserted = tuple(
        (ordinal, new.ratios[ordinal], new.day_of(new.keys[ordinal]))
        for ordinal in range(same, len(new.ids) - rest)
    )
    stayed = tuple(
        ordinal
        for ordinal, asset_id in enumerate(new.ids)
        if asset_id in changed and not same <= ordinal < len(new.ids) - rest
    )
    return Patch(old.revision, new.revision, removed, inserted, stayed)


def _stands_alike(old: Snapshot, ordinal: int, new: Snapshot, other: int) -> bool:
    """Whether the same asset stands there for a browser: as wide, and below the same heading."""
    return (
        old.ids[ordinal] == new.ids[other]
        and old.ratios[ordinal] == new.ratios[other]
        and old.day_of(old.keys[ordinal]) == new.day_of(new.keys[other])
    )


class ViewCache:
    """The snapshots of the views that are looked at."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._snapshots: OrderedDict[View, list[Snapshot]] = OrderedDict()
        # One for each view that is being made: a long search holds nothing else up.
        self._locks: WeakValueDictionary[View, asyncio.Lock] = WeakValueDictionary()

    async def current(self, view: View) -> Snapshot:
        """The snapshot of a view as the library is now."""
        lock = self._locks.setdefault(view, asyncio.Lock())
        async with lock:
            snapshots = self._snapshots.get(view, [])
            latest = snapshots[-1] if snapshots else None
            async with self._database.read(consistent=True) as reading:
                revision = await library_revision(reading)
                if latest is not None and latest.revision == revision:
                    # It may have been dropped meanwhile, for another view.
                    self._keep(view, snapshots)
                    return latest
                changed, places = None, []
                if latest is not None and not has_own_members(view):
                    changed = await changed_assets(reading, latest.revision, PATCH_LIMIT)
                if changed is not None:
                    places = await load_places(reading, view, only=changed)
                else:
                    columns = await load_columns(reading, view)
            if latest is not None and changed is not None:
                snapshot, _ = await asyncio.to_thread(
                    apply_changes, latest, revision, changed, places
                )
            else:
                snapshot = _wrap(view, revision, columns)
            self._keep(view, [*snapshots, snapshot])
            return snapshot

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
            return None
        if has_own_members(view):
            return await asyncio.to_thread(compare_snapshots, old, snapshot, set(changed))
        # From the two snapshots, so that the patch leads exactly to what `rows` answers from.
        places = await asyncio.to_thread(_places_among, snapshot, set(changed))
        _, patch = await asyncio.to_thread(apply_changes, old, snapshot.revision, changed, places)
        return patch

    def clear(self) -> None:
        """Forget all: tags were derived anew, which changes views and no asset."""
        self._snapshots.clear()

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

    def _keep(self, view: View, snapshots: list[Snapshot]) -> None:
        self._snapshots[view] = snapshots[-KEPT_SNAPSHOTS:]
        self._snapshots.move_to_end(view)
        while len(self._snapshots) > KEPT_VIEWS:
            self._snapshots.popitem(last=False)
        kept = sum(len(one.ids) for of_view in self._snapshots.values() for one in of_view)
        while kept > KEPT_PLACES:
            oldest, of_view = next(iter(self._snapshots.items()))
            if oldest == view and len(of_view) == 1:
                return
            kept -= len(of_view.pop(0).ids)
            if not of_view:
                del self._snapshots[oldest]


def has_own_members(view: View) -> bool:
    """Whether what is in a view can change while no asset does: albums have lists of their own."""
    return view.order is Order.ALBUM or compile_view(view).names_albums


def _wrap(view: View, revision: int, columns: Columns) -> Snapshot:
    return Snapshot(view, revision, columns.ids, columns.keys, bytearray(columns.ratios))


def _places_among(snapshot: Snapshot, ids: set[int]) -> list[Place]:
    return [
        Place(asset_id, snapshot.keys[ordinal], snapshot.ratios[ordinal])
        for ordinal, asset_id in enumerate(snapshot.ids)
        if asset_id in ids
    ]
