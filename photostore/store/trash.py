"""Assets in the trash: which files they have, where those lie, and what became of them (SPEC 9).

The files themselves are moved by `library.trash`; what is written here follows from that, and may
be written twice without harm, since a start after a crash draws the same consequences again.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from photostore.store.assets import refresh
from photostore.store.files import move_file
from photostore.store.folders import ensure_folders, known_folders
from photostore.store.volumes import join_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from photostore.store.db import Reading, Row, Transaction
    from photostore.store.scope import Scope


# A time before this one (2025) comes from a clock that was not set, as on a Pi without a battery:
# when something happened then is not known.
CLOCK_SET_MS = 1_735_689_600_000


class _OfAsset(Protocol):
    @property
    def asset_id(self) -> int: ...

    @property
    def public_id(self) -> str: ...


OfAsset = TypeVar("OfAsset", bound=_OfAsset)


@dataclass(frozen=True, slots=True)
class Original:
    """One file of an asset. Paths are absolute as the volume is mounted now.

    `trashed`: where it lies in a trash, None if it does not; `is_gone`: it is not at `path`.
    `away`: why its root cannot be read now, None if it can. A file without an id is a sidecar.
    """

    id: int | None
    path: bytes
    size: int
    mtime_ns: int
    sha1: bytes | None
    is_gone: bool
    trashed: bytes | None
    root: bytes
    away: str | None


@dataclass(frozen=True, slots=True)
class AssetOriginals:
    """An asset with all its files, sidecars in the trash included."""

    id: int
    public_id: str
    shelf: str
    trashed_at: int | None
    files: tuple[Original, ...]

    @property
    def sha1s(self) -> list[str]:
        """The contents of its files."""
        return sorted({file.sha1.hex() for file in self.files if file.sha1 is not None})


@dataclass(frozen=True, slots=True)
class DisposedFile:
    """A file that was moved or deleted: absolute paths before and after, the latter empty if gone.

    `file_id` is None for a sidecar, `sha1` its content in hex where that is known.
    """

    asset_id: int
    public_id: str
    file_id: int | None
    sha1: str | None
    source: bytes
    target: bytes
    size: int


@dataclass(frozen=True, slots=True)
class TrashTotals:
    """What is in the trash; `oldest_at` in milliseconds since 1970, None if nothing is."""

    assets: int
    files: int
    size_bytes: int
    oldest_at: int | None


async def load_originals(
    reading: Reading, scope: Scope, public_ids: Sequence[str]
) -> list[AssetOriginals]:
    """These assets with their files, in the order asked for; unknown ids are left out."""
    assets = await reading.fetch_all(
        # The plus keeps the planner from walking all of an owner's assets by an index.
        """SELECT id, public_id, shelf, trashed_at FROM asset WHERE +owner_id = :owner
             AND public_id IN (SELECT value FROM json_each(:ids))""",
        {"owner": scope.user_id, "ids": json.dumps(list(public_ids))},
    )
    ids = {"ids": json.dumps([row["id"] for row in assets])}
    files = await reading.fetch_all(
        """SELECT file.*, folder.path AS folder, volume.mount_path, root.path AS root_path,
             root.state AS root_state, root.reason AS root_reason
           FROM file JOIN folder ON folder.id = file.folder_id
           JOIN volume ON volume.id = folder.volume_id JOIN root ON root.id = folder.root_id
           WHERE file.asset_id IN (SELECT value FROM json_each(:ids)) AND file.state <> 'rejected'
           ORDER BY file.id""",
        ids,
    )
    sidecars = await reading.fetch_all(
        """SELECT trashed_sidecar.*, volume.mount_path FROM trashed_sidecar
           JOIN volume ON volume.id = volume_id
           WHERE asset_id IN (SELECT value FROM json_each(:ids)) ORDER BY trashed""",
        ids,
    )
    found: dict[int, list[Original]] = defaultdict(list)
    for row in files:
        found[row["asset_id"]].append(_original(row))
    for row in sidecars:
        place = os.path.join(row["mount_path"], row["trashed"])
        found[row["asset_id"]].append(
            Original(None, b"", row["size"], 0, None, True, place, b"", None)
        )
    by_public_id = {
        row["public_id"]: AssetOriginals(
            row["id"], row["public_id"], row["shelf"], row["trashed_at"], tuple(found[row["id"]])
        )
        for row in assets
    }
    return [by_public_id[one] for one in dict.fromkeys(public_ids) if one in by_public_id]


def _original(row: Row) -> Original:
    mount = row["mount_path"]
    away = row["root_reason"] or "the folder cannot be read"
    return Original(
        id=row["id"],
        path=join_path(join_path(mount, row["folder"]), row["name"]),
        size=row["size"],
        mtime_ns=row["mtime_ns"],
        sha1=row["sha1"],
        is_gone=row["gone_at"] is not None,
        trashed=None if row["trashed"] is None else os.path.join(mount, row["trashed"]),
        root=join_path(mount, row["root_path"]),
        away=away if row["root_state"] == "unavailable" else None,
    )


async def ids_in_trash(reading: Reading, scope: Scope, before_ms: int | None = None) -> list[str]:
    """Public ids of what is in a person's trash, or of what came there before a time.

    Of what came there while the clock was not set the time is not known.
    """
    since, before = (0, 2**62) if before_ms is None else (CLOCK_SET_MS, before_ms)
    rows = await reading.fetch_all(
        """SELECT public_id FROM asset INDEXED BY asset_trashed
           WHERE owner_id = ? AND trashed_at >= ? AND trashed_at < ? AND removed_at IS NULL
           ORDER BY trashed_at""",
        (scope.user_id, since, before),
    )
    return [row["public_id"] for row in rows]


async def count_trash(reading: Reading, scope: Scope) -> TrashTotals:
    """How much is in a person's trash, sidecars included."""
    row = await reading.fetch_one(
        """WITH mine AS (SELECT id, trashed_at FROM asset INDEXED BY asset_trashed
             WHERE owner_id = ? AND trashed_at IS NOT NULL AND removed_at IS NULL),
           held AS (
             SELECT size FROM file JOIN mine ON mine.id = file.asset_id WHERE trashed IS NOT NULL
             UNION ALL SELECT size FROM trashed_sidecar JOIN mine ON mine.id = asset_id)
           SELECT (SELECT count(*) FROM mine), (SELECT count(*) FROM held),
             (SELECT coalesce(sum(size), 0) FROM held), (SELECT min(trashed_at) FROM mine)""",
        (scope.user_id,),
    )
    return TrashTotals(*row) if row else TrashTotals(0, 0, 0, None)


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


async def trashed_files(reading: Reading) -> list[Original]:
    """Every file that lies in a trash as far as we know, of roots that can be read."""
    rows = await reading.fetch_all(
        """SELECT file.*, folder.path AS folder, volume.mount_path, root.path AS root_path,
             root.state AS root_state, root.reason AS root_reason
           FROM file INDEXED BY file_trashed JOIN folder ON folder.id = file.folder_id
           JOIN volume ON volume.id = folder.volume_id JOIN root ON root.id = folder.root_id
           WHERE file.trashed IS NOT NULL AND root.state = 'ok' AND root.configured = 1"""
    )
    return [_original(row) for row in rows]


async def count_missing(reading: Reading) -> int:
    """How many assets have none of their files at its place, and are not in the trash."""
    return int(await reading.fetch_value("SELECT count(*) FROM asset WHERE shelf = 'missing'"))


async def missing_files(reading: Reading) -> list[tuple[DisposedFile, int]]:
    """The files of missing assets, where a disk is there, each with its time: perhaps trashed."""
    rows = await reading.fetch_all(
        """SELECT file.*, asset.public_id, folder.path AS folder, volume.mount_path FROM asset
           JOIN file ON file.asset_id = asset.id JOIN folder ON folder.id = file.folder_id
           JOIN volume ON volume.id = folder.volume_id JOIN root ON root.id = folder.root_id
           WHERE asset.shelf = 'missing' AND file.gone_at IS NOT NULL AND file.trashed IS NULL
             AND root.state = 'ok' AND root.configured = 1"""
    )
    found: list[tuple[DisposedFile, int]] = []
    for row in rows:
        path = join_path(join_path(row["mount_path"], row["folder"]), row["name"])
        sha1 = row["sha1"].hex() if row["sha1"] is not None else None
        file = DisposedFile(
            row["asset_id"], row["public_id"], row["id"], sha1, path, b"", row["size"]
        )
        found.append((file, row["mtime_ns"]))
    return found


async def public_id_of(reading: Reading, asset_id: int) -> str:
    """The id of an asset that others know."""
    return str(await reading.fetch_value("SELECT public_id FROM asset WHERE id = ?", (asset_id,)))


async def path_in_trash(reading: Reading, file_id: int) -> bytes | None:
    """Where a file lies in a trash, None if it does not."""
    row = await reading.fetch_one(
        """SELECT file.trashed, volume.mount_path FROM file
           JOIN folder ON folder.id = file.folder_id JOIN volume ON volume.id = folder.volume_id
           WHERE file.id = ? AND file.trashed IS NOT NULL""",
        (file_id,),
    )
    return None if row is None else os.path.join(row["mount_path"], row["trashed"])


async def root_paths(reading: Reading) -> list[bytes]:
    """Every root that was ever in use, as its volume is mounted now."""
    rows = await reading.fetch_all(
        """SELECT volume.mount_path, root.path FROM root
           JOIN volume ON volume.id = root.volume_id"""
    )
    return [join_path(row["mount_path"], row["path"]) for row in rows]


async def of_this_library(reading: Reading, files: Sequence[OfAsset]) -> list[OfAsset]:
    """Those of some files whose assets are known by both ids: the database may be another one."""
    rows = await reading.fetch_all(
        "SELECT id, public_id FROM asset WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted({file.asset_id for file in files})),),
    )
    known = {(row["id"], row["public_id"]) for row in rows}
    return [file for file in files if (file.asset_id, file.public_id) in known]


async def settle_acts(transaction: Transaction, act_ids: Iterable[str]) -> None:
    """Remember that all that follows from these acts is in the database."""
    await transaction.execute_many(
        "INSERT INTO settled_act (act) VALUES (?) ON CONFLICT DO NOTHING",
        [(act_id,) for act_id in act_ids],
    )


async def settled_acts(reading: Reading) -> set[str]:
    """The acts of which nothing is left to be drawn."""
    return {row["act"] for row in await reading.fetch_all("SELECT act FROM settled_act")}


async def forget_settled(transaction: Transaction, act_ids: Sequence[str]) -> None:
    """Forget acts whose records on disk are gone."""
    await transaction.execute_many(
        "DELETE FROM settled_act WHERE act = ?", [(act_id,) for act_id in act_ids]
    )


async def _shelve(
    transaction: Transaction, asset_ids: Iterable[int], trashed_at: int | None
) -> None:
    """Put assets into the trash or back where they were, all at once.

    Nothing else of them changes with that; `assets.refresh` would derive each anew.
    """
    await transaction.execute(
        """UPDATE asset SET trashed_at = :at, revision = :revision, shelf = CASE
             WHEN removed_at IS NOT NULL THEN 'removed' WHEN :at IS NOT NULL THEN 'trash'
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
