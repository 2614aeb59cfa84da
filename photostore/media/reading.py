"""Reads a file once: bytes for the decoders, SHA-1, and what `stat` said. Never writes.

Decoders get bytes, never a path: libvips maps files, and a mapped file that is truncated meanwhile
kills the process with SIGBUS. Opening does not follow a symlink and does not block on a FIFO.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass

from photostore.base.errors import FileChangedError, MediaRejectedError, UnreadableError
from photostore.media.kinds import Group, sniff

HEAD_BYTES = 4096
WHOLE_MAX_BYTES = 256 * 1024 * 1024
CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Content:
    """One reading of one file.

    `data` is the whole file when it is at most 256 MiB and no video, else None; `head` is the first
    4096 bytes (fewer in a smaller file); `sha1` is the 20-byte digest of the whole file.
    Times are in nanoseconds since 1970; `ctime_ns` is when name or rights changed last.
    """

    path: bytes
    size: int
    mtime_ns: int
    sha1: bytes
    head: bytes
    data: bytes | None
    ctime_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Digest:
    """The SHA-1 of a file's bytes, which holds for as long as size and mtime are these."""

    size: int
    mtime_ns: int
    sha1: bytes


def open_regular(path: bytes) -> int:
    """Open a regular file for reading and return its descriptor.

    Raises `MediaRejectedError` for symlinks, FIFOs, devices and folders, `UnreadableError` when the
    system refuses.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise UnreadableError(path, f"cannot be opened: {error.strerror}") from error
    try:
        regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
    except OSError as error:
        os.close(descriptor)
        raise UnreadableError(path, f"cannot be examined: {error.strerror}") from error
    if not regular:
        os.close(descriptor)
        raise MediaRejectedError(path, "is not a regular file")
    return descriptor


def read_content(path: bytes, known: Digest | None = None) -> Content:
    """Read a file whole (or stream it through the hash) and return what was read.

    With a `known` digest that still holds nothing is hashed, and a film is not read through.

    Raises `MediaRejectedError` for what is no regular file or is empty, `UnreadableError` for I/O
    errors, `FileChangedError` when size or mtime moved during the reading.
    """
    descriptor = open_regular(path)
    try:
        before = os.fstat(descriptor)
        if before.st_size == 0:
            raise MediaRejectedError(path, "the file is empty (0 bytes)")
        holds = known and (known.size, known.mtime_ns) == (before.st_size, before.st_mtime_ns)
        head = os.pread(descriptor, HEAD_BYTES, 0)
        kind = sniff(head)
        video = kind is not None and kind.group is Group.VIDEO
        data: bytes | None = None
        count = before.st_size
        sha1 = known.sha1 if known and holds else b""
        if not video and before.st_size <= WHOLE_MAX_BYTES:
            data = _read_whole(descriptor, before.st_size)
            count = len(data)
            sha1 = sha1 or hashlib.sha1(data, usedforsecurity=False).digest()
        elif not holds:
            sha1, count = _hash(descriptor)
        after = os.fstat(descriptor)
    except OSError as error:
        raise UnreadableError(path, f"cannot be read: {error.strerror}") from error
    finally:
        os.close(descriptor)
    moved = (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns)
    if moved or count != before.st_size:
        raise FileChangedError(path, "the file changed while it was read")
    return Content(path, before.st_size, before.st_mtime_ns, sha1, head, data, before.st_ctime_ns)


def _read_whole(descriptor: int, size: int) -> bytes:
    """Read in one call where the system allows; one byte more than expected betrays growth."""
    data = os.read(descriptor, size + 1)
    if len(data) == size:
        return data
    parts = [data]
    while len(part := os.read(descriptor, CHUNK_BYTES)) > 0 and sum(map(len, parts)) <= size:
        parts.append(part)
    return b"".join(parts)


def _hash(descriptor: int) -> tuple[bytes, int]:
    """Return the SHA-1 of a file and how many bytes it has."""
    sha1 = hashlib.sha1(usedforsecurity=False)
    count = 0
    while chunk := os.read(descriptor, CHUNK_BYTES):
        sha1.update(chunk)
        count += len(chunk)
    return sha1.digest(), count
