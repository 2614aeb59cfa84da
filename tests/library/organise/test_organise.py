"""Copy to library: verified copies, never a move (SPEC 9.2)."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from photostore.base.events import LibraryChanged
from photostore.library.organise import NoRoomError, Wish, automatic, service
from photostore.library.trash import moves
from photostore.store.assets import record_file
from photostore.store.scope import OWNER
from photostore.store.work import pending_files
from tests.library.trash.disk import read, tree
from tests.library.trash.machine import Machine
from tests.library.trash.stocked import House, opened
from tests.store.stock import NOW, VERSIONS, facts, raw

pytestmark = pytest.mark.anyio
DAY = "2020/2020-01-01"  # that of `facts`


class Shoebox:
    """A library, a folder outside of it, and the folder for originals."""

    def __init__(self, house: House, home: Path) -> None:
        self.house = house
        self.photos = home / "photos"
        self.originals = home / "originals"
        self.organiser = house.library.organiser

    def put(self, *names: str, content: str | None = None) -> None:
        for name in names:
            path = self.photos / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content or f"content of {name}")
            path.chmod(0o640)
            os.utime(path, ns=(10**18 + 7, 10**18 + 7))

    async def take_in(self, **changes: Any) -> None:
        library = self.house.library
        for root in await library.engine._settle_roots():
            await library.engine._scanner.scan_root(root)
        async with library.database.write() as transaction:
            for work in await pending_files(
                transaction, probe_version=1, preview_version=1, limit=1000
            ):
                name = os.fsdecode(work.path)
                content = read(work.path).decode()
                make = raw if name.endswith(".nef") else facts
                await record_file(transaction, work.id, make(content, **changes), VERSIONS, NOW)

    async def organise(self, **wish: Any):
        return await self.organiser.run(OWNER, Wish(**wish))

    def copies(self) -> set[str]:
        return {os.fsdecode(name) for name in tree(self.originals)}

    async def files(self) -> dict[str, list[str]]:
        """Names of the files of each asset, the shown one first."""
        page = await self.house.get("/assets?limit=1000")
        return {
            asset["id"]: [file["path"].removeprefix(f"{self.photos.parent}/") for file in files]
            for asset in page["assets"]
            for files in [asset["files"]]
        }


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Shoebox]:
    (tmp_path / "photos").mkdir()
    (tmp_path / "originals").mkdir()
    settings = {"originals_dir": str(tmp_path / "originals")}
    async with opened(tmp_path / "home", tmp_path / "photos", **settings) as house:
        yield Shoebox(house, tmp_path)


async def test_a_copy_is_a_file_of_its_asset(box: Shoebox):
    """Verified, mtime and mode kept; shown instead of the original (SPEC 7.2); no second asset."""
    box.put("a.jpg", "deep/b.jpg", "deep/b.jpg.xmp")
    await box.take_in()
    before, assets = tree(box.photos), await box.files()
    outcome = await box.organise()
    assert (outcome.assets, outcome.files, outcome.refused) == (2, 3, [])
    assert tree(box.photos) == before
    assert box.copies() == {f"{DAY}/a.jpg", f"{DAY}/b.jpg", f"{DAY}/b.jpg.xmp"}
    for name in ("a.jpg", "deep/b.jpg", "deep/b.jpg.xmp"):
        copy = tree(box.originals)[os.fsencode(f"{DAY}/{os.path.basename(name)}")]
        assert copy == before[os.fsencode(name)]
    after = await box.files()
    assert after.keys() == assets.keys()
    assert {tuple(files) for files in after.values()} == {
        (f"originals/{DAY}/a.jpg", "photos/a.jpg"),
        (f"originals/{DAY}/b.jpg", "photos/deep/b.jpg"),
    }
    again = await box.organise()
    assert (again.assets, again.files, again.present, again.act) == (0, 0, 0, None)
    # Nor does a scan find anything to read: the copy has the facts of its original.
    for root in await box.house.library.engine._settle_roots():
        summary = await box.house.library.engine._scanner.scan_root(root)
        assert (summary.new, summary.changed) == (0, 0)


async def test_dry_run(box: Shoebox):
    box.put("a.jpg", "b.jpg")
    await box.take_in()
    plan = await box.organise(dry_run=True)
    assert (plan.assets, plan.files, plan.size_bytes) == (2, 2, 2 * len("content of a.jpg"))
    assert {os.fsdecode(item.target) for item in plan.items} == {
        str(box.originals / DAY / name) for name in ("a.jpg", "b.jpg")
    }
    assert box.copies() == set()


async def test_one_number_for_all_files_of_a_shot(box: Shoebox):
    """RAW, JPEG and sidecar stay together when a name is taken; nothing is overwritten."""
    (box.originals / DAY).mkdir(parents=True)
    (box.originals / DAY / "a.nef").write_text("another one")
    box.put("a.jpg", "a.nef", "a.xmp")
    await box.take_in()
    await box.organise()
    assert box.copies() == {f"{DAY}/{name}" for name in ("a.nef", "a-1.jpg", "a-1.nef", "a-1.xmp")}
    assert (box.originals / DAY / "a.nef").read_text() == "another one"


async def test_a_raw_that_comes_later_joins_its_jpeg(box: Shoebox):
    box.put("x/a.jpg", "y/a.jpg")
    await box.take_in()
    await box.organise()
    assert box.copies() == {f"{DAY}/a.jpg", f"{DAY}/a-1.jpg"}
    box.put("y/a.nef")
    await box.take_in()
    await box.organise()
    second = (box.photos / "y" / "a.jpg").read_text()
    jpeg = next(path for path in (box.originals / DAY).glob("*.jpg") if path.read_text() == second)
    assert jpeg.with_suffix(".nef").exists()


@pytest.mark.parametrize(
    ("there", "name"), [("A.JPG", "a.jpg"), ("e\u0301.jpg", "é.jpg"), ("É.jpg", "e\u0301.jpg")]
)
async def test_names_that_some_file_systems_take_for_one(box: Shoebox, there: str, name: str):
    """What is copied here may be moved to FAT or a Mac one day."""
    (box.originals / DAY).mkdir(parents=True)
    (box.originals / DAY / there).write_text("another one")
    box.put(name)
    await box.take_in()
    await box.organise()
    stem, extension = os.path.splitext(name)
    assert box.copies() == {f"{DAY}/{there}", f"{DAY}/{stem}-1{extension}"}


async def test_the_same_content_is_not_copied_twice(box: Shoebox):
    """Copies outside are one content; what lies at the place already is taken as it is."""
    box.put("a.jpg", "again/b.jpg", content="same")
    box.put("c.jpg")
    (box.originals / DAY).mkdir(parents=True)
    shutil.copy2(box.photos / "c.jpg", box.originals / DAY / "c.jpg")
    shutil.move(box.originals, box.originals.with_name("aside"))
    box.originals.mkdir()
    await box.take_in()
    shutil.rmtree(box.originals)
    shutil.move(box.originals.with_name("aside"), box.originals)
    outcome = await box.organise()
    assert (outcome.files, outcome.present) == (1, 1)
    assert box.copies() == {f"{DAY}/a.jpg", f"{DAY}/c.jpg"}
    assert sorted(map(len, (await box.files()).values())) == [2, 3]


async def test_undated_photos(box: Shoebox):
    box.put("a.jpg")
    await box.take_in(captured_source="mtime")
    await box.organise()
    assert box.copies() == {"undated/a.jpg"}


async def test_a_changed_original_is_refused(box: Shoebox):
    box.put("a.jpg", "b.jpg")
    await box.take_in()
    times = (box.photos / "a.jpg").stat()
    (box.photos / "a.jpg").write_text("CONTENT of a.jpg")
    os.utime(box.photos / "a.jpg", ns=(times.st_atime_ns, times.st_mtime_ns))
    outcome = await box.organise()
    assert [(one.reason, one.remedy) for one in outcome.refused] == [
        ("its content is not what the library knows", "sync the folder")
    ]
    assert box.copies() == {f"{DAY}/b.jpg"}


async def test_no_room_is_told_before_anything_is_copied(
    box: Shoebox, monkeypatch: pytest.MonkeyPatch
):
    box.put("a.jpg")
    await box.take_in()
    usage = shutil.disk_usage("/")._replace(free=3)
    monkeypatch.setattr(service.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(NoRoomError, match="free some space there"):
        await box.organise()
    assert box.copies() == set()


async def test_a_disk_that_fills_up_ends_it_cleanly(box: Shoebox, monkeypatch: pytest.MonkeyPatch):
    box.put("a.jpg", "b.jpg", "b.jpg.xmp", "c.jpg")
    await box.take_in()
    fill, calls = moves._fill, []

    def fail_at_the_third(*arguments: Any) -> bytes:
        calls.append(1)
        if len(calls) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        return fill(*arguments)

    monkeypatch.setattr(moves, "_fill", fail_at_the_third)
    with pytest.raises(NoRoomError, match="What was copied so far is complete"):
        await box.organise()
    # The third file is the sidecar of b.jpg, which therefore goes back too.
    assert box.copies() == {f"{DAY}/a.jpg"}
    monkeypatch.setattr(moves, "_fill", fill)
    await box.organise()
    assert len(box.copies()) == 4
    assert len(await box.files()) == 3


async def test_a_destination_that_may_not_be_written_to(
    box: Shoebox, monkeypatch: pytest.MonkeyPatch
):
    box.put("a.jpg", "b.jpg")
    await box.take_in()
    error = OSError(errno.EACCES, "Permission denied")
    monkeypatch.setattr(moves, "rename_exclusively", Mock(side_effect=error))
    outcome = await box.organise()
    assert ["the system does not allow it" in one.reason for one in outcome.refused] == [True] * 2
    assert all("give user" in (one.remedy or "") for one in outcome.refused)
    assert box.copies() == set()


async def test_to_a_file_system_without_case(tmp_path: Path):
    """FAT knows neither case nor modes, and its times are even seconds."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount")
    machine = Machine()
    try:
        originals = machine.loop("card", "vfat", "utf8")
        (tmp_path / "photos").mkdir()
        settings = {"originals_dir": str(originals)}
        async with opened(tmp_path / "home", tmp_path / "photos", **settings) as house:
            box = Shoebox(house, tmp_path)
            box.originals = originals
            box.put("one/a.jpg", "two/A.JPG", "two/A.JPG.xmp")
            await box.take_in()
            outcome = await box.organise()
            assert (outcome.files, outcome.refused) == (3, [])
            names = {name.rpartition("/")[2].lower() for name in box.copies()}
            assert names == {"a.jpg", "a-1.jpg", "a-1.jpg.xmp"}
            assert (await box.organise()).files == 0
            for root in await house.library.engine._settle_roots():
                summary = await house.library.engine._scanner.scan_root(root)
                assert (summary.new, summary.changed) == (0, 0)
    finally:
        machine.close()


async def test_a_link_at_the_destination_is_not_followed(box: Shoebox, tmp_path: Path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (box.originals / "2020").symlink_to(outside)
    box.put("a.jpg")
    await box.take_in()
    outcome = await box.organise()
    assert "replaced by a link" in outcome.refused[0].reason
    assert list(outside.iterdir()) == []


async def test_over_the_api(box: Shoebox):
    box.put("a.jpg", "b.jpg")
    await box.take_in()
    told = await box.house.get("/organise")
    assert told["enabled"] is False
    assert told["destination"] == str(box.originals)
    assert told["template"] == "{year}/{year}-{month}-{day}/{name}"
    assert told["last"] is None
    ids = list(await box.files())[:1]
    started = await box.house.post("/organise", 202, ids=ids)
    for _ in range(1000):
        task = await box.house.get(f"/tasks/{started['task']}")
        if task["state"] != "running":
            break
        await asyncio.sleep(0.01)
    assert (task["state"], task["result"]["files"]) == ("done", 1)
    assert (await box.house.get("/organise"))["last"]["act"] == task["result"]["act"]
    assert len(box.copies()) == 1
    assert (await box.house.post("/organise", 400, q="nosuchfilter:("))["type"]
    reports = box.house.library.reports
    assert reports is not None
    assert reports.list()[0].counts == {"copied": 1}


async def test_new_photos_are_copied_by_themselves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(automatic, "QUIET_S", 0.05)
    (tmp_path / "photos").mkdir()
    settings = {"originals_dir": str(tmp_path / "originals"), "copy_to_library": True}
    (tmp_path / "originals").mkdir()
    async with opened(tmp_path / "home", tmp_path / "photos", **settings) as house:
        box = Shoebox(house, tmp_path)
        box.put("a.jpg")
        await box.take_in()
        watching = asyncio.create_task(
            automatic.copy_when_idle(box.organiser, OWNER, house.context.bus, lambda: True)
        )
        await until(lambda: box.copies() == {f"{DAY}/a.jpg"})
        box.put("b.jpg")
        await box.take_in()
        house.context.bus.publish(LibraryChanged(99))
        await until(lambda: len(box.copies()) == 2)
        watching.cancel()
        await asyncio.wait([watching])


@pytest.mark.parametrize(
    "error", [OSError(errno.EIO, "I/O error"), sqlite3.OperationalError("disk is full")]
)
async def test_a_disk_that_fails_does_not_end_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
):
    """SPEC 9.2, 1.5: what prevents it is told, and it goes on with the next change."""
    monkeypatch.setattr(automatic, "QUIET_S", 0.05)
    (tmp_path / "photos").mkdir()
    settings = {"originals_dir": str(tmp_path / "originals"), "copy_to_library": True}
    (tmp_path / "originals").mkdir()
    async with opened(tmp_path / "home", tmp_path / "photos", **settings) as house:
        box = Shoebox(house, tmp_path)
        box.put("a.jpg")
        await box.take_in()
        with monkeypatch.context() as patch:
            patch.setattr(box.organiser, "_refuse_if_full", Mock(side_effect=error))
            watching = asyncio.create_task(
                automatic.copy_when_idle(box.organiser, OWNER, house.context.bus, lambda: True)
            )
            await until(lambda: box.organiser.problem is not None or watching.done())
        assert not watching.done()
        house.context.bus.publish(LibraryChanged(99))
        await until(lambda: box.copies() == {f"{DAY}/a.jpg"})
        await until(lambda: box.organiser.problem is None)
        watching.cancel()
        await asyncio.wait([watching])


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(1000):
        if holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came true")


async def test_an_original_that_is_edited_while_it_is_copied_is_not_taken_for_its_copy(
    box: Shoebox, monkeypatch: pytest.MonkeyPatch
):
    """The copy has the bytes of before, and is to be known by these."""
    box.put("a.jpg", content="before")
    await box.take_in()
    turn = box.organiser._turn
    do = turn.do

    async def do_and_edit(*args: Any) -> Any:
        monkeypatch.setattr(turn, "do", do)
        done = await do(*args)
        (box.photos / "a.jpg").write_text("edited")
        os.utime(box.photos / "a.jpg", ns=(2 * 10**18, 2 * 10**18))
        await box.take_in()
        return done

    monkeypatch.setattr(turn, "do", do_and_edit)
    await box.organise()
    await box.take_in()
    async with box.house.library.database.read() as reading:
        rows = await reading.fetch_all(
            """SELECT instr(folder.path, CAST('originals' AS BLOB)) > 0 AS is_copy, sha1 FROM file
               JOIN folder ON folder.id = folder_id WHERE file.state = 'ready'"""
        )
    known = {row["is_copy"]: row["sha1"] for row in rows}
    assert known == {0: facts("edited").sha1, 1: facts("before").sha1}
