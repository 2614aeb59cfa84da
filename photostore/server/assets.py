"""Assets as lists and one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from photostore.server.context import context_of
from photostore.server.parameters import read_number, read_view
from photostore.server.pictures import find_asset
from photostore.server.responses import json_response
from photostore.server.wire import asset_json
from photostore.store.details import load_assets
from photostore.store.timeline import load_page

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

MAX_PAGE = 1_000


async def list_assets(request: Request) -> Response:
    """GET /api/v1/assets: a view page by page."""
    library = context_of(request).library
    view = read_view(request)
    limit = read_number(request, "limit", 100, low=1, high=MAX_PAGE)
    async with library.database.read() as reading:
        ids, following = await load_page(reading, view, limit, request.query_params.get("cursor"))
        assets = await load_assets(reading, view.scope, ids)
    # The snapshot of a view is kept; counting a million rows anew takes a tenth of a second.
    total = len((await library.views.current(view)).ids)
    return json_response(
        {"assets": [asset_json(asset) for asset in assets], "next": following, "total": total}
    )


async def show_asset(request: Request) -> Response:
    """GET /api/v1/assets/{id}: everything known about one."""
    return json_response(asset_json(await find_asset(request, context_of(request).library)))
