"""Opening an original for a browser: only regular files that really lie inside a root."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from photostore.base.errors import UnreadableError
from photostore.media.reading import open_regular

if TYPE_CHECKING:
    from collections.abc import Sequence


def open_original(path: bytes, roots: Sequence[bytes]) -> int:
    """Open a file for reading; returns the descriptor, which the caller closes.

    A link in the path may lead out of the roots after the scan: what was opened is asked where it
    lies (SPEC 11.5). Raises FileError with the reason.
    """
    descriptor = open_regular(path)
    real = _real_path(descriptor, path)
    if not any(real.startswith(root.rstrip(b"/") + b"/") for root in roots):
        os.close(descriptor)
        raise UnreadableError(path, "it lies outside the folders of the library")
    return descriptor


def _real_path(descriptor: int, path: bytes) -> bytes:
    """Where an open file lies; without /proc (macOS), where its path leads now."""
    try:
        return os.readlink(b"/proc/self/fd/%d" % descriptor)
    except OSError:
        return os.path.realpath(path)
