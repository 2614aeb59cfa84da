"""Many originals as one archive: what goes in, and its bytes as they are sent.

Never more than a megabyte of a file is in memory. A file that changes while it is sent breaks the
archive off, so that nobody takes it for whole.
"""

from __future__ import annotations

import asyncio
import os
import threading
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photostore.base.errors import FileChangedError, FileError
from photostore.library.archive import (
    Entry,
    Written,
    archive_size,
    descriptor,
    directory,
    local_header,
    span,
    unique_names,
)
from photostore.library.originals import open_original

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from photostore.store.downloads import Download

CHUNK_BYTES = 1 << 20
# Pieces of the directory are gathered to this.
GATHER_BYTES = 1 << 16
ABSENT_NAME = b"not in this archive.txt"


@dataclass(frozen=True, slots=True)
class Packing:
    """What is in an archive: each entry with its file, or the words that take the place of one."""

    entries: tuple[tuple[Entry, Download | bytes], ...]
    size: int


def pack(downloads: Sequence[Download]) -> Packing:
    """Look at all files once. One that cannot be read is named in a text in the archive."""
    found: list[tuple[Download, int, int]] = []
    absent: list[bytes] = []
    for one in downloads:
        try:
            opened = open_original(one.path, [one.folder])
        except FileError as error:
            absent.append(str(error).encode() + b"\n")
            continue
        status = os.fstat(opened)
        os.close(opened)
        found.append((one, status.st_size, status.st_mtime_ns))
    names = unique_names([one.name for one, _, _ in found])
    entries: list[tuple[Entry, Download | bytes]] = [
        (Entry(name, size, mtime_ns // 1_000_000_000), one)
        for name, (one, size, mtime_ns) in zip(names, found, strict=True)
    ]
    if absent:
        text = b"".join(absent)
        entries.append((Entry(ABSENT_NAME, len(text), 0), text))
    return Packing(tuple(entries), archive_size(entry for entry, _ in entries))


async def send_archive(packing: Packing) -> AsyncIterator[bytes]:
    """The bytes of an archive. Raises FileError in the midst of it, which ends it early."""
    written: list[Written] = []
    offset = 0
    for entry, source in packing.entries:
        yield local_header(entry)
        crc = 0
        if isinstance(source, bytes):
            crc = zlib.crc32(source)
            yield source
        else:
            reading = _Original(source, entry.size)
            try:
                while chunk := await asyncio.to_thread(reading.read):
                    yield chunk
                crc = reading.crc
            finally:
                await asyncio.shield(asyncio.to_thread(reading.close))
        yield descriptor(entry, crc)
        written.append(Written(entry, crc, offset))
        offset += span(entry)
    gathered = bytearray()
    for piece in directory(written):
        gathered += piece
        if len(gathered) >= GATHER_BYTES:
            yield bytes(gathered)
            gathered.clear()
    yield bytes(gathered)


class _Original:
    """A file while it is read; `crc` is the checksum of what was read of it.

    A download that is given up leaves its thread behind, which may still read: hence the lock.
    """

    def __init__(self, source: Download, size: int) -> None:
        self._source = source
        self._left = size
        self._descriptor: int | None = None
        self._is_over = False
        self._lock = threading.Lock()
        self.crc = 0

    def read(self) -> bytes:
        """The next bytes, none at the end. Raises FileError, also if that is not where it was."""
        with self._lock:
            if self._is_over:
                return b""
            if self._descriptor is None:
                self._descriptor = open_original(self._source.path, [self._source.folder])
            # One more than there were shows that it grew.
            chunk = os.read(self._descriptor, min(CHUNK_BYTES, self._left) or 1)
            if bool(chunk) != bool(self._left):
                raise FileChangedError(self._source.path, "it changed while it was sent")
            self.crc = zlib.crc32(chunk, self.crc)
            self._left -= len(chunk)
            return chunk

    def close(self) -> None:
        """Let go of the file, as soon as nobody reads it."""
        with self._lock:
            self._is_over = True
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None
