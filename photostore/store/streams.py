"""Pictures that belong together: around one asset, and samples of the library (SPEC 10.2).

Every query reads a few rows of an index, however many assets there are; chance comes from a seed,
so that the same seed shows the same pictures.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from photostore.store.derivation import UNDATED_MS
from photostore.store.labels import Kind
from photostore.store.search import View, compile_view
from photostore.store.search.terms import LookUp
from photostore.store.search.values import EPOCH
from photostore.store.tags import load_tags, tags_of_asset

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from photostore.store.db import Reading, Row
    from photostore.store.scope import Scope
    from photostore.store.tags import Tag

DAY_MS = 86_400_000
# As many as a row of the widest screen shows.
LENGTH = 24
SAMPLES = 6
SMALLEST = 4
FEW = 300
# A place where more photos than this were taken is not counted to the end.
MOST_NEAR = 10_000
STREAM_KINDS = frozenset({"camera", "folder", "person"})
HOME_KINDS = ("where", "keyword", "person", "when", "camera")


@dataclass(frozen=True, slots=True)
class Stream:
    """Some assets of a search: its query, how many it finds, and the database ids of a few.

    `title` is a name (of a tag, album, place, or a day); what kind of thing it is, `kind` says.
    """

    kind: str
    title: str
    query: str
    count: int
    asset_ids: tuple[int, ...]


async def streams_around(reading: Reading, scope: Scope, asset_id: int) -> list[Stream]:
    """What was taken the same day, close by, with the same camera, of the same people."""
    asset = await reading.fetch_one(
        "SELECT id, captured_ms, captured_precision, lat, lon FROM asset WHERE id = ?", (asset_id,)
    )
    if asset is None:
        return []
    found = [await _same_day(reading, scope, asset), await _close_by(reading, scope, asset)]
    for tag in await tags_of_asset(reading, scope, asset_id):
        if tag.kind in STREAM_KINDS:
            ids = await _neighbours(reading, tag.id, asset_id)
            found.append(Stream(tag.kind, tag.name, tag.query, tag.count, ids))
    found += await _same_albums(reading, scope, asset_id)
    return [one for one in found if one is not None and set(one.asset_ids) - {asset_id}]


async def _same_day(reading: Reading, scope: Scope, asset: Row) -> Stream | None:
    moment = asset["captured_ms"]
    if moment == UNDATED_MS or asset["captured_precision"] in {"month", "year"}:
        return None
    start = moment // DAY_MS * DAY_MS
    parameters = {
        "owner": scope.user_id,
        "start": start,
        "end": start + DAY_MS,
        "at": moment,
        "id": asset["id"],
        "half": LENGTH // 2,
    }
    on_day = """FROM asset WHERE owner_id = :owner AND shelf = 'timeline'
                AND captured_ms >= :start AND captured_ms < :end"""
    count = await reading.fetch_value(f"SELECT count(*) {on_day}", parameters)
    before = await reading.fetch_all(
        f"""SELECT id {on_day} AND (captured_ms, id) <= (:at, :id)
            ORDER BY captured_ms DESC, id DESC LIMIT :half""",
        parameters,
    )
    after = await reading.fetch_all(
        f"""SELECT id {on_day} AND (captured_ms, id) > (:at, :id)
            ORDER BY captured_ms, id LIMIT :half""",
        parameters,
    )
    ids = [row["id"] for row in reversed(before)] + [row["id"] for row in after]
    day = _day_text(start)
    return Stream("day", day, f"taken:{day}", int(count), tuple(ids))


def _day_text(start_ms: int) -> str:
    return (EPOCH + timedelta(milliseconds=start_ms)).date().isoformat()


async def _close_by(reading: Reading, scope: Scope, asset: Row) -> Stream | None:
    """Within a kilometre."""
    if asset["lat"] is None:
        return None
    query = f"near:{asset['lat']:.5f},{asset['lon']:.5f} dist:1"
    condition = compile_view(View(query, scope=scope))
    rows = await reading.fetch_all(
        f"SELECT asset.id FROM asset NOT INDEXED WHERE {condition.sql} LIMIT {MOST_NEAR}",
        condition.parameters,
    )
    ids = sorted(row["id"] for row in rows)
    title = await reading.fetch_value(
        """SELECT tag.name FROM asset_tag JOIN tag ON tag.id = asset_tag.tag_id
           WHERE asset_tag.asset_id = ? AND tag.kind = 'where'""",
        (asset["id"],),
    )
    # Those that came to the library around it.
    middle = sum(one < asset["id"] for one in ids)
    start = max(0, middle - LENGTH // 2)
    return Stream("place", title or "", query, len(ids), tuple(ids[start : start + LENGTH]))


async def _neighbours(reading: Reading, tag_id: int, asset_id: int) -> tuple[int, ...]:
    """Assets with this very tag that came to the library before and after one."""
    sides = []
    for sign, direction in (("<=", "DESC"), (">", "ASC")):
        rows = await reading.fetch_all(
            f"""SELECT asset_tag.asset_id FROM asset_tag
                CROSS JOIN asset ON asset.id = asset_tag.asset_id AND asset.shelf = 'timeline'
                WHERE asset_tag.tag_id = ? AND asset_tag.asset_id {sign} ?
                ORDER BY asset_tag.asset_id {direction} LIMIT {LENGTH // 2}""",
            (tag_id, asset_id),
        )
        sides.append([row["asset_id"] for row in rows])
    return (*reversed(sides[0]), *sides[1])


async def _same_albums(reading: Reading, scope: Scope, asset_id: int) -> list[Stream]:
    albums = await reading.fetch_all(
        """SELECT album.id, album.public_id, album.name, own.position FROM album_asset AS own
           JOIN album ON album.id = own.album_id AND album.owner_id = ?
           WHERE own.asset_id = ?""",
        (scope.user_id, asset_id),
    )
    found = []
    for album in albums:
        rows = await reading.fetch_all(
            f"""SELECT member.asset_id FROM album_asset AS member
                CROSS JOIN asset ON asset.id = member.asset_id AND asset.shelf = 'timeline'
                WHERE member.album_id = :album AND member.position >= :position
                ORDER BY member.position, member.asset_id LIMIT {LENGTH}""",
            {"album": album["id"], "position": album["position"]},
        )
        count = await reading.fetch_value(
            """SELECT count(*) FROM album_asset AS member
               JOIN asset ON asset.id = member.asset_id AND asset.shelf = 'timeline'
               WHERE member.album_id = ?""",
            (album["id"],),
        )
        ids = tuple(row["asset_id"] for row in rows)
        found.append(Stream("album", album["name"], f"album:{album['public_id']}", int(count), ids))
    return found


async def sample_tags(reading: Reading, scope: Scope, seed: int) -> list[Stream]:
    """Tags by chance, of different kinds where there are, with pictures by chance (SPEC 10.2)."""
    chance = random.Random(seed)  # noqa: S311 - which pictures are shown is no secret
    rows = await reading.fetch_all(
        """SELECT id, kind FROM tag WHERE owner_id = ? AND level > 0 AND asset_count >= ?
             AND kind IN (SELECT value FROM json_each(?)) ORDER BY id""",
        (scope.user_id, SMALLEST, json.dumps(HOME_KINDS)),
    )
    by_kind = {kind: [row["id"] for row in rows if row["kind"] == kind] for kind in HOME_KINDS}
    for ids in by_kind.values():
        chance.shuffle(ids)
    chosen: list[int] = []
    while len(chosen) < SAMPLES and any(by_kind.values()):
        for ids in by_kind.values():
            chosen += ids[:1]
            del ids[:1]
    found: dict[tuple[str, str], Stream] = {}
    for tag in await load_tags(reading, scope, chosen[:SAMPLES]):
        # A month alone says little: 2008-10.
        title = "-".join(tag.path[1:]) if tag.kind == Kind.WHEN else tag.name
        # A city and its state often have one name: both would look like a mistake.
        if (tag.kind, title) not in found:
            sampled = await _sample(reading, tag, chance)
            found[tag.kind, title] = Stream(tag.kind, title, tag.query, tag.count, sampled)
    return list(found.values())


async def _sample(reading: Reading, tag: Tag, chance: random.Random) -> tuple[int, ...]:
    """Pictures of a subtree: leaves by chance, and in each the next ones after a random number."""
    if tag.count <= FEW:
        return await _sample_few(reading, tag, chance)
    leaves = await reading.fetch_all(
        "SELECT tag_id FROM tag_line WHERE ancestor_id = ? ORDER BY tag_id LIMIT 5000", (tag.id,)
    )
    some = [row["tag_id"] for row in chance.sample(leaves, min(LENGTH, len(leaves)))]
    bounds = await reading.fetch_all(
        """SELECT leaf.value AS id,
             (SELECT min(asset_id) FROM asset_tag WHERE tag_id = leaf.value) AS low,
             (SELECT max(asset_id) FROM asset_tag WHERE tag_id = leaf.value) AS high
           FROM json_each(?) AS leaf""",
        (json.dumps(some),),
    )
    filled = [leaf for leaf in bounds if leaf["low"] is not None]
    if not filled:
        return ()
    wishes = []
    for _ in range(LENGTH * 2):
        leaf = chance.choice(filled)
        wishes.append([leaf["id"], chance.randint(leaf["low"], leaf["high"])])
    rows = await reading.fetch_all(
        """SELECT (SELECT asset_tag.asset_id FROM asset_tag
                   WHERE asset_tag.tag_id = json_extract(wish.value, '$[0]')
                     AND asset_tag.asset_id >= json_extract(wish.value, '$[1]') LIMIT 1) AS id
           FROM json_each(?) AS wish""",
        (json.dumps(wishes),),
    )
    picked = list(dict.fromkeys(row["id"] for row in rows))
    there = await reading.fetch_all(
        """SELECT id FROM asset WHERE id IN (SELECT value FROM json_each(?))
             AND +shelf = 'timeline'""",
        (json.dumps(picked),),
    )
    on_timeline = {row["id"] for row in there}
    return tuple(one for one in picked if one in on_timeline)[:LENGTH]


async def _sample_few(reading: Reading, tag: Tag, chance: random.Random) -> tuple[int, ...]:
    """Pictures of a tag that has not many more than are shown."""
    rows = await reading.fetch_all(
        """SELECT DISTINCT asset.id FROM tag_line
           CROSS JOIN asset_tag ON asset_tag.tag_id = tag_line.tag_id
           CROSS JOIN asset ON asset.id = asset_tag.asset_id AND asset.shelf = 'timeline'
           WHERE tag_line.ancestor_id = ?""",
        (tag.id,),
    )
    ids = sorted(row["id"] for row in rows)
    return tuple(chance.sample(ids, min(LENGTH, len(ids))))


async def on_this_day(reading: Reading, scope: Scope, today: date, seed: int) -> Stream | None:
    """Pictures of this day of earlier years: today's own are at the top of the timeline."""
    query = f"onthisday:{today:%m-%d} before:{today.year}"
    condition = compile_view(View(query, scope=scope))
    days, earlier = (clause.term for clause in condition.clauses)
    assert isinstance(days, LookUp)  # noqa: S101 - what `onthisday:` becomes
    # The filter looks at the owner and the shelf itself: no row of an asset is read.
    (ids,) = await reading.fetch_columns(
        f"{days.ids} AND {earlier.sql.replace('asset.', 'day.')}",
        condition.parameters,
        columns="q",
    )
    if not ids:
        return None
    chance = random.Random(seed)  # noqa: S311 - as above
    some = chance.sample(ids, min(LENGTH, len(ids)))
    return Stream("onthisday", f"{today:%m-%d}", query, len(ids), tuple(some))


async def recently_added(reading: Reading, scope: Scope) -> Stream | None:
    """What came last."""
    rows = await reading.fetch_all(
        """SELECT id FROM asset WHERE owner_id = ? AND shelf = 'timeline'
           ORDER BY added_at DESC, id DESC LIMIT ?""",
        (scope.user_id, LENGTH),
    )
    count = await reading.fetch_value(
        "SELECT sum(count) FROM asset_tally WHERE owner_id = ? AND shelf = 'timeline'",
        (scope.user_id,),
    )
    if not rows:
        return None
    return Stream("recent", "", "", int(count), tuple(row["id"] for row in rows))


def sample_ordinals(count: int, seed: int) -> Sequence[int]:
    """Some places of a view by chance."""
    chance = random.Random(seed)  # noqa: S311 - as above
    return chance.sample(range(count), min(LENGTH, count))
