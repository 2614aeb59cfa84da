"""Asks the kernel whether another folder could be watched (inotify(7)); Linux only.

The watcher passes over folders that it may not read, and with them those for which there are no
watches left, without a word: what it watches would then be less than all.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys

IN_ATTRIB = 0x4
# No watches left, no instances left for this user.
LIMITS = frozenset({errno.ENOSPC, errno.EMFILE})


def is_limit_reached(folder: bytes) -> bool:
    """Whether the limit of watches, or that of instances, leaves no room for one more."""
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
    if descriptor < 0:
        return ctypes.get_errno() in LIMITS
    try:
        watch = libc.inotify_add_watch(descriptor, folder, ctypes.c_uint32(IN_ATTRIB))
        return watch < 0 and ctypes.get_errno() in LIMITS
    finally:
        os.close(descriptor)
