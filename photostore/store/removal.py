"""Assets that a person took out of the library; their files stay where they are (SPEC 9).

Their rows stay too, and with them the contents of their files: `grouping.find_asset` gives the same
content to the removed asset, so that it is not imported again until this is undone.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from photostore.store.assets import refresh

if TYPE_CHECKING:
    from collections.abc import Sequence

    from photostore.store.db import Transaction
    from photostore.store.scope import Scope


async def set_removed(
    transaction: Transaction, scope: Scope, public_ids: Sequence[str], removed_at: int | None
) -> dict[str, set[str]]:
    """Take assets out of the library, or back into it; those that change, with their contents.

    What is in the trash is not in the library and stays as it is.
    """
    rows = await transaction.fetch_all(
        f"""SELECT id, public_id FROM asset WHERE +owner_id = :owner AND trashed_at IS NULL
              AND public_id IN (SELECT value FROM json_each(:ids))
              AND removed_at IS {"NULL" if removed_at is not None else "NOT NULL"}""",
        {"owner": scope.user_id, "ids": json.dumps(list(public_ids))},
    )
    named = {row["id"]: row["public_id"] for row in rows}
    ids = json.dumps(list(named))
    await transaction.execute(
        "UPDATE asset SET removed_at = ? WHERE id IN (SELECT value FROM json_each(?))",
        (removed_at, ids),
    )
    contents: dict[str, set[str]] = {public_id: set() for public_id in named.values()}
    for row in await transaction.fetch_all(
        """SELECT asset_id, lower(hex(sha1)) AS sha1 FROM file WHERE sha1 IS NOT NULL
             AND asset_id IN (SELECT value FROM json_each(?))""",
        (ids,),
    ):
        contents[named[row["asset_id"]]].add(row["sha1"])
    await refresh(transaction, named)
    return contents
