"""Disks that are full, away or changed behind the mount, real ones: rows 22, 28, 31 and 36.

The rows are those of the table of faults in docs/development.md. All of this needs root.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from photostore.library.volumes import UUID_FILE
from tests.commands.conftest import snapshot
from tests.faults.conftest import Server, put
from tests.library.trash.machine import Machine


@pytest.mark.parametrize("min_free", ["0", "4MB"])
def test_row_22_disk_full_during_an_import(
    server: Server, machine: Machine, photo_bytes: list[bytes], tmp_path: Path, min_free: str
) -> None:
    """SPEC 5.6: it pauses with a clear row, nothing is damaged, it goes on when there is room."""
    disk = machine.tmpfs("small", "size=24m,mode=755")
    server.shell.library = disk / "library"
    photos = tmp_path / "photos"
    for number in range(150):
        put(photos / f"{number % 7}" / f"{number}.jpg", photo_bytes[number % 20], unique=number)
    before = snapshot(photos)
    stone = disk / "stone"
    stone.write_bytes(bytes(21 << 20))
    server.shell.environ["PS_MIN_FREE_SPACE"] = min_free
    server.start("--scan", photos)
    server.until(lambda: "waits" in str(server.check("watchers").get("summary")), "it pauses")
    row = server.check("watchers")
    assert row["status"] == "warn"
    assert server.stats()["pending"] > 0 or server.stats()["files"] < 150
    assert server.client.get("/ping").status_code == 200
    server.get("/assets")
    stone.unlink()
    server.until(lambda: server.stats()["assets"] == 150 and server.is_idle(), "it goes on")
    assert server.stats()["failed"] == 0
    server.stop()
    assert server.query("PRAGMA integrity_check") == [("ok",)]
    assert list(server.support.rglob("*.partial")) == []
    assert snapshot(photos) == before


def test_row_31_a_root_that_is_unmounted_while_running_and_at_the_start(
    server: Server, machine: Machine, photo_bytes: list[bytes]
) -> None:
    """SPEC 4.3: nothing is missing, and nothing is decoded again when the disk is back."""
    disk = machine.loop("disk", "ext4")
    for number in range(8):
        put(disk / "photos" / f"{number}.jpg", photo_bytes[number])
    image = machine.folder / "disk.img"
    server.start("--scan", disk / "photos")
    server.until(lambda: server.stats()["assets"] == 8 and server.is_idle())
    assert (disk / UUID_FILE).is_file()
    ready = server.query("SELECT id, probe_version, asset_id FROM file ORDER BY id")
    versions = server.query("SELECT id, revision FROM asset ORDER BY id")

    machine._unmount(disk)
    server.post("/sync")
    server.until(lambda: server.stats()["roots"][0]["state"] == "unavailable")
    assert server.stats()["missing"] == 0
    assert server.stats()["assets"] == 8
    server.stop()
    server.start("--scan", disk / "photos")
    server.until(lambda: server.stats()["roots"][0]["state"] == "unavailable")
    assert server.stats()["assets"] == 8

    machine._do("mount", "-o", "loop", image, disk)
    server.post("/sync")
    server.until(lambda: server.stats()["roots"][0]["state"] == "ok" and server.is_idle())
    assert server.query("SELECT id, probe_version, asset_id FROM file ORDER BY id") == ready
    assert server.query("SELECT id, revision FROM asset ORDER BY id") == versions
    (report,) = server.get("/reports")["reports"]
    assert report["counts"] == {"imported": 8}


def test_row_36_files_that_change_behind_a_fuse_mount(
    server: Server, machine: Machine, photo_bytes: list[bytes]
) -> None:
    """SPEC 5.5: no event tells of them, the periodic scan finds them."""
    lower = machine.folder / "lower"
    put(lower / "a.jpg", photo_bytes[0])
    mount = machine.fuse("mount", "bindfs", lower)
    server.shell.environ["PS_POLL_INTERVAL"] = "1s"
    server.start("--scan", mount)
    server.until(lambda: server.stats()["assets"] == 1)
    assert "not reported" in server.check("watchers")["summary"]
    put(lower / "b.jpg", photo_bytes[1])
    (lower / "a.jpg").rename(lower / "c.jpg")
    # The mount may name the old file for a moment yet: the asset is one in any case.
    server.until(lambda: server.files() == {f"{mount}/b.jpg", f"{mount}/c.jpg"})
    assert server.stats()["assets"] == 2
    server.stop()


def test_row_28_a_library_on_a_network_disk(
    server: Server, machine: Machine, photo_bytes: list[bytes], tmp_path: Path
) -> None:
    """SPEC 4.5: the database works in the cache, and is in the library after a stop or a kill."""
    lower = machine.folder / "lower"
    lower.mkdir()
    server.shell.library = machine.fuse("share", "bindfs", lower) / "library"
    photos = tmp_path / "photos"
    for number in range(5):
        put(photos / f"{number}.jpg", photo_bytes[number])
    server.start("--scan", photos)
    server.until(lambda: server.stats()["assets"] == 5 and server.is_idle())
    assert str(server.shell.environ["XDG_CACHE_HOME"]) in server.check("working-copy")["summary"]
    assert not (server.support / "photostore.db-wal").exists()
    server.stop()
    assert server.query("SELECT count(*) FROM asset") == [(5,)]
    assert server.query("PRAGMA integrity_check") == [("ok",)]
    put(photos / "5.jpg", photo_bytes[5])
    server.start("--scan", photos)
    server.until(lambda: server.stats()["assets"] == 6 and server.is_idle())
    server.kill()
    server.start("--scan", photos)
    assert server.stats()["assets"] == 6
    server.stop()
    assert server.query("SELECT count(*) FROM asset") == [(6,)]
    assert os.listdir(lower) == ["library"]
