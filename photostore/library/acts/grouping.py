"""Which files are one asset, by a person's will: split and merge (SPEC 7.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from photostore.base.errors import BadRequestError, ConflictError, NotFoundError
from photostore.library.acts.editing import change_states
from photostore.library.acts.membership import place
from photostore.store.albums import albums_of_asset, find_album, load_members
from photostore.store.assets import refresh
from photostore.store.edits import KEYWORD, Field, load_editables, mark_sidecars_due
from photostore.store.grouping import assign_files, ensure_asset, load_group
from photostore.store.identifiers import make_public_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from photostore.library.acts.record import Record
    from photostore.store.db import Transaction
    from photostore.store.edits import Editable, State
    from photostore.store.grouping import GroupFile
    from photostore.store.scope import Scope

MAX_MERGED = 100
# What a merged asset takes over from the others where nobody said anything of it yet.
TAKEN_OVER = frozenset(
    {Field.TITLE.value, Field.DESCRIPTION.value, Field.RATING.value, Field.FAVOURITE.value}
)


async def split_asset(
    transaction: Transaction,
    scope: Scope,
    public_id: str,
    file_ids: Sequence[int],
    noting: tuple[Record, int],
) -> str:
    """Move files of an asset into one of their own; returns its public id.

    What the person said stays with the asset that was there.
    """
    record, at_ms = noting
    asset = await _find(transaction, scope, public_id)
    files = await load_group(transaction, asset.id)
    leaving = [file for file in files if file.id in set(file_ids)]
    staying = [file for file in files if file.id not in set(file_ids)]
    if len(leaving) != len(set(file_ids)) or not leaving:
        raise BadRequestError("file_ids: must name files of this photo or video")
    if not any(not file.is_gone for file in staying):
        raise BadRequestError("file_ids: at least one file must stay; name fewer")
    new_id = make_public_id(at_ms)
    new = await ensure_asset(transaction, new_id, scope.user_id, at_ms)
    kept_key, new_key = make_public_id(at_ms), make_public_id(at_ms)
    await assign_files(transaction, asset.id, [file.id for file in staying], kept_key)
    await assign_files(transaction, new, [file.id for file in leaving], new_key)
    await refresh(transaction, [asset.id, new])
    await mark_sidecars_due(transaction, [asset.id, new])
    record.note_files(public_id, describe_files(files), describe_files(staying, kept_key))
    record.note_files(new_id, describe_files([]), describe_files(leaving, new_key))
    record.note_contents(public_id, asset.sha1s)
    return new_id


async def merge_assets(
    transaction: Transaction, scope: Scope, public_ids: Sequence[str], noting: tuple[Record, int]
) -> str:
    """Move the files of several assets into the first; returns its public id.

    The others keep what was said of them, without files, so that the way back is whole.
    """
    record, at_ms = noting
    wanted = list(dict.fromkeys(public_ids))
    if not 2 <= len(wanted) <= MAX_MERGED:
        raise BadRequestError(f"ids: must name 2 to {MAX_MERGED} photos or videos")
    assets = [await _find(transaction, scope, one) for one in wanted]
    target, key = assets[0], make_public_id(at_ms)
    merged: list[GroupFile] = []
    for asset in assets:
        files = await load_group(transaction, asset.id)
        if not files or all(file.is_gone for file in files):
            raise ConflictError(
                f"{asset.public_id} has no file that is there now: restore it first, or leave it"
            )
        merged += files
        after = describe_files([]) if asset is not target else None
        record.note_contents(asset.public_id, asset.sha1s)
        if after is not None:
            record.note_files(asset.public_id, describe_files(files), after)
        else:
            before = describe_files(files)
    record.note_files(target.public_id, before, describe_files(merged, key))
    await assign_files(transaction, target.id, [file.id for file in merged], key)
    await refresh(transaction, [asset.id for asset in assets])
    states = _taken_over(assets)
    await change_states(transaction, scope, [(target, states)], record, at_ms)
    for other in assets[1:]:
        await _join_albums(transaction, scope, other, target, noting)
    await mark_sidecars_due(transaction, [asset.id for asset in assets])
    return target.public_id


def describe_files(files: Sequence[GroupFile], group: str | None = None) -> dict[str, Any]:
    """Files and their group as the journal names them: by content and escaped path, and by id."""
    return {
        "files": [
            {
                "sha1": None if file.sha1 is None else file.sha1.hex(),
                "path": quote(file.path),
                "id": file.id,
            }
            for file in files
        ],
        "group": group if group is not None else next((file.group_key for file in files), None),
    }


def _taken_over(assets: Sequence[Editable]) -> dict[str, State]:
    """What the target takes over: what it has not, from the first of the others that has it."""
    states: dict[str, State] = {}
    for asset in assets[1:]:
        for field, state in asset.states.items():
            wanted = field in TAKEN_OVER or (field.startswith(KEYWORD) and state == [True])
            if wanted and field not in assets[0].states:
                states.setdefault(field, state)
    return states


async def _join_albums(
    transaction: Transaction,
    scope: Scope,
    other: Editable,
    target: Editable,
    noting: tuple[Record, int],
) -> None:
    """Put the target into the albums that hold another asset, where that one stands."""
    record, at_ms = noting
    for row in await albums_of_asset(transaction, other.id):
        album = await find_album(transaction, scope, row["public_id"])
        if album is None:
            continue
        members = {one.asset_id for one in await load_members(transaction, album.id)}
        if target.id not in members:
            named = {target.id: target.public_id}
            await place(transaction, album, named, other.id, record, at_ms)


async def _find(transaction: Transaction, scope: Scope, public_id: str) -> Editable:
    found = await load_editables(transaction, scope, [public_id])
    if not found:
        raise NotFoundError(f"There is no photo or video {public_id}")
    return found[0]
