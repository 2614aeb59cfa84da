"""An edit, or its way back, killed between two pieces: `python -m …cut_short DB WHAT PIECES`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from photostore.base.events import Bus
from photostore.library.acts import Acts, Change, batches
from photostore.library.acts.copy import JournalCopy
from photostore.store.db import Database
from photostore.store.edits import Field
from photostore.store.scope import OWNER


async def run(path: Path, what: str, pieces: int) -> None:
    """Do it, and die after so many pieces."""
    batches.LEAST = batches.MOST = 5
    database = await Database.open(path, path.parent / "backups")
    acts = Acts(database, Bus(), JournalCopy(database, path.parent / "journal"))
    told = 0

    def die(done: int, size_bytes: int) -> None:
        nonlocal told
        told += 1
        if told == pieces:
            os.kill(os.getpid(), signal.SIGKILL)

    if what == "edit":
        async with database.read() as reading:
            rows = await reading.fetch_all("SELECT public_id FROM asset ORDER BY id")
        ids = [row["public_id"] for row in rows]
        change = Change({Field.RATING: 4}, add_keywords=("sea",))
        await acts.edit(OWNER, ids, change, progress=die)
    else:
        await acts.undo(OWNER, 1, die)


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
