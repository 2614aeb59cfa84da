"""A ZIP archive as it is sent: files one after the other, stored as they are, of known length.

Pure: headers and their sizes (APPNOTE.TXT 6.3). Photos do not get smaller by compression, and since
nothing is compressed the length of the archive is known before its first byte, so that a browser
can show how far it is. Checksums follow each file (bit 3), names are UTF-8 (bit 11), and what is
larger than 4 GiB, or has more than 65,535 files, is ZIP64.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from photostore.library.organise.template import fit, fold
from photostore.library.trash.info import name_beside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

LIMIT: Final = 0xFFFFFFFF
MAX_ENTRIES: Final = 0xFFFF
_FLAGS: Final = 0x0808
_VERSION: Final = 20
_VERSION_64: Final = 45
_UNIX: Final = 3 << 8
_MODE: Final = 0o100644 << 16
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# What the two bytes each of MS-DOS can say.
_FIRST, _LAST = datetime(1980, 1, 1, tzinfo=UTC), datetime(2107, 12, 31, 23, 59, 58, tzinfo=UTC)
_MAX_TIME: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of an archive. `name` is UTF-8, at most 255 bytes; `mtime_s` is UTC since 1970."""

    name: bytes
    size: int
    mtime_s: int

    @property
    def is_large(self) -> bool:
        """Whether its size needs eight bytes."""
        return self.size >= LIMIT


class Written(NamedTuple):
    """An entry that was written: its checksum, and where its header begins."""

    entry: Entry
    crc: int
    offset: int


def local_header(entry: Entry) -> bytes:
    """What stands before the bytes of a file; size and checksum come after them."""
    extra = _times(entry)
    size = 0
    if entry.is_large:
        extra += struct.pack("<HHQQ", 1, 16, 0, 0)
        size = LIMIT
    return (
        struct.pack(
            "<4sHHHHHLLLHH",
            *(b"PK\3\4", _version(entry), _FLAGS, 0, *_dos_time(entry)),
            *(0, size, size, len(entry.name), len(extra)),
        )
        + entry.name
        + extra
    )


def descriptor(entry: Entry, crc: int) -> bytes:
    """What stands after the bytes of a file."""
    form = "<4sLQQ" if entry.is_large else "<4sLLL"
    return struct.pack(form, b"PK\7\x08", crc, entry.size, entry.size)


def directory(written: Sequence[Written]) -> Iterator[bytes]:
    """The list of all files at the end of the archive, piece by piece."""
    size, start = 0, 0
    for one in written:
        piece = _central_header(one)
        size += len(piece)
        start = one.offset + span(one.entry)
        yield piece
    yield _end(len(written), size, start)


def span(entry: Entry) -> int:
    """How many bytes a file takes with what stands around it."""
    return len(local_header(entry)) + entry.size + len(descriptor(entry, 0))


def archive_size(entries: Iterable[Entry]) -> int:
    """The length of the whole archive, in bytes."""
    count = offset = listed = 0
    for entry in entries:
        listed += len(_central_header(Written(entry, 0, offset)))
        offset += span(entry)
        count += 1
    return offset + listed + len(_end(count, listed, offset))


def unique_names(names: Iterable[bytes]) -> list[bytes]:
    """Names for an archive that can be unpacked anywhere: valid UTF-8, each once in any case.

    What is no UTF-8 in a name, and what Windows refuses, becomes `_`; a name that is taken gets
    `-1`, `-2`.
    """
    taken: set[str] = set()
    last: dict[str, int] = {}
    unique: list[bytes] = []
    for given in names:
        text = given.decode("utf-8", "replace").replace("\ufffd", "_")
        name = wanted = fit(text.encode())
        number = last.get(fold(wanted), 0)
        while fold(name) in taken:
            number += 1
            name = name_beside([wanted], number)[0]
        last[fold(wanted)] = number
        taken.add(fold(name))
        unique.append(name)
    return unique


def _central_header(written: Written) -> bytes:
    entry, crc, offset = written
    large: list[int] = []
    size = entry.size
    if entry.is_large:
        large += [size, size]
        size = LIMIT
    if offset >= LIMIT:
        large.append(offset)
        offset = LIMIT
    extra = _times(entry)
    if large:
        extra += struct.pack(f"<HH{len(large)}Q", 1, 8 * len(large), *large)
    version = _VERSION_64 if large else _VERSION
    return (
        struct.pack(
            "<4sHHHHHHLLLHHHHHLL",
            *(b"PK\1\2", _UNIX | version, version, _FLAGS, 0, *_dos_time(entry)),
            *(crc, size, size, len(entry.name), len(extra), 0, 0, 0, _MODE, offset),
        )
        + entry.name
        + extra
    )


def _end(count: int, size: int, start: int) -> bytes:
    end = b""
    if count >= MAX_ENTRIES or size >= LIMIT or start >= LIMIT:
        version = _UNIX | _VERSION_64
        numbers = (44, version, _VERSION_64, 0, 0, count, count, size, start)
        end = struct.pack("<4sQHHLLQQQQ", b"PK\6\6", *numbers)
        end += struct.pack("<4sLQL", b"PK\6\7", 0, start + size, 1)
        count, size, start = min(count, MAX_ENTRIES), min(size, LIMIT), min(start, LIMIT)
    return end + struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, count, count, size, start, 0)


def _version(entry: Entry) -> int:
    return _VERSION_64 if entry.is_large else _VERSION


def _times(entry: Entry) -> bytes:
    """The time in UTC, which the two fields of MS-DOS cannot say (Info-ZIP's extra field "UT")."""
    return struct.pack("<2sHBl", b"UT", 5, 1, max(0, min(entry.mtime_s, _MAX_TIME)))


def _dos_time(entry: Entry) -> tuple[int, int]:
    seconds = max(0, min(entry.mtime_s, int((_LAST - _EPOCH).total_seconds())))
    at = max(_FIRST, _EPOCH + timedelta(seconds=seconds))
    time = at.hour << 11 | at.minute << 5 | at.second // 2
    return time, (at.year - 1980) << 9 | at.month << 5 | at.day
