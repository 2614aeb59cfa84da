"""Writes sidecars after people's edits, in the background and never in anybody's way (SPEC 9.1).

What is due stands in the database, so it survives any crash. A folder that cannot be written is no
error of the edit: the library keeps it, `/health` tells of it, and each start tries again.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photostore.base.disk import replace_file, sync_folder
from photostore.base.errors import FileError
from photostore.base.events import LibraryChanged, Refresh
from photostore.base.text import display_name
from photostore.library.sidecars.digest import digest_beside
from photostore.library.sidecars.document import UnreadableSidecarError
from photostore.library.sidecars.writing import Said, render_sidecar
from photostore.media.sidecars import SidecarForm, match_sidecars, read_sidecar_bytes
from photostore.store.edits import Edit, Field, with_keywords
from photostore.store.sidecars import (
    due_sidecars,
    note_written,
    retry_sidecars,
    settle_sidecars,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from photostore.base.events import Bus
    from photostore.media.sidecars import Sidecar
    from photostore.store.db import Database
    from photostore.store.sidecars import DescribedFile, DueSidecars

log = logging.getLogger(__name__)

# Assets whose sidecars are written between two looks at the database.
BATCH = 50
# A person who types a title saves it once; a slider of stars may be moved.
PAUSE_S = 0.5
NAME_BYTES = 255


class SidecarWriter:
    """Writes what is due for one open library.

    `quiet` holds scans back while sidecars are written whose digests are not noted yet: they would
    take them for somebody else's.
    """

    def __init__(
        self,
        database: Database,
        quiet: Callable[[], AbstractAsyncContextManager[object]] = nullcontext,
    ) -> None:
        self._database = database
        self._quiet = quiet

    async def run(self, bus: Bus) -> None:
        """Write whatever becomes due until the bus closes; first what earlier starts left."""
        try:
            async with self._database.write() as transaction:
                await retry_sidecars(transaction)
        except sqlite3.Error as error:
            log.warning("sidecars that failed are tried again at the next start only: %s", error)
        changed = asyncio.Event()
        changed.set()
        with bus.subscribe() as subscription:
            async with asyncio.TaskGroup() as tasks:
                writing = tasks.create_task(self._write_when(changed))
                async for event in subscription:
                    if isinstance(event, (LibraryChanged, Refresh)):
                        changed.set()
                writing.cancel()

    async def _write_when(self, changed: asyncio.Event) -> None:
        while True:
            await changed.wait()
            await asyncio.sleep(PAUSE_S)
            # An import changes the library many times a second: all of that is one look.
            changed.clear()
            try:
                await self.write_due()
            except Exception:
                log.exception("writing sidecars failed; it goes on with the next edit")

    async def write_due(self) -> int:
        """Write all that is due now; returns for how many assets."""
        count = 0
        while await self._load_due(1):
            async with self._quiet():
                # Not before: who had his turn may have moved files, and others to their names.
                due = await self._load_due(BATCH)
                outcomes = await asyncio.to_thread(_write_assets, due)
                async with self._database.write() as transaction:
                    settled = [
                        (one.asset_id, one.due, outcome.problem)
                        for one, outcome in zip(due, outcomes, strict=True)
                    ]
                    await settle_sidecars(transaction, settled)
                    digests = [digest for outcome in outcomes for digest in outcome.digests]
                    await note_written(transaction, digests)
            count += len(due)
        return count

    async def _load_due(self, limit: int) -> list[DueSidecars]:
        async with self._database.read() as reading:
            return await due_sidecars(reading, limit)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What went wrong last; and of each file that is not to be read again its id and digests."""

    problem: str | None
    digests: tuple[tuple[int, bytes | None, bytes | None], ...]


def _write_assets(due: Sequence[DueSidecars]) -> list[_Outcome]:
    beside = Beside()
    return [_write_asset(one, beside) for one in due]


class Beside:
    """The sidecars of folders, each listed once: to be used for a moment only.

    `written` is what the system says of those that were written, by their paths.
    """

    def __init__(self) -> None:
        self._folders: dict[bytes, Mapping[bytes, Sequence[Sidecar]]] = {}
        self._changed: dict[bytes, dict[bytes, bool]] = {}
        self.written: dict[bytes, os.stat_result] = {}

    def in_folder(self, folder: bytes) -> Mapping[bytes, Sequence[Sidecar]]:
        """The sidecars in a folder by the name of the file that they describe. Raises OSError."""
        if folder not in self._folders:
            self._folders[folder] = match_sidecars(os.listdir(folder))
        return self._folders[folder]

    def note(self, folder: bytes, name: bytes, *, is_there: bool) -> None:
        """A sidecar came or went: a folder of many thousands is not listed for each."""
        self._changed.setdefault(folder, {})[name] = is_there

    def digest(self, path: bytes) -> tuple[int, bytes | None]:
        """How many sidecars a file has now, and their digest. Raises OSError."""
        folder, name = os.path.split(path)
        names = dict.fromkeys((one.name for one in self.in_folder(folder).get(name, ())), True)
        names |= self._changed.get(folder, {})
        there = [one for one, is_there in names.items() if is_there]
        sidecars = match_sidecars([name, *there]).get(name, ())
        return len(sidecars), digest_beside(folder, sidecars, self.written)


def _write_asset(due: DueSidecars, beside: Beside) -> _Outcome:
    """Write the sidecars of an asset's files; says what went wrong with the last that did."""
    problem = None
    before = _digests(due.files, beside)
    for file in due.files:
        try:
            write_sidecar(file, due.edits, beside)
        except (FileError, OSError, UnreadableSidecarError) as error:
            reason = error.reason if isinstance(error, FileError) else _reason_of(error)
            folder = display_name(os.path.dirname(file.path))
            problem = f"{folder}: {reason}"
            log.info("no sidecar for %s: %s", display_name(file.path), reason)
    after = _digests(due.files, beside)
    return _Outcome(problem, tuple(_only_ours(due.files, before, after)))


def _digests(files: Sequence[DescribedFile], beside: Beside) -> dict[int, tuple[int, bytes | None]]:
    found = {}
    for file in files:
        with suppress(OSError):  # then it is read again
            found[file.id] = beside.digest(file.path)
    return found


def _only_ours(
    files: Sequence[DescribedFile],
    before: Mapping[int, tuple[int, bytes | None]],
    after: Mapping[int, tuple[int, bytes | None]],
) -> Iterator[tuple[int, bytes | None, bytes | None]]:
    """Files of which nothing changed but what we wrote: their ids, digests before and now.

    A sidecar that came beside another, or went, may hide that or show it: such a file is read.
    """
    for file in files:
        if file.id in before and file.id in after and before[file.id][1] == file.digest:
            (count, old), (now, new) = before[file.id], after[file.id]
            if new != old and (count == now or max(count, now) == 1):
                yield file.id, old, new


def _reason_of(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def write_sidecar(file: DescribedFile, edits: Mapping[str, Any], beside: Beside) -> None:
    """Bring the sidecar of one file in line with what the person says.

    Raises FileError, OSError or UnreadableSidecarError; the sidecar is then as it was.
    """
    folder, name = os.path.split(file.path)
    if not os.path.lexists(file.path):
        # Whoever settles this as done would never write it when the disk is back.
        raise FileError(file.path, "the file is not there now; is its disk mounted?")
    existing = _find_existing(beside.in_folder(folder), name, file.siblings)
    if existing is None and not edits:
        return
    path = os.path.join(folder, existing or name + b".xmp")
    _refuse_unsafe(file, folder, path)
    # What another program wrote since the folder was listed is kept as well.
    data = read_sidecar_bytes(path) if os.path.lexists(path) else None
    after = render_sidecar(data, _said(file, edits))
    if after == data:
        return
    if file.is_read_only:
        raise FileError(path, "the volume is read-only")
    if after is None:
        os.unlink(path)
        sync_folder(Path(os.fsdecode(folder)))
    else:
        beside.written[path] = replace_file(Path(os.fsdecode(path)), after)
    if after is None or data is None:
        beside.note(folder, os.path.basename(path), is_there=after is not None)


def _said(file: DescribedFile, edits: Mapping[str, Any]) -> Said:
    keywords = edits.get(Field.KEYWORDS)
    words = with_keywords(file.keywords, None if keywords is None else Edit(keywords, 0))
    return Said(edits, words, file.keyword_paths)


def _find_existing(
    matched: Mapping[bytes, Sequence[Sidecar]], name: bytes, siblings: frozenset[bytes]
) -> bytes | None:
    """The XMP sidecar of a file, unless it describes files of another asset as well or better.

    `a.nef.xmp` is that of `a.nef`, though `a.nef.jpg` may have no other one either.
    """
    for sidecar in matched.get(name, ()):
        if sidecar.form is not SidecarForm.XMP:
            continue
        if sidecar.name == name + b".xmp" or all(
            other in siblings
            for other, theirs in matched.items()
            if any(one.name == sidecar.name and one.strength <= sidecar.strength for one in theirs)
        ):
            return sidecar.name
    return None


def _refuse_unsafe(file: DescribedFile, folder: bytes, path: bytes) -> None:
    """Refuse links, and names that no disk takes: nothing is written outside the root."""
    if os.path.islink(path):
        raise FileError(path, "the sidecar is a link; it is left as it is")
    real, root = os.path.realpath(folder), os.path.realpath(file.root)
    if real != root and not real.startswith(root.rstrip(b"/") + b"/"):
        raise FileError(path, "the folder is a link out of the scanned folder")
    if len(os.path.basename(path)) > NAME_BYTES:
        raise FileError(path, "the name is too long for a sidecar beside it")
