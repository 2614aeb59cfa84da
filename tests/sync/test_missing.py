"""Unmounted is not deleted: SPEC 4.3, 4.4, 5.4."""

from __future__ import annotations

import os
import shutil

import pytest

from photostore.sync import scan, walk
from tests.sync.yard import MANY, imported


async def test_a_vanished_file_is_missing_and_returns(yard):
    ids, assets = await imported(yard, "a/x.jpg", "a/y.jpg")
    os.rename(yard.path("a/x.jpg"), yard.photos.parent / "aside.jpg")
    assert (await yard.scan()).missing == 1
    assert await yard.shelves() == {"a/x.jpg": "missing", "a/y.jpg": "timeline"}
    os.rename(yard.photos.parent / "aside.jpg", yard.path("a/x.jpg"))
    await yard.scan()
    assert await yard.shelves() == {"a/x.jpg": "timeline", "a/y.jpg": "timeline"}
    assert (await yard.ids(), await yard.assets()) == (ids, assets)
    assert await yard.pending() == set()


async def test_a_vanished_folder_is_missing(yard):
    await imported(yard, "a/x.jpg", "a/b/y.jpg", "c.jpg")
    shutil.rmtree(yard.path("a"))
    assert (await yard.scan()).missing == 2
    assert await yard.present() == {"c.jpg"}


async def test_a_folder_that_vanishes_while_the_scan_runs(yard, monkeypatch):
    await imported(yard, "a/x.jpg", "b/y.jpg")
    list_folder = walk.list_folder

    def list_and_remove(path, rules):
        if path == yard.path("a"):
            shutil.rmtree(path)
        return list_folder(path, rules)

    monkeypatch.setattr(walk, "list_folder", list_and_remove)
    summary = await yard.scan()
    assert (summary.missing, summary.complete) == (1, True)


@pytest.mark.parametrize("way", ["empty", "removed", "file instead", "unreadable"])
async def test_a_root_that_shows_nothing_is_unavailable(yard, way, monkeypatch):
    """SPEC 4.3: unmounted is not deleted, however few files there were."""
    await imported(yard, "a/x.jpg")
    aside = yard.photos.parent / "aside"
    os.rename(yard.photos, aside)
    if way == "empty":
        yard.photos.mkdir()
        (yard.photos / "lost+found").mkdir()
    elif way == "file instead":
        yard.photos.write_bytes(b"")
    summary = await yard.scan()
    root = await yard.root()
    assert (summary.missing, summary.complete, root.state) == (0, False, "unavailable")
    assert summary.reasons
    assert root.reason
    assert await yard.present() == {"a/x.jpg"}
    if yard.photos.is_dir():
        shutil.rmtree(yard.photos)
    yard.photos.unlink(missing_ok=True)
    os.rename(aside, yard.photos)
    assert (await yard.scan()).unchanged == 1
    assert (await yard.root()).state == "ok"


async def test_files_below_an_unavailable_root_are_not_tried(yard):
    yard.write("a/x.jpg")
    await yard.scan()
    os.rename(yard.photos, yard.photos.parent / "aside")
    await yard.scan()
    await yard.import_all()  # would fail if it tried to read
    assert (await yard.rows())["a/x.jpg"]["state"] == "pending"


async def vanish(yard, gone, of):
    names = [f"a/{number}.jpg" for number in range(of)]
    yard.write(*names)
    await yard.scan()
    for name in names[:gone]:
        yard.remove(name)
    return await yard.scan()


@pytest.mark.parametrize(
    ("gone", "of", "held"),
    [(50, 100, False), (51, 100, True), (60, 600, False), (61, 600, True), (20, 20 + 1, False)],
)
async def test_many_that_vanish_at_once_are_asked_about(yard, gone, of, held):
    """SPEC 4.3: more than 10 % and over 50."""
    summary = await vanish(yard, gone, of)
    root = await yard.root()
    assert summary.missing == (0 if held else gone)
    assert root.state == ("missing" if held else "ok")
    if held:
        assert f"{gone} of {of} files vanished" in root.reason


async def test_a_person_may_say_that_they_are_gone(yard):
    await vanish(yard, MANY, 100)
    summary = await yard.scan(accept_missing=True)
    assert (summary.missing, (await yard.root()).state) == (MANY, "ok")
    assert len(await yard.present()) == 100 - MANY


async def test_a_person_may_say_that_all_of_a_root_is_gone(yard):
    await imported(yard, "a/x.jpg", "b/y.jpg")
    shutil.rmtree(yard.photos)
    yard.photos.mkdir()
    await yard.scan()
    assert (await yard.scan(accept_missing=True)).missing == 2
    assert (await yard.scan()).complete
    assert (await yard.root()).state == "ok"


async def test_the_guard_holds_for_a_single_folder_too(yard):
    """A watch must not conclude more than a scan."""
    yard.write(*[f"a/{number}.jpg" for number in range(MANY)], "b.jpg")
    await yard.scan()
    shutil.rmtree(yard.path("a"))
    await yard.look("a", "")
    assert await yard.missing() == set()
    assert (await yard.root()).state == "missing"


async def test_many_that_vanish_one_after_the_other_are_asked_about(yard):
    """A disk that goes folder by folder under a watch: no piece of it is many."""
    _, assets = await imported(yard, *[f"{number // 20}/{number}.jpg" for number in range(200)])
    for folder in range(4):
        shutil.rmtree(yard.path(f"{folder}"))
        await yard.look(f"{folder}", "")
    assert (await yard.root()).state == "missing"
    assert await yard.missing() == set(), "nor the first of them"
    assert "60 of 200 files vanished" in (await yard.root()).reason
    # Nor bit by bit while a person is asked, and not by another scan either.
    for name in ("5/100.jpg", "5/101.jpg"):
        yard.remove(name)
        await yard.look("5")
    assert await yard.missing() == set()
    await yard.scan()
    yard.make_scanner()  # as after a restart
    await yard.scan()
    assert (await yard.root()).state == "missing"
    assert await yard.missing() == set()
    assert (await yard.scan(accept_missing=True)).missing == 82
    assert (await yard.root()).state == "ok"
    assert len(await yard.present()) == 118
    assert await yard.assets() == assets


async def test_what_vanished_long_ago_does_not_count(yard, monkeypatch):
    await imported(yard, *[f"{number // 20}/{number}.jpg" for number in range(200)])
    for folder in range(4):
        monkeypatch.setattr("photostore.sync.guard.AT_ONCE_S", -1.0)
        shutil.rmtree(yard.path(f"{folder}"))
        await yard.look(f"{folder}", "")
    assert (await yard.root()).state == "ok"
    assert len(await yard.missing()) == 80


async def test_a_name_that_only_changes_its_case_on_a_disk_without(yard, monkeypatch):
    """Such a disk still finds the file under its old name; SPEC 4.4: it is the same file."""
    ids, assets = await imported(yard, "a/x.jpg", "a/y.jpg")
    yard.move("a/x.jpg", "a/X.JPG")
    lstat = os.lstat

    def blind(path):
        folder, name = os.path.split(path)
        there = {one.lower(): one for one in os.listdir(folder)} if os.path.isdir(folder) else {}
        return lstat(os.path.join(folder, there.get(name.lower(), name)))

    monkeypatch.setattr(os, "lstat", blind)
    assert (await yard.scan()).moved == 1
    assert await yard.ids() == {"a/X.JPG": ids["a/x.jpg"], "a/y.jpg": ids["a/y.jpg"]}
    assert await yard.missing() == set()
    # Also where such a disk numbers its files anew.
    os.rename(yard.path("a/y.jpg"), yard.path("a/Y.jpg"))
    async with yard.database.write() as transaction:
        await transaction.execute("UPDATE file SET inode = inode + 1000000")
    await yard.scan()
    await yard.import_all()
    assert await yard.present() == {"a/X.JPG", "a/Y.jpg"}
    assert (await yard.assets())["a/Y.jpg"] == assets["a/y.jpg"]


async def test_new_files_are_imported_while_a_person_is_asked(yard):
    await vanish(yard, MANY, 100)
    yard.write("new.jpg")
    await yard.scan()
    async with yard.database.read() as reading:
        found = await scan.files.count_present(reading, (await yard.root()).id)
    assert found == 101
    assert "new.jpg" in await yard.pending()


# Folders that cannot be read


def deny(monkeypatch, path, error):
    scandir = os.scandir

    def refuse(where="."):
        if where == path:
            raise error
        return scandir(where)

    monkeypatch.setattr(os, "scandir", refuse)


async def test_a_folder_without_permission_proves_nothing_but_the_rest_counts(yard, monkeypatch):
    await imported(yard, "a/x.jpg", "a/b/y.jpg", "c/z.jpg", "d/w.jpg")
    shutil.rmtree(yard.path("c"))
    deny(monkeypatch, yard.path("a"), PermissionError(13, "Permission denied"))
    summary = await yard.scan()
    assert await yard.missing() == {"c/z.jpg"}
    assert any("Permission denied" in reason for reason in summary.reasons)


async def test_an_error_of_the_disk_proves_nothing_at_all(yard, monkeypatch):
    """SPEC 5.4: only a scan that completed may mark missing."""
    await imported(yard, "a/x.jpg", "c/z.jpg", "c/w.jpg")
    yard.remove("c/z.jpg")
    deny(monkeypatch, yard.path("a"), OSError(5, "Input/output error"))
    summary = await yard.scan()
    assert not summary.complete
    assert await yard.missing() == set()
    async with yard.database.read() as reading:
        assert await reading.fetch_value("SELECT count(*) FROM scan WHERE completed_at > 0") == 1


async def test_a_file_that_says_nothing_of_itself_is_not_missing(yard, monkeypatch):
    await imported(yard, "a/x.jpg", "a/y.jpg")
    see_file = walk.see_file

    def see(name, found):
        if name == b"x.jpg":
            raise OSError(117, "Structure needs cleaning")
        return see_file(name, found)

    monkeypatch.setattr(walk, "see_file", see)
    assert (await yard.scan()).complete
    assert await yard.missing() == set()
