"""Adding photos and videos in the browser: one file a request, streamed to the disk (SPEC 11.5)."""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING, Any

from starlette.requests import ClientDisconnect
from starlette.responses import Response

from photostore.base.errors import BadRequestError, PhotostoreError
from photostore.base.text import display_name
from photostore.library.uploads import Offer
from photostore.library.uploads.names import decode_name
from photostore.server.context import context_of
from photostore.server.parameters import read_list, read_number, read_object
from photostore.server.responses import answer_error, json_response
from photostore.store.scope import OWNER

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from photostore.sync.arrivals import Arrival

MAX_CHECKED = 10_000
SHA1 = re.compile(r"[0-9a-fA-F]{40}")
BATCH = re.compile(r"[0-9A-Za-z_-]{8,64}")
MAX_MTIME_MS = 2**43
# A browser shows an answer only when it could send all of its request: what is refused is read on
# for this long, at most.
DRAIN_S = 20.0
DRAIN_BYTES = 1 << 30
SHARED_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>photostore</title>
<body style="font: 17px system-ui; max-width: 34em; margin: 3em auto; padding: 0 1em">
<h1>Nothing was added yet</h1>
<p>photostore was not ready to take photos from another app: nothing was kept here, and your photos
are where they were.</p>
<p><a href="/">Open photostore</a>, wait a few seconds, then share them once more. Or add them
in photostore itself: <i>Add photos</i>.</p>"""


async def upload_file(request: Request) -> Response:
    """POST /api/v1/uploads: the body is the file. 201 added, 200 it was here before."""
    arrivals = context_of(request).library.arrivals
    chunks = request.stream()
    try:
        offer, batch = _read_offer(request, chunks)
        arrival = await arrivals.take(OWNER, offer, batch)
    except ClientDisconnect:
        # Nobody is there to be answered; what came of the file is gone.
        return Response(status_code=400)
    except PhotostoreError as error:
        await _drain(chunks)
        return await answer_error(request, error)
    await _drain(chunks)
    return json_response(_arrival_json(arrival), 201 if arrival.is_new else 200)


async def check_uploads(request: Request) -> Response:
    """POST /api/v1/uploads/check: which of some contents are here already, by SHA-1."""
    uploads = context_of(request).library.arrivals.uploads
    body = await read_object(request)
    given = read_list(body, "sha1s", str, MAX_CHECKED)
    if given is None or not all(SHA1.fullmatch(one) for one in given):
        raise BadRequestError("sha1s must be a list of SHA-1s in hexadecimal digits")
    here = await uploads.find_here(OWNER, [bytes.fromhex(one) for one in given])
    return json_response(
        {
            "here": {
                sha1.hex(): {"id": file.public_id, "shelf": file.shelf, "bytes": file.size}
                for sha1, file in here.items()
            }
        }
    )


async def finish_uploads(request: Request) -> Response:
    """POST /api/v1/uploads/finish: end a batch; what was added in it is one act of the journal."""
    uploads = context_of(request).library.arrivals.uploads
    body = await read_object(request)
    batch = body.get("batch")
    if not isinstance(batch, str) or not BATCH.fullmatch(batch):
        raise BadRequestError("batch must be 8 to 64 letters, digits, - or _")
    act, count = await uploads.finish(OWNER, batch)
    return json_response({"act": act, "added": count})


async def show_uploads(request: Request) -> Response:
    """GET /api/v1/uploads: whether files can be added, where they go, how large they may be."""
    uploads = context_of(request).library.arrivals.uploads
    setup, problem = uploads.setup, await uploads.find_problem()
    spare = 0 if problem else await asyncio.to_thread(lambda: uploads.space.spare)
    return json_response(
        {
            "enabled": setup.enabled,
            "destination": display_name(setup.destination),
            "template": setup.template,
            "max_bytes": setup.max_bytes,
            "spare_bytes": spare,
            "problem": problem,
        }
    )


async def explain_share(request: Request) -> Response:
    """POST /share: what another app shares goes to the service worker; without one, say so."""
    await _drain(request.stream())
    return Response(SHARED_PAGE, 503, {"cache-control": "no-store"}, "text/html")


def _read_offer(request: Request, chunks: AsyncIterator[bytes]) -> tuple[Offer, str | None]:
    params = request.query_params
    sha1, batch = params.get("sha1"), params.get("batch")
    if sha1 is not None and not SHA1.fullmatch(sha1):
        raise BadRequestError("sha1 must be 40 hexadecimal digits")
    if batch is not None and not BATCH.fullmatch(batch):
        raise BadRequestError("batch must be 8 to 64 letters, digits, - or _")
    mtime_ms = read_number(request, "mtime", 0, high=MAX_MTIME_MS)
    length = request.headers.get("content-length", "")
    return (
        Offer(
            # Parameters are decoded once by then; a header is for those who cannot encode twice.
            params.get("name") or decode_name(request.headers.get("x-file-name", "")),
            chunks,
            int(length) if length.isascii() and length.isdecimal() else None,
            None if sha1 is None else bytes.fromhex(sha1),
            mtime_ms * 1_000_000 or None,
        ),
        batch,
    )


async def _drain(chunks: AsyncIterator[bytes]) -> None:
    """Read what is still being sent, so that the answer is seen; not without end."""
    end, count = time.monotonic() + DRAIN_S, 0
    try:
        async with asyncio.timeout(DRAIN_S):
            async for chunk in chunks:
                count += len(chunk)
                if count > DRAIN_BYTES or time.monotonic() > end:
                    return
    except (ClientDisconnect, TimeoutError):
        return


def _arrival_json(arrival: Arrival) -> dict[str, Any]:
    return {
        "state": "added" if arrival.is_new else "present",
        "id": arrival.public_id,
        "shelf": arrival.shelf,
        "path": display_name(arrival.path),
        "notes": list(arrival.notes),
        "act": arrival.act,
    }
