"""On real mounts, together with trash-cli and gio: SPEC 9.3, 9.4."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from photostore.base.mounts import read_mounts
from photostore.library.trash import (
    ActFailedError,
    DiskJournal,
    Surroundings,
    TrashRefusedError,
    TrashStyle,
    find_places,
    list_trash,
    restore,
    trash_files,
)
from tests.library.trash.disk import HOSTILE, NOW, acting_as, expect, put, tree
from tests.library.trash.machine import (
    PATH,
    TOOLS,
    Machine,
    as_text,
    gio_can_restore,
    is_short,
    is_text,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
USERS = (65534, 1)  # nobody and daemon, whom every Debian has: gio needs a name for each
STAMP = NOW.strftime("%Y-%m-%d %H:%M:%S").encode()


@pytest.fixture
def machine():
    made = Machine()
    yield made
    made.close()


@pytest.fixture
def desktop(machine):
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    return machine


def fill(top: Path, uid: int, names=HOSTILE) -> dict[bytes, tuple]:
    """A folder of the user's with files of all names; what is in it."""
    with acting_as(uid):
        for name in names:
            put(os.path.join(os.fsencode(top), b"of %d" % uid, name), b"%d " % uid + name)
        return tree(top / f"of {uid}")


def surroundings(uid: int, home: Path | None = None, in_container=False) -> Surroundings:
    return Surroundings(read_mounts(), uid, home and os.fsencode(home), in_container)


def trash_all(machine: Machine, top: Path, uid: int, **options):
    around = surroundings(uid, **options)
    journal = DiskJournal(machine.home(uid) / "acts")
    with acting_as(uid):
        folder = os.path.join(os.fsencode(top), b"of %d" % uid)
        files = [expect(os.path.join(folder, name)) for name in sorted(os.listdir(folder))]
        return trash_files(files, around, journal=journal, now=NOW)


def entries_of(top: Path, uid: int, **options):
    around = surroundings(uid, **options)
    with acting_as(uid):
        return [
            entry
            for place in find_places([os.fsencode(top)], around)
            for entry in list_trash(place)
        ]


def restore_all(machine: Machine, top: Path, uid: int, **options):
    journal = DiskJournal(machine.home(uid) / "acts")
    with acting_as(uid):
        return restore(entries_of(top, uid, **options), journal=journal, now=NOW)


class TestWithTheDesktop:
    def test_it_lists_and_restores_what_we_trashed(self, desktop):
        top = desktop.loop("disk", "ext4")
        before = {uid: fill(top, uid) for uid in USERS}
        for uid in USERS:
            trash_all(desktop, top, uid)
        for uid in USERS:
            folder = top / f"of {uid}"
            assert tree(folder) == {}
            wanted = {os.path.join(os.fsencode(folder), name) for name in before[uid]}
            said = desktop.trash_list(uid)
            assert said.count(STAMP) == len(wanted)
            assert [p for p in wanted if STAMP + b" " + as_text(p) + b"\n" not in said] == []
            listed = desktop.gio_list(uid)
            assert set(listed) == wanted
            if uid == USERS[0]:
                able = {path for path in wanted if is_text(path)}
                for path in sorted(able):
                    desktop.trash_restore(uid, path)
            else:
                able = {path for path in wanted if gio_can_restore(path)}
                desktop.gio_restore(uid, [listed[path] for path in sorted(able)])
            assert {entry.path for entry in entries_of(top, uid)} == wanted - able
            # What the program would restore under another name comes back by us.
            restore_all(desktop, top, uid)
            assert tree(folder) == before[uid]
            assert entries_of(top, uid) == []

    @pytest.mark.parametrize("is_shared", [False, True])
    def test_we_list_and_restore_what_it_trashed(self, desktop, is_shared):
        top = desktop.loop("disk", "ext4")
        if is_shared:
            (top / ".Trash").mkdir()
            (top / ".Trash").chmod(0o1777)
        names = [name for name in HOSTILE if is_short(name)]
        before = {uid: fill(top, uid, names) for uid in USERS}
        for number, uid in enumerate(USERS):
            folder = os.path.join(os.fsencode(top), b"of %d" % uid)
            paths = sorted(os.path.join(folder, name) for name in before[uid])
            # Each user gives other names to the one program and to the other.
            texts = list(filter(is_text, paths))[number::2]
            desktop.run_as(uid, "trash-put", *texts)
            desktop.gio(uid, *(path for path in paths if path not in texts))
            assert tree(folder) == {}
            entries = entries_of(top, uid)
            assert {entry.path for entry in entries} == set(paths)
            assert {entry.place.style for entry in entries} == {
                TrashStyle.SHARED if is_shared else TrashStyle.OWN
            }
            restore_all(desktop, top, uid)
            assert tree(folder) == before[uid]
            assert desktop.trash_list(uid) == b""
            assert desktop.gio_list(uid) == {}


class TestMounts:
    @pytest.mark.parametrize("kind", ["tmpfs", "ext4", "vfat"])
    def test_there_and_back(self, machine, kind):
        names = list(HOSTILE)
        if kind == "tmpfs":
            top = machine.tmpfs("disk")
        elif kind == "vfat":
            top = machine.loop("disk", kind, f"uid={USERS[0]},umask=022,utf8")
            names = [b"a.jpg", "é.jpg".encode(), b"x" * 246 + b".jpg", b"50%25.jpg"]
        else:
            top = machine.loop("disk", kind)
            top.chmod(0o1777)
        before = fill(top, USERS[0], names)
        trash_all(machine, top, USERS[0])
        assert tree(top / f"of {USERS[0]}") == {}
        restore_all(machine, top, USERS[0])
        assert tree(top / f"of {USERS[0]}") == before

    def test_a_bind_mount_in_another_has_its_own(self, machine):
        outer = machine.tmpfs("outer")
        (outer / "inner").mkdir()
        (outer / "other").mkdir(mode=0o777)
        (outer / "other").chmod(0o1777)
        inner = machine.bind(outer / "other", outer / "inner")
        assert os.stat(inner).st_dev == os.stat(outer).st_dev
        fill(inner, USERS[0], [b"a.jpg"])
        inode = os.stat(inner / f"of {USERS[0]}" / "a.jpg").st_ino
        (one,) = trash_all(machine, inner, USERS[0]).files
        assert one.place.folder == os.fsencode(inner / f".Trash-{USERS[0]}")
        assert os.stat(one.path).st_ino == inode
        assert not (outer / f".Trash-{USERS[0]}").exists()
        (entry,) = entries_of(inner, USERS[0])
        assert entry.path == one.original

    def test_read_only_is_refused(self, machine):
        top = machine.tmpfs("disk")
        before = fill(top, USERS[0], [b"a.jpg"])
        machine.bind(top, top)
        machine._do("mount", "-o", "remount,bind,ro", top)
        with pytest.raises(TrashRefusedError, match=r"mounted read-only.*hide"):
            trash_all(machine, top, USERS[0])
        assert tree(top / f"of {USERS[0]}") == before
        # It became read-only after the mounts were read: the disk says so itself.
        writable = [replace(mount, is_read_only=False) for mount in read_mounts()]
        around = replace(surroundings(0), mounts=tuple(writable))
        file = expect(os.fsencode(top / f"of {USERS[0]}" / "a.jpg"))
        with pytest.raises(TrashRefusedError, match="may not be written to"):
            trash_files([file], around, journal=DiskJournal(machine.folder / "acts"), now=NOW)
        assert tree(top / f"of {USERS[0]}") == before

    def test_a_volume_that_others_own_says_which_folder_to_make(self, machine):
        top = machine.tmpfs("disk", "size=1m,mode=755")
        (top / f"of {USERS[0]}").mkdir()
        os.chown(top / f"of {USERS[0]}", USERS[0], USERS[0])
        before = fill(top, USERS[0], [b"a.jpg"])
        with pytest.raises(TrashRefusedError) as raised:
            trash_all(machine, top, USERS[0])
        assert tree(top / f"of {USERS[0]}") == before
        folder = raised.value.folder
        os.mkdir(folder, 0o700)
        os.chown(folder, USERS[0], USERS[0])
        trash_all(machine, top, USERS[0])
        assert len(entries_of(top, USERS[0])) == 1

    @pytest.mark.parametrize("limit", ["size=64k", "nr_inodes=14"])
    def test_a_full_disk_stops_it_and_nothing_is_lost(self, machine, limit):
        top = machine.tmpfs("disk", f"mode=1777,{limit}")
        names = [b"%d.jpg" % number for number in range(6)]
        before = fill(top, USERS[0], names)
        if limit.startswith("size"):
            with pytest.raises(OSError, match="space"):
                (top / "filler").write_bytes(bytes(1 << 20))
        with pytest.raises((ActFailedError, TrashRefusedError), match=r"No space|free some space"):
            trash_all(machine, top, USERS[0])
        assert tree(top / f"of {USERS[0]}") == before
        assert entries_of(top, USERS[0]) == []
        machine._do("mount", "-o", "remount,size=1m,nr_inodes=100", top)
        trash_all(machine, top, USERS[0])
        restore_all(machine, top, USERS[0])
        assert tree(top / f"of {USERS[0]}") == before

    def test_from_volume_to_volume_by_a_copy_in_a_container(self, machine):
        top, other = machine.tmpfs("disk"), machine.tmpfs("home")
        uid = USERS[0]
        before = fill(top, uid)
        # Somebody else's: no trash is possible on the volume itself.
        (top / f".Trash-{uid}").mkdir()
        home = other / "Trash"
        with acting_as(uid):
            home.mkdir()
        with pytest.raises(TrashRefusedError):
            trash_all(machine, top, uid, home=home)
        container = {"home": home, "in_container": True}
        done = trash_all(machine, top, uid, **container)
        assert all(one.place.by_copy for one in done.files)
        assert tree(top / f"of {uid}") == {}
        assert {entry.path for entry in entries_of(top, uid, **container)} == {
            one.original for one in done.files
        }
        restore_all(machine, top, uid, **container)
        assert tree(top / f"of {uid}") == before
        assert tree(home) == {}

    def test_in_user_space(self, machine):
        """A file system that cannot refuse to overwrite: a second name is made instead."""
        top, uid = machine.fuse("disk", "bindfs", machine.tmpfs("lower")), USERS[0]
        before = fill(top, uid)
        trash_all(machine, top, uid)
        assert tree(top / f"of {uid}") == {}
        taken = os.fsencode(top / f"of {uid}" / "-rf.jpg")
        with acting_as(uid):
            put(taken, b"other")
        restore_all(machine, top, uid)
        after = tree(top / f"of {uid}")
        assert after.pop(b"-rf.jpg")[0] == b"other"
        assert len(after) == len(before)

    def test_on_fat_in_user_space(self, machine):
        """Neither links, modes nor owners, and times that change with the name."""
        if shutil.which("mkfs.vfat", path=PATH) is None:
            pytest.skip("mkfs.vfat is not installed")
        image = machine.folder / "fat.img"
        with image.open("wb") as file:
            file.truncate(16 << 20)
        machine._do("mkfs.vfat", image)
        top = machine.fuse("disk", "fusefat", "-o", "rw+", image)
        before = fill(top, 0, [b"a.jpg", b"B.JPG", b"50%25.jpg"])
        trash_all(machine, top, 0)
        assert tree(top / "of 0") == {}
        put(os.fsencode(top / "of 0" / "a.jpg"), b"other")
        done = restore_all(machine, top, 0)
        after = tree(top / "of 0")
        assert after.pop(b"a.jpg")[0] == b"other"
        assert sorted(after.values()) == sorted(before.values())
        assert len(done.files) == 3
