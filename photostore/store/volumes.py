"""Volumes, the roots that are scanned on them, and their scans.

Paths are bytes: a root's or folder's path is relative to the volume's mount point, so that a disk
that is mounted elsewhere keeps all that is known of it (SPEC 4.1).
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from photostore.store.db import Reading, Row, Transaction

# unavailable: nothing can be read there; missing: more files vanished at once than is believed.
RootState = Literal["ok", "unavailable", "missing"]
IdentifiedBy = Literal["uuid-file", "file-system", "mount-path"]


@dataclass(frozen=True, slots=True)
class VolumeIdentity:
    """What tells a volume from another; `identified_by` says which rule of SPEC 4.1 held.

    `weaker` are names that it was known by if a better one was found only now.
    """

    uuid: str
    identified_by: IdentifiedBy
    mount_path: bytes
    label: str | None
    read_only: bool
    weaker: tuple[str, ...] = ()

    def under(self, name: str) -> VolumeIdentity:
        """The same volume under one of its weaker names."""
        rule: IdentifiedBy = "mount-path" if name.startswith("path:") else "file-system"
        weaker = self.weaker[self.weaker.index(name) + 1 :]
        return replace(self, uuid=name, identified_by=rule, weaker=weaker)


@dataclass(frozen=True, slots=True)
class Root:
    """A folder that is scanned. `path` is absolute as the volume is mounted now."""

    id: int
    volume_id: int
    volume_uuid: str
    mount_path: bytes
    path: bytes
    relative: bytes
    read_only: bool
    state: RootState
    reason: str | None
    generation: int
    scanned_at: int | None


ROOT_COLUMNS = """
  SELECT root.id, root.volume_id, volume.uuid, volume.mount_path, root.path, volume.read_only,
         root.state, root.reason, root.generation, root.scanned_at
  FROM root JOIN volume ON volume.id = root.volume_id
"""


async def record_volume(transaction: Transaction, identity: VolumeIdentity, now_ms: int) -> int:
    """Insert or update a volume by its UUID; returns its row id.

    A volume that gets a better name keeps its row, and with it all files.
    """
    await transaction.execute(
        """UPDATE volume SET uuid = :uuid
           WHERE NOT EXISTS (SELECT 1 FROM volume WHERE uuid = :uuid) AND id =
             (SELECT id FROM volume WHERE mount_path = :mount_path
                AND uuid IN (SELECT value FROM json_each(:weaker))
              ORDER BY identified_by = 'mount-path' LIMIT 1)""",
        {
            "uuid": identity.uuid,
            "weaker": json.dumps(identity.weaker),
            "mount_path": identity.mount_path,
        },
    )
    await transaction.execute(
        """INSERT INTO volume (uuid, identified_by, label, mount_path, read_only, seen_at)
           VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT (uuid) DO UPDATE SET identified_by = excluded.identified_by,
             label = excluded.label, mount_path = excluded.mount_path,
             read_only = excluded.read_only, seen_at = excluded.seen_at""",
        (
            identity.uuid,
            identity.identified_by,
            identity.label,
            identity.mount_path,
            identity.read_only,
            now_ms,
        ),
    )
    return int(
        await transaction.fetch_value("SELECT id FROM volume WHERE uuid = ?", (identity.uuid,))
    )


async def record_root(
    transaction: Transaction, volume_id: int, relative: bytes, owner_id: int
) -> int:
    """Make sure that a root is known and configured; returns its row id."""
    await transaction.execute(
        """INSERT INTO root (volume_id, path, owner_id) VALUES (?, ?, ?)
           ON CONFLICT (volume_id, path) DO UPDATE SET configured = 1""",
        (volume_id, relative, owner_id),
    )
    return int(
        await transaction.fetch_value(
            "SELECT id FROM root WHERE volume_id = ? AND path = ?", (volume_id, relative)
        )
    )


async def configure_roots(transaction: Transaction, root_ids: Iterable[int]) -> None:
    """Name the roots that the settings ask for now; others keep their files and are not scanned."""
    await transaction.execute("UPDATE root SET configured = 0")
    await transaction.execute_many(
        "UPDATE root SET configured = 1 WHERE id = ?", [(root_id,) for root_id in root_ids]
    )


async def configured_roots(reading: Reading) -> list[Root]:
    """The roots in use, in the order in which they were first configured."""
    rows = await reading.fetch_all(ROOT_COLUMNS + " WHERE root.configured = 1 ORDER BY root.id")
    return [_root(row) for row in rows]


async def marked_roots(reading: Reading) -> list[Root]:
    """Those of them whose volumes are known by a `.uuid` file."""
    rows = await reading.fetch_all(
        ROOT_COLUMNS + " WHERE root.configured = 1 AND volume.identified_by = 'uuid-file'"
    )
    return [_root(row) for row in rows]


def _root(row: Row) -> Root:
    return Root(
        id=row["id"],
        volume_id=row["volume_id"],
        volume_uuid=row["uuid"],
        mount_path=row["mount_path"],
        path=join_path(row["mount_path"], row["path"]),
        relative=row["path"],
        read_only=bool(row["read_only"]),
        state=row["state"],
        reason=row["reason"],
        generation=row["generation"],
        scanned_at=row["scanned_at"],
    )


async def known_roots(reading: Reading) -> list[Root]:
    """All roots that were ever in use and still have files that are not missing."""
    rows = await reading.fetch_all(
        ROOT_COLUMNS
        + """ WHERE EXISTS (SELECT 1 FROM folder JOIN file ON file.folder_id = folder.id
                            WHERE folder.root_id = root.id AND file.gone_at IS NULL)"""
    )
    return [_root(row) for row in rows]


async def set_root_state(
    transaction: Transaction, root_id: int, state: RootState, reason: str | None
) -> None:
    """Remember whether a root can be read, and if not why (SPEC 4.3)."""
    await transaction.execute(
        "UPDATE root SET state = ?, reason = ? WHERE id = ?", (state, reason, root_id)
    )


async def begin_scan(transaction: Transaction, root_id: int, now_ms: int) -> int:
    """Start a scan; returns its generation, which no earlier scan of the root had.

    What an interrupted scan has found is in the rows of its files; so a new scan loses none of it,
    and does not take a folder for seen that went away meanwhile (SPEC 5.4).
    """
    await transaction.execute(
        "DELETE FROM scan WHERE root_id = ? AND completed_at IS NULL", (root_id,)
    )
    await transaction.execute(
        "UPDATE root SET generation = generation + 1 WHERE id = ?", (root_id,)
    )
    generation = await transaction.fetch_value(
        "SELECT generation FROM root WHERE id = ?", (root_id,)
    )
    await transaction.execute(
        "INSERT INTO scan (root_id, generation, started_at) VALUES (?, ?, ?)",
        (root_id, generation, now_ms),
    )
    return int(generation)


async def complete_scan(
    transaction: Transaction, root_id: int, generation: int, now_ms: int, *, found: int
) -> None:
    """Mark a scan as complete; `found` is the number of media files that it saw."""
    await transaction.execute(
        """UPDATE scan SET completed_at = ?, found = ?
           WHERE root_id = ? AND generation = ?""",
        (now_ms, found, root_id, generation),
    )
    await transaction.execute("UPDATE root SET scanned_at = ? WHERE id = ?", (now_ms, root_id))


def join_path(base: bytes, relative: bytes) -> bytes:
    """`base/relative`, where an empty `relative` is the base itself."""
    return os.path.join(base, relative) if relative else base
