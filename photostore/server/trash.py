"""The trash and what leads in and out of it; taking assets out of the library (SPEC 9)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from photostore.base.errors import BadRequestError
from photostore.base.text import display_name
from photostore.library.trashing import ConfirmationError, Weight
from photostore.server.context import context_of
from photostore.server.parameters import read_list, read_object
from photostore.server.responses import json_response, problem_response
from photostore.server.tasks import answer_long
from photostore.server.wire import utc_time
from photostore.store.scope import OWNER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from photostore.library.removal import Removed
    from photostore.library.trashing import Disposal, Progress, Refused

MAX_IDS = 100_000
MAX_DAYS = 36_500


async def trash_assets(request: Request) -> Response:
    """POST /api/v1/assets/trash: all files of each asset, or none of it."""
    trash = context_of(request).library.trash
    ids = read_ids(await read_object(request))

    async def work(progress: Progress) -> Mapping[str, Any]:
        done = await trash.trash(OWNER, ids, progress)
        return _disposal_json("trashed", done)

    return await answer_long(request, len(ids), work)


async def restore_assets(request: Request) -> Response:
    """POST /api/v1/assets/restore: to where they were, or beside it if that is taken."""
    trash = context_of(request).library.trash
    ids = read_ids(await read_object(request))

    async def work(progress: Progress) -> Mapping[str, Any]:
        done = await trash.restore(OWNER, ids, progress)
        return _disposal_json("restored", done)

    return await answer_long(request, len(ids), work)


async def delete_assets(request: Request) -> Response:
    """POST /api/v1/assets/delete: for good, once count and bytes are confirmed."""
    trash = context_of(request).library.trash
    body = await read_object(request)
    ids, confirmed = read_ids(body), _read_weight(body)
    weight = await trash.weigh(OWNER, ids)
    if confirmed != weight:
        return _ask(ConfirmationError(weight))

    async def work(progress: Progress) -> Mapping[str, Any]:
        done = await trash.delete(OWNER, ids, confirmed, progress)
        return _disposal_json("deleted", done)

    return await answer_long(request, len(ids), work)


async def empty_trash(request: Request) -> Response:
    """POST /api/v1/trash/empty: all of it, or what has been there for some days."""
    trash = context_of(request).library.trash
    body = await read_object(request)
    days = body.get("older_than_days")
    if days is not None and not (type(days) is int and 0 <= days <= MAX_DAYS):
        raise BadRequestError(f"older_than_days must be a whole number from 0 to {MAX_DAYS}")
    older_than = None if days is None else timedelta(days=days)
    plain_yes = body.get("confirm") is True
    weight = await trash.weigh_trash(OWNER, older_than)
    confirmed = weight if plain_yes else _read_weight(body)
    if confirmed != weight:
        return _ask(ConfirmationError(weight))

    async def work(progress: Progress) -> Mapping[str, Any]:
        done = await trash.empty(OWNER, None if plain_yes else weight, older_than, progress)
        return _disposal_json("deleted", done)

    return await answer_long(request, weight.assets, work)


async def show_trash(request: Request) -> Response:
    """GET /api/v1/trash: how much is in it, and folders from which nothing can go there."""
    trash = context_of(request).library.trash
    totals = await trash.totals(OWNER)
    blocked = await trash.blocked()
    return json_response(
        {
            "assets": totals.assets,
            "files": totals.files,
            "bytes": totals.size_bytes,
            "oldest_at": None if totals.oldest_at is None else utc_time(totals.oldest_at),
            "soft_deletes": trash.soft_deletes,
            "blocked": [
                {
                    "folder": display_name(one.path),
                    "reason": one.reason,
                    "remedy": one.remedy,
                    "make": None if one.folder is None else display_name(one.folder),
                }
                for one in blocked
            ],
        }
    )


async def remove_assets(request: Request) -> Response:
    """POST /api/v1/assets/remove: out of the library; the files stay where they are."""
    ids = read_ids(await read_object(request))
    return _removed(await context_of(request).library.removal.remove(OWNER, ids))


async def unremove_assets(request: Request) -> Response:
    """POST /api/v1/assets/unremove: back into the library."""
    ids = read_ids(await read_object(request))
    return _removed(await context_of(request).library.removal.unremove(OWNER, ids))


def read_ids(body: dict[str, Any]) -> list[str]:
    """The asset ids in a body, each once."""
    ids = read_list(body, "ids", str, MAX_IDS)
    if not ids:
        raise BadRequestError(f"ids must be a list of 1 to {MAX_IDS} asset ids")
    return list(dict.fromkeys(ids))


def refused_json(refused: Refused) -> dict[str, Any]:
    """An asset that was refused, with the reason and what helps."""
    return {
        "id": refused.public_id,
        "path": None if refused.path is None else display_name(refused.path),
        "reason": refused.reason,
        "remedy": refused.remedy,
    }


def _read_weight(body: dict[str, Any]) -> Weight | None:
    """What a person confirmed, None if nothing was."""
    confirm = body.get("confirm")
    if confirm is None:
        return None
    if isinstance(confirm, dict) and all(type(confirm.get(n)) is int for n in ("assets", "bytes")):
        return Weight(confirm["assets"], confirm["bytes"])
    raise BadRequestError("confirm must be an object with the whole numbers assets and bytes")


def _ask(error: ConfirmationError) -> Response:
    """409 with what would have to be confirmed, so that a person can be asked."""
    return problem_response(
        error.status,
        error.type,
        error.title,
        str(error),
        assets=error.weight.assets,
        bytes=error.weight.size_bytes,
    )


def _disposal_json(word: str, done: Disposal) -> dict[str, Any]:
    return {
        "act": done.act,
        word: done.assets,
        "files": done.files,
        "bytes": done.size_bytes,
        "refused": [refused_json(one) for one in done.refused],
        "revision": done.revision,
    }


def _removed(done: Removed) -> Response:
    return json_response(
        {
            "act": done.act,
            "changed": done.changed,
            "skipped": done.skipped,
            "deleted": 0,
            "revision": done.revision,
        }
    )
