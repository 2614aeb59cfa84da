"""One file to a free name, by whatever the file system offers."""

from __future__ import annotations

import ctypes
import errno
import os

import pytest

from photostore.base.errors import FileChangedError
from photostore.library.trash import moves
from photostore.library.trash.folders import open_folder, open_spot, pass_by
from tests.library.trash.disk import failing_rename, put, read, tree


def refuse(*numbers):
    """A system call that fails with these errors, one a call."""
    left = list(numbers)

    def call(*_arguments, **_options):
        number = left.pop(0)
        ctypes.set_errno(number)
        raise OSError(number, os.strerror(number))

    return call


@pytest.fixture(params=["renameat2", "link", "look first", "copy"])
def way(request, monkeypatch):
    """Each way that a file can be moved, where the better ones are not to be had."""
    if request.param != "renameat2":
        monkeypatch.setattr(moves, "_renameat2", failing_rename(errno.EINVAL))
    if request.param == "look first":
        monkeypatch.setattr(os, "link", refuse(*[errno.EPERM] * 9))
    if request.param == "copy":
        monkeypatch.setattr(moves, "_renameat2", failing_rename(errno.EXDEV))
    return request.param


def move(source: bytes, target: bytes, reach=pass_by):
    with open_spot(source) as one, open_spot(target) as other:
        return moves.move(one, other, reach)


def test_bytes_time_and_mode_stay(tmp_path, way):
    top = os.fsencode(tmp_path)
    put(top + b"/a")
    before = tree(top)
    assert move(top + b"/a", top + b"/b") is (way == "copy")
    assert tree(top) == {b"b": before[b"a"]}


def test_nothing_is_overwritten(tmp_path, way):
    top = os.fsencode(tmp_path)
    put(top + b"/a")
    put(top + b"/b", b"other")
    before = tree(top)
    with pytest.raises(FileExistsError):
        move(top + b"/a", top + b"/b")
    assert tree(top) == before


def test_without_the_call_at_all(tmp_path, monkeypatch):
    monkeypatch.setattr(moves, "_renameat2", None)
    top = os.fsencode(tmp_path)
    put(top + b"/a", b"content")
    move(top + b"/a", top + b"/b")
    assert (read(top + b"/b"), os.stat(top + b"/b").st_nlink) == (b"content", 1)


def test_a_link_whose_first_name_stays_is_taken_back(tmp_path, monkeypatch):
    monkeypatch.setattr(moves, "_renameat2", None)
    top = os.fsencode(tmp_path)
    put(top + b"/a")
    before = tree(top)
    unlink = os.unlink
    failing = refuse(errno.EPERM)
    monkeypatch.setattr(
        os, "unlink", lambda name, **o: (failing if name == b"a" else unlink)(name, **o)
    )
    with pytest.raises(PermissionError):
        move(top + b"/a", top + b"/b")
    assert tree(top) == before


class TestCopy:
    @pytest.fixture(autouse=True)
    def no_rename(self, monkeypatch):
        monkeypatch.setattr(moves, "_renameat2", failing_rename(errno.EXDEV))

    def test_attributes_are_kept(self, tmp_path):
        top = os.fsencode(tmp_path)
        put(top + b"/a")
        try:
            os.setxattr(top + b"/a", "user.rating", b"5")
        except OSError:
            pytest.skip("this file system has no extended attributes")
        move(top + b"/a", top + b"/b")
        assert os.getxattr(top + b"/b", "user.rating") == b"5"

    def test_a_source_that_changes_is_kept(self, tmp_path):
        top = os.fsencode(tmp_path)
        put(top + b"/a")

        def reach(point):
            assert point == "copied"
            put(top + b"/a", b"changed")

        with pytest.raises(FileChangedError):
            move(top + b"/a", top + b"/b", reach)
        assert {name: one[0] for name, one in tree(top).items()} == {b"a": b"changed"}

    @pytest.mark.parametrize("call", ["write", "fsync", "utime"])
    def test_a_failure_leaves_no_target(self, tmp_path, monkeypatch, call):
        top = os.fsencode(tmp_path)
        put(top + b"/a")
        before = tree(top)
        monkeypatch.setattr(os, call, refuse(errno.ENOSPC))
        with pytest.raises(OSError, match="space"):
            move(top + b"/a", top + b"/b")
        assert tree(top) == before

    def test_a_copy_that_reads_back_differently_is_thrown_away(self, tmp_path, monkeypatch):
        top = os.fsencode(tmp_path)
        put(top + b"/a")
        before = tree(top)
        monkeypatch.setattr(moves, "hash_descriptor", lambda _: b"other")
        with pytest.raises(OSError, match="differs from the original"):
            move(top + b"/a", top + b"/b")
        assert tree(top) == before

    def test_folders_are_not_copied(self, tmp_path):
        (tmp_path / "a").mkdir()
        with pytest.raises(OSError, match="cross-device"):
            move(os.fsencode(tmp_path / "a"), os.fsencode(tmp_path / "b"))


def test_what_is_a_copy_and_what_is_not(tmp_path):
    top = os.fsencode(tmp_path)
    content = b"abc" * 10**6
    contents = {b"whole": content, b"copy": content, b"part": content[:-1], b"x": content[1:]}
    for name, content in contents.items():
        put(top + b"/" + name, content)
    os.link(top + b"/whole", top + b"/same")
    with open_spot(top + b"/whole") as whole:
        answers = {
            name: moves.is_copy(whole, whole._replace(name=name))
            for name in (b"whole", b"same", b"copy", b"part", b"x")
        }
        assert [name for name, answer in answers.items() if answer] == [b"whole", b"same", b"copy"]
        assert not moves.is_copy(whole._replace(name=b"part"), whole)


@pytest.mark.parametrize("path", [b"", b"relative", b"/a/../b", b"/a/"])
def test_only_plain_absolute_folders_are_opened(path):
    with pytest.raises(OSError, match="absolute and plain"), open_folder(path):
        pass
