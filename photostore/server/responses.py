"""Answers in JSON, errors as problem+json (RFC 9457), and entity tags (RFC 9110)."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from photostore.base.errors import FileError, PhotostoreError
from photostore.base.text import display_name
from photostore.store.db import is_damage, is_obstacle
from photostore.store.search import QueryError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.exceptions import HTTPException
    from starlette.requests import Request

log = logging.getLogger(__name__)

IMMUTABLE = "private, max-age=31536000, immutable"
REVALIDATE = "private, no-cache"
PROBLEM_TYPES = {404: "not-found", 405: "method-not-allowed", 413: "too-large"}


def json_response(
    content: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Compact UTF-8 JSON. Answers of the API are never kept by a cache unless they say so."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(
        body, status, {"cache-control": "no-store", **(headers or {})}, "application/json"
    )


def problem_response(status: int, slug: str, title: str, detail: str, **more: Any) -> Response:
    """An error that a program can tell by `type` and a person can read."""
    content = {"type": slug, "title": title, "status": status, "detail": detail, **more}
    return Response(
        json.dumps(content, ensure_ascii=False).encode(),
        status,
        {"cache-control": "no-store"},
        "application/problem+json",
    )


async def answer_error(_: Request, error: Exception) -> Response:
    """A problem for an error that photostore raised on purpose."""
    assert isinstance(error, PhotostoreError)  # noqa: S101 - the handler is registered for it
    more: dict[str, str | int] = {}
    if isinstance(error, QueryError):
        more = {"start": error.start, "end": error.end}
        if error.suggestion is not None:
            more["suggestion"] = error.suggestion
    elif isinstance(error, FileError):
        more = {"path": display_name(error.path), "reason": error.reason}
    return problem_response(error.status, error.type, error.title, str(error), **more)


async def answer_database_error(_: Request, error: Exception) -> Response:
    """A problem for what the database refuses; what was asked for was not done."""
    log.error("the database refuses", exc_info=error)
    if is_damage(error):
        detail = "The database is damaged. It is being mended: try again in a moment"
    elif is_obstacle(error):
        detail = f"The database cannot be read or written now ({error}): nothing was changed"
    else:
        return await answer_fault(_, error)
    title = "The database cannot be used now"
    return problem_response(503, "database-unavailable", title, detail)


async def answer_http_exception(_: Request, error: Exception) -> Response:
    """A problem for what the router refuses: no such path, wrong method."""
    exception: HTTPException = error  # type: ignore[assignment]
    response = problem_response(
        exception.status_code,
        PROBLEM_TYPES.get(exception.status_code, "http"),
        exception.detail,
        exception.detail,
    )
    response.headers.update(exception.headers or {})
    return response


async def answer_fault(request: Request, _: Exception) -> Response:
    """A problem for a fault of our own; the details are in the log, not in the answer."""
    return problem_response(
        500,
        "internal",
        "Something went wrong in photostore",
        f"{request.method} {request.url.path} failed; the log has the details",
    )


def is_unchanged(request: Request, etag: str) -> bool:
    """Whether the browser's If-None-Match names this entity tag (weak comparison)."""
    header = request.headers.get("if-none-match", "")
    tags = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return etag.removeprefix("W/") in tags or "*" in tags


def not_modified(etag: str, cache_control: str) -> Response:
    """304 with the headers that a 200 would have."""
    return Response(status_code=304, headers={"etag": etag, "cache-control": cache_control})
