"""Assets: what a person calls one photo or video, made of one or more files (SPEC 7.1, 7.2).

An asset's own columns are derived from its files and from what a person said of it; `refresh`
derives them anew after any change, so no column can drift from its sources.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from photostore.base.text import display_name
from photostore.store.facts import FACT_COLUMNS
from photostore.store.grouping import find_asset
from photostore.store.identifiers import make_public_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from photostore.store.db import Reading, Row, Transaction
    from photostore.store.facts import FileFacts, Versions

# Sorts after everything that has a date, in the order newest first.
UNDATED_MS = -(2**53)


# The column names are a constant of `facts`; the values are bound.
UPDATE_FILE = (
    "UPDATE file SET "
    + ", ".join(f"{column} = :{column}" for column in FACT_COLUMNS)
    + """, keywords = :keywords, people = :people, facts = :extra, state = 'ready',
         probe_version = :probe_version, preview_version = :preview_version, asset_id = :asset_id
       WHERE id = :id"""
)


def aspect_byte(width: int, height: int) -> int:
    """The aspect ratio as a byte: width / height = 2 ** ((byte - 128) / 32), ends clamped."""
    if width <= 0 or height <= 0:
        return 128
    return max(0, min(255, round(128 + 32 * math.log2(width / height))))


async def record_file(
    transaction: Transaction, file_id: int, facts: FileFacts, versions: Versions, now_ms: int
) -> int:
    """Write what was read in a file and bring its asset up to date; returns the asset's id."""
    before = await transaction.fetch_one("SELECT asset_id, sha1 FROM file WHERE id = ?", (file_id,))
    own = before["asset_id"] if before else None
    if own is not None and before is not None and before["sha1"] == facts.sha1:
        asset_id = own
    else:
        asset_id = await find_asset(transaction, file_id, facts, own)
    if asset_id is None:
        asset_id = await _make_asset(transaction, file_id, facts, now_ms)
    values: dict[str, Any] = {column: getattr(facts, column) for column in FACT_COLUMNS}
    values |= {
        "id": file_id,
        "asset_id": asset_id,
        "keywords": json.dumps(facts.keywords, ensure_ascii=False),
        "people": json.dumps(facts.people, ensure_ascii=False),
        "extra": facts.extra,
        "probe_version": versions.probe,
        "preview_version": versions.preview,
    }
    await transaction.execute(UPDATE_FILE, values)
    # A file whose content changed may have left the asset of its earlier copies.
    await refresh(transaction, {asset_id} if own is None else {asset_id, own})
    return int(asset_id)


async def _make_asset(transaction: Transaction, file_id: int, facts: FileFacts, now_ms: int) -> int:
    return await transaction.execute(
        """INSERT INTO asset (public_id, owner_id, captured_ms, ratio, is_video, added_at,
             revision)
           SELECT ?, root.owner_id, ?, ?, ?, ?, ? FROM file
           JOIN folder ON folder.id = file.folder_id JOIN root ON root.id = folder.root_id
           WHERE file.id = ?""",
        (
            make_public_id(now_ms),
            UNDATED_MS,
            aspect_byte(facts.width, facts.height),
            facts.is_video,
            now_ms,
            await transaction.revision(),
            file_id,
        ),
    )


async def refresh(transaction: Transaction, asset_ids: Iterable[int]) -> None:
    """Derive assets anew from their files and edits; each gets the transaction's revision."""
    for asset_id in asset_ids:
        asset = await transaction.fetch_one("SELECT * FROM asset WHERE id = ?", (asset_id,))
        if asset is None:
            continue
        files = await transaction.fetch_all(
            """SELECT file.*, folder.path AS folder FROM file
               JOIN folder ON folder.id = file.folder_id
               WHERE file.asset_id = ? AND file.gone_at IS NULL AND file.sha1 IS NOT NULL
                 AND file.state <> 'rejected'
               ORDER BY file.show_rank DESC, file.width * file.height DESC, file.id""",
            (asset_id,),
        )
        await transaction.execute(
            "UPDATE asset SET shelf = ?, revision = ? WHERE id = ?",
            (_shelf(asset, is_there=bool(files)), await transaction.revision(), asset_id),
        )
        if files:
            await _derive(transaction, asset, files)


def _shelf(asset: Row, *, is_there: bool) -> str:
    """Where an asset is found. What a person did to it counts before what became of its files."""
    if asset["removed_at"] is not None:
        return "removed"
    if asset["trashed_at"] is not None:
        return "trash"
    if not is_there:
        return "missing"
    return "timeline" if asset["hidden_at"] is None else "hidden"


async def _derive(transaction: Transaction, asset: Row, files: Sequence[Row]) -> None:
    shown = next((file for file in files if file["id"] == asset["chosen_file_id"]), files[0])
    dated = max(files, key=lambda file: file["captured_rank"])
    placed = next((file for file in files if file["lat"] is not None), shown)
    values = {
        "id": asset["id"],
        "captured_ms": UNDATED_MS if dated["captured_ms"] is None else dated["captured_ms"],
        "captured_precision": dated["captured_precision"],
        "captured_offset_min": dated["captured_offset_min"],
        "captured_source": dated["captured_source"],
        "ratio": aspect_byte(shown["width"], shown["height"]),
        "is_video": shown["is_video"],
        "duration_ms": shown["duration_ms"],
        "thumbhash": shown["thumbhash"],
        "shown_file_id": shown["id"],
        "rating": _first(files, "rating"),
        "title": _first(files, "title"),
        "description": _first(files, "description"),
        "lat": placed["lat"],
        "lon": placed["lon"],
        "alt_m": placed["alt_m"],
    }
    values |= await _edits(transaction, asset["id"])
    await transaction.execute(UPDATE_ASSET, values)
    await _index(transaction, asset["id"], files, values)


# What a person may say of an asset that its files may say otherwise.
EDITABLE = frozenset(
    {
        "captured_ms",
        "captured_precision",
        "captured_offset_min",
        "captured_source",
        "rating",
        "title",
        "description",
        "lat",
        "lon",
        "alt_m",
    }
)
UPDATE_ASSET = """
  UPDATE asset SET captured_ms = :captured_ms, captured_precision = :captured_precision,
    captured_offset_min = :captured_offset_min, captured_source = :captured_source,
    ratio = :ratio, is_video = :is_video, duration_ms = :duration_ms, thumbhash = :thumbhash,
    shown_file_id = :shown_file_id, rating = :rating, title = :title, description = :description,
    lat = :lat, lon = :lon, alt_m = :alt_m
  WHERE id = :id
"""


async def _edits(transaction: Transaction, asset_id: int) -> dict[str, Any]:
    """What a person said, by column; it wins over every file (SPEC 6.2)."""
    rows = await transaction.fetch_all(
        "SELECT field, value FROM asset_edit WHERE asset_id = ?", (asset_id,)
    )
    return {row["field"]: json.loads(row["value"]) for row in rows if row["field"] in EDITABLE}


async def _index(
    transaction: Transaction, asset_id: int, files: Sequence[Row], values: dict[str, Any]
) -> None:
    """Bring the search row and the position of an asset up to date."""
    words: dict[str, set[str]] = {"keywords": set(), "people": set(), "camera": set()}
    names: list[str] = []
    for file in files:
        words["keywords"].update(json.loads(file["keywords"]))
        words["people"].update(json.loads(file["people"]))
        words["camera"].update(filter(None, (file["make"], file["model"], file["lens"])))
        names += [display_name(file["name"]), display_name(file["folder"])]
    await transaction.execute("DELETE FROM asset_text WHERE rowid = ?", (asset_id,))
    await transaction.execute(
        """INSERT INTO asset_text
             (rowid, title, description, keywords, people, place, camera, names)
           VALUES (?, ?, ?, ?, ?, '', ?, ?)""",
        (
            asset_id,
            values["title"],
            values["description"],
            " \n".join(sorted(words["keywords"])),
            " \n".join(sorted(words["people"])),
            " ".join(sorted(words["camera"])),
            " \n".join(names),
        ),
    )
    await transaction.execute("DELETE FROM asset_position WHERE id = ?", (asset_id,))
    if values["lat"] is not None:
        await transaction.execute(
            "INSERT INTO asset_position VALUES (:id, :lat, :lat, :lon, :lon)", values
        )


def _first(files: Sequence[Row], column: str) -> Any:
    """The first value that one of the files gives."""
    return next((file[column] for file in files if file[column] is not None), None)


async def count_assets(reading: Reading, user_id: int) -> tuple[int, int]:
    """(assets, videos among them) on a user's timeline."""
    assets = await reading.fetch_value(
        "SELECT count(*) FROM asset WHERE owner_id = ? AND shelf = 'timeline'", (user_id,)
    )
    videos = await reading.fetch_value(
        """SELECT count(*) FROM asset INDEXED BY asset_video
           WHERE owner_id = ? AND shelf = 'timeline' AND is_video = 1""",
        (user_id,),
    )
    return int(assets), int(videos)
