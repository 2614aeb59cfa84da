"""Thumbnails, previews, originals and videos of one asset, by its id and never by a path."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.responses import Response

from photostore.base.errors import FileError, NotFoundError
from photostore.base.text import display_name
from photostore.library.originals import open_original
from photostore.library.previews import PreviewSize, preview_mime
from photostore.server.context import context_of
from photostore.server.parameters import read_number
from photostore.server.ranges import OpenFile, Span, send_open_file
from photostore.server.responses import IMMUTABLE, REVALIDATE, is_unchanged, not_modified
from photostore.server.timeline import work_of
from photostore.server.wire import preview_version
from photostore.store.details import find_asset_id, load_assets
from photostore.store.scope import OWNER
from photostore.store.timeline import find_picture
from photostore.store.trash import path_in_trash
from photostore.store.volumes import configured_roots
from photostore.store.work import find_screen_due
from photostore.sync.journey import PREVIEW_VERSION, PROBE_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from photostore.server.context import OpenLibrary
    from photostore.store.details import AssetDetails, FileDetails
    from photostore.store.files import WorkFile
    from photostore.store.timeline import Picture

# What a browser may show in its own page. All else is a download: it might carry scripts.
INLINE_TYPES = frozenset(
    {
        "image/avif",
        "image/bmp",
        "image/gif",
        "image/heic",
        "image/heif",
        "image/jpeg",
        "image/jxl",
        "image/png",
        "image/webp",
    }
)
MEDIA_POLICY = "sandbox; default-src 'none'"


async def find_asset(request: Request, library: OpenLibrary) -> AssetDetails:
    """The asset that the path names. Raises NotFoundError."""
    async with library.database.read() as reading:
        asset_id = await find_asset_id(reading, OWNER, request.path_params["id"])
        found = [] if asset_id is None else await load_assets(reading, OWNER, [asset_id])
    if not found:
        raise NotFoundError("There is no such photo or video")
    return found[0]


async def send_thumbnail(request: Request) -> Response:
    """GET /api/v1/assets/{id}/thumbnail: the grid picture."""
    return await _send_preview(request, PreviewSize.GRID)


async def send_preview(request: Request) -> Response:
    """GET /api/v1/assets/{id}/preview: the screen picture."""
    return await _send_preview(request, PreviewSize.SCREEN)


async def _send_preview(request: Request, size: PreviewSize) -> Response:
    """A preview; one that is not there is made first, before all other work."""
    library = context_of(request).library
    picture = await _find_picture(request, library)
    version = preview_version(*picture) or "none"
    etag = f'"{version}-{size}"'
    cache_control = IMMUTABLE if request.query_params.get("v") == version else REVALIDATE
    if is_unchanged(request, etag):
        return not_modified(etag, cache_control)
    data = await _read_preview(library, picture, size)
    if data is None and await library.engine.import_now(await _work(request, library, size)):
        data = await _read_preview(library, await _find_picture(request, library), size)
    if data is None:
        raise NotFoundError("No picture of this file can be made; the list of failed files has why")
    headers = {"etag": etag, "cache-control": cache_control}
    return Response(data, 200, headers, preview_mime(data))


async def _work(request: Request, library: OpenLibrary, size: PreviewSize) -> WorkFile:
    """What is to be done for a picture that is not there: all, or what a first pass left out."""
    asset = await find_asset(request, library)
    if size is PreviewSize.SCREEN:
        async with library.database.read() as reading:
            due = await find_screen_due(
                reading,
                asset.shown.id,
                probe_version=PROBE_VERSION,
                preview_version=PREVIEW_VERSION,
            )
        if due is not None:
            return due
    return work_of(asset)


async def _find_picture(request: Request, library: OpenLibrary) -> Picture:
    async with library.database.read() as reading:
        picture = await find_picture(reading, OWNER, request.path_params["id"])
    if picture is None:
        raise NotFoundError("There is no such photo or video")
    return picture


async def _read_preview(library: OpenLibrary, picture: Picture, size: PreviewSize) -> bytes | None:
    if picture.sha1 is None:
        return None
    return await asyncio.to_thread(library.previews.read, picture.sha1, size, picture.rotation)


async def send_original(request: Request) -> Response:
    """GET /api/v1/assets/{id}/original: the bytes of the shown file, or of the one in `file`."""
    library = context_of(request).library
    asset = await find_asset(request, library)
    file = asset.shown
    if "file" in request.query_params:
        wanted = read_number(request, "file", None)
        file = next((one for one in asset.files if one.id == wanted), file)
        if file.id != wanted:
            raise NotFoundError("This photo or video has no such file")
    return await _send_file(request, library, file)


async def send_video(request: Request) -> Response:
    """GET /api/v1/assets/{id}/video: the video, or the clip of a live or motion photo."""
    library = context_of(request).library
    asset = await find_asset(request, library)
    file = next((one for one in asset.files if one.is_video), None)
    if file is not None:
        return await _send_file(request, library, file)
    clip = asset.extra.get("clip")
    if not isinstance(clip, dict):
        raise NotFoundError("This is no video")
    return await _send_file(request, library, asset.shown, clip)


async def _send_file(
    request: Request,
    library: OpenLibrary,
    file: FileDetails,
    clip: Mapping[str, Any] | None = None,
) -> Response:
    """Send a file, or the clip that lies inside it: by range, not copied (SPEC 6.5)."""
    async with library.database.read() as reading:
        folders = [root.path for root in await configured_roots(reading)]
        trashed = await path_in_trash(reading, file.id)
    path = file.path
    if trashed is not None:
        path, folders = trashed, [os.path.dirname(trashed)]
    try:
        descriptor = await asyncio.to_thread(open_original, path, folders)
    except FileError as error:
        raise NotFoundError(str(error)) from error
    mime = str(clip["mime"]) if clip else file.mime or "application/octet-stream"
    inline = mime in INLINE_TYPES or mime.startswith("video/")
    attached = not inline or request.query_params.get("download") == "1"
    stat = os.fstat(descriptor)
    headers = {
        "cache-control": REVALIDATE,
        "content-security-policy": MEDIA_POLICY,
        "content-disposition": _disposition(file.name, attached=attached),
    }
    # Size and mtime of the open file, not of the row: it may have changed since it was read.
    part = Span(0, stat.st_size)
    if clip:
        start = min(int(clip["offset"]), stat.st_size)
        part = Span(start, min(start + int(clip["length"]), stat.st_size))
    etag = f'"{stat.st_size:x}-{stat.st_mtime_ns:x}-{part.start:x}"'
    return send_open_file(request, OpenFile(descriptor, part), headers, mime, etag)


def _disposition(name: bytes, *, attached: bool) -> str:
    """RFC 6266: the name in UTF-8; what is no UTF-8 in it as it is displayed."""
    kind = "attachment" if attached else "inline"
    return f"{kind}; filename*=UTF-8''{quote(display_name(name), safe='')}"
