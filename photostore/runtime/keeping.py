"""A library kept open and in step with its disk, for as long as the server runs."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from typing import TYPE_CHECKING

from photostore.base.errors import (
    LibraryError,
    LibraryLockedError,
)
from photostore.base.log import announce
from photostore.library.codecs import take_note
from photostore.library.organise.automatic import copy_when_idle
from photostore.library.sidecars import SidecarWriter
from photostore.library.tagging import tag_pending
from photostore.library.trashing.minding import mind
from photostore.runtime.opening import open_library
from photostore.store.scope import OWNER
from photostore.store.search import View
from photostore.sync.retrieval import retrieve_when_idle
from photostore.sync.trouble import find_trouble, is_of_the_disk

if TYPE_CHECKING:
    from photostore.base.configuration import Configuration
    from photostore.base.events import Bus
    from photostore.server.context import OpenLibrary, ServerContext
    from photostore.sync.trouble import Trouble

log = logging.getLogger(__name__)

# So often in an hour a damaged database is closed and opened anew, then it is left closed.
MAX_MENDINGS = 3
MENDINGS_S = 3600.0
REOPENED = (
    "The database was damaged ({}): what is in its file now passes all checks. Your photos are "
    "untouched; all folders are scanned anew, and what you did is taken from the journal's copy"
)
# A library whose disk failed is tried again after this.
REOPEN_S = 3.0


async def keep_library(
    configuration: Configuration, context: ServerContext, stop: asyncio.Event
) -> None:
    """Open the library and keep it in step with the disk; without one, say why (SPEC 1.5).

    One whose database is damaged, deleted or away is closed and opened anew, which mends it.
    """
    mendings: deque[float] = deque(maxlen=MAX_MENDINGS)
    damage = ""
    while len(mendings) < MAX_MENDINGS or time.monotonic() - mendings[0] > MENDINGS_S:
        try:
            await _keep_open(configuration, context, damage)
        except Exception as error:
            trouble = find_trouble(error)
            if trouble is None:
                raise
            if str(trouble.problem) != str(context.problem):
                announce(f"the library is closed: {trouble.problem}")
            context.decide(problem=trouble.problem)
            if not context.was_open:
                if isinstance(trouble.problem, LibraryLockedError):
                    stop.set()
                return
            damage = trouble.damage
            if damage:
                mendings.append(time.monotonic())
            await _wait_for_disk(configuration, trouble)
    context.decide(problem=LibraryError(f"The database was damaged {MAX_MENDINGS} times: {damage}"))


async def _wait_for_disk(configuration: Configuration, trouble: Trouble) -> None:
    """Wait a while before the library is opened anew; where its disk is away, until it is there."""
    database = configuration.layout.database
    while not trouble.passes:
        await asyncio.sleep(REOPEN_S)
        # Else a new, empty library would be made where the disk is to be mounted.
        if not trouble.is_away or await asyncio.to_thread(database.exists):
            return


async def _keep_open(configuration: Configuration, context: ServerContext, damage: str) -> None:
    """Keep a library open; `damage` is what SQLite said of it before, if it said anything."""
    async with open_library(configuration, context.bus, is_suspect=bool(damage)) as opened:
        context.root_problems, context.sync_problem = opened.root_problems, None
        notices = opened.upkeep.opened.notices
        if damage and not notices:
            notices = (REOPENED.format(damage),)
        context.notices += notices
        for problem in (*notices, *opened.root_problems):
            announce(problem)
        context.decide(opened=opened.library)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(opened.upkeep.run())
                tasks.create_task(mind(opened.library.trash, OWNER))
                tasks.create_task(retrieve_when_idle(opened.library.engine, opened.library.trash))
                tasks.create_task(_copy_when_idle(opened.library, context.bus))
                tasks.create_task(opened.library.arrivals.uploads.run())
                tasks.create_task(opened.library.journal.follow(context.bus))
                if configuration.settings.write_sidecars:
                    writer = SidecarWriter(
                        opened.library.database, opened.library.engine.hold_scans
                    )
                    tasks.create_task(writer.run(context.bus))
                tasks.create_task(_prepare_views(context, opened.library))
                await _sync(context, opened.library)
        finally:
            context.decide(problem=LibraryError("photostore is stopping"))


async def _copy_when_idle(library: OpenLibrary, bus: Bus) -> None:
    def is_idle() -> bool:
        return library.engine.progress().state == "idle"

    await copy_when_idle(library.organiser, OWNER, bus, is_idle)


async def _prepare_views(context: ServerContext, library: OpenLibrary) -> None:
    """Have timeline and searches ready before somebody asks, tag what an older version did not."""
    await library.views.warm(View())
    await tag_pending(library.database, library.views, context.bus)
    await library.views.keep_sets()


async def read_waiting(context: ServerContext) -> None:
    """Import what waited for a decoder; a library that is not open yet does so when it opens."""
    if context.opened is not None:
        await take_note(context.opened.database, again=True)
        context.opened.engine.problems_changed()


async def _sync(context: ServerContext, library: OpenLibrary) -> None:
    """Keep the library true to the disk; a fault in that leaves it open to be looked at.

    What the disk is to blame for begins anew after a while.
    """
    while True:
        try:
            await library.engine.run()
        except Exception as error:
            log.exception("sync has stopped")
            context.sync_problem = f"{type(error).__name__}: {error}"
            if not is_of_the_disk(error):
                await asyncio.Event().wait()
        await asyncio.sleep(REOPEN_S)
        context.sync_problem = None
