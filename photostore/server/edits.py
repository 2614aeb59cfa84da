"""What people change on assets, and which files these are made of (SPEC 9.1, 7.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from photostore.base.errors import BadRequestError
from photostore.library.acts import read_change
from photostore.server.context import context_of
from photostore.server.parameters import MAX_NUMBER, read_object
from photostore.server.responses import json_response
from photostore.server.tasks import answer_long
from photostore.server.trash import read_ids
from photostore.store.scope import OWNER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from photostore.library.acts import Done
    from photostore.library.acts.batches import Progress


async def edit_assets(request: Request) -> Response:
    """PATCH /api/v1/assets: fields of one or a hundred thousand, as one act."""
    body = await read_object(request)
    ids, change = read_ids(body), read_change(body)
    acts = context_of(request).library.acts

    async def work(progress: Progress) -> Mapping[str, Any]:
        return done_json(await acts.edit(OWNER, ids, change, progress=progress))

    return await answer_long(request, len(ids), work)


async def split_asset(request: Request) -> Response:
    """POST /api/v1/assets/split: some files of an asset become one of their own."""
    body = await read_object(request)
    public_id = body.get("id")
    if not isinstance(public_id, str):
        raise BadRequestError("id: must be the id of a photo or video")
    acts = context_of(request).library.acts
    done, assets = await acts.split(OWNER, public_id, _read_file_ids(body.get("file_ids")))
    return json_response({**done_json(done), "assets": assets})


async def merge_assets(request: Request) -> Response:
    """POST /api/v1/assets/merge: several become the first of them."""
    ids = read_ids(await read_object(request))
    done, asset = await context_of(request).library.acts.merge(OWNER, ids)
    return json_response({**done_json(done), "asset": asset})


async def choose_shown(request: Request) -> Response:
    """POST /api/v1/assets/{id}/shown: which file stands for the asset; null leaves it open."""
    body = await read_object(request)
    if "file_id" not in body:
        raise BadRequestError("file_id: must be the id of a file, or null to leave the choice")
    wanted = body["file_id"]
    file_id = None if wanted is None else _read_file_ids([wanted])[0]
    acts = context_of(request).library.acts
    return done_response(await acts.choose_shown(OWNER, request.path_params["id"], file_id))


def done_json(done: Done) -> dict[str, Any]:
    """The answer to an act. `deleted`: how many of the skipped are not there any more."""
    return {
        "act": done.act,
        "changed": done.changed,
        "skipped": done.skipped,
        "deleted": done.deleted,
        "revision": done.revision,
    }


def done_response(done: Done) -> Response:
    """The answer to an act, as a response."""
    return json_response(done_json(done))


def _read_file_ids(value: Any) -> list[int]:
    """Ids of files; a page may have them as text."""
    if not isinstance(value, list) or not 1 <= len(value) <= 1000:
        raise BadRequestError("file_ids: must be a list of ids of files")
    ids = []
    for one in value:
        text = str(one) if type(one) in (int, str) else ""
        is_number = text.isascii() and text.isdecimal() and len(text) <= 16
        if not is_number or int(text) > MAX_NUMBER:
            raise BadRequestError("file_id: must be the id of a file, a whole number")
        ids.append(int(text))
    return ids
