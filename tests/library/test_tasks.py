"""Long work that is followed: its end, its failure, and the end of the library."""

from __future__ import annotations

import asyncio

import pytest

from photostore.base.errors import ConflictError, NotFoundError
from photostore.base.events import Bus, TaskProgressed
from photostore.library import tasks as module
from photostore.library.tasks import LongTask, TaskProgress, Tasks

pytestmark = pytest.mark.anyio


async def until_ended(task: LongTask) -> None:
    async with asyncio.timeout(5):
        while task.state == "running":  # noqa: ASYNC110 - what is seen by those who ask
            await asyncio.sleep(0.01)


async def test_work_tells_how_far_it_is():
    bus = Bus()
    with bus.subscribe() as events:
        async with Tasks.open(bus) as tasks:

            async def work(progress: TaskProgress) -> dict[str, int]:
                progress.expect(3)
                progress(2, 20)
                return {"copied": 3}

            task = tasks.start(0, work)
            assert tasks.find(task.id) is task
            await until_ended(task)
            assert (task.done, task.total, task.result) == (3, 3, {"copied": 3})
        told = [await anext(events) for _ in range(4)]
    assert told[0] == TaskProgressed(task.id, 0, 0, "running")
    assert told[-1] == TaskProgressed(task.id, 3, 3, "done")


async def test_a_failure_is_the_result():
    async with Tasks.open(Bus()) as tasks:

        async def refuse(_: TaskProgress) -> dict[str, int]:
            raise ConflictError("there is no room")

        async def fail(_: TaskProgress) -> dict[str, int]:
            raise ZeroDivisionError

        refused, failed = tasks.start(1, refuse), tasks.start(1, fail)
        await until_ended(refused)
        await until_ended(failed)
    assert refused.state == failed.state == "failed"
    assert refused.result == {
        "type": "conflict",
        "title": ConflictError.title,
        "detail": "there is no room",
    }
    assert failed.result is not None
    assert failed.result["type"] == "internal"
    with pytest.raises(NotFoundError):
        tasks.find("nobody")


async def test_the_end_of_the_library_ends_the_work(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "CLOSE_S", 0.05)
    ended: list[str] = []
    async with Tasks.open(Bus()) as tasks:

        async def work(_: TaskProgress) -> dict[str, int]:
            try:
                await asyncio.sleep(60)
            finally:
                ended.append("work")
            return {}

        tasks.start(1, work)
        await asyncio.sleep(0)
    assert ended == ["work"]
