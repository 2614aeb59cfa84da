"""The trash of a library that was rebuilt: files in it that the journal names (SPEC 9.6).

After a lost database the journal's copy knows whose content was trashed, and the trash of the disk
has the files. What is waited for and found there is in the trash page again, and can be restored.
Only reads; nothing is moved.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import stat
from typing import TYPE_CHECKING

from photostore.base.text import display_name
from photostore.library.roots import find_root
from photostore.library.trashing.adoption import find_entries
from photostore.media.kinds import NameClass, classify_name
from photostore.store.assets import record_file
from photostore.store.disposal import note_trashed
from photostore.store.files import SeenFile, WorkFile, find_named, register_files
from photostore.store.folders import ensure_folders, known_folders
from photostore.store.kept import waited_for
from photostore.store.trash import DisposedFile, public_id_of, trashed_files
from photostore.store.volumes import configured_roots
from photostore.sync.journey import ImportedFile
from photostore.sync.outcomes import VERSIONS
from photostore.sync.recording import announce
from photostore.sync.shared import now_ms, relative_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from photostore.library.trash import TrashEntry
    from photostore.library.trashing import Trash
    from photostore.store.volumes import Root
    from photostore.sync.engine import SyncEngine

log = logging.getLogger(__name__)

CHECK_S = 5.0
CHUNK = 1 << 20


async def retrieve_when_idle(engine: SyncEngine, trash: Trash) -> None:
    """Once, when the scan of a start is through: what is on the disk comes first."""
    is_idle = False
    while not is_idle:
        await asyncio.sleep(CHECK_S)
        is_idle = engine.progress().state == "idle"
    try:
        count = await retrieve(engine, trash)
    except Exception:
        log.exception("looking for trashed files failed; the next start tries again")
    else:
        if count:
            log.warning("%d files in the trash are known again", count)


async def retrieve(engine: SyncEngine, trash: Trash) -> int:
    """Take up files in the trashes whose contents are waited for; returns how many."""
    database = engine.shared.database
    async with database.read() as reading:
        waiting = await waited_for(reading)
        roots = await configured_roots(reading)
        # Some contents never come: what is known is not read once more at each start.
        known = {one.trashed for one in await trashed_files(reading)}
    if not waiting:
        return 0
    count = 0
    places = await trash.places()
    for entry in await asyncio.to_thread(find_entries, places.values()):
        root = find_root(roots, entry.path) if entry.path else None
        if (
            root is None
            or entry.file in known
            or classify_name(os.path.basename(entry.path or b"")) is not NameClass.MEDIA
        ):
            continue
        if await asyncio.to_thread(_sha1_of, entry.file) in waiting:
            count += await _take_up(engine, trash, root, roots, entry)
    return count


async def _take_up(
    engine: SyncEngine, trash: Trash, root: Root, roots: Sequence[Root], entry: TrashEntry
) -> int:
    """Make the row of one file, as of its earlier place, and put it into the trash."""
    path = entry.path or b""
    if await asyncio.to_thread(os.path.lexists, path):
        return 0  # another file has its name now, and restoring is for the desktop
    work = WorkFile(0, entry.file, entry.size_bytes or 0, entry.mtime_ns, 0, unfiltered=True)
    engine.importer.allow([*(one.path for one in roots), entry.place.files])
    found = await engine.importer.examine(work)
    if not isinstance(found, ImportedFile):
        log.warning("%s in the trash cannot be read: %s", display_name(path), found.reason)
        return 0
    folder, name = os.path.split(path)
    relative = relative_path(root, folder)
    async with trash.quiet(), engine.shared.database.write(durable=True) as transaction:
        await ensure_folders(transaction, root.id, root.volume_id, [relative])
        folder_id = (await known_folders(transaction, root.volume_id, [relative]))[relative].id
        if await find_named(transaction, folder_id, name) is not None:
            return 0
        seen = SeenFile(name, found.size, found.mtime_ns, 0)
        await register_files(transaction, [(folder_id, seen)], now_ms())
        file_id = await find_named(transaction, folder_id, name) or 0
        asset_id = await record_file(transaction, file_id, found.facts, VERSIONS, now_ms())
        public_id = await public_id_of(transaction, asset_id)
        sha1 = found.facts.sha1.hex()
        moved = DisposedFile(asset_id, public_id, file_id, sha1, path, entry.file, found.size)
        await note_trashed(transaction, [moved], now_ms())
    announce(engine.shared, transaction)
    return 1


def _sha1_of(path: bytes) -> bytes | None:
    """The content of a regular file, None of anything else; never waits for a pipe."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    digest = hashlib.sha1(usedforsecurity=False)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        while chunk := os.read(descriptor, CHUNK):
            digest.update(chunk)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return digest.digest()
