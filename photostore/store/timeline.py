"""Reading a view: its whole shape, rows of it, pages of it. Every list query uses an index."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from photostore.base.errors import BadRequestError
from photostore.store.assets import UNDATED_MS
from photostore.store.search import Order, View, compile_view

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from photostore.store.db import Reading
    from photostore.store.scope import Scope

# The sort key of each order; both directions are covered by the index asset_timeline.
ORDER_BY = {
    Order.NEWEST: "asset.captured_ms DESC, asset.id DESC",
    Order.OLDEST: "asset.captured_ms, asset.id",
}
AFTER = {
    Order.NEWEST: "(asset.captured_ms, asset.id) < (:captured, :id)",
    Order.OLDEST: "(asset.captured_ms, asset.id) > (:captured, :id)",
}
# Rows a query hands to the event loop at once: a hop to the thread costs 70 us, a row 1 us.
CHUNK = 5_000


class Place(NamedTuple):
    """Where an asset stands in a view, and its aspect byte (a tuple: a view has a million)."""

    id: int
    captured_ms: int
    ratio: int


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """What the grid shows of an asset. `preview_of` is the SHA-1 that its previews are made of."""

    id: int
    public_id: str
    captured_ms: int | None
    is_video: bool
    duration_ms: int | None
    thumbhash: bytes | None
    favourite: bool
    title: str | None
    file_name: bytes
    preview_of: bytes | None
    preview_version: int
    motion: bool


async def library_revision(reading: Reading) -> int:
    """The revision of the library: it counts up with each transaction that changes assets."""
    return int(await reading.fetch_value("SELECT value FROM meta WHERE key = 'revision'"))


async def load_places(
    reading: Reading, view: View, *, only: Iterable[int] | None = None
) -> list[Place]:
    """The assets of a view in its order; with `only`, those of them among these asset ids."""
    condition = compile_view(view)
    parameters = dict(condition.parameters)
    narrowed = ""
    if only is not None:
        narrowed = "asset.id IN (SELECT value FROM json_each(:only)) AND "
        parameters["only"] = json.dumps(list(only))
    # Named one by one: the planner would rather walk all assets along the order's index.
    is_named = condition.by_words or only is not None
    select = f"""SELECT asset.id, asset.captured_ms, asset.ratio
                 FROM asset {"NOT INDEXED" if is_named else ""}
                 WHERE {narrowed}{condition.sql}"""
    order = f"ORDER BY {ORDER_BY[view.order]}"
    places: list[Place] = []
    if is_named:
        rows = await reading.fetch_all(f"{select} {order}", parameters)
        for start in range(0, len(rows), CHUNK):
            places += map(Place._make, rows[start : start + CHUNK])
            await asyncio.sleep(0)
        return places
    keyset = ""
    while True:
        rows = await reading.fetch_all(f"{select}{keyset} {order} LIMIT {CHUNK}", parameters)
        places += map(Place._make, rows)
        if len(rows) < CHUNK:
            return places
        keyset = f" AND {AFTER[view.order]}"
        parameters |= {"captured": places[-1].captured_ms, "id": places[-1].id}


async def changed_assets(reading: Reading, since: int, limit: int) -> list[int] | None:
    """Ids of the assets that changed after a library revision; None if more than `limit` did."""
    rows = await reading.fetch_all(
        "SELECT id FROM asset WHERE revision > ? LIMIT ?", (since, limit + 1)
    )
    return None if len(rows) > limit else [row["id"] for row in rows]


ROW_COLUMNS = """
  SELECT asset.id, asset.public_id, asset.captured_ms, asset.is_video, asset.duration_ms,
         asset.thumbhash, asset.favourite, asset.title, file.name, file.sha1,
         file.preview_version, coalesce(json_extract(file.facts, '$.motion_photo'), 0)
           OR asset.is_video = 0 AND EXISTS (
             SELECT 1 FROM file AS clip
             WHERE clip.asset_id = asset.id AND clip.is_video = 1 AND clip.gone_at IS NULL
           ) AS motion
  FROM asset JOIN file ON file.id = asset.shown_file_id
"""


async def rows_by_id(reading: Reading, scope: Scope, ids: Sequence[int]) -> dict[int, TimelineRow]:
    """Rows of these assets (their database ids), without those that the scope may not see."""
    rows = await reading.fetch_all(
        ROW_COLUMNS
        # The plus keeps the planner from walking all of an owner's assets by an index.
        + """WHERE asset.id IN (SELECT value FROM json_each(:ids)) AND +asset.owner_id = :owner""",
        {"ids": json.dumps(list(ids)), "owner": scope.user_id},
    )
    return {
        row["id"]: TimelineRow(
            row["id"],
            row["public_id"],
            None if row["captured_ms"] == UNDATED_MS else row["captured_ms"],
            bool(row["is_video"]),
            row["duration_ms"],
            row["thumbhash"],
            bool(row["favourite"]),
            row["title"],
            row["name"],
            row["sha1"],
            row["preview_version"],
            bool(row["motion"]),
        )
        for row in rows
    }


async def load_page(
    reading: Reading, view: View, limit: int, cursor: str | None
) -> tuple[list[int], str | None]:
    """Up to `limit` asset ids of a view after a cursor, and the cursor of the next page."""
    condition = compile_view(view)
    parameters = dict(condition.parameters) | {"limit": limit + 1}
    keyset = ""
    if cursor:
        parameters |= _decode_cursor(cursor)
        keyset = f" AND {AFTER[view.order]}"
    rows = await reading.fetch_all(
        f"SELECT asset.id, asset.captured_ms FROM asset WHERE {condition.sql}{keyset} "
        f"ORDER BY {ORDER_BY[view.order]} LIMIT :limit",
        parameters,
    )
    more = len(rows) > limit
    rows = rows[:limit]
    following = _encode_cursor(rows[-1]["captured_ms"], rows[-1]["id"]) if more else None
    return [row["id"] for row in rows], following


def _encode_cursor(captured_ms: int, asset_id: int) -> str:
    return base64.urlsafe_b64encode(f"{captured_ms}:{asset_id}".encode()).decode().rstrip("=")


def _decode_cursor(cursor: str) -> dict[str, int]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        captured, _, asset_id = text.partition(":")
        position = {"captured": int(captured), "id": int(asset_id)}
    except (ValueError, binascii.Error) as error:
        raise BadRequestError("The cursor is not one that this server gave out") from error
    if any(abs(value) >= 2**63 for value in position.values()):
        raise BadRequestError("The cursor is not one that this server gave out")
    return position
