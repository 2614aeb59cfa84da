"""Members of an album and their order: changed, and noted so that the change can be taken back.

A side of a change names the assets concerned only: those that are not in the album, and runs of
those that are, each with the member that follows it. So one photo moved in an album of a hundred
thousand is a line in the journal, not two lists of all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from photostore.store.albums import load_members, place_members, remove_members, touch_album
from photostore.store.identifiers import name_assets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from photostore.library.acts.record import Record
    from photostore.store.albums import Album
    from photostore.store.db import Reading, Transaction


async def describe_members(
    reading: Reading, album_id: int, named: Mapping[int, str]
) -> dict[str, Any]:
    """Where assets (public ids by row id) stand in an album: {"absent": […], "runs": […]}."""
    order = [one.asset_id for one in await load_members(reading, album_id)]
    runs: list[tuple[list[int], int | None]] = []
    current: list[int] = []
    for asset_id in order:
        if asset_id in named:
            current.append(asset_id)
        elif current:
            runs.append((current, asset_id))
            current = []
    if current:
        runs.append((current, None))
    following = await name_assets(reading, [one for _, one in runs if one is not None])
    present = set(order)
    return {
        "absent": [name for asset_id, name in named.items() if asset_id not in present],
        "runs": [
            [[named[one] for one in run], None if before is None else following[before]]
            for run, before in runs
        ],
    }


async def place(
    transaction: Transaction,
    album: Album,
    named: Mapping[int, str],
    before: int | None,
    record: Record,
    at_ms: int,
) -> None:
    """Put assets, in this order, into an album before another member or at the end."""
    earlier = await describe_members(transaction, album.id, named)
    await place_members(transaction, album.id, list(named), before, at_ms)
    await _note(transaction, album, named, earlier, record)


async def take_out(
    transaction: Transaction, album: Album, named: Mapping[int, str], record: Record
) -> None:
    """Take assets out of an album."""
    earlier = await describe_members(transaction, album.id, named)
    await remove_members(transaction, album.id, list(named))
    await _note(transaction, album, named, earlier, record)


async def set_side(
    transaction: Transaction,
    album: Album,
    side: Mapping[str, Any],
    ids: Mapping[str, int],
    record: Record,
    at_ms: int,
) -> None:
    """Make one side of a change so; of its assets those that `ids` has (row ids by public id)."""
    named = {ids[one]: one for one in named_assets(side) if one in ids}
    earlier = await describe_members(transaction, album.id, named)
    absent = [ids[one] for one in side["absent"] if one in ids]
    await remove_members(transaction, album.id, absent)
    for run, before in side["runs"]:
        some = [ids[one] for one in run if one in ids]
        if some:
            await place_members(transaction, album.id, some, ids.get(before or ""), at_ms)
    await _note(transaction, album, named, earlier, record)


async def _note(
    transaction: Transaction,
    album: Album,
    named: Mapping[int, str],
    earlier: Mapping[str, Any],
    record: Record,
) -> None:
    now = await describe_members(transaction, album.id, named)
    if now != earlier:
        await touch_album(transaction, album.id)
        record.note_members(album.public_id, earlier, now)
        record.origins[album.public_id] = album.origin


def named_assets(side: Mapping[str, Any]) -> list[str]:
    """The assets that a side is about."""
    return [*side["absent"], *(one for run, _ in side["runs"] for one in run)]


def neighbours(side: Mapping[str, Any]) -> Sequence[str]:
    """The members that the runs of a side stand before."""
    return [before for _, before in side["runs"] if before is not None]
