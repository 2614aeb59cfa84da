"""What "copy to library" reads of assets, and the rows of the copies it made (SPEC 9.2)."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photostore.store.assets import UNDATED_MS, refresh
from photostore.store.folders import BELOW, below, ensure_folders, known_folders
from photostore.store.volumes import join_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from photostore.store.db import Reading, Row, Transaction
    from photostore.store.scope import Scope
    from photostore.store.volumes import Root


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of an asset that can be copied. `path` is absolute as its volume is mounted now."""

    id: int
    path: bytes
    size: int
    mtime_ns: int
    sha1: bytes
    in_library: bool


@dataclass(frozen=True, slots=True)
class SourceAsset:
    """An asset with the files of it that are there.

    `captured_ms` is None where only a file system says when it was taken.
    """

    id: int
    public_id: str
    captured_ms: int | None
    make: str | None
    model: str | None
    files: tuple[SourceFile, ...]


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy that is on the disk, verified: of which file, and what it is there.

    `file_id` is None for a sidecar, which has no row.
    """

    asset_id: int
    public_id: str
    file_id: int | None
    sha1: str | None
    source: bytes
    target: bytes
    size: int
    mtime_ns: int
    inode: int


async def copyable_assets(
    reading: Reading, scope: Scope, after: int, limit: int
) -> tuple[list[int], int]:
    """Assets with a content that the library has no copy of, from one file id on; and the next.

    The next file id is 0 when there are no more.
    """
    rows = await reading.fetch_all(
        """SELECT file.id, file.asset_id FROM file JOIN asset ON asset.id = file.asset_id
           WHERE file.id > :after AND file.gone_at IS NULL AND file.state = 'ready'
             AND file.in_library = 0 AND asset.owner_id = :owner
             AND asset.shelf IN ('timeline', 'hidden')
             AND NOT EXISTS (SELECT 1 FROM file AS kept WHERE kept.sha1 = file.sha1
                               AND kept.in_library = 1 AND kept.gone_at IS NULL)
           ORDER BY file.id LIMIT :limit""",
        {"after": after, "owner": scope.user_id, "limit": limit},
    )
    following = rows[-1]["id"] if len(rows) == limit else 0
    return list(dict.fromkeys(row["asset_id"] for row in rows)), following


async def load_sources(
    reading: Reading, scope: Scope, asset_ids: Sequence[int]
) -> list[SourceAsset]:
    """These assets, in the order asked for, without those that are not in the library."""
    parameters = {"ids": json.dumps(list(asset_ids)), "owner": scope.user_id}
    assets = await reading.fetch_all(
        """SELECT asset.id, asset.public_id, asset.captured_ms, asset.captured_source,
             shown.make, shown.model
           FROM asset LEFT JOIN file AS shown ON shown.id = asset.shown_file_id
           WHERE +asset.owner_id = :owner AND asset.shelf IN ('timeline', 'hidden')
             AND asset.id IN (SELECT value FROM json_each(:ids))""",
        parameters,
    )
    files: dict[int, list[SourceFile]] = defaultdict(list)
    for row in await reading.fetch_all(
        """SELECT file.*, folder.path AS folder, volume.mount_path FROM file
           JOIN folder ON folder.id = file.folder_id JOIN volume ON volume.id = folder.volume_id
           JOIN root ON root.id = folder.root_id
           WHERE file.asset_id IN (SELECT value FROM json_each(:ids)) AND file.gone_at IS NULL
             AND file.state = 'ready' AND file.sha1 IS NOT NULL AND root.state <> 'unavailable'
           ORDER BY file.show_rank DESC, file.id""",
        parameters,
    ):
        files[row["asset_id"]].append(_source(row))
    found = {row["id"]: row for row in assets}
    return [
        SourceAsset(
            id=row["id"],
            public_id=row["public_id"],
            captured_ms=_wall_ms(row),
            make=row["make"],
            model=row["model"],
            files=tuple(files[row["id"]]),
        )
        for row in (found[one] for one in asset_ids if one in found)
        if files[row["id"]]
    ]


def _wall_ms(row: Row) -> int | None:
    is_guess = row["captured_source"] in ("mtime", "ctime")
    return None if is_guess or row["captured_ms"] == UNDATED_MS else int(row["captured_ms"])


def _source(row: Row) -> SourceFile:
    folder = join_path(row["mount_path"], row["folder"])
    return SourceFile(
        row["id"],
        join_path(folder, row["name"]),
        row["size"],
        row["mtime_ns"],
        row["sha1"],
        bool(row["in_library"]),
    )


async def mark_library(transaction: Transaction, volume_id: int, relative: bytes) -> None:
    """Files in the library's folder for originals are the shown ones among equals (SPEC 7.2)."""
    await transaction.execute(
        f"""UPDATE file SET in_library = 1 WHERE in_library = 0 AND folder_id IN
              (SELECT id FROM folder WHERE {BELOW})""",
        below(volume_id, relative),
    )


async def note_copied(
    transaction: Transaction, root: Root, copies: Iterable[Copied], now_ms: int
) -> None:
    """Copies are files of the assets that they are copies of; what was read need not be again.

    Not those of originals that were read anew since: a scan finds these, and reads them.
    """
    made = [copy for copy in copies if copy.file_id is not None]
    folders = {copy.target: _folder(root, copy.target) for copy in made}
    wanted = sorted(set(folders.values()))
    await ensure_folders(transaction, root.id, root.volume_id, wanted)
    ids: dict[bytes, int] = {}
    for start in range(0, len(wanted), 100):
        some = wanted[start : start + 100]
        known = await known_folders(transaction, root.volume_id, some)
        ids |= {path: folder.id for path, folder in known.items()}
    own = await _own_columns(transaction)
    kept = ", ".join(own)
    updated = ", ".join(f"{name} = excluded.{name}" for name in own)
    for copy in made:
        await transaction.execute(
            f"""INSERT INTO file (folder_id, name, mtime_ns, inode, found_at, in_library, {kept})
                SELECT :folder, :name, :mtime_ns, :inode, :now, 1, {kept} FROM file
                WHERE id = :source AND (:sha1 IS NULL OR lower(hex(sha1)) = :sha1)
                ON CONFLICT (folder_id, name) DO UPDATE SET mtime_ns = excluded.mtime_ns,
                  inode = excluded.inode, gone_at = NULL, in_library = 1, {updated}""",
            {
                "folder": ids[folders[copy.target]],
                "name": os.path.basename(copy.target),
                "mtime_ns": copy.mtime_ns,
                "inode": copy.inode,
                "now": now_ms,
                "source": copy.file_id,
                "sha1": copy.sha1,
            },
        )
    await refresh(transaction, {copy.asset_id for copy in made})


async def _own_columns(reading: Reading) -> list[str]:
    """What a copy has from its original: all but the place, the times of the row, the trash."""
    rows = await reading.fetch_all("SELECT name FROM pragma_table_info('file')")
    others = {"id", "folder_id", "name", "mtime_ns", "inode", "found_at", "gone_at"}
    others |= {"trashed", "in_library"}
    return [row["name"] for row in rows if row["name"] not in others]


def _folder(root: Root, path: bytes) -> bytes:
    """The folder of a path, relative to the mount point of the root's volume."""
    folder = os.path.dirname(path)
    inside = root.mount_path.rstrip(b"/") + b"/"
    return (folder + b"/").removeprefix(inside).rstrip(b"/")
