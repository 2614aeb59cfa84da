"""The tag tree as a whole: tagging what an older version tagged, keywords renamed and merged."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from photostore.base.errors import BadRequestError, ConflictError, NotFoundError
from photostore.base.events import LibraryChanged
from photostore.store.edits import KEYWORD
from photostore.store.folding import fold
from photostore.store.journal import ActName
from photostore.store.labels import Kind, key_of, split_keyword
from photostore.store.tagging import prune_tags, retag, untagged_assets
from photostore.store.tags import find_tag_id, keywords_below, load_tags

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from photostore.base.events import Bus
    from photostore.library.acts.results import Done
    from photostore.library.acts.service import Acts
    from photostore.library.views import ViewCache
    from photostore.store.db import Database, Transaction
    from photostore.store.edits import Editable, State
    from photostore.store.scope import Scope
    from photostore.store.tags import Tag

# Assets a transaction: 50 ms on a Raspberry Pi, in which an import waits.
BATCH = 200
MAX_NAME = 200


async def tag_pending(database: Database, views: ViewCache, bus: Bus) -> int:
    """Tag whatever an older version tagged, or none, in batches; returns how many assets.

    What is done stays done when it is cut short. Views by tags are made anew at the end.
    """
    count = 0
    while True:
        async with database.read() as reading:
            ids = await untagged_assets(reading, BATCH)
        if not ids:
            break
        async with database.write() as transaction:
            await retag(transaction, ids)
        count += len(ids)
        # Whoever waits to write comes first.
        await asyncio.sleep(0)
    if count:
        async with database.write() as transaction:
            await prune_tags(transaction)
            revision = await transaction.revision()
        views.clear()
        bus.publish(LibraryChanged(revision))
    return count


async def rename_keyword(acts: Acts, scope: Scope, tag_id: int, name: str) -> Done:
    """Give a keyword another name on all assets that have it, or one below it, as one act.

    Raises ConflictError where a keyword of that name is there already: merging is another act.
    """
    tag = await _find_keyword(acts, scope, tag_id)
    clean = " ".join(name.split())
    if not clean or len(clean) > MAX_NAME or set("/|") & set(clean):
        raise BadRequestError(f"A keyword has 1 to {MAX_NAME} characters, none of them / or |")
    target = (*tag.path[1:-1], clean)
    async with acts.database.read() as reading:
        other = await find_tag_id(reading, scope, key_of(("Keywords", *target)))
    if other not in {None, tag.id}:
        raise ConflictError(f'There is a keyword "{clean}" already: merge them instead')
    summary = {"key": "tag.rename", "values": {"name": tag.name, "to": clean}}
    return await _move(acts, scope, tag, target, ActName.TAG_RENAME, summary)


async def merge_keyword(acts: Acts, scope: Scope, tag_id: int, into_id: int) -> Done:
    """Have all assets with a keyword, or one below it, have another one instead, as one act."""
    tag = await _find_keyword(acts, scope, tag_id)
    target = await _find_keyword(acts, scope, into_id)
    if tag.id in target.ids:
        raise ConflictError("A keyword cannot be merged into itself or what is below it")
    summary = {"key": "tag.merge", "values": {"name": tag.name, "to": target.name}}
    return await _move(acts, scope, tag, target.path[1:], ActName.TAG_MERGE, summary)


async def _find_keyword(acts: Acts, scope: Scope, tag_id: int) -> Tag:
    async with acts.database.read() as reading:
        found = await load_tags(reading, scope, [tag_id])
    if not found:
        raise NotFoundError("There is no such tag")
    (tag,) = found
    if tag.kind != Kind.KEYWORD or len(tag.path) == 1:
        raise ConflictError(
            "Only keywords can be renamed and merged: the others follow from facts of the photos"
        )
    return tag


async def _move(
    acts: Acts,
    scope: Scope,
    tag: Tag,
    target: tuple[str, ...],
    name: ActName,
    summary: Mapping[str, object],
) -> Done:
    """Change the keywords of each asset from one path to another, what is below with them."""
    depth = len(tag.path) - 1
    async with acts.database.read() as reading:
        public_ids = [public_id for public_id, _ in await keywords_below(reading, tag.id)]

    async def find_wishes(
        transaction: Transaction, assets: Sequence[Editable]
    ) -> list[tuple[Editable, Mapping[str, State]]]:
        # Asked once more: who took the keyword away meanwhile gets no other one for it.
        found = await keywords_below(transaction, tag.id, [asset.id for asset in assets])
        moves: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
        for public_id, path in found:
            # The number may be another tag's by now.
            if path[:depth] == tag.path[1:]:
                moves.setdefault(public_id, []).append((path, (*target, *path[depth:])))
        return [
            (one, _states(one, moves[one.public_id])) for one in assets if one.public_id in moves
        ]

    return await acts.edit_each(scope, public_ids, find_wishes, (name, summary))


def _states(
    asset: Editable, moves: list[tuple[tuple[str, ...], tuple[str, ...]]]
) -> Mapping[str, State]:
    """What a person would have said of one asset, keyword by keyword."""
    added = {"/".join(new) for _, new in moves}
    removed = {"/".join(old) for old, _ in moves if len(old) > 1}
    said = {field.removeprefix(KEYWORD) for field in asset.states if field.startswith(KEYWORD)}
    for word in (*asset.keywords, *said):
        if any(_is_meant(split_keyword(word), old) for old, _ in moves):
            removed.add(word)
    known = set(asset.keywords)
    states: dict[str, State] = {
        # A path may stand in a file without being one of its plain keywords.
        KEYWORD + word: [False] if word in known or "/" in word else []
        for word in removed - added
    }
    states |= {KEYWORD + word: [] if word in known else [True] for word in added}
    return {
        field: state
        for field, state in states.items()
        if list(state) != list(asset.states.get(field, []))
    }


def _is_meant(path: tuple[str, ...], old: tuple[str, ...]) -> bool:
    """Whether a word of an asset is the keyword: its path, or its name alone."""
    return bool(path) and (
        key_of(path) == key_of(old) or (len(path) == 1 and fold(path[0]) == fold(old[-1]))
    )
