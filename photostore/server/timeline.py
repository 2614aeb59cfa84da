"""The one grid's contract: the shape of a view, rows of it, and thumbnails by the screenful."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from photostore.base.errors import BadRequestError, NotFoundError
from photostore.base.text import display_name
from photostore.library.previews import PreviewSize
from photostore.server.context import context_of
from photostore.server.parameters import read_number, read_view
from photostore.server.responses import REVALIDATE, is_unchanged, json_response, not_modified
from photostore.server.wire import preview_version, thumbhash_text, wall_time
from photostore.store.details import find_asset_id, find_asset_ids, load_assets
from photostore.store.files import WorkFile
from photostore.store.timeline import rows_by_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from photostore.library.previews import PreviewStore
    from photostore.library.views import Patch
    from photostore.server.context import OpenLibrary
    from photostore.store.details import AssetDetails
    from photostore.store.search import View
    from photostore.store.timeline import TimelineRow

MAX_ROWS = 500
MAX_PACK = 100
SHAPE_TYPE = "application/vnd.photostore.shape"
PACK_TYPE = "application/vnd.photostore.pack"


async def send_shape(request: Request) -> Response:
    """GET /api/v1/shape: where everything stands, exactly; or what changed `since` a revision."""
    library = context_of(request).library
    view = read_view(request)
    if "since" in request.query_params:
        patch = await library.views.patch(view, read_number(request, "since", None))
        if patch is not None:
            return json_response(_patch_json(patch))
    snapshot = await library.views.current(view)
    etag = f'"{snapshot.revision}-{_view_key(view)}"'
    if is_unchanged(request, etag):
        return not_modified(etag, REVALIDATE)
    body = await asyncio.to_thread(snapshot.pack)
    headers = {"etag": etag, "cache-control": REVALIDATE, "vary": "accept-encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
    else:
        body = await asyncio.to_thread(gzip.decompress, body)
    return Response(body, 200, headers, SHAPE_TYPE)


async def send_rows(request: Request) -> Response:
    """GET /api/v1/rows: what the grid shows of a range of assets, as columns."""
    library = context_of(request).library
    view = read_view(request)
    start = read_number(request, "start", 0)
    count = read_number(request, "count", 100, low=1, high=MAX_ROWS)
    snapshot = library.views.at(view, read_number(request, "revision", None))
    ids = snapshot.ids[start : start + count].tolist()
    async with library.database.read() as reading:
        found = await rows_by_id(reading, view.scope, ids)
    rows = [found.get(asset_id) for asset_id in ids]
    context_of(request).known.note(
        library.previews.generation,
        (
            (row.public_id, row.preview_of, row.preview_version, row.rotation)
            for row in found.values()
        ),
    )
    return json_response({"revision": snapshot.revision, "start": start, **_columns(rows)})


async def send_position(request: Request) -> Response:
    """GET /api/v1/assets/{id}/position: the ordinal of an asset in a view."""
    library = context_of(request).library
    view = read_view(request)
    async with library.database.read() as reading:
        asset_id = await find_asset_id(reading, view.scope, request.path_params["id"])
    if "revision" in request.query_params:
        snapshot = library.views.at(view, read_number(request, "revision", None))
    else:
        snapshot = await library.views.current(view)
    try:
        ordinal = snapshot.ids.index(-1 if asset_id is None else asset_id)
    except ValueError as error:
        raise NotFoundError("There is no such photo or video in this view") from error
    return json_response({"ordinal": ordinal, "revision": snapshot.revision})


async def send_thumbnails(request: Request) -> Response:
    """GET /api/v1/thumbnails: grid pictures one after the other, each with its length before it.

    One answer for a screenful costs a thirteenth of single ones. A length of 0 means that there is
    none yet: it is made before all other work, and an event tells when it is there.
    """
    library = context_of(request).library
    wanted = [part for part in request.query_params.get("ids", "").split(",") if part]
    if not 1 <= len(wanted) <= MAX_PACK:
        raise BadRequestError(f"ids must be 1 to {MAX_PACK} asset ids with commas between them")
    view = read_view(request)
    async with library.database.read() as reading:
        ids = await find_asset_ids(reading, view.scope, wanted)
        rows = await rows_by_id(reading, view.scope, list(ids.values()))
    contents = [_content(rows.get(ids.get(public_id, -1))) for public_id in wanted]
    body, absent = await asyncio.to_thread(_pack, library.previews, contents)
    missing = [ids[wanted[index]] for index in absent if wanted[index] in ids]
    if missing:
        await request_previews(library, view, missing)
    return Response(body, 200, {"cache-control": "private, max-age=60"}, PACK_TYPE)


async def request_previews(library: OpenLibrary, view: View, asset_ids: Sequence[int]) -> None:
    """Have the previews of some assets made before all other work."""
    async with library.database.read() as reading:
        assets = await load_assets(reading, view.scope, asset_ids)
    for asset in assets:
        await library.engine.import_soon(work_of(asset))


def work_of(asset: AssetDetails) -> WorkFile:
    """The shown file of an asset, to be read anew: a person looks at it, so no filter applies."""
    shown = asset.shown
    return WorkFile(shown.id, shown.path, shown.size, shown.mtime_ns, 0, unfiltered=True)


def _content(row: TimelineRow | None) -> tuple[bytes, int] | None:
    """What the picture is made of, and by how many degrees it is turned."""
    return (row.preview_of, row.rotation) if row and row.preview_of else None


def _pack(
    previews: PreviewStore, contents: Sequence[tuple[bytes, int] | None]
) -> tuple[bytes, list[int]]:
    """The packed body, and the indexes of those that have no preview yet."""
    parts: list[bytes] = []
    absent: list[int] = []
    for index, content in enumerate(contents):
        sha1, turned = content or (None, 0)
        data = previews.read(sha1, PreviewSize.GRID, turned) if sha1 else None
        if data is None:
            absent.append(index)
        parts += [len(data or b"").to_bytes(4, "little"), data or b""]
    return b"".join(parts), absent


def _view_key(view: View) -> str:
    text = f"{view.order}\n{view.scope.user_id}\n{view.query}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _patch_json(patch: Patch) -> dict[str, Any]:
    return {
        "from": patch.start,
        "to": patch.end,
        "removed": patch.removed,
        "inserted": patch.inserted,
        "changed": patch.changed,
    }


def _columns(rows: Sequence[TimelineRow | None]) -> dict[str, list[Any]]:
    """Rows as columns: a third of the bytes of objects."""
    columns: dict[str, list[Any]] = {
        "ids": [row and row.public_id for row in rows],
        "taken": [row and wall_time(row.captured_ms) for row in rows],
        "kinds": ["video" if row and row.is_video else "photo" for row in rows],
        "thumbhashes": [
            thumbhash_text(row.thumbhash, row.rotation) if row else None for row in rows
        ],
        "durations": [
            row.duration_ms / 1000 if row and row.duration_ms is not None else None for row in rows
        ],
        "favourites": [bool(row and row.favourite) for row in rows],
        "previews": [
            preview_version(row.preview_of, row.preview_version, row.rotation) if row else None
            for row in rows
        ],
        "titles": [(row.title or display_name(row.file_name)) if row else None for row in rows],
        "motion": [bool(row and row.motion) for row in rows],
        "rotations": [row.rotation if row else 0 for row in rows],
    }
    return columns
