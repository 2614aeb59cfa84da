"""Files as they were last seen on disk. Their folders: `folders`; what is to be read: `work`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from photostore.store.facts import CAMERA_RANK
from photostore.store.volumes import join_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from photostore.store.db import Reading, Transaction


class KnownFile(NamedTuple):
    """What the database knows of one name in a folder (a tuple: a scan makes a million of them)."""

    folder_id: int
    name: bytes
    id: int
    size: int
    mtime_ns: int
    inode: int
    gone: int
    sidecars: bytes | None


class SeenFile(NamedTuple):
    """A file as a scan sees it: name and what `stat` says.

    `inode` is 0 when it cannot tell that a file moved, since several names share it.
    """

    name: bytes
    size: int
    mtime_ns: int
    inode: int


class Pictures(StrEnum):
    """What a file is read for: facts in any case, unless only its screen picture is missing.

    `GRID`: the screen picture may follow later, where that pays.
    """

    BOTH = "both"
    GRID = "grid"
    SCREEN = "screen"


@dataclass(frozen=True, slots=True)
class EarlierReading:
    """What a reading of the same content found: its previews are made and need not be made again.

    `shape` is width, height and orientation; `damaged` what was wrong with the picture.
    """

    sha1: bytes
    shape: tuple[int, int, int]
    thumbhash: bytes | None
    damaged: str | None


@dataclass(frozen=True, slots=True)
class WorkFile:
    """A file that waits to be read. `path` is absolute as its volume is mounted now.

    `apart`: photostore ended while it read this file, so it is read in the decode child (SPEC 5.7).
    `sidecars` is the digest of its sidecars as the row had it; `earlier` is None where the picture
    must be decoded; `pictures` is what is to be made now.
    """

    id: int
    path: bytes
    size: int
    mtime_ns: int
    attempts: int
    unfiltered: bool
    apart: bool = False
    sidecars: bytes | None = None
    earlier: EarlierReading | None = None
    pictures: Pictures = Pictures.BOTH


@dataclass(frozen=True, slots=True)
class LocatedFile:
    """Where a known file lies and what it was when it was last seen."""

    id: int
    folder_id: int
    name: bytes
    path: bytes
    size: int
    mtime_ns: int
    inode: int
    sha1: bytes | None
    asset_id: int | None


async def known_files(reading: Reading, folder_ids: Iterable[int]) -> Iterable[KnownFile]:
    """All that is known of the files in some folders; made while it is iterated, in any thread."""
    rows = await reading.fetch_all(
        """SELECT folder_id, name, id, size, mtime_ns, inode, gone_at IS NOT NULL,
                  sidecars
           FROM file WHERE folder_id IN (SELECT value FROM json_each(?))""",
        (json.dumps(list(folder_ids)),),
    )
    return map(KnownFile._make, rows)


async def register_files(
    transaction: Transaction, rows: Sequence[tuple[int, SeenFile]], now_ms: int
) -> None:
    """Record new or changed names as pending: (folder id, file).

    Facts of an earlier content stay until it is read anew, and so does a person's "import anyway".
    """
    await transaction.execute_many(
        """INSERT INTO file (folder_id, name, size, mtime_ns, inode, state, found_at)
           VALUES (?, ?, ?, ?, ?, 'pending', ?)
           ON CONFLICT (folder_id, name) DO UPDATE SET size = excluded.size,
             mtime_ns = excluded.mtime_ns, inode = excluded.inode, state = 'pending',
             gone_at = NULL, probe_version = 0, preview_version = 0""",
        [(folder_id, *file, now_ms) for folder_id, file in rows],
    )
    names = [(folder_id, file.name) for folder_id, file in rows]
    await transaction.execute_many(
        """DELETE FROM problem WHERE overridden_by IS NULL AND file_id =
             (SELECT id FROM file WHERE folder_id = ? AND name = ?)""",
        names,
    )
    await transaction.execute_many(
        """UPDATE problem SET attempts = 0, retry_at = NULL WHERE file_id =
             (SELECT id FROM file WHERE folder_id = ? AND name = ?)""",
        names,
    )


async def restat_files(transaction: Transaction, files: Iterable[tuple[int, int, int]]) -> None:
    """Remember a new inode and mtime of unchanged contents: (file id, inode, mtime_ns)."""
    await transaction.execute_many(
        "UPDATE file SET inode = ?2, mtime_ns = ?3 WHERE id = ?1", list(files)
    )


async def note_sidecars(
    transaction: Transaction, files: Iterable[tuple[int, bytes | None]]
) -> None:
    """Have files read again whose sidecars are others than those that were read: (id, digest)."""
    await transaction.execute_many(
        """UPDATE file SET sidecars = ?2, probe_version = 0
           WHERE id = ?1 AND sidecars IS NOT ?2""",
        list(files),
    )


async def reread_named(transaction: Transaction, file_ids: Iterable[int]) -> None:
    """Have moved files read again whose date came from a name, a path or neighbours."""
    await transaction.execute_many(
        "UPDATE file SET probe_version = 0 WHERE id = ? AND captured_rank < ?",
        [(file_id, CAMERA_RANK) for file_id in file_ids],
    )


async def find_by_inode(
    reading: Reading, volume_id: int, inodes: Iterable[int]
) -> dict[int, list[LocatedFile]]:
    """Known files of a volume by inode: perhaps the ones just seen, under an earlier name."""
    found = await _locate(
        reading,
        """file.inode IN (SELECT value FROM json_each(?)) AND file.inode <> 0
             AND folder.volume_id = ?""",
        (json.dumps(list(inodes)), volume_id),
    )
    by_inode: dict[int, list[LocatedFile]] = {}
    for file in found:
        by_inode.setdefault(file.inode, []).append(file)
    return by_inode


async def locate_present(reading: Reading, file_ids: Iterable[int]) -> list[LocatedFile]:
    """Where those of some files lie that are not marked as missing."""
    return await _locate(
        reading,
        "file.id IN (SELECT value FROM json_each(?)) AND file.gone_at IS NULL",
        (json.dumps(list(file_ids)),),
    )


async def sample_present(reading: Reading, root_id: int, limit: int) -> list[LocatedFile]:
    """Some files of a root that are not missing: those that were read last."""
    return await _locate(
        reading,
        """folder.root_id = ? AND file.gone_at IS NULL AND file.state = 'ready'
           ORDER BY file.id DESC LIMIT ?""",
        (root_id, limit),
    )


async def find_named(reading: Reading, folder_id: int, name: bytes) -> int | None:
    """The row id of the file of a name in a folder, None if none is known."""
    found = await reading.fetch_value(
        "SELECT id FROM file WHERE folder_id = ? AND name = ?", (folder_id, name)
    )
    return None if found is None else int(found)


async def files_of_asset(reading: Reading, asset_id: int) -> list[LocatedFile]:
    """Where each file of an asset lies, the shown one first."""
    return await _locate(
        reading,
        """file.asset_id = ? ORDER BY
             file.id = (SELECT shown_file_id FROM asset WHERE id = file.asset_id) DESC, file.id""",
        (asset_id,),
    )


async def _locate(reading: Reading, where: str, parameters: Sequence[object]) -> list[LocatedFile]:
    rows = await reading.fetch_all(
        """SELECT file.id, file.folder_id, file.name, folder.path AS folder, volume.mount_path,
                  file.size, file.mtime_ns, file.inode, file.sha1, file.asset_id
           FROM file JOIN folder ON folder.id = file.folder_id
           JOIN volume ON volume.id = folder.volume_id WHERE """
        + where,
        parameters,
    )
    return [
        LocatedFile(
            row["id"],
            row["folder_id"],
            row["name"],
            join_path(join_path(row["mount_path"], row["folder"]), row["name"]),
            row["size"],
            row["mtime_ns"],
            row["inode"],
            row["sha1"],
            row["asset_id"],
        )
        for row in rows
    ]


async def move_file(transaction: Transaction, file_id: int, folder_id: int, name: bytes) -> None:
    """A renamed file keeps its row, and with it its asset, albums and edits (SPEC 4.4).

    A row that stands at the new name changes places with it: that of a file that is missing, or
    that is about to be moved as well.
    """
    left = await transaction.fetch_one("SELECT folder_id, name FROM file WHERE id = ?", (file_id,))
    if left is None:
        return
    # No name on disk holds a slash, so this one is free.
    aside = b"/%d" % file_id
    await transaction.execute(
        "UPDATE file SET name = ? WHERE folder_id = ? AND name = ? AND id <> ?",
        (aside, folder_id, name, file_id),
    )
    await transaction.execute(
        """UPDATE file SET folder_id = ?, name = ?, gone_at = NULL,
             state = CASE WHEN state = 'ready' THEN state ELSE 'pending' END WHERE id = ?""",
        (folder_id, name, file_id),
    )
    await transaction.execute(
        "UPDATE file SET folder_id = ?, name = ? WHERE folder_id = ? AND name = ?",
        (left["folder_id"], left["name"], folder_id, aside),
    )
    await transaction.execute(
        "DELETE FROM problem WHERE file_id = ? AND overridden_by IS NULL", (file_id,)
    )


async def set_gone(
    transaction: Transaction, file_ids: Sequence[int], gone_at: int | None
) -> list[int]:
    """Mark files as missing since a time, or as present again; returns the assets concerned.

    One that had failed is tried again when it returns.
    """
    ids = json.dumps(list(file_ids))
    await transaction.execute(
        """UPDATE file SET gone_at = :gone_at,
             state = CASE WHEN :gone_at IS NULL AND state = 'failed' THEN 'pending' ELSE state END
           WHERE id IN (SELECT value FROM json_each(:ids))""",
        {"gone_at": gone_at, "ids": ids},
    )
    rows = await transaction.fetch_all(
        """SELECT DISTINCT asset_id FROM file
           WHERE asset_id IS NOT NULL AND id IN (SELECT value FROM json_each(?))""",
        (ids,),
    )
    return [row["asset_id"] for row in rows]


async def only_missing(reading: Reading, file_ids: Sequence[int]) -> list[int]:
    """Those of some files that are missing still, and do not lie in a trash."""
    rows = await reading.fetch_all(
        """SELECT id FROM file WHERE gone_at IS NOT NULL AND trashed IS NULL
           AND id IN (SELECT value FROM json_each(?))""",
        (json.dumps(list(file_ids)),),
    )
    return [int(row["id"]) for row in rows]


async def count_present(reading: Reading, root_id: int) -> int:
    """How many files of a root are known and not missing."""
    return int(
        await reading.fetch_value(
            """SELECT coalesce(sum(file_tally.count), 0) FROM folder
               JOIN file_tally ON file_tally.folder_id = folder.id
                 AND file_tally.state <> 'missing'
               WHERE folder.root_id = ?""",
            (root_id,),
        )
    )


async def count_files(reading: Reading) -> dict[str, int]:
    """Files by state, from kept counts; those in the trash are neither there nor missing."""
    rows = await reading.fetch_all("SELECT state, sum(count) AS n FROM file_tally GROUP BY state")
    counts = dict.fromkeys(("pending", "ready", "rejected", "failed", "waiting", "missing"), 0)
    counts |= {row["state"]: int(row["n"]) for row in rows}
    trashed = await reading.fetch_value("SELECT count(*) FROM file WHERE trashed IS NOT NULL")
    return counts | {"missing": counts["missing"] - int(trashed)}
