"""Copying by itself what was imported, where the setting says so (SPEC 9.2)."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from typing import TYPE_CHECKING

from photostore.base.errors import PhotostoreError
from photostore.base.events import LibraryChanged, Refresh
from photostore.library.organise.results import Wish

if TYPE_CHECKING:
    from collections.abc import Callable

    from photostore.base.events import Bus
    from photostore.library.organise.service import Organiser
    from photostore.store.scope import Scope

log = logging.getLogger(__name__)

# Files of one shot come one after the other: what is imported goes on for a moment.
QUIET_S = 5.0


async def copy_when_idle(
    organiser: Organiser, scope: Scope, bus: Bus, is_idle: Callable[[], bool]
) -> None:
    """Copy what has no copy once the import is done, at start and after each change, until the end.

    What prevents it is told in `Organiser.problem`, and tried again with the next change.
    """
    if not organiser.setup.enabled:
        return
    is_due = True
    with bus.subscribe() as events:
        while True:
            try:
                event = await asyncio.wait_for(anext(events), QUIET_S)
                is_due = is_due or isinstance(event, LibraryChanged | Refresh)
                continue
            except StopAsyncIteration:
                return
            except TimeoutError:
                if not is_due or not is_idle():
                    continue
            is_due = False
            try:
                outcome = await organiser.run(scope, Wish())
            except (PhotostoreError, OSError, sqlite3.Error) as error:
                organiser.problem = str(error)
                log.warning("not copied to the library: %s", error)
            else:
                organiser.problem = None
                for one in outcome.refused:
                    log.warning("not copied to the library: %s", one.reason)
