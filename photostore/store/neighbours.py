"""Dates that files get from their neighbours in a folder (SPEC 6.3), beside those of their own.

A date by neighbours stands in the columns of the file like any other; the one that the file had of
its own is kept in its facts, so that the comparison can be made anew at any time.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photostore.store.facts import FILE_SYSTEM_RANK

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from photostore.store.db import Reading, Row, Transaction


@dataclass(frozen=True, slots=True)
class StoredDate:
    """A capture time as `file` keeps it; `ms` is the wall clock in milliseconds as if in UTC."""

    ms: int | None
    precision: str | None
    offset_min: int | None
    source: str | None
    rank: int


@dataclass(frozen=True, slots=True)
class DatedFile:
    """A file of a folder: its date of its own, and the one that it has now."""

    id: int
    name: bytes
    own: StoredDate
    now: StoredDate


@dataclass(frozen=True, slots=True)
class DateChange:
    """A date to be written. `field` is what neighbours told: "captured", "offset", None for no.

    Then the file has its own date again.
    """

    file: DatedFile
    date: StoredDate
    field: str | None


async def mark_unsettled(transaction: Transaction, file_ids: Iterable[int]) -> None:
    """Note that the folders of these files are to be compared with themselves."""
    await transaction.execute(
        """UPDATE folder SET unsettled = unsettled + 1 WHERE id IN
             (SELECT folder_id FROM file WHERE id IN (SELECT value FROM json_each(?)))""",
        (json.dumps(list(file_ids)),),
    )


@dataclass(frozen=True, slots=True)
class UnsettledFolder:
    """A folder that is to be compared; `mark` changes when another file of it is recorded."""

    id: int
    mark: int


async def unsettled_folders(reading: Reading, *, after: int, limit: int) -> list[UnsettledFolder]:
    """Folders that are to be compared, by id, without those in which files wait to be read."""
    rows = await reading.fetch_all(
        """SELECT id, unsettled FROM folder WHERE unsettled > 0 AND id > ? AND NOT EXISTS
             (SELECT 1 FROM file WHERE folder_id = folder.id AND state = 'pending'
                AND gone_at IS NULL)
           ORDER BY id LIMIT ?""",
        (after, limit),
    )
    return [UnsettledFolder(row["id"], row["unsettled"]) for row in rows]


async def dated_files(reading: Reading, folder_id: int) -> Iterable[DatedFile]:
    """All files of a folder that were read, missing ones too: what they tell stays true.

    None at all where each of them has a date and a zone. Made while it is iterated, in any thread.
    """
    is_open = await reading.fetch_value(
        """SELECT EXISTS (SELECT 1 FROM file WHERE folder_id = ? AND state = 'ready'
             AND (captured_rank <= ? OR captured_offset_min = 0
                  OR facts -> '$.own_captured' IS NOT NULL))""",
        (folder_id, FILE_SYSTEM_RANK),
    )
    if not is_open:
        return ()
    rows = await reading.fetch_all(
        """SELECT id, name, captured_ms, captured_precision, captured_offset_min, captured_source,
                  captured_rank, facts -> '$.own_captured' AS own
           FROM file WHERE folder_id = ? AND state = 'ready' ORDER BY name""",
        (folder_id,),
    )
    return map(_dated, rows)


def _dated(row: Row) -> DatedFile:
    now = StoredDate(
        row["captured_ms"],
        row["captured_precision"],
        row["captured_offset_min"],
        row["captured_source"],
        row["captured_rank"],
    )
    own = StoredDate(*json.loads(row["own"])) if row["own"] else now
    return DatedFile(row["id"], row["name"], own, now)


async def settle_folder(
    transaction: Transaction, folder: UnsettledFolder, changes: Sequence[DateChange]
) -> list[int]:
    """Write what neighbours told; returns the assets concerned.

    Nothing is written where a file of the folder was recorded meanwhile: it stays to be compared.
    """
    settled = await transaction.change(
        "UPDATE folder SET unsettled = 0 WHERE id = ? AND unsettled = ?", (folder.id, folder.mark)
    )
    if not settled or not changes:
        return []
    await transaction.execute_many(
        """UPDATE file SET captured_ms = ?, captured_precision = ?, captured_offset_min = ?,
             captured_source = ?, captured_rank = ?, facts = CASE WHEN ?7 IS NULL
               THEN json_set(json_remove(facts, '$.own_captured', '$.sources.offset'),
                             '$.sources.captured', ?4)
               ELSE json_set(facts, '$.own_captured', json(?6), '$.sources.' || ?7, 'siblings') END
           WHERE id = ?8""",
        [_values(change) for change in changes],
    )
    rows = await transaction.fetch_all(
        """SELECT DISTINCT asset_id FROM file
           WHERE asset_id IS NOT NULL AND id IN (SELECT value FROM json_each(?))""",
        (json.dumps([change.file.id for change in changes]),),
    )
    return [row["asset_id"] for row in rows]


def _values(change: DateChange) -> tuple[object, ...]:
    date, own = change.date, change.file.own
    kept = json.dumps([own.ms, own.precision, own.offset_min, own.source, own.rank])
    return (
        *(date.ms, date.precision, date.offset_min, date.source, date.rank),
        *(kept, change.field, change.file.id),
    )
