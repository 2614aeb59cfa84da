"""Scans on request, pause and resume, and the files that were not imported."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from photostore.base.errors import BadRequestError
from photostore.base.text import display_name
from photostore.library.roots import find_root
from photostore.server.context import context_of
from photostore.server.parameters import read_choice, read_list, read_number, read_object
from photostore.server.responses import json_response
from photostore.server.wire import utc_time
from photostore.store.problems import (
    Problem,
    count_problems,
    list_problems,
    override_filters,
    retry_files,
    retry_state,
)
from photostore.store.scope import OWNER_ID
from photostore.store.volumes import configured_roots, join_path

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from photostore.store.problems import ProblemState

MAX_PATHS = 1_000
MAX_PAGE = 1_000
STATES: dict[str, ProblemState | None] = {
    "all": None,
    "failed": "failed",
    "rejected": "rejected",
    "waiting": "waiting",
}


async def start_sync(request: Request) -> Response:
    """POST /api/v1/sync: scan all roots, or the paths inside them that the body names."""
    paths = await _read_paths(request)
    context_of(request).library.engine.request_scan(paths)
    return json_response({"accepted": True}, 202)


async def accept_missing(request: Request) -> Response:
    """POST /api/v1/sync/accept-missing: what these roots do not show any more is really gone."""
    paths = await _read_paths(request)
    await context_of(request).library.engine.accept_missing(paths)
    return json_response({"accepted": True}, 202)


async def _read_paths(request: Request) -> list[bytes]:
    """The paths in a body; each must lie in a folder that is scanned."""
    library = context_of(request).library
    paths = read_list(await read_object(request), "paths", str, MAX_PATHS) or []
    async with library.database.read() as reading:
        roots = await configured_roots(reading)
    wanted = [_path_bytes(path) for path in paths]
    for path in wanted:
        if find_root(roots, path) is None:
            raise BadRequestError(
                f"{display_name(path)} lies in none of the folders that are scanned: "
                "add it with --scan, or mount it"
            )
    return wanted


def _path_bytes(path: str) -> bytes:
    """A path from a client as the file system has it; only compared with the roots' own paths."""
    try:
        encoded = os.fsencode(path)
    except UnicodeEncodeError as error:
        raise BadRequestError("A path holds characters that no file name can have") from error
    if b"\0" in encoded:
        raise BadRequestError("A path cannot hold the character NUL")
    return os.path.normpath(encoded)


async def pause_sync(request: Request) -> Response:
    """POST /api/v1/sync/pause."""
    return await _set_paused(request, paused=True)


async def resume_sync(request: Request) -> Response:
    """POST /api/v1/sync/resume."""
    return await _set_paused(request, paused=False)


async def _set_paused(request: Request, *, paused: bool) -> Response:
    engine = context_of(request).library.engine
    await engine.pause(paused=paused)
    return json_response(asdict(engine.progress()))


async def show_problems(request: Request) -> Response:
    """GET /api/v1/problems: files that were not imported, each with its reason."""
    library = context_of(request).library
    state = STATES[read_choice(request, "state", tuple(STATES), "all")]
    limit = read_number(request, "limit", 100, low=1, high=MAX_PAGE)
    after = read_number(request, "cursor", 0)
    words = request.query_params.get("q", "").strip()
    async with library.database.read() as reading:
        found = await list_problems(reading, state=state, words=words, after=after, limit=limit + 1)
        total = await count_problems(reading)
    more = len(found) > limit
    return json_response(
        {
            "problems": [_problem_json(problem) for problem in found[:limit]],
            "next": str(found[limit - 1].file_id) if more else None,
            "total": total,
        }
    )


async def retry_problems(request: Request) -> Response:
    """POST /api/v1/problems/retry: try files again that a person names, or all of one state."""
    library = context_of(request).library
    body = await read_object(request)
    file_ids = read_list(body, "file_ids", int, MAX_PAGE)
    every = body.get("all")
    state = STATES.get(every) if isinstance(every, str) else None
    if (file_ids is None) == (state is None):
        raise BadRequestError('Give either file_ids or all: "failed", "rejected" or "waiting"')
    async with library.database.write(durable=True) as transaction:
        if state is not None:
            retried = await retry_state(transaction, state)
        else:
            retried = await retry_files(transaction, file_ids or [])
    library.engine.problems_changed()
    return json_response({"retried": retried})


async def override_problems(request: Request) -> Response:
    """POST /api/v1/problems/override: import rejected files anyway; limits of safety stay."""
    library = context_of(request).library
    file_ids = read_list(await read_object(request), "file_ids", int, MAX_PAGE)
    if not file_ids:
        raise BadRequestError("file_ids must name at least one file")
    async with library.database.write(durable=True) as transaction:
        overridden = await override_filters(transaction, file_ids, OWNER_ID)
    library.engine.problems_changed()
    return json_response({"overridden": len(overridden)})


def _problem_json(problem: Problem) -> dict[str, Any]:
    return {
        "file_id": problem.file_id,
        "path": display_name(join_path(problem.folder, problem.name)),
        "folder": display_name(problem.folder),
        "name": display_name(problem.name),
        "state": problem.state,
        "stage": problem.stage,
        "reason": problem.reason,
        "at": utc_time(problem.at),
        "attempts": problem.attempts,
    }
