"""Two lanes into the decode pool: what a person waits for overtakes the backlog (SPEC 5.6).

The backlog is bounded by asking for it: `wanted` says how many more files the feeder may bring, so
the queue never holds more than a few beyond what is being decoded.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from photostore.store.files import WorkFile


class Lanes:
    """Work for the decode workers. Used from one event loop only."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._urgent: deque[WorkFile] = deque()
        self._backlog: deque[WorkFile] = deque()
        self._changed = asyncio.Condition()
        self._paused = False

    @property
    def wanted(self) -> int:
        """How many more files the backlog takes now."""
        return max(0, self._capacity - len(self._backlog))

    async def add_backlog(self, files: list[WorkFile]) -> None:
        """Queue files of the backlog, at most `wanted` of them."""
        # At once, so that what is claimed can be promoted; only the word of it waits for its turn.
        self._backlog.extend(files)
        async with self._changed:
            self._changed.notify_all()

    async def add_urgent(self, file: WorkFile) -> None:
        """Put a file that a person waits for before all others."""
        # At once: it is claimed, and who is cancelled here must not keep it for ever.
        self._urgent.append(file)
        async with self._changed:
            self._changed.notify_all()

    async def promote(self, file_id: int) -> None:
        """Make a file of the backlog urgent; one that is being worked on stays as it is."""
        async with self._changed:
            for file in self._backlog:
                if file.id == file_id:
                    self._backlog.remove(file)
                    self._urgent.append(file)
                    self._changed.notify_all()
                    return

    async def pause(self, *, paused: bool) -> None:
        """Hold back the backlog, or let it go on; urgent work goes on in any case."""
        async with self._changed:
            self._paused = paused
            self._changed.notify_all()

    async def take(self) -> WorkFile:
        """The next file to work on; waits until there is one."""
        async with self._changed:
            while True:
                if self._urgent:
                    return self._urgent.popleft()
                if self._backlog and not self._paused:
                    file = self._backlog.popleft()
                    self._changed.notify_all()
                    return file
                await self._changed.wait()

    async def wait_wanted(self) -> None:
        """Wait until the backlog has run half empty."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self._backlog) <= self._capacity // 2)
