"""Watches roots for changes (SPEC 5.5). An event is only a hint that a folder changed.

Events are lost in bursts, in new nested folders and after an overflow, so what is reported is the
path alone; the scanner compares the folder, at once and again a second later. The watcher lives in
a thread of its own: building it takes seconds on large trees. On Linux it is `inotify`, which
spends no watch on what is passed over and knows what it missed; elsewhere watchfiles.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import watchfiles

from photostore.base.text import display_name
from photostore.library.exclusion import FOREIGN_FOLDERS, NOMEDIA, SUPPORT_FOLDER
from photostore.sync.inotify import IS_SUPPORTED, EventsLostError, TreeWatch, WatchLimitError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

log = logging.getLogger(__name__)

DEBOUNCE_MS = 400
STEP_MS = 100
# How soon the thread looks whether it is to stop.
STOP_CHECK_MS = 200
# Building a watch cannot be interrupted; its thread is left to end by itself after this.
JOIN_S = 2.0
LIMIT_REACHED = (
    "the system's limit of watched folders is reached: raise it with "
    "`sysctl fs.inotify.max_user_watches=1048576`, and for good in /etc/sysctl.d"
)


class RootWatcher:
    """The watch of one root: `async for paths in watcher.changes()` until `stop`.

    `problem` tells why the root is not watched, or is None. `is_excluded` says of a folder's path
    that it is passed over: no watch is spent on it.
    """

    def __init__(self, path: bytes, is_excluded: Callable[[bytes], bool] = lambda _: False) -> None:
        self._path = path
        self._is_excluded = is_excluded
        self._stop = threading.Event()
        self.problem: str | None = None

    def stop(self) -> None:
        """End the watch, without a problem; the iteration ends within a fraction of a second."""
        self._stop.set()

    async def changes(self) -> AsyncGenerator[set[bytes], None]:
        """Paths below the root at which something changed.

        The first set is empty and says that the watch has begun. Ends when it is not possible, and
        without a `problem` when it must begin anew.
        """
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[set[bytes] | None] = asyncio.Queue()

        def post(paths: set[bytes] | None) -> None:
            # The loop may be closed when the thread notices the end.
            if not loop.is_closed():
                loop.call_soon_threadsafe(queue.put_nowait, paths)

        threads = [
            threading.Thread(target=target, args=(*part, post), name="watch", daemon=True)
            for target, part in await asyncio.to_thread(self._jobs)
        ]
        for thread in threads:
            thread.start()
        beginning = len(threads)
        try:
            while (paths := await queue.get()) is not None:
                if paths:
                    yield paths
                else:
                    beginning -= 1
                    if not beginning:
                        yield paths
        finally:
            self._stop.set()
            for thread in threads:
                await asyncio.to_thread(thread.join, JOIN_S)

    def _jobs(self) -> list[tuple[Callable[..., None], tuple[object, ...]]]:
        """What threads do: on Linux our own watch, elsewhere that of watchfiles in parts."""
        if IS_SUPPORTED:
            return [(self._run_tree, ())]
        return [(self._run, part) for part in self._parts()]

    def _run_tree(self, post: Callable[[set[bytes] | None], None]) -> None:
        try:
            with closing(TreeWatch(self._path, self._is_excluded)) as tree:
                post(set())
                while not self._stop.is_set():
                    if tree.wait(STOP_CHECK_MS / 1000):
                        # Many events come at once, and one comparison is enough for them.
                        self._stop.wait(STEP_MS / 1000)
                        changes = tree.changes()
                        if changes:
                            post(changes)
        except WatchLimitError:
            self.problem = LIMIT_REACHED
        except EventsLostError:
            # Without a problem: it begins anew, and what was not told is found by a scan.
            log.info("changes in %s were lost: it is scanned", display_name(self._path))
        except OSError as error:
            self.problem = describe(error)
        finally:
            post(None)

    def _parts(self) -> list[tuple[list[bytes], bool]]:
        """What is watched, each part with or without all below it.

        A library that is a root holds its previews too, in tens of thousands of folders that must
        not cost watches: there the visible sub-folders are watched one by one.
        """
        if not os.path.isdir(os.path.join(self._path, SUPPORT_FOLDER)):
            return [([self._path], True)]
        with os.scandir(self._path) as entries:
            visible = [
                entry.path
                for entry in entries
                if entry.name[:1] != b"." and entry.is_dir(follow_symlinks=False)
            ]
        return [([self._path], False), *([(visible, True)] if visible else [])]

    def _run(
        self, paths: list[bytes], recursive: bool, post: Callable[[set[bytes] | None], None]
    ) -> None:
        began = False
        try:
            for changes in watchfiles.watch(
                *map(os.fsdecode, paths),
                watch_filter=self._is_of_interest,
                debounce=DEBOUNCE_MS,
                step=STEP_MS,
                stop_event=self._stop,
                rust_timeout=STOP_CHECK_MS,
                yield_on_timeout=True,
                raise_interrupt=False,
                ignore_permission_denied=True,
                recursive=recursive,
            ):
                if not began:
                    post(set())
                    began = True
                if changes:
                    post({os.fsencode(path) for _, path in changes})
                if not recursive and any(_is_new_folder(*change) for change in changes):
                    return  # to begin anew, with this folder
        except Exception as error:  # noqa: BLE001 - a name that is no UTF-8 ends it with a group
            self.problem = LIMIT_REACHED if "limit reached" in str(error) else describe(error)
        finally:
            post(None)

    def _is_of_interest(self, change: watchfiles.Change, path: str) -> bool:
        """Not what happens in folders that are passed over, photostore's own among them."""
        inside = os.fsencode(path)[len(self._path) :]
        *above, name = inside.split(b"/")
        hidden = any(part[:1] == b"." or part.lower() in FOREIGN_FOLDERS for part in above)
        return not hidden and (name[:1] != b"." or name.lower() in NOMEDIA)


def _is_new_folder(change: watchfiles.Change, path: str) -> bool:
    return change is watchfiles.Change.added and os.path.isdir(path)


def describe(error: BaseException) -> str:
    """An error, or the first one of a group, as words for a person."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error) or type(error).__name__
