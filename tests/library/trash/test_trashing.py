"""All files of an asset go to the trash, or none: SPEC 9.3 and 9.5."""

from __future__ import annotations

import errno
import os
from dataclasses import replace

import pytest

from photostore.base.errors import BadRequestError, FileChangedError
from photostore.library.trash import (
    ActFailedError,
    ActUnfinishedError,
    Outcome,
    TrashRefusedError,
    forget_act,
    read_acts,
    recover,
    trash_files,
)
from photostore.library.trash import trashing as module
from photostore.library.trash.info import parse_info
from tests.library.trash.disk import HOSTILE, NOW, expect, put, read


def trash(disk, files, **options):
    return trash_files(files, disk.around, journal=disk.journal, now=NOW, **options)


def test_an_asset_goes_as_a_whole(disk):
    files = disk.put_set()
    other = disk.put(b"2024/may/other.jpg")
    before = disk.tree()
    done = trash(disk, files, context={"assets": "7"})
    assert [one.original for one in done.files] == [file.path for file in files]
    for file, one in zip(files, done.files, strict=True):
        assert not os.path.lexists(file.path)
        inner = os.path.relpath(file.path, disk.top)
        now = os.lstat(one.path)
        assert (read(one.path), now.st_mtime_ns, now.st_mode) == before[inner]
        info = read(one.place.info + b"/" + one.name + b".trashinfo")
        assert parse_info(info).path == inner
        assert parse_info(info).deleted_at == NOW
    assert read(other.path)
    # What is recorded stays until it is in the database too.
    assert disk.records() == [done.act.id + ".jsonl"]
    forget_act(disk.acts, done.act.id)
    assert disk.records() == []


def test_names_of_any_bytes(disk):
    files = [disk.put(b"d\xe9/" + name) for name in HOSTILE]
    wanted = {file.path: read(file.path) for file in files}
    trash(disk, files)
    assert {entry.path: read(entry.file) for entry in disk.entries()} == wanted
    assert all(len(entry.name) <= 245 for entry in disk.entries())


def test_the_same_name_again_and_again(disk):
    contents = []
    for number in range(25):
        contents.append(b"%d" % number)
        trash(disk, [disk.put(b"a.jpg", contents[-1])])
    # A file without an info file is in the way too.
    os.rename(disk.own + b"/info/a-3.jpg.trashinfo", disk.own + b"/info/away")
    os.unlink(disk.own + b"/info/a-4.jpg.trashinfo")
    trash(disk, [disk.put(b"a.jpg", b"last")])
    found = sorted(
        read(os.path.join(disk.own, b"files", name)) for name in os.listdir(disk.own + b"/files")
    )
    assert found == sorted([*contents, b"last"])


def test_equal_names_of_one_act(disk):
    files = [disk.put(folder + b"/" + name) for folder in (b"x", b"y") for name in (b"a", b"A")]
    trash(disk, files)
    assert len({entry.name.lower() for entry in disk.entries()}) == 4


def change(disk, file, kind):
    if kind == "gone":
        os.unlink(file.path)
    elif kind == "size":
        put(file.path, b"x")
    elif kind == "modified":
        os.utime(file.path)
    elif kind == "content":
        put(file.path, bytes(reversed(read(file.path))))
    elif kind == "folder":
        os.unlink(file.path)
        os.mkdir(file.path)
    elif kind == "link":
        os.rename(file.path, file.path + b".real")
        os.symlink(file.path + b".real", file.path)
    elif kind == "parent":
        folder = os.path.dirname(file.path)
        os.rename(folder, folder + b".real")
        os.symlink(folder + b".real", folder)


CHANGES = {
    "gone": "no longer there",
    "size": "not .* as you saw it",
    "modified": "modified after you saw it",
    "content": "its content is not what you saw",
    "folder": "no file now",
    "link": "a link now",
    "parent": "replaced by a link",
}


@pytest.mark.parametrize(("kind", "said"), CHANGES.items())
def test_what_a_person_did_not_see_is_refused(disk, kind, said):
    files = disk.put_set()
    change(disk, files[1], kind)
    before = disk.tree()
    with pytest.raises(FileChangedError, match=said):
        trash(disk, files)
    assert disk.tree() == before
    assert not os.path.lexists(disk.own)
    assert disk.records() == []


@pytest.mark.parametrize("kind", [kind for kind in CHANGES if kind not in ("folder", "parent")])
def test_what_changes_in_the_middle_takes_all_back(disk, kind):
    files = disk.put_set()
    rest = {file.path: read(file.path) for file in files if file != files[1]}

    def reach(point):
        if point == "moved" and not os.path.lexists(files[0].path):
            change(disk, files[1], kind)

    with pytest.raises(FileChangedError):
        trash(disk, files, reach=reach)
    assert {path: read(path) for path in rest} == rest
    assert disk.entries() == []
    assert disk.records() == []


def test_a_folder_replaced_in_the_middle_is_waited_for(disk):
    files = disk.put_set()
    before = disk.tree()
    folder = os.path.dirname(files[0].path)

    def reach(point):
        if point == "moved" and not os.path.islink(folder):
            change(disk, files[0], "parent")

    with pytest.raises(ActUnfinishedError, match="put the folder back"):
        trash(disk, files, reach=reach)
    (waiting,) = recover(read_acts(disk.acts).acts, disk.around.mounts)
    assert waiting.outcome is Outcome.WAITING
    assert "put the folder back" in waiting.notes[0]
    os.unlink(folder)
    os.rename(folder + b".real", folder)
    (undone,) = recover(read_acts(disk.acts).acts, disk.around.mounts)
    assert undone.outcome is Outcome.UNDONE
    assert disk.tree() == before
    assert disk.records() == []


def test_a_file_that_came_under_the_name_goes_back(disk):
    files = disk.put_set()
    intruder = b"another photo"

    def reach(point):
        if point == "checked":
            os.unlink(files[0].path)
            put(files[0].path, intruder)

    with pytest.raises(FileChangedError, match="replaced just now"):
        trash(disk, files, reach=reach)
    assert read(files[0].path) == intruder
    assert disk.entries() == []


def test_without_a_hash_size_and_time_count(disk):
    file = replace(disk.put(b"a.jpg"), sha1=None)
    trash(disk, [file])
    assert [entry.path for entry in disk.entries()] == [file.path]


def test_without_a_trash_nothing_is_touched(disk):
    files = disk.put_set()
    with open(disk.own, "wb"):
        pass
    before = disk.tree()
    with pytest.raises(TrashRefusedError, match="make the folder") as raised:
        trash(disk, files)
    assert raised.value.folder == disk.own
    assert raised.value.status == 409
    assert disk.tree() == before


def test_what_is_in_the_trash_is_not_trashed_again(disk):
    (one,) = trash(disk, [disk.put(b"a.jpg")]).files
    with pytest.raises(TrashRefusedError, match="in the trash already"):
        trash(disk, [expect(one.path)])


@pytest.mark.parametrize("count", [0, 2])
def test_an_act_has_each_file_once(disk, count):
    with pytest.raises(BadRequestError):
        trash(disk, [disk.put(b"a.jpg")] * count)


@pytest.mark.parametrize("path", [b"a.jpg", b"/../a.jpg", b"/a//b.jpg", b"//a"])
def test_a_path_must_be_absolute_and_plain(disk, path):
    with pytest.raises(ActFailedError):
        trash(disk, [replace(disk.put(b"a.jpg"), path=path)])


def test_a_name_that_another_program_takes_meanwhile(disk):
    file = disk.put(b"a.jpg")

    def reach(point):
        if point == "begun" and not os.listdir(disk.own + b"/info"):
            put(disk.own + b"/info/a.jpg.trashinfo", b"foreign")

    (one,) = trash(disk, [file], reach=reach).files
    assert one.name == b"a-2.jpg"
    assert read(disk.own + b"/info/a.jpg.trashinfo") == b"foreign"


def test_names_that_are_always_taken_end_the_attempt(disk, monkeypatch):
    file = disk.put(b"a.jpg")
    monkeypatch.setattr(module, "_choose_name", lambda *_: b"a.jpg")
    trash(disk, [file])
    file = disk.put(b"a.jpg", b"2")
    with pytest.raises(ActFailedError, match="uses the same name"):
        trash(disk, [file])
    assert read(file.path) == b"2"


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "free some space"),
        (errno.EDQUOT, "free some space"),
        (errno.EACCES, "the right to write"),
        (errno.EROFS, "mount it writable"),
        (errno.EIO, "the volume's health"),
        (errno.EXDEV, "by hand"),
    ],
)
def test_an_obstacle_at_any_point_takes_all_back_and_says_what_to_do(disk, number, remedy):
    files = disk.put_set()
    points = []
    forget_act(disk.acts, trash(disk, files, reach=points.append).act.id)
    assert len(points) > 12
    files = disk.put_set()
    before = disk.tree()
    for stop in range(len(points)):
        passed = []

        def reach(point, passed=passed, stop=stop):
            passed.append(point)
            if len(passed) == stop + 1:
                raise OSError(number, os.strerror(number))

        with pytest.raises(ActFailedError, match=remedy):
            trash(disk, files, reach=reach)
        assert disk.tree() == before, points[stop]
        assert disk.records() == []


def test_a_journal_that_cannot_be_written_stops_it(disk):
    disk.acts.parent.mkdir(parents=True)
    disk.acts.write_bytes(b"")
    file = disk.put(b"a.jpg")
    with pytest.raises(ActFailedError):
        trash(disk, [file])
    assert read(file.path)
    assert disk.entries() == []


def test_a_thousand_files_are_one_act(disk, monkeypatch):
    # How fast it is, is for the perf tests; that descriptors do not add up shows here.
    monkeypatch.setattr(os, "fsync", lambda _: None)
    files = [disk.put(b"%d/a.jpg" % number, b"%d" % number) for number in range(1000)]
    open_before = len(os.listdir("/proc/self/fd"))
    trash(disk, files)
    assert len(disk.entries()) == 1000
    assert len(os.listdir("/proc/self/fd")) == open_before
