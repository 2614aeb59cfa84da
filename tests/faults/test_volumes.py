"""Disks that lead the life of a NAS, real ones: SPEC 4.1 and 4.3. All of this needs root."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

from photostore.library.volumes import UUID_FILE
from tests.commands.conftest import snapshot
from tests.faults.conftest import Server, put
from tests.library.trash.machine import Machine


def state_of(server: Server, path: Path) -> str:
    roots = {root["path"]: root["state"] for root in server.stats()["roots"]}
    return str(roots.get(str(path)))


def mount(machine: Machine, image: str, at: Path) -> None:
    machine._do("mount", "-o", "loop", machine.folder / image, at)


def assets(server: Server) -> list[tuple[object, ...]]:
    return server.query("SELECT name, asset_id, gone_at FROM file ORDER BY name, id")


def test_a_disk_loses_its_mark_is_replaced_and_comes_back(
    server: Server, machine: Machine, photo_bytes: list[bytes]
) -> None:
    """Another disk at the same place is not compared; nothing is missing, nothing read again."""
    disk = machine.loop("disk", "ext4")
    for number in range(6):
        put(disk / f"{number % 2}" / f"{number}.jpg", photo_bytes[number])
    other = machine.loop("other", "ext4")
    put(other / "0" / "else.jpg", photo_bytes[10])
    machine._unmount(other)
    server.start("--scan", disk)
    server.until(lambda: server.stats()["assets"] == 6 and server.is_idle())
    known, before = assets(server), snapshot(disk / "0")
    name = (disk / UUID_FILE).read_text()

    (disk / UUID_FILE).unlink()
    server.post("/sync")
    server.until((disk / UUID_FILE).exists, "it gets its mark back")
    assert (disk / UUID_FILE).read_text() == name
    server.until(lambda: server.is_idle() and state_of(server, disk) == "ok")
    assert assets(server) == known

    machine._unmount(disk)
    mount(machine, "other.img", disk)
    server.post("/sync")
    server.until(lambda: state_of(server, disk) == "unavailable", "another disk")
    (disk / "0" / "more.jpg").write_bytes(photo_bytes[11])
    time.sleep(4)  # a file that settles there is none of the library either
    assert assets(server) == known
    assert server.stats()["missing"] == 0
    row = next(one for one in server.get("/health")["checks"] if one["id"].startswith("root-"))
    assert "Another disk" in row["summary"]

    machine._unmount(disk)
    mount(machine, "disk.img", disk)
    server.post("/sync")
    server.until(lambda: state_of(server, disk) == "ok" and server.is_idle())
    assert assets(server) == known
    assert snapshot(disk / "0") == before
    server.stop()


def test_a_copied_disk_beside_the_original(
    server: Server, machine: Machine, photo_bytes: list[bytes]
) -> None:
    """Both have the same `.uuid` file: two places of each photo, and one of them may go."""
    disk = machine.loop("disk", "ext4")
    for number in range(4):
        put(disk / f"{number}.jpg", photo_bytes[number])
    server.start("--scan", disk)
    server.until(lambda: server.stats()["assets"] == 4 and server.is_idle())
    server.stop()
    ids = server.query("SELECT name, asset_id FROM file ORDER BY name")
    subprocess.run(["sync", "--file-system", disk], check=True)
    shutil.copy(machine.folder / "disk.img", machine.folder / "clone.img")
    clone = machine.folder / "clone"
    clone.mkdir()
    mount(machine, "clone.img", clone)
    try:
        put(clone / "later.jpg", photo_bytes[5])
        server.start("--scan", disk, "--scan", clone)
        server.until(lambda: server.stats()["files"] == 9 and server.is_idle())
        assert server.stats()["assets"] == 5
        machine._unmount(disk)
        server.post("/sync")
        server.until(lambda: state_of(server, disk) == "unavailable" and server.is_idle())
        assert state_of(server, clone) == "ok"
        assert server.stats()["missing"] == 0
        mount(machine, "disk.img", disk)
        server.post("/sync")
        server.until(lambda: state_of(server, disk) == "ok" and server.is_idle())
        now = server.query("SELECT name, min(asset_id) FROM file GROUP BY name ORDER BY name")
        assert now[:4] == ids
        server.stop()
    finally:
        machine._unmount(clone)
    assert server.query("SELECT count(*) FROM file WHERE gone_at IS NOT NULL") == [(0,)]


def test_a_disk_below_a_root_that_comes_and_goes_during_scans(
    server: Server, machine: Machine, tmp_path: Path, photo_bytes: list[bytes]
) -> None:
    """The same guard holds for each mount below a root, at whatever moment it goes."""
    photos = machine.folder / "photos"
    for number in range(40):
        put(photos / f"{number}" / f"{number}.jpg", photo_bytes[number % 20], unique=number)
    disk = machine.loop("disk", "ext4")
    for number in range(30):
        put(disk / f"d{number}" / f"{number}.jpg", photo_bytes[number % 20], unique=-number - 1)
    machine._unmount(disk)
    below = photos / "7" / "disk"
    below.mkdir()
    mount(machine, "disk.img", below)
    try:
        server.start("--scan", photos)
        server.until(lambda: server.stats()["assets"] == 70 and server.is_idle())
        known = assets(server)
        for turn in range(12):
            server.post("/sync")
            time.sleep(turn * 0.013)
            machine._unmount(below)
            time.sleep(0.05)
            mount(machine, "disk.img", below)
        server.post("/sync")
        server.until(lambda: server.is_idle() and state_of(server, below) == "ok")
        server.until(lambda: assets(server) == known, "all are there")
        assert server.stats()["missing"] == 0
        server.stop()
    finally:
        machine._unmount(below)
