"""The end of a file's journey: what became of it is written and announced.

One file must never hold up the others: a batch that the database refuses is written file by file,
and the one that it cannot take becomes a problem of its own.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from photostore.base.events import LibraryChanged, PreviewsMade, ProblemsChanged
from photostore.base.text import display_name
from photostore.library.reports import ReportRow
from photostore.store.assets import refresh, write_file
from photostore.store.db import is_obstacle
from photostore.store.facts import Versions
from photostore.store.identifiers import name_assets
from photostore.store.neighbours import mark_unsettled
from photostore.store.problems import NewProblem, clear_problem, record_problem
from photostore.store.work import (
    accept_failure,
    accept_reading,
    accept_screen,
    is_outdated,
)
from photostore.sync.journey import (
    PREVIEW_VERSION,
    PROBE_VERSION,
    FailedFile,
    ImportedFile,
    PicturedFile,
)
from photostore.sync.shared import now_ms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from photostore.store.db import Transaction
    from photostore.sync.shared import Shared

log = logging.getLogger(__name__)

Outcome: TypeAlias = ImportedFile | PicturedFile | FailedFile

VERSIONS = Versions(PROBE_VERSION, PREVIEW_VERSION)
# Waits before the second and the third try (SPEC 5.7); after that a change or a person must help.
RETRY_AFTER_MS = (30_000, 300_000)
OBSTACLE_WAIT_S = 10.0


class OutcomeRecorder:
    """Records what became of files, in one transaction for a batch."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._database = shared.database
        self._bus = shared.bus

    async def record(self, batch: Sequence[Outcome]) -> list[Outcome]:
        """Write a batch and announce it; returns what was written.

        Left out is what was registered anew meanwhile and so is still pending. Waits while the
        database cannot be written.
        """
        while True:
            try:
                return await self._record(batch)
            except sqlite3.OperationalError as error:
                if not is_obstacle(error):
                    raise
                log.warning("the database cannot be written (%s): the import waits", error)
                await asyncio.sleep(OBSTACLE_WAIT_S)

    async def _record(self, batch: Sequence[Outcome]) -> list[Outcome]:
        try:
            return await self._write(batch)
        except (sqlite3.IntegrityError, sqlite3.InterfaceError, ValueError, OverflowError) as error:
            if len(batch) == 1:
                return await self._write([_refused(batch[0], error)])
        recorded: list[Outcome] = []
        for outcome in batch:
            recorded += await self._record([outcome])
        return recorded

    async def _write(self, batch: Sequence[Outcome]) -> list[Outcome]:
        recorded: list[Outcome] = []
        assets: dict[int, int] = {}  # by the row id of the file
        touched: set[int] = set()
        async with self._database.write() as transaction:
            for outcome in batch:
                if isinstance(outcome, FailedFile):
                    written = await _write_failure(transaction, outcome)
                elif isinstance(outcome, PicturedFile):
                    written = await _write_screen(transaction, outcome)
                else:
                    asset_id = await _write_import(transaction, outcome, touched)
                    written = asset_id is not None
                    if asset_id is not None:
                        assets[outcome.work.id] = asset_id
                recorded += [outcome] if written else []
            if assets:
                # Once for all: a batch takes a third of the statements.
                await mark_unsettled(transaction, assets)
                await refresh(transaction, touched)
            made = await name_assets(transaction, list(set(assets.values())))
        if transaction.changed_revision is not None:
            self._bus.publish(LibraryChanged(transaction.changed_revision))
        if made:
            self._bus.publish(PreviewsMade(tuple(made.values())))
        for outcome in recorded:
            if isinstance(outcome, FailedFile):
                _log_failure(outcome)
        if any(isinstance(outcome, FailedFile) or outcome.work.attempts for outcome in recorded):
            self._bus.publish(ProblemsChanged())
        names = {file_id: made[asset_id] for file_id, asset_id in assets.items()}
        # A screen picture that followed is nothing new about a file that was reported as imported.
        told = [one for one in recorded if not isinstance(one, PicturedFile)]
        await self._shared.report([_row(one, names.get(one.work.id)) for one in told])
        return recorded


def _row(outcome: ImportedFile | FailedFile, asset: str | None) -> ReportRow:
    """What the report says of an outcome."""
    work, took_ms = outcome.work, outcome.took_ms
    if isinstance(outcome, FailedFile):
        return ReportRow(work.path, outcome.state, outcome.stage, took_ms, outcome.reason)
    facts = outcome.facts
    details = f"{facts.kind.upper()}, {facts.width} x {facts.height}"
    return ReportRow(work.path, "imported", "record", took_ms, details, asset)


async def _write_import(
    transaction: Transaction, outcome: ImportedFile, touched: set[int]
) -> int | None:
    """Write what was read; returns the file's asset, and adds to `touched` what is to be refreshed.

    None if the file was registered anew meanwhile.
    """
    work = outcome.work
    if not await accept_reading(transaction, work, outcome.size, outcome.mtime_ns):
        return None
    await clear_problem(transaction, work.id)
    # It was moved or its sidecar changed while it was read: it is to be read once more.
    outdated = await is_outdated(transaction, work, outcome.facts.sidecars)
    versions = replace(VERSIONS, screen=outcome.screen)
    versions = replace(versions, probe=0) if outdated else versions
    asset_id, changed = await write_file(transaction, work.id, outcome.facts, versions, now_ms())
    touched |= changed
    return asset_id


async def _write_screen(transaction: Transaction, outcome: PicturedFile) -> bool:
    if not await accept_screen(transaction, outcome.work, outcome.sha1):
        return False
    await clear_problem(transaction, outcome.work.id)
    return True


async def _write_failure(transaction: Transaction, outcome: FailedFile) -> bool:
    work = outcome.work
    if not await accept_failure(transaction, work):
        return False
    may_retry = outcome.again and work.attempts < len(RETRY_AFTER_MS)
    retry_at = now_ms() + RETRY_AFTER_MS[work.attempts] if may_retry else None
    problem = NewProblem(work.id, outcome.state, outcome.stage, outcome.reason, retry_at)
    await record_problem(transaction, problem, now_ms())
    return True


def _refused(outcome: Outcome, error: Exception) -> FailedFile:
    """What the database does not take, a text that is none for instance, is a fault of the file."""
    log.error("%s cannot be recorded", display_name(outcome.work.path), exc_info=error)
    reason = f"unexpected error: {type(error).__name__}: {error}"
    return FailedFile(outcome.work, "failed", "record", display_name(reason), again=False)


def _log_failure(outcome: FailedFile) -> None:
    log.warning(
        "%s: %s in stage %s: %s",
        display_name(outcome.work.path),
        outcome.state,
        outcome.stage,
        outcome.reason,
    )
