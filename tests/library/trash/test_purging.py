"""Deleting for good: only what was seen, each file before its info file."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from photostore.base.errors import BadRequestError, FileChangedError
from photostore.base.mounts import Mount
from photostore.library.trash import (
    ActFailedError,
    ActUnfinishedError,
    DiskJournal,
    empty,
    erase_files,
    purge,
    read_acts,
    recover,
    trash_files,
)
from tests.library.trash.disk import NOW, put, read


@pytest.fixture
def full(disk):
    """A trash with three files of one day and one of the day after."""
    for now, files in ((NOW, disk.put_set()), (NOW + timedelta(days=1), [disk.put(b"late.jpg")])):
        trash_files(files, disk.around, journal=disk.journal, now=now)
    return disk


def destroy(disk, entries=None, **options):
    entries = disk.entries() if entries is None else entries
    return purge(entries, disk.around.mounts, journal=disk.journal, now=NOW, **options)


def test_everything_goes_and_is_counted(full):
    size = sum(entry.size_bytes for entry in full.entries())
    done = destroy(full)
    assert (len(done.deleted), done.size_bytes, done.failures) == (4, size, ())
    assert full.tree() == {}


def test_by_age(full):
    limit = NOW + timedelta(hours=1)
    arguments = {"journal": full.journal, "now": NOW}
    empty(full.entries(), full.around.mounts, older_than=limit, **arguments)
    assert [os.path.basename(entry.path) for entry in full.entries()] == [b"late.jpg"]
    assert empty(full.entries(), full.around.mounts, older_than=limit, **arguments) is None
    empty(full.entries(), full.around.mounts, older_than=None, **arguments)
    assert full.entries() == []


def test_orphans_go_only_when_they_are_named(full):
    put(full.own + b"/files/orphan.jpg")
    empty(full.entries(), full.around.mounts, older_than=None, journal=full.journal, now=NOW)
    assert [entry.name for entry in full.entries()] == [b"orphan.jpg"]
    destroy(full)
    assert full.tree() == {}


@pytest.mark.parametrize("kind", ["gone", "content", "info"])
def test_what_changed_is_refused_and_nothing_goes(full, kind):
    entries = full.entries()
    if kind == "gone":
        os.unlink(entries[1].file)
    else:
        put(entries[1].file if kind == "content" else entries[1].info, b"x")
    before = full.tree()
    with pytest.raises(FileChangedError, match="list the trash again"):
        destroy(full, entries)
    assert full.tree() == before


def test_what_changes_in_the_middle_is_kept_and_told(full):
    entries = full.entries()

    def reach(point):
        if point == "begun":
            put(entries[1].file, b"precious")

    done = destroy(full, entries, reach=reach)
    assert [failure.path for failure in done.failures] == [entries[1].file]
    assert [read(entry.file) for entry in full.entries()] == [b"precious"]


def test_folders_and_rests_of_other_programs(full, tmp_path):
    outside = tmp_path / "outside"
    put(os.fsencode(outside / "keep.jpg"))
    put(full.own + b"/files/folder/inner/a.jpg")
    os.symlink(outside, full.own + b"/files/folder/link")
    put(full.own + b"/info/folder.trashinfo", b"Path=folder")
    os.symlink(outside, full.own + b"/files/link")
    put(full.own + b"/info/link.trashinfo", b"Path=link")
    put(full.own + b"/info/rest.trashinfo", b"Path=rest")
    destroy(full)
    assert full.tree() == {}
    assert os.listdir(outside) == ["keep.jpg"]


def test_a_folder_with_a_mount_in_it_is_kept(full):
    put(full.own + b"/files/folder/mounted/a.jpg")
    put(full.own + b"/info/folder.trashinfo", b"Path=folder")
    inner = Path(os.fsdecode(full.own)) / "files" / "folder" / "mounted"
    mounts = (*full.around.mounts, Mount(inner, "/", "ext4", is_read_only=False))
    done = purge(full.entries(), mounts, journal=full.journal, now=NOW)
    assert len(done.deleted) == 4
    assert "unmount it" in str(done.failures[0])
    assert read(os.fsencode(inner / "a.jpg"))


@pytest.mark.parametrize("count", [0, 2])
def test_an_act_has_each_entry_once(full, count):
    with pytest.raises(BadRequestError):
        destroy(full, full.entries() * count)
    with pytest.raises(BadRequestError):
        erase_files([full.put(b"a.jpg")] * count, journal=full.journal, now=NOW)


class TestErase:
    """Without any trash: PS_TRY_SOFT_DELETES=false."""

    def test_only_what_was_seen(self, disk):
        files = disk.put_set()
        size = sum(file.size_bytes for file in files)
        done = erase_files(files, journal=disk.journal, now=NOW)
        assert (len(done.deleted), done.size_bytes) == (3, size)
        assert disk.tree() == {}

    def test_a_difference_keeps_everything(self, disk):
        files = disk.put_set()
        disk.put(b"2024/may/IMG_1.raf", bytes(reversed(read(files[1].path))))
        before = disk.tree()
        with pytest.raises(FileChangedError, match="its content"):
            erase_files(files, journal=disk.journal, now=NOW)
        os.unlink(files[0].path)
        with pytest.raises(FileChangedError, match="no longer there"):
            erase_files(files, journal=disk.journal, now=NOW)
        assert len(disk.tree()) == len(before) - 1

    def test_without_the_right_nothing_goes(self, disk, open_folder, nobody):
        files = [put(os.fsencode(open_folder / "a" / name)) for name in ("1", "2")]
        (open_folder / "a").chmod(0o555)
        for file in files:
            os.chmod(file.path, 0o644)
        acts = open_folder / "acts"
        acts.mkdir()
        acts.chmod(0o777)
        with nobody(), pytest.raises(ActFailedError, match="may not be written to"):
            erase_files(files, journal=DiskJournal(acts), now=NOW)
        assert all(hashlib.sha1(read(file.path)).digest() == file.sha1 for file in files)
        (open_folder / "a").chmod(0o755)


def test_a_journal_that_fails_in_the_middle_is_told_and_finished_later(full, monkeypatch):
    def fail(number):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(full.journal, "step_done", fail)
    with pytest.raises(ActUnfinishedError, match="at the next start"):
        destroy(full)
    unfinished = [one for one in read_acts(full.acts).acts if one.outcome is None]
    (recovered,) = recover(unfinished, full.around.mounts)
    assert recovered.outcome == "done"
    assert full.tree() == {}


def test_a_limit_with_a_zone_is_local_time(full):
    limit = datetime(2024, 5, 4).astimezone()
    empty(full.entries(), full.around.mounts, older_than=limit, journal=full.journal, now=NOW)
    assert len(full.entries()) == 1
