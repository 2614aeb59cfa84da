"""Every tag of a file and every date that was found in it, read from the original on request."""

from __future__ import annotations

import asyncio
import os
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from photostore.base.errors import NotFoundError, UnreadableError
from photostore.library.originals import open_original
from photostore.media.capture import Candidate, weigh
from photostore.media.everything import TagGroup, read_everything
from photostore.media.facts import Captured, Precision
from photostore.media.probe import probe
from photostore.media.reading import Digest, read_content
from photostore.server.context import context_of
from photostore.server.parameters import read_number
from photostore.server.pictures import find_asset
from photostore.server.responses import json_response
from photostore.server.wire import offset_text, source_text, wall_time
from photostore.store.volumes import configured_roots
from photostore.sync.companions import sidecars_beside, with_sidecars

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from photostore.store.details import AssetDetails, FileDetails

LIMIT_S = 30.0
# An original is held in memory while it is read: one at a time.
_TURN = threading.Lock()
# Dates that no file holds.
_OTHERS = {"siblings": "from the files beside it", "person": "given by a person"}


@dataclass(frozen=True, slots=True)
class _Told:
    groups: tuple[TagGroup, ...]
    candidates: tuple[Candidate, ...]


async def show_metadata(request: Request) -> Response:
    """GET /api/v1/assets/{id}/metadata: all tags of the shown file, or of the one in `file`."""
    library = context_of(request).library
    asset = await find_asset(request, library)
    file = asset.shown
    if "file" in request.query_params:
        wanted = read_number(request, "file", None)
        file = next((one for one in asset.files if one.id == wanted), file)
        if file.id != wanted:
            raise NotFoundError("This photo or video has no such file")
    if file.state == "missing":
        raise NotFoundError("The file is not there now, so nothing can be read from it")
    async with library.database.read() as reading:
        roots = [root.path for root in await configured_roots(reading)]
    try:
        reading_it = asyncio.to_thread(_read, file, roots)
        told = await asyncio.wait_for(reading_it, LIMIT_S)
    except TimeoutError:
        raise UnreadableError(file.path, f"given up after {LIMIT_S:.0f} s") from None
    candidates = _with_others(told.candidates, asset, file)
    return json_response(
        {
            "file": file.id,
            "groups": [group_json(group) for group in told.groups],
            "captured_candidates": [candidate_json(one) for one in candidates],
        }
    )


def _read(file: FileDetails, roots: Sequence[bytes]) -> _Told:
    """Read a file and its sidecars, in a thread. Raises FileError."""
    os.close(open_original(file.path, roots))
    known = Digest(file.size, file.mtime_ns, file.sha1) if file.sha1 else None
    with _TURN:
        content = read_content(file.path, known)
        facts = with_sidecars(file.path, probe(content)).facts
        groups = read_everything(content, sidecars_beside(file.path))
    return _Told(groups, weigh(facts.dates, facts.captured, datetime.now(UTC)))


def _with_others(
    candidates: Sequence[Candidate], asset: AssetDetails, file: FileDetails
) -> list[Candidate]:
    """Add the date that neighbours or a person gave, which then is the one that counts."""
    reason = _OTHERS.get(asset.captured_source or "")
    if reason is None or asset.captured_ms is None or file is not asset.shown:
        return list(candidates)
    local = datetime.fromtimestamp(asset.captured_ms / 1000, UTC).replace(tzinfo=None)
    captured = Captured(
        local,
        Precision(asset.captured_precision or Precision.SECOND),
        asset.captured_offset_min,
        asset.captured_source or "",
    )
    others = [
        replace(one, chosen=False, reason=f"less trusted than {captured.source}")
        if one.chosen
        else one
        for one in candidates
    ]
    return [Candidate(captured, chosen=True, reason=reason), *others]


def group_json(group: TagGroup) -> dict[str, Any]:
    """A group of tags; names and values are text of the file and stay text."""
    entries = [{"tag": tag, "value": value} for tag, value in group.entries]
    return {"name": group.name, "entries": entries}


def candidate_json(candidate: Candidate) -> dict[str, Any]:
    """A date that was found, whether it counts, and why or why not."""
    captured = candidate.captured
    moment_ms = round(captured.local.replace(tzinfo=UTC).timestamp() * 1000)
    return {
        "local": wall_time(moment_ms),
        "offset": offset_text(captured.offset_min),
        "precision": captured.precision,
        "source": captured.source,
        "source_text": source_text(captured.source),
        "chosen": candidate.chosen,
        "reason": candidate.reason,
    }
