"""Back from the trash: never over another file, together or not at all."""

from __future__ import annotations

import errno
import os
import shutil

import pytest

from photostore.base.errors import BadRequestError, FileChangedError
from photostore.library.trash import (
    ActFailedError,
    EntryState,
    NotRestorableError,
    forget_act,
    restore,
    trash_files,
)
from photostore.library.trash import restoring as module
from tests.library.trash.disk import HOSTILE, NOW, around, put, read, tree


def trash(disk, files):
    done = trash_files(files, disk.around, journal=disk.journal, now=NOW)
    forget_act(disk.acts, done.act.id)


def bring_back(disk, entries=None, **options):
    entries = disk.entries() if entries is None else entries
    done = restore(entries, journal=disk.journal, now=NOW, **options)
    forget_act(disk.acts, done.act.id)
    return done


def test_everything_is_as_it_was(disk):
    files = [*disk.put_set(), *(disk.put(b"d\xe9/" + name) for name in HOSTILE)]
    before = disk.tree()
    trash(disk, files)
    shutil.rmtree(os.path.join(disk.top, b"2024"))
    done = bring_back(disk)
    assert disk.tree() == before
    assert {file.path for file in done.files} == {file.path for file in files}
    assert disk.entries() == []


def test_a_place_that_is_taken_moves_the_whole_set(disk):
    files = disk.put_set()
    trash(disk, files)
    new = disk.put(b"2024/may/IMG_1.raf", b"new")
    done = bring_back(disk)
    assert read(new.path) == b"new"
    names = sorted(os.path.basename(file.path) for file in done.files)
    assert names == [b"IMG_1-1.jpg", b"IMG_1-1.jpg.xmp", b"IMG_1-1.raf"]
    assert {file.original for file in done.files} == {file.path for file in files}


def test_two_of_one_path_come_back_beside_each_other(disk):
    for content in (b"first", b"second"):
        trash(disk, [disk.put(b"a.jpg", content)])
    done = bring_back(disk)
    assert sorted(read(file.path) for file in done.files) == [b"first", b"second"]


def test_a_place_taken_at_the_last_moment(disk):
    trash(disk, disk.put_set())
    new = os.path.join(disk.top, b"2024/may/IMG_1.raf")

    def reach(point):
        if point == "begun" and not os.path.exists(new):
            put(new, b"new")

    done = bring_back(disk, reach=reach)
    assert read(new) == b"new"
    assert len({file.path for file in done.files} - {new}) == 3


def test_an_equal_file_at_the_place_is_not_touched(disk):
    file = disk.put(b"a.jpg")
    trash(disk, [file])

    def reach(point):
        if point == "begun" and not os.path.exists(file.path):
            disk.put(b"a.jpg")

    (one,) = bring_back(disk, reach=reach).files
    assert read(one.path) == read(file.path)
    assert one.path != file.path


@pytest.mark.parametrize("kind", ["gone", "content", "info"])
def test_an_entry_that_changed_is_refused(disk, kind):
    trash(disk, disk.put_set())
    entries = disk.entries()
    if kind == "gone":
        os.unlink(entries[1].file)
    elif kind == "content":
        put(entries[1].file, b"x")
    else:
        put(entries[1].info, b"Path=other")
    before = disk.tree()
    with pytest.raises(FileChangedError, match="list the trash again"):
        bring_back(disk, entries)
    assert disk.tree() == before
    assert disk.records() == []


def test_a_folder_that_became_a_link_is_not_followed(disk, tmp_path):
    trash(disk, disk.put_set())
    outside = tmp_path / "outside"
    outside.mkdir()
    os.rmdir(os.path.join(disk.top, b"2024/may"))
    os.symlink(outside, os.path.join(disk.top, b"2024/may"))
    with pytest.raises(FileChangedError, match="replaced by a link"):
        bring_back(disk)
    assert len(disk.entries()) == 3
    assert os.listdir(outside) == []


@pytest.mark.parametrize(
    "path", [b"../outside.jpg", b"/etc/outside.jpg", b"a/../../b", b".", b"/", b""]
)
def test_an_info_file_that_leads_elsewhere_is_not_believed(disk, path):
    trash(disk, [disk.put(b"a.jpg")])
    put(disk.own + b"/info/a.jpg.trashinfo", b"Path=" + path + b"\n")
    (entry,) = disk.entries()
    assert (entry.state, entry.path) == (EntryState.UNREADABLE, None)
    with pytest.raises(NotRestorableError, match="by hand"):
        bring_back(disk)
    assert read(entry.file)


def test_only_into_the_folders_of_the_library(disk):
    file = disk.put(b"inside/a.jpg")
    trash(disk, [file])
    with pytest.raises(NotRestorableError, match="outside"):
        bring_back(disk, roots=[os.path.join(disk.top, b"in")])
    bring_back(disk, roots=[os.path.join(disk.top, b"inside")])
    assert read(file.path)


def test_the_home_trash_has_absolute_paths_that_may_go_through_links(disk, tmp_path):
    disk.around = around(tmp_path, home=tmp_path / "home" / "Trash")
    file = disk.put(b"real/a.jpg")
    trash(disk, [file])
    (entry,) = disk.entries()
    assert entry.path == file.path
    os.symlink(os.path.join(disk.top, b"real"), os.path.join(disk.top, b"link"))
    put(entry.info, b"Path=" + os.path.join(disk.top, b"link/a.jpg"))
    (one,) = bring_back(disk, roots=[os.path.join(disk.top, b"real")]).files
    assert one.path == file.path


@pytest.mark.parametrize("count", [0, 2])
def test_an_act_has_each_entry_once(disk, count):
    trash(disk, [disk.put(b"a.jpg")])
    with pytest.raises(BadRequestError):
        bring_back(disk, disk.entries() * count)


def test_what_other_programs_trash_comes_back_too(disk):
    folder = os.path.join(disk.top, b"folder")
    put(folder + b"/inner.jpg")
    os.symlink(b"nowhere", os.path.join(disk.top, b"link"))
    before = disk.tree()
    trash(disk, [disk.put(b"a.jpg")])
    for name in (b"folder", b"link"):
        os.rename(os.path.join(disk.top, name), os.path.join(disk.own, b"files", name))
        put(disk.own + b"/info/" + name + b".trashinfo", b"[Trash Info]\nPath=" + name)
    bring_back(disk, [entry for entry in disk.entries() if entry.name != b"a.jpg"])
    after = disk.tree()
    assert {path: after[path] for path in before} == before


def test_an_obstacle_at_any_point_takes_all_back(disk):
    trash(disk, disk.put_set())
    points = []
    bring_back(disk, reach=points.append)
    assert len(points) > 8
    trash(disk, disk.put_set())
    before = tree(disk.top)
    for stop in range(len(points)):
        passed = []

        def reach(point, passed=passed, stop=stop):
            passed.append(point)
            if len(passed) == stop + 1:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        with pytest.raises(ActFailedError, match="free some space"):
            bring_back(disk, reach=reach)
        after = disk.tree()
        # An info file that had to be written again has another time.
        assert {k: v[0] for k, v in after.items()} == {k: v[0] for k, v in before.items()}
        assert disk.records() == []


def test_names_that_are_always_taken_end_the_attempt(disk, monkeypatch):
    file = disk.put(b"a.jpg")
    trash(disk, [file])
    put(file.path, b"new")
    monkeypatch.setattr(module, "_choose_targets", lambda originals: originals)
    with pytest.raises(ActFailedError):
        bring_back(disk)
    assert read(file.path) == b"new"
    assert len(disk.entries()) == 1
