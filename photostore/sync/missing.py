"""Forgets files that have been missing for 30 days (SPEC 4.4). Never touches a file on disk."""

from __future__ import annotations

import asyncio
import os
from contextlib import nullcontext
from typing import TYPE_CHECKING

from photostore.base.events import LibraryChanged
from photostore.library.reports import ReportRow
from photostore.library.roots import find_obstacle, find_root, look_at_root
from photostore.store.purging import forget_files, long_missing
from photostore.store.volumes import configured_roots
from photostore.sync.shared import now_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractAsyncContextManager

    from photostore.store.trash import DisposedFile
    from photostore.store.volumes import Root
    from photostore.sync.shared import Shared

KEPT_DAYS = 30
DAY_MS = 86_400_000
BATCH = 500


async def purge_missing(
    shared: Shared,
    at_ms: int | None = None,
    quiet: Callable[[], AbstractAsyncContextManager[object]] = nullcontext,
) -> int:
    """Forget what is missing since 30 days before a time (UTC ms, now); returns how many files.

    A file that is there after all, in a folder that is passed over for instance, is kept. `quiet`
    holds scans back between a look at files and the end of their rows: one would be told that a
    file is back of which no row is left.
    """
    before_ms = (now_ms() if at_ms is None else at_ms) - KEPT_DAYS * DAY_MS
    forgotten = after = 0
    while True:
        async with shared.database.read() as reading:
            found = await long_missing(reading, before_ms, after=after, limit=BATCH)
            roots = await configured_roots(reading)
        if not found:
            return forgotten
        after = found[-1].file_id or 0
        async with quiet():
            gone = await asyncio.to_thread(_really_gone, found, roots)
            if not gone:
                continue
            async with shared.database.write(durable=True) as transaction:
                await forget_files(transaction, gone, before_ms)
        if transaction.changed_revision is not None:
            shared.bus.publish(LibraryChanged(transaction.changed_revision))
        forgotten += len(gone)
        details = f"missing for {KEPT_DAYS} days"
        await shared.report(
            [ReportRow(file.source, "forgotten", "scan", details=details) for file in gone]
        )


def _really_gone(files: Sequence[DisposedFile], roots: Sequence[Root]) -> list[DisposedFile]:
    """Those that are not there, in places that can be looked at.

    Since the last scan a disk may have been taken off: then what a marker hides looks gone as well.
    """
    gone = [(file, find_root(roots, file.source)) for file in files if _is_gone(file.source)]
    concerned = {root.id: root for _, root in gone if root is not None}
    readable = {root.id for root in concerned.values() if _shows(root)}
    return [file for file, root in gone if root is not None and root.id in readable]


def _shows(root: Root) -> bool:
    """Whether a root is the disk that it was, and holds anything (SPEC 4.3)."""
    return find_obstacle(root) is None and not look_at_root(root.path).is_empty


def _is_gone(path: bytes) -> bool:
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False
