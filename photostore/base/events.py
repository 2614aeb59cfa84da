"""What happened, told to whoever listens: the event bus of one process. Stores and decides nothing.

Publishing never waits and may happen in any thread. A listener that is too slow loses events and
gets one `Refresh` in their place, which tells it to load anew what it shows.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from dataclasses import dataclass
from typing import Literal, Self, TypeAlias

SyncState: TypeAlias = Literal["idle", "scanning", "importing", "paused"]


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """How far the running scan and import are (SPEC 10.4).

    `found`: files known to this run; `done`: finished ones, whatever came of them, `failed` and
    `rejected` included. `screens_left`: files that can be looked at already and whose screen
    pictures follow, `screens_done`: those that followed; of them `time_left_s` speaks when all
    found are done. `folder`: the one being read, for display. `started_at`: ISO 8601 in UTC.
    """

    state: SyncState = "idle"
    found: int = 0
    done: int = 0
    failed: int = 0
    rejected: int = 0
    rate_per_s: float | None = None
    time_left_s: int | None = None
    folder: str | None = None
    started_at: str | None = None
    screens_left: int = 0
    screens_done: int = 0


@dataclass(frozen=True, slots=True)
class LibraryChanged:
    """Assets came, went or changed; `revision` is the library's new revision."""

    revision: int


@dataclass(frozen=True, slots=True)
class SyncProgressed:
    """The scan or import went on; whoever publishes it keeps to at most two a second."""

    progress: SyncProgress


@dataclass(frozen=True, slots=True)
class PreviewsMade:
    """Previews of these assets (public ids) are there now."""

    asset_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProblemsChanged:
    """The list of failed, rejected or waiting files changed."""


@dataclass(frozen=True, slots=True)
class TaskProgressed:
    """Long work that a person started went on, or ended."""

    id: str
    done: int
    total: int
    state: Literal["running", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Refresh:
    """Events were lost: load anew. Made by the bus for a listener that was too slow."""


@dataclass(frozen=True, slots=True)
class Stopping:
    """The server stops; the last event of each subscription."""


Event: TypeAlias = (
    LibraryChanged
    | SyncProgressed
    | PreviewsMade
    | ProblemsChanged
    | TaskProgressed
    | Refresh
    | Stopping
)


class Subscription:
    """One listener's events, in order: `async for event in subscription`.

    Use it as a context manager, or call `close`, or read on until it ends by itself after
    `Stopping`. Waiting for the next event may be cancelled or timed out without losing any. Belongs
    to the event loop that made it; only one task may read it.
    """

    def __init__(self, bus: Bus, capacity: int) -> None:
        self._bus = bus
        self._capacity = capacity
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._events: deque[Event] = deque()
        self._wake = asyncio.Event()
        self._is_ended = False

    def close(self) -> None:
        """Stop listening; a task that waits for the next event sees the end. Repeatable."""
        self._bus.drop(self)
        with self._lock:
            self._events.clear()
            self._is_ended = True
        self._wake_reader()

    def offer(self, event: Event) -> None:
        """Take an event from the bus; callable in any thread, never waits for the reader."""
        with self._lock:
            if self._is_ended:
                return
            if isinstance(event, Stopping):
                self._events.clear()
                self._is_ended = True
            elif self._events and isinstance(self._events[0], Refresh):
                # Not read yet, so what the listener will load then has this event in it.
                return
            elif len(self._events) >= self._capacity:
                self._events.clear()
                event = Refresh()
            self._events.append(event)
        self._wake_reader()

    def _wake_reader(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._wake.set)
        except RuntimeError:
            # The loop is closed, and with it the only task that could read.
            self._bus.drop(self)

    def __aiter__(self) -> Subscription:
        return self

    async def __anext__(self) -> Event:
        while True:
            with self._lock:
                if self._events:
                    return self._events.popleft()
                if self._is_ended:
                    raise StopAsyncIteration
                self._wake.clear()
            await self._wake.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


class Bus:
    """Carries events from any thread to each subscription."""

    def __init__(self, capacity: int = 256) -> None:
        """Make a bus whose subscriptions hold `capacity` unread events each."""
        self._capacity = capacity
        self._lock = threading.Lock()
        self._subscriptions: set[Subscription] = set()
        self._is_closed = False

    def publish(self, event: Event) -> None:
        """Give the event to each subscription, from any thread, without waiting.

        `Stopping` closes the bus. After that events are dropped: threads that still finish their
        last file need not know.
        """
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = isinstance(event, Stopping)
            listeners = tuple(self._subscriptions)
            if self._is_closed:
                self._subscriptions.clear()
        # Outside the lock: `offer` may call `drop`. Events of one thread keep their order.
        for subscription in listeners:
            subscription.offer(event)

    def subscribe(self) -> Subscription:
        """Return a new subscription; call it in the event loop that will read it.

        On a closed bus it holds `Stopping` and ends.
        """
        subscription = Subscription(self, self._capacity)
        with self._lock:
            if not self._is_closed:
                self._subscriptions.add(subscription)
                return subscription
        subscription.offer(Stopping())
        return subscription

    def drop(self, subscription: Subscription) -> None:
        """Forget a subscription; it calls this itself when it is closed."""
        with self._lock:
            self._subscriptions.discard(subscription)

    def close(self) -> None:
        """End all subscriptions at once: each gets `Stopping` as its last event. Repeatable."""
        self.publish(Stopping())
