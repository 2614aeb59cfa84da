"""That a file is still the one which a person saw, before it is moved or deleted (SPEC 9.5)."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from photostore.base.errors import FileChangedError
from photostore.base.text import format_size
from photostore.library.trash.folders import look
from photostore.library.trash.moves import READ_FLAGS, hash_descriptor

if TYPE_CHECKING:
    from photostore.library.trash.folders import Spot


@dataclass(frozen=True, slots=True)
class ExpectedFile:
    """A file as the library knows it: the real absolute path, size, time, and SHA-1 or None.

    Without a hash, size and time alone are compared.
    """

    path: bytes
    size_bytes: int
    mtime_ns: int
    sha1: bytes | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it was when it was checked; what changes with any writing to it."""

    inode: int
    size_bytes: int
    mtime_ns: int
    ctime_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> Seen:
        """What `status` tells."""
        return cls(status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def check_file(spot: Spot, expected: ExpectedFile) -> Seen:
    """Compare a file with what is expected, by its content if a hash is given.

    Raises FileChangedError that says what differs; OSError if it cannot be read.
    """
    status = look(spot)
    if status is None:
        raise FileChangedError(expected.path, "it is no longer there; sync the folder")
    if not stat.S_ISREG(status.st_mode):
        kind = "a link" if stat.S_ISLNK(status.st_mode) else "no file"
        raise FileChangedError(expected.path, f"it is {kind} now; sync the folder")
    _compare(status, expected)
    if expected.sha1 is None:
        return Seen.of(status)
    descriptor = os.open(spot.name, READ_FLAGS, dir_fd=spot.folder)
    try:
        before = os.fstat(descriptor)
        _compare(before, expected)
        if hash_descriptor(descriptor) != expected.sha1:
            reason = "its content is not what you saw, though size and time are; sync the folder"
            raise FileChangedError(expected.path, reason)
        if Seen.of(os.fstat(descriptor)) != Seen.of(before):
            raise FileChangedError(expected.path, "it is being written to; try again later")
    finally:
        os.close(descriptor)
    return Seen.of(before)


def check_unchanged(spot: Spot, expected: ExpectedFile, seen: Seen) -> None:
    """Make sure that nothing was done to a file since it was checked. Raises FileChangedError."""
    status = look(spot)
    if status is not None and stat.S_ISREG(status.st_mode):
        now = Seen.of(status)
        if now == seen:
            return
        if expected.sha1 is not None and replace(now, ctime_ns=seen.ctime_ns) == seen:
            # As when another name of the same file was moved just now: the content tells.
            check_file(spot, expected)
            return
    raise FileChangedError(expected.path, "it was changed or replaced just now; sync the folder")


def is_same_file(spot: Spot, seen: Seen, sha1: bytes | None) -> bool:
    """Whether what was moved to `spot` is the file that was checked before.

    The inode's number may change where file systems are laid over each other, and a poor FAT driver
    changes the time with the name: the hash tells then.
    """
    status = look(spot)
    if status is None or not stat.S_ISREG(status.st_mode) or status.st_size != seen.size_bytes:
        return False
    if status.st_mtime_ns == seen.mtime_ns and (sha1 is None or status.st_ino == seen.inode):
        return True
    descriptor = os.open(spot.name, READ_FLAGS, dir_fd=spot.folder)
    try:
        return sha1 is not None and hash_descriptor(descriptor) == sha1
    finally:
        os.close(descriptor)


def _compare(status: os.stat_result, expected: ExpectedFile) -> None:
    if status.st_size != expected.size_bytes:
        is_size, was_size = format_size(status.st_size), format_size(expected.size_bytes)
        reason = f"it has {is_size} now ({status.st_size} bytes), not {was_size} as you saw it"
        raise FileChangedError(expected.path, f"{reason}; sync the folder")
    if status.st_mtime_ns != expected.mtime_ns:
        reason = "it was modified after you saw it; sync the folder"
        raise FileChangedError(expected.path, reason)
