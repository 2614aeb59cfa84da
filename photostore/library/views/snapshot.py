"""The shape of a view at one revision, and the form in which it is sent."""

from __future__ import annotations

import json
import struct
import zlib
from array import array
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from photostore.store.derivation import UNDATED_MS
from photostore.store.search import Order
from photostore.store.timeline import DESCENDING, Place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from photostore.store.search import View

DAY_MS = 86_400_000
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
# RFC 1952: deflate, no name, no time, an unknown system.
GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


@dataclass(slots=True)
class Packed:
    """All of a shape but its revision: as it is, and deflated. None until somebody asks."""

    plain: bytes | None = None
    deflated: bytes = b""


@dataclass(slots=True)
class Snapshot:
    """A view at one revision: parallel arrays in the view's order. `keys` are what it sorts by.

    Snapshots of a view in which nothing moved share their arrays, so nobody changes these.
    """

    view: View
    revision: int
    ids: array[int]
    keys: array[int]
    ratios: bytearray
    packed: Packed = field(default_factory=Packed, repr=False)

    @property
    def has_headings(self) -> bool:
        """Whether its keys are times, so that each day has a heading; an album has an order."""
        return self.view.order is not Order.ALBUM

    def pack(self) -> bytes:
        """The gzipped wire form: u32le header length, JSON header, one aspect byte an asset.

        Deflated in two pieces: the one that every revision changes is a few bytes.
        """
        if self.packed.plain is None:
            rest = {"count": len(self.ids), "headings": self.has_headings, "days": self._days()}
            text = json.dumps(rest, separators=(",", ":")).encode()[1:]
            self.packed.deflated = _deflate(text + self.ratios, is_last=True)
            self.packed.plain = text + self.ratios
        plain = self.packed.plain
        first = b'{"revision":%d,' % self.revision
        length = len(first) + len(plain) - len(self.ratios)
        first = length.to_bytes(4, "little") + first
        check = zlib.crc32(plain, zlib.crc32(first))
        tail = struct.pack("<II", check, (len(first) + len(plain)) & 0xFFFFFFFF)
        return GZIP_HEAD + _deflate(first, is_last=False) + self.packed.deflated + tail

    def _days(self) -> list[list[str | int]]:
        """The runs of a day, found by their ends: there are fewer days than assets."""
        if not self.has_headings:
            return [["", len(self.ids)]]
        sign = -1 if self.view.order in DESCENDING else 1
        days: list[list[str | int]] = []
        start, count = 0, len(self.keys)
        while start < count:
            day = self.keys[start] // DAY_MS
            reach = 1
            while start + reach < count and self.keys[start + reach] // DAY_MS == day:
                reach *= 2
            end = bisect_right(
                self.keys,
                sign * day,
                start + reach // 2,
                min(start + reach, count),
                key=lambda key: sign * (key // DAY_MS),
            )
            days.append([day_text(day), end - start])
            start = end
        return days

    def day_of(self, key: int) -> str:
        """The heading below which an asset with this key stands."""
        return day_text(key // DAY_MS) if self.has_headings else ""

    def place(self, ordinal: int) -> Place:
        """What stands at an ordinal."""
        return Place(self.ids[ordinal], self.keys[ordinal], self.ratios[ordinal])

    def ordinal_before(self, place: Place) -> int:
        """The ordinal of the first asset that stands at or after `place` in the view's order."""
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

    def ordinal_after(self, place: Place) -> int:
        """The ordinal of the first asset behind `place`, which may be there no more."""
        ordinal = self.ordinal_before(place)
        is_there = ordinal < len(self.ids) and self.place(ordinal)[:2] == place[:2]
        return ordinal + is_there

    def at_revision(self, revision: int) -> Snapshot:
        """The same shape at a later revision."""
        return Snapshot(self.view, revision, self.ids, self.keys, self.ratios, self.packed)


def _deflate(data: bytes | bytearray, *, is_last: bool) -> bytes:
    """Raw deflate; all but the last piece end at a byte, and nothing refers back to them."""
    compressor = zlib.compressobj(5, zlib.DEFLATED, -zlib.MAX_WBITS)
    end = zlib.Z_FINISH if is_last else zlib.Z_FULL_FLUSH
    return compressor.compress(data) + compressor.flush(end)


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
