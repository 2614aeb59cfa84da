"""The kernel's watch of a tree of folders (inotify(7), Linux only), without those passed over.

One watch a folder, put on it before it is listed, so that nothing falls between. Names are bytes.
Used by one thread; reads folders, never a file.
"""

from __future__ import annotations

import ctypes
import errno
import os
import select
import struct
import sys
from typing import TYPE_CHECKING

from photostore.library.exclusion import NOMEDIA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

IS_SUPPORTED = sys.platform.startswith("linux")

IN_ATTRIB, IN_CLOSE_WRITE, IN_MOVED_FROM, IN_MOVED_TO = 0x4, 0x8, 0x40, 0x80
IN_CREATE, IN_DELETE, IN_DELETE_SELF = 0x100, 0x200, 0x400
IN_UNMOUNT, IN_Q_OVERFLOW, IN_IGNORED = 0x2000, 0x4000, 0x8000
IN_ONLYDIR, IN_DONT_FOLLOW, IN_ISDIR = 0x1000000, 0x2000000, 0x40000000
# Without IN_MODIFY: a file that is being written is looked at until it is quiet in any case.
WANTED = (
    IN_ATTRIB | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE
) | IN_DELETE_SELF
HOW = IN_ONLYDIR | IN_DONT_FOLLOW
HEADER = struct.Struct("=iIII")
BUFFER_BYTES = 1 << 18
# No watches left, no instances left for this user.
LIMITS = frozenset({errno.ENOSPC, errno.EMFILE, errno.ENOMEM})


class WatchLimitError(Exception):
    """The system's limit of watched folders, or of watches, is reached."""


class EventsLostError(Exception):
    """More happened than the kernel remembers: what is there has to be compared anew."""


class TreeWatch:
    """The watches of a folder and all below it; `close` takes them off.

    `is_excluded` says of a folder's path whether it is passed over; it is not asked of the root.
    """

    def __init__(self, root: bytes, is_excluded: Callable[[bytes], bool]) -> None:
        self._root = root
        self._is_excluded = is_excluded
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._paths: dict[int, bytes] = {}
        self._descriptor = self._libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        if self._descriptor < 0:
            raise _error(root)
        try:
            # One that cannot be watched at all is told; a folder below that is gone is not.
            self._add(root, is_root=True)
            self._add_below(root)
        except BaseException:
            self.close()
            raise

    def __len__(self) -> int:
        return len(self._paths)

    def close(self) -> None:
        """Take all watches off."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def wait(self, timeout_s: float) -> bool:
        """Wait until something happened; False if nothing did."""
        return bool(select.select([self._descriptor], [], [], timeout_s)[0])

    def changes(self) -> set[bytes]:
        """Paths at which something happened since the last call. New folders are watched by then.

        Raises WatchLimitError and EventsLostError: then this watch is to be closed.
        """
        changed: set[bytes] = set()
        while True:
            try:
                data = os.read(self._descriptor, BUFFER_BYTES)
            except BlockingIOError:
                return changed
            for number, mask, name in _events(data):
                changed |= self._take(number, mask, name)

    def _take(self, number: int, mask: int, name: bytes) -> set[bytes]:
        if mask & IN_Q_OVERFLOW:
            raise EventsLostError
        folder = self._paths.get(number)
        if folder is None:
            return set()
        if mask & IN_IGNORED:
            del self._paths[number]
            return set()
        if mask & (IN_UNMOUNT | IN_DELETE_SELF):
            return {folder} if folder == self._root else set()
        is_marker = name.lower() in NOMEDIA
        if is_marker and mask & (IN_DELETE | IN_MOVED_FROM):
            self._add_below(folder)
        if not mask & IN_ISDIR or is_marker:
            # Many files of a folder are one comparison of it.
            return {folder} if is_marker or not name.startswith(b".") else set()
        return self._take_folder(os.path.join(folder, name) if name else folder, mask)

    def _take_folder(self, path: bytes, mask: int) -> set[bytes]:
        if path != self._root and self._is_excluded(path):
            return set()
        if mask & IN_MOVED_FROM:
            self._forget_below(path)
        elif mask & (IN_CREATE | IN_MOVED_TO):
            self._add(path)
            self._add_below(path)
        return {path}

    def _add(self, path: bytes, *, is_root: bool = False) -> None:
        mask = ctypes.c_uint32(WANTED | (0 if is_root else HOW))
        number = self._libc.inotify_add_watch(self._descriptor, path, mask)
        if number >= 0:
            # A folder that was moved keeps its number and gets another path.
            self._paths[number] = path
            return
        error = _error(path)
        # One that may not be read, or that is gone already, has no changes to tell of.
        if is_root or isinstance(error, WatchLimitError):
            raise error

    def _add_below(self, top: bytes) -> None:
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            for path in self._folders_in(folder):
                self._add(path)
                waiting.append(path)

    def _folders_in(self, folder: bytes) -> list[bytes]:
        """Folders to be watched; none in one that is closed by a marker."""
        found = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.lower() in NOMEDIA:
                        return []
                    if entry.is_dir(follow_symlinks=False):
                        found.append(entry.path)
        except OSError:
            return found
        return [path for path in found if not self._is_excluded(path)]

    def _forget_below(self, top: bytes) -> None:
        """Take the watches off a tree that was moved away; it may come back under another name."""
        below = top + b"/"
        for number, path in list(self._paths.items()):
            if path == top or path.startswith(below):
                self._libc.inotify_rm_watch(self._descriptor, number)
                self._paths.pop(number, None)


def _events(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(number of the watch, mask, name) of each event in what was read."""
    at = 0
    while at + HEADER.size <= len(data):
        number, mask, _, length = HEADER.unpack_from(data, at)
        at += HEADER.size
        yield number, mask, data[at : at + length].rstrip(b"\0")
        at += length


def _error(path: bytes) -> Exception:
    number = ctypes.get_errno()
    if number in LIMITS:
        return WatchLimitError()
    return OSError(number, os.strerror(number), os.fsdecode(path))
