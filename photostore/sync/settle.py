"""Waits until a file is quiet before it is imported (SPEC 5.5).

A file is settled when its size and mtime have not changed for the settle time. Only files whose
mtime is that recent come here; all others were quiet before they were seen.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from photostore.store.files import SeenFile

# A copy may preserve a mtime of the future; beyond this it is a wrong clock and not a fresh file.
FUTURE_NS = 60 * 1_000_000_000


@dataclass(frozen=True, slots=True)
class Settled:
    """A file that is quiet and may be registered, in the folder where it was seen."""

    folder: bytes
    name: bytes


@dataclass(slots=True)
class _Watched:
    size: int
    mtime_ns: int
    since: float


class SettleTracker:
    """The files that are still being written. `clock` is monotonic, in seconds."""

    def __init__(self, settle_s: float, clock: Callable[[], float]) -> None:
        self._settle_s = settle_s
        self._clock = clock
        self._watched: dict[tuple[bytes, bytes], _Watched] = {}

    def __len__(self) -> int:
        return len(self._watched)

    def is_fresh(self, seen: SeenFile, now_ns: int) -> bool:
        """Whether a file was written so recently that it may still grow."""
        age_ns = now_ns - seen.mtime_ns
        return -FUTURE_NS < age_ns < self._settle_s * 1_000_000_000

    def watch(self, folder: bytes, seen: SeenFile) -> None:
        """Begin to watch a fresh file; one that is watched already keeps its history."""
        key = (folder, seen.name)
        if key not in self._watched:
            self._watched[key] = _Watched(seen.size, seen.mtime_ns, self._clock())

    def poll(self) -> list[Settled]:
        """Look at every watched file once; returns those that have become quiet.

        A file that vanished is forgotten: the comparison of its folder tells the rest.
        """
        now = self._clock()
        settled = []
        # Over a copy: the event loop may add files meanwhile.
        for (folder, name), watched in list(self._watched.items()):
            try:
                found = os.lstat(os.path.join(folder, name))
            except OSError:
                del self._watched[folder, name]
                continue
            if (found.st_size, found.st_mtime_ns) != (watched.size, watched.mtime_ns):
                watched.size, watched.mtime_ns = found.st_size, found.st_mtime_ns
                watched.since = now
            elif now - watched.since >= self._settle_s:
                del self._watched[folder, name]
                settled.append(Settled(folder, name))
        return settled
