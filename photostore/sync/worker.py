"""One worker of the import: a decode thread of its own, and the children for what is doubtful."""

from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from photostore.base.text import display_name
from photostore.decode.doubt import DoubtfulError
from photostore.sync.journey import FailedFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from photostore.decode.child import DecodeChild
    from photostore.store.files import WorkFile
    from photostore.sync.journey import Journeyed, Workshop

log = logging.getLogger(__name__)

FILE_LIMIT_S = 120.0


class GivenUpError(BaseException):
    """Raised inside a thread that is over its time, wherever it runs Python code."""


class ChildrenPool:
    """The children of all workers: who needs one waits until one is free."""

    def __init__(self, children: tuple[DecodeChild, ...]) -> None:
        self._free: asyncio.Queue[DecodeChild] = asyncio.Queue()
        for child in children:
            self._free.put_nowait(child)

    async def take(self) -> DecodeChild:
        """A child for one file; to be given back on every path."""
        return await self._free.get()

    def give_back(self, child: DecodeChild) -> None:
        """Let the next one have it."""
        self._free.put_nowait(child)


class Worker:
    """Takes one file at a time through its journey. Used from one event loop."""

    def __init__(
        self,
        workshop: Workshop,
        pool: ChildrenPool,
        travel: Callable[[WorkFile, Workshop], Journeyed],
        nice: int,
    ) -> None:
        self._workshop = workshop
        self._children = pool
        self._travel = travel
        self._nice = nice
        self._thread: int | None = None
        self._executor = self._make_executor()

    async def take_through(self, work: WorkFile) -> Journeyed:
        """What becomes of a file. Raises PreviewsUnwritableError."""
        began = time.monotonic()
        outcome = await self._go(work)
        return replace(outcome, took_ms=round((time.monotonic() - began) * 1000))

    def close(self) -> None:
        """Let go of the thread; what it does is lost."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def _go(self, work: WorkFile) -> Journeyed:
        children = self._workshop.children
        # What failed before or brought photostore down is not tried in the same way again.
        if not children or not (work.apart or work.attempts):
            try:
                return await self._in_thread(work, self._workshop, FILE_LIMIT_S)
            except DoubtfulError:
                log.debug("%s is looked at apart", display_name(work.path))
        child = await self._children.take()
        try:
            # The child is killed at its own limit; what is left is the disk of the file.
            limit_s = FILE_LIMIT_S + child.limit_s
            return await self._in_thread(work, replace(self._workshop, child=child), limit_s)
        finally:
            self._children.give_back(child)

    async def _in_thread(self, work: WorkFile, workshop: Workshop, limit_s: float) -> Journeyed:
        journey = asyncio.get_running_loop().run_in_executor(
            self._executor, self._travel, work, workshop
        )
        try:
            return await asyncio.wait_for(journey, limit_s)
        except TimeoutError:
            self._leave_behind()
            reason = f"given up after {limit_s:.0f} s"
            return FailedFile(work, "failed", "decode", reason, again=False)

    def _leave_behind(self) -> None:
        """Have the thread end at its next line of Python, and go on with another one.

        A call into a decoder cannot be interrupted; what could take long there is left to children.
        """
        if self._thread is not None:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(self._thread), ctypes.py_object(GivenUpError)
            )
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._executor = self._make_executor()

    def _make_executor(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(1, "decode", initializer=self._begin_thread)

    def _begin_thread(self) -> None:
        """Let other programs go first: on Linux the calling thread's niceness (SPEC 5.6)."""
        self._thread = threading.get_ident()
        if sys.platform == "linux" and self._nice > os.getpriority(os.PRIO_PROCESS, 0):
            os.setpriority(os.PRIO_PROCESS, 0, self._nice)
