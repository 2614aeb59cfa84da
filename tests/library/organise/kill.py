"""Kills copying into the library by SIGKILL at every point, and compares after the next run.

Run as a program: `python -m tests.library.organise.kill FOLDER`. Prints a JSON object; exits 1 at
any harm.
"""

from __future__ import annotations

import json
import shutil
import sys
from functools import partial
from pathlib import Path

from photostore.library.organise import Wish, service
from photostore.library.trash import moves
from photostore.store.journal import list_acts
from photostore.store.scope import OWNER
from tests.library.trash.disk import tree
from tests.library.trash.kill import Countdown, guard, in_child
from tests.library.trash.kill_library import run_in
from tests.library.trash.stocked import House, put, take_in

BATCH = 2
NAMES = ("one/a.jpg", "one/a.jpg.xmp", "one/b.jpg", "two/a.jpg", "two/copy of a.jpg")


def settings(folder: Path) -> dict:
    return {"originals_dir": str(folder / "originals")}


def prepare(folder: Path) -> None:
    (folder / "originals").mkdir(parents=True)
    for number, name in enumerate(NAMES):
        path = folder / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        put(path, "two/a.jpg" if name.startswith("two") else name, number)

    async def make(house: House) -> None:
        await take_in(house.library)

    run_in(folder / "home", folder / "photos", make, settings=settings(folder))


def organise(folder: Path, countdown: Countdown | None = None) -> None:
    async def go(house: House) -> None:
        if countdown is not None:
            # Between writing a part, giving it its name, and what follows.
            for name in ("_fill", "rename_exclusively"):
                setattr(moves, name, guard(getattr(moves, name), countdown))
            house.library.organiser._reach = countdown
        outcome = await house.library.organiser.run(OWNER, Wish())
        assert outcome.refused == []

    run_in(folder / "home", folder / "photos", go, settings=settings(folder))


def end_of(folder: Path) -> tuple[dict, list, int]:
    """The copies, the rows of all files by asset, and how many acts are recorded."""

    async def look(house: House) -> tuple[list, int]:
        for root in await house.library.engine._settle_roots():
            summary = await house.library.engine._scanner.scan_root(root)
            assert (summary.new, summary.changed, summary.missing) == (0, 0, 0), summary
        async with house.library.database.read() as reading:
            rows = await reading.fetch_all(
                """SELECT asset_id, folder.path AS folder, name, size, in_library, state FROM file
                   JOIN folder ON folder.id = folder_id ORDER BY folder.path, name"""
            )
            acts = await list_acts(reading, OWNER, 100)
        assert sum(act.count for act in acts) >= 3
        return [tuple(row) for row in rows], len(acts)

    rows, acts = run_in(folder / "home", folder / "photos", look, settings=settings(folder))
    records = folder / "home" / "library" / ".photostore" / "acts"
    assert not list(records.iterdir())
    return tree(folder / "originals"), rows, acts


def run(folder: Path) -> dict:
    service.BATCH = BATCH
    now, template = folder / "now", folder / "template"
    prepare(now)
    shutil.copytree(now, template)
    photos = tree(now / "photos")
    organise(now)
    goal = end_of(now)
    ends = {"points": 0, "acts": 0}
    point, is_over = 0, False
    while not is_over:
        shutil.rmtree(now)
        shutil.copytree(template, now)
        is_over = in_child(partial(organise, now, Countdown(point)))
        organise(now)
        assert tree(now / "photos") == photos, "an original was touched"
        found = end_of(now)
        assert found[:2] == goal[:2], (point, found, goal)
        ends["acts"] = max(ends["acts"], found[2])
        point += 1
    ends["points"] = point
    return ends


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]))))
