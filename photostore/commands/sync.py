"""`photostore sync`: scan once, import, report (SPEC 1.2).

Files that cannot be imported are named in the report and are no failure of the command: the exit
code is 1 only if something could not be scanned, since then nobody knows what was missed.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, NoReturn

from photostore.base.configuration import make_folders, make_plan
from photostore.base.errors import FileError, PhotostoreError
from photostore.base.events import Bus
from photostore.base.log import close_log, configure_log
from photostore.base.text import display_name, format_duration
from photostore.commands.progress import show_progress
from photostore.commands.running import run_and_leave
from photostore.commands.terminal import complain, encode_json, write_json
from photostore.library.organise import Wish
from photostore.library.roots import settle_roots
from photostore.runtime import folders_to_scan, open_library
from photostore.store.assets import count_assets
from photostore.store.problems import Problem, ProblemState, list_problems
from photostore.store.scope import OWNER
from photostore.store.volumes import configured_roots

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from photostore.base.configuration import Configuration
    from photostore.library.organise import Organiser
    from photostore.store.db import Database
    from photostore.sync.engine import SyncEngine
    from photostore.sync.report import RunReport

# Failed files named on stderr; `photostore info` and the app tell of the rest.
NAMED_FAILURES = 20
FAILED_STATES: tuple[ProblemState, ...] = ("failed", "waiting")
PAGE = 500


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What `sync --json` prints (DESIGN 4): the files of this run, and the library's assets.

    `failed` are also those that wait for a decoder.
    """

    found: int
    imported: int
    unchanged: int
    rejected: int
    failed: int
    assets: int
    seconds: float

    def describe(self) -> str:
        """The result for a person, in one line."""
        return (
            f"{self.found:,} files found: {self.imported:,} imported, {self.unchanged:,} unchanged,"
            f" {self.rejected:,} rejected, {self.failed:,} failed, in"
            f" {format_duration(self.seconds)}; {self.assets:,} photos and videos in the library"
        )


def sync(given: Mapping[str, object], names: Sequence[str], *, as_json: bool) -> NoReturn:
    """Scan the files and folders of these names, or all configured folders, and import.

    Raises FileError for a name that does not exist, before anything is touched.
    """
    paths = [_find(os.fsencode(name)) for name in names]
    plan = make_plan(given, os.environ)
    for warning in plan.settings.warnings:
        complain(f"warning: {warning}")
    # A server may log to stdout; here that belongs to the report.
    plan = replace(plan, settings=replace(plan.settings, log_stdout=False))
    run_and_leave(_sync(make_folders(plan), paths, as_json=as_json))


def _find(path: bytes) -> bytes:
    try:
        return os.path.realpath(path, strict=True)
    except OSError as error:
        raise FileError(path, error.strerror or str(error)) from error


async def _sync(configuration: Configuration, paths: list[bytes], *, as_json: bool) -> int:
    started, started_ms = time.monotonic(), time.time_ns() // 1_000_000
    bus = Bus()
    # Without roots of its own: which ones count is settled below.
    async with open_library(configuration, bus, roots=[]) as opened:
        with ExitStack() as stack:
            configure_log(configuration.settings, configuration.layout)
            stack.callback(close_log)
            database = opened.library.database
            troubles = await _settle(database, configuration, paths)
            report = await _run(opened.library.engine, paths, bus)
            if configuration.settings.copy_to_library:
                troubles += await _copy(opened.library.organiser)
        async with database.read() as reading:
            assets, _ = await count_assets(reading, OWNER.user_id)
        failures = await _failures(database, started_ms)
    result = SyncResult(
        found=report.found,
        imported=report.imported,
        unchanged=report.unchanged,
        rejected=report.rejected,
        failed=report.failed + report.waiting,
        assets=assets,
        seconds=round(time.monotonic() - started, 3),
    )
    troubles += [reason for reason in report.reasons if reason not in troubles]
    for line in [*failures, *troubles]:
        complain(line)
    if as_json:
        write_json(encode_json(asdict(result)))
    else:
        print(result.describe())
    return 1 if troubles else 0


async def _settle(
    database: Database, configuration: Configuration, paths: Sequence[bytes]
) -> list[str]:
    """Make sure that all that is to be scanned lies in a root; returns what cannot be scanned.

    Folders that the settings name are the roots, as they are for a server. But none of those in use
    is dropped because of a PATH, or because the settings name none (a server may have been started
    with other options).
    """
    settings = configuration.settings
    folders = await asyncio.to_thread(folders_to_scan, configuration)
    added = await asyncio.to_thread(_folders_of, paths)
    problems = await settle_roots(
        database,
        [*folders, *added],
        exclusive=bool(settings.scan) and not paths,
        exclude_globs=settings.exclude_globs,
    )
    if paths:
        return []  # what else is configured is not asked for now
    async with database.read() as reading:
        if not await configured_roots(reading):
            problems.append("no folder is known: give a PATH, or name folders with --scan")
    return problems


def _folders_of(paths: Sequence[bytes]) -> list[bytes]:
    """The folders among some paths, and the folders that hold the files among them."""
    return [path if os.path.isdir(path) else os.path.dirname(path) for path in paths]


async def _run(engine: SyncEngine, paths: Sequence[bytes], bus: Bus) -> RunReport:
    """Scan and import, and show how far it is."""
    with bus.subscribe() as events:
        shown = asyncio.create_task(show_progress(events, sys.stderr))
        try:
            return await engine.run_once(paths)
        finally:
            # Ends the events, and with them the progress.
            events.close()
            await shown


async def _copy(organiser: Organiser) -> list[str]:
    """Copy what is outside the library into it (SPEC 9.2); returns what was not copied, and why."""
    try:
        outcome = await organiser.run(OWNER, Wish())
    except PhotostoreError as error:
        return [str(error)]
    return [f"not copied: {one.reason}" for one in outcome.refused]


async def _failures(database: Database, since_ms: int) -> list[str]:
    """A line for each file that failed in this run, the first ones of many."""
    lines: list[str] = []
    async with database.read() as reading:
        for state in FAILED_STATES:
            after = 0
            while page := await list_problems(
                reading, state=state, words="", after=after, limit=PAGE
            ):
                after = page[-1].file_id
                lines += [_describe(problem) for problem in page if problem.at >= since_ms]
    more = len(lines) - NAMED_FAILURES
    return lines if more <= 0 else [*lines[:NAMED_FAILURES], f"and {more:,} more files failed"]


def _describe(problem: Problem) -> str:
    return f"{display_name(os.path.join(problem.folder, problem.name))}: {problem.reason}"
