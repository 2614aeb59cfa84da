"""Reading the tag tree: what is below a tag, what a name finds, which tags an asset has.

Only tags that something on the timeline has are told of. Counts are kept by `tagging`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photostore.store.folding import fold
from photostore.store.search.syntax import quote
from photostore.store.search.values import like_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from photostore.store.db import Reading, Row
    from photostore.store.scope import Scope

# The newest asset in a subtree, by the order in which they came: the first step of an index.
COVER = """
  (SELECT asset.id FROM tag_line CROSS JOIN asset_tag ON asset_tag.tag_id = tag_line.tag_id
   CROSS JOIN asset ON asset.id = asset_tag.asset_id AND asset.shelf = 'timeline'
   WHERE tag_line.ancestor_id = tag.id
   ORDER BY tag_line.tag_id DESC, asset_tag.asset_id DESC LIMIT 1)
"""
SELECT = f"""
  SELECT tag.id, tag.kind, tag.name, tag.code, tag.asset_count,
         EXISTS (SELECT 1 FROM tag AS below WHERE below.parent_id = tag.id
                 AND below.asset_count > 0) AS has_children,
         {COVER} AS cover_id
  FROM tag
"""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag; `path` are its names from the root, `ids` those of the tags on the way.

    `count` are the assets on the timeline in it and below. `code` is that of a country (ISO 3166).
    """

    id: int
    kind: str
    name: str
    code: str | None
    count: int
    has_children: bool
    cover_id: int | None
    path: tuple[str, ...]
    ids: tuple[int, ...]

    @property
    def query(self) -> str:
        """The search that finds what has it."""
        return tag_query(self.path)


def tag_query(path: Sequence[str]) -> str:
    r"""The filter that a path of names becomes; a slash inside a name is `\/`."""
    names = (name.replace("\\", "\\\\").replace("/", "\\/") for name in path)
    return "tag:" + quote("/".join(names))


async def list_tags(reading: Reading, scope: Scope, parent_id: int | None) -> list[Tag]:
    """The tags below one, by name; without it the roots."""
    rows = await reading.fetch_all(
        f"""{SELECT} WHERE tag.owner_id = :owner AND tag.parent_id IS :parent
              AND tag.asset_count > 0 ORDER BY tag.fold""",
        {"owner": scope.user_id, "parent": parent_id},
    )
    return await _with_paths(reading, rows)


async def find_tags(reading: Reading, scope: Scope, words: str, limit: int = 50) -> list[Tag]:
    """Tags of which a word begins so, those with most assets first; the roots are left out."""
    rows = await reading.fetch_all(
        f"""{SELECT} WHERE tag.id IN (
              SELECT id FROM tag WHERE owner_id = :owner AND level > 0 AND asset_count > 0
                AND (fold LIKE :begins ESCAPE '\\' OR fold LIKE :within ESCAPE '\\')
              ORDER BY asset_count DESC LIMIT :limit)
            ORDER BY tag.asset_count DESC, tag.id""",
        _likes(words) | {"owner": scope.user_id, "limit": limit},
    )
    return await _with_paths(reading, rows)


def _likes(words: str) -> dict[str, object]:
    pattern = like_pattern(fold(words))
    return {"begins": f"{pattern}%", "within": f"% {pattern}%"}


async def load_tags(reading: Reading, scope: Scope, tag_ids: Iterable[int]) -> list[Tag]:
    """These tags, in the order asked for, without those that the scope may not see."""
    ids = list(tag_ids)
    rows = await reading.fetch_all(
        f"""{SELECT} WHERE +tag.owner_id = :owner
              AND tag.id IN (SELECT value FROM json_each(:ids))""",
        {"owner": scope.user_id, "ids": json.dumps(ids)},
    )
    found = {tag.id: tag for tag in await _with_paths(reading, rows)}
    return [found[tag_id] for tag_id in ids if tag_id in found]


async def find_tag_id(reading: Reading, scope: Scope, key: str) -> int | None:
    """The tag with this key (`labels.key_of`)."""
    found = await reading.fetch_value(
        "SELECT id FROM tag WHERE owner_id = ? AND key = ?", (scope.user_id, key)
    )
    return None if found is None else int(found)


async def tags_of_asset(reading: Reading, scope: Scope, asset_id: int) -> list[Tag]:
    """The narrowest tags of an asset, also of one that is not on the timeline."""
    rows = await reading.fetch_all(
        "SELECT tag_id FROM asset_tag WHERE asset_id = ? ORDER BY tag_id", (asset_id,)
    )
    return await load_tags(reading, scope, [row["tag_id"] for row in rows])


async def _with_paths(reading: Reading, rows: Sequence[Row]) -> list[Tag]:
    """Tags with the names above them."""
    above = await reading.fetch_all(
        """SELECT line.tag_id, ancestor.id, ancestor.name FROM tag_line AS line
           JOIN tag AS ancestor ON ancestor.id = line.ancestor_id
           WHERE line.tag_id IN (SELECT value FROM json_each(?))
           ORDER BY line.tag_id, ancestor.level""",
        (json.dumps([row["id"] for row in rows]),),
    )
    lines: dict[int, list[tuple[int, str]]] = {}
    for row in above:
        lines.setdefault(row["tag_id"], []).append((row["id"], row["name"]))
    return [
        Tag(
            row["id"],
            row["kind"],
            row["name"],
            row["code"],
            row["asset_count"],
            bool(row["has_children"]),
            row["cover_id"],
            tuple(name for _, name in lines[row["id"]]),
            tuple(tag_id for tag_id, _ in lines[row["id"]]),
        )
        for row in rows
    ]


async def keywords_below(
    reading: Reading, tag_id: int, among: Sequence[int] | None = None
) -> list[tuple[str, tuple[str, ...]]]:
    """Assets with a keyword or one below it: (public id, the whole path of the keyword).

    All of them, or those `among` some assets.
    """
    lines = await reading.fetch_all(
        """SELECT line.tag_id, ancestor.name FROM tag_line AS line
           JOIN tag_line AS up ON up.tag_id = line.tag_id
           JOIN tag AS ancestor ON ancestor.id = up.ancestor_id AND ancestor.level > 0
           WHERE line.ancestor_id = ? ORDER BY line.tag_id, ancestor.level""",
        (tag_id,),
    )
    paths: dict[int, tuple[str, ...]] = {}
    for row in lines:
        paths[row["tag_id"]] = (*paths.get(row["tag_id"], ()), row["name"])
    if among is None:
        rows = await reading.fetch_all(
            """SELECT asset.public_id, asset_tag.tag_id FROM tag_line
               JOIN asset_tag ON asset_tag.tag_id = tag_line.tag_id
               JOIN asset ON asset.id = asset_tag.asset_id WHERE tag_line.ancestor_id = ?""",
            (tag_id,),
        )
    else:
        rows = await reading.fetch_all(
            """SELECT asset.public_id, asset_tag.tag_id FROM json_each(?) AS named
               CROSS JOIN asset_tag ON asset_tag.asset_id = named.value
               JOIN asset ON asset.id = asset_tag.asset_id
               WHERE asset_tag.tag_id IN (SELECT value FROM json_each(?))""",
            (json.dumps(list(among)), json.dumps(list(paths))),
        )
    return [(row["public_id"], paths[row["tag_id"]]) for row in rows]
