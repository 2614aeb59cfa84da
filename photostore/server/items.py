"""Assets as short lists show them: streams, covers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from photostore.server.wire import item_json
from photostore.store.timeline import rows_by_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from photostore.store.db import Reading
    from photostore.store.scope import Scope
    from photostore.store.streams import Stream


async def load_items(
    reading: Reading, scope: Scope, asset_ids: Iterable[int]
) -> dict[int, dict[str, Any]]:
    """Items by the database ids of assets, without those that the scope may not see."""
    rows = await rows_by_id(reading, scope, list(dict.fromkeys(asset_ids)))
    return {asset_id: item_json(row) for asset_id, row in rows.items()}


async def streams_json(
    reading: Reading, scope: Scope, streams: Sequence[Stream | None]
) -> list[dict[str, Any]]:
    """Streams with their items; those of which nothing is left are left out."""
    there = [stream for stream in streams if stream is not None]
    items = await load_items(reading, scope, (one for stream in there for one in stream.asset_ids))
    return [
        stream_json(stream, items)
        for stream in there
        if any(one in items for one in stream.asset_ids)
    ]


def stream_json(stream: Stream, items: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
    """One stream, its items in its order."""
    return {
        "kind": stream.kind,
        "title": stream.title,
        "query": stream.query,
        "count": stream.count,
        "items": [items[one] for one in stream.asset_ids if one in items],
    }
