"""A turn that tells when somebody has to wait for it: for tests of what may not happen at once."""

from __future__ import annotations

import asyncio


class Turn(asyncio.Lock):
    """`is_wanted` is set as soon as somebody waits."""

    def __init__(self) -> None:
        super().__init__()
        self.is_wanted = asyncio.Event()

    async def acquire(self) -> bool:
        if self.locked():
            self.is_wanted.set()
        return await super().acquire()


async def until_done_or_waiting(turn: Turn, *tasks: asyncio.Task) -> None:
    """Wait until one of some tasks is done, or somebody waits for the turn."""
    waiting = asyncio.create_task(turn.is_wanted.wait())
    await asyncio.wait({*tasks, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
