"""The way back: makes `before` of an act so, except where something was changed since.

What an act changed is compared with what is there now. Where that is not what the act left, a
later act has its say: the asset is left alone and counted as skipped.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from photostore.base.errors import NotFoundError
from photostore.library.acts.editing import change_states
from photostore.library.acts.grouping import describe_files
from photostore.library.acts.membership import named_assets, neighbours, set_side
from photostore.store.albums import (
    Album,
    delete_album,
    find_album,
    load_members,
    write_album,
)
from photostore.store.assets import refresh
from photostore.store.details import find_asset_id, find_asset_ids
from photostore.store.edits import load_editables, mark_sidecars_due
from photostore.store.grouping import assign_files, ensure_asset, load_group
from photostore.store.journal import expand

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from photostore.library.acts.record import Record
    from photostore.store.db import Reading, Transaction
    from photostore.store.edits import State
    from photostore.store.journal import JournalAct
    from photostore.store.scope import Scope

BATCH = 200
ALBUM_FIELDS = ("name", "description", "parent", "query", "cover", "position", "order")


async def name_file(
    reading: Reading, scope: Scope, public_id: str, file_id: int | None
) -> dict[str, str] | None:
    """Content and path of a file of an asset. Raises NotFoundError for one that is not of it."""
    asset_id = await find_asset_id(reading, scope, public_id)
    if asset_id is None:
        raise NotFoundError("There is no such photo or video")
    if file_id is None:
        return None
    for file in await load_group(reading, asset_id):
        if file.id == file_id and file.sha1 is not None and not file.is_gone:
            return {"sha1": file.sha1.hex(), "path": quote(file.path)}
    raise NotFoundError("This photo or video has no such file that could be shown")


async def take_back(
    transaction: Transaction, scope: Scope, act: JournalAct, noting: tuple[Record, int]
) -> None:
    """Make so what was before an act, and note both sides of that."""
    before = act.before
    after = expand(act.after, before.get("assets", {}))
    await _regroup(transaction, scope, before, after, noting)
    await _write_albums(transaction, scope, before, after, noting)
    await _set_members(transaction, scope, before, after, noting)
    await _delete_albums(transaction, scope, before, after, noting)
    await _unedit(transaction, scope, before, after, noting)


async def _unedit(
    transaction: Transaction,
    scope: Scope,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    noting: tuple[Record, int],
) -> None:
    """Give fields back the states that they had, where they still have those of the act."""
    record, at_ms = noting
    edited = edits_of(before)
    public_ids = list(edited)
    for start in range(0, len(public_ids), BATCH):
        some = public_ids[start : start + BATCH]
        await unedit_some(transaction, scope, some, (edited, edits_of(after)), (record, at_ms))


def edits_of(side: Mapping[str, Any]) -> dict[str, Mapping[str, State]]:
    """The states of fields on one side of an act, by asset."""
    assets = side.get("assets", {}).items()
    return {public_id: part["edits"] for public_id, part in assets if "edits" in part}


async def unedit_some(
    transaction: Transaction,
    scope: Scope,
    public_ids: Sequence[str],
    sides: tuple[Mapping[str, Mapping[str, State]], Mapping[str, Mapping[str, State]]],
    noting: tuple[Record, int],
) -> None:
    """Give fields of some assets the states before an act where they have those after it."""
    before, after = sides
    record, at_ms = noting
    wishes, done = [], set()
    found = await load_editables(transaction, scope, public_ids)
    for asset in found:
        left = after[asset.public_id]
        now = {field: list(asset.states.get(field, [])) for field in left}
        earlier = before[asset.public_id]
        states = {field: state for field, state in earlier.items() if now[field] == left[field]}
        if states or all(now[field] == list(state) for field, state in earlier.items()):
            # As it was before the act: a way back that a crash cut short is gone on with.
            done.add(asset.public_id)
        wishes.append((asset, states))
    await change_states(transaction, scope, wishes, record, at_ms)
    record.skipped |= set(public_ids) - done
    record.deleted |= set(public_ids) - {asset.public_id for asset in found}


async def _regroup(
    transaction: Transaction,
    scope: Scope,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    noting: tuple[Record, int],
) -> None:
    """Give files back to the assets that had them, if none of these has got or lost one since."""
    record, at_ms = noting
    wanted = {
        public_id: part for public_id, part in before.get("assets", {}).items() if "files" in part
    }
    if not wanted:
        return
    ids, now = {}, {}
    for public_id in wanted:
        ids[public_id] = await ensure_asset(transaction, public_id, scope.user_id, at_ms)
        now[public_id] = await load_group(transaction, ids[public_id])
    by_content = {
        (file.sha1.hex() if file.sha1 else None, described["path"]): file.id
        for files in now.values()
        for file, described in zip(files, describe_files(files)["files"], strict=True)
    }
    if any(
        describe_files(now[one])["group"] != after["assets"][one]["group"]
        or len(now[one]) != len(after["assets"][one]["files"])
        for one in wanted
    ):
        record.skipped |= wanted.keys()
        return
    present = {file.id for files in now.values() for file in files}
    for public_id, part in wanted.items():
        # After a rebuild, files have other numbers; content and path tell which they are.
        files = [
            one["id"] if one["id"] in present else by_content.get((one["sha1"], one["path"]))
            for one in part["files"]
        ]
        await assign_files(
            transaction, ids[public_id], [one for one in files if one], part["group"]
        )
    await refresh(transaction, ids.values())
    await mark_sidecars_due(transaction, list(ids.values()))
    for public_id in wanted:
        files_now = await load_group(transaction, ids[public_id])
        record.note_files(public_id, describe_files(now[public_id]), describe_files(files_now))
        record.note_contents(public_id, before["assets"][public_id].get("sha1s", []))


async def _write_albums(
    transaction: Transaction,
    scope: Scope,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    noting: tuple[Record, int],
) -> None:
    """Make albums again that the act deleted, and give others their fields back."""
    record, _ = noting
    wanted = {one: state for one, state in before.get("albums", {}).items() if state is not None}
    # Those that are made come first: others may lie in them.
    for public_id in sorted(wanted, key=lambda one: after["albums"][one] is not None):
        state, left = wanted[public_id], after["albums"][public_id]
        album = await find_album(transaction, scope, public_id)
        if left is None and album is None:
            await write_album(transaction, scope, Album(0, public_id, **state))
            record.note_album(public_id, None, state)
        elif left is not None and album is not None:
            fields = {
                field: value
                for field, value in state.items()
                if getattr(album, field) == left[field]
            }
            if fields:
                await write_album(transaction, scope, replace(album, **fields))
                record.note_album(public_id, {field: left[field] for field in fields}, fields)
            else:
                record.skipped_albums.add(public_id)
        else:
            record.skipped_albums.add(public_id)


async def _delete_albums(
    transaction: Transaction,
    scope: Scope,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    noting: tuple[Record, int],
) -> None:
    """Delete albums that the act made; one that was filled or changed since stays."""
    record, _ = noting
    for public_id, state in before.get("albums", {}).items():
        left = after["albums"][public_id]
        if state is not None or left is None:
            continue
        album = await find_album(transaction, scope, public_id)
        if (
            album is None
            or any(getattr(album, field) != left[field] for field in ("name", "query"))
            or await load_members(transaction, album.id)
        ):
            record.skipped_albums.add(public_id)
            continue
        await delete_album(transaction, album.id)
        record.note_album(public_id, describe_album(album), None)


async def _set_members(
    transaction: Transaction,
    scope: Scope,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    noting: tuple[Record, int],
) -> None:
    """Put assets back to where they stood in albums, those that are as the act left them."""
    record, at_ms = noting
    for public_id, side in before.get("members", {}).items():
        left = after["members"][public_id]
        album = await find_album(transaction, scope, public_id)
        if album is None:
            record.skipped |= set(named_assets(side))
            continue
        ids = await find_asset_ids(transaction, scope, [*named_assets(side), *neighbours(side)])
        present = {one.asset_id for one in await load_members(transaction, album.id)}
        absent = set(left["absent"])
        changed_since = {
            one
            for one in named_assets(side)
            if one not in ids or (ids[one] in present) == (one in absent)
        }
        record.skipped |= changed_since
        record.deleted |= {one for one in changed_since if one not in ids}
        usable = {one: row_id for one, row_id in ids.items() if one not in changed_since}
        await set_side(transaction, album, side, usable, record, at_ms)
        await _note_contents(transaction, scope, named_assets(side), record)


async def _note_contents(
    transaction: Transaction, scope: Scope, public_ids: list[str], record: Record
) -> None:
    for start in range(0, len(public_ids), BATCH):
        some = public_ids[start : start + BATCH]
        for asset in await load_editables(transaction, scope, some):
            record.note_contents(asset.public_id, asset.sha1s)


def describe_album(album: Album) -> dict[str, Any]:
    """All fields of an album, as the journal names them."""
    fields = (*ALBUM_FIELDS, "source", "origin", "created_at")
    return {field: getattr(album, field) for field in fields}
