"""`photostore doctor`: the health of a library, also while no server runs (SPEC 1.2, 1.5)."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from photostore import __version__
from photostore.base.configuration import make_folders, make_plan
from photostore.base.errors import LibraryError, PhotostoreError
from photostore.base.events import Bus
from photostore.base.text import display_name
from photostore.commands.terminal import complain, encode_json, write_json
from photostore.library.limits import limits_of
from photostore.library.previews import PreviewStore
from photostore.library.reports import Reports
from photostore.library.tasks import Tasks
from photostore.runtime import REPORTS, assemble
from photostore.server.checks import Check, run_checks, worst
from photostore.server.context import OpenLibrary, ServerContext
from photostore.store.db import Database
from photostore.store.integrity import find_faults
from photostore.sync.engine import SyncEngine
from photostore.sync.journey import Workshop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from photostore.base.configuration import Configuration

# Rows about the process of a server, and there is none here.
OF_A_SERVER = frozenset({"watchers", "memory"})
MARKS = {"ok": "fine", "warn": "look", "error": "BROKEN"}


def examine_library(given: Mapping[str, object], *, as_json: bool) -> int:
    """Print a row for each check; returns 1 if one of them found something broken.

    Raises LibraryError if there is no library: none is made here.
    """
    plan = make_plan(given, os.environ)
    if not plan.database.is_file():
        raise LibraryError(f"There is no library in {display_name(plan.library)}")
    checks = asyncio.run(_run(make_folders(plan)))
    if as_json:
        rows = [asdict(check) for check in checks]
        report = {"status": worst(checks), "version": __version__, "checks": rows}
        write_json(encode_json(report, indent=2))
    else:
        for check in checks:
            print("\n".join(_lines(check)))
    sys.stdout.flush()
    broken = [check for check in checks if check.status == "error"]
    if broken:
        complain("; ".join(f"{check.label}: {check.summary}" for check in broken))
    return 1 if broken else 0


async def _run(configuration: Configuration) -> list[Check]:
    """The checks of the health page, and a look at every page of the database."""
    settings, layout = configuration.settings, configuration.layout
    context = ServerContext(settings, layout, Bus(), exposed=False)
    soundness: list[Check] = []
    try:
        if layout.problem:
            raise LibraryError(layout.problem)
        async with _open_reading(configuration) as library:
            soundness.append(await _check_soundness(library.database))
            context.opened = library
            checks = await run_checks(context)
    except (PhotostoreError, OSError, sqlite3.Error) as error:
        context.opened = None
        context.problem = error if isinstance(error, PhotostoreError) else LibraryError(str(error))
        checks = await run_checks(context)
    return [check for check in checks if check.id not in OF_A_SERVER] + soundness


@asynccontextmanager
async def _open_reading(configuration: Configuration) -> AsyncIterator[OpenLibrary]:
    """The library for looking only; nothing of its engine is started."""
    settings, layout = configuration.settings, configuration.layout
    database = await Database.open_reading(layout.database)
    try:
        previews = PreviewStore(layout.previews)
        workshop = Workshop(previews, limits_of(settings), settings.preview_px)
        bus = Bus()
        engine = SyncEngine(database, bus, workshop, settings)
        reports = Reports(layout.support / REPORTS, 0)
        yield assemble(configuration, bus, database, engine, reports, Tasks(bus))
    finally:
        await database.close()


async def _check_soundness(database: Database) -> Check:
    label = "Database soundness"
    try:
        async with database.read() as reading:
            faults = await find_faults(reading)
    except sqlite3.Error as error:
        faults = (str(error),)
    if faults:
        remedy = "Restore a copy from .photostore/backups; nothing of your photos is concerned"
        return Check("soundness", label, "error", "; ".join(faults), remedy)
    return Check("soundness", label, "ok", "every page of it was checked")


def _lines(check: Check) -> Iterator[str]:
    yield f"{MARKS[check.status]:<8}{check.label}: {check.summary}"
    if check.remedy:
        yield f"{'':<8}-> {check.remedy}"
