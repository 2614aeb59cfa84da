"""The event bus: SPEC 1.4 (live connections end at once), DESIGN 3."""

from __future__ import annotations

import asyncio
import threading

import pytest

from photostore.base.events import (
    Bus,
    Event,
    LibraryChanged,
    PreviewsMade,
    ProblemsChanged,
    Refresh,
    Stopping,
    Subscription,
)


async def read_all(subscription: Subscription) -> list[Event]:
    return [event async for event in subscription]


async def test_each_listener_gets_each_event_in_order() -> None:
    bus = Bus()
    with bus.subscribe() as first, bus.subscribe() as second:
        for revision in range(5):
            bus.publish(LibraryChanged(revision))
        bus.close()
        expected = [*map(LibraryChanged, range(5))]
        # Stopping ends at once: what nobody read yet is left out.
        assert await read_all(first) == [Stopping()]
        assert await read_all(second) == [Stopping()]
    bus = Bus()
    subscription = bus.subscribe()
    for event in expected:
        bus.publish(event)
    assert [await anext(subscription) for _ in expected] == expected
    subscription.close()


async def test_a_waiting_listener_is_woken_from_another_thread() -> None:
    bus = Bus(capacity=1000)
    subscription = bus.subscribe()

    def publish() -> None:
        for revision in range(200):
            bus.publish(LibraryChanged(revision))

    thread = threading.Thread(target=publish)
    thread.start()
    async with asyncio.timeout(5):
        revisions = [await anext(subscription) for _ in range(200)]
    thread.join()
    assert revisions == [LibraryChanged(n) for n in range(200)]
    subscription.close()


async def test_a_slow_listener_gets_one_refresh_in_place_of_the_lost_events() -> None:
    bus = Bus(capacity=3)
    subscription = bus.subscribe()
    for revision in range(50):
        bus.publish(LibraryChanged(revision))
    assert await anext(subscription) == Refresh()
    bus.publish(PreviewsMade(("a",)))
    assert await anext(subscription) == PreviewsMade(("a",))
    subscription.close()


async def test_stopping_ends_every_subscription_and_later_events_are_dropped() -> None:
    bus = Bus()
    subscription = bus.subscribe()
    waiting = asyncio.create_task(read_all(subscription))
    await asyncio.sleep(0)
    bus.publish(Stopping())
    bus.publish(ProblemsChanged())
    async with asyncio.timeout(1):
        assert await waiting == [Stopping()]
    assert await read_all(bus.subscribe()) == [Stopping()]
    bus.close()


async def test_closing_a_subscription_ends_its_reader() -> None:
    bus = Bus()
    subscription = bus.subscribe()
    waiting = asyncio.create_task(read_all(subscription))
    await asyncio.sleep(0)
    subscription.close()
    subscription.close()
    async with asyncio.timeout(1):
        assert await waiting == []
    subscription.offer(ProblemsChanged())  # as a thread that was about to
    assert await read_all(subscription) == []
    assert not bus._subscriptions


async def test_a_timeout_while_waiting_loses_nothing() -> None:
    bus = Bus()
    with bus.subscribe() as subscription:
        for revision in range(3):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await anext(subscription)
            bus.publish(LibraryChanged(revision))
            assert await anext(subscription) == LibraryChanged(revision)


def test_a_subscription_of_a_closed_loop_is_forgotten() -> None:
    bus = Bus()

    async def leave_open() -> None:
        bus.subscribe()

    asyncio.run(leave_open())
    bus.publish(ProblemsChanged())
    assert not bus._subscriptions


async def test_no_task_is_left_behind() -> None:
    bus = Bus()
    before = asyncio.all_tasks()
    for _ in range(50):
        with bus.subscribe():
            bus.publish(ProblemsChanged())
    assert asyncio.all_tasks() == before
