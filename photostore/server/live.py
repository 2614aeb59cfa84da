"""Server-sent events: what changes in the library reaches every open browser (SPEC 10.1).

A stream ends by itself as soon as the bus says that the server stops: Hypercorn on Python 3.12 and
later would wait for it for ever.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from starlette.responses import StreamingResponse

from photostore.base.events import (
    Event,
    LibraryChanged,
    PreviewsMade,
    ProblemsChanged,
    Refresh,
    Stopping,
    SyncProgressed,
    TaskProgressed,
)
from photostore.server.context import context_of
from photostore.store.timeline import library_revision

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response

    from photostore.server.context import ServerContext

KEEP_ALIVE_S = 15.0


async def stream_events(request: Request) -> Response:
    """GET /api/v1/events."""
    context = context_of(request)
    return StreamingResponse(
        _events(context),
        media_type="text/event-stream",
        headers={
            "cache-control": "no-store",
            # Reverse proxies that buffer would hold events back.
            "x-accel-buffering": "no",
        },
    )


async def _events(context: ServerContext) -> AsyncIterator[bytes]:
    with context.bus.subscribe() as subscription:
        yield encode_event("hello", await _hello(context))
        while True:
            try:
                event = await asyncio.wait_for(anext(subscription), KEEP_ALIVE_S)
            except TimeoutError:
                yield b": still here\n\n"
                continue
            except StopAsyncIteration:
                return
            yield encode_event(*describe_event(event))


async def _hello(context: ServerContext) -> dict[str, Any]:
    library = context.library
    async with library.database.read() as reading:
        revision = await library_revision(reading)
    return {"revision": revision, "sync": asdict(library.engine.progress())}


def describe_event(  # noqa: PLR0911 - one for each event
    event: Event,
) -> tuple[str, dict[str, Any]]:
    """The name and data under which a browser gets an event."""
    match event:
        case LibraryChanged(revision):
            return "library", {"revision": revision}
        case SyncProgressed(progress):
            return "sync", asdict(progress)
        case PreviewsMade(asset_ids):
            return "previews", {"ids": asset_ids}
        case ProblemsChanged():
            return "problems", {}
        case TaskProgressed(task_id, done, total, state):
            return "task", {"id": task_id, "done": done, "total": total, "state": state}
        case Refresh():
            return "refresh", {}
        case Stopping():
            return "bye", {}


def encode_event(name: str, data: dict[str, Any]) -> bytes:
    """One event of a text/event-stream; JSON has no line breaks, so one data line is enough."""
    return f"event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()
