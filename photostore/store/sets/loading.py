"""Reading the sets from the database, and keeping them true to it."""

from __future__ import annotations

import asyncio
import json
from array import array
from typing import TYPE_CHECKING, Any

from pyroaring import BitMap

from photostore.store.search.terms import MEGAPIXELS, POSITIONED, WITH_FACES
from photostore.store.sets.memory import AssetSets
from photostore.store.timeline import changed_assets, library_revision

if TYPE_CHECKING:
    from collections.abc import Sequence

    from photostore.store.db import Database, Reading
    from photostore.store.scope import Scope

DAY_MS = 86_400_000
# So many rows are read at a stretch: a reading connection is held for 30 ms.
CHUNK = 50_000
# Past this many changes, reading all anew is cheaper.
FOLLOW_LIMIT = 20_000
# The columns of files, as the terms of filters have them.
FILE_COLUMNS = ("iso", "f_number", "focal_mm", MEGAPIXELS)
FILES = f"SELECT asset_id, {', '.join(FILE_COLUMNS)} FROM file WHERE gone_at IS NULL AND "
# The tables of which it is known whom they name.
TABLES = (POSITIONED, WITH_FACES)
ON_TIMELINE = "asset.owner_id = :owner AND asset.shelf = 'timeline'"


async def load_sets(database: Database, scope: Scope) -> AssetSets:
    """All sets of an owner: two seconds for a million assets, in pieces between other readings.

    What changes meanwhile is read again at the end.
    """
    async with database.read(consistent=True) as reading:
        sets = AssetSets(scope.user_id, await library_revision(reading))
        ids, moments, ratios, videos = await reading.fetch_columns(
            f"""SELECT id, captured_ms, ratio, is_video FROM asset INDEXED BY asset_timeline
                WHERE {ON_TIMELINE} ORDER BY captured_ms DESC, id DESC""",
            {"owner": scope.user_id},
            columns="qqBB",
        )
    for start in range(0, len(ids), CHUNK):
        columns = (column[start : start + CHUNK] for column in (ids, moments, ratios, videos))
        await asyncio.to_thread(_place, sets, *columns)
    del ids, moments, ratios, videos
    await _load_marks(database, sets)
    await _load_days(database, sets)
    await _load_files(database, sets)
    for named in TABLES:
        async with database.read() as reading:
            (ids,) = await reading.fetch_columns(named.ids, columns="I")
        sets.add(sets.tables, named.table, ids)
    await _load_tags(database, sets)
    async with database.read(consistent=True) as reading:
        if not await follow_changes(reading, sets):
            # So much happened meanwhile that this is the past; whoever needs it asks once more.
            sets.revision = -1
    return sets


def _place(
    sets: AssetSets,
    ids: array[int],
    moments: array[int],
    ratios: array[int],
    videos: array[int],
) -> None:
    sets.place(ids, moments, ratios)
    sets.note("ratio", zip(ids, ratios, strict=True))
    sets.note("is_video", zip(ids, videos, strict=True))


async def _load_marks(database: Database, sets: AssetSets) -> None:
    """Ratings and favourites: few assets have them, the rest follows."""
    for column, rest, sql in (
        ("rating", None, "SELECT id, rating FROM asset WHERE rating IS NOT NULL"),
        ("favourite", 0, f"SELECT id, 1 FROM asset WHERE {ON_TIMELINE} AND favourite = 1"),
    ):
        async with database.read() as reading:
            ids, values = await reading.fetch_columns(sql, {"owner": sets.owner_id}, columns="qb")
        await asyncio.to_thread(sets.note, column, zip(ids, values, strict=True))
        others = sets.everything - BitMap(array("I", ids))
        await asyncio.to_thread(sets.note, column, [(asset_id, rest) for asset_id in others])


async def _load_days(database: Database, sets: AssetSets) -> None:
    """The days on which assets were added, each as its first millisecond."""
    day: int | None = None
    own = {"owner": sets.owner_id}
    sets.values["added_at"] = {}
    while True:
        async with database.read() as reading:
            last = await reading.fetch_value(
                f"SELECT max(added_at) FROM asset WHERE {ON_TIMELINE}"
                + ("" if day is None else " AND added_at < :day"),
                own | {"day": day},
            )
            if last is None:
                return
            day = last // DAY_MS * DAY_MS
            (ids,) = await reading.fetch_columns(
                f"""SELECT id FROM asset
                    WHERE {ON_TIMELINE} AND added_at >= :day AND added_at < :next""",
                own | {"day": day, "next": day + DAY_MS},
                columns="I",
            )
        added = sets.values["added_at"]
        if added is None:
            return
        sets.add(added, day, ids)


async def _load_files(database: Database, sets: AssetSets) -> None:
    """Numbers of files, read from their covering index."""
    last = max(len(sets.moments), 1)
    for start in range(0, last, CHUNK):
        async with database.read() as reading:
            rows = await reading.fetch_plain(
                f"{FILES} asset_id >= ? AND asset_id < ?", (start, start + CHUNK)
            )
        await asyncio.to_thread(_note_files, sets, rows)


def _note_files(sets: AssetSets, rows: Sequence[Any]) -> None:
    for place, column in enumerate(FILE_COLUMNS, 1):
        sets.note(column, [(row[0], row[place]) for row in rows if row[place] is not None])


async def _load_tags(database: Database, sets: AssetSets) -> None:
    """All tags of all assets. As one text a tag they come three times faster than as rows."""
    async with database.read() as reading:
        rows = await reading.fetch_plain(
            "SELECT id, asset_count FROM tag WHERE owner_id = ?", (sets.owner_id,)
        )
    few: list[int] = []
    waiting = 0
    for tag_id, count in rows:
        if count > CHUNK:
            for start in range(0, len(sets.moments), CHUNK):
                await _read_tags(database, sets, [tag_id], start, start + CHUNK)
            continue
        few.append(tag_id)
        waiting += count
        if waiting > CHUNK:
            await _read_tags(database, sets, few)
            few, waiting = [], 0
    await _read_tags(database, sets, few)


async def _read_tags(
    database: Database, sets: AssetSets, tags: list[int], low: int = 0, high: int = 2**62
) -> None:
    async with database.read() as reading:
        rows = await reading.fetch_plain(
            """SELECT tag_id, group_concat(asset_id) FROM asset_tag
               WHERE tag_id IN (SELECT value FROM json_each(?)) AND asset_id >= ? AND asset_id < ?
               GROUP BY tag_id""",
            (json.dumps(tags), low, high),
        )
    await asyncio.to_thread(_note_tags, sets, rows)


def _note_tags(sets: AssetSets, rows: Sequence[tuple[int, str]]) -> None:
    for tag_id, text in rows:
        sets.tag(tag_id, array("I", json.loads(f"[{text}]")))


async def follow_changes(reading: Reading, sets: AssetSets) -> bool:
    """Bring the sets up to the moment that a consistent reading sees; False if too much changed."""
    revision = await library_revision(reading)
    if sets.revision >= revision:
        return True
    changed = await changed_assets(reading, sets.revision, FOLLOW_LIMIT)
    if changed is None:
        return False
    parameters = {"owner": sets.owner_id, "ids": json.dumps(changed)}
    among = "(SELECT value FROM json_each(:ids))"
    assets = await reading.fetch_plain(
        f"""SELECT id, captured_ms, ratio, is_video, rating, favourite,
                   added_at / {DAY_MS} * {DAY_MS}
            FROM asset NOT INDEXED WHERE id IN {among} AND {ON_TIMELINE}""",
        parameters,
    )
    files = await reading.fetch_plain(f"{FILES} asset_id IN {among}", parameters)
    tables = {
        named.table: await reading.fetch_plain(
            f"{named.ids} WHERE {named.column} IN {among}", parameters
        )
        for named in TABLES
    }
    tags = await reading.fetch_plain(
        f"""SELECT tag_id, group_concat(asset_id) FROM asset_tag WHERE asset_id IN {among}
            GROUP BY +tag_id""",
        parameters,
    )

    def write() -> None:
        sets.take_out(changed)
        if assets:
            ids, moments, ratios, *rest = zip(*assets, strict=True)
            sets.place(ids, moments, ratios)
            columns = ("is_video", "rating", "favourite", "added_at", "ratio")
            for column, values in zip(columns, [*rest, ratios], strict=True):
                sets.note(column, zip(ids, values, strict=True))
        _note_files(sets, files)
        for table, rows in tables.items():
            sets.add(sets.tables, table, array("I", [asset_id for (asset_id,) in rows]))
        _note_tags(sets, tags)

    await asyncio.to_thread(write)
    sets.revision = revision
    return True
