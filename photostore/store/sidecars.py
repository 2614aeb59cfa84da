"""Assets whose sidecars are to be written: a column tells, so no crash loses one (SPEC 9.1)."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from photostore.store.edits import load_edits
from photostore.store.volumes import join_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from photostore.store.db import Reading, Transaction


@dataclass(frozen=True, slots=True)
class DescribedFile:
    """A file that a sidecar is written for; `path` is absolute as its volume is mounted now.

    `siblings` are names of files beside it that belong to the same asset. `root` is the folder that
    is scanned, `is_read_only` that of the volume. `digest` is that of the sidecars that were read.
    """

    id: int
    path: bytes
    root: bytes
    is_read_only: bool
    siblings: frozenset[bytes]
    keywords: tuple[str, ...]
    keyword_paths: tuple[tuple[str, ...], ...]
    digest: bytes | None


@dataclass(frozen=True, slots=True)
class DueSidecars:
    """An asset whose sidecars are due, as of a library revision; `edits` by field."""

    asset_id: int
    due: int
    edits: Mapping[str, Any]
    files: tuple[DescribedFile, ...]


async def due_sidecars(reading: Reading, limit: int) -> list[DueSidecars]:
    """Assets whose sidecars wait to be written, those that wait longest first."""
    assets = await reading.fetch_all(
        """SELECT id, sidecar_due FROM asset INDEXED BY asset_sidecar_due
           WHERE sidecar_due IS NOT NULL ORDER BY sidecar_due LIMIT ?""",
        (limit,),
    )
    ids = [row["id"] for row in assets]
    rows = await reading.fetch_all(
        """SELECT file.id, file.asset_id, file.name, file.keywords, file.sidecars,
                  file.facts ->> '$.keyword_paths' AS paths, folder.path AS folder,
                  volume.mount_path, volume.read_only, root.path AS root
           FROM file JOIN folder ON folder.id = file.folder_id
           JOIN volume ON volume.id = folder.volume_id JOIN root ON root.id = folder.root_id
           WHERE file.asset_id IN (SELECT value FROM json_each(?)) AND file.gone_at IS NULL
             AND file.state = 'ready' ORDER BY file.id""",
        (json.dumps(ids),),
    )
    beside: dict[tuple[int, bytes, bytes], set[bytes]] = defaultdict(set)
    for row in rows:
        beside[row["asset_id"], row["mount_path"], row["folder"]].add(row["name"])
    files: dict[int, list[DescribedFile]] = defaultdict(list)
    for row in rows:
        mount = row["mount_path"]
        file = DescribedFile(
            row["id"],
            join_path(join_path(mount, row["folder"]), row["name"]),
            join_path(mount, row["root"]),
            bool(row["read_only"]),
            frozenset(beside[row["asset_id"], mount, row["folder"]]),
            tuple(json.loads(row["keywords"])),
            tuple(tuple(path) for path in json.loads(row["paths"] or "[]")),
            row["sidecars"],
        )
        files[row["asset_id"]].append(file)
    edits = await load_edits(reading, ids)
    return [
        DueSidecars(
            row["id"],
            row["sidecar_due"],
            {field: edit.value for field, edit in edits.get(row["id"], {}).items()},
            tuple(files[row["id"]]),
        )
        for row in assets
    ]


async def settle_sidecars(
    transaction: Transaction, settled: list[tuple[int, int, str | None]]
) -> None:
    """Note that sidecars are written, or why not: (asset id, revision they were due at, problem).

    What was changed again meanwhile stays due.
    """
    await transaction.execute_many(
        """UPDATE asset SET sidecar_due = NULL, sidecar_problem = ?3
           WHERE id = ?1 AND sidecar_due = ?2""",
        settled,
    )


async def note_written(
    transaction: Transaction, written: list[tuple[int, bytes | None, bytes | None]]
) -> None:
    """Have files not read again for what we wrote: (id, digest of before, digest of now).

    Unless a scan saw others meanwhile. What we wrote says nothing new to a reader (`media.said`).
    """
    await transaction.execute_many(
        "UPDATE file SET sidecars = ?3 WHERE id = ?1 AND sidecars IS ?2", written
    )


async def retry_sidecars(transaction: Transaction) -> int:
    """Have sidecars that could not be written tried again; returns how many assets."""
    return await transaction.change(
        """UPDATE asset SET sidecar_due = revision
           WHERE id IN (SELECT id FROM asset INDEXED BY asset_sidecar_problem
                        WHERE sidecar_problem IS NOT NULL)"""
    )


async def count_sidecar_problems(reading: Reading) -> tuple[int, str | None]:
    """How many assets have sidecars that could not be written, and why one of them."""
    row = await reading.fetch_one(
        """SELECT count(*) AS count, min(sidecar_problem) AS problem
           FROM asset INDEXED BY asset_sidecar_problem WHERE sidecar_problem IS NOT NULL"""
    )
    return (row["count"], row["problem"]) if row else (0, None)
