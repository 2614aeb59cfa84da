"""Room kept in reserve: a file that is deleted when the database finds no room on the disk.

SQLite on a full disk cannot even delete rows. With the room of this file it can, so that a person
can mend things from within photostore (measured: docs/performance.md).
"""

from __future__ import annotations

import logging
import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

SIZE_BYTES = 16 << 20
# It is laid only where so many times its size would still be free.
PLENTY = 8


class Ballast:
    """The reserve of one library. Never raises: without one all goes on as without."""

    def __init__(self, path: Path, min_free_bytes: int) -> None:
        self._path = path
        self._min_free_bytes = min_free_bytes

    def lay(self) -> None:
        """Make the file if it is not there and the disk has plenty of room."""
        try:
            free = shutil.disk_usage(self._path.parent).free
            if self._path.exists() or free < self._min_free_bytes + PLENTY * SIZE_BYTES:
                return
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            log.info("no room is kept in reserve: %s", error)
            return
        try:
            # Blocks, and not a hole: a hole is no room.
            os.posix_fallocate(descriptor, 0, SIZE_BYTES)
        except OSError as error:
            log.info("no room is kept in reserve: %s", error)
            with suppress(OSError):
                self._path.unlink()
        finally:
            os.close(descriptor)

    def drop(self) -> None:
        """Give the room away, now that it is needed."""
        try:
            self._path.unlink()
        except OSError:
            return  # it was not there
        log.warning("the disk is full: %s was given away, make room", self._path)
