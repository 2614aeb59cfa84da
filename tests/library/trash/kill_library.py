"""Kills a library that trashes, restores or deletes, by SIGKILL at every point that an act reaches.

Run as a program: `python -m tests.library.trash.kill_library FOLDER SCENARIO`. Files, rows and the
journal are compared after the next start, which is itself killed now and then. Prints a JSON
object; exits 1 at any harm.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path

from photostore.library.trashing import Trash, service
from photostore.store.journal import ActName, list_acts
from photostore.store.scope import OWNER
from tests.library.trash.disk import tree
from tests.library.trash.kill import Countdown, in_child
from tests.library.trash.stocked import House, fill, opened, take_in

ASSETS = 3
# More than one batch, and one of more than one asset.
BATCH = 2
FIRST = {"restore": "trash", "purge": "trash"}


async def act(house: House, scenario: str) -> None:
    ids = await house.ids("in:trash" if scenario in FIRST else "")
    trash = house.library.trash
    if scenario == "trash":
        await trash.trash(OWNER, ids)
    elif scenario == "restore":
        await trash.restore(OWNER, ids)
    else:
        await trash.delete(OWNER, ids, await trash.weigh(OWNER, ids))


async def state(house: House, photos: Path) -> dict:
    """Where each file is, what the rows say, and which acts the journal has."""
    async with house.library.database.read() as reading:
        rows = await reading.fetch_all(
            """SELECT asset.public_id, asset.shelf, asset.trashed_at IS NOT NULL AS out,
                 file.gone_at IS NOT NULL AS gone, file.trashed, folder.path AS folder, file.name,
                 volume.mount_path
               FROM file JOIN asset ON asset.id = file.asset_id
               JOIN folder ON folder.id = file.folder_id
               JOIN volume ON volume.id = folder.volume_id ORDER BY file.id"""
        )
        acts = await list_acts(reading, OWNER, 100)
    found = await asyncio.to_thread(look_at, rows)
    return {"assets": found, "acts": [(one.act, one.count) for one in reversed(acts)]}


def look_at(rows: list) -> dict:
    """The assets of the rows, if the disk is as they say."""
    assets: dict[str, dict] = {}
    for row in rows:
        asset = assets.setdefault(row["public_id"], {"shelf": row["shelf"], "files": []})
        path = os.path.join(row["mount_path"], row["folder"], row["name"])
        assert bool(row["out"]) == (row["shelf"] == "trash")
        assert bool(row["gone"]) == (row["shelf"] == "trash") == (row["trashed"] is not None)
        there = os.path.join(row["mount_path"], row["trashed"]) if row["trashed"] else path
        assert os.path.exists(there), (row["shelf"], there)
        assert not (row["trashed"] and os.path.exists(path)), path
        asset["files"].append(os.fsdecode(there))
    return assets


def run_in(home: Path, photos: Path, work, *, settings: dict | None = None):
    async def body() -> object:
        async with opened(home, photos, **(settings or {})) as house:
            return await work(house)

    return asyncio.run(body())


def prepare(folder: Path, scenario: str) -> None:
    photos = folder / "photos"
    fill(photos, ASSETS, per_folder=2)

    async def make(house: House) -> None:
        await take_in(house.library)
        if scenario in FIRST:
            await act(house, FIRST[scenario])

    run_in(folder / "home", photos, make)


def kill_act(folder: Path, scenario: str, left: int) -> bool:
    def work() -> None:
        countdown = Countdown(left)

        async def go(house: House) -> None:
            house.library.trash._reach = countdown
            await act(house, scenario)

        run_in(folder / "home", folder / "photos", go, settings=settings_of(scenario))

    return in_child(work)


def kill_start(folder: Path, scenario: str, left: int) -> bool:
    def work() -> None:
        Trash.__init__.__defaults__ = (Countdown(left),)  # type: ignore[attr-defined]

        async def nothing(_: House) -> None:
            """The start is all."""

        run_in(folder / "home", folder / "photos", nothing, settings=settings_of(scenario))

    return in_child(work)


def settings_of(scenario: str) -> dict:
    return {"try_soft_deletes": scenario != "erase"}


def start_again(folder: Path, scenario: str) -> dict:
    async def look(house: House) -> dict:
        found = await state(house, folder / "photos")
        found["told"] = [one.describe() for one in house.library.trash.settled]
        # A scan finds nothing to do: what is on the disk is what the rows say.
        before = (found["assets"], found["acts"])
        for root in await house.library.engine._settle_roots():
            summary = await house.library.engine._scanner.scan_root(root)
            assert (summary.new, summary.changed, summary.missing) == (0, 0, 0), summary
        after = await state(house, folder / "photos")
        assert (after["assets"], after["acts"]) == before
        acts = house.context.layout.support / "acts"
        assert not acts.exists() or not list(acts.iterdir()), list(acts.iterdir())
        return found

    return run_in(folder / "home", folder / "photos", look, settings=settings_of(scenario))


def contents(folder: Path) -> list[tuple]:
    """Every photo and sidecar wherever it is: bytes, time and mode."""
    files = {**tree(folder / "photos"), **tree(folder / "xdg" / "Trash" / "files")}
    return sorted(value for name, value in files.items() if not name.endswith(b".trashinfo"))


def check(found: dict, scenario: str, whole: list[tuple], folder: Path) -> str:
    """One of the two ends for each asset, and the journal speaks of those that changed."""
    shelves = [asset["shelf"] for asset in found["assets"].values()]
    before, after = ("trash", "timeline") if scenario in FIRST else ("timeline", "trash")
    changed = ASSETS - shelves.count(before)
    if scenario in ("trash", "restore"):
        assert contents(folder) == whole, "a byte, time or mode is lost"
        assert shelves.count(after) == changed
    else:
        assert len(shelves) == ASSETS - changed, "an asset without its files"
    for asset in found["assets"].values():
        assert len(asset["files"]) == 2, "half an asset"
    name = {"trash": "trash", "restore": "restore"}.get(scenario, "delete")
    journal = [(ActName(FIRST[scenario]), ASSETS)] if scenario in FIRST else []
    if changed:
        journal.append((ActName(name), changed))
    assert [tuple(one) for one in found["acts"]] == journal, (found["acts"], changed)
    if 0 < changed < ASSETS:
        assert found["told"] or found["killed twice"], "the start says nothing of it"
    if changed == 0:
        return "undone"
    return "done" if changed == ASSETS else "part done"


def run(folder: Path, scenario: str) -> dict:
    service.BATCH = BATCH
    os.environ["XDG_DATA_HOME"] = str(folder / "now" / "xdg")
    template, now = folder / "template", folder / "now"
    # Paths are in the database: what is made at `now` is used at `now`.
    prepare(now, scenario)
    shutil.copytree(now, template, symlinks=True)
    whole = contents(now)
    ends: dict[str, int] = {"points": 0, "starts killed": 0}
    point, is_over = 0, False
    while not is_over:
        shutil.rmtree(now)
        shutil.copytree(template, now, symlinks=True)
        is_over = kill_act(now, scenario, point)
        is_second = point % 5 == 2 and not is_over
        if is_second:
            left = 0
            while not kill_start(now, scenario, left):
                left += 1
                ends["starts killed"] += 1
        found = start_again(now, scenario) | {"killed twice": is_second}
        end = check(found, scenario, whole, now)
        ends[end] = ends.get(end, 0) + 1
        point += 1
    ends["points"] = point
    return ends


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]), sys.argv[2])))
