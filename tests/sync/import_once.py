"""Import a folder in a process of its own, that a test may kill: LIBRARY PHOTOS."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from photostore.base.events import Bus
from photostore.library.lock import lock_library
from photostore.library.previews import PreviewStore
from photostore.library.roots import settle_roots
from photostore.media.filters import Limits
from photostore.store.db import Database
from photostore.sync import pipeline
from photostore.sync.engine import SyncEngine
from photostore.sync.journey import Workshop
from tests.sync.shop import settings


async def run(library: Path, photos: bytes) -> None:
    with lock_library(library / "lock"):
        database = await Database.open(library / "photostore.db", library / "backups")
        try:
            await settle_roots(database, [photos])
            previews = PreviewStore(library / "previews")
            workshop = Workshop(previews, Limits(min_bytes=1), 320)
            engine = SyncEngine(database, Bus(), workshop, settings())
            print("begun", flush=True)
            report = await engine.run_once()
            print(report.imported, report.rejected, report.failed, flush=True)
        finally:
            await database.close()


if __name__ == "__main__":
    # Many small transactions: more places to be killed at.
    pipeline.BATCH_S = 0.02
    asyncio.run(run(Path(sys.argv[1]), os.fsencode(sys.argv[2])))
