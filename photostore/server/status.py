"""The server at a glance: alive, and how much there is."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from starlette.responses import PlainTextResponse

from photostore import __version__
from photostore.base.text import display_name
from photostore.server.context import context_of
from photostore.server.responses import json_response
from photostore.store.assets import count_assets
from photostore.store.files import count_files, count_present
from photostore.store.scope import OWNER
from photostore.store.timeline import library_revision
from photostore.store.volumes import configured_roots

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from photostore.store.db import Reading


async def ping(_: Request) -> Response:
    """GET /ping: from the event loop, without touching the disk (SPEC 1.5)."""
    return PlainTextResponse("pong", headers={"cache-control": "no-store"})


async def show_stats(request: Request) -> Response:
    """GET /api/v1/stats."""
    context = context_of(request)
    library = context.library
    progress = library.engine.progress()
    async with library.database.read() as reading:
        assets, videos = await count_assets(reading, OWNER.user_id)
        files = await count_files(reading)
        revision = await library_revision(reading)
        roots = await _roots_json(reading)
    return json_response(
        {
            "version": __version__,
            "assets": assets,
            "files": files["ready"],
            "photos": assets - videos,
            "videos": videos,
            "pending": files["pending"],
            "failed": files["failed"],
            "rejected": files["rejected"],
            "waiting": files["waiting"],
            "missing": files["missing"],
            "syncing": progress.state in {"scanning", "importing"},
            "revision": revision,
            "library": display_name(context.layout.library),
            "sync": asdict(progress),
            "roots": roots,
        }
    )


async def _roots_json(reading: Reading) -> list[dict[str, Any]]:
    return [
        {
            "path": display_name(root.path),
            "files": await count_present(reading, root.id),
            "read_only": root.read_only,
            "state": root.state,
            "reason": root.reason,
        }
        for root in await configured_roots(reading)
    ]
