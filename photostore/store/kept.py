"""What waits for a file: a library that was rebuilt has its assets before their files (SPEC 9.6).

The replay of the journal makes an asset for each that a person ever changed, without files, and
names the contents that belong to it. When such a content is read, its file joins that asset, and
with it come the edits, the albums and the public id.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from photostore.store.edits import EditChange, Field, save_edits
from photostore.store.scope import OWNER_ID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from photostore.store.db import Reading, Transaction


async def keep_for(
    transaction: Transaction,
    asset_id: int,
    contents: Sequence[tuple[bytes, bytes]],
    group_key: str | None,
) -> None:
    """Have files join an asset once they are read: (SHA-1, path below the mount point or empty)."""
    await transaction.execute_many(
        """INSERT INTO kept (sha1, path, asset_id, group_key) VALUES (?, ?, ?, ?)
           ON CONFLICT (sha1, path)
             DO UPDATE SET asset_id = excluded.asset_id, group_key = excluded.group_key""",
        [(sha1, path, asset_id, group_key) for sha1, path in contents],
    )


async def waited_for(reading: Reading) -> frozenset[bytes]:
    """The contents (SHA-1) that assets wait for."""
    rows = await reading.fetch_all("SELECT DISTINCT sha1 FROM kept")
    return frozenset(row["sha1"] for row in rows)


async def forget_kept(transaction: Transaction, asset_ids: Sequence[int]) -> None:
    """Have assets wait for nothing more."""
    await transaction.execute(
        "DELETE FROM kept WHERE asset_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(asset_ids)),),
    )


async def set_removed(
    transaction: Transaction, asset_ids: Sequence[int], at_ms: int | None
) -> None:
    """Take assets out of the library as of a time, or back into it; to be refreshed after it."""
    await transaction.execute(
        "UPDATE asset SET removed_at = ? WHERE id IN (SELECT value FROM json_each(?))",
        (at_ms, json.dumps(list(asset_ids))),
    )


async def known_user(reading: Reading, user_id: int) -> int:
    """Return this user, or the owner of the library if there is none of that id."""
    found = await reading.fetch_value("SELECT id FROM user WHERE id = ?", (user_id,))
    return OWNER_ID if found is None else int(found)


async def take_kept(transaction: Transaction, file_id: int, sha1: bytes) -> int | None:
    """The asset that waits for this content, at this path rather than anywhere; waited for no more.

    The file gets the group that the person had put it into.
    """
    row = await transaction.fetch_one(
        """SELECT kept.path, kept.asset_id, kept.group_key FROM kept
           WHERE kept.sha1 = ?1 AND kept.path IN (x'', (
             SELECT iif(folder.path = x'', file.name, CAST(folder.path || x'2f' || file.name
               AS BLOB))
             FROM file JOIN folder ON folder.id = file.folder_id WHERE file.id = ?2))
           ORDER BY kept.path DESC LIMIT 1""",
        (sha1, file_id),
    )
    if row is None:
        return None
    await transaction.execute("DELETE FROM kept WHERE sha1 = ? AND path = ?", (sha1, row["path"]))
    await transaction.execute(
        "UPDATE file SET group_key = ? WHERE id = ?", (row["group_key"], file_id)
    )
    return int(row["asset_id"])


async def take_up_said(transaction: Transaction, asset_id: int, extra: str, now_ms: int) -> None:
    """Take up what a person said in an earlier library, from the sidecar that it wrote (SPEC 9.6).

    For assets that are new: of a known one the database knows better. `extra` is JSON facts.
    """
    said = json.loads(extra).get("person") if '"person"' in extra else None
    if not isinstance(said, dict):
        return
    known = set(Field)
    changes = [
        EditChange(asset_id, field, [value]) for field, value in said.items() if field in known
    ]
    await save_edits(transaction, changes, OWNER_ID, now_ms)
