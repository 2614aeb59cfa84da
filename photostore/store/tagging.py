"""Which tags an asset has, and how many assets each tag has (SPEC 7.3).

Tags are derived from an asset's files and edits, as its own columns are. The counts of `tag` are
those of distinct assets on the timeline in a tag and all tags below it; `retag` keeps them exact
where tags change, triggers of migration 0004 where an asset changes its shelf.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from photostore.store.folding import fold
from photostore.store.labels import Kind, Label, labels_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from photostore.store.db import Reading, Row, Transaction

# Counts up whenever `labels_of` would give other tags: every asset is then tagged anew.
TAG_VERSION = 1

ASSETS = """
  SELECT asset.id, asset.owner_id, asset.shelf, asset.captured_ms, asset.captured_precision,
         asset.lat, asset.lon, asset.is_video, asset.ratio, edit.value AS keywords_edit
  FROM asset LEFT JOIN asset_edit AS edit ON edit.asset_id = asset.id AND edit.field = 'keywords'
  WHERE asset.id IN (SELECT value FROM json_each(?))
"""
FILES = """
  SELECT file.asset_id, file.gone_at, file.is_video, file.show_rank, file.make, file.model,
         file.lens, file.keywords, file.people, file.facts, folder.path AS folder, volume.uuid,
         volume.label
  FROM file JOIN folder ON folder.id = file.folder_id JOIN volume ON volume.id = folder.volume_id
  WHERE file.asset_id IN (SELECT value FROM json_each(?)) AND file.sha1 IS NOT NULL
  ORDER BY file.show_rank DESC, file.id
"""


async def retag(transaction: Transaction, asset_ids: Iterable[int]) -> None:
    """Bring the tags of some assets up to date, and the counts of all tags concerned."""
    ids = json.dumps(sorted(set(asset_ids)))
    assets = await transaction.fetch_all(ASSETS, (ids,))
    if not assets:
        return
    files: dict[int, list[Row]] = {}
    for file in await transaction.fetch_all(FILES, (ids,)):
        files.setdefault(file["asset_id"], []).append(file)
    had: dict[int, set[int]] = {}
    for row in await transaction.fetch_all(
        "SELECT asset_id, tag_id FROM asset_tag WHERE asset_id IN (SELECT value FROM json_each(?))",
        (ids,),
    ):
        had.setdefault(row["asset_id"], set()).add(row["tag_id"])
    labels = {
        asset["id"]: labels_of(asset, _present(files.get(asset["id"], []))) for asset in assets
    }
    has = await _find_tags(transaction, assets, labels)
    await _write(transaction, assets, had, has)
    await _write_places(transaction, ids, labels)
    await transaction.execute(
        "UPDATE asset SET tagged = ? WHERE id IN (SELECT value FROM json_each(?)) AND tagged <> ?",
        (TAG_VERSION, ids, TAG_VERSION),
    )


def _present(files: Sequence[Row]) -> Sequence[Row]:
    """The files that are there; of an asset that is missing, all that were."""
    return [file for file in files if file["gone_at"] is None] or files


async def _find_tags(
    transaction: Transaction, assets: Sequence[Row], labels: Mapping[int, frozenset[Label]]
) -> dict[int, set[int]]:
    """The ids of each asset's tags; tags that are new are made."""
    has: dict[int, set[int]] = {}
    for owner_id in {asset["owner_id"] for asset in assets}:
        own = [asset["id"] for asset in assets if asset["owner_id"] == owner_id]
        wanted = {label.key: label for asset_id in own for label in labels[asset_id]}
        ids = await ensure_tags(transaction, owner_id, wanted.values())
        has |= {asset_id: {ids[label.key] for label in labels[asset_id]} for asset_id in own}
    return has


async def _write(
    transaction: Transaction,
    assets: Sequence[Row],
    had: Mapping[int, set[int]],
    has: Mapping[int, set[int]],
) -> None:
    """Write the differences of the assets' tags and of the counts."""
    gone, new = [], []
    touched: set[int] = set()
    for asset_id, tags in has.items():
        before = had.get(asset_id, set())
        gone += [(asset_id, tag_id) for tag_id in before - tags]
        new += [(asset_id, tag_id) for tag_id in tags - before]
        if before != tags:
            touched |= before | tags
    if not touched:
        return
    lines = await _lines(transaction, touched)
    counts: Counter[int] = Counter()
    for asset in assets:
        if asset["shelf"] == "timeline":
            counts.update(_above(has[asset["id"]], lines))
            counts.subtract(_above(had.get(asset["id"], set()), lines))
    await transaction.execute_many("DELETE FROM asset_tag WHERE asset_id = ? AND tag_id = ?", gone)
    await transaction.execute_many("INSERT INTO asset_tag (asset_id, tag_id) VALUES (?, ?)", new)
    await transaction.execute_many(
        "UPDATE tag SET asset_count = asset_count + ? WHERE id = ?",
        [(change, tag_id) for tag_id, change in counts.items() if change],
    )


async def _write_places(
    transaction: Transaction, ids: str, labels: Mapping[int, frozenset[Label]]
) -> None:
    """Have an asset found by the words of its place; most have the words already, or none."""
    rows = await transaction.fetch_all(
        "SELECT rowid, place FROM asset_text WHERE rowid IN (SELECT value FROM json_each(?))",
        (ids,),
    )
    changed = []
    for row in rows:
        places = [one for one in labels[row["rowid"]] if one.kind is Kind.WHERE]
        words = " \n".join(name for place in places for name in reversed(place.names[1:]))
        if words != (row["place"] or ""):
            changed.append((words, row["rowid"]))
    await transaction.execute_many("UPDATE asset_text SET place = ? WHERE rowid = ?", changed)


def _above(tags: Iterable[int], lines: Mapping[int, Sequence[int]]) -> set[int]:
    """Each tag above some tags, and these, once."""
    return {ancestor for tag_id in tags for ancestor in lines.get(tag_id, ())}


async def _lines(transaction: Transaction, tags: Iterable[int]) -> dict[int, list[int]]:
    lines: dict[int, list[int]] = {}
    for row in await transaction.fetch_all(
        """SELECT tag_id, ancestor_id FROM tag_line
           WHERE tag_id IN (SELECT value FROM json_each(?))""",
        (json.dumps(sorted(tags)),),
    ):
        lines.setdefault(row["tag_id"], []).append(row["ancestor_id"])
    return lines


async def ensure_tags(
    transaction: Transaction, owner_id: int, labels: Iterable[Label]
) -> dict[str, int]:
    """Ids of tags by key; those that are not there yet are made, with all above them."""
    wanted = {label.key: label for label in labels}
    if not wanted:
        return {}
    found = {
        row["key"]: row["id"]
        for row in await transaction.fetch_all(
            """SELECT key, id FROM tag
               WHERE owner_id = ? AND key IN (SELECT value FROM json_each(?))""",
            (owner_id, json.dumps(list(wanted))),
        )
    }
    missing = [label for key, label in wanted.items() if key not in found]
    if missing:
        # One level at a time: what is above must be there, and is most often there already.
        above = [label.parent for label in missing if label.parent is not None]
        found |= await ensure_tags(transaction, owner_id, above)
        for label in missing:
            # It may have been above another one.
            if label.key not in found:
                parent_id = None if label.parent is None else found[label.parent.key]
                found[label.key] = await _make_tag(transaction, owner_id, label, parent_id)
    return found


async def _make_tag(
    transaction: Transaction, owner_id: int, label: Label, parent_id: int | None
) -> int:
    name = label.names[-1]
    tag_id = await transaction.execute(
        """INSERT INTO tag (owner_id, parent_id, kind, level, name, fold, key, code)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            *(owner_id, parent_id, label.kind, len(label.names) - 1),
            *(name, fold(name), label.key, label.code),
        ),
    )
    await transaction.execute(
        """INSERT INTO tag_line (ancestor_id, tag_id)
           SELECT ancestor_id, :tag FROM tag_line WHERE tag_id = :parent
           UNION ALL SELECT :tag, :tag""",
        {"tag": tag_id, "parent": parent_id},
    )
    return tag_id


async def untagged_assets(reading: Reading, limit: int) -> list[int]:
    """Assets that an older version tagged, or none; the start of a server tags them in batches."""
    rows = await reading.fetch_all(
        "SELECT id FROM asset WHERE tagged < ? LIMIT ?", (TAG_VERSION, limit)
    )
    return [row["id"] for row in rows]


async def prune_tags(transaction: Transaction) -> int:
    """Delete the tags that no asset has and that nothing is below; returns how many."""
    pruned = 0
    while changed := await transaction.change(
        """DELETE FROM tag WHERE asset_count = 0
             AND NOT EXISTS (SELECT 1 FROM asset_tag WHERE asset_tag.tag_id = tag.id)
             AND NOT EXISTS (SELECT 1 FROM tag AS below WHERE below.parent_id = tag.id)"""
    ):
        pruned += changed
    return pruned
