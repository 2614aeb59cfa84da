"""Which files are being decoded at this moment, on disk, for the start after a crash (SPEC 5.7).

One slot a worker, written in place before and after each file. The kernel keeps what was written
when the process dies, so nothing is synced: a write costs microseconds. After a power cut the slots
may be stale, which costs an innocent file no more than a look in the decode child.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SLOT_BYTES = 32


class InFlight:
    """The slots of one library's workers. Each slot belongs to one worker."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor
        self._lock = threading.Lock()
        self._held: dict[int, object] = {}

    @classmethod
    def open(cls, path: Path) -> tuple[Self, list[int]]:
        """Open the slots, empty; returns them and the files that were in them: the suspects."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        # A slot that was never used is a hole of NUL bytes.
        words = os.read(descriptor, 1 << 16).replace(b"\0", b" ").split()
        os.ftruncate(descriptor, 0)
        return cls(descriptor), [int(word) for word in words if word.isdigit()]

    @contextmanager
    def hold(self, slot: int, file_id: int) -> Iterator[None]:
        """Name the file that is being decoded, for as long as it is."""
        mine = object()
        self._write(slot, b"%d" % file_id, mine)
        try:
            yield
        finally:
            self._write(slot, b"", mine, is_end=True)

    def close(self) -> None:
        """Close the slots; a thread that still decodes keeps its file in them. Repeatable."""
        with self._lock:
            descriptor, self._descriptor = self._descriptor, None
            if descriptor is not None:
                os.close(descriptor)

    def _write(self, slot: int, word: bytes, holder: object, *, is_end: bool = False) -> None:
        # A decode thread outlives the close, and its descriptor may be another file's by then.
        with self._lock:
            if is_end and self._held.get(slot) is not holder:
                return  # it was given up, and its successor has the slot
            self._held[slot] = holder
            if self._descriptor is not None:
                os.pwrite(self._descriptor, word.ljust(SLOT_BYTES), slot * SLOT_BYTES)
