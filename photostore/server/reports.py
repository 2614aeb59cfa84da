"""Reports of what became of files: the list, their rows, and the tables themselves (SPEC 5.8)."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

from photostore.base.errors import BadRequestError, NotFoundError
from photostore.library.reports import read_page
from photostore.media.reading import open_regular
from photostore.server.context import context_of
from photostore.server.parameters import read_number
from photostore.server.ranges import OpenFile, Span, send_open_file
from photostore.server.responses import json_response

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request
    from starlette.responses import Response

    from photostore.library.reports import Reports

MAX_PAGE = 1_000
NO_CACHE = "private, no-cache"


async def list_reports(request: Request) -> Response:
    """GET /api/v1/reports: the reports that are kept, the newest first."""
    reports = _reports(request)
    found = await asyncio.to_thread(reports.list)
    return json_response(
        {
            "reports": [
                {
                    "name": report.name,
                    "started_at": report.started_at.isoformat(timespec="seconds"),
                    "ended_at": report.ended_at.isoformat(timespec="seconds")
                    if report.ended_at
                    else None,
                    "counts": report.counts,
                }
                for report in found
            ]
        }
    )


async def show_report(request: Request) -> Response:
    """GET /api/v1/reports/{name}: rows of one report, in the order in which they were written."""
    path = await _find(request)
    limit = read_number(request, "limit", 100, low=1, high=MAX_PAGE)
    offset = read_number(request, "cursor", 0)
    words = request.query_params.get("q", "").strip()
    state = request.query_params.get("state", "")
    try:
        page = await asyncio.to_thread(
            read_page, path, words=words, state=state, offset=offset, limit=limit
        )
    except ValueError as error:
        raise BadRequestError("cursor must be the `next` of a page of this report") from error
    following = None if page.next_offset is None else str(page.next_offset)
    return json_response({"rows": [_row_json(row) for row in page.rows], "next": following})


async def send_csv(request: Request) -> Response:
    """GET /api/v1/reports/{name}/csv: the report as it lies on disk."""
    path = await _find(request)
    descriptor = await asyncio.to_thread(open_regular, os.fsencode(path))
    stat = os.fstat(descriptor)
    headers = {
        "cache-control": NO_CACHE,
        "content-disposition": f'attachment; filename="photostore-{path.name}"',
    }
    etag = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'
    return send_open_file(
        request, OpenFile(descriptor, Span(0, stat.st_size)), headers, "text/csv", etag
    )


def _reports(request: Request) -> Reports:
    reports = context_of(request).library.reports
    if reports is None:
        raise NotFoundError("No reports are kept of this library")
    return reports


async def _find(request: Request) -> Path:
    name = request.path_params["name"]
    path = await asyncio.to_thread(_reports(request).find, name)
    if path is None:
        raise NotFoundError("There is no report of this name: the oldest are deleted")
    return path


def _row_json(row: tuple[str, ...]) -> dict[str, Any]:
    time, path, state, stage, took_ms, details, url = row
    return {
        "time": time,
        "path": path,
        "state": state,
        "stage": stage,
        "ms": int(took_ms) if took_ms.isdecimal() else None,
        "details": details,
        "url": url or None,
    }
