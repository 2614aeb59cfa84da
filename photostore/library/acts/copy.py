"""The journal's copy on the disk, `.photostore/journal/YYYY-MM.jsonl`: one act a line (SPEC 9.6).

From it a library is rebuilt whose database is lost. It follows the database, never leads it: acts
are appended after they are durable there, and at start what is missing is added. A line that a
crash tore is put aside then and written again; one that is not understood stays. Should the copy
hold acts that the database does not know (an older backup was restored), it is put aside under
another name and begun anew.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, BinaryIO

from photostore.base.disk import sync_folder
from photostore.base.events import LibraryChanged, Refresh
from photostore.base.text import display_name
from photostore.store.journal import ActName, JournalAct, last_act_id, lines_after

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from photostore.base.events import Bus
    from photostore.store.db import Database
    from photostore.store.journal import ActLine

log = logging.getLogger(__name__)

# The copy's folder, beside the database.
JOURNAL = "journal"
# Acts that are read at once: one may hold a hundred thousand assets.
BATCH = 20
TAIL_BYTES = 1 << 16


class JournalCopy:
    """The copy in one folder. `problem` says why it is behind, None when it is not.

    `unknown` is how many lines of it are not understood, `aside` the name of a copy that knew more.
    """

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self._last: int | None = None
        self._turn = asyncio.Lock()
        self.problem: str | None = None
        # Acts that are being done: the copy waits until they are whole.
        self.unfinished: set[int] = set()
        self.unknown = 0
        self.aside: str | None = None

    async def catch_up(self) -> None:
        """Append what the database has more. A disk that refuses is told by `problem`."""
        async with self._turn:
            try:
                await self._append_missing()
            except OSError as error:
                self.problem = f"{display_name(self._folder)}: {error.strerror or error}"
                log.warning("the journal's copy is behind: %s", self.problem)
            else:
                self.problem = None

    async def _append_missing(self) -> None:
        async with self._database.read() as reading:
            newest = await last_act_id(reading)
        if self._last is None:
            self._last = await asyncio.to_thread(self._prepare, newest)
        until = min(self.unfinished, default=newest + 1) - 1
        while self._last < min(newest, until):
            async with self._database.read() as reading:
                acts = await lines_after(reading, self._last, BATCH, until)
            if not acts:
                return
            await self._append_whole(acts)

    async def _append_whole(self, acts: Sequence[ActLine]) -> None:
        """Append acts, to the end also if this is cancelled: the next would write among them."""
        writing = asyncio.ensure_future(asyncio.to_thread(self._append, acts))
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            await asyncio.wait([writing])
            if writing.exception() is None:
                self._last = acts[-1].id
            raise
        self._last = acts[-1].id

    async def follow(self, bus: Bus) -> None:
        """Keep the copy up with acts that others write, until the bus closes."""
        with bus.subscribe() as subscription:
            await self._catch_up_safely()
            async for event in subscription:
                if isinstance(event, (LibraryChanged, Refresh)):
                    await self._catch_up_safely()

    async def _catch_up_safely(self) -> None:
        try:
            await self.catch_up()
        except Exception as error:
            # The copy is a second one: whatever is wrong with it must not close the library.
            log.exception("copying the journal failed; it goes on with the next act")
            self.problem = f"{type(error).__name__}: {error}"

    def _prepare(self, newest: int) -> int:
        """Mend torn ends, and return the last act that the copy has."""
        self._folder.mkdir(parents=True, exist_ok=True)
        mended = mend_copy(self._folder)
        self.unknown = max(self.unknown, mended.unknown)
        last = mended.last
        if last <= newest:
            return last
        aside = self._folder.with_name(
            f"{self._folder.name}.before-{time.strftime('%Y%m%d-%H%M%S')}"
        )
        self._folder.rename(aside)
        self._folder.mkdir()
        sync_folder(self._folder.parent)
        self.aside = aside.name
        log.warning(
            "the journal's copy knew acts up to %d, the database up to %d: the copy is now %s",
            last,
            newest,
            display_name(aside),
        )
        return 0

    def _append(self, acts: Sequence[ActLine]) -> None:
        for month, some in groupby(acts, key=lambda act: month_of(act.at_ms)):
            path = self._folder / f"{month}.jsonl"
            is_new = not path.exists()
            start = 0 if is_new else path.stat().st_size
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                with os.fdopen(descriptor, "ab", closefd=False) as file:
                    for act in some:
                        file.write(act.text.encode() + b"\n")
                os.fsync(descriptor)
            except OSError:
                # A full disk: half a line would make the next one unreadable.
                with suppress(OSError):
                    os.ftruncate(descriptor, start)
                raise
            finally:
                os.close(descriptor)
            if is_new:
                sync_folder(self._folder)


def month_of(at_ms: int) -> str:
    """`YYYY-MM` of a moment, in UTC."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m")


def journal_files(folder: Path) -> list[Path]:
    """The files of a copy, in the order of months."""
    return sorted(folder.glob("[0-9][0-9][0-9][0-9]-[0-9][0-9].jsonl"))


def read_line(line: bytes) -> JournalAct | None:
    """An act from its line; None for a line that is torn or is none of ours."""
    try:
        content: dict[str, Any] = json.loads(line)
        return JournalAct(
            id=int(content["id"]),
            at_ms=int(content["at"]),
            user_id=int(content["user"]),
            act=ActName(content["act"]),
            count=int(content["count"]),
            undoes=content["undoes"],
            undone_by=None,
            summary=dict(content["summary"]),
            sample=tuple(content["sample"]),
            before=dict(content["before"]),
            after=dict(content["after"]),
        )
    except (ValueError, KeyError, TypeError):
        return None


def read_copy(folder: Path) -> Iterator[JournalAct | None]:
    """The acts of a copy, month by month; None for each line that cannot be read."""
    for path in journal_files(folder):
        with path.open("rb") as file:
            for line in file:
                yield read_line(line)


@dataclass(frozen=True, slots=True)
class Mended:
    """The id of the last act of a copy; how many of its last lines are not understood, and kept."""

    last: int = 0
    unknown: int = 0


def mend_copy(folder: Path) -> Mended:
    """Put torn last lines right, and return what the copy ends with."""
    ends = [_mend(path) for path in journal_files(folder)]
    last = max((end.last for end in ends), default=0)
    return Mended(last, sum(end.unknown for end in ends))


def _mend(path: Path) -> Mended:
    """Make the last line of a file whole, or put it aside; what else is not understood stays.

    A line may be that of a newer photostore: then it is not ours to cut.
    """
    last = unknown = 0
    with path.open("r+b") as file:
        end = file.seek(0, os.SEEK_END)
        while end:
            start = _line_start(file.fileno(), end)
            line = os.pread(file.fileno(), end - start, start)
            act = read_line(line)
            if not line.endswith(b"\n"):
                _finish_line(file, path, start, line, is_whole=act is not None)
            if act is not None:
                return Mended(max(last, act.id), unknown)
            if line.endswith(b"\n"):
                unknown, last = unknown + 1, max(last, _id_of(line))
            end = start
    return Mended(last, unknown)


def _finish_line(file: BinaryIO, path: Path, start: int, line: bytes, *, is_whole: bool) -> None:
    """A crash came in the middle of a line, or right before its end."""
    if is_whole:
        file.seek(0, os.SEEK_END)
        file.write(b"\n")
        file.flush()
    else:
        aside = path.with_name(f"{path.name}.torn")
        with aside.open("ab") as kept:
            kept.write(line + b"\n")
            kept.flush()
            os.fsync(kept.fileno())
        file.truncate(start)
        log.warning("%s: a line that is not whole is now in %s", display_name(path), aside.name)
    os.fsync(file.fileno())


def _id_of(line: bytes) -> int:
    """The id of an act that is not understood, 0 without one."""
    try:
        found = json.loads(line)
        return int(found["id"])
    except (ValueError, KeyError, TypeError):
        return 0


def _line_start(descriptor: int, end: int) -> int:
    """Where the line begins that ends at `end` (its newline is not looked at)."""
    position = end - 1
    while position > 0:
        start = max(0, position - TAIL_BYTES)
        found = os.pread(descriptor, position - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        position = start
    return 0
