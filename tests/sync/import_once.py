"""Import a folder in a process of its own, that a test may kill: LIBRARY PHOTOS [rounds].

With `rounds` as a server does with many files: grid pictures first, screen pictures later.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from photostore.store.problems import ProblemState


async def run(library: Path, photos: bytes, *, in_rounds: bool) -> None:
    with lock_library(library / "lock"):
        database = await Database.open(library / "photostore.db", library / "backups")
        try:
            await settle_roots(database, [photos])
            previews = PreviewStore(library / "previews")
            workshop = Workshop(previews, Limits(min_bytes=1), 320)
            engine = SyncEngine(database, Bus(), workshop, settings(first_pass_files=1))
            print("begun", flush=True)
            if in_rounds:
                # A single run makes all in one pass, unless it is kept from knowing that it is one.
                keep_results = engine.importer.keep_results

                def keep_pace() -> dict[int, ProblemState | None]:
                    pace = engine.importer._pace
                    results = keep_results()
                    engine.importer._pace = pace
                    return results

                engine.importer.keep_results = keep_pace
            report = await engine.run_once()
            print(report.imported, report.rejected, report.failed, flush=True)
        finally:
            await database.close()


if __name__ == "__main__":
    # Many small transactions: more places to be killed at.
    pipeline.BATCH_S = 0.02
    in_rounds = "rounds" in sys.argv[3:]
    asyncio.run(run(Path(sys.argv[1]), os.fsencode(sys.argv[2]), in_rounds=in_rounds))
