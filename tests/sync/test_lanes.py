"""What a person waits for comes first, and the queue is bounded: SPEC 5.6."""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from photostore.store.files import WorkFile
from photostore.sync.lanes import Lanes

CAPACITY = 6


def work(number):
    return WorkFile(number, b"/%d" % number, 1, 1, 0, unfiltered=False)


async def take_now(lanes):
    """The next file, or None if there is none now."""
    try:
        async with asyncio.timeout(0.005):
            return (await lanes.take()).id
    except TimeoutError:
        return None


ACTS = st.lists(
    st.sampled_from(["feed", "urgent", "promote", "pause", "resume", "take", "take"]), max_size=40
)


@settings(max_examples=80, deadline=None)
@given(acts=ACTS)
def test_urgent_first_each_in_order_and_bounded(acts):
    async def play():
        lanes = Lanes(CAPACITY)
        backlog, urgent, paused = [], [], False
        for number, act in enumerate(acts, 1):
            if act == "feed":
                assert lanes.wanted == CAPACITY - len(backlog)
                fed = list(range(number * 100, number * 100 + lanes.wanted))
                await lanes.add_backlog([work(one) for one in fed])
                backlog += fed
            elif act == "urgent":
                await lanes.add_urgent(work(number))
                urgent.append(number)
            elif act == "promote" and backlog:
                chosen = backlog.pop(len(backlog) // 2)
                await lanes.promote(chosen)
                urgent.append(chosen)
            elif act in {"pause", "resume"}:
                paused = act == "pause"
                await lanes.pause(paused=paused)
            elif act == "take":
                expected = None
                if urgent:
                    expected = urgent.pop(0)
                elif backlog and not paused:
                    expected = backlog.pop(0)
                assert await take_now(lanes) == expected
            assert lanes.wanted >= 0

    asyncio.run(play())


async def test_the_feeder_waits_until_the_backlog_is_half_empty():
    lanes = Lanes(CAPACITY)
    await lanes.add_backlog([work(number) for number in range(CAPACITY)])
    waiting = asyncio.create_task(lanes.wait_wanted())
    for _ in range(CAPACITY // 2):
        await asyncio.sleep(0)
        assert not waiting.done()
        await lanes.take()
    async with asyncio.timeout(1):
        await waiting


async def test_every_file_is_taken_once_by_many_workers():
    lanes = Lanes(CAPACITY)
    taken = []

    async def worker():
        while True:
            taken.append((await lanes.take()).id)
            await asyncio.sleep(0)

    workers = [asyncio.create_task(worker()) for _ in range(4)]
    for number in range(50):
        await lanes.wait_wanted()
        await lanes.add_backlog([work(number)])
    await asyncio.sleep(0.01)
    for one in workers:
        one.cancel()
    assert sorted(taken) == list(range(50))


async def test_what_is_claimed_is_worked_on_whoever_is_cancelled():
    lanes = Lanes(CAPACITY)
    async with lanes._changed:
        asking = asyncio.create_task(lanes.add_urgent(work(7)))
        await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait({asking})
    assert await take_now(lanes) == 7
