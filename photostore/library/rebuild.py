"""A lost database, brought back: what people did, from the journal's copy on the disk (SPEC 9.6).

Acts that the database does not know are done again: all of them where it is new, the last ones
where an older copy took the place of a damaged one. Assets whose files were not read yet are made
without; each waits for the contents that the journal names (`store.kept`). The scan that follows
finds these, and with them come edits, albums, groups and public ids. What an act did to files on
the disk is not done again.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from photostore.library.acts.copy import mend_copy, read_copy
from photostore.library.acts.membership import named_assets, neighbours, set_side
from photostore.library.acts.record import Record
from photostore.store.albums import Album, delete_album, find_album, note_named, write_album
from photostore.store.assets import refresh
from photostore.store.details import find_asset_ids
from photostore.store.edits import gather_changes, load_editables, save_edits
from photostore.store.grouping import assign_files, ensure_asset, load_group
from photostore.store.journal import ActName, JournalAct, expand, last_act_id, take_up_act
from photostore.store.kept import (
    forget_kept,
    keep_for,
    known_user,
    set_removed,
)
from photostore.store.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from photostore.store.db import Database, Transaction

log = logging.getLogger(__name__)

BATCH = 500
ACTS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many acts were done again, and how many lines of the copy are not understood."""

    acts: int = 0
    unknown: int = 0


async def rebuild(database: Database, folder: Path) -> Rebuilt:
    """Do again what the copy in `folder` knows more than the database."""
    async with database.read() as reading:
        last = await last_act_id(reading)
    if (await asyncio.to_thread(mend_copy, folder)).last <= last:
        return Rebuilt()
    acts = read_copy(folder)
    done = damaged = 0
    while some := await asyncio.to_thread(_take, acts):
        known = [act for act in some if act is not None]
        damaged += len(some) - len(known)
        whole = sorted((act for act in known if act.id > last), key=lambda act: act.id)
        async with database.write(durable=True) as transaction:
            for act in whole:
                await _redo(transaction, act)
        done += len(whole)
    if damaged:
        log.warning("%d lines of the journal's copy could not be read", damaged)
    return Rebuilt(done, damaged)


def _take(acts: Iterator[JournalAct | None]) -> list[JournalAct | None]:
    return [act for act, _ in zip(acts, range(ACTS_AT_ONCE), strict=False)]


async def _redo(transaction: Transaction, act: JournalAct) -> None:
    scope = Scope(await known_user(transaction, act.user_id))
    await take_up_act(transaction, replace(act, user_id=scope.user_id))
    named = dict(act.before.get("assets", {}))
    after = expand(act.after, named)
    assets = named | {
        public_id: named.get(public_id, {}) | part
        for public_id, part in after.get("assets", {}).items()
    }
    ids = await _wait_for(transaction, scope, assets, act.at_ms)
    await _edit(transaction, scope, after.get("assets", {}), act.at_ms)
    await _group(transaction, after.get("assets", {}), ids)
    if act.act in (ActName.REMOVE, ActName.UNREMOVE):
        at_ms = act.at_ms if act.act is ActName.REMOVE else None
        await set_removed(transaction, list(ids.values()), at_ms)
    if act.act is ActName.DELETE:
        await forget_kept(transaction, list(ids.values()))
    await _redo_albums(transaction, scope, act, after)
    await refresh(transaction, ids.values())


async def _wait_for(
    transaction: Transaction, scope: Scope, assets: Mapping[str, Mapping[str, Any]], at_ms: int
) -> dict[str, int]:
    """Make the assets that an act names, each waiting for its contents; row ids by public id."""
    ids = {}
    for public_id, part in assets.items():
        ids[public_id] = await ensure_asset(transaction, public_id, scope.user_id, at_ms)
        present = {file.sha1 for file in await load_group(transaction, ids[public_id])}
        contents = {bytes.fromhex(sha1) for sha1 in part.get("sha1s", ())} - present
        await keep_for(transaction, ids[public_id], [(one, b"") for one in contents], None)
    return ids


async def _edit(
    transaction: Transaction, scope: Scope, assets: Mapping[str, Mapping[str, Any]], at_ms: int
) -> None:
    edited = {public_id: part["edits"] for public_id, part in assets.items() if "edits" in part}
    public_ids = list(edited)
    for start in range(0, len(public_ids), BATCH):
        rows = []
        for asset in await load_editables(transaction, scope, public_ids[start : start + BATCH]):
            rows += gather_changes(asset.id, asset.states, edited[asset.public_id])
        await save_edits(transaction, rows, scope.user_id, at_ms)


async def _group(
    transaction: Transaction, assets: Mapping[str, Mapping[str, Any]], ids: Mapping[str, int]
) -> None:
    """Regroup files that are there, and have others wait, under their path too.

    A person may have split copies of one content: only the path tells them apart.
    """
    grouped = {public_id: part for public_id, part in assets.items() if "files" in part}
    present = {
        (file.sha1, file.path): file.id
        for public_id in grouped
        for file in await load_group(transaction, ids[public_id])
    }
    await forget_kept(transaction, [ids[public_id] for public_id in grouped])
    for public_id, part in grouped.items():
        files = [
            (bytes.fromhex(file["sha1"]), unquote_to_bytes(file["path"]))
            for file in part["files"]
            if file["sha1"]
        ]
        there = [present[one] for one in files if one in present]
        await assign_files(transaction, ids[public_id], there, part["group"])
        absent = [one for one in files if one not in present]
        anywhere = [(sha1, b"") for sha1, _ in absent]
        await keep_for(transaction, ids[public_id], [*absent, *anywhere], part["group"])


async def _redo_albums(
    transaction: Transaction, scope: Scope, act: JournalAct, after: Mapping[str, Any]
) -> None:
    origins: Mapping[str, str] = act.after.get("origins", {})
    for public_id, state in after.get("albums", {}).items():
        album = await find_album(transaction, scope, public_id)
        if state is None:
            if album is not None:
                await delete_album(transaction, album.id)
            continue
        known = album or _unknown_album(public_id, origins.get(public_id), act.at_ms)
        await write_album(transaction, scope, replace(known, **state))
    for public_id, side in after.get("members", {}).items():
        album = await find_album(transaction, scope, public_id)
        named = [*named_assets(side), *neighbours(side)]
        ids = await find_asset_ids(transaction, scope, named)
        origin = origins.get(public_id) or (album.origin if album else None)
        if origin is not None:
            # The sidecars will name it again, but what a person decided since holds.
            touched = [(ids[one], origin) for one in named_assets(side) if one in ids]
            await note_named(transaction, touched)
        if album is None and origin is not None:
            await write_album(transaction, scope, _unknown_album(public_id, origin, act.at_ms))
            album = await find_album(transaction, scope, public_id)
        if album is not None:
            await set_side(transaction, album, side, ids, Record(), act.at_ms)


def _unknown_album(public_id: str, origin: str | None, at_ms: int) -> Album:
    """An album that sidecars named, as it was before a person changed it."""
    return Album(
        id=0,
        public_id=public_id,
        name=origin or "",
        description=None,
        parent=None,
        query=None,
        cover=None,
        position=0,
        source="sidecar" if origin else "person",
        origin=origin,
        created_at=at_ms,
    )
