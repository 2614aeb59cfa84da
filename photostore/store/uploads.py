"""Files that people add in the browser: what is here already, their rows, their batches.

A batch is what somebody added at once. Its rows stay until its act is in the journal, so that a
crash between the two loses neither.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photostore.store.files import SeenFile, register_files
from photostore.store.folders import ensure_folders, known_folders
from photostore.store.volumes import join_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from photostore.store.db import Reading, Row, Transaction
    from photostore.store.scope import Scope
    from photostore.store.volumes import Root


# SHA-1s in hex by the public id of their asset.
Contents = dict[str, set[str]]
# So many values in one statement.
CHUNK = 500


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file of some content that is there: its asset, on which shelf that is, where it lies."""

    sha1: bytes
    public_id: str
    shelf: str
    path: bytes
    size: int


@dataclass(frozen=True, slots=True)
class Added:
    """Who added a file, when, and as a part of which batch."""

    batch: str
    user_id: int
    at_ms: int


async def find_held(reading: Reading, scope: Scope, sha1s: Sequence[bytes]) -> list[HeldFile]:
    """Files with these contents that are there and belong to somebody's assets."""
    found: list[Row] = []
    for start in range(0, len(sha1s), CHUNK):
        some = sha1s[start : start + CHUNK]
        places = ", ".join("?" * len(some))
        found += await reading.fetch_all(
            f"""SELECT file.sha1, file.size, file.name, folder.path AS folder, volume.mount_path,
                  asset.public_id, asset.shelf
                FROM file INDEXED BY file_sha1 JOIN asset ON asset.id = file.asset_id
                JOIN folder ON folder.id = file.folder_id
                JOIN volume ON volume.id = folder.volume_id JOIN root ON root.id = folder.root_id
                WHERE file.sha1 IN ({places}) AND file.gone_at IS NULL AND file.state = 'ready'
                  AND asset.owner_id = ? AND root.state <> 'unavailable' ORDER BY file.id""",
            (*some, scope.user_id),
        )
    return [
        HeldFile(
            row["sha1"],
            row["public_id"],
            row["shelf"],
            join_path(join_path(row["mount_path"], row["folder"]), row["name"]),
            row["size"],
        )
        for row in found
    ]


async def register_upload(
    transaction: Transaction,
    root: Root,
    folder: bytes,
    file: SeenFile,
    added: Added,
    *,
    is_new: bool,
) -> int:
    """The row of a file that is in its place, still to be read; `folder` is absolute.

    One that is not new, since it was there before it was sent, is no part of the batch.
    """
    relative = _relative(root, folder)
    await ensure_folders(transaction, root.id, root.volume_id, [relative])
    known = await known_folders(transaction, root.volume_id, [relative])
    folder_id = known[relative].id
    await register_files(transaction, [(folder_id, file)], added.at_ms)
    row_id = int(
        await transaction.fetch_value(
            "SELECT id FROM file WHERE folder_id = ? AND name = ?", (folder_id, file.name)
        )
    )
    await transaction.execute("UPDATE file SET in_library = 1 WHERE id = ?", (row_id,))
    if not is_new:
        return row_id
    await transaction.execute(
        """INSERT INTO upload (file_id, batch, user_id, at) VALUES (?, ?, ?, ?)
           ON CONFLICT (file_id) DO UPDATE SET batch = excluded.batch, at = excluded.at""",
        (row_id, added.batch, added.user_id, added.at_ms),
    )
    return row_id


async def find_moments(reading: Reading, root: Root, path: bytes) -> dict[bytes, int | None]:
    """Capture times of the files in a folder whose names begin as that of `path` does."""
    folder, name = os.path.split(path)
    stem = os.path.splitext(name)[0]
    rows = await reading.fetch_all(
        """SELECT file.name, file.captured_ms FROM folder JOIN file ON file.folder_id = folder.id
           WHERE folder.volume_id = ? AND folder.path = ? AND file.gone_at IS NULL
             AND file.name >= ? AND file.name < ?""",
        # What follows the stem is a dot or a hyphen, and both come before the slash.
        (root.volume_id, _relative(root, folder), stem, stem + b"/"),
    )
    return {row["name"]: row["captured_ms"] for row in rows}


def _relative(root: Root, folder: bytes) -> bytes:
    """A folder's path relative to the mount point of its volume."""
    mount = root.mount_path.rstrip(b"/") + b"/"
    return (folder + b"/").removeprefix(mount).rstrip(b"/")


async def find_recorded(reading: Reading, scope: Scope, file_id: int) -> tuple[str, str] | None:
    """Public id and shelf of the asset that a file was recorded for; None before that."""
    row = await reading.fetch_one(
        """SELECT asset.public_id, asset.shelf FROM file JOIN asset ON asset.id = file.asset_id
           WHERE file.id = ? AND file.state = 'ready' AND asset.owner_id = ?""",
        (file_id, scope.user_id),
    )
    return None if row is None else (row["public_id"], row["shelf"])


async def is_known(reading: Reading, sha1: bytes) -> bool:
    """Whether any file has or had this content, be it missing or in the trash."""
    return await reading.fetch_value("SELECT 1 FROM file WHERE sha1 = ?", (sha1,)) is not None


async def take_batch(transaction: Transaction, scope: Scope, batch: str) -> Contents | None:
    """What somebody added in a batch, which is over by this; None if nothing was.

    A file that is not read yet stays in its batch.
    """
    rows = await transaction.fetch_all(
        """SELECT upload.file_id, file.sha1, asset.public_id
           FROM upload INDEXED BY upload_batch JOIN file ON file.id = upload.file_id
           JOIN asset ON asset.id = file.asset_id
           WHERE upload.batch = ? AND upload.user_id = ? AND file.sha1 IS NOT NULL
           ORDER BY upload.at, upload.file_id""",
        (batch, scope.user_id),
    )
    await transaction.execute_many(
        "DELETE FROM upload WHERE file_id = ?", [(row["file_id"],) for row in rows]
    )
    contents: Contents = {}
    for row in rows:
        contents.setdefault(row["public_id"], set()).add(row["sha1"].hex())
    return contents or None


async def quiet_batches(reading: Reading, before_ms: int) -> list[tuple[int, str]]:
    """Batches to which nothing was added since a time, each with whose it is."""
    rows = await reading.fetch_all(
        "SELECT min(user_id), batch FROM upload GROUP BY batch HAVING max(at) < ?", (before_ms,)
    )
    return [(row[0], row[1]) for row in rows]
