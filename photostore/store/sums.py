"""How much some assets weigh: what a selection shows, and what a person is asked about."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from photostore.store.db import Reading
    from photostore.store.scope import Scope


@dataclass(frozen=True, slots=True)
class Sums:
    """Counts, and the bytes of the files that are there (in the trash counts as there)."""

    assets: int
    files: int
    size_bytes: int


async def sum_assets(reading: Reading, scope: Scope, public_ids: Sequence[str]) -> Sums:
    """The sums of those of the assets that the scope may see; each counts once."""
    row = await reading.fetch_one(
        # The plus keeps the planner from walking all of an owner's assets by an index.
        """SELECT count(DISTINCT asset.id) AS assets, count(file.id) AS files,
             coalesce(sum(file.size), 0) AS bytes
           FROM asset LEFT JOIN file ON file.asset_id = asset.id
             AND (file.gone_at IS NULL OR file.trashed IS NOT NULL)
           WHERE +asset.owner_id = :owner
             AND asset.public_id IN (SELECT value FROM json_each(:ids))""",
        {"owner": scope.user_id, "ids": json.dumps(list(public_ids))},
    )
    return Sums(row["assets"], row["files"], row["bytes"]) if row else Sums(0, 0, 0)
