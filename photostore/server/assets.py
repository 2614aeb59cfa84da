"""Assets as lists and one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from photostore.library.acts.change import API_FIELDS
from photostore.server.context import context_of
from photostore.server.parameters import read_number, read_view
from photostore.server.pictures import find_asset
from photostore.server.responses import json_response
from photostore.server.wire import asset_json
from photostore.store.albums import albums_of_asset
from photostore.store.details import load_assets, load_tags
from photostore.store.edits import Field
from photostore.store.tags import tag_query
from photostore.store.timeline import make_cursor, read_cursor

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from photostore.store.details import AssetTag

MAX_PAGE = 1_000


async def list_assets(request: Request) -> Response:
    """GET /api/v1/assets: a view page by page, from its kept shape."""
    library = context_of(request).library
    view = read_view(request)
    limit = read_number(request, "limit", 100, low=1, high=MAX_PAGE)
    cursor = request.query_params.get("cursor")
    after = read_cursor(cursor) if cursor else None
    snapshot = await library.views.current(view)
    start = 0 if after is None else snapshot.ordinal_after(after)
    ids = snapshot.ids[start : start + limit].tolist()
    is_last = start + limit >= len(snapshot.ids)
    following = None if is_last else make_cursor(snapshot.place(start + limit - 1))
    async with library.database.read() as reading:
        assets = await load_assets(reading, view.scope, ids)
    context_of(request).known.note(
        library.previews.generation,
        (
            (asset.public_id, asset.shown.sha1, asset.shown.preview_version, asset.rotation)
            for asset in assets
        ),
    )
    total = len(snapshot.ids)
    return json_response(
        {"assets": [asset_json(asset) for asset in assets], "next": following, "total": total}
    )


async def show_asset(request: Request) -> Response:
    """GET /api/v1/assets/{id}: everything known about one."""
    library = context_of(request).library
    asset = await find_asset(request, library)
    async with library.database.read() as reading:
        albums = await albums_of_asset(reading, asset.id)
        tags = await load_tags(reading, asset.id)
    more = {
        "edited": sorted(API_FIELDS.get(one, one.value) for one in Field if one in asset.edits),
        "albums": [{"id": row["public_id"], "name": row["name"]} for row in albums],
        "tags": [_tag_json(tag) for tag in tags],
        "place": next((_place_json(tag) for tag in tags if tag.kind == "where"), None),
    }
    return json_response(asset_json(asset) | more)


def _tag_json(tag: AssetTag) -> dict[str, Any]:
    query = tag_query(tag.names)
    return {"id": str(tag.id), "kind": tag.kind, "path": tag.names, "query": query}


def _place_json(tag: AssetTag) -> dict[str, Any]:
    """The place that a position lies in: Where/country/state/city, not always all three."""
    country, *inner = tag.names[1:] or (None,)
    return {
        "country": country,
        "country_code": next((code for code in tag.codes if code), None),
        "state": inner[0] if len(inner) > 1 else None,
        "city": inner[-1] if inner else None,
    }
