"""Opening a library: the lock, the database, the journal, the roots, what reads files.

What is opened is closed in reverse; nothing here knows of the network.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from photostore.base.codecs import locate_folder
from photostore.base.errors import (
    LibraryError,
)
from photostore.base.log import announce
from photostore.base.memory import own_budget
from photostore.base.mounts import find_bind_mounts
from photostore.decode.child import make_children
from photostore.library.acts.copy import JOURNAL
from photostore.library.codecs import take_note
from photostore.library.limits import limits_of
from photostore.library.lock import lock_library
from photostore.library.machine import Obstacles
from photostore.library.opening import open_database
from photostore.library.previews import PreviewStore
from photostore.library.rebuild import rebuild
from photostore.library.reports import Reports
from photostore.library.roots import settle_roots
from photostore.library.tasks import Tasks
from photostore.runtime.assembly import assemble
from photostore.store.problems import set_aside
from photostore.sync.engine import SyncEngine
from photostore.sync.inflight import InFlight
from photostore.sync.journey import Workshop
from photostore.sync.shared import now_ms
from photostore.sync.upkeep import Upkeep

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from photostore.base.configuration import Configuration
    from photostore.base.events import Bus
    from photostore.server.context import OpenLibrary
    from photostore.store.db import Database

MOUNTINFO = Path("/proc/self/mountinfo")
# Names in the support folder.
BACKUPS, LOCK, REPORTS = "backups", "lock", "sync-reports"


def folders_to_scan(configuration: Configuration) -> list[bytes]:
    """The roots of SPEC 5.1: configured ones, originals, bind mounts, the library itself."""
    settings, layout = configuration.settings, configuration.layout
    folders = [*settings.scan]
    if layout.originals:
        folders.append(layout.originals)
    if configuration.in_container:
        text = MOUNTINFO.read_text("utf-8", "surrogateescape")
        folders += [path for path in find_bind_mounts(text) if path.is_dir()]
    if any(not entry.name.startswith(".") for entry in layout.library.iterdir()):
        folders.append(layout.library)
    return [os.fsencode(folder) for folder in folders]


@dataclass(frozen=True, slots=True)
class Opened:
    """An open library, the scanned folders that could not be found, and what else is to be said."""

    library: OpenLibrary
    root_problems: tuple[str, ...]
    upkeep: Upkeep


@asynccontextmanager
async def open_library(
    configuration: Configuration,
    bus: Bus,
    *,
    roots: list[bytes] | None = None,
    is_suspect: bool = False,
) -> AsyncIterator[Opened]:
    """Open the library of a configuration for writing; `roots` instead of the configured ones.

    `is_suspect`: its database turned out to be damaged. Raises LibraryError with the reason.
    """
    layout, settings = configuration.layout, configuration.settings
    if layout.problem:
        raise LibraryError(layout.problem)
    async with AsyncExitStack() as stack:
        stack.enter_context(lock_library(layout.support / LOCK))
        backups = layout.support / BACKUPS
        opened = await stack.enter_async_context(
            open_database(layout, backups, is_suspect=is_suspect)
        )
        database = opened.database
        rebuilt = await rebuild(database, layout.support / JOURNAL)
        if rebuilt.acts:
            announce(f"{rebuilt.acts} acts that the database did not know were done again")
        wanted = await asyncio.to_thread(folders_to_scan, configuration) if roots is None else roots
        # Where nothing names folders, those that `sync PATH` was once given stay in use.
        exclusive = roots is None and bool(wanted)
        problems = await settle_roots(
            database, wanted, exclusive=exclusive, exclude_globs=settings.exclude_globs
        )
        workshop = await _make_workshop(configuration, database, stack)
        if opened.was_unclean:
            await asyncio.to_thread(workshop.previews.sweep)
        reports = Reports(layout.support / REPORTS, settings.sync_reports_keep)
        stack.callback(reports.close)
        engine = SyncEngine(
            database,
            bus,
            workshop,
            settings,
            find_obstacle=Obstacles(settings, layout).find,
            reports=reports,
        )
        tasks = await stack.enter_async_context(Tasks.open(bus))
        library = assemble(configuration, bus, database, engine, reports, tasks)
        await library.trash.settle()
        await asyncio.to_thread(library.arrivals.uploads.clear)
        library.journal.unknown = rebuilt.unknown
        await library.journal.catch_up()
        upkeep = Upkeep(opened, backups, settings, engine)
        library = replace(library, upkeep=upkeep)
        yield Opened(library, tuple(problems), upkeep)


async def _make_workshop(
    configuration: Configuration, database: Database, stack: AsyncExitStack
) -> Workshop:
    """What reads files: decoders, children, and the memory of what was read when a crash came."""
    layout, settings = configuration.layout, configuration.settings
    await take_note(database)
    decoders = os.fsencode(locate_folder(layout.config))
    workers = settings.max_concurrent_imports or own_budget().imports
    children = make_children([decoders], workers)
    for child in children:
        stack.callback(child.close)
    in_flight, suspects = InFlight.open(layout.support / "in-flight")
    stack.callback(in_flight.close)
    if suspects:
        async with database.write() as transaction:
            await set_aside(transaction, suspects, now_ms())
    return Workshop(
        PreviewStore(layout.previews),
        limits_of(settings),
        settings.preview_px,
        children=children,
        in_flight=in_flight,
    )
