"""What follows in the database when files were moved to a trash, moved back, or deleted.

Written by what the disk says, and twice without harm: a start after a crash draws the same
consequences again (SPEC 9.5).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from photostore.store.assets import refresh
from photostore.store.files import move_file
from photostore.store.folders import ensure_folders, known_folders

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from photostore.store.db import Reading, Transaction
    from photostore.store.trash import DisposedFile


async def note_trashed(
    transaction: Transaction, moved: Sequence[DisposedFile], now_ms: int
) -> None:
    """Files lie in a trash now, and with them the assets that have them now.

    One that got another file while these were moved has that one still, and is not in the trash.
    """
    mounts = await mount_paths(transaction)
    places = [(file, *_place_in(mounts, file.source, file.target)) for file in moved]
    await transaction.execute_many(
        "UPDATE file SET gone_at = ?, trashed = ? WHERE id = ?",
        [(now_ms, place, file.file_id) for file, _, place in places if file.file_id is not None],
    )
    await transaction.execute_many(
        """INSERT INTO trashed_sidecar (asset_id, volume_id, trashed, size)
           SELECT asset_id, folder.volume_id, ?, ? FROM file
           JOIN folder ON folder.id = file.folder_id JOIN volume ON volume.id = folder.volume_id
           WHERE asset_id = ? AND volume.mount_path = ? LIMIT 1
           ON CONFLICT DO NOTHING""",
        [
            (place, file.size, file.asset_id, mount)
            for file, mount, place in places
            if file.file_id is None
        ],
    )
    rows = await transaction.fetch_all(
        """SELECT DISTINCT asset_id, EXISTS (SELECT 1 FROM file AS other
             WHERE other.asset_id = file.asset_id AND other.gone_at IS NULL
               AND other.sha1 IS NOT NULL AND other.state <> 'rejected') AS stays
           FROM file WHERE asset_id IS NOT NULL AND id IN (SELECT value FROM json_each(?))""",
        (json.dumps([file.file_id for file in moved if file.file_id is not None]),),
    )
    await _shelve(transaction, [row["asset_id"] for row in rows if not row["stays"]], now_ms)
    await refresh(transaction, [row["asset_id"] for row in rows if row["stays"]])


async def note_restored(transaction: Transaction, moved: Sequence[DisposedFile]) -> None:
    """Files are back from a trash, at the places that `target` names, and so are their assets."""
    mounts = await mount_paths(transaction)
    ids = {file.asset_id for file in moved}
    strayed = set()
    for file in moved:
        if file.file_id is None:
            continue
        if await _has_strayed(transaction, file, mounts):
            strayed.add(file.asset_id)
    await transaction.execute_many(
        "UPDATE file SET gone_at = NULL, trashed = NULL WHERE id = ?",
        [(file.file_id,) for file in moved if file.file_id is not None],
    )
    await transaction.execute(
        "DELETE FROM trashed_sidecar WHERE asset_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    )
    await _shelve(transaction, ids, None)
    await refresh(transaction, strayed)
    # What was said of it just before it was trashed may not be written beside it yet (SPEC 9.1).
    await transaction.execute(
        """UPDATE asset SET sidecar_due = revision WHERE sidecar_due IS NULL
             AND id IN (SELECT value FROM json_each(?))
             AND EXISTS (SELECT 1 FROM asset_edit WHERE asset_id = asset.id)""",
        (json.dumps(list(ids)),),
    )


async def _has_strayed(
    transaction: Transaction, file: DisposedFile, mounts: Sequence[bytes]
) -> bool:
    """Whether a file came back to another name than its row has; the row has it then."""
    row = await transaction.fetch_one(
        """SELECT folder.path, folder.root_id, folder.volume_id, file.name FROM file
           JOIN folder ON folder.id = file.folder_id WHERE file.id = ?""",
        (file.file_id,),
    )
    mount = _mount_of(mounts, file.target)
    if row is None or file.file_id is None:
        return False
    folder, _, name = file.target.removeprefix(mount.rstrip(b"/") + b"/").rpartition(b"/")
    if (folder, name) == (row["path"], row["name"]):
        return False
    await ensure_folders(transaction, row["root_id"], row["volume_id"], [folder])
    known = await known_folders(transaction, row["volume_id"], [folder])
    await move_file(transaction, file.file_id, known[folder].id, name)
    return True


async def note_deleted(
    transaction: Transaction, deleted: Sequence[DisposedFile], *, keep_missing: bool = False
) -> list[bytes]:
    """Files are gone for good; an asset of which none is left goes too, with all that was said.

    With `keep_missing` a file that is missing only counts as left: it may come back. Returns the
    contents that nothing in the library has any more.
    """
    asset_ids = json.dumps(sorted({file.asset_id for file in deleted}))
    file_ids = json.dumps([file.file_id for file in deleted if file.file_id is not None])
    sha1s = {bytes.fromhex(file.sha1) for file in deleted if file.sha1}
    mounts = await mount_paths(transaction)
    await transaction.execute_many(
        "DELETE FROM trashed_sidecar WHERE asset_id = ? AND trashed = ?",
        [
            (file.asset_id, _place_in(mounts, file.source, file.source)[1])
            for file in deleted
            if file.file_id is None
        ],
    )
    among = "IN (SELECT value FROM json_each(:files))"
    for column in ("shown_file_id", "chosen_file_id"):
        await transaction.execute(
            f"""UPDATE asset SET {column} = NULL
                WHERE id IN (SELECT value FROM json_each(:assets)) AND {column} {among}""",
            {"assets": asset_ids, "files": file_ids},
        )
    await transaction.execute(f"DELETE FROM file WHERE id {among}", {"files": file_ids})
    rows = await transaction.fetch_all(
        """SELECT id, EXISTS (SELECT 1 FROM file WHERE asset_id = asset.id
             AND (:keep OR gone_at IS NULL OR trashed IS NOT NULL)) AS stays
           FROM asset WHERE id IN (SELECT value FROM json_each(:assets))""",
        {"assets": asset_ids, "keep": keep_missing},
    )
    await _delete_assets(transaction, [row["id"] for row in rows if not row["stays"]])
    await refresh(transaction, [row["id"] for row in rows if row["stays"]])
    return [
        sha1
        for sha1 in sha1s
        if await transaction.fetch_one("SELECT 1 FROM file WHERE sha1 = ?", (sha1,)) is None
    ]


async def _delete_assets(transaction: Transaction, asset_ids: Sequence[int]) -> None:
    """Delete assets with what is missing of their files; views learn of it by `deleted_asset`."""
    among = "IN (SELECT value FROM json_each(:ids))"
    parameters = {"ids": json.dumps(asset_ids), "revision": await transaction.revision()}
    for statement in (
        f"UPDATE asset SET shown_file_id = NULL, chosen_file_id = NULL WHERE id {among}",
        f"DELETE FROM file WHERE asset_id {among}",
        f"DELETE FROM asset_text WHERE rowid {among}",
        f"DELETE FROM asset_position WHERE id {among}",
        f"DELETE FROM asset WHERE id {among}",
        """INSERT INTO deleted_asset (id, revision) SELECT value, :revision FROM json_each(:ids)
           WHERE true ON CONFLICT (id) DO UPDATE SET revision = excluded.revision""",
    ):
        await transaction.execute(statement, parameters)


async def note_emptied(transaction: Transaction, file_ids: Sequence[int], now_ms: int) -> list[int]:
    """Files that another program deleted from the trash are missing now; returns their assets."""
    ids = json.dumps(list(file_ids))
    rows = await transaction.fetch_all(
        """SELECT DISTINCT asset_id FROM file
           WHERE id IN (SELECT value FROM json_each(?)) AND asset_id IS NOT NULL""",
        (ids,),
    )
    await transaction.execute(
        """UPDATE file SET trashed = NULL, gone_at = ?
           WHERE id IN (SELECT value FROM json_each(?))""",
        (now_ms, ids),
    )
    assets = [row["asset_id"] for row in rows]
    await transaction.execute(
        """UPDATE asset SET trashed_at = NULL WHERE id IN (SELECT value FROM json_each(?))
             AND NOT EXISTS (SELECT 1 FROM file WHERE asset_id = asset.id
                               AND trashed IS NOT NULL)""",
        (json.dumps(assets),),
    )
    await refresh(transaction, assets)
    return assets


async def _shelve(
    transaction: Transaction, asset_ids: Iterable[int], trashed_at: int | None
) -> None:
    """Put assets into the trash or back where they were, all at once.

    Nothing else of them changes with that; `assets.refresh` would derive each anew. One that was
    taken out of the library while its files were moved is in the trash: from there it comes back.
    """
    await transaction.execute(
        """UPDATE asset SET trashed_at = :at, revision = :revision,
             removed_at = CASE WHEN :at IS NULL THEN removed_at END, shelf = CASE
             WHEN :at IS NOT NULL THEN 'trash' WHEN removed_at IS NOT NULL THEN 'removed'
             WHEN hidden_at IS NOT NULL THEN 'hidden' ELSE 'timeline' END
           WHERE id IN (SELECT value FROM json_each(:ids))""",
        {
            "at": trashed_at,
            "revision": await transaction.revision(),
            "ids": json.dumps(list(asset_ids)),
        },
    )


async def mount_paths(reading: Reading) -> list[bytes]:
    """Where the known volumes are mounted, the deepest first."""
    rows = await reading.fetch_all("SELECT DISTINCT mount_path FROM volume")
    return sorted((row["mount_path"] for row in rows), key=len, reverse=True)


def _mount_of(mounts: Sequence[bytes], path: bytes) -> bytes:
    return next((one for one in mounts if path.startswith(one.rstrip(b"/") + b"/")), b"/")


def _place_in(mounts: Sequence[bytes], source: bytes, target: bytes) -> tuple[bytes, bytes]:
    """The mount point of `source`, and `target` relative to it, or absolute if not below it."""
    mount = _mount_of(mounts, source)
    return mount, target.removeprefix(mount.rstrip(b"/") + b"/")
