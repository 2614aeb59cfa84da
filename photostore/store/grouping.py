"""Which files are one asset: what a person calls one photo or video (SPEC 7.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from photostore.store.facts import RAW_RANK

if TYPE_CHECKING:
    from photostore.store.db import Transaction
    from photostore.store.facts import FileFacts

PAIR_TOLERANCE_MS = 2_000


async def find_asset(
    transaction: Transaction, file_id: int, facts: FileFacts, own: int | None
) -> int | None:
    """The asset that new content belongs to: that of the same bytes, its own, or its pair's.

    The same bytes count also where they are missing: then the file was moved (SPEC 4.4). A file
    that was edited in place stays with its asset, unless other files of it are still as before.
    """
    same_bytes = await transaction.fetch_value(
        """SELECT file.asset_id FROM file JOIN asset ON asset.id = file.asset_id
           WHERE file.sha1 = ? AND file.id <> ? AND asset.removed_at IS NULL
           ORDER BY file.gone_at IS NOT NULL, file.id LIMIT 1""",
        (facts.sha1, file_id),
    )
    if same_bytes is not None:
        return int(same_bytes)
    if own is not None:
        others = await transaction.fetch_value(
            "SELECT 1 FROM file WHERE asset_id = ? AND id <> ? AND gone_at IS NULL LIMIT 1",
            (own, file_id),
        )
        if not others:
            return own
    return await _find_pair(transaction, file_id, facts)


async def _find_pair(transaction: Transaction, file_id: int, facts: FileFacts) -> int | None:
    """RAW + JPEG/HEIC of one shot: same folder and base name, times within 2 s (SPEC 7.1)."""
    name = bytes(await transaction.fetch_value("SELECT name FROM file WHERE id = ?", (file_id,)))
    stem, dot, _ = name.rpartition(b".")
    if not dot or not stem or facts.is_video or facts.captured_ms is None:
        return None
    # b"." + 1 is b"/", which no name holds: the range of all names "stem.*".
    rows = await transaction.fetch_all(
        """SELECT other.asset_id, other.show_rank, other.captured_ms
           FROM file AS mine JOIN file AS other ON other.folder_id = mine.folder_id
           WHERE mine.id = ? AND other.id <> mine.id AND other.name > ? AND other.name < ?
             AND other.asset_id IS NOT NULL AND other.is_video = 0 AND other.gone_at IS NULL""",
        (file_id, stem + b".", stem + b"/"),
    )
    for row in rows:
        if (facts.show_rank == RAW_RANK) == (row["show_rank"] == RAW_RANK):
            continue
        if row["captured_ms"] is None:
            continue
        if abs(row["captured_ms"] - facts.captured_ms) <= PAIR_TOLERANCE_MS:
            return int(row["asset_id"])
    return None
