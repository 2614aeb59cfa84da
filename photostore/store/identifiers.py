"""Public ids: ULIDs in lower case, sortable by the time they were made and not to be guessed.

26 characters of Crockford's base 32: 48 bits of UTC milliseconds, then 80 random bits.
"""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from photostore.store.db import Reading

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 26


def make_public_id(now_ms: int) -> str:
    """A new id; `now_ms` is UTC milliseconds since 1970."""
    number = (now_ms << 80) | secrets.randbits(80)
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


async def name_assets(reading: Reading, asset_ids: Sequence[int]) -> dict[int, str]:
    """The public ids of assets by their row ids."""
    rows = await reading.fetch_all(
        "SELECT id, public_id FROM asset WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(asset_ids)),),
    )
    return {row["id"]: row["public_id"] for row in rows}


async def public_ids(reading: Reading, asset_ids: Sequence[int]) -> tuple[str, ...]:
    """The public ids of assets, in no particular order."""
    rows = await reading.fetch_all(
        "SELECT public_id FROM asset WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(asset_ids)),),
    )
    return tuple(row["public_id"] for row in rows)
