"""Looking after the trash while the library is open."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from typing import TYPE_CHECKING

from photostore.base.errors import PhotostoreError

if TYPE_CHECKING:
    from photostore.library.trashing.service import Trash
    from photostore.store.scope import Scope

log = logging.getLogger(__name__)

LOOK_AGAIN_S = 3600.0
CATCH_UP_S = 10.0


async def mind(trash: Trash, scope: Scope) -> None:
    """Look now and then what other programs did to the trash, and empty it if that is set.

    After a time in which the database could not be written, what was done is written then.
    """
    looked_at = -LOOK_AGAIN_S
    while True:
        try:
            await trash.catch_up()
            await trash.look_for_missing()
            if time.monotonic() - looked_at >= LOOK_AGAIN_S:
                looked_at = time.monotonic()
                await trash.look_again()
                await trash.empty_old(scope)
        except (PhotostoreError, OSError, sqlite3.Error) as error:
            log.warning("the trash could not be looked at (%s); it is tried again", error)
        await asyncio.sleep(CATCH_UP_S)
