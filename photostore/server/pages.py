"""The web app: one HTML shell for every page of it, and its files with names of their content."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, RedirectResponse, Response

from photostore.base.errors import NotFoundError
from photostore.server.responses import IMMUTABLE, is_unchanged, not_modified
from photostore.server.welcome import TOOLS_PATH, is_question_due

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from starlette.requests import Request

STATIC = resources.files("photostore") / "static"
HASHED_FOLDER = "assets"  # Vite names the files in it by their content
COMPRESSED = ("text/", "application/javascript", "application/json", "image/svg+xml")
NOT_BUILT = """<!doctype html><meta charset="utf-8"><title>photostore</title>
<p>The web app is not built. In a checkout run <code>make run</code>, which builds it.
The server itself works: see <a href="/health">its health</a>."""


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file of the app in memory, with its gzipped form where that pays."""

    body: bytes
    zipped: bytes | None
    mime: str
    etag: str


async def send_app(request: Request) -> Response:
    """GET /…: a file of the app, or its shell for any page of it."""
    path = request.path_params.get("path", "")
    if not path and await is_question_due(request):
        return RedirectResponse(TOOLS_PATH, 303)
    file = load_file(path) if is_file_name(path) else None
    if file is None:
        if "." in path.rpartition("/")[2] or path.startswith("api/"):
            raise NotFoundError("There is no such page")
        file = load_file("index.html")
    if file is None:
        return HTMLResponse(NOT_BUILT, 503)
    hashed = path.startswith(f"{HASHED_FOLDER}/")
    cache_control = IMMUTABLE if hashed else "no-cache"
    if is_unchanged(request, file.etag):
        return not_modified(file.etag, cache_control)
    headers = {"etag": file.etag, "cache-control": cache_control, "vary": "accept-encoding"}
    body = file.body
    if file.zipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        body = file.zipped
    return Response(body, 200, headers, file.mime)


def is_file_name(path: str) -> bool:
    """Whether a path can only name a file inside the app's folder."""
    parts = path.split("/")
    return bool(path) and "\\" not in path and all(p and not p.startswith(".") for p in parts)


def load_file(path: str) -> StaticFile | None:
    """A file of the app as it is now, None if there is none.

    What is named by its content is kept: a tab with the app as it was before an update goes on.
    """
    try:
        stamp = None if path.startswith(f"{HASHED_FOLDER}/") else _stamp(_find(path))
        return _read(path, stamp)
    except (OSError, ValueError):
        return None


def _find(path: str) -> Traversable:
    entry: Traversable = STATIC
    for part in path.split("/"):
        entry = entry / part
    return entry


def _stamp(entry: Traversable) -> int | None:
    """What differs when a file was written anew; None inside an archive, which never is."""
    return entry.stat().st_mtime_ns if isinstance(entry, Path) else None


@lru_cache(maxsize=512)
def _read(path: str, _stamp_ns: int | None) -> StaticFile:
    """A file of the app; the whole of it is well under a megabyte or two. Raises OSError."""
    body = _find(path).read_bytes()
    mime = mimetypes.guess_type(path)[0] or "application/octet-stream"
    if path.endswith(".webmanifest"):
        mime = "application/manifest+json"
    zipped = None
    if mime.startswith(COMPRESSED) or mime == "text/javascript":
        zipped = gzip.compress(body, 9, mtime=0)
    if mime.startswith("text/"):
        mime += "; charset=utf-8"
    return StaticFile(body, zipped, mime, f'"{hashlib.sha256(body).hexdigest()[:20]}"')
