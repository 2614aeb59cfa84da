"""Kills an upload by SIGKILL at every step of its way, and looks what the next start finds.

Run as a program: `python -m tests.library.uploads.kill FOLDER`. Prints a JSON object; exits 1 at
any harm.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from photostore.library.uploads import Offer
from photostore.store.files import WorkFile
from photostore.store.journal import list_acts
from photostore.store.scope import OWNER
from tests.library.trash.kill import Countdown, in_child
from tests.samples import make_photo
from tests.server.conftest import opened_site

# Over two megabytes, so that it comes in parts.
SIZE = (2600, 2000)
KNOWN: list[Any] = []


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 1 << 16):
        yield content[start : start + (1 << 16)]


def upload(folder: Path, content: bytes, reach: Countdown | None = None) -> None:
    """Send it once, to a process that may not survive it."""

    async def go() -> None:
        async with opened_site(folder / "home", folder / "photos") as site:
            library, arrivals = site.context.library, site.context.library.arrivals
            if reach is not None:
                arrivals.uploads.reach = reach
            library.engine.examine = partial(examine, library.engine.examine)
            arrival = await arrivals.take(OWNER, Offer("a.jpg", pieces(content), len(content)))
            assert arrival.shelf == "timeline"

    asyncio.run(go())


async def examine(really: Any, work: WorkFile) -> Any:
    """What the file is; it is decoded once, since that has no part in this and takes its time."""
    if not KNOWN:
        KNOWN.append(await really(work))
    return replace(KNOWN[0], work=work, mtime_ns=work.mtime_ns)


def look(folder: Path, content: bytes) -> tuple[int, int, int]:
    """After a start and a scan: files, assets, acts. What is there is whole."""

    async def go() -> tuple[int, int, int]:
        async with opened_site(folder / "home", folder / "photos") as site:
            library, own = site.context.library, folder / "home" / "library"
            assert not (own / ".photostore-uploads").exists()
            if any(one.name[0] != "." for one in own.iterdir()):
                await library.arrivals.uploads.destination()
            report = await library.engine.run_once([])
            assert report.failed == 0
            await library.arrivals.uploads.end_quiet(-1)
            files = [one for one in own.rglob("*.jpg") if ".photostore" not in str(one)]
            assert all(one.read_bytes() == content for one in files)
            total = (await site.client.get("/api/v1/assets")).json()["total"]
            async with library.database.read() as reading:
                return len(files), total, len(await list_acts(reading, OWNER, 9))

    return asyncio.run(go())


def run(folder: Path) -> dict[str, object]:
    content = make_photo(
        folder / "a.jpg", taken=datetime(2023, 4, 5), size=SIZE, quality=97, seed=7
    ).read_bytes()
    (folder / "photos").mkdir()
    upload(folder, content)
    shutil.rmtree(folder / "home")
    found = []
    point, is_over = 0, False
    while not is_over:
        is_over = in_child(partial(upload, folder, content, Countdown(point)))
        after = look(folder, content)
        assert after[0] == after[1], after
        found.append(after)
        upload(folder, content)
        end = look(folder, content)
        assert end[:2] == (1, 1), (point, end)
        # Who was killed between the name and the row was never answered, and has no act.
        assert end[2] == 1 or after == (1, 1, 0), (point, after, end)
        shutil.rmtree(folder / "home")
        point += 1
    return {"points": point, "found": found}


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]))))
