"""The sets themselves, of the assets that are on the timeline of one owner. Knows no SQL."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pyroaring import BitMap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# A stretch of time is 2^31 ms, 25 days: a shift tells which one.
STRETCH_BITS = 31
# A column with more values than this, such as sizes of cropped pictures, is left to the database.
MAX_VALUES = 4_000


@dataclass(slots=True)
class AssetSets:
    """Sets of asset ids, true at `revision` of the library.

    `tags` by tag id, without what is below a tag. `values`: column, value, and who has it; None
    where a column has too many values. `tables`: a table that names assets, and whom it names.
    `moments` and `ratios` by asset id.
    """

    owner_id: int
    revision: int
    everything: BitMap = field(default_factory=BitMap)
    tags: dict[int, BitMap] = field(default_factory=dict)
    values: dict[str, dict[Any, BitMap] | None] = field(default_factory=dict)
    tables: dict[str, BitMap] = field(default_factory=dict)
    stretches: dict[int, BitMap] = field(default_factory=dict)
    moments: array[int] = field(default_factory=lambda: array("q"))
    ratios: bytearray = field(default_factory=bytearray)

    def all_sets(self) -> Iterator[BitMap]:
        """Each set, to take assets out of all of them."""
        yield self.everything
        yield from self.tags.values()
        yield from self.tables.values()
        yield from self.stretches.values()
        for column in self.values.values():
            if column is not None:
                yield from column.values()

    def place(self, ids: Sequence[int], moments: Sequence[int], ratios: Sequence[int]) -> None:
        """Put assets on the timeline, with their moments and aspect bytes."""
        missing = max(ids, default=0) + 1 - len(self.moments)
        if missing > 0:
            self.moments.extend(array("q", bytes(8 * missing)))
            self.ratios.extend(bytes(missing))
        stretches: dict[int, array[int]] = {}
        for asset_id, moment, ratio in zip(ids, moments, ratios, strict=True):
            self.moments[asset_id] = moment
            self.ratios[asset_id] = ratio
            stretches.setdefault(moment >> STRETCH_BITS, array("I")).append(asset_id)
        for stretch, some in stretches.items():
            self.stretches.setdefault(stretch, BitMap()).update(BitMap(some))
        self.everything.update(BitMap(array("I", ids)))

    def note(self, column: str, pairs: Iterable[tuple[int, Any]]) -> None:
        """Note values of a column, an asset id with each; of a column that is kept."""
        sets = self.values.setdefault(column, {})
        if sets is None:
            return
        groups: dict[Any, array[int]] = {}
        for asset_id, value in pairs:
            found = groups.get(value)
            if found is None:
                found = groups[value] = array("I")
            found.append(asset_id)
        for value, ids in groups.items():
            self.add(sets, value, ids)
        if len(sets) > MAX_VALUES:
            self.values[column] = None

    def tag(self, tag_id: int, ids: array[int]) -> None:
        """Note that assets have a tag."""
        self.add(self.tags, tag_id, ids)

    @staticmethod
    def add(sets: dict[Any, BitMap], key: Any, ids: array[int]) -> None:
        """More assets to the set of a key."""
        some = BitMap(ids)
        if key in sets:
            sets[key].update(some)
        else:
            sets[key] = some

    def take_out(self, ids: Iterable[int]) -> None:
        """Take assets out of every set."""
        gone = BitMap(ids)
        for one in self.all_sets():
            if not one.isdisjoint(gone):
                one.difference_update(gone)

    def between(self, low: int, high: int) -> BitMap:
        """Assets whose moment is at least `low` and below `high`.

        Each set is copied at once, and not gone through: another thread may change it meanwhile.
        """
        first, last = low >> STRETCH_BITS, high >> STRETCH_BITS
        inner = [some for stretch, some in list(self.stretches.items()) if first < stretch < last]
        found = BitMap.union(*inner) if inner else BitMap()
        moments = self.moments
        for stretch in {first, last}:
            edge = self.stretches.get(stretch, BitMap()).to_array()
            found.update(BitMap(array("I", [one for one in edge if low <= moments[one] < high])))
        return found
