"""Long work that a person started and follows: how far it is, and what came of it.

Tasks live in the task group of the open library. When the library is closed they are told to stop
and waited for a moment; what they do is written so that a start can go on from any point.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import OrderedDict
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from photostore.base.errors import NotFoundError, PhotostoreError
from photostore.base.events import TaskProgressed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from photostore.base.events import Bus

log = logging.getLogger(__name__)

KEPT = 50
CLOSE_S = 3.0
TELL_S = 0.2

TaskState = Literal["running", "done", "failed"]


@dataclass(slots=True)
class LongTask:
    """One piece of long work. `result` is what the request would have answered, or the problem."""

    id: str
    total: int
    state: TaskState = "running"
    done: int = 0
    size_bytes: int = 0
    result: Mapping[str, Any] | None = None


class TaskProgress:
    """What work calls to say how far it is: with things and bytes done."""

    def __init__(self, task: LongTask, tell: Callable[[LongTask], None]) -> None:
        self._task = task
        self._tell = tell
        self._told_at = 0.0

    def __call__(self, done: int, size_bytes: int) -> None:
        """So much is done; told at most five times a second."""
        self._task.done, self._task.size_bytes = done, size_bytes
        now = asyncio.get_running_loop().time()
        if now - self._told_at >= TELL_S:
            self._told_at = now
            self._tell(self._task)

    def expect(self, total: int) -> None:
        """So much there is to do, where that was not known at the beginning."""
        self._task.total = total
        self._tell(self._task)


class Tasks:
    """The long work of one open library."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._known: OrderedDict[str, LongTask] = OrderedDict()
        self._running: set[asyncio.Task[None]] = set()

    @classmethod
    @asynccontextmanager
    async def open(cls, bus: Bus) -> AsyncIterator[Tasks]:
        """A registry whose work ends with the block."""
        tasks = cls(bus)
        try:
            yield tasks
        finally:
            await tasks._close()

    def start(
        self, total: int, work: Callable[[TaskProgress], Awaitable[Mapping[str, Any]]]
    ) -> LongTask:
        """Begin work on `total` things, 0 if that is not known yet; it tells how far it is."""
        task = LongTask(secrets.token_urlsafe(12), total)
        self._known[task.id] = task
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        progress = TaskProgress(task, self._tell)
        running = asyncio.get_running_loop().create_task(self._run(task, work(progress)))
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        self._tell(task)
        return task

    def find(self, task_id: str) -> LongTask:
        """A task by its id. Raises NotFoundError: only the last ones are remembered."""
        task = self._known.get(task_id)
        if task is None:
            raise NotFoundError("There is no such task, or it ended long ago")
        return task

    async def _run(self, task: LongTask, work: Awaitable[Mapping[str, Any]]) -> None:
        try:
            task.result = await work
            task.state, task.done = "done", max(task.done, task.total)
        except PhotostoreError as error:
            task.state = "failed"
            task.result = {"type": error.type, "title": error.title, "detail": str(error)}
        except Exception:
            log.exception("a task failed")
            task.state = "failed"
            detail = "The log has the details"
            task.result = {"type": "internal", "title": PhotostoreError.title, "detail": detail}
        finally:
            self._tell(task)

    def _tell(self, task: LongTask) -> None:
        self._bus.publish(TaskProgressed(task.id, task.done, task.total, task.state))

    async def _close(self) -> None:
        if self._running:
            await asyncio.wait(self._running, timeout=CLOSE_S)
        for running in tuple(self._running):
            running.cancel()
        if self._running:
            await asyncio.wait(self._running)
