"""Downloading many originals as one archive (SPEC 10.3).

First a request with the ids, which a link cannot hold; then a link with a token, which a browser
follows so that it saves what comes. A token is 128 random bits and holds for ten minutes.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.responses import Response, StreamingResponse

from photostore.base.errors import BadRequestError, NotFoundError
from photostore.library.downloads import pack, send_archive
from photostore.server.context import context_of
from photostore.server.parameters import read_choice, read_list, read_object
from photostore.server.responses import json_response
from photostore.server.trash import MAX_IDS
from photostore.store.downloads import load_downloads
from photostore.store.scope import OWNER

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from starlette.requests import Request

    from photostore.server.context import OpenLibrary
    from photostore.store.downloads import Download

WHICH = ("shown", "all")
BATCH = 500


async def prepare_download(request: Request) -> Response:
    """POST /api/v1/assets/download: a token for some assets, and how much they come to."""
    context = context_of(request)
    ids = read_list(await read_object(request), "ids", str, MAX_IDS)
    if not ids:
        raise BadRequestError("ids must be given")
    ids = list(dict.fromkeys(ids))
    found = await _load(context.library, ids)
    if not found:
        raise NotFoundError("None of these photos has a file that can be read now")
    shown = [one for one in found if one.is_shown]
    return json_response(
        {"token": context.downloads.keep(ids), "shown": _sum(shown), "all": _sum(found)}
    )


async def send_download(request: Request) -> Response:
    """GET /api/v1/downloads/{token}: the archive."""
    context = context_of(request)
    which = read_choice(request, "files", WHICH, "shown")
    found = await _load(context.library, context.downloads.find(request.path_params["token"]))
    chosen = [one for one in found if one.is_shown or which == "all"]
    packing = await asyncio.to_thread(pack, chosen)
    name = f"photostore-{datetime.now(UTC):%Y%m%d}-{len(chosen)}.zip"
    headers = {
        "cache-control": "no-store",
        "content-length": str(packing.size),
        "content-disposition": f'attachment; filename="{name}"',
    }
    if request.method == "HEAD":
        return Response(None, 200, headers, "application/zip")
    return StreamingResponse(send_archive(packing), 200, headers, "application/zip")


async def _load(library: OpenLibrary, ids: Sequence[str]) -> list[Download]:
    found: list[Download] = []
    for start in range(0, len(ids), BATCH):
        async with library.database.read() as reading:
            found += await load_downloads(reading, OWNER, ids[start : start + BATCH])
    return found


def _sum(files: Iterable[Download]) -> dict[str, Any]:
    sizes = [one.size for one in files]
    return {"files": len(sizes), "bytes": sum(sizes)}
