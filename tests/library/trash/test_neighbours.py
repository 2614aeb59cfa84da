"""What lies beside a trashed file, shares its data, or takes its name there (SPEC 9.3, 9.5)."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from photostore.library.trashing import deeds
from photostore.store.assets import refresh
from photostore.store.grouping import assign_files, ensure_asset
from tests.library.trash.disk import tree
from tests.library.trash.stocked import House, opened, put, take_in

pytestmark = pytest.mark.anyio
SIDECAR = "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"


@pytest.fixture(autouse=True)
def _home_trash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


async def trashed_path(house: House) -> Path:
    async with house.library.database.read() as reading:
        place = await reading.fetch_value(
            """SELECT CAST(volume.mount_path AS TEXT) || '/' || CAST(trashed AS TEXT) FROM file
               JOIN folder ON folder.id = folder_id JOIN volume ON volume.id = volume_id
               WHERE trashed IS NOT NULL"""
        )
    return Path(place)


@pytest.mark.parametrize("soft_deletes", [True, False])
@pytest.mark.parametrize("changed", ["a.jpg", "a.mp4"])
async def test_a_sidecar_of_what_was_refused_stays(
    tmp_path: Path, photos: Path, soft_deletes: bool, changed: str
):
    """One sidecar describes two assets, of which one cannot go: it is not that of the other one."""
    put(photos / "a.jpg", "asset 1", 1)
    put(photos / "a.mp4", "asset 2", 2)
    put(photos / "a.xmp", SIDECAR, 3)
    home = tmp_path / "home"
    async with opened(home, photos, try_soft_deletes=soft_deletes) as house:
        await take_in(house.library)
        ids = await house.ids()
        put(photos / changed, "changed", 9)
        if soft_deletes:
            done = await house.post("/assets/trash", ids=ids)
        else:
            confirm = {"assets": 2, "bytes": 14}
            done = await house.post("/assets/delete", ids=ids, confirm=confirm)
        assert len(done["refused"]) == 1
    assert set(os.listdir(photos)) == {changed, "a.xmp"}


async def test_a_sidecar_goes_with_the_last_that_it_describes(tmp_path: Path, photos: Path):
    put(photos / "a.jpg", "asset 1", 1)
    put(photos / "a.mp4", "asset 2", 2)
    put(photos / "a.xmp", SIDECAR, 3)
    put(photos / "b.jpg", "asset 3", 4)
    async with opened(tmp_path / "home", photos) as house:
        await take_in(house.library)
        ids = await house.ids()
        put(photos / "b.jpg", "changed", 9)
        done = await house.post("/assets/trash", ids=ids)
        assert (done["trashed"], done["files"], len(done["refused"])) == (2, 3, 1)
    assert os.listdir(photos) == ["b.jpg"]


async def test_two_names_of_one_file_go_and_come_back(tmp_path: Path, photos: Path):
    """Hard links, which programs that save space make of copies: moving one touches the other."""
    put(photos / "a.jpg", "asset 1", 1)
    os.link(photos / "a.jpg", photos / "b.jpg")
    before = tree(photos)
    async with opened(tmp_path / "home", photos) as house:
        await take_in(house.library)
        ids = await house.ids()
        done = await house.post("/assets/trash", ids=ids)
        assert (done["trashed"], done["files"], done["refused"]) == (1, 2, [])
        assert os.listdir(photos) == []
        back = await house.post("/assets/restore", ids=ids)
        assert (back["restored"], back["refused"]) == (1, [])
    assert tree(photos) == before


@pytest.mark.parametrize("act", ["restore", "empty"])
async def test_another_file_that_took_the_name_in_the_trash_is_left(
    tmp_path: Path, photos: Path, act: str
):
    """Another program took ours out of the trash, and threw something else away since."""
    put(photos / "a.jpg", "asset 1", 1)
    async with opened(tmp_path / "home", photos) as house:
        await take_in(house.library)
        ids = await house.ids()
        await house.post("/assets/trash", ids=ids)
        place = await trashed_path(house)
        info = place.parent.parent / "info" / "a.jpg.trashinfo"
        place.rename(tmp_path / "taken out.jpg")
        put(place, "somebody's only copy", 2)
        info.write_text(info.read_text().replace("photos/a.jpg", "photos/other/a.jpg"))
        if act == "restore":
            done = await house.post("/assets/restore", ids=ids)
        else:
            done = await house.post("/trash/empty", confirm=True)
        assert [one["reason"] for one in done["refused"]] == [
            "another program took it out of the trash"
        ]
        assert place.read_text() == "somebody's only copy"
        assert info.exists()


@pytest.mark.parametrize("splits", [False, True])
async def test_an_asset_that_was_regrouped_meanwhile(
    tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch, splits: bool
):
    """While its files were moved, an asset got another file, or one was split from it."""
    put(photos / "a.jpg", "asset 1", 1)
    put(photos / "b.jpg", "asset 1" if splits else "asset 2", 1)
    async with opened(tmp_path / "home", photos) as house:
        await take_in(house.library)
        ids = [
            (await house.get(f"/assets?q=filename:{name}.jpg"))["assets"][0]["id"] for name in "ab"
        ]

        async def note(transaction, files, now):
            other = await ensure_asset(transaction, "other", 1, 0)
            (b,) = await transaction.fetch_all("SELECT id FROM file WHERE name = x'622e6a7067'")
            (a,) = await transaction.fetch_all(
                "SELECT asset_id FROM file WHERE name = x'612e6a7067'"
            )
            await assign_files(transaction, other if splits else a["asset_id"], [b["id"]], None)
            await refresh(transaction, [other, a["asset_id"]])
            await noting(transaction, files, now)

        noting = deeds.note_trashed
        monkeypatch.setattr(deeds, "note_trashed", note)
        done = await house.post("/assets/trash", ids=ids[:1])
        assert (done["trashed"], done["refused"]) == (1, [])
        if splits:
            assert os.listdir(photos) == []
            assert await house.ids() == []
            assert set(await house.ids("in:trash")) == {ids[0], "other"}
        else:
            # b.jpg is where it was, and so is its asset.
            assert await house.ids() == ids[:1]
            assert await house.ids("in:trash") == []


async def test_a_sidecar_of_what_could_not_be_deleted_stays(
    tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
):
    """A file that the system protects stays, and with it what was said of it."""
    put(photos / "a.jpg", "asset 1", 1)
    put(photos / "a.jpg.xmp", SIDECAR, 2)
    put(photos / "ab.jpg", "asset 2", 3)
    put(photos / "ab.jpg.xmp", SIDECAR, 4)

    def unlink(name, **options):
        if name == b"a.jpg":
            raise PermissionError(errno.EPERM, "Operation not permitted")
        unlinking(name, **options)

    async with opened(tmp_path / "home", photos, try_soft_deletes=False) as house:
        await take_in(house.library)
        ids = await house.ids()
        unlinking = os.unlink
        with monkeypatch.context() as patch:
            patch.setattr(os, "unlink", unlink)
            confirm = {"assets": 2, "bytes": 14}
            done = await house.post("/assets/delete", ids=ids, confirm=confirm)
        assert (done["deleted"], done["files"], len(done["refused"])) == (1, 2, 1)
        assert "does not allow it" in done["refused"][0]["reason"]
        assert set(os.listdir(photos)) == {"a.jpg", "a.jpg.xmp"}
        assert len(await house.ids()) == 1
