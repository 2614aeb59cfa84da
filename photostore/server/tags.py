"""The tag tree: what is below a tag, what a name finds; keywords renamed and merged."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from photostore.base.errors import BadRequestError, NotFoundError
from photostore.library.tagging import merge_keyword, rename_keyword
from photostore.server.context import context_of
from photostore.server.items import load_items
from photostore.server.parameters import read_object
from photostore.server.responses import json_response
from photostore.store.scope import OWNER
from photostore.store.tags import find_tags, list_tags, load_tags

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from photostore.store.db import Reading
    from photostore.store.tags import Tag


async def show_tags(request: Request) -> Response:
    """GET /api/v1/tags: the roots, what is below `parent`, or what `q` finds."""
    words = request.query_params.get("q", "").strip()
    parent = request.query_params.get("parent")
    async with context_of(request).library.database.read() as reading:
        if words:
            found = await find_tags(reading, OWNER, words)
        else:
            found = await list_tags(reading, OWNER, None if not parent else read_tag_id(parent))
        return json_response({"tags": await _tags_json(reading, found)})


async def show_tag(request: Request) -> Response:
    """GET /api/v1/tags/{id}: one tag with those above it."""
    tag_id = read_tag_id(request.path_params["id"])
    async with context_of(request).library.database.read() as reading:
        found = await load_tags(reading, OWNER, [tag_id])
        if not found:
            raise NotFoundError("There is no such tag")
        (tag,) = found
        (content,) = await _tags_json(reading, found)
    above = zip(tag.ids[:-1], tag.path[:-1], strict=True)
    return json_response(
        content | {"ancestors": [{"id": str(one), "name": name} for one, name in above]}
    )


async def rename_tag(request: Request) -> Response:
    """PATCH /api/v1/tags/{id}: another name for a keyword, on all assets that have it."""
    name = (await read_object(request)).get("name")
    if not isinstance(name, str):
        raise BadRequestError("name must be a text")
    acts = context_of(request).library.acts
    done = await rename_keyword(acts, OWNER, read_tag_id(request.path_params["id"]), name)
    return json_response(asdict(done))


async def merge_tag(request: Request) -> Response:
    """POST /api/v1/tags/{id}/merge: one keyword in the place of another one."""
    into = (await read_object(request)).get("into")
    if not isinstance(into, str):
        raise BadRequestError("into must be the id of a tag")
    acts = context_of(request).library.acts
    tag_id = read_tag_id(request.path_params["id"])
    done = await merge_keyword(acts, OWNER, tag_id, read_tag_id(into))
    return json_response(asdict(done))


def read_tag_id(text: str) -> int:
    """The number in an id; what is none belongs to no tag."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 16):
        raise NotFoundError("There is no such tag")
    return int(text)


async def _tags_json(reading: Reading, tags: Sequence[Tag]) -> list[dict[str, Any]]:
    covers = await load_items(
        reading, OWNER, [tag.cover_id for tag in tags if tag.cover_id is not None]
    )
    return [tag_json(tag, covers.get(tag.cover_id or -1)) for tag in tags]


def tag_json(tag: Tag, cover: Mapping[str, Any] | None) -> dict[str, Any]:
    """A tag, with the picture that stands for it."""
    return {
        "id": str(tag.id),
        "name": tag.name,
        "kind": tag.kind,
        "path": tag.path,
        "query": tag.query,
        "count": tag.count,
        "has_children": tag.has_children,
        "cover": cover and cover["id"],
        "preview": cover and cover["preview"],
        "ratio": cover and cover["ratio"],
    }
