"""Which trash a file goes to: SPEC 9.3 and 9.4."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from photostore.library.trash import Refusal, TrashStyle, find_places, find_trash
from photostore.library.trash.places import read_surroundings
from tests.library.trash.disk import around, put

UID = os.geteuid()


@pytest.fixture
def top(tmp_path):
    folder = tmp_path / "top"
    folder.mkdir()
    put(os.fsencode(folder / "a" / "b.jpg"))
    return folder


def path_in(top: Path) -> bytes:
    return os.fsencode(top / "a" / "b.jpg")


def mode(path: Path | bytes) -> int:
    return os.lstat(path).st_mode & 0o7777


def test_the_top_folder_has_a_trash_of_the_user(top):
    place = find_trash(path_in(top), around(top))
    assert place.style is TrashStyle.OWN
    assert place.folder == os.fsencode(top / f".Trash-{UID}")
    assert place.top == os.fsencode(top)
    assert {mode(part) for part in (place.folder, place.files, place.info)} == {0o700}


def test_a_shared_trash_with_a_sticky_bit_is_used(top):
    (top / ".Trash").mkdir()
    (top / ".Trash").chmod(0o1777)
    place = find_trash(path_in(top), around(top))
    assert place.style is TrashStyle.SHARED
    assert place.folder == os.fsencode(top / ".Trash" / str(UID))
    assert mode(place.folder) == 0o700


@pytest.mark.parametrize("kind", ["no sticky bit", "is a link", "is not a folder"])
def test_a_shared_trash_that_cannot_be_trusted_is_not_used(top, tmp_path, kind):
    shared = top / ".Trash"
    if kind == "is a link":
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "elsewhere").chmod(0o1777)
        shared.symlink_to(tmp_path / "elsewhere")
    elif kind == "is not a folder":
        shared.write_bytes(b"")
    else:
        shared.mkdir()
        (shared / str(UID)).mkdir()
    place = find_trash(path_in(top), around(top))
    assert place.style is TrashStyle.OWN
    assert kind in place.notes[0]
    assert [found.style for found in find_places([os.fsencode(top)], around(top))] == ["own"]


def test_both_kinds_are_listed(top):
    find_trash(path_in(top), around(top))
    (top / ".Trash").mkdir()
    (top / ".Trash").chmod(0o1777)
    find_trash(path_in(top), around(top))
    found = find_places([os.fsencode(top), path_in(top)], around(top))
    assert [place.style for place in found] == ["shared", "own"]


@pytest.mark.parametrize("part", ["", "files", "info"])
@pytest.mark.parametrize("kind", ["a link", "not a folder"])
def test_a_trash_with_links_in_it_is_refused(top, tmp_path, part, kind):
    wrong = top / f".Trash-{UID}" / part
    wrong.parent.mkdir(exist_ok=True)
    if kind == "a link":
        (tmp_path / "elsewhere").mkdir()
        wrong.symlink_to(tmp_path / "elsewhere")
    else:
        wrong.write_bytes(b"")
    refusal = find_trash(path_in(top), around(top))
    assert isinstance(refusal, Refusal)
    assert f"is {kind}" in refusal.reason
    assert not find_places([os.fsencode(top)], around(top))


@pytest.mark.skipif(UID != 0, reason="only root can give a folder to another user")
def test_a_trash_of_another_user_is_refused_with_what_to_do(top):
    own = top / ".Trash-4321"
    refusal = find_trash(path_in(top), around(top, uid=4321))
    assert "belongs to user 0 instead of 4321" in refusal.reason
    assert refusal.folder == os.fsencode(own)
    assert refusal.remedy == f"make the folder {own}, owned by user 4321, with mode 0700"
    # As on FAT, where even a new folder belongs to somebody else: nothing is left of the attempt.
    assert not own.exists()


def test_the_nearest_mount_counts_and_not_the_device(top):
    inner = top / "a"
    place = find_trash(path_in(top), around(top, inner))
    assert place.top == os.fsencode(inner)
    assert not (top / f".Trash-{UID}").exists()


def test_a_trash_that_is_a_mount_of_its_own_is_not_used(top):
    own = top / f".Trash-{UID}"
    refusal = find_trash(path_in(top), around(top, own))
    assert "is a mount of its own" in refusal.reason


def test_the_folder_is_resolved_and_the_last_component_is_not(top, tmp_path):
    other = tmp_path / "other"
    put(os.fsencode(other / "c.jpg"))
    (top / "folder").symlink_to(other)
    (top / "link.jpg").symlink_to(other / "c.jpg")
    surroundings = around(top, other)
    place = find_trash(os.fsencode(top / "folder" / "c.jpg"), surroundings)
    assert place.top == os.fsencode(other)
    assert find_trash(os.fsencode(top / "link.jpg"), surroundings).top == os.fsencode(top)


def test_a_volume_mounted_read_only_is_refused(top):
    surroundings = around(top)
    read_only = replace(surroundings.mounts[-1], is_read_only=True)
    refusal = find_trash(path_in(top), replace(surroundings, mounts=(read_only,)))
    assert "mounted read-only" in refusal.reason
    assert "hide the photo" in refusal.remedy


def test_asking_beforehand_makes_nothing(top, tmp_path):
    home = tmp_path / "home" / "Trash"
    assert find_trash(path_in(top), around(top, home=home), make=False).style is TrashStyle.OWN
    assert find_trash(path_in(top), around(home=home), make=False).style is TrashStyle.HOME
    assert not (tmp_path / "home").exists()
    assert os.listdir(top) == ["a"]


def test_folders_without_the_right_to_write_are_refused(open_folder, nobody):
    path = put(os.fsencode(open_folder / "a" / "b.jpg")).path
    surroundings = around(open_folder, uid=65534 if UID == 0 else UID)
    (open_folder / "a").chmod(0o555)
    with nobody():
        refusal = find_trash(path, surroundings)
    assert "may not be written to" in refusal.reason
    (open_folder / "a").chmod(0o777)
    open_folder.chmod(0o555)
    with nobody():
        for make in (True, False):
            refusal = find_trash(path, surroundings, make=make)
            assert "cannot be made" in refusal.reason
            assert os.path.dirname(refusal.folder) == os.fsencode(open_folder)
    open_folder.chmod(0o755)


class TestHome:
    def test_it_is_used_on_its_own_mount(self, top, tmp_path):
        home = tmp_path / "data" / "Trash"
        place = find_trash(path_in(top), around(tmp_path, home=home))
        assert (place.style, place.folder, place.top) == (TrashStyle.HOME, os.fsencode(home), None)
        assert (mode(home.parent), mode(home)) == (0o700, 0o700)

    def test_it_is_not_used_for_another_mount(self, top, tmp_path):
        home = tmp_path / "data" / "Trash"
        home.mkdir(parents=True)
        place = find_trash(path_in(top), around(top, home=home))
        assert place.style is TrashStyle.OWN

    def test_in_a_container_it_must_be_there(self, top, tmp_path):
        home = tmp_path / "data" / "Trash"
        surroundings = around(tmp_path, home=home, in_container=True)
        assert find_trash(path_in(top), surroundings).style is TrashStyle.OWN
        assert not home.parent.exists()
        home.mkdir(parents=True)
        assert find_trash(path_in(top), surroundings).style is TrashStyle.HOME

    def test_in_a_container_it_is_the_last_resort_for_other_mounts(self, top, tmp_path):
        home = tmp_path / "data" / "Trash"
        home.mkdir(parents=True)
        (top / f".Trash-{UID}").write_bytes(b"")
        assert isinstance(find_trash(path_in(top), around(top, home=home)), Refusal)
        place = find_trash(path_in(top), around(top, home=home, in_container=True))
        assert (place.style, place.by_copy) == (TrashStyle.HOME, True)

    @pytest.mark.parametrize(
        ("environ", "expected"),
        [
            ({"XDG_DATA_HOME": "/data", "HOME": "/h"}, b"/data/Trash"),
            ({"XDG_DATA_HOME": "relative", "HOME": "/h"}, b"/h/.local/share/Trash"),
            ({"HOME": "/h"}, b"/h/.local/share/Trash"),
            ({}, None),
        ],
    )
    def test_where_it_is(self, environ, expected):
        assert read_surroundings(environ, in_container=False).home == expected
