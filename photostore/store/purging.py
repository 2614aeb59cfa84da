"""Files that have been missing for so long that they are forgotten, with all that was said of them.

For 30 days a missing file keeps its asset with tags, albums and edits (SPEC 4.4); then only the
journal tells of it. What lies in the trash is not missing, and what a marker or a pattern hides is
there: who calls has to look before anything is forgotten.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from photostore.store.disposal import note_deleted
from photostore.store.trash import CLOCK_SET_MS, DisposedFile
from photostore.store.volumes import join_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from photostore.store.db import Reading, Transaction

# In roots that are in use and show their files, not in folders that are passed over: another disk
# that is mounted over a folder hides its files; an asset goes with the last of its files only. What
# a person took out of the library is remembered, so that its content is not imported again.
LONG_MISSING = """
  SELECT file.id, file.asset_id, asset.public_id, hex(file.sha1) AS sha1, file.size, file.name,
         folder.path AS folder, volume.mount_path
  FROM file INDEXED BY file_gone
  CROSS JOIN folder ON folder.id = file.folder_id CROSS JOIN root ON root.id = folder.root_id
  CROSS JOIN volume ON volume.id = folder.volume_id LEFT JOIN asset ON asset.id = file.asset_id
  WHERE file.gone_at < :before AND file.gone_at >= :clock_set
    AND file.trashed IS NULL AND asset.removed_at IS NULL AND folder.excluded IS NULL
    AND root.configured = 1 AND root.state = 'ok' AND file.id > :after
    AND NOT EXISTS (SELECT 1 FROM file AS other WHERE other.asset_id = file.asset_id
                      AND other.gone_at >= :before)
  ORDER BY file.id LIMIT :limit
"""


async def long_missing(
    reading: Reading, before_ms: int, *, after: int, limit: int
) -> list[DisposedFile]:
    """Files missing since before a time (UTC ms), by id from `after` on; `source` is their path.

    A file that never became an asset has the asset id 0.
    """
    rows = await reading.fetch_all(
        LONG_MISSING,
        {"before": before_ms, "clock_set": CLOCK_SET_MS, "after": after, "limit": limit},
    )
    return [
        DisposedFile(
            row["asset_id"] or 0,
            row["public_id"] or "",
            row["id"],
            row["sha1"] or None,
            join_path(join_path(row["mount_path"], row["folder"]), row["name"]),
            b"",
            row["size"],
        )
        for row in rows
    ]


async def forget_files(
    transaction: Transaction, forgotten: Sequence[DisposedFile], before_ms: int
) -> list[bytes]:
    """Delete the rows of files that are missing still, and assets of which no row is left.

    Returns the contents that nothing in the library has any more.
    """
    rows = await transaction.fetch_all(
        """SELECT id FROM file WHERE gone_at < ? AND trashed IS NULL
           AND id IN (SELECT value FROM json_each(?))""",
        (before_ms, json.dumps([file.file_id for file in forgotten])),
    )
    still = {row["id"] for row in rows}
    gone = [file for file in forgotten if file.file_id in still]
    # A file that a marker hides, or on a disk that is away, is no less there for being missing.
    owned = [file for file in gone if file.asset_id]
    unused = await note_deleted(transaction, owned, keep_missing=True)
    await transaction.execute_many(
        "DELETE FROM file WHERE id = ? AND asset_id IS NULL", [(file.file_id,) for file in gone]
    )
    return unused
