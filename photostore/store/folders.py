"""Folders as a scan compares them. Paths are bytes, relative to the mount point of the volume."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from photostore.store.db import Reading, Transaction


@dataclass(frozen=True, slots=True)
class KnownFolder:
    """A folder that was seen before; `excluded` says why it is passed over, if it is."""

    id: int
    root_id: int
    excluded: str | None


async def known_folders(
    reading: Reading, volume_id: int, relatives: Sequence[bytes]
) -> dict[bytes, KnownFolder]:
    """Those of some folders that are known. At most a few hundred at once."""
    places = ", ".join("?" * len(relatives))
    rows = await reading.fetch_all(
        f"""SELECT path, id, root_id, excluded FROM folder
            WHERE volume_id = ? AND path IN ({places})""",
        (volume_id, *relatives),
    )
    return {row[0]: KnownFolder(row[1], row[2], row[3]) for row in rows}


async def ensure_folders(
    transaction: Transaction, root_id: int, volume_id: int, relatives: Iterable[bytes]
) -> None:
    """Make sure that folders are known, as folders of this root that are not passed over."""
    await transaction.execute_many(
        """INSERT INTO folder (volume_id, path, root_id) VALUES (?, ?, ?)
           ON CONFLICT (volume_id, path)
             DO UPDATE SET root_id = excluded.root_id, excluded = NULL""",
        [(volume_id, relative, root_id) for relative in relatives],
    )


async def mark_folders_seen(
    transaction: Transaction, generation: int, folder_ids: Iterable[int]
) -> None:
    """Stamp folders with the generation of the scan that compared them."""
    await transaction.execute(
        "UPDATE folder SET generation = ? WHERE id IN (SELECT value FROM json_each(?))",
        (generation, json.dumps(list(folder_ids))),
    )


async def mark_seen_below(
    transaction: Transaction, generation: int, volume_id: int, relative: bytes
) -> None:
    """Stamp a folder and all below it: it cannot be read, so nothing is concluded from it."""
    await transaction.execute(
        f"UPDATE folder SET generation = :generation WHERE {BELOW}",
        {"generation": generation} | below(volume_id, relative),
    )


async def is_excluded_below(reading: Reading, volume_id: int, relative: bytes) -> bool:
    """Whether all that is known of a folder and below it is marked as passed over."""
    found = await reading.fetch_value(
        f"SELECT 1 FROM folder WHERE {BELOW} AND excluded IS NULL LIMIT 1",
        below(volume_id, relative),
    )
    return found is None


async def exclude_below(
    transaction: Transaction, volume_id: int, relative: bytes, reason: str
) -> None:
    """Mark a folder and all below it as passed over."""
    await transaction.execute(
        f"UPDATE folder SET excluded = :reason WHERE {BELOW} AND excluded IS NULL",
        {"reason": reason} | below(volume_id, relative),
    )


async def present_files_below(reading: Reading, volume_id: int, relative: bytes) -> list[int]:
    """Files known to be present in a folder or anywhere below it."""
    rows = await reading.fetch_all(
        f"""SELECT file.id FROM folder JOIN file ON file.folder_id = folder.id
            WHERE {BELOW} AND file.gone_at IS NULL""",
        below(volume_id, relative),
    )
    return [row["id"] for row in rows]


async def present_files_of_unseen_folders(
    reading: Reading, root_id: int, generation: int
) -> list[int]:
    """Files in folders of a root that a completed scan no longer found."""
    rows = await reading.fetch_all(
        """SELECT file.id FROM folder JOIN file ON file.folder_id = folder.id
           WHERE folder.root_id = ? AND folder.generation < ? AND file.gone_at IS NULL""",
        (root_id, generation),
    )
    return [row["id"] for row in rows]


async def present_files_of_root(reading: Reading, root_id: int) -> list[int]:
    """All files of a root that are not missing."""
    rows = await reading.fetch_all(
        """SELECT file.id FROM folder JOIN file ON file.folder_id = folder.id
           WHERE folder.root_id = ? AND file.gone_at IS NULL""",
        (root_id,),
    )
    return [row["id"] for row in rows]


# Two ranges of the index on (volume_id, path): the folder itself, and what begins with it and "/".
BELOW = """folder.id IN (
    SELECT id FROM folder WHERE volume_id = :volume AND path = :path UNION ALL
    SELECT id FROM folder WHERE volume_id = :volume AND path > :from AND path < :until)"""


def below(volume_id: int, relative: bytes) -> dict[str, object]:
    """The parameters of `BELOW`: a folder, by its path relative to the mount point."""
    return {
        "volume": volume_id,
        "path": relative,
        # b"/" + 1 is b"0". Below the mount point itself is every path that is not empty; none has
        # as many 255 bytes in a row.
        "from": relative + b"/" if relative else b"",
        "until": relative + b"0" if relative else b"\xff" * 300,
    }
