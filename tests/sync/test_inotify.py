"""The kernel's watch of a tree: SPEC 5.5. Excluded trees are never watched, nothing is missed."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

import pytest

from photostore.library.exclusion import exclusion
from photostore.sync import inotify
from photostore.sync.inotify import EventsLostError, TreeWatch, WatchLimitError

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux only")


def make(top: Path, *names: str) -> None:
    for name in names:
        (top / name).mkdir(parents=True)


@pytest.fixture
def root(tmp_path):
    make(tmp_path, "root/a/b", "root/c", "root/@eaDir/x/y", "root/.photostore/previews/ab")
    return tmp_path / "root"


@pytest.fixture
def tree(root):
    made = TreeWatch(bytes(root), lambda path: exclusion(path, ["*/Cache"]) is not None)
    yield made
    made.close()


def watched(tree: TreeWatch, root: Path) -> set[str]:
    return {os.path.relpath(os.fsdecode(path), root) for path in tree._paths.values()}


def changes(tree: TreeWatch, root: Path) -> set[str]:
    found: set[bytes] = set()
    while tree.wait(0.2):
        found |= tree.changes()
    return {os.path.relpath(os.fsdecode(path), root) for path in found}


def test_excluded_trees_cost_no_watch(tree, root):
    assert watched(tree, root) == {".", "a", "a/b", "c"}
    make(root, "@eaDir/z", "c/Cache/deep", "c/#recycle/x", "c/new/deep")
    assert changes(tree, root) >= {"c/new"}
    assert watched(tree, root) == {".", "a", "a/b", "c", "c/new", "c/new/deep"}


def test_files_are_told_as_their_folder_and_folders_as_themselves(tree, root):
    for name in ("a/b/1.jpg", "a/b/2.jpg", "c/3.jpg"):
        (root / name).write_bytes(b"x")
    assert changes(tree, root) == {"a/b", "c"}
    (root / "c" / ".part-4.jpg").write_bytes(b"x")
    assert changes(tree, root) == set()
    (root / "c" / "3.jpg").unlink()
    os.utime(root / "a" / "b" / "1.jpg", (1, 1))
    assert changes(tree, root) == {"a/b", "c"}


def test_a_tree_that_is_moved_is_watched_at_its_new_place(tree, root):
    (root / "a").rename(root / "c" / "moved")
    assert changes(tree, root) == {"a", "c/moved"}
    assert watched(tree, root) == {".", "c", "c/moved", "c/moved/b"}
    (root / "c" / "moved" / "b" / "x.jpg").write_bytes(b"x")
    assert changes(tree, root) == {"c/moved/b"}


def test_a_tree_that_leaves_or_is_deleted_is_forgotten(tree, root, tmp_path):
    (root / "a").rename(tmp_path / "outside")
    (root / "c").rmdir()
    assert changes(tree, root) == {"a", "c"}
    assert watched(tree, root) == {"."}
    (tmp_path / "outside" / "b" / "x.jpg").write_bytes(b"x")
    assert changes(tree, root) == set()


def test_a_marker_closes_a_tree_and_opens_it_again(root):
    (root / "a" / ".nomedia").touch()
    tree = TreeWatch(bytes(root), lambda path: exclusion(path) is not None)
    assert watched(tree, root) == {".", "a", "c"}
    (root / "a" / ".nomedia").unlink()
    assert changes(tree, root) == {"a"}
    assert watched(tree, root) == {".", "a", "a/b", "c"}
    (root / "c" / "NoMedia").touch()
    assert changes(tree, root) == {"c"}
    tree.close()


def test_names_are_bytes(tree, root):
    name = os.path.join(bytes(root), b"caf\xe9 \xff\n")
    os.mkdir(name)
    with open(os.path.join(name, b"\xfe.jpg"), "wb") as file:
        file.write(b"x")
    found: set[bytes] = set()
    while tree.wait(0.2):
        found |= tree.changes()
    assert found == {name}


def test_folders_made_at_once_are_all_watched(tree, root):
    make(root, *(f"d{number}/e/f" for number in range(200)))
    changes(tree, root)
    assert len(watched(tree, root)) == 4 + 600


def test_the_limit_is_told_and_not_passed_over(root, monkeypatch):
    real = ctypes.CDLL(None, use_errno=True)

    class Full:
        inotify_init1 = real.inotify_init1
        inotify_rm_watch = real.inotify_rm_watch
        left = 2

        def inotify_add_watch(self, *arguments):
            self.left -= 1
            if self.left < 0:
                ctypes.set_errno(28)
                return -1
            return real.inotify_add_watch(*arguments)

    monkeypatch.setattr(inotify.ctypes, "CDLL", lambda *_, **__: Full())
    with pytest.raises(WatchLimitError):
        TreeWatch(bytes(root), lambda _: False)


def test_lost_events_are_told(tree, monkeypatch):
    lost = b"\xff\xff\xff\xff" + inotify.IN_Q_OVERFLOW.to_bytes(4, "little") + bytes(8)
    monkeypatch.setattr(inotify.os, "read", lambda *_: lost)
    with pytest.raises(EventsLostError):
        tree.changes()


def test_a_root_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        TreeWatch(bytes(tmp_path / "gone"), lambda _: False)


def test_no_descriptor_is_left(root):
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        TreeWatch(bytes(root), lambda _: False).close()
    assert len(os.listdir("/proc/self/fd")) == before
