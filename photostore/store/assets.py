"""Assets: what a person calls one photo or video, made of one or more files (SPEC 7.1, 7.2).

An asset's own columns are derived from its files and from what a person said of it; `refresh`
derives them anew after any change, so no column can drift from its sources.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from photostore.store.albums import take_up_albums
from photostore.store.derivation import UNDATED_MS, aspect_byte, derive
from photostore.store.edits import load_edits
from photostore.store.faces import write_faces
from photostore.store.facts import FACT_COLUMNS
from photostore.store.grouping import find_asset, inherit_group
from photostore.store.identifiers import make_public_id
from photostore.store.kept import take_kept, take_up_said
from photostore.store.tagging import retag

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from photostore.store.db import Reading, Row, Transaction
    from photostore.store.derivation import Derived
    from photostore.store.facts import FileFacts, Versions

__all__ = ["UNDATED_MS", "aspect_byte", "count_assets", "record_file", "refresh"]

# Assets that are derived at once: so many rows of files are held in memory.
BATCH = 200

# The column names are a constant of `facts`; the values are bound.
UPDATE_FILE = (
    "UPDATE file SET "
    + ", ".join(f"{column} = :{column}" for column in FACT_COLUMNS)
    + """, keywords = :keywords, people = :people, facts = :extra, state = 'ready',
         probe_version = :probe_version, preview_version = :preview_version,
         screen_version = iif(:screen = 'untouched', screen_version, iif(:screen = 'due', 0, NULL)),
         asset_id = :asset_id
       WHERE id = :id"""
)


async def record_file(
    transaction: Transaction, file_id: int, facts: FileFacts, versions: Versions, now_ms: int
) -> int:
    """Write what was read in a file and bring its asset up to date; returns the asset's id."""
    asset_id, touched = await write_file(transaction, file_id, facts, versions, now_ms)
    await refresh(transaction, touched)
    return asset_id


async def write_file(
    transaction: Transaction, file_id: int, facts: FileFacts, versions: Versions, now_ms: int
) -> tuple[int, set[int]]:
    """Write what was read in a file; returns its asset, and the assets that are to be refreshed.

    For many files at once: what is derived of an asset decides of no other file's.
    """
    before = await transaction.fetch_one(
        """SELECT asset_id, sha1, group_key,
                  EXISTS (SELECT 1 FROM kept WHERE sha1 = ?2) AS is_waited_for
           FROM file WHERE id = ?1""",
        (file_id, facts.sha1),
    )
    own = before["asset_id"] if before else None
    if own is not None and before is not None and before["sha1"] == facts.sha1:
        asset_id = own
    else:
        asset_id = None
        if before is not None and before["is_waited_for"]:
            asset_id = await take_kept(transaction, file_id, facts.sha1)
        if asset_id is None:
            asset_id = await find_asset(transaction, file_id, facts, own)
            if asset_id is not None or (before is not None and before["group_key"] is not None):
                await inherit_group(transaction, file_id, facts.sha1, asset_id)
    if asset_id is None:
        asset_id = await _make_asset(transaction, file_id, facts, now_ms)
        await take_up_said(transaction, asset_id, facts.extra, now_ms)
    values: dict[str, Any] = {column: getattr(facts, column) for column in FACT_COLUMNS}
    values |= {
        "id": file_id,
        "asset_id": asset_id,
        "keywords": json.dumps(facts.keywords, ensure_ascii=False),
        "people": json.dumps(facts.people, ensure_ascii=False),
        "extra": facts.extra,
        "probe_version": versions.probe,
        "preview_version": versions.preview,
        "screen": versions.screen.value,
    }
    await transaction.execute(UPDATE_FILE, values)
    # A file whose content changed may have left the asset of its earlier copies.
    return int(asset_id), {int(asset_id)} if own is None else {int(asset_id), own}


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


async def refresh(transaction: Transaction, asset_ids: Iterable[int], *, tags: bool = True) -> None:
    """Derive assets anew from their files and edits; each gets the transaction's revision.

    Without `tags` these stay: whoever calls knows that no tag follows from what changed.
    """
    ids = list(dict.fromkeys(asset_ids))
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        await _refresh_some(transaction, some)
        if tags:
            await retag(transaction, some)


async def _refresh_some(transaction: Transaction, asset_ids: Sequence[int]) -> None:
    named = (json.dumps(asset_ids),)
    assets = await transaction.fetch_all(
        "SELECT * FROM asset WHERE id IN (SELECT value FROM json_each(?))", named
    )
    files: dict[int, list[Row]] = defaultdict(list)
    for file in await transaction.fetch_all(FILES_OF, named):
        files[file["asset_id"]].append(file)
    edits = await load_edits(transaction, asset_ids)
    derived = [
        derive(asset, files.get(asset["id"], ()), edits.get(asset["id"], {})) for asset in assets
    ]
    revision = await transaction.revision()
    await transaction.execute_many(
        UPDATE_ASSET, [{**one.values, "revision": revision} for one in derived]
    )
    await _index_words(transaction, named, derived)
    await _index_positions(transaction, assets, derived)
    named_albums = [(int(one.values["id"]), one.albums) for one in derived if one.albums]
    if named_albums:
        await take_up_albums(transaction, named_albums)
    await write_faces(transaction, assets, files)


FILES_OF = """
  SELECT file.*, folder.path AS folder FROM file JOIN folder ON folder.id = file.folder_id
  WHERE file.asset_id IN (SELECT value FROM json_each(?)) AND file.sha1 IS NOT NULL
    AND file.state <> 'rejected'
  ORDER BY file.show_rank DESC, file.width * file.height DESC, file.in_library DESC, file.id
"""
UPDATE_ASSET = """
  UPDATE asset SET shelf = :shelf, captured_ms = :captured_ms,
    captured_precision = :captured_precision, captured_offset_min = :captured_offset_min,
    captured_source = :captured_source, ratio = :ratio, rotation = :rotation,
    is_video = :is_video, duration_ms = :duration_ms, thumbhash = :thumbhash,
    shown_file_id = :shown_file_id, favourite = :favourite, hidden_at = :hidden_at,
    rating = :rating, title = :title, description = :description, lat = :lat, lon = :lon,
    alt_m = :alt_m, revision = :revision
  WHERE id = :id
"""


async def _index_words(
    transaction: Transaction, named: tuple[str], derived: Sequence[Derived]
) -> None:
    """Bring the search rows up to date; those that say the same stay, which most edits leave."""
    rows = await transaction.fetch_all(
        """SELECT rowid, title, description, keywords, people, camera, names, place
           FROM asset_text WHERE rowid IN (SELECT value FROM json_each(?))""",
        named,
    )
    known = {row["rowid"]: tuple(row)[1:] for row in rows}
    changed = []
    for one in derived:
        asset_id, words = int(one.values["id"]), one.words
        now = (words.title, words.description, words.keywords, words.people, words.camera)
        before = known.get(asset_id)
        if before is None or before[:-1] != (*now, words.names):
            changed.append((asset_id, *now, words.names, before[-1] if before else ""))
    await transaction.execute_many(
        "DELETE FROM asset_text WHERE rowid = ?", [row[:1] for row in changed if row[0] in known]
    )
    await transaction.execute_many(
        """INSERT INTO asset_text
             (rowid, title, description, keywords, people, camera, names, place)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
        changed,
    )


async def _index_positions(
    transaction: Transaction, assets: Sequence[Row], derived: Sequence[Derived]
) -> None:
    """Bring the positions up to date that are others than before."""
    moved: list[Mapping[str, Any]] = [
        one.values
        for asset, one in zip(assets, derived, strict=True)
        if (asset["lat"], asset["lon"]) != (one.values["lat"], one.values["lon"])
    ]
    placed = {asset["id"] for asset in assets if asset["lat"] is not None}
    await transaction.execute_many(
        "DELETE FROM asset_position WHERE id = ?",
        [(one["id"],) for one in moved if one["id"] in placed],
    )
    await transaction.execute_many(
        "INSERT INTO asset_position VALUES (:id, :lat, :lat, :lon, :lon)",
        [dict(one) for one in moved if one["lat"] is not None],
    )


async def count_assets(reading: Reading, user_id: int) -> tuple[int, int]:
    """(assets, videos among them) on a user's timeline, from kept counts."""
    rows = await reading.fetch_all(
        "SELECT is_video, count FROM asset_tally WHERE owner_id = ? AND shelf = 'timeline'",
        (user_id,),
    )
    counts = {row["is_video"]: int(row["count"]) for row in rows}
    return sum(counts.values()), counts.get(1, 0)
