"""The files that are still to be read, and whether what was read of one may be recorded.

Pending work is never a queue of its own: it is the rows whose state or version says so, so that a
crash can lose none of it (DESIGN 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from photostore.store.files import EarlierReading, Pictures, WorkFile
from photostore.store.volumes import join_path

if TYPE_CHECKING:
    from photostore.store.db import Reading, Row, Transaction

# What lies on a disk that is away, or in a root that is no longer wanted, waits (SPEC 4.3).
BLOCKED = "SELECT id FROM root WHERE configured = 0 OR state = 'unavailable'"
PENDING = "file.state = 'pending' AND file.gone_at IS NULL"
# Read by an older version of the readers. Two ranges of an index, instead of one OR.
OLD_FACTS = "file.state = 'ready' AND file.gone_at IS NULL AND file.probe_version < :probe"
OLD_PREVIEWS = """file.state = 'ready' AND file.gone_at IS NULL AND file.probe_version = :probe
  AND file.preview_version < :preview"""
# Grid picture and facts are there, the screen picture follows; the newest photos first.
SCREENS_DUE = """file.state = 'ready' AND file.gone_at IS NULL
  AND file.screen_version < file.preview_version
  AND file.probe_version = :probe AND file.preview_version = :preview"""
BY_VERSION = "file.probe_version, file.preview_version, file.id"
# Of one file, where it lies: for `_path`.
PLACE = """file.name, folder.path AS folder, volume.mount_path
  FROM file JOIN folder ON folder.id = file.folder_id
  JOIN volume ON volume.id = folder.volume_id"""
# (condition, index that finds it, order of that index)
KINDS = (
    (PENDING, "file_state", "file.id"),
    (OLD_FACTS, "file_versions", BY_VERSION),
    (OLD_PREVIEWS, "file_versions", BY_VERSION),
    (SCREENS_DUE, "file_screens", "file.captured_ms DESC, file.id DESC"),
)


@dataclass(frozen=True, slots=True)
class Pending:
    """How many files are to be read.

    New and changed ones, those that an older version read, and those of which only the screen
    picture is missing.
    """

    new: int
    outdated: int
    screens: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.new + self.outdated + self.screens


async def pending_files(
    reading: Reading, *, probe_version: int, preview_version: int, limit: int
) -> list[WorkFile]:
    """The first files that are to be read.

    New and changed ones by id, then those read long ago, then those without a screen picture.
    """
    parameters = {"probe": probe_version, "preview": preview_version, "limit": limit}
    found: list[WorkFile] = []
    for condition, index, order in KINDS:
        if len(found) < limit:
            rows = await reading.fetch_all(_select(condition, index, order), parameters)
            pictures = Pictures.SCREEN if condition is SCREENS_DUE else Pictures.BOTH
            found += [_work(row, preview_version, pictures) for row in rows]
    return found[:limit]


async def find_screen_due(
    reading: Reading, file_id: int, *, probe_version: int, preview_version: int
) -> WorkFile | None:
    """The work on a file of which only the screen picture is missing; None if that is not so."""
    parameters = {"probe": probe_version, "preview": preview_version, "limit": 1, "id": file_id}
    row = await reading.fetch_one(
        _select(f"file.id = :id AND {SCREENS_DUE}", None, "file.id"), parameters
    )
    return _work(row, preview_version, Pictures.SCREEN) if row else None


def _work(row: Row, preview_version: int, pictures: Pictures) -> WorkFile:
    return WorkFile(
        row["id"],
        _path(row),
        row["size"],
        row["mtime_ns"],
        row["attempts"],
        bool(row["unfiltered"]),
        bool(row["apart"]),
        row["sidecars"],
        _earlier(row, preview_version),
        pictures,
    )


def _earlier(row: Row, preview_version: int) -> EarlierReading | None:
    """What was read before, where it is of this content and its previews are of this version."""
    if row["state"] != "ready" or row["preview_version"] != preview_version or not row["sha1"]:
        return None
    shape = row["width"], row["height"], row["orientation"]
    return EarlierReading(row["sha1"], shape, row["thumbhash"], row["damaged"])


def _select(condition: str, index: str | None, order: str) -> str:
    # CROSS JOIN keeps the order of the tables, and so that of the index on file.
    return f"""
      SELECT file.id, file.name, folder.path AS folder, volume.mount_path, file.size,
             file.mtime_ns, coalesce(problem.attempts, 0) AS attempts,
             problem.overridden_by IS NOT NULL AS unfiltered,
             coalesce(problem.stage = 'crash', 0) AS apart, file.sidecars, file.state, file.sha1,
             file.preview_version, file.width, file.height, file.orientation, file.thumbhash,
             file.facts ->> '$.damaged' AS damaged
      FROM file {f"INDEXED BY {index}" if index else ""}
      CROSS JOIN folder ON folder.id = file.folder_id
      CROSS JOIN volume ON volume.id = folder.volume_id
      LEFT JOIN problem ON problem.file_id = file.id
      WHERE {condition} AND folder.root_id NOT IN ({BLOCKED})
      ORDER BY {order} LIMIT :limit"""


async def count_pending(reading: Reading, *, probe_version: int, preview_version: int) -> Pending:
    """How many files `pending_files` would return in all, by what is to be done."""
    parameters = {"probe": probe_version, "preview": preview_version}
    blocked = await reading.fetch_value(f"SELECT EXISTS ({BLOCKED})")
    # Without the folders, counting stays within an index.
    joined = " JOIN folder ON folder.id = file.folder_id" if blocked else ""
    unblocked = f" AND folder.root_id NOT IN ({BLOCKED})" if blocked else ""
    counts = ", ".join(
        f"(SELECT count(*) FROM file INDEXED BY {index}{joined} WHERE {condition}{unblocked})"
        for condition, index, _ in KINDS
    )
    row = await reading.fetch_one(f"SELECT {counts}", parameters)
    new, old_facts, old_previews, screens = row or (0, 0, 0, 0)
    return Pending(new, old_facts + old_previews, screens)


async def accept_reading(
    transaction: Transaction, work: WorkFile, size: int, mtime_ns: int
) -> bool:
    """Whether what was read, with the size and mtime it had then, is what the row speaks of.

    False if the file was registered anew since it was claimed: it is then still pending. Else the
    row gets the size and mtime of what was read, so that a later change is seen as one.
    """
    changed = await transaction.change(
        """UPDATE file SET size = :size, mtime_ns = :mtime
           WHERE id = :id AND ((size = :old_size AND mtime_ns = :old_mtime)
                               OR (size = :size AND mtime_ns = :mtime))""",
        {
            "id": work.id,
            "size": size,
            "mtime": mtime_ns,
            "old_size": work.size,
            "old_mtime": work.mtime_ns,
        },
    )
    return changed == 1


async def accept_screen(transaction: Transaction, work: WorkFile, sha1: bytes) -> bool:
    """Note that a file's screen picture is there; False if it is of a content that is no more."""
    changed = await transaction.change(
        "UPDATE file SET screen_version = NULL WHERE id = ? AND sha1 = ? AND state = 'ready'",
        (work.id, sha1),
    )
    return changed == 1


async def is_outdated(transaction: Transaction, work: WorkFile, sidecars: bytes | None) -> bool:
    """Whether a scan knows better than a reading, which found these sidecars.

    Since the file was claimed it was moved, and its name and place tell of it too; or it saw others
    beside it than were read.
    """
    row = await transaction.fetch_one(f"SELECT sidecars, {PLACE} WHERE file.id = ?", (work.id,))
    if row is None:
        return False
    return row["sidecars"] not in (work.sidecars, sidecars) or _path(row) != work.path


async def accept_failure(transaction: Transaction, work: WorkFile) -> bool:
    """Whether a file is still what and where it was when it was claimed.

    A failure says nothing of a file that was changed, moved or removed meanwhile.
    """
    row = await transaction.fetch_one(
        f"""SELECT {PLACE}
           WHERE file.id = ? AND file.size = ? AND file.mtime_ns = ? AND file.gone_at IS NULL""",
        (work.id, work.size, work.mtime_ns),
    )
    return row is not None and _path(row) == work.path


def _path(row: Row) -> bytes:
    return join_path(join_path(row["mount_path"], row["folder"]), row["name"])
