"""Writes what a scan found, in transactions of bounded size, and tells who looks."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

from photostore.base.events import LibraryChanged
from photostore.base.text import display_name
from photostore.library.reports import ReportRow
from photostore.store import assets, files, folders
from photostore.store.neighbours import mark_unsettled
from photostore.sync.shared import now_ms, relative_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from photostore.store.db import Transaction
    from photostore.store.files import LocatedFile, SeenFile
    from photostore.store.folders import KnownFolder
    from photostore.store.volumes import Root
    from photostore.sync.compare import Difference
    from photostore.sync.shared import Shared

T = TypeVar("T")

# Rows in one transaction: others who write wait for its end.
MAX_REGISTERED = 1_000
MAX_REFRESHED = 200


async def ensure_folders(
    shared: Shared, root: Root, paths: Sequence[bytes]
) -> dict[bytes, tuple[KnownFolder, bool]]:
    """The rows of folders by path, and whether each is new or was passed over until now."""
    relatives = {path: relative_path(root, path) for path in paths}
    async with shared.database.read() as reading:
        known = await folders.known_folders(reading, root.volume_id, list(relatives.values()))
    as_ours = {
        relative
        for relative, folder in known.items()
        if folder.root_id == root.id and folder.excluded is None
    }
    to_write = [relative for relative in relatives.values() if relative not in as_ours]
    now = known
    if to_write:
        async with shared.database.write() as transaction:
            await folders.ensure_folders(transaction, root.id, root.volume_id, to_write)
            now = await folders.known_folders(transaction, root.volume_id, list(relatives.values()))
    return {
        path: (now[relative], relative not in known or known[relative].excluded is not None)
        for path, relative in relatives.items()
    }


async def record_differences(
    shared: Shared, differences: Sequence[Difference], generation: int | None
) -> None:
    """Write the differences of some folders; stamp the folders as compared by a scan."""
    moved = [
        (file, difference, seen) for difference in differences for file, seen in difference.moved
    ]
    # Moves come first: a new file may stand at a name that another one has just left.
    for some_moved in _batches(moved, MAX_REFRESHED):
        await _move(shared, some_moved)
    registered = [
        (difference.folder_id, seen) for difference in differences for seen in difference.register
    ]
    for some_registered in _batches(registered, MAX_REGISTERED):
        async with shared.database.write() as transaction:
            await files.register_files(transaction, some_registered, now_ms())
    returned = [file_id for difference in differences for file_id in difference.returned]
    await set_gone(shared, returned, None)
    restat = [change for difference in differences for change in difference.restat]
    for some_restat in _batches(restat, MAX_REGISTERED):
        async with shared.database.write() as transaction:
            await files.restat_files(transaction, some_restat)
    described = [change for difference in differences for change in difference.described]
    for some_described in _batches(described, MAX_REGISTERED):
        async with shared.database.write() as transaction:
            await files.note_sidecars(transaction, some_described)
    if generation is not None and differences:
        async with shared.database.write() as transaction:
            ids = [difference.folder_id for difference in differences]
            await folders.mark_folders_seen(transaction, generation, ids)


async def _move(shared: Shared, moved: Sequence[tuple[LocatedFile, Difference, SeenFile]]) -> None:
    async with shared.database.write() as transaction:
        for file, difference, seen in moved:
            await files.move_file(transaction, file.id, difference.folder_id, seen.name)
        await files.reread_named(transaction, [file.id for file, _, _ in moved])
        await mark_unsettled(transaction, [file.id for file, _, _ in moved])
        touched = {file.asset_id for file, _, _ in moved if file.asset_id is not None}
        await assets.refresh(transaction, touched)
    announce(shared, transaction)
    await shared.report([_moved(*one) for one in moved])


def _moved(file: LocatedFile, difference: Difference, seen: SeenFile) -> ReportRow:
    path = os.path.join(difference.listing.path, seen.name)
    return ReportRow(path, "moved", "scan", details=f"from {display_name(file.path)}")


async def set_gone(shared: Shared, file_ids: Sequence[int], gone_at: int | None) -> None:
    """Mark files as missing since a time or as present again, and bring their assets up to date."""
    for some in _batches(file_ids, MAX_REFRESHED):
        async with shared.database.write() as transaction:
            touched = await files.set_gone(transaction, some, gone_at)
            await assets.refresh(transaction, touched)
        announce(shared, transaction)


async def exclude_folder(shared: Shared, root: Root, path: bytes, reason: str) -> None:
    """Hide all that is known in a folder and below it; nothing of it is lost (SPEC 5.2)."""
    relative = relative_path(root, path)
    async with shared.database.read() as reading:
        if await folders.is_excluded_below(reading, root.volume_id, relative):
            return
        hidden = await folders.present_files_below(reading, root.volume_id, relative)
    await set_gone(shared, hidden, now_ms())
    async with shared.database.write() as transaction:
        await folders.exclude_below(transaction, root.volume_id, relative, reason)


def announce(shared: Shared, transaction: Transaction) -> None:
    """Tell of the assets that a transaction changed, if it did; to be called after it ended."""
    if transaction.changed_revision is not None:
        shared.bus.publish(LibraryChanged(transaction.changed_revision))


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))
