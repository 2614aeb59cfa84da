"""Reads small files without ever waiting for a disk: what the system has in memory, or nothing.

Linux only (openat2 with RESOLVE_CACHED since 5.12, preadv2 with RWF_NOWAIT); elsewhere, on file
systems that cannot promise it, and in containers that forbid the call, nothing is ever in memory.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys

# The same number on all architectures.
_OPENAT2 = 437
_AT_FDCWD = -100
_RESOLVE_CACHED = 0x20
# The system does not know the call or this use of it, or does not allow it: it is not asked again.
_NEVER = frozenset((errno.ENOSYS, errno.EINVAL, errno.EPERM, errno.E2BIG))


class _OpenHow(ctypes.Structure):
    _fields_ = (
        ("flags", ctypes.c_uint64),
        ("mode", ctypes.c_uint64),
        ("resolve", ctypes.c_uint64),
    )


class CachedReader:
    """Reads files that are in the system's memory. Safe to use from several threads."""

    def __init__(self) -> None:
        self._how = _OpenHow(os.O_RDONLY | os.O_CLOEXEC, 0, _RESOLVE_CACHED)
        self._libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

    def read(self, path: bytes, most: int) -> bytes | None:
        """The whole of a file of at most so many bytes; None if it is absent or not in memory."""
        descriptor = self._open(path)
        if descriptor is None:
            return None
        try:
            size = os.fstat(descriptor).st_size
            if not 0 < size <= most:
                return None
            data = bytearray(size)
            done = os.preadv(descriptor, [data], 0, os.RWF_NOWAIT)
            return bytes(data) if done == size else None
        except OSError:
            # Not in memory (EAGAIN), or a file system that cannot tell (EOPNOTSUPP).
            return None
        finally:
            os.close(descriptor)

    def _open(self, path: bytes) -> int | None:
        if self._libc is None:
            return None
        how = ctypes.byref(self._how)
        size = ctypes.sizeof(self._how)
        found = self._libc.syscall(_OPENAT2, _AT_FDCWD, ctypes.c_char_p(path), how, size)
        if found >= 0:
            return int(found)
        if ctypes.get_errno() in _NEVER:
            self._libc = None
        return None
