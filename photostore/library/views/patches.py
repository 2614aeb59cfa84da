"""How a snapshot becomes the next one, and the patch that a browser applies."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photostore.library.views.snapshot import Snapshot
from photostore.store.timeline import Place

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

# Past this many changes, loading the view anew is cheaper than patching it.
PATCH_LIMIT = 5_000
# So many assets are looked for one by one: 1 ms each in a million.
FEW = 30


@dataclass(frozen=True, slots=True)
class Patch:
    """How a snapshot became the next one; the JSON form is that of `GET /api/v1/shape?since=`.

    `changed` is None where so many are that any of them may be.
    """

    start: int
    end: int
    removed: tuple[int, ...]
    inserted: tuple[tuple[int, int, str], ...]
    changed: tuple[int, ...] | None


def locate(snapshot: Snapshot, ids: Collection[int], keys: Mapping[int, int]) -> dict[int, int]:
    """The ordinals of those of some assets that are in a snapshot.

    `keys` tells what an asset is perhaps sorted by: most changes move nothing.
    """
    found: dict[int, int] = {}
    for asset_id in ids:
        if asset_id in keys:
            ordinal = snapshot.ordinal_before(Place(asset_id, keys[asset_id], 0))
            if ordinal < len(snapshot.ids) and snapshot.ids[ordinal] == asset_id:
                found[asset_id] = ordinal
    rest = {asset_id for asset_id in ids if asset_id not in found}
    if len(rest) > FEW:
        everything = enumerate(snapshot.ids)
        return found | {asset_id: ordinal for ordinal, asset_id in everything if asset_id in rest}
    if rest:
        data = snapshot.ids.tobytes()
        for asset_id in rest:
            place = _find(data, array("q", [asset_id]).tobytes())
            if place is not None:
                found[asset_id] = place
    return found


def _find(data: bytes, wanted: bytes) -> int | None:
    """Which number of an array the wanted one is: ten times faster than number by number."""
    at = data.find(wanted)
    while at >= 0:
        if at % len(wanted) == 0:
            return at // len(wanted)
        at = data.find(wanted, at + 1)
    return None


def apply_changes(
    old: Snapshot, revision: int, changed: Iterable[int], present: Sequence[Place]
) -> tuple[Snapshot, Patch]:
    """The snapshot after some assets changed: `present` are those of them that are in the view now.

    An asset whose place and width stayed the same is only `changed` in the patch.
    """
    where = locate(old, set(changed), {place.id: place.key for place in present})
    kept = {
        place.id
        for place in present
        if place.id in where
        and old.keys[where[place.id]] == place.key
        and old.ratios[where[place.id]] == place.ratio
    }
    removed = sorted(ordinal for asset_id, ordinal in where.items() if asset_id not in kept)
    arriving = [place for place in present if place.id not in kept]
    if removed or arriving:
        after, inserted = _rebuild(old, revision, removed, arriving)
    else:
        after, inserted = old.at_revision(revision), []
    stayed = sorted(_moved(where[asset_id], removed, inserted) for asset_id in kept)
    arrived = tuple(
        (ordinal, after.ratios[ordinal], after.day_of(after.keys[ordinal])) for ordinal in inserted
    )
    return after, Patch(old.revision, revision, tuple(removed), arrived, tuple(stayed))


def _rebuild(
    old: Snapshot, revision: int, removed: Sequence[int], arriving: Sequence[Place]
) -> tuple[Snapshot, list[int]]:
    """A snapshot without some places and with others, and the ordinals of the latter."""
    new = Snapshot(old.view, revision, array("q"), array("q"), bytearray())
    inserted: list[int] = []
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
        inserted.append(len(new.ids))
        new.ids.append(place.id)
        new.keys.append(place.key)
        new.ratios.append(place.ratio)
    copy_until(len(old.ids))
    return new, inserted


def _moved(ordinal: int, removed: Sequence[int], inserted: Sequence[int]) -> int:
    """Where a place stands after removals (old ordinals) and insertions (new ones), ascending."""
    ordinal -= bisect_left(removed, ordinal)
    # An insertion moves it on if its ordinal, less the insertions before it, is not behind it.
    low, high = 0, len(inserted)
    while low < high:
        middle = (low + high) // 2
        if inserted[middle] - middle <= ordinal:
            low = middle + 1
        else:
            high = middle
    return ordinal + low


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


def stands_alike(old: Snapshot, new: Snapshot) -> bool:
    """Whether the same assets stand in the same places, as after a rating of very many."""
    return old.ids == new.ids and old.ratios == new.ratios and old.keys == new.keys
