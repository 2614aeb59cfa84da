"""Reading a view: its whole shape, rows of it, pages of it. Every list query uses an index."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from photostore.base.errors import BadRequestError
from photostore.store.assets import UNDATED_MS
from photostore.store.planning import plan
from photostore.store.search import Order, View, compile_view
from photostore.store.smart import resolve_view

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterable, Sequence

    from photostore.store.db import Reading
    from photostore.store.scope import Scope
    from photostore.store.search import Condition

# The sort key of each order; ties are broken by the id, in the same direction.
KEYS = {
    Order.NEWEST: "asset.captured_ms",
    Order.OLDEST: "asset.captured_ms",
    Order.ADDED: "asset.added_at",
    Order.ALBUM: "member.position",
}
DESCENDING = frozenset({Order.NEWEST, Order.ADDED})
# The album whose order it is: an id wins over a name, the older album over the younger one.
MEMBERS = """
  album_asset AS member CROSS JOIN asset ON asset.id = member.asset_id
  AND member.album_id = coalesce(
    (SELECT id FROM album WHERE public_id = :album AND owner_id = :owner),
    (SELECT min(id) FROM album WHERE owner_id = :owner AND name = :album COLLATE NOCASE))
"""


class Place(NamedTuple):
    """Where an asset stands in a view: its sort key in that order, and its aspect byte."""

    id: int
    key: int
    ratio: int


@dataclass(frozen=True, slots=True)
class Columns:
    """The places of a view as parallel arrays, in its order."""

    ids: array[int]
    keys: array[int]
    ratios: array[int]


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """What the grid shows of an asset. `preview_of` is the SHA-1 that its previews are made of.

    `ratio` is the aspect byte of what is shown, `rotation` by how many degrees the previews are to
    be turned for that.
    """

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
    ratio: int
    rotation: int


async def library_revision(reading: Reading) -> int:
    """The revision of the library: it counts up with each transaction that changes assets."""
    return int(await reading.fetch_value("SELECT value FROM meta WHERE key = 'revision'"))


async def load_columns(reading: Reading, view: View) -> Columns:
    """The assets of a view in its order: a million in a second."""
    view = await resolve_view(reading, view)
    condition = compile_view(view)
    chosen = await plan(reading, condition)
    select = _select(view, is_named=chosen.by_ids)
    sql = f"{select} WHERE {chosen.sql} {_order(view)}"
    columns = await reading.fetch_columns(sql, _parameters(condition), columns="qqB")
    return Columns(*columns)


async def load_places(
    reading: Reading, view: View, *, only: Iterable[int] | None = None
) -> list[Place]:
    """The assets of a view in its order; with `only`, those of them among these asset ids."""
    if only is None:
        columns = await load_columns(reading, view)
        return list(map(Place._make, zip(columns.ids, columns.keys, columns.ratios, strict=True)))
    view = await resolve_view(reading, view)
    condition = compile_view(view)
    rows = await reading.fetch_all(
        f"""{_select(view, is_named=True)}
            WHERE asset.id IN (SELECT value FROM json_each(:only)) AND {condition.sql}
            {_order(view)}""",
        _parameters(condition) | {"only": json.dumps(list(only))},
    )
    return [Place(*row) for row in rows]


def _select(view: View, *, is_named: bool) -> str:
    """Id, key and ratio. Named one by one, the planner would rather walk all along the order."""
    key = KEYS[view.order]
    if view.order is Order.ALBUM:
        return f"SELECT asset.id, {key}, asset.ratio FROM {MEMBERS}"
    hint = "NOT INDEXED" if is_named else ""
    return f"SELECT asset.id, {key}, asset.ratio FROM asset {hint}"


def _order(view: View) -> str:
    direction = " DESC" if view.order in DESCENDING else ""
    return f"ORDER BY {KEYS[view.order]}{direction}, {_tie(view)}{direction}"


def _after(view: View) -> str:
    sign = "<" if view.order in DESCENDING else ">"
    return f"({KEYS[view.order]}, {_tie(view)}) {sign} (:key, :id)"


def _tie(view: View) -> str:
    # The same number, named as the index of the order has it.
    return "member.asset_id" if view.order is Order.ALBUM else "asset.id"


def _parameters(condition: Condition) -> dict[str, Any]:
    return {**condition.parameters, "album": condition.album}


async def changed_assets(reading: Reading, since: int, limit: int) -> list[int] | None:
    """Ids of the assets that changed after a library revision; None if more than `limit` did."""
    rows = await reading.fetch_all(
        # Those that were deleted for good are in no view any more.
        """SELECT id FROM asset WHERE revision > ?1 UNION ALL
           SELECT id FROM deleted_asset WHERE revision > ?1 LIMIT ?2""",
        (since, limit + 1),
    )
    return None if len(rows) > limit else [row["id"] for row in rows]


ROW_COLUMNS = """
  SELECT asset.id, asset.public_id, asset.captured_ms, asset.is_video, asset.duration_ms,
         asset.thumbhash, asset.favourite, asset.title, file.name, file.sha1,
         file.preview_version, coalesce(json_extract(file.facts, '$.motion_photo'), 0)
           OR asset.is_video = 0 AND EXISTS (
             SELECT 1 FROM file AS clip
             WHERE clip.asset_id = asset.id AND clip.is_video = 1 AND clip.gone_at IS NULL
           ) AS motion,
         asset.ratio, asset.rotation
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
            row["ratio"],
            row["rotation"],
        )
        for row in rows
    }


class Picture(NamedTuple):
    """What the pictures of an asset are made of, and by how many degrees they are turned."""

    sha1: bytes | None
    version: int
    rotation: int


async def find_picture(reading: Reading, scope: Scope, public_id: str) -> Picture | None:
    """What the pictures of an asset are made of; None if the scope may not see it."""
    row = await reading.fetch_one(
        """SELECT file.sha1, file.preview_version, asset.rotation FROM asset
           JOIN file ON file.id = asset.shown_file_id
           WHERE asset.public_id = ? AND asset.owner_id = ?""",
        (public_id, scope.user_id),
    )
    return None if row is None else Picture(*row)


async def load_page(
    reading: Reading, view: View, limit: int, cursor: str | None
) -> tuple[list[int], str | None]:
    """Up to `limit` asset ids of a view after a cursor, and the cursor of the next page."""
    view = await resolve_view(reading, view)
    condition = compile_view(view)
    parameters = _parameters(condition) | {"limit": limit + 1}
    keyset = ""
    if cursor:
        after = read_cursor(cursor)
        parameters |= {"key": after.key, "id": after.id}
        keyset = f" AND {_after(view)}"
    rows = await reading.fetch_all(
        f"{_select(view, is_named=condition.by_words)} "
        f"WHERE {condition.sql}{keyset} {_order(view)} LIMIT :limit",
        parameters,
    )
    places = [Place(*row) for row in rows[:limit]]
    following = make_cursor(places[-1]) if len(rows) > limit else None
    return [place.id for place in places], following


def make_cursor(place: Place) -> str:
    """The cursor of what follows a place."""
    text = f"{place.key}:{place.id}".encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def read_cursor(cursor: str) -> Place:
    """The place that a cursor stands for. Raises BadRequestError."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        key, _, asset_id = text.partition(":")
        place = Place(int(asset_id), int(key), 0)
    except (ValueError, binascii.Error) as error:
        raise BadRequestError("The cursor is not one that this server gave out") from error
    if abs(place.key) >= 2**63 or abs(place.id) >= 2**63:
        raise BadRequestError("The cursor is not one that this server gave out")
    return place
