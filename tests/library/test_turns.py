"""One act on originals at a time, also where one was given up (SPEC 9.5)."""

from __future__ import annotations

import asyncio
import threading

import pytest

from photostore.library import turns
from photostore.library.turns import Turn

pytestmark = pytest.mark.anyio


async def test_work_that_was_given_up_is_waited_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(turns, "LEAVE_S", 0.05)
    turn, go_on, told = Turn(), threading.Event(), []

    async def act() -> None:
        async with turn:
            await turn.do(lambda: go_on.wait(10), lambda: told.append("end"))

    task = asyncio.create_task(act())
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert told == ["end"]

    async def next_act() -> bool:
        async with turn:
            return go_on.is_set()

    following = asyncio.create_task(next_act())
    await asyncio.sleep(0.1)
    assert not following.done()
    go_on.set()
    assert await following


async def test_a_result_and_an_error_come_back():
    turn = Turn()
    async with turn:
        assert await turn.do(lambda: 3) == 3
        with pytest.raises(ZeroDivisionError):
            await turn.do(lambda: 1 // 0)
    async with turn:
        assert await turn.do(lambda: 4) == 4
