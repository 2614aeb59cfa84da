"""The journal: what was done, and the way back from it (SPEC 9.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from photostore.base.errors import NotFoundError
from photostore.library.acts import is_undoable
from photostore.server.context import context_of
from photostore.server.edits import done_json
from photostore.server.parameters import MAX_NUMBER, read_number
from photostore.server.responses import json_response
from photostore.server.tasks import answer_long
from photostore.server.wire import item_json, utc_time
from photostore.store.details import find_asset_ids
from photostore.store.journal import find_head, list_acts, times_of, user_names
from photostore.store.scope import OWNER
from photostore.store.timeline import rows_by_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from photostore.library.acts.batches import Progress
    from photostore.store.journal import ActHead

MAX_PAGE = 200


async def list_journal(request: Request) -> Response:
    """GET /api/v1/journal: acts, the last one first."""
    library = context_of(request).library
    limit = read_number(request, "limit", 50, low=1, high=MAX_PAGE)
    cursor = read_number(request, "cursor", MAX_NUMBER, low=1)
    async with library.database.read() as reading:
        acts = await list_acts(reading, OWNER, limit + 1, cursor)
        page = acts[:limit]
        sample = [public_id for act in page for public_id in act.sample]
        ids = await find_asset_ids(reading, OWNER, sample)
        rows = await rows_by_id(reading, OWNER, list(ids.values()))
        undone = [act.undone_by for act in page if act.undone_by is not None]
        times = await times_of(reading, undone)
        users = await user_names(reading)
    items = {row.public_id: item_json(row) for row in rows.values()}
    return json_response(
        {
            "acts": [_act_json(act, items, times, users) for act in page],
            "next": str(page[-1].id) if len(acts) > limit else None,
        }
    )


async def undo_act(request: Request) -> Response:
    """POST /api/v1/journal/{id}/undo: take an act back, as far as nothing stands against it."""
    text = str(request.path_params["id"])
    if not (text.isascii() and text.isdecimal() and len(text) <= 16):
        raise NotFoundError("There is no such act in the journal")
    library = context_of(request).library
    async with library.database.read() as reading:
        act = await find_head(reading, OWNER, int(text))

    async def work(progress: Progress) -> Mapping[str, Any]:
        return done_json(await library.acts.undo(OWNER, int(text), progress))

    return await answer_long(request, act.count if act else 0, work)


def _act_json(
    act: ActHead,
    items: Mapping[str, Any],
    times: Mapping[int, int],
    users: Mapping[int, str],
) -> dict[str, Any]:
    undone_at = times.get(act.undone_by or 0)
    return {
        "id": act.id,
        "at": utc_time(act.at_ms),
        "user": users.get(act.user_id),
        "act": act.act,
        "count": act.count,
        "summary_key": act.summary.get("key", act.act),
        "values": {"count": act.count, **act.summary.get("values", {})},
        "items": [items[public_id] for public_id in act.sample if public_id in items],
        "undone_at": None if undone_at is None else utc_time(undone_at),
        "undoable": is_undoable(act),
        "undoes": act.undoes,
    }
