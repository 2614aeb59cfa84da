"""Image file directories (TIFF 6.0, BigTIFF): entries and their values, bounded. No meaning."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from photostore.media.headers.header import DamagedHeaderError

MAX_VALUES: Final = 1 << 20
_MAX_ENTRIES: Final = 4096
_SIZES: Final = {
    1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4,
    10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8,
}  # fmt: skip
_CODES: Final = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q", 18: "Q"}


# Type, number of values, and the bytes of the values.
RawEntry = tuple[int, int, bytes]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: type, number of values, and where the first one stands."""

    type: int
    count: int
    at: int


class Directories:
    """A TIFF block's byte order and width, with bounded access to its directories.

    A maker note may have its own `order` ("<" or ">"), and count its offsets from a `base` of its
    own instead of from the start of the block.
    """

    def __init__(self, data: bytes, order: str | None = None, base: int = 0) -> None:
        self.data = data
        self.order = order or ("<" if data[:1] == b"I" else ">")
        self._base = base
        self._big = order is None and data[2:4] in (b"\x2b\x00", b"\x00\x2b")
        self.first = 0
        if order is None:
            self.first = self._number("Q", 8) if self._big else self._number("I", 4)

    def _number(self, code: str, at: int) -> int:
        return int(struct.unpack_from(self.order + code, self.data, at)[0])

    def directory(self, at: int) -> tuple[dict[int, Entry], int]:
        """Return the entries of a directory and the offset of the next one (0 at the end)."""
        count = self._number("Q" if self._big else "H", at)
        if count > _MAX_ENTRIES:
            raise DamagedHeaderError("a directory with an impossible number of entries")
        step, start = (20, at + 8) if self._big else (12, at + 2)
        entries: dict[int, Entry] = {}
        for index in range(count):
            entry = start + step * index
            if entry + step > len(self.data):
                return entries, 0
            tag, type_ = struct.unpack_from(self.order + "HH", self.data, entry)
            total = self._number("Q" if self._big else "I", entry + 4)
            value = entry + (12 if self._big else 8)
            if total * _SIZES.get(type_, 1) > (8 if self._big else 4):
                value = self._number("Q" if self._big else "I", value) + self._base
            entries.setdefault(tag, Entry(type_, total, value))
        end = start + step * count
        size = 8 if self._big else 4
        following = (
            self._number("Q" if self._big else "I", end) if end + size <= len(self.data) else 0
        )
        return entries, following

    def values(self, entries: dict[int, Entry], tag: int) -> tuple[int, ...]:
        """Return the whole numbers of an entry, () when it is missing or not of that type."""
        entry = entries.get(tag)
        code = _CODES.get(entry.type) if entry else None
        if entry is None or code is None or entry.count > MAX_VALUES:
            return ()
        if entry.at + entry.count * _SIZES[entry.type] > len(self.data):
            return ()
        return struct.unpack_from(f"{self.order}{entry.count}{code}", self.data, entry.at)

    def one(self, entries: dict[int, Entry], tag: int, default: int = 0) -> int:
        """Return the first number of an entry."""
        found = self.values(entries, tag)
        return found[0] if found else default

    def block(self, entries: dict[int, Entry], tag: int) -> bytes | None:
        """Return the bytes of an entry of bytes or text."""
        entry = entries.get(tag)
        if entry is None or entry.type not in (1, 2, 7) or entry.count > MAX_VALUES * 4:
            return None
        return self.data[entry.at : entry.at + entry.count]

    def ratios(self, entries: dict[int, Entry], tag: int, most: int = 16) -> tuple[float, ...]:
        """Return the fractions of an entry; 0 where one has no divisor."""
        entry = entries.get(tag)
        if entry is None or entry.type not in (5, 10) or entry.count > most:
            return ()
        if entry.at + 8 * entry.count > len(self.data):
            return ()
        code = "I" if entry.type == 5 else "i"
        parts = struct.unpack_from(f"{self.order}{2 * entry.count}{code}", self.data, entry.at)
        pairs = zip(parts[::2], parts[1::2], strict=True)
        return tuple(above / below if below else 0.0 for above, below in pairs)


def join_blocks(first: bytes, parts: dict[int, bytes]) -> bytes:
    """Put TIFF blocks together into one whose first directory points at the others.

    `parts` are the blocks by the tag that points at them (0x8769 for EXIF). All directories are
    written anew in the order of the first block, with the values that can be read.
    """
    order = "<" if first[:1] == b"I" else ">"
    mark = b"II*\x00" if order == "<" else b"MM\x00*"
    own = _raw_entries(Directories(first))
    inner = {tag: _raw_entries(Directories(block)) for tag, block in parts.items()}
    starts: dict[int, int] = {}
    at = 8 + _written_size({**own, **dict.fromkeys(inner, (4, 1, b"\0\0\0\0"))})
    for tag, entries in inner.items():
        starts[tag] = at
        at += _written_size(entries)
    pointers = {tag: (4, 1, struct.pack(order + "I", start)) for tag, start in starts.items()}
    whole = mark + struct.pack(order + "I", 8) + _written(order, {**own, **pointers}, 8)
    for tag, entries in inner.items():
        whole += _written(order, entries, starts[tag])
    return whole


def make_block(order: str, entries: dict[int, RawEntry]) -> bytes:
    """Return a TIFF block of one directory. `order` is "<" or ">"."""
    mark = b"II*\x00" if order == "<" else b"MM\x00*"
    return mark + struct.pack(order + "I", 8) + _written(order, entries, 8)


def _raw_entries(file: Directories) -> dict[int, RawEntry]:
    """Return type, count and bytes of each entry of the first directory."""
    entries, _ = file.directory(file.first)
    found = {}
    for tag, entry in entries.items():
        size = entry.count * _SIZES.get(entry.type, 1)
        value = file.data[entry.at : entry.at + size]
        if len(value) == size and size <= MAX_VALUES:
            found[tag] = (entry.type, entry.count, value)
    return found


def _written_size(entries: dict[int, RawEntry]) -> int:
    values = sum(len(value) + len(value) % 2 for _, _, value in entries.values() if len(value) > 4)
    return 6 + 12 * len(entries) + values


def _written(order: str, entries: dict[int, RawEntry], start: int) -> bytes:
    head = struct.pack(order + "H", len(entries))
    values, at = b"", start + 6 + 12 * len(entries)
    for tag, (type_, count, value) in sorted(entries.items()):
        head += struct.pack(order + "HHI", tag, type_, count)
        if len(value) <= 4:
            head += value.ljust(4, b"\x00")
        else:
            head += struct.pack(order + "I", at + len(values))
            values += value + b"\x00" * (len(value) % 2)
    return head + b"\x00\x00\x00\x00" + values
