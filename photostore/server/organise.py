"""Copying into the library on request, and how it is set (SPEC 9.2)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from photostore.base.errors import BadRequestError
from photostore.base.text import display_name
from photostore.library.organise import Wish
from photostore.server.context import context_of
from photostore.server.parameters import read_list, read_object
from photostore.server.responses import json_response
from photostore.server.trash import MAX_IDS, refused_json
from photostore.store.scope import OWNER
from photostore.store.search import View

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from photostore.library.organise import Outcome
    from photostore.library.tasks import TaskProgress

MAX_ITEMS = 1_000


async def start_organise(request: Request) -> Response:
    """POST /api/v1/organise: 202 with a task; its result is what was copied, or would be."""
    library = context_of(request).library
    body = await read_object(request)
    dry_run, q = body.get("dry_run", False), body.get("q")
    if type(dry_run) is not bool:
        raise BadRequestError("dry_run must be true or false")
    if q is not None and not isinstance(q, str):
        raise BadRequestError("q must be a search")
    ids = read_list(body, "ids", str, MAX_IDS)
    if q is not None and ids is not None:
        raise BadRequestError("Give q or ids, not both")
    view = None if q is None else View(q.strip())
    if view is not None:
        # A search with a mistake is told at once, not by the task.
        await library.views.current(view)

    async def work(progress: TaskProgress) -> Mapping[str, Any]:
        wish = Wish(view, ids, dry_run)
        return outcome_json(await library.organiser.run(OWNER, wish, progress, progress.expect))

    return json_response({"task": library.tasks.start(0, work).id}, 202)


async def show_organise(request: Request) -> Response:
    """GET /api/v1/organise: whether and where new files are copied, and the last run."""
    organiser = context_of(request).library.organiser
    setup = organiser.setup
    return json_response(
        {
            "enabled": setup.enabled,
            "template": setup.template,
            "destination": display_name(os.fspath(setup.destination)),
            "problem": organiser.problem,
            "last": None if organiser.last is None else outcome_json(organiser.last),
        }
    )


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """What a run came to; `items` are the first thousand."""
    ended = outcome.ended_at
    return {
        "dry_run": outcome.dry_run,
        "act": outcome.act,
        "assets": outcome.assets,
        "files": outcome.files,
        "bytes": outcome.size_bytes,
        "present": outcome.present,
        "refused": [refused_json(one) for one in outcome.refused],
        "items": [
            {
                "id": item.public_id,
                "source": display_name(item.source),
                "target": display_name(item.target),
                "bytes": item.size,
                "state": item.state,
            }
            for item in outcome.items[:MAX_ITEMS]
        ],
        "ended_at": None if ended is None else ended.isoformat(timespec="seconds"),
    }
