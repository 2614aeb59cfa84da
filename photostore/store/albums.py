"""Albums: ordered by hand, described, nested, or a saved search; their members and their order.

An album that sidecars name is made once and then belongs to the person: what is taken out of it,
renamed or deleted stays so (SPEC 7.6).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from photostore.store.derivation import UNDATED_MS
from photostore.store.identifiers import make_public_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from photostore.store.db import Reading, Row, Transaction
    from photostore.store.scope import Scope

# Between two members, so that one can be put between them without moving the others.
STEP = 1 << 20


@dataclass(frozen=True, slots=True)
class Album:
    """An album; `parent` and `cover` are public ids, the latter only where a person chose it.

    `query` makes it a smart one. `origin` is the name under which sidecars speak of it. `order` is
    the one in which it is looked at, None for the usual one.
    """

    id: int
    public_id: str
    name: str
    description: str | None
    parent: str | None
    query: str | None
    cover: str | None
    position: int
    source: str
    origin: str | None
    created_at: int
    order: str | None = None


@dataclass(frozen=True, slots=True)
class AlbumContent:
    """What the timeline shows of an album: how many, from when to when, and its first picture."""

    count: int = 0
    first_ms: int | None = None
    last_ms: int | None = None
    first_asset_id: int | None = None


class Member(NamedTuple):
    """An asset in an album; members stand in the order of (position, asset_id)."""

    asset_id: int
    position: int


SELECT = """
  SELECT album.id, album.public_id, album.name, album.description, parent.public_id AS parent,
         album.query, cover.public_id AS cover, album.position, album.source, album.origin,
         album.created_at, album.shown_order
  FROM album LEFT JOIN album AS parent ON parent.id = album.parent_id
  LEFT JOIN asset AS cover ON cover.id = album.cover_asset_id
"""


async def list_albums(reading: Reading, scope: Scope) -> list[Album]:
    """All albums of a person, in the order that the person gave them."""
    rows = await reading.fetch_all(
        SELECT + "WHERE album.owner_id = ? ORDER BY album.position, album.id", (scope.user_id,)
    )
    return [Album(*row) for row in rows]


async def find_album(reading: Reading, scope: Scope, public_id: str) -> Album | None:
    """One album, None if the person has none of this id."""
    row = await reading.fetch_one(
        SELECT + "WHERE album.public_id = ? AND album.owner_id = ?", (public_id, scope.user_id)
    )
    return None if row is None else Album(*row)


async def albums_of_asset(reading: Reading, asset_id: int) -> list[Row]:
    """`public_id` and `name` of the albums that hold an asset."""
    return await reading.fetch_all(
        """SELECT album.public_id, album.name FROM album_asset
           JOIN album ON album.id = album_asset.album_id WHERE asset_id = ?
           ORDER BY album.position, album.id""",
        (asset_id,),
    )


async def load_contents(reading: Reading, scope: Scope) -> dict[int, AlbumContent]:
    """What the albums with members hold, by the album's id; empty ones are left out."""
    rows = await reading.fetch_all(
        """SELECT album.id, count(*) AS count,
             min(iif(asset.captured_ms = :undated, NULL, asset.captured_ms)) AS first_ms,
             max(iif(asset.captured_ms = :undated, NULL, asset.captured_ms)) AS last_ms,
             (SELECT first.asset_id FROM album_asset AS first
              JOIN asset AS shown ON shown.id = first.asset_id
              WHERE first.album_id = album.id AND shown.shelf = 'timeline'
              ORDER BY first.position, first.asset_id LIMIT 1) AS first_asset_id
           FROM album CROSS JOIN album_asset ON album_asset.album_id = album.id
           JOIN asset ON asset.id = album_asset.asset_id
           WHERE album.owner_id = :owner AND asset.shelf = 'timeline' GROUP BY album.id""",
        {"owner": scope.user_id, "undated": UNDATED_MS},
    )
    return {
        row["id"]: AlbumContent(
            row["count"], row["first_ms"], row["last_ms"], row["first_asset_id"]
        )
        for row in rows
    }


async def load_members(reading: Reading, album_id: int) -> list[Member]:
    """The members of an album in their order, on whatever shelf they are."""
    rows = await reading.fetch_all(
        """SELECT asset_id, position FROM album_asset WHERE album_id = ?
           ORDER BY position, asset_id""",
        (album_id,),
    )
    return [Member._make(row) for row in rows]


async def place_members(
    transaction: Transaction,
    album_id: int,
    asset_ids: Sequence[int],
    before: int | None,
    now_ms: int,
) -> None:
    """Put assets into an album in this order before another one, or at the end.

    Those that are in it move. All others keep their order.
    """
    moving = set(asset_ids)
    rest = [one for one in await load_members(transaction, album_id) if one.asset_id not in moving]
    at = next((index for index, one in enumerate(rest) if one.asset_id == before), len(rest))
    positions = _between(
        rest[at - 1].position if at else None,
        rest[at].position if at < len(rest) else None,
        len(asset_ids),
    )
    if positions is None:
        order = [one.asset_id for one in rest]
        order[at:at] = asset_ids
        rows = [(asset_id, index * STEP) for index, asset_id in enumerate(order)]
    else:
        rows = list(zip(asset_ids, positions, strict=True))
    await transaction.execute_many(
        """INSERT INTO album_asset (album_id, asset_id, position, added_at) VALUES (?, ?, ?, ?)
           ON CONFLICT (album_id, asset_id) DO UPDATE SET position = excluded.position""",
        [(album_id, asset_id, position, now_ms) for asset_id, position in rows],
    )


def _between(low: int | None, high: int | None, count: int) -> list[int] | None:
    """Ascending positions between two others, None if there is no room."""
    if high is None:
        start = 0 if low is None else low + STEP
        return [start + index * STEP for index in range(count)]
    if low is None:
        return [high - (count - index) * STEP for index in range(count)]
    gap = high - low
    if gap <= count:
        return None
    return [low + gap * (index + 1) // (count + 1) for index in range(count)]


async def remove_members(transaction: Transaction, album_id: int, asset_ids: Sequence[int]) -> None:
    """Take assets out of an album."""
    await transaction.execute(
        """DELETE FROM album_asset
           WHERE album_id = ? AND asset_id IN (SELECT value FROM json_each(?))""",
        (album_id, json.dumps(list(asset_ids))),
    )


async def write_album(transaction: Transaction, scope: Scope, album: Album) -> int:
    """Make an album or change the one of this public id; `album.id` is not looked at.

    Returns its id. A parent or cover that is not there is none.
    """
    values = {
        "public_id": album.public_id,
        "owner": scope.user_id,
        "parent": album.parent,
        "cover": album.cover,
        "name": album.name,
        "description": album.description,
        "query": album.query,
        "position": album.position,
        "source": album.source,
        "origin": album.origin,
        "created_at": album.created_at,
        "order": album.order,
        "revision": await transaction.revision(),
    }
    await transaction.execute(
        """INSERT INTO album (public_id, owner_id, parent_id, name, description, query, source,
             origin, cover_asset_id, position, created_at, shown_order, revision)
           SELECT :public_id, :owner, (SELECT id FROM album WHERE public_id = :parent), :name,
             :description, :query, :source, :origin,
             (SELECT id FROM asset WHERE public_id = :cover), :position, :created_at,
             :order, :revision
           WHERE true
           ON CONFLICT (public_id) DO UPDATE SET parent_id = excluded.parent_id,
             name = excluded.name, description = excluded.description, query = excluded.query,
             cover_asset_id = excluded.cover_asset_id, position = excluded.position,
             shown_order = excluded.shown_order, revision = excluded.revision""",
        values,
    )
    found = await transaction.fetch_value(
        "SELECT id FROM album WHERE public_id = ?", (album.public_id,)
    )
    return int(found)


async def touch_album(transaction: Transaction, album_id: int) -> None:
    """Give an album the transaction's revision: its members changed."""
    await transaction.execute(
        "UPDATE album SET revision = ? WHERE id = ?", (await transaction.revision(), album_id)
    )


async def delete_album(transaction: Transaction, album_id: int) -> None:
    """Delete an album; the albums in it move to where it was. Its photos stay."""
    await transaction.execute(
        """UPDATE album SET parent_id = (SELECT parent_id FROM album WHERE id = ?1)
           WHERE parent_id = ?1""",
        (album_id,),
    )
    await transaction.execute("DELETE FROM album WHERE id = ?", (album_id,))
    await transaction.revision()


async def order_albums(transaction: Transaction, album_ids: Sequence[int]) -> None:
    """Give albums the order of this list."""
    await transaction.execute_many(
        "UPDATE album SET position = ? WHERE id = ?",
        [(index, album_id) for index, album_id in enumerate(album_ids)],
    )
    await transaction.revision()


async def take_up_albums(
    transaction: Transaction, named: Sequence[tuple[int, Sequence[str]]]
) -> None:
    """Put assets into the albums that their sidecars name, each once: (asset id, names)."""
    wanted = [(asset_id, name) for asset_id, names in named for name in names]
    known = {
        (row["asset_id"], row["name"])
        for row in await transaction.fetch_all(
            """SELECT asset_id, name FROM album_named
               WHERE asset_id IN (SELECT value FROM json_each(?))""",
            (json.dumps([asset_id for asset_id, _ in named]),),
        )
    }
    new = [one for one in wanted if one not in known]
    if not new:
        return
    await note_named(transaction, new)
    for name in dict.fromkeys(name for _, name in new):
        asset_ids = [asset_id for asset_id, other in new if other == name]
        await _join_named(transaction, name, asset_ids)


async def note_named(transaction: Transaction, named: Sequence[tuple[int, str]]) -> None:
    """Remember that albums were taken up from sidecars: (asset id, name)."""
    await transaction.execute_many("INSERT OR IGNORE INTO album_named VALUES (?, ?)", named)


async def _join_named(transaction: Transaction, name: str, asset_ids: Sequence[int]) -> None:
    """Add assets to the album of a name that sidecars use, by the time they were taken."""
    ids = json.dumps(asset_ids)
    owners = await transaction.fetch_all(
        """SELECT owner_id, min(added_at) AS at FROM asset
           WHERE id IN (SELECT value FROM json_each(?)) GROUP BY owner_id""",
        (ids,),
    )
    for row in owners:
        values: Mapping[str, object] = {
            "owner": row["owner_id"],
            "public_id": make_public_id(row["at"]),
            "name": name,
            "at": row["at"],
            "revision": await transaction.revision(),
            "ids": ids,
        }
        await transaction.execute(
            """INSERT INTO album (public_id, owner_id, name, source, origin, created_at, revision)
               VALUES (:public_id, :owner, :name, 'sidecar', :name, :at, :revision)
               ON CONFLICT (owner_id, origin) WHERE origin IS NOT NULL DO NOTHING""",
            values,
        )
        await transaction.execute(
            """INSERT OR IGNORE INTO album_asset (album_id, asset_id, position, added_at)
               SELECT album.id, asset.id, asset.captured_ms, :at FROM album, asset
               WHERE album.owner_id = :owner AND album.origin = :name
                 AND asset.owner_id = :owner AND asset.id IN (SELECT value FROM json_each(:ids))""",
            values,
        )
