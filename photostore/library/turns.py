"""Acts on originals take turns: one at a time, also where the one before was given up."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

# A stop has ten seconds in all (SPEC 1.4). What takes longer ends with the process, as by a crash,
# and the next start brings it to an end.
LEAVE_S = 5.0


class Turn:
    """`async with turn:` waits until nobody else works on originals."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._work: asyncio.Future[Any] | None = None

    async def __aenter__(self) -> Self:
        await self._lock.acquire()
        if self._work is not None and not self._work.done():
            try:
                # It was given up by who began it, and still moves files.
                await asyncio.wait([self._work])
            except asyncio.CancelledError:
                self._lock.release()
                raise
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self._lock.release()

    async def do(self, function: Callable[[], T], on_cancel: Callable[[], None] | None = None) -> T:
        """Call a function in a thread. Cancelled, it asks for the end and waits a while for it."""
        work = asyncio.ensure_future(asyncio.to_thread(function))
        self._work = work
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            if on_cancel is not None:
                on_cancel()
            await asyncio.wait([work], timeout=LEAVE_S)
            raise
