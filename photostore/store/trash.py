"""Assets in the trash: which files they have, where those lie, and what became of them (SPEC 9).

The files themselves are moved by `library.trash`; what follows from that is written by `disposal`.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

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
