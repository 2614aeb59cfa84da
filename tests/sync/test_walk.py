"""What lies in a folder and what is passed over: SPEC 5.2, 4.2."""

from __future__ import annotations

import os
import socket

import pytest

from photostore.sync import walk
from photostore.sync.walk import MAX_INTEGER, Rules, folders_to_compare, list_folder, list_some
from tests.sync.yard import write


@pytest.fixture
def root(tmp_path):
    return os.fsencode(tmp_path)


def names(path, rules=None):
    listing = list_folder(path, rules or Rules(path))
    return [file.name for file in listing.files]


def whole_walk(rules):
    waiting, found = [rules.root], []
    while waiting:
        for listing in list_some(waiting, rules, descend=True):
            folder = os.path.relpath(listing.path, rules.root)
            names = [os.path.join(folder, file.name) for file in listing.files]
            found += [name.removeprefix(b"./") for name in names]
    return found


def test_only_media_is_listed(root):
    for name in ("a.jpg", "b.JPG", "c.mp4", "d.nef", "a.jpg.xmp", "e.txt", "jpg", "f", "g.jpg~"):
        write(os.path.join(root, name.encode()))
    listing = list_folder(root, Rules(root))
    assert [file.name for file in listing.files] == [b"a.jpg", b"b.JPG", b"c.mp4", b"d.nef"]
    assert (listing.sidecars, listing.ignored) == (1, 4)


def test_what_stat_says(root):
    path = write(os.path.join(root, b"a.jpg"), b"12345")
    (seen,) = list_folder(root, Rules(root)).files
    found = os.stat(path)
    assert seen == (b"a.jpg", 5, found.st_mtime_ns, found.st_ino)


@pytest.mark.parametrize("name", [b"\xff.jpg", b"new\nline.jpg", b"-a.jpg", b"x" * 251 + b".jpg"])
def test_any_name_is_listed(root, name):
    write(os.path.join(root, name))
    assert names(root) == [name]


def test_hidden_names_are_passed_over(root):
    write(os.path.join(root, b".a.jpg"))
    write(os.path.join(root, b".hidden", b"a.jpg"))
    assert whole_walk(Rules(root)) == []


def test_links_and_special_files_are_passed_over(root, tmp_path):
    outside = tmp_path.parent / "outside"
    write(outside / "a.jpg")
    os.symlink(outside, os.path.join(root, b"folder"))
    os.symlink(outside / "a.jpg", os.path.join(root, b"link.jpg"))
    os.symlink(b"nowhere", os.path.join(root, b"dangling.jpg"))
    os.mkfifo(os.path.join(root, b"fifo.jpg"))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s.jpg"))
        assert whole_walk(Rules(root)) == []


@pytest.mark.parametrize("marker", ["nomedia", ".nomedia", ".NoMedia", "NOMEDIA"])
@pytest.mark.parametrize("kind", [write, os.makedirs])
def test_nomedia_closes_a_folder_with_all_below(root, marker, kind):
    for name in (b"a/x.jpg", b"a/b/y.jpg", b"c/z.jpg"):
        write(os.path.join(root, name))
    kind(os.path.join(root, b"a", marker.encode()))
    assert whole_walk(Rules(root)) == [b"c/z.jpg"]


def test_nomedia_closes_a_root_too(root):
    write(os.path.join(root, b"a.jpg"))
    write(os.path.join(root, b".nomedia"))
    assert list_folder(root, Rules(root)).excluded == "it holds .nomedia"


def test_another_library_is_passed_over_but_not_the_root_itself(root):
    write(os.path.join(root, b".photostore", b"a.jpg"))
    write(os.path.join(root, b"b.jpg"))
    write(os.path.join(root, b"other", b".photostore", b"a.jpg"))
    write(os.path.join(root, b"other", b"c.jpg"))
    assert whole_walk(Rules(root)) == [b"b.jpg"]


def test_a_root_may_have_any_name(tmp_path):
    for name in (b".hidden", b"@eaDir", b"lost+found"):
        root = os.path.join(os.fsencode(tmp_path), name)
        write(os.path.join(root, b"a.jpg"))
        assert whole_walk(Rules(root, ["*"])) == []
        assert whole_walk(Rules(root)) == [b"a.jpg"]


def test_a_path_that_runs_in_circles_ends(root):
    deep = os.path.join(root, *[b"loop"] * 9)
    write(os.path.join(deep, b"a.jpg"))
    write(os.path.join(root, *[b"loop"] * 7, b"b.jpg"))
    assert [os.path.basename(name) for name in whole_walk(Rules(root))] == [b"b.jpg"]


def test_patterns_exclude_folders_and_files(root):
    for name in (b"a.jpg", b"a.tmp.jpg", b"Cache/b.jpg", b"x/Cache/y/c.jpg", b"Cached/d.jpg"):
        write(os.path.join(root, name))
    rules = Rules(root, ["**/Cache/**", "*.tmp.jpg"])
    assert whole_walk(rules) == [b"a.jpg", b"Cached/d.jpg"]
    assert list_folder(root, rules).left_out == (b"a.tmp.jpg",)


def test_a_mounted_disk_is_passed_over(root):
    write(os.path.join(root, b"usb", b"a.jpg"))
    rules = Rules(root, mounts=frozenset({os.path.join(root, b"usb")}))
    assert "another disk" in list_folder(os.path.join(root, b"usb"), rules).excluded


def test_a_folder_that_is_gone_or_a_file_is_told_from_one_that_fails(root, monkeypatch):
    write(os.path.join(root, b"file"))
    for name in (b"none", b"file"):
        listing = list_folder(os.path.join(root, name), Rules(root))
        assert (listing.gone, listing.denied) == (True, False)
    monkeypatch.setattr(os, "scandir", refuse(PermissionError(13, "Permission denied")))
    listing = list_folder(root, Rules(root))
    assert (listing.gone, listing.denied, listing.error) == (False, True, "Permission denied")
    monkeypatch.setattr(os, "scandir", refuse(OSError(5, "Input/output error")))
    listing = list_folder(root, Rules(root))
    assert (listing.gone, listing.denied, listing.error) == (False, False, "Input/output error")


def refuse(error):
    def scandir(path):
        raise error

    return scandir


def test_one_file_that_says_nothing_hides_no_other(root, monkeypatch):
    """A damaged inode on an old disk."""
    write(os.path.join(root, b"a.jpg"))
    write(os.path.join(root, b"b.jpg"))

    def see(name, found):
        if name == b"a.jpg":
            raise OSError(117, "Structure needs cleaning")
        return see_file(name, found)

    see_file = walk.see_file
    monkeypatch.setattr(walk, "see_file", see)
    listing = list_folder(root, Rules(root))
    assert (listing.unreadable, [file.name for file in listing.files]) == ((b"a.jpg",), [b"b.jpg"])


def test_an_inode_that_several_names_share_says_nothing(root):
    path = write(os.path.join(root, b"a.jpg"))
    os.link(path, os.path.join(root, b"b.jpg"))
    assert [file.inode for file in list_folder(root, Rules(root)).files] == [0, 0]


def test_numbers_fit_the_database(root):
    write(os.path.join(root, b"a.jpg"))
    found = list(os.stat(os.path.join(root, b"a.jpg")))

    class Odd:
        st_mode, st_nlink, st_size = found[0], 1, 5
        st_ino, st_mtime_ns = 2**64 - 1, -(2**70)

    seen = walk.see_file(b"a.jpg", Odd())
    assert (seen.inode, seen.mtime_ns) == (MAX_INTEGER, -MAX_INTEGER)


def test_a_step_of_the_walk_is_bounded(root):
    for number in range(walk.STEP_FOLDERS + 20):
        os.makedirs(os.path.join(root, b"%03d" % number))
    waiting = [root]
    first = list_some(waiting, Rules(root), descend=True)
    assert len(first) == walk.STEP_FOLDERS
    assert len(waiting) == 21
    assert [one.path for one in first[1:3]] == [
        os.path.join(root, b"000"),
        os.path.join(root, b"001"),
    ]


# From the paths of events to folders


def test_a_file_stands_for_its_folder_and_a_vanished_path_for_both(root):
    write(os.path.join(root, b"a", b"x.jpg"))
    gone = os.path.join(root, b"b", b"c", b"y.jpg")
    found = folders_to_compare([os.path.join(root, b"a", b"x.jpg"), gone], Rules(root))
    assert found.present == (root, os.path.join(root, b"a"))
    assert found.gone == (gone,)


@pytest.mark.parametrize("closing", [b".nomedia", b".photostore", b"../.x"])
def test_what_lies_in_a_closed_folder_leads_to_that(root, closing):
    inner = os.path.join(root, b"a", b"b", b"c")
    write(os.path.join(inner, b"x.jpg"))
    if closing == b"../.x":
        os.rename(os.path.join(root, b"a"), os.path.join(root, b".a"))
        inner = os.path.join(root, b".a", b"b", b"c")
        closed = os.path.join(root, b".a")
    else:
        write(os.path.join(root, b"a", closing))
        closed = os.path.join(root, b"a")
    assert folders_to_compare([inner], Rules(root)).present == (closed,)


def test_what_lies_outside_of_the_root_is_nothing(root):
    rules = Rules(os.path.join(root, b"photos"))
    write(os.path.join(rules.root, b"a.jpg"))
    assert folders_to_compare([root, b"/", root + b"/photos2"], rules).present == ()
