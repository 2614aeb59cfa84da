"""How changes of each root are noticed: by a watch, or by scans where a watch tells nothing."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from photostore.base.mounts import find_mount, read_mounts
from photostore.base.text import display_name
from photostore.store.volumes import configured_roots
from photostore.sync.changes import Changes
from photostore.sync.watch import LIMIT_REACHED, RootWatcher

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import timedelta

    from photostore.store.db import Database
    from photostore.store.volumes import Root
    from photostore.sync.scan import Scanner

log = logging.getLogger(__name__)

COMPARE_POLL_S = 0.2
# How long the limit of watches is respected, before it is tried again.
REARM_LIMIT_S = 3600.0
REARM_AFTER_S = (1.0, 5.0, 30.0, 300.0)


@dataclass(frozen=True, slots=True)
class WatchState:
    """How changes of a root are noticed; `problem` is why it is not watched."""

    path: bytes
    watched: bool
    problem: str | None


@dataclass(slots=True)
class _Watched:
    """A root that is looked after: `begun` is set when it is clear how, `anew` to begin again."""

    state: WatchState
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    anew: asyncio.Event = field(default_factory=asyncio.Event)
    watcher: RootWatcher | None = None


class Watching:
    """The watches of all roots, as tasks of a group. Asks for a scan after each gap of a watch."""

    def __init__(
        self,
        tasks: asyncio.TaskGroup,
        database: Database,
        scanner: Scanner,
        poll_interval: timedelta,
        request_scan: Callable[[Sequence[bytes]], None],
    ) -> None:
        self._tasks = tasks
        self._database = database
        self._scanner = scanner
        self._poll_s = poll_interval.total_seconds()
        self._request_scan = request_scan
        self._watched: dict[bytes, _Watched] = {}
        self._asks_for_scans = False

    def states(self) -> list[WatchState]:
        """How each root's changes are noticed."""
        return [watched.state for watched in self._watched.values()]

    def add(self, roots: Sequence[Root]) -> None:
        """Look after roots that are not looked after yet."""
        for root in roots:
            if root.path not in self._watched:
                state = WatchState(root.path, watched=False, problem=None)
                self._watched[root.path] = _Watched(state)
                self._tasks.create_task(self._look_after(root.path))

    def begin_anew(self, path: bytes) -> None:
        """Watch a root again: another disk is at its place, or the same one once more."""
        watched = self._watched.get(path)
        if watched is not None:
            watched.anew.set()
            if watched.watcher is not None:
                watched.watcher.stop()

    async def wait_begun(self, timeout_s: float) -> None:
        """Wait until all watches have begun or failed, so that a scan now and they miss nothing.

        One that begins later asks for a scan of its own.
        """
        waits = [asyncio.create_task(watched.begun.wait()) for watched in self._watched.values()]
        try:
            if waits:
                await asyncio.wait(waits, timeout=timeout_s)
        finally:
            for wait in waits:
                wait.cancel()
        self._asks_for_scans = True

    async def _look_after(self, path: bytes) -> None:
        """Notice changes of a root for as long as it is one."""
        failures = 0
        while await self._find(path):
            self._watched[path].anew.clear()
            mounts = await asyncio.to_thread(read_mounts)
            mount = find_mount(mounts, Path(os.fsdecode(path)))
            if mount.is_remote:
                why = f"changes on {mount.type} are not reported"
                await self._pause(path, why, self._poll_s)
                continue
            was_changed, problem = await self._watch(path)
            if problem is None:
                failures = 0
                continue
            failures = 1 if was_changed else failures + 1
            if problem != self._watched[path].state.problem:
                log.warning("%s is not watched: %s", display_name(path), problem)
            if problem == LIMIT_REACHED:
                await self._poll(path, problem)
                continue
            await self._pause(path, problem, REARM_AFTER_S[min(failures, len(REARM_AFTER_S)) - 1])
        del self._watched[path]

    async def _find(self, path: bytes) -> Root | None:
        async with self._database.read() as reading:
            roots = await configured_roots(reading)
        return next((root for root in roots if root.path == path), None)

    async def _pause(self, path: bytes, problem: str, pause_s: float) -> None:
        """Do without a watch for some time, then have the root scanned instead."""
        watched = self._watched[path]
        watched.state = WatchState(path, watched=False, problem=problem)
        watched.begun.set()
        try:
            await asyncio.wait_for(watched.anew.wait(), pause_s)
        except TimeoutError:
            self._request_scan([path])

    async def _poll(self, path: bytes, problem: str) -> None:
        """Scan regularly for a long time: each try to watch takes what others could need."""
        end = time.monotonic() + REARM_LIMIT_S
        watched = self._watched[path]
        while time.monotonic() < end and not watched.anew.is_set() and await self._find(path):
            await self._pause(path, problem, self._poll_s)

    async def _exclusion(self, path: bytes) -> Callable[[bytes], bool]:
        """Which folders of a root are passed over (SPEC 5.2), or are roots of their own."""
        root = await self._find(path)
        if root is None:
            return lambda _: False
        rules = await self._scanner.rules(root)
        return lambda folder: rules.exclusion(folder) is not None

    async def _watch(self, path: bytes) -> tuple[bool, str | None]:
        """Watch until that ends; returns whether there were changes, and what ended it."""
        changes = Changes(path, time.monotonic)
        watched = self._watched[path]
        watcher = watched.watcher = RootWatcher(path, await self._exclusion(path))
        was_changed = False
        comparing = self._tasks.create_task(self._compare(path, changes))
        try:
            async with aclosing(watcher.changes()) as noticed:
                async for paths in noticed:
                    if paths:
                        was_changed = True
                        changes.add(paths)
                        continue
                    watched.state = WatchState(path, watched=True, problem=None)
                    watched.begun.set()
                    if self._asks_for_scans:
                        # What happened before the watch began was not reported.
                        self._request_scan([path])
        except OSError as error:
            watcher.problem = error.strerror or str(error)
        finally:
            watched.watcher = None
            watcher.stop()
            comparing.cancel()
        return was_changed, watcher.problem

    async def _compare(self, path: bytes, changes: Changes) -> None:
        """Compare what changed, and new folders once more."""
        while True:
            await asyncio.sleep(COMPARE_POLL_S)
            due = changes.take()
            if not due:
                continue
            try:
                root = await self._find(path)
                if root is None:
                    continue
                summary = await self._scanner.scan_paths(root, due.shallow)
                if due.deep:
                    await self._scanner.scan_paths(root, due.deep, deep=True)
                changes.look_again(summary.new_folders)
            except Exception:
                # No room on the disk, for instance: what changed is not told a second time.
                log.exception("comparing changes failed; all of it is scanned again")
                self._request_scan([path])
