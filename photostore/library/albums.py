"""Albums by hand and saved searches: what a person does with them, each as an act (SPEC 7.6)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from photostore.base.errors import BadRequestError, ConflictError, NotFoundError
from photostore.library.acts.editing import now_ms
from photostore.library.acts.membership import place, take_out
from photostore.library.acts.record import Record
from photostore.library.acts.results import Done
from photostore.library.acts.undoing import describe_album
from photostore.store.albums import (
    Album,
    AlbumContent,
    delete_album,
    find_album,
    list_albums,
    load_contents,
    load_members,
    write_album,
)
from photostore.store.derivation import UNDATED_MS
from photostore.store.details import find_asset_ids
from photostore.store.edits import load_editables
from photostore.store.identifiers import make_public_id, name_assets
from photostore.store.journal import ActName, write_act
from photostore.store.search import View
from photostore.store.smart import SmartAlbum, check_saved, resolve_view
from photostore.store.timeline import load_columns

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from photostore.library.acts import Acts
    from photostore.store.db import Reading, Transaction
    from photostore.store.scope import Scope
    from photostore.store.timeline import Columns

    Find = Callable[[Reading, View], Awaitable[Columns]]

MAX_DEPTH: Final = 12
BATCH: Final = 500
# A person who has more than these has other troubles; and the journal keeps each name.
MAX_ALBUMS: Final = 10_000
COMPARED: Final = ("name", "description", "parent", "query", "cover", "position", "order")


@dataclass(frozen=True, slots=True)
class Wish:
    """New values of an album's fields; what `fields` does not name stays as it is.

    `before`: the album that it shall stand before, None for the end; only with `moves`.
    """

    fields: Mapping[str, Any]
    before: str | None = None
    moves: bool = False


@dataclass(frozen=True, slots=True)
class ListedAlbum:
    """An album and what the timeline shows of it; `cover` is a row id, chosen or the first."""

    album: Album
    content: AlbumContent
    cover_id: int | None


class Albums:
    """The albums of one open library. `find` answers the saved searches among them."""

    def __init__(self, acts: Acts, find: Find = load_columns) -> None:
        self._acts = acts
        self._find = find
        self._database = acts.database

    async def show_all(self, scope: Scope) -> list[ListedAlbum]:
        """All albums of a person in their order."""
        async with self._database.read() as reading:
            albums = await list_albums(reading, scope)
            return await self._listed(reading, scope, albums)

    async def show(self, scope: Scope, public_id: str) -> ListedAlbum:
        """One album. Raises NotFoundError."""
        async with self._database.read() as reading:
            album = await _find(reading, scope, public_id)
            return (await self._listed(reading, scope, [album]))[0]

    async def _listed(
        self, reading: Reading, scope: Scope, albums: Sequence[Album]
    ) -> list[ListedAlbum]:
        contents = await load_contents(reading, scope)
        covers = await find_asset_ids(
            reading, scope, [one.cover for one in albums if one.cover is not None]
        )
        listed = []
        for album in albums:
            content = contents.get(album.id, AlbumContent())
            if album.query is not None:
                content = await self._search(reading, View(album.query, scope=scope))
            cover_id = covers.get(album.cover or "", content.first_asset_id)
            listed.append(ListedAlbum(album, content, cover_id))
        return listed

    async def _search(self, reading: Reading, view: View) -> AlbumContent:
        """What a saved search finds now; nothing where it is no longer understood."""
        try:
            found = await self._find(reading, await resolve_view(reading, view))
        except BadRequestError:
            return AlbumContent()
        if not found.ids:
            return AlbumContent()
        # The newest comes first, what has no date last.
        dated = len(found.keys) - found.keys.count(UNDATED_MS)
        return AlbumContent(
            len(found.ids),
            found.keys[dated - 1] if dated else None,
            found.keys[0] if dated else None,
            found.ids[0],
        )

    async def create(self, scope: Scope, wish: Wish, public_ids: Sequence[str]) -> tuple[str, Done]:
        """Make an album, with photos in this order or with a search; returns its public id."""
        if wish.fields.get("query") is not None and public_ids:
            raise BadRequestError("query: an album is a search or holds photos; leave out one")
        record, at_ms = Record(), now_ms()
        public_id = make_public_id(at_ms)
        async with self._database.write(durable=True) as transaction:
            known = await list_albums(transaction, scope)
            if len(known) >= MAX_ALBUMS:
                raise ConflictError(f"There are {MAX_ALBUMS} albums: delete some first")
            album = replace(
                _empty_album(public_id, max((one.position for one in known), default=0) + 1, at_ms),
                **wish.fields,
            )
            await _check(transaction, scope, album, known)
            album = replace(album, id=await write_album(transaction, scope, album))
            await _check_search(transaction, scope, album)
            record.note_album(public_id, None, describe_album(album))
            skipped = await self._add(transaction, scope, album, public_ids, None, (record, at_ms))
            act = record.act(ActName.ALBUM_CREATE, scope.user_id, at_ms, _summary(album))
            act_id = await write_act(transaction, act)
        revision = await self._acts.finish(transaction)
        return public_id, Done(act_id, record.changes, skipped, revision)

    async def change(self, scope: Scope, public_id: str, wish: Wish) -> Done:
        """Rename, describe, nest, order, or choose a cover."""
        record, at_ms, act_id = Record(), now_ms(), None
        async with self._database.write(durable=True) as transaction:
            album = await _find(transaction, scope, public_id)
            known = await list_albums(transaction, scope)
            changed = replace(album, **wish.fields)
            await _check(transaction, scope, changed, known)
            after = {one.public_id: one for one in known} | {public_id: changed}
            if wish.moves:
                after = _reordered(after, public_id, wish.before)
            for before in known:
                await _write_difference(transaction, scope, before, after[before.public_id], record)
            if wish.fields.keys() & {"name", "query"}:
                await _check_search(transaction, scope, changed)
            if not record.is_empty:
                record.origins[public_id] = album.origin
                name = ActName.ALBUM_ORDER if not wish.fields else ActName.ALBUM_CHANGE
                act = record.act(name, scope.user_id, at_ms, _summary(changed))
                act_id = await write_act(transaction, act)
        return Done(act_id, int(act_id is not None), 0, await self._acts.finish(transaction))

    async def delete(self, scope: Scope, public_id: str) -> Done:
        """Delete an album; its photos stay, albums in it move to where it was."""
        record, at_ms = Record(), now_ms()
        async with self._database.write(durable=True) as transaction:
            album = await _find(transaction, scope, public_id)
            members = [one.asset_id for one in await load_members(transaction, album.id)]
            named = await name_assets(transaction, members)
            await _note_contents(transaction, scope, list(named.values()), record)
            await take_out(
                transaction, album, {one: named[one] for one in members if one in named}, record
            )
            for inner in await list_albums(transaction, scope):
                if inner.parent == public_id:
                    moved = replace(inner, parent=album.parent)
                    await _write_difference(transaction, scope, inner, moved, record)
            await delete_album(transaction, album.id)
            record.note_album(public_id, describe_album(album), None)
            act = record.act(ActName.ALBUM_DELETE, scope.user_id, at_ms, _summary(album))
            act_id = await write_act(transaction, act)
        return Done(act_id, 1, 0, await self._acts.finish(transaction))

    async def add(
        self, scope: Scope, public_id: str, public_ids: Sequence[str], before: str | None
    ) -> Done:
        """Put photos into an album before one of its own, or at the end; move those in it."""
        record, at_ms, act_id = Record(), now_ms(), None
        async with self._database.write(durable=True) as transaction:
            album = await _find(transaction, scope, public_id)
            skipped = await self._add(
                transaction, scope, album, public_ids, before, (record, at_ms)
            )
            if record.after:
                added = any(one["absent"] for one in record.before["members"].values())
                name = ActName.ALBUM_ADD if added else ActName.ALBUM_ORDER
                act = record.act(name, scope.user_id, at_ms, _summary(album))
                act_id = await write_act(transaction, act)
        revision = await self._acts.finish(transaction)
        return Done(act_id, record.changes, skipped, revision)

    async def remove(self, scope: Scope, public_id: str, public_ids: Sequence[str]) -> Done:
        """Take photos out of an album; they stay in the library."""
        record, at_ms, act_id = Record(), now_ms(), None
        wanted = list(dict.fromkeys(public_ids))
        async with self._database.write(durable=True) as transaction:
            album = await _find(transaction, scope, public_id)
            ids = await find_asset_ids(transaction, scope, wanted)
            present = {one.asset_id for one in await load_members(transaction, album.id)}
            named = {ids[one]: one for one in wanted if one in ids and ids[one] in present}
            if named:
                await _note_contents(transaction, scope, list(named.values()), record)
                await take_out(transaction, album, named, record)
                act = record.act(ActName.ALBUM_REMOVE, scope.user_id, at_ms, _summary(album))
                act_id = await write_act(transaction, act)
        revision = await self._acts.finish(transaction)
        return Done(act_id, len(named), len(wanted) - len(named), revision)

    async def _add(
        self,
        transaction: Transaction,
        scope: Scope,
        album: Album,
        public_ids: Sequence[str],
        before: str | None,
        noting: tuple[Record, int],
    ) -> int:
        """Put photos into an album; returns how many are unknown or stand there already."""
        record, at_ms = noting
        wanted = list(dict.fromkeys(public_ids))
        if not wanted:
            return 0
        if album.query is not None:
            raise ConflictError("This album is a saved search: photos come into it by matching")
        ids = await find_asset_ids(transaction, scope, [*wanted, *([before] if before else [])])
        present = {one.asset_id for one in await load_members(transaction, album.id)}
        if before is not None and (ids.get(before) not in present or before in wanted):
            raise BadRequestError("before: must be another photo that is in the album")
        named = {ids[one]: one for one in wanted if one in ids}
        if before is None:
            # To add what is there already is no wish to move it.
            named = {row_id: one for row_id, one in named.items() if row_id not in present} or named
        await _note_contents(transaction, scope, list(named.values()), record)
        target = None if before is None else ids[before]
        await place(transaction, album, named, target, record, at_ms)
        if not record.after.get("members"):
            record.before.pop("assets", None)
        return len(wanted) - len(record.changed)


async def _write_difference(
    transaction: Transaction, scope: Scope, before: Album, after: Album, record: Record
) -> None:
    fields = [name for name in COMPARED if getattr(before, name) != getattr(after, name)]
    if fields:
        await write_album(transaction, scope, after)
        record.note_album(
            before.public_id,
            {name: getattr(before, name) for name in fields},
            {name: getattr(after, name) for name in fields},
        )


def _reordered(albums: Mapping[str, Album], public_id: str, before: str | None) -> dict[str, Album]:
    """All albums with positions such that one stands before another, or last."""
    order = sorted(
        (one for one in albums.values() if one.public_id != public_id),
        key=lambda one: (one.position, one.id),
    )
    at = next((index for index, one in enumerate(order) if one.public_id == before), None)
    if before is not None and at is None:
        raise BadRequestError("before: must be another album")
    order.insert(len(order) if at is None else at, albums[public_id])
    return {
        one.public_id: replace(one, position=position)
        for position, one in enumerate(order, start=1)
    }


async def _check(
    transaction: Transaction, scope: Scope, album: Album, known: Sequence[Album]
) -> None:
    """Refuse a parent that is not there or lies inside the album, an unknown cover, a bad query."""
    if album.query is not None and await load_members(transaction, album.id):
        raise ConflictError("query: this album holds photos; make another one for the search")
    if album.cover is not None:
        ids = await find_asset_ids(transaction, scope, [album.cover])
        if album.cover not in ids:
            raise BadRequestError("cover: there is no such photo or video")
    by_id = {one.public_id: one for one in known}
    above, depth = album.parent, 1
    while above is not None:
        if above == album.public_id:
            raise BadRequestError("parent: an album cannot lie inside itself; choose another")
        if above not in by_id:
            raise BadRequestError("parent: there is no such album")
        above, depth = by_id[above].parent, depth + 1
        if depth > MAX_DEPTH:
            raise BadRequestError(f"parent: albums lie at most {MAX_DEPTH} deep")


async def _check_search(transaction: Transaction, scope: Scope, album: Album) -> None:
    """Refuse a saved search that would find its own album, by whatever way."""
    if album.query is not None:
        own = SmartAlbum(album.public_id, album.name, album.query)
        await check_saved(transaction, scope, own)


async def _note_contents(
    transaction: Transaction, scope: Scope, public_ids: Sequence[str], record: Record
) -> None:
    for start in range(0, len(public_ids), BATCH):
        some = public_ids[start : start + BATCH]
        for asset in await load_editables(transaction, scope, some):
            record.note_contents(asset.public_id, asset.sha1s)


async def _find(reading: Reading, scope: Scope, public_id: str) -> Album:
    album = await find_album(reading, scope, public_id)
    if album is None:
        raise NotFoundError("There is no such album")
    return album


def _empty_album(public_id: str, position: int, at_ms: int) -> Album:
    return Album(0, public_id, "", None, None, None, None, position, "person", None, at_ms)


def _summary(album: Album) -> dict[str, Any]:
    return {"values": {"name": album.name, "album": album.public_id}}
