"""How much a selection is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from photostore.server.context import context_of
from photostore.server.parameters import read_object
from photostore.server.responses import json_response
from photostore.server.trash import read_ids
from photostore.store.scope import OWNER
from photostore.store.sums import sum_assets

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


async def send_sums(request: Request) -> Response:
    """POST /api/v1/assets/sums: assets, files and bytes; a POST because the ids may be many."""
    ids = read_ids(await read_object(request))
    async with context_of(request).library.database.read() as reading:
        sums = await sum_assets(reading, OWNER, ids)
    return json_response({"assets": sums.assets, "files": sums.files, "bytes": sums.size_bytes})
