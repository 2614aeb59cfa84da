"""Many assets at once over the API, beside scans; disks that are full or away (SPEC 9)."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from photostore.library.clock import look_at_clock
from photostore.library.trashing import deeds
from photostore.store.journal import list_acts
from photostore.store.scope import OWNER
from tests.library.trash.disk import tree
from tests.library.trash.machine import Machine
from tests.library.trash.stocked import House, fill, opened, take_in

pytestmark = pytest.mark.anyio
ASSETS = 250


@pytest.fixture
def machine() -> Iterator[Machine]:
    if os.geteuid() != 0:
        pytest.skip("only root can mount")
    made = Machine()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _home_trash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))


async def scan_on(house: House, until: asyncio.Task) -> int:
    """Scan all roots again and again until a task is done; returns how often."""
    engine, scans = house.library.engine, 0
    while not until.done():
        for root in await engine._settle_roots():
            await engine._scanner.scan_root(root)
        scans += 1
    return scans


async def test_scans_under_way_change_nothing(tmp_path: Path):
    """A scan that listed a folder before its files were trashed does not take them for restored."""
    photos = tmp_path / "photos"
    fill(photos, ASSETS)
    before = tree(photos)
    async with opened(tmp_path / "home", photos) as house:
        await take_in(house.library)
        ids = await house.ids()
        for path, word, shelf in (
            ("/assets/trash", "trashed", "in:trash"),
            ("/assets/restore", "restored", ""),
        ) * 2:
            act = asyncio.create_task(house.post(path, ids=ids))
            scans = await scan_on(house, act)
            done = await act
            assert (done[word], done["refused"]) == (ASSETS, [])
            assert scans > 0
            assert set(await house.ids(shelf)) == set(ids)
            assert tree(photos) == (before if shelf == "" else {})
        async with house.library.database.read() as reading:
            files = await reading.fetch_value("SELECT count(*) FROM file")
            pending = await reading.fetch_value("SELECT count(*) FROM file WHERE state <> 'ready'")
        assert (files, pending) == (2 * ASSETS, 0)


async def test_a_full_disk_refuses_and_recovers(machine: Machine, tmp_path: Path):
    top = machine.tmpfs("disk", "size=1m,mode=1777,nr_inodes=2000")
    photos = top / "photos"
    fill(photos, 20)
    before = tree(photos)
    async with opened(tmp_path / "home", photos) as house:
        await take_in(house.library)
        ids = await house.ids()
        # The first trash makes its folders; after that no name fits in any more.
        await house.post("/assets/trash", ids=ids[:1])
        await house.post("/assets/restore", ids=ids[:1])
        ballast = top / "ballast"
        with ballast.open("wb", buffering=0) as file:
            while True:
                try:
                    file.write(bytes(4096))
                except OSError:
                    break
        done = await house.post("/assets/trash", ids=ids)
        assert done["trashed"] == 0
        assert {one["reason"].partition(" (")[0] for one in done["refused"]} == {
            "the volume is full"
        }
        assert "for example by emptying its trash" in done["refused"][0]["remedy"]
        assert tree(photos) == before
        ballast.unlink()
        assert (await house.post("/assets/trash", ids=ids))["trashed"] == 20
        assert (await house.post("/assets/restore", ids=ids))["restored"] == 20
        assert tree(photos) == before


async def test_a_folder_that_became_a_link_is_not_followed(tmp_path: Path):
    photos, outside = tmp_path / "photos", tmp_path / "outside"
    fill(photos, 2, per_folder=1)
    async with opened(tmp_path / "home", photos) as house:
        await take_in(house.library)
        ids = await house.ids()
        (photos / "0000").rename(outside)
        (photos / "0000").symlink_to(outside)
        before = tree(outside)
        done = await house.post("/assets/trash", ids=ids)
        assert done["trashed"] == 1
        (refused,) = done["refused"]
        assert refused["reason"] == "a folder on its path was replaced by a link or a file"
        assert refused["remedy"] == "put the folder back"
        assert tree(outside) == before


async def test_a_file_that_became_a_link_is_not_touched(tmp_path: Path):
    photos = tmp_path / "photos"
    fill(photos, 1)
    async with opened(tmp_path / "home", photos) as house:
        await take_in(house.library)
        (photos / "0000" / "IMG_000000.jpg").rename(tmp_path / "elsewhere.jpg")
        (photos / "0000" / "IMG_000000.jpg").symlink_to(tmp_path / "elsewhere.jpg")
        before = tree(photos)
        (refused,) = (await house.post("/assets/trash", ids=await house.ids()))["refused"]
        assert refused["reason"] == "it is a link now"
        assert tree(photos) == before
        assert (tmp_path / "elsewhere.jpg").exists()


async def test_an_asset_on_a_disk_that_is_away_is_refused(tmp_path: Path):
    photos = tmp_path / "photos"
    fill(photos, 1)
    async with opened(tmp_path / "home", photos) as house:
        await take_in(house.library)
        ids = await house.ids()
        photos.rename(tmp_path / "unplugged")
        photos.mkdir()
        engine = house.library.engine
        for root in await engine._settle_roots():
            await engine._scanner.scan_root(root)
        (refused,) = (await house.post("/assets/trash", ids=ids))["refused"]
        assert "its folder is away" in refused["reason"]
        assert refused["remedy"] == "mount the disk again, then delete it"


async def test_a_database_that_cannot_be_written_is_told_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Files that were moved are known as trashed as soon as the database takes it."""
    photos = tmp_path / "photos"
    fill(photos, 3)
    async with opened(tmp_path / "home", photos) as house:
        await take_in(house.library)
        ids = await house.ids()

        async def fail(*_: object) -> None:
            raise sqlite3.OperationalError("database or disk is full")

        with monkeypatch.context() as broken:
            broken.setattr(deeds, "note_trashed", fail)
            problem = await house.post("/assets/trash", 503, ids=ids)
        assert "tried again" in problem["detail"]
        assert tree(photos) == {}
        for root in await house.library.engine._settle_roots():
            await house.library.engine._scanner.scan_root(root)
        await house.library.trash.catch_up()
        assert set(await house.ids("in:trash")) == set(ids)
        assert (await house.post("/assets/restore", ids=ids))["restored"] == 3
        async with house.library.database.read() as reading:
            acts = [(act.act, act.count) for act in await list_acts(reading, OWNER, 10)]
        assert acts == [("restore", 3), ("trash", 3)]
        assert list((house.context.layout.support / "acts").iterdir()) == []


async def test_the_trash_empties_itself_only_if_that_is_set(tmp_path: Path):
    photos = tmp_path / "photos"
    fill(photos, 2)
    async with opened(tmp_path / "home", photos) as house:
        await take_in(house.library)
        await house.post("/assets/trash", ids=await house.ids())
        await house.library.trash.empty_old(OWNER)
        assert (await house.get("/trash"))["assets"] == 2
    async with opened(tmp_path / "home", photos, trash_keep="7d") as house:
        await house.library.trash.empty_old(OWNER)
        assert (await house.get("/trash"))["assets"] == 2
        async with house.library.database.write() as transaction:
            await transaction.execute(
                "UPDATE asset SET trashed_at = trashed_at - 8 * 86400000 WHERE id = 1"
            )
        await house.library.trash.empty_old(OWNER)
        assert (await house.get("/trash"))["assets"] == 2, "the clock may have been set"
        async with house.library.database.write() as transaction:
            await transaction.execute("DELETE FROM meta WHERE key = 'clock'")
        now_ms = time.time_ns() // 1_000_000
        for days in range(9, -1, -1):
            await look_at_clock(house.library.database, now_ms - days * 86_400_000)
        await house.library.trash.empty_old(OWNER)
        assert (await house.get("/trash"))["assets"] == 1


async def test_an_act_that_is_cancelled_between_two_batches_is_in_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Not only after the next start: what was done can be undone at once."""
    photos = tmp_path / "photos"
    fill(photos, 4)
    before = tree(photos)
    monkeypatch.setattr("photostore.library.trashing.service.BATCH", 2)
    async with opened(tmp_path / "home", photos) as house:
        await take_in(house.library)
        trash, ids = house.library.trash, await house.ids()
        deleting = asyncio.create_task(
            trash.trash(OWNER, ids, lambda done, _: deleting.cancel() if done == 2 else None)
        )
        with pytest.raises(asyncio.CancelledError):
            await deleting
        await trash.catch_up()
        async with house.library.database.read() as reading:
            acts = await list_acts(reading, OWNER, 10)
        assert [(act.act, act.count) for act in acts] == [("trash", 2)]
        assert list((house.context.layout.support / "acts").iterdir()) == []
        await house.library.acts.undo(OWNER, acts[0].id)
        assert tree(photos) == before


async def test_what_was_removed_is_not_trashed(tmp_path: Path):
    photos = tmp_path / "photos"
    fill(photos, 1)
    async with opened(tmp_path / "home", photos) as house:
        await take_in(house.library)
        ids = await house.ids()
        await house.post("/assets/remove", ids=ids)
        (refused,) = (await house.post("/assets/trash", ids=ids))["refused"]
        assert refused["reason"] == "it was removed from the library"


async def test_an_act_that_is_given_up_leaves_no_half(tmp_path: Path):
    """Whoever asked went away, or the server stops: what was begun is noted all the same."""
    photos = tmp_path / "photos"
    fill(photos, ASSETS)
    before = tree(photos)
    async with opened(tmp_path / "home", photos) as house:
        await take_in(house.library)
        ids, trash = await house.ids(), house.library.trash
        begun = asyncio.Event()
        loop = asyncio.get_running_loop()

        def tell(point: str) -> None:
            if point == "moved":
                loop.call_soon_threadsafe(begun.set)

        trash._reach = tell
        act = asyncio.create_task(trash.trash(OWNER, ids))
        await begun.wait()
        act.cancel()
        with pytest.raises(asyncio.CancelledError):
            await act
        await trash.catch_up()
        trashed = await house.ids("in:trash")
        assert 0 < len(trashed) < ASSETS
        assert set(await house.ids()) == set(ids) - set(trashed)
        async with house.library.database.read() as reading:
            (act_noted,) = await list_acts(reading, OWNER, 10)
        assert act_noted.count == len(trashed)
        rest = await house.post("/assets/trash", ids=await house.ids())
        assert (rest["trashed"], rest["refused"]) == (ASSETS - len(trashed), [])
        assert (await house.post("/assets/restore", ids=ids))["restored"] == ASSETS
        assert tree(photos) == before
