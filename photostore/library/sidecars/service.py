"""Writes sidecars after people's edits, in the background and never in anybody's way (SPEC 9.1).

What is due stands in the database, so it survives any crash. A folder that cannot be written is no
error of the edit: the library keeps it, `/health` tells of it, and each start tries again.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photostore.base.disk import replace_file, sync_folder
from photostore.base.errors import FileError
from photostore.base.events import LibraryChanged, Refresh
from photostore.base.text import display_name
from photostore.library.sidecars.document import UnreadableSidecarError
from photostore.library.sidecars.writing import Said, render_sidecar
from photostore.media.sidecars import SidecarForm, match_sidecars, read_sidecar_bytes
from photostore.store.edits import Edit, Field, with_keywords
from photostore.store.sidecars import due_sidecars, retry_sidecars, settle_sidecars

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    """Writes what is due for one open library."""

    def __init__(self, database: Database) -> None:
        self._database = database

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
        while True:
            async with self._database.read() as reading:
                due = await due_sidecars(reading, BATCH)
            if not due:
                return count
            problems = await asyncio.to_thread(_write_assets, due)
            async with self._database.write() as transaction:
                settled = [
                    (one.asset_id, one.due, problem)
                    for one, problem in zip(due, problems, strict=True)
                ]
                await settle_sidecars(transaction, settled)
            count += len(due)


def _write_assets(due: Sequence[DueSidecars]) -> list[str | None]:
    beside = Beside()
    return [_write_asset(one, beside) for one in due]


class Beside:
    """The sidecars of folders, each listed once: to be used for a moment only."""

    def __init__(self) -> None:
        self._folders: dict[bytes, Mapping[bytes, Sequence[Sidecar]]] = {}

    def in_folder(self, folder: bytes) -> Mapping[bytes, Sequence[Sidecar]]:
        """The sidecars in a folder by the name of the file that they describe. Raises OSError."""
        if folder not in self._folders:
            self._folders[folder] = match_sidecars(os.listdir(folder))
        return self._folders[folder]


def _write_asset(due: DueSidecars, beside: Beside) -> str | None:
    """Write the sidecars of an asset's files; returns what went wrong with the last that did."""
    problem = None
    for file in due.files:
        try:
            write_sidecar(file, due.edits, beside)
        except (FileError, OSError, UnreadableSidecarError) as error:
            reason = error.reason if isinstance(error, FileError) else _reason_of(error)
            folder = display_name(os.path.dirname(file.path))
            problem = f"{folder}: {reason}"
            log.info("no sidecar for %s: %s", display_name(file.path), reason)
    return problem


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
        replace_file(Path(os.fsdecode(path)), after)


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
