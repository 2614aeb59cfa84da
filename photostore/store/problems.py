"""Files that did not become assets, each with a reason that a person can read (SPEC 5.3, 5.7)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from photostore.store.assets import refresh
from photostore.store.volumes import join_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from photostore.store.db import Reading, Transaction

ProblemState = Literal["rejected", "failed", "waiting"]


@dataclass(frozen=True, slots=True)
class NewProblem:
    """What went wrong with a file; `retry_at` is UTC ms, None when trying again is no use."""

    file_id: int
    state: ProblemState
    stage: str
    reason: str
    retry_at: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A row of the list of files that were not imported."""

    file_id: int
    folder: bytes
    name: bytes
    state: ProblemState
    stage: str
    reason: str
    attempts: int
    at: int


async def record_problem(transaction: Transaction, problem: NewProblem, now_ms: int) -> None:
    """Set a file aside with its reason; counts the attempts.

    An asset whose file became something that is no photo loses it; one whose file only failed to
    be read anew goes on with what is known of it.
    """
    await transaction.execute(
        """INSERT INTO problem (file_id, state, stage, reason, at, retry_at)
           VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT (file_id) DO UPDATE SET state = excluded.state, stage = excluded.stage,
             reason = excluded.reason, at = excluded.at, retry_at = excluded.retry_at,
             attempts = attempts + 1""",
        (
            problem.file_id,
            problem.state,
            problem.stage,
            problem.reason,
            now_ms,
            problem.retry_at,
        ),
    )
    await transaction.execute(
        "UPDATE file SET state = ? WHERE id = ?", (problem.state, problem.file_id)
    )
    asset_id = await transaction.fetch_value(
        "SELECT asset_id FROM file WHERE id = ?", (problem.file_id,)
    )
    if asset_id is not None:
        await refresh(transaction, [asset_id])


async def troubled_files(reading: Reading, folder_ids: Sequence[int]) -> dict[int, int]:
    """Files in some folders that did not become assets: when that was (UTC ms), by file id.

    Not those that photostore did not survive.
    """
    rows = await reading.fetch_all(
        """SELECT file.id, problem.at FROM problem CROSS JOIN file ON file.id = problem.file_id
           WHERE file.state IN ('rejected', 'failed', 'waiting') AND file.gone_at IS NULL
             AND problem.stage <> 'crash'
             AND file.folder_id IN (SELECT value FROM json_each(?))""",
        (json.dumps(list(folder_ids)),),
    )
    return {row["id"]: row["at"] for row in rows}


async def set_aside(transaction: Transaction, file_ids: Sequence[int], now_ms: int) -> None:
    """Note that the process ended while it read these files: they are read apart from now on."""
    await transaction.execute(
        """INSERT INTO problem (file_id, state, stage, reason, at)
           SELECT id, 'failed', 'crash', 'photostore ended while it read this file', ? FROM file
           WHERE id IN (SELECT value FROM json_each(?))
           ON CONFLICT (file_id) DO UPDATE SET stage = excluded.stage, reason = excluded.reason,
             at = excluded.at, attempts = attempts + 1""",
        (now_ms, json.dumps(list(file_ids))),
    )


async def clear_problem(transaction: Transaction, file_id: int) -> None:
    """Forget a problem that is solved; a person's "import anyway" is kept for a later change."""
    await transaction.execute(
        "DELETE FROM problem WHERE file_id = ? AND overridden_by IS NULL", (file_id,)
    )


async def retry_due(transaction: Transaction, now_ms: int) -> int:
    """Return to pending what waited long enough; returns how many."""
    changed = await transaction.change(
        """UPDATE file SET state = 'pending' WHERE state = 'failed' AND id IN
             (SELECT file_id FROM problem WHERE retry_at IS NOT NULL AND retry_at <= ?)""",
        (now_ms,),
    )
    await transaction.execute("UPDATE problem SET retry_at = NULL WHERE retry_at <= ?", (now_ms,))
    return changed


async def next_retry_at(reading: Reading) -> int | None:
    """When the next file is to be tried again (UTC ms), or None."""
    found = await reading.fetch_value(
        "SELECT min(retry_at) FROM problem WHERE retry_at IS NOT NULL"
    )
    return None if found is None else int(found)


async def retry_files(transaction: Transaction, file_ids: Sequence[int]) -> int:
    """A person asks to try these again (SPEC 5.7); returns how many."""
    changed = 0
    for file_id in file_ids:
        await transaction.execute(
            "UPDATE problem SET retry_at = NULL, attempts = 0 WHERE file_id = ?", (file_id,)
        )
        changed += await transaction.change(
            """UPDATE file SET state = 'pending'
               WHERE id = ? AND state IN ('rejected', 'failed', 'waiting')""",
            (file_id,),
        )
    return changed


async def override_filters(
    transaction: Transaction, file_ids: Sequence[int], user_id: int
) -> list[int]:
    """A person says "import anyway": filters no longer count for these files (SPEC 5.3).

    Limits that protect the computer still do. Returns those that were rejected and are pending now.
    """
    named = json.dumps(list(file_ids))
    rows = await transaction.fetch_all(
        """SELECT id FROM file WHERE state = 'rejected' AND gone_at IS NULL
           AND id IN (SELECT value FROM json_each(?)) ORDER BY id""",
        (named,),
    )
    ids = [int(row["id"]) for row in rows]
    await transaction.execute_many(
        "UPDATE problem SET retry_at = NULL, attempts = 0, overridden_by = ? WHERE file_id = ?",
        [(user_id, file_id) for file_id in ids],
    )
    await transaction.execute_many(
        "UPDATE file SET state = 'pending' WHERE id = ?", [(file_id,) for file_id in ids]
    )
    return ids


async def retry_state(transaction: Transaction, state: ProblemState) -> int:
    """A person asks to try all files of one state again; returns how many."""
    await transaction.execute(
        "UPDATE problem SET retry_at = NULL, attempts = 0 WHERE state = ?", (state,)
    )
    return await transaction.change("UPDATE file SET state = 'pending' WHERE state = ?", (state,))


async def list_problems(
    reading: Reading, *, state: ProblemState | None, words: str, after: int, limit: int
) -> list[Problem]:
    """Problems of files that are still there, by file id from `after` on.

    `words` must occur in the file's name, its folder or the reason, in any case of ASCII letters.
    """
    # A clause of its own, and not "state is null or equal", so that the index of states is used.
    of_state = "AND problem.state = :state" if state else ""
    rows = await reading.fetch_all(
        f"""SELECT problem.file_id, folder.path AS folder, volume.mount_path, file.name,
                   problem.state, problem.stage, problem.reason, problem.attempts, problem.at
            FROM problem CROSS JOIN file ON file.id = problem.file_id
            CROSS JOIN folder ON folder.id = file.folder_id
            CROSS JOIN volume ON volume.id = folder.volume_id
            WHERE problem.file_id > :after AND file.gone_at IS NULL
              AND file.state = problem.state {of_state}
              AND (:words = '' OR instr(lower(CAST(file.name AS TEXT)), lower(:words))
                   OR instr(lower(CAST(folder.path AS TEXT)), lower(:words))
                   OR instr(lower(problem.reason), lower(:words)))
            ORDER BY problem.file_id LIMIT :limit""",
        {"state": state, "words": words, "after": after, "limit": limit},
    )
    return [
        Problem(
            row["file_id"],
            join_path(row["mount_path"], row["folder"]),
            row["name"],
            row["state"],
            row["stage"],
            row["reason"],
            row["attempts"],
            row["at"],
        )
        for row in rows
    ]


async def count_problems(reading: Reading) -> dict[str, int]:
    """Problems by state, of files that are still there."""
    rows = await reading.fetch_all(
        """SELECT state, count(*) AS n FROM file
           WHERE state IN ('rejected', 'failed', 'waiting') AND gone_at IS NULL GROUP BY state"""
    )
    return {"rejected": 0, "failed": 0, "waiting": 0} | {row["state"]: row["n"] for row in rows}
