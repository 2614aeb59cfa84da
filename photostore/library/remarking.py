"""A disk whose `.uuid` file was deleted or emptied: known again by what is on it (SPEC 4.1).

People tidy up. Without the file the disk would be taken for another one, and all that is on it for
unavailable. Where it shows the files that are known of it, it is the same one, and gets its name
back. A file that holds anything else is somebody's, and is left alone.
"""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

from photostore.base.mounts import find_mount
from photostore.base.text import display_name
from photostore.library.marks import mark_volume
from photostore.library.volumes import identify_volume
from photostore.store.files import sample_present
from photostore.store.volumes import marked_roots

if TYPE_CHECKING:
    from collections.abc import Sequence

    from photostore.base.mounts import Mount
    from photostore.store.db import Database
    from photostore.store.files import LocatedFile
    from photostore.store.volumes import Root

log = logging.getLogger(__name__)

SAMPLE = 50
# So much of the sample has to be as it is known; the rest may have been changed meanwhile.
SAME_SHARE = 0.9
# FAT counts in steps of two seconds.
TOLERANCE_NS = 2_000_000_000


async def restore_marks(database: Database, mounts: Sequence[Mount]) -> None:
    """Give disks their `.uuid` files back that are the ones they were."""
    async with database.read() as reading:
        roots = await marked_roots(reading)
    for root in roots:
        mount = await asyncio.to_thread(_find_unmarked, root, mounts)
        if mount is None or not await shows_what_is_known(database, root):
            continue
        if await asyncio.to_thread(mark_volume, mount, root.volume_uuid):
            log.warning("%s has its .uuid file back", display_name(root.mount_path))


async def shows_what_is_known(database: Database, root: Root) -> bool:
    """Whether the files that are known of a root lie where it is now, as far as a sample tells."""
    async with database.read() as reading:
        sample = await sample_present(reading, root.id, SAMPLE)
    same = await asyncio.to_thread(lambda: sum(_is_same(file) for file in sample))
    return bool(same) and same >= len(sample) * SAME_SHARE


def _find_unmarked(root: Root, mounts: Sequence[Mount]) -> Mount | None:
    """The mount at the place of a volume, if nothing says which volume it is."""
    mount = find_mount(mounts, Path(os.fsdecode(root.mount_path)))
    if os.fsencode(mount.path) != root.mount_path:
        return None
    identities = identify_volume(mount)
    is_marked = any(one.identified_by == "uuid-file" for one in identities)
    return None if is_marked else mount


def _is_same(file: LocatedFile) -> bool:
    try:
        found = os.lstat(file.path)
    except OSError:
        return False
    is_near = abs(found.st_mtime_ns - file.mtime_ns) <= TOLERANCE_NS
    return found.st_size == file.size and is_near
