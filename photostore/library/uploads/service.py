"""Uploads into one library: where they may go, what is here already, their places, their acts.

What a file is, and that it is imported, is for the floor above (`sync.arrivals`).
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from photostore.base.disk import find_write_obstacle
from photostore.base.errors import ConflictError, ForbiddenError, PhotostoreError
from photostore.base.text import display_name
from photostore.library.organise.destination import settle_destination
from photostore.library.roots import find_obstacle
from photostore.library.trash.folders import pass_by
from photostore.library.trash.moves import is_same_content
from photostore.library.uploads.placing import put_in_place, take_away, wanted_path
from photostore.library.uploads.receiving import Space, clear_holding
from photostore.library.uploads.results import DestinationError, UploadNoRoomError
from photostore.store.files import SeenFile
from photostore.store.journal import ActName, NewAct, write_act
from photostore.store.scope import Scope
from photostore.store.uploads import (
    find_held,
    find_moments,
    quiet_batches,
    register_upload,
    take_batch,
)
from photostore.store.volumes import configured_roots

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from photostore.library.trash.folders import Reach
    from photostore.library.turns import Turn
    from photostore.library.uploads.placing import Place, Shot
    from photostore.library.uploads.results import Received, UploadSetup
    from photostore.store.db import Database
    from photostore.store.uploads import Added, HeldFile
    from photostore.store.volumes import Root

log = logging.getLogger(__name__)

# A batch that nobody ended, since its page was closed, is over after this.
QUIET_S = 120.0
CHECK_S = 30.0
TURNED_OFF = "Adding photos in the browser is turned off (setting uploads)"
# SQLite's integers; some file systems number inodes up to 2**64.
MAX_INTEGER = 2**63 - 1


class Uploads:
    """What is added to one open library. `turn` and `quiet` are those of the trash."""

    def __init__(
        self,
        database: Database,
        setup: UploadSetup,
        turn: Turn,
        quiet: Callable[[], AbstractAsyncContextManager[object]],
        reach: Reach = pass_by,
    ) -> None:
        self.database = database
        self.setup = setup
        self.space = Space(setup)
        self.reach = reach
        self._turn = turn
        self._quiet = quiet
        self._root: Root | None = None
        self._running: Counter[str] = Counter()
        self.on_act: Callable[[], Awaitable[object]] | None = None
        # Told of a destination that was in no root until now.
        self.on_root: Callable[[Root], None] = lambda _: None

    async def run(self) -> None:
        """End batches that nobody ends, until cancelled; what the disk refuses is tried again."""
        while True:
            try:
                await self.end_quiet(QUIET_S)
            except (PhotostoreError, OSError, sqlite3.Error) as error:
                log.warning("what was added is not in the journal yet (%s)", error)
            await asyncio.sleep(CHECK_S)

    def clear(self) -> None:
        """Remove what a crash left of files that were arriving: before any may arrive."""
        clear_holding(self.setup)

    async def destination(self) -> Root:
        """The root that uploads go to, which is made if need be.

        Raises ForbiddenError if uploads are off, DestinationError with a remedy.
        """
        if not self.setup.enabled:
            raise ForbiddenError(TURNED_OFF)
        async with self.database.read() as reading:
            known = {one.id: one for one in await configured_roots(reading)}
        if self._root is not None:
            root = known.get(self._root.id)
            if root is not None and not await asyncio.to_thread(find_obstacle, root):
                return root
        try:
            root = await settle_destination(
                self.database, self.setup.destination, exclude_globs=self.setup.exclude_globs
            )
        except ConflictError as error:
            raise DestinationError(f"{error}. {_remedy()}") from error
        assert root is not None  # noqa: S101 - only a dry run has none
        if root.id not in known:
            self.on_root(root)
        obstacle = await asyncio.to_thread(find_write_obstacle, self.setup.destination)
        if obstacle:
            raise DestinationError(_unwritable(self.setup.destination, obstacle))
        self._root = root
        return root

    async def find_problem(self) -> str | None:
        """Why nothing could be added now, or None; makes and changes nothing that stays."""
        if not self.setup.enabled:
            return TURNED_OFF
        return await asyncio.to_thread(self._look)

    def _look(self) -> str | None:
        folder = self.setup.destination
        if not folder.exists():
            return None  # it is made with the first file, or then it is told why not
        obstacle = find_write_obstacle(folder)
        return obstacle and _unwritable(folder, obstacle)

    # What is here already

    async def find_here(self, scope: Scope, sha1s: Sequence[bytes]) -> dict[bytes, HeldFile]:
        """By content, what is here of some: files that are really there with the size they had."""
        async with self.database.read() as reading:
            found = await find_held(reading, scope, sha1s)
        there = await asyncio.to_thread(lambda: [one for one in found if _is_there(one)])
        # Of several, the one that is seen on the timeline.
        there.sort(key=lambda one: one.shelf == "timeline")
        return {one.sha1: one for one in there}

    async def find_same(self, scope: Scope, received: Received) -> HeldFile | None:
        """A file that is here with the very bytes of one that arrived."""
        async with self.database.read() as reading:
            found = await find_held(reading, scope, [received.sha1])

        def compare() -> HeldFile | None:
            same = (one for one in found if is_same_content(received.path, one.path, received.size))
            return next(same, None)

        return await asyncio.to_thread(compare)

    # Its place

    async def place(
        self,
        root: Root,
        received: Received,
        shot: Shot,
        added: Added,
        claim: Callable[[int], None],
    ) -> tuple[int, Place, SeenFile]:
        """Give a file its name and its row, which says that it is still to be read.

        `claim` is told the row before anybody can see it. Raises DestinationError; then nothing is
        left of the file.
        """
        async with self._turn, self._quiet():
            wanted = await asyncio.to_thread(wanted_path, received, shot, self.setup)
            async with self.database.read() as reading:
                moments = await find_moments(reading, root, wanted)
            place = await self._turn.do(
                lambda: put_in_place(received, shot, moments, self.setup, self.reach)
            )
            try:
                status = await asyncio.to_thread(os.lstat, place.path)
                inode = status.st_ino & MAX_INTEGER if status.st_nlink == 1 else 0
                folder, name = os.path.split(place.path)
                seen = SeenFile(name, status.st_size, status.st_mtime_ns, inode)
                async with self.database.write(durable=True) as transaction:
                    row = await register_upload(
                        transaction, root, folder, seen, added, is_new=not place.was_there
                    )
                    claim(row)
                    self.reach("registering")
            except (sqlite3.Error, OSError) as error:
                await asyncio.to_thread(take_away, place)
                raise UploadNoRoomError(
                    f"The library cannot be written now ({error}): see whether its disk is full"
                ) from error
            self.reach("registered")
        return row, place, seen

    # Its act

    @contextmanager
    def part_of(self, batch: str) -> Iterator[None]:
        """A file of a batch is on its way: the batch is not over."""
        self._running[batch] += 1
        try:
            yield
        finally:
            self._running[batch] -= 1
            if not self._running[batch]:
                del self._running[batch]

    async def finish(self, scope: Scope, batch: str) -> tuple[int | None, int]:
        """End a batch: its act is in the journal. Returns its number, None of nothing, and count.

        Who added a file to it meanwhile begins another act with that.
        """
        async with self.database.write(durable=True) as transaction:
            contents = await take_batch(transaction, scope, batch)
            if contents is None:
                return None, 0
            assets = {one: {"sha1s": sorted(sha1s)} for one, sha1s in contents.items()}
            act = NewAct(
                ActName.UPLOAD, scope.user_id, _now_ms(), len(assets), {"assets": assets}, {}
            )
            number = await write_act(transaction, act)
        if self.on_act is not None:
            await self.on_act()
        return number, len(assets)

    async def end_quiet(self, quiet_s: float) -> None:
        """End the batches to which nothing was added for a while, and nothing is being added."""
        async with self.database.read() as reading:
            found = await quiet_batches(reading, _now_ms() - round(quiet_s * 1000))
        for user_id, batch in found:
            if batch not in self._running:
                await self.finish(Scope(user_id), batch)


def _is_there(file: HeldFile) -> bool:
    try:
        return os.lstat(file.path).st_size == file.size
    except OSError:
        return False


def _unwritable(folder: Path, obstacle: str) -> str:
    return f"{display_name(folder)} cannot be written: {obstacle}. {_remedy()}"


def _remedy() -> str:
    return (
        f"Give user {os.geteuid()} the right to write there (in a container: mount it without "
        ":ro), or name another folder in the setting originals_dir"
    )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
