"""The home page and what is around an asset: streams of a few pictures each (SPEC 10.2)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from photostore.base.errors import NotFoundError
from photostore.server.context import context_of
from photostore.server.items import streams_json
from photostore.server.parameters import read_number
from photostore.server.responses import json_response
from photostore.store.details import find_asset_id
from photostore.store.scope import OWNER
from photostore.store.search import View
from photostore.store.streams import (
    Stream,
    on_this_day,
    recently_added,
    sample_ordinals,
    sample_tags,
    streams_around,
)

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from photostore.library.views import ViewCache

MAX_SEED = 2**31 - 1


async def show_home(request: Request) -> Response:
    """GET /api/v1/home: samples by chance; the same seed shows the same."""
    library = context_of(request).library
    seed = read_number(request, "seed", 0, high=MAX_SEED)
    # The day where the server is: whoever looks at it is most often there.
    today = datetime.now().astimezone().date()
    sample = await _sample_all(library.views, seed)
    async with library.database.read() as reading:
        streams = [
            await on_this_day(reading, OWNER, today, seed),
            await recently_added(reading, OWNER),
            *await sample_tags(reading, OWNER, seed),
            sample,
        ]
        return json_response({"seed": seed, "streams": await streams_json(reading, OWNER, streams)})


async def _sample_all(views: ViewCache, seed: int) -> Stream:
    """Pictures by chance out of everything."""
    snapshot = await views.current(View())
    ordinals = sample_ordinals(len(snapshot.ids), seed)
    ids = tuple(snapshot.ids[ordinal] for ordinal in ordinals)
    return Stream("random", "", "", len(snapshot.ids), ids)


async def show_streams(request: Request) -> Response:
    """GET /api/v1/assets/{id}/streams: the same day, place, camera, folder, people, albums."""
    async with context_of(request).library.database.read() as reading:
        asset_id = await find_asset_id(reading, OWNER, request.path_params["id"])
        if asset_id is None:
            raise NotFoundError("There is no such photo or video")
        streams = await streams_around(reading, OWNER, asset_id)
        return json_response({"streams": await streams_json(reading, OWNER, streams)})
