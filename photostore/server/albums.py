"""Albums: by hand, and saved searches (SPEC 7.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from photostore.base.errors import BadRequestError
from photostore.base.text import shorten
from photostore.library.acts.change import check_text
from photostore.library.albums import Wish
from photostore.server.context import context_of
from photostore.server.edits import done_json, done_response
from photostore.server.parameters import read_list, read_object
from photostore.server.responses import json_response
from photostore.server.trash import MAX_IDS, read_ids
from photostore.server.wire import aspect_of, preview_version, utc_time, wall_time
from photostore.store.scope import OWNER
from photostore.store.search import Order, View, compile_view
from photostore.store.timeline import rows_by_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from photostore.library.albums import ListedAlbum
    from photostore.server.context import OpenLibrary
    from photostore.store.timeline import TimelineRow

MAX_NAME = 300
MAX_DESCRIPTION = 20_000
FIELDS = ("name", "description", "parent", "cover", "query", "order")


async def send_albums(request: Request) -> Response:
    """GET /api/v1/albums: all of them, in their order; `parent` tells which lie in which."""
    library = context_of(request).library
    albums = await library.albums.show_all(OWNER)
    return json_response({"albums": await _albums_json(library, albums)})


async def show_album(request: Request) -> Response:
    """GET /api/v1/albums/{id}: one."""
    library = context_of(request).library
    album = await library.albums.show(OWNER, request.path_params["id"])
    return json_response((await _albums_json(library, [album]))[0])


async def create_album(request: Request) -> Response:
    """POST /api/v1/albums: a new one, empty, with photos, or a saved search."""
    library = context_of(request).library
    body = await read_object(request)
    _refuse_unknown(body, (*FIELDS, "ids"))
    fields = _read_fields(body)
    if not fields.get("name"):
        raise BadRequestError("name: must be given")
    ids = read_list(body, "ids", str, MAX_IDS) or []
    public_id, done = await library.albums.create(OWNER, Wish(fields), ids)
    (album,) = await _albums_json(library, [await library.albums.show(OWNER, public_id)])
    return json_response({**album, **done_json(done)}, status=201)


async def change_album(request: Request) -> Response:
    """PATCH /api/v1/albums/{id}: name, description, parent, cover, search, order, or its place."""
    body = await read_object(request)
    _refuse_unknown(body, (*FIELDS, "before"))
    if not body:
        raise BadRequestError(f"Nothing is to be changed: give one of {', '.join(FIELDS)}, before")
    before = _read_id(body.get("before"), "before")
    wish = Wish(_read_fields(body), before, moves="before" in body)
    albums = context_of(request).library.albums
    return done_response(await albums.change(OWNER, request.path_params["id"], wish))


async def delete_album(request: Request) -> Response:
    """DELETE /api/v1/albums/{id}: the album; its photos stay."""
    albums = context_of(request).library.albums
    return done_response(await albums.delete(OWNER, request.path_params["id"]))


async def add_to_album(request: Request) -> Response:
    """POST /api/v1/albums/{id}/add: put photos in, or move those in it before another one."""
    body = await read_object(request)
    ids, before = read_ids(body), _read_id(body.get("before"), "before")
    albums = context_of(request).library.albums
    return done_response(await albums.add(OWNER, request.path_params["id"], ids, before))


async def remove_from_album(request: Request) -> Response:
    """POST /api/v1/albums/{id}/remove: take photos out; they stay in the library."""
    ids = read_ids(await read_object(request))
    albums = context_of(request).library.albums
    return done_response(await albums.remove(OWNER, request.path_params["id"], ids))


def _refuse_unknown(body: Mapping[str, Any], known: Sequence[str]) -> None:
    unknown = body.keys() - set(known)
    if unknown:
        name = shorten(min(unknown), 40)
        raise BadRequestError(f'There is no field "{name}"; there are {", ".join(known)}')


def _read_fields(body: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an album that a body gives, checked."""
    fields: dict[str, Any] = {}
    if "name" in body:
        fields["name"] = check_text(body["name"], "name", MAX_NAME)
        if fields["name"] is None:
            raise BadRequestError("name: an album must have one")
    if "description" in body:
        fields["description"] = check_text(body["description"], "description", MAX_DESCRIPTION)
    for name in ("parent", "cover"):
        if name in body:
            fields[name] = _read_id(body[name], name)
    if "query" in body:
        fields["query"] = check_text(body["query"], "query", 1_000)
        if fields["query"] is not None:
            compile_view(View(fields["query"], scope=OWNER))
    if "order" in body:
        fields["order"] = _read_order(body["order"])
    return fields


def _read_order(value: Any) -> str | None:
    if value is not None and value not in tuple(Order):
        raise BadRequestError(f"order: must be one of {', '.join(Order)}, or null for the usual")
    return None if value is None else str(value)


def _read_id(value: Any, name: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value.isascii() or len(value) > 100:
        raise BadRequestError(f"{name}: must be an id, or null for none")
    return value


async def _albums_json(library: OpenLibrary, albums: Sequence[ListedAlbum]) -> list[dict[str, Any]]:
    wanted = [one.cover_id for one in albums if one.cover_id is not None]
    async with library.database.read() as reading:
        rows = await rows_by_id(reading, OWNER, wanted)
    return [_album_json(one, rows.get(one.cover_id or 0)) for one in albums]


def _album_json(listed: ListedAlbum, cover: TimelineRow | None) -> dict[str, Any]:
    album, content = listed.album, listed.content
    return {
        "id": album.public_id,
        "name": album.name,
        "description": album.description,
        "parent": album.parent,
        "query": album.query,
        "order": album.order,
        "cover": cover.public_id if cover else None,
        "preview": preview_version(cover.preview_of, cover.preview_version, cover.rotation)
        if cover
        else None,
        "ratio": aspect_of(cover.ratio) if cover else None,
        "count": content.count,
        "position": album.position,
        "source": album.source,
        "created_at": utc_time(album.created_at),
        "first_taken": wall_time(content.first_ms),
        "last_taken": wall_time(content.last_ms),
    }
