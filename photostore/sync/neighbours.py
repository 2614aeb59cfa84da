"""Files without a date or a zone take those of their neighbours (SPEC 6.3).

Which folders are to be looked at stands in the database, so that a kill loses nothing; and what is
written follows from the files' own dates alone, so that the order of the import does not matter.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from photostore.media.capture import FILE_SYSTEM, is_utc_only
from photostore.media.facts import Captured, Precision
from photostore.media.siblings import Neighbour, Neighbours
from photostore.store.assets import refresh
from photostore.store.facts import FILE_SYSTEM_RANK
from photostore.store.neighbours import (
    DateChange,
    StoredDate,
    dated_files,
    settle_folder,
    unsettled_folders,
)
from photostore.sync.journey import wall_ms
from photostore.sync.recording import announce

if TYPE_CHECKING:
    from collections.abc import Iterable

    from photostore.store.neighbours import DatedFile
    from photostore.sync.shared import Shared

BATCH_FOLDERS = 100
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall clock


async def settle_neighbours(shared: Shared) -> None:
    """Compare the files of each folder that got facts and has no file left to be read."""
    after = 0
    while True:
        async with shared.database.read() as reading:
            found = await unsettled_folders(reading, after=after, limit=BATCH_FOLDERS)
        if not found:
            return
        for folder in found:
            async with shared.database.read() as reading:
                files = await dated_files(reading, folder.id)
            changes = await asyncio.to_thread(find_changes, files)
            async with shared.database.write() as transaction:
                await refresh(transaction, await settle_folder(transaction, folder, changes))
            announce(shared, transaction)
        after = found[-1].id


def find_changes(files: Iterable[DatedFile]) -> list[DateChange]:
    """What the files of one folder tell of each other, as far as it is not written yet."""
    own = [(file, _captured(file.own)) for file in files]
    if not any(_is_open(captured) for _, captured in own):
        return []
    neighbours = Neighbours(
        Neighbour(file.name, captured) for file, captured in own if captured is not None
    )
    changes = (_change(file, captured, neighbours) for file, captured in own if _is_open(captured))
    return [change for change in changes if change.date != change.file.now]


def _is_open(captured: Captured | None) -> bool:
    """Whether neighbours may know better: a time of the file system, or an instant in UTC."""
    return captured is None or captured.source in FILE_SYSTEM or is_utc_only(captured)


def _change(file: DatedFile, captured: Captured | None, neighbours: Neighbours) -> DateChange:
    if captured is None or captured.source in FILE_SYSTEM:
        found = neighbours.date_of(file.name)
        if found is None:
            return DateChange(file, file.own, None)
        return DateChange(file, _stored(found, FILE_SYSTEM_RANK), "captured")
    zoned = neighbours.zone_of(captured)
    if zoned == captured:
        return DateChange(file, file.own, None)
    return DateChange(file, _stored(zoned, file.own.rank), "offset")


def _captured(date: StoredDate) -> Captured | None:
    if date.ms is None or date.precision is None or date.source is None:
        return None
    local = EPOCH + timedelta(milliseconds=date.ms)
    return Captured(local, Precision(date.precision), date.offset_min, date.source)


def _stored(captured: Captured, rank: int) -> StoredDate:
    return StoredDate(
        wall_ms(captured.local),
        captured.precision.value,
        captured.offset_min,
        captured.source,
        rank,
    )
