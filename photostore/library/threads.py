"""Work on originals in a thread, which a cancelled caller does not leave behind."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

# A stop has ten seconds in all (SPEC 1.4). What takes longer ends with the process, as by a crash,
# and the next start brings it to an end.
LEAVE_S = 5.0


async def do_in_thread(
    function: Callable[[], T], on_cancel: Callable[[], None] = lambda: None
) -> T:
    """Call a function in a thread. Cancelled, it asks for the end and waits a while for it.

    Whoever comes next (another process that opens the library) shall not meet files in motion.
    """
    work = asyncio.ensure_future(asyncio.to_thread(function))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        on_cancel()
        await asyncio.wait([work], timeout=LEAVE_S)
        raise
