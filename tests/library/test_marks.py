"""The `.uuid` file at a mount point, and what it makes possible: SPEC 4.1 (row 31 as root)."""

from __future__ import annotations

import os
import stat
import uuid
from pathlib import Path

import pytest

from photostore.base.mounts import Mount
from photostore.library.marks import is_worth_marking, mark_volume
from photostore.library.roots import settle_roots
from photostore.library.volumes import UUID_FILE
from photostore.store.volumes import VolumeIdentity, configured_roots
from tests.library.trash.machine import Machine

HOME = Path("/home/ada")
ROOT = Mount(Path("/"), "/", "ext4", is_read_only=False)


def identity(rule: str) -> VolumeIdentity:
    return VolumeIdentity("x", rule, b"/", None, False)


def mount(path: str, *, inner: str = "/", kind: str = "ext4", read_only: bool = False) -> Mount:
    return Mount(Path(path), inner, kind, is_read_only=read_only)


@pytest.mark.parametrize(
    ("place", "rule", "marked"),
    [
        (mount("/photos", inner="/srv/photos"), "mount-path", True),  # bound into a container
        (mount("/photos", inner="/srv/photos"), "file-system", True),
        (mount("/mnt/disk"), "file-system", True),  # a disk that may be plugged in elsewhere
        (mount("/run/media/ada/stick", kind="exfat"), "mount-path", True),
        (mount("/srv/nas", kind="nfs4"), "mount-path", True),
        (mount("/srv/photos"), "file-system", False),  # known well enough
        (mount("/mnt/disk"), "uuid-file", False),
        (mount("/mnt/disk", read_only=True), "mount-path", False),
        (mount("/mnt/scratch", kind="tmpfs"), "mount-path", False),  # gone with the next start
        (ROOT, "mount-path", False),
        (mount("/home"), "mount-path", False),  # the file system of a home
        (mount("/home/ada", kind="nfs4"), "mount-path", False),
        (mount("/var", kind="zfs"), "mount-path", False),
    ],
)
def test_what_gets_a_uuid_file(place, rule, marked):
    assert is_worth_marking(place, identity(rule), [ROOT, place], HOME) is marked


def test_a_file_with_content_is_never_touched(tmp_path):
    (tmp_path / UUID_FILE).write_text("somebody's notes")
    assert not mark_volume(mount(str(tmp_path)))
    assert (tmp_path / UUID_FILE).read_text() == "somebody's notes"


def test_a_link_and_a_pipe_are_left_alone(tmp_path):
    (tmp_path / "elsewhere").write_text("")
    (tmp_path / UUID_FILE).symlink_to(tmp_path / "elsewhere")
    assert not mark_volume(mount(str(tmp_path)))
    assert (tmp_path / "elsewhere").read_text() == ""
    (tmp_path / UUID_FILE).unlink()
    os.mkfifo(tmp_path / UUID_FILE)
    assert not mark_volume(mount(str(tmp_path)))


def test_one_that_was_cut_off_is_written_whole(tmp_path):
    (tmp_path / UUID_FILE).touch()
    assert mark_volume(mount(str(tmp_path)))
    written = (tmp_path / UUID_FILE).read_text()
    assert str(uuid.UUID(written.strip())) == written.strip()
    assert not mark_volume(mount(str(tmp_path)))


# On real disks


@pytest.fixture
def machine():
    if os.geteuid() != 0:
        pytest.skip("only root can mount")
    made = Machine()
    yield made
    made.close()


async def settled(database, *folders: Path):
    await settle_roots(database, [os.fsencode(folder) for folder in folders])
    async with database.read() as reading:
        return await configured_roots(reading)


async def test_a_disk_that_is_mounted_elsewhere_is_the_same_volume(machine, database):
    disk = machine.loop("disk", "ext4")
    (disk / "photos").mkdir()
    (disk / "photos" / "a.jpg").write_bytes(b"photo")
    before = os.stat(disk / "photos" / "a.jpg")
    (root,) = await settled(database, disk / "photos")
    assert stat.S_IMODE(os.stat(disk / UUID_FILE).st_mode) == 0o644
    assert root.volume_uuid == (disk / UUID_FILE).read_text().strip()
    assert os.stat(disk / "photos" / "a.jpg") == before
    elsewhere = machine.bind(disk, machine.folder / "elsewhere")
    machine._unmount(disk)
    (moved,) = await settled(database, elsewhere / "photos")
    assert (moved.id, moved.volume_id, moved.volume_uuid) == (
        root.id,
        root.volume_id,
        root.volume_uuid,
    )
    machine._do("mount", "--bind", elsewhere, disk)


async def test_a_bound_folder_gets_one_of_its_own_and_a_read_only_one_none(machine, database):
    disk = machine.loop("disk", "ext4")
    for name in ("one", "two"):
        (disk / name).mkdir()
        (disk / name / "a.jpg").write_bytes(b"photo")
    one = machine.bind(disk / "one", machine.folder / "bound")
    two = machine.bind(disk / "two", machine.folder / "read-only")
    machine._do("mount", "-o", "remount,bind,ro", two)
    first, second = await settled(database, one, two)
    assert first.volume_uuid == (disk / "one" / UUID_FILE).read_text().strip()
    assert second.volume_uuid == f"path:{two}"
    assert not (disk / "two" / UUID_FILE).exists()
    assert not (disk / UUID_FILE).exists()


async def test_a_folder_of_the_system_disk_gets_none(database, tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"photo")
    await settled(database, tmp_path)
    assert not (tmp_path / UUID_FILE).exists()
    assert not os.path.lexists(f"/{UUID_FILE}")  # noqa: ASYNC240
