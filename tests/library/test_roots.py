"""Roots and the volumes that they are on: SPEC 4.1, 4.3, 5.1."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from photostore.base.mounts import Mount
from photostore.library import roots as module
from photostore.library import volumes
from photostore.library.organise.destination import settle_destination
from photostore.library.roots import find_obstacle, find_root, settle_again, settle_roots
from photostore.library.volumes import identify_volume, locate
from photostore.store.volumes import configured_roots, set_root_state
from tests.store.stock import Stock

UUID = "12345678-90ab-cdef-1234-567890abcdef"


class Machine:
    """Folders in `tmp_path`, of which some are said to be mounted."""

    def __init__(self, top: Path, database, monkeypatch):
        self.top = top
        self.database = database
        self.mounts = [Mount(Path("/"), "/", "ext4", is_read_only=False, source="/dev/root")]
        monkeypatch.setattr(module, "read_mounts", lambda: tuple(self.mounts))
        # All folders of a test lie on one device: two mounts differ by what is mounted.
        monkeypatch.setattr(module, "_disk_of", lambda mount: (mount.source, mount.inner))
        monkeypatch.setattr(volumes, "DISKS_BY_UUID", top / "by-uuid")
        # Names of volumes that are made up here have tests of their own, in test_marks.
        monkeypatch.setattr(module, "is_worth_marking", lambda *_: False)
        (top / "by-uuid").mkdir()

    def folder(self, *names: str) -> Path:
        for name in names or ("",):
            (self.top / name).mkdir(parents=True, exist_ok=True)
        return self.top / names[0]

    def photo(self, name: str) -> Path:
        path = self.top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"photo")
        return path

    def mount(self, name: str, source: str, inner: str = "/", kind: str = "ext4") -> Path:
        path = self.folder(name)
        self.mounts.append(Mount(path, inner, kind, is_read_only=False, source=source))
        return path

    def unmount(self, name: str) -> None:
        self.mounts = [mount for mount in self.mounts if mount.path != self.top / name]

    def disk(self, device: str, uuid: str) -> None:
        (self.top / "by-uuid" / uuid).symlink_to(device)

    async def settle(self, *names: str | Path, **options) -> list[str]:
        folders = [os.fsencode(self.top / name) for name in names]
        return await settle_roots(self.database, folders, **options)

    async def roots(self) -> list:
        async with self.database.read() as reading:
            return await configured_roots(reading)

    async def paths(self) -> list[str]:
        return [self.name(root) for root in await self.roots()]

    def name(self, root) -> str:
        return Path(os.fsdecode(root.path)).relative_to(self.top).as_posix()

    async def states(self) -> dict[str, str]:
        paths = await self.paths()
        return {path: root.state for path, root in zip(paths, await self.roots(), strict=True)}

    async def know(self, root, name: str = "known.jpg") -> None:
        """A file of a root that was imported."""
        stock = Stock(self.database, root)
        await stock.add(root.relative + b"/" + name.encode() if root.relative else name)


@pytest.fixture
def machine(tmp_path, database, monkeypatch):
    (tmp_path / "machine").mkdir()
    return Machine(tmp_path / "machine", database, monkeypatch)


# Volumes


async def test_the_uuid_file_names_a_volume_in_any_spelling(machine):
    """SPEC 4.1."""
    for text in (UUID, UUID.upper(), f"{{{UUID}}}\n", UUID.replace("-", "")):
        path = machine.mount("disk", "/dev/sdb1")
        (path / ".uuid").write_text(text)
        identity = identify_volume(machine.mounts[-1])[0]
        assert (identity.uuid, identity.identified_by) == (UUID, "uuid-file")


async def test_else_the_file_system_else_the_mount_point(machine):
    machine.mount("disk", "/dev/sdb1")
    rules = [identity.identified_by for identity in identify_volume(machine.mounts[-1])]
    assert rules == ["mount-path"]
    machine.disk("/dev/sdb1", "ABCD-1234")
    first, second = identify_volume(machine.mounts[-1])
    assert (first.uuid, first.identified_by) == ("abcd-1234", "file-system")
    assert first.weaker == (second.uuid,)


async def test_nonsense_in_the_uuid_file_is_passed_over(machine):
    path = machine.mount("disk", "tmpfs")
    (path / ".uuid").write_bytes(b"\xff\x00 not a uuid")
    assert identify_volume(machine.mounts[-1])[0].identified_by == "mount-path"


async def test_two_folders_of_one_disk_mounted_apart_are_two_volumes(machine):
    """As bind mounts of a container are."""
    machine.disk("/dev/sdb1", "abcd-1234")
    machine.mount("a", "/dev/sdb1", inner="/photos")
    machine.mount("b", "/dev/sdb1", inner="/videos")
    machine.photo("a/x.jpg")
    machine.photo("b/x.jpg")
    assert await machine.settle("a", "b") == []
    first, second = await machine.roots()
    assert first.volume_id != second.volume_id
    assert await machine.paths() == ["a", "b"]


async def test_one_disk_at_two_places_is_one_volume(machine):
    machine.disk("/dev/sdb1", "abcd-1234")
    for name in ("a", "b"):
        machine.mount(name, "/dev/sdb1")
        machine.folder(f"{name}/x", f"{name}/y")
    await machine.settle("a/x", "b/y", "b/x")
    assert await machine.paths() == ["a/x", "a/y"]
    assert len({root.volume_id for root in await machine.roots()}) == 1


async def test_a_copied_disk_is_another_volume(machine):
    """It has the same `.uuid` file."""
    for name, device in (("a", "/dev/sdb1"), ("b", "/dev/sdc1")):
        (machine.mount(name, device) / ".uuid").write_text(UUID)
    await machine.settle("a", "b")
    first, second = await machine.roots()
    assert (first.volume_uuid, second.volume_uuid[:5]) == (UUID, "path:")


async def test_a_disk_that_is_mounted_elsewhere_keeps_its_files(machine):
    machine.disk("/dev/sdb1", "abcd-1234")
    machine.mount("a", "/dev/sdb1")
    machine.photo("a/photos/x.jpg")
    await machine.settle("a/photos")
    (before,) = await machine.roots()
    machine.unmount("a")
    machine.mount("b", "/dev/sdb1")
    machine.folder("b/photos")
    await machine.settle("b/photos")
    (after,) = await machine.roots()
    assert (after.id, await machine.paths()) == (before.id, ["b/photos"])


async def test_a_uuid_file_that_appears_changes_nothing(machine):
    path = machine.mount("a", "/dev/sdb1")
    await machine.settle("a")
    (before,) = await machine.roots()
    (path / ".uuid").write_text(UUID)
    await machine.settle("a")
    (after,) = await machine.roots()
    assert (after.id, after.volume_id, after.volume_uuid) == (before.id, before.volume_id, UUID)


async def marked(machine):
    """A disk that is known by its `.uuid` file, with files that were imported."""
    machine.disk("/dev/sdb1", "abcd-1234")
    path = machine.mount("a", "/dev/sdb1")
    (path / ".uuid").write_text(UUID)
    machine.folder("a/photos")
    await machine.settle("a/photos")
    (root,) = await machine.roots()
    for number in range(3):
        await machine.know(root, f"{number}.jpg")
        photo = machine.photo(f"a/photos/{number}.jpg")
        async with machine.database.write() as transaction:
            await transaction.execute(
                "UPDATE file SET size = ?, mtime_ns = ?, state = 'ready' WHERE name = ?",
                (photo.stat().st_size, photo.stat().st_mtime_ns, f"{number}.jpg".encode()),
            )
    return path, root


@pytest.mark.parametrize("way", ["deleted", "emptied"])
async def test_a_disk_whose_uuid_file_was_lost_gets_it_back(machine, way):
    """SPEC 4.1: nothing is re-imported; the files that are known of it are there."""
    path, before = await marked(machine)
    (path / ".uuid").unlink() if way == "deleted" else (path / ".uuid").write_bytes(b"")
    await machine.settle("a/photos")
    assert (path / ".uuid").read_text() == UUID + "\n"
    (after,) = await machine.roots()
    assert (after.id, after.volume_uuid, after.state) == (before.id, UUID, "ok")


async def test_another_disk_without_a_uuid_file_does_not_get_the_name(machine):
    path, _ = await marked(machine)
    (path / ".uuid").unlink()
    for number in range(3):
        (path / "photos" / f"{number}.jpg").write_bytes(b"another photo")
    await machine.settle("a/photos")
    assert not (path / ".uuid").exists()
    assert await machine.states() == {"a/photos": "unavailable"}


async def test_a_uuid_file_with_other_content_is_left_alone(machine):
    path, _ = await marked(machine)
    (path / ".uuid").write_text("my own notes")
    await machine.settle("a/photos")
    assert (path / ".uuid").read_text() == "my own notes"
    assert await machine.states() == {"a/photos": "unavailable"}


async def test_a_link_leads_to_the_volume_that_it_names(machine):
    disk = machine.mount("disk", "/dev/sdb1")
    (machine.top / "link").symlink_to(disk)
    mount, relative = locate(os.fsencode(machine.top / "link" / "photos"), machine.mounts)
    assert (mount.path, relative) == (disk, b"photos")


# Roots


async def test_a_root_is_its_real_folder(machine):
    folder = machine.folder("photos")
    (machine.top / "link").symlink_to(folder)
    await machine.settle("photos", "link", f"{folder}/", "photos/../photos/.")
    assert await machine.paths() == ["photos"]


async def test_a_folder_inside_another_is_scanned_with_it(machine):
    machine.folder("photos/2020", "photos-old")
    await machine.settle("photos/2020", "photos", "photos-old")
    assert await machine.paths() == ["photos", "photos-old"]


async def test_a_library_inside_a_root_is_a_root_itself(machine):
    """From outside it is passed over."""
    machine.folder("photos/library/.photostore")
    await machine.settle("photos", "photos/library")
    assert await machine.paths() == ["photos", "photos/library"]


async def test_a_root_that_is_no_longer_named_is_no_longer_scanned(machine):
    machine.folder("a", "b")
    await machine.settle("a", "b")
    await machine.settle("b")
    assert await machine.paths() == ["b"]
    await machine.settle("a", "b")
    assert await machine.paths() == ["a", "b"]


async def test_a_single_scan_adds_folders(machine):
    """`photostore sync PATH` does not drop what the server scans."""
    machine.folder("a", "b/c", "b/d")
    await machine.settle("a", "b/c")
    assert await machine.settle("a/x", "none", exclusive=False) != []
    assert await machine.paths() == ["a", "b/c"]
    await machine.settle("b/d", exclusive=False)
    assert await machine.paths() == ["a", "b/c", "b/d"]
    await machine.settle("b", exclusive=False)
    assert await machine.paths() == ["a", "b"]


async def test_a_folder_that_is_not_there_waits(machine):
    (problem,) = await machine.settle("usb/photos")
    assert "usb/photos" in problem
    assert await machine.states() == {"usb/photos": "unavailable"}
    machine.mount("usb", "/dev/sdb1")
    machine.photo("usb/photos/x.jpg")
    assert await machine.settle(*await machine.paths()) == []
    (root,) = await machine.roots()
    assert (root.volume_uuid, root.relative) == (f"path:{machine.top}/usb", b"photos")


async def test_a_disk_below_a_root_is_a_root_of_its_own(machine):
    """SPEC 4.3: the same guard holds for each mount below a root."""
    machine.folder("photos/a")
    machine.mount("photos/usb", "/dev/sdb1")
    machine.mount("photos/proc", "proc", kind="proc")
    machine.mount("photos/.snapshots", "/dev/sdc1")
    machine.mount("photos/#snapshot/x", "/dev/sdc2")
    machine.mount("photos/skip/x", "/dev/sdc3")
    await machine.settle("photos", exclude_globs=["*/skip"])
    assert await machine.paths() == ["photos", "photos/usb"]


@pytest.mark.parametrize("scanned", ["photos", "elsewhere"])
async def test_a_disk_that_is_left_out_stays_out_when_photos_are_added(machine, scanned):
    """SPEC 5.2: where they go, in a scanned folder or beside it, other disks may be mounted."""
    machine.folder("photos/lib/.photostore", "elsewhere")
    machine.mount("photos/skip", "/dev/sdb1")
    machine.mount("photos/lib/skip", "/dev/sdb2")
    await machine.settle(scanned, exclude_globs=["*/skip"])
    library = machine.top / "photos" / "lib"
    root = await settle_destination(machine.database, library, exclude_globs=["*/skip"])
    assert machine.name(root) == "photos/lib"
    assert set(await machine.paths()) == {scanned, "photos/lib"}


async def test_a_disk_below_a_root_that_is_unmounted_is_asked_for(machine):
    machine.mount("photos/usb", "/dev/sdb1")
    await machine.settle("photos")
    _, disk = await machine.roots()
    await machine.know(disk)
    machine.unmount("photos/usb")
    await machine.settle("photos")
    assert await machine.states() == {"photos": "ok", "photos/usb": "unavailable"}


@pytest.mark.parametrize("leftover", [False, True])
async def test_an_unmounted_disk_is_not_taken_for_its_mount_point(machine, leftover):
    """SPEC 4.3: on another device than before; the empty mount point often holds a stray file."""
    machine.mount("usb", "/dev/sdb1")
    await machine.settle("usb")
    (disk,) = await machine.roots()
    await machine.know(disk)
    machine.unmount("usb")
    if leftover:
        machine.photo("usb/NOT MOUNTED.txt")
    await machine.settle("usb")
    (root,) = await machine.roots()
    assert (root.id, root.state) == (disk.id, "unavailable")
    assert root.reason
    assert find_obstacle(root)
    machine.mount("usb", "/dev/sdb1")
    machine.photo("usb/known.jpg")
    assert find_obstacle(root) is None


async def test_an_empty_disk_that_never_held_anything_may_be_replaced(machine):
    machine.mount("usb", "/dev/sdb1")
    await machine.settle("usb")
    machine.unmount("usb")
    await machine.settle("usb")
    (root,) = await machine.roots()
    assert root.volume_uuid == "path:/"


async def test_the_innermost_root_is_that_of_a_path(machine):
    machine.folder("photos/a")
    machine.mount("photos/usb", "/dev/sdb1")
    await machine.settle("photos")
    roots = await machine.roots()

    def found(name: str):
        root = find_root(roots, os.fsencode(machine.top / name))
        return root and machine.name(root)

    assert found("photos/a/x.jpg") == "photos"
    assert found("photos/usb/x.jpg") == "photos/usb"
    assert found("photos/usb2/x.jpg") == "photos"
    assert found("photos2") is None


async def test_settling_leaves_what_is_known_of_a_root(machine):
    machine.folder("a")
    await machine.settle("a")
    (root,) = await machine.roots()
    async with machine.database.write() as transaction:
        await set_root_state(transaction, root.id, "missing", "60 of 100 files vanished")
    await machine.settle("a")
    assert await machine.states() == {"a": "missing"}


def settle_meanwhile(machine, monkeypatch, name: str) -> None:
    """While places are looked for the next time, uploads get a folder."""
    loop = asyncio.get_running_loop()
    find = module._find_places

    def find_slowly(*args):
        monkeypatch.setattr(module, "_find_places", find)
        places = find(*args)
        added = settle_destination(machine.database, machine.top / name)
        asyncio.run_coroutine_threadsafe(added, loop).result()
        return places

    monkeypatch.setattr(module, "_find_places", find_slowly)


async def test_a_root_that_is_added_while_others_are_looked_for_stays(machine, monkeypatch):
    """SPEC 5.1: a scan that begins while the first photo is uploaded does not drop its folder."""
    machine.folder("photos", "originals")
    await machine.settle("photos")
    settle_meanwhile(machine, monkeypatch, "originals")
    await settle_again(machine.database)
    assert await machine.paths() == ["photos", "originals"]
    await settle_again(machine.database)
    assert await machine.paths() == ["photos", "originals"]


async def test_a_root_that_is_given_up_while_others_are_looked_for_does_not_come_back(
    machine, monkeypatch
):
    """The folder around it became a root: what lies in two roots would belong to both."""
    machine.folder("photos/2020")
    await machine.settle("photos/2020")
    settle_meanwhile(machine, monkeypatch, "photos")
    await settle_again(machine.database)
    assert await machine.paths() == ["photos"]
