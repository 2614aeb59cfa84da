"""Which files are one asset: what a person calls one photo or video (SPEC 7.1)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photostore.store.edits import UNDATED_MS
from photostore.store.facts import FILE_NAME_RANK, RAW_RANK
from photostore.store.volumes import join_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from photostore.store.db import Reading, Row, Transaction
    from photostore.store.facts import FileFacts

PAIR_TOLERANCE_MS = 2_000
# SPEC 6.5: still and clip of a live photo. No phone makes clips of over 3 s; twice that is none.
LIVE_TOLERANCE_MS = 3_000
LIVE_CLIP_MS = 6_000
# Zones differ from UTC by whole quarters of an hour, fourteen hours at most.
QUARTER_MS, FARTHEST_ZONE_MS = 900_000, 50_400_000


@dataclass(frozen=True, slots=True)
class GroupFile:
    """A file of an asset, as a split or a merge moves it; `path` is below the mount point."""

    id: int
    sha1: bytes | None
    path: bytes
    group_key: str | None
    is_gone: bool


async def load_group(reading: Reading, asset_id: int) -> list[GroupFile]:
    """All files of an asset, in the order of ids."""
    rows = await reading.fetch_all(
        """SELECT file.id, file.sha1, file.name, folder.path AS folder, file.group_key, file.gone_at
           FROM file JOIN folder ON folder.id = file.folder_id
           WHERE file.asset_id = ? ORDER BY file.id""",
        (asset_id,),
    )
    return [
        GroupFile(
            row["id"],
            row["sha1"],
            join_path(row["folder"], row["name"]),
            row["group_key"],
            row["gone_at"] is not None,
        )
        for row in rows
    ]


async def assign_files(
    transaction: Transaction, asset_id: int, file_ids: Sequence[int], group_key: str | None
) -> None:
    """Make files those of an asset, in one group; both assets are to be refreshed after it."""
    await transaction.execute(
        """UPDATE file SET asset_id = ?, group_key = ?
           WHERE id IN (SELECT value FROM json_each(?))""",
        (asset_id, group_key, json.dumps(list(file_ids))),
    )


async def ensure_asset(
    transaction: Transaction, public_id: str, owner_id: int, added_at: int
) -> int:
    """The asset of a public id; without one it is made, on the shelf of the missing for now."""
    found = await transaction.fetch_value("SELECT id FROM asset WHERE public_id = ?", (public_id,))
    if found is not None:
        return int(found)
    return await transaction.execute(
        """INSERT INTO asset (public_id, owner_id, shelf, captured_ms, ratio, is_video, added_at,
             revision) VALUES (?, ?, 'missing', ?, 128, 0, ?, ?)""",
        (public_id, owner_id, UNDATED_MS, added_at, await transaction.revision()),
    )


async def find_asset(
    transaction: Transaction, file_id: int, facts: FileFacts, own: int | None
) -> int | None:
    """The asset that new content belongs to: that of the same bytes, its own, or its pair's.

    The same bytes count also where they are missing: then the file was moved (SPEC 4.4); and where
    a person took them out of the library: they stay out. A file that was edited in place stays with
    its asset, unless other files of it are still as before. What a person split or merged joins
    nothing else.
    """
    same_bytes = await transaction.fetch_value(
        """SELECT asset_id FROM file WHERE sha1 = ? AND id <> ? AND asset_id IS NOT NULL
           ORDER BY gone_at IS NOT NULL, id LIMIT 1""",
        (facts.sha1, file_id),
    )
    if same_bytes is not None:
        return int(same_bytes)
    if own is not None:
        if await _group_of(transaction, file_id) is not None:
            return own
        others = await transaction.fetch_value(
            "SELECT 1 FROM file WHERE asset_id = ? AND id <> ? AND gone_at IS NULL LIMIT 1",
            (own, file_id),
        )
        if not others:
            return own
    by_identifier = await _find_live_half(transaction, file_id, facts)
    return by_identifier or await _find_pair(transaction, file_id, facts)


async def inherit_group(
    transaction: Transaction, file_id: int, sha1: bytes, asset_id: int | None
) -> None:
    """Give a copy the group of the same bytes in the asset that it joins, and no other."""
    await transaction.execute(
        """UPDATE file SET group_key = (SELECT other.group_key FROM file AS other
             WHERE other.sha1 = ?2 AND other.asset_id = ?3 AND other.id <> ?1 LIMIT 1)
           WHERE id = ?1 AND asset_id IS NOT ?3""",
        (file_id, sha1, asset_id),
    )


async def _group_of(transaction: Transaction, file_id: int) -> str | None:
    found = await transaction.fetch_value("SELECT group_key FROM file WHERE id = ?", (file_id,))
    return None if found is None else str(found)


async def _find_live_half(transaction: Transaction, file_id: int, facts: FileFacts) -> int | None:
    """The other half of a live photo by the identifier that both carry (SPEC 6.5)."""
    if facts.content_identifier is None:
        return None
    found = await transaction.fetch_value(
        """SELECT asset_id FROM file WHERE content_identifier = ? AND is_video <> ? AND id <> ?
             AND asset_id IS NOT NULL AND gone_at IS NULL AND group_key IS NULL LIMIT 1""",
        (facts.content_identifier, facts.is_video, file_id),
    )
    return None if found is None else int(found)


async def _find_pair(transaction: Transaction, file_id: int, facts: FileFacts) -> int | None:
    """The file of the same folder and base name that this one belongs to, if there is one.

    RAW + JPEG/HEIC of one shot (SPEC 7.1), or still + clip of a live photo (SPEC 6.5).
    """
    name = bytes(await transaction.fetch_value("SELECT name FROM file WHERE id = ?", (file_id,)))
    stem, dot, _ = name.rpartition(b".")
    if not dot or not stem or facts.captured_ms is None:
        return None
    # b"." + 1 is b"/", which no name holds: the range of all names "stem.*".
    rows = await transaction.fetch_all(
        """SELECT other.* FROM file AS mine JOIN file AS other ON other.folder_id = mine.folder_id
           WHERE mine.id = ? AND other.id <> mine.id AND other.name > ? AND other.name < ?
             AND other.asset_id IS NOT NULL AND other.captured_ms IS NOT NULL
             AND other.gone_at IS NULL AND other.group_key IS NULL""",
        (file_id, stem + b".", stem + b"/"),
    )
    for row in rows:
        one_shot = (
            _is_live(facts, row) if facts.is_video != row["is_video"] else _is_raw(facts, row)
        )
        if one_shot:
            return int(row["asset_id"])
    return None


def _is_raw(facts: FileFacts, row: Row) -> bool:
    """Whether two stills are a RAW and its JPEG or HEIC."""
    if facts.is_video or (facts.show_rank == RAW_RANK) == (row["show_rank"] == RAW_RANK):
        return False
    return bool(abs(row["captured_ms"] - (facts.captured_ms or 0)) <= PAIR_TOLERANCE_MS)


def _is_live(facts: FileFacts, row: Row) -> bool:
    """Whether a still and a clip are one live photo: short, at one time, no other identifier."""
    if RAW_RANK in (facts.show_rank, row["show_rank"]):
        return False
    theirs = row["content_identifier"]
    if facts.content_identifier and theirs and facts.content_identifier != theirs:
        return False
    length_ms = facts.duration_ms if facts.is_video else row["duration_ms"]
    if length_ms is not None and length_ms > LIVE_CLIP_MS:
        return False
    # Copies of one hour share the times of the file system: those say nothing.
    if min(facts.captured_rank, row["captured_rank"]) < FILE_NAME_RANK:
        return False
    apart = abs(row["captured_ms"] - (facts.captured_ms or 0))
    if facts.captured_offset_min != row["captured_offset_min"] and apart <= FARTHEST_ZONE_MS:
        # One is in UTC, the other on the wall: only the minutes can agree.
        apart = abs(apart - round(apart / QUARTER_MS) * QUARTER_MS)
    return bool(apart <= LIVE_TOLERANCE_MS)
