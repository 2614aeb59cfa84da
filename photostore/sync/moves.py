"""Known files under a new name: found by inode, size and mtime (SPEC 4.4).

What this does not see, a move to another disk for instance, is found by hash when it is read.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from photostore.store.files import find_by_inode
from photostore.sync.walk import MAX_INTEGER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from photostore.store.db import Database
    from photostore.store.files import LocatedFile, SeenFile
    from photostore.store.volumes import Root
    from photostore.sync.compare import Difference


async def detect_moves(database: Database, root: Root, differences: Sequence[Difference]) -> None:
    """Note in each difference which of its new files are known ones that came from elsewhere."""
    arrivals = [seen.inode for difference in differences for seen in difference.arrivals]
    if not arrivals:
        return
    async with database.read() as reading:
        by_inode = await find_by_inode(reading, root.volume_id, arrivals)
    if by_inode:
        await asyncio.to_thread(_match_all, differences, by_inode)


def _match_all(
    differences: Sequence[Difference], by_inode: Mapping[int, Sequence[LocatedFile]]
) -> None:
    taken: set[int] = set()
    names = NamesOnDisk()
    for difference in differences:
        moves = []
        for seen in difference.arrivals:
            file = _match(seen, by_inode.get(seen.inode, ()), taken, names)
            if file is not None:
                taken.add(file.id)
                moves.append((file, seen))
        if moves:
            difference.move(moves)


def _match(
    seen: SeenFile, files: Sequence[LocatedFile], taken: set[int], names: NamesOnDisk
) -> LocatedFile | None:
    """The known file that a name stands for now: the same as it was, and not there any more."""
    for file in files:
        same = (file.size, file.mtime_ns) == (seen.size, seen.mtime_ns)
        if same and file.id not in taken and not _is_still_there(file, names):
            return file
    return None


class NamesOnDisk:
    """The names in folders, byte by byte, each folder listed once: to be used for a moment only.

    Where a disk makes no difference between capitals and small letters, or between ways to write an
    accent, a file is found under its old name after it was given the other.
    """

    def __init__(self) -> None:
        self._folders: dict[bytes, frozenset[bytes]] = {}

    def have(self, path: bytes) -> bool:
        """Whether exactly this name is there; also if its folder cannot be listed."""
        folder, name = os.path.split(path)
        if folder not in self._folders:
            try:
                self._folders[folder] = frozenset(os.listdir(folder))
            except OSError:
                return True
        return name in self._folders[folder]


def _is_still_there(file: LocatedFile, names: NamesOnDisk) -> bool:
    # Another file may have taken its name meanwhile: two files that changed names.
    try:
        is_it = os.lstat(file.path).st_ino & MAX_INTEGER == file.inode
    except OSError:
        return False
    return is_it and names.have(file.path)
