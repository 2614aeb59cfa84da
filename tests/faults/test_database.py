"""Damage that a database meets while it is served (issue 4): the server stays up, and says so."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import sqlite3
import struct
import subprocess
import time
from contextlib import closing
from pathlib import Path

import httpx

from photostore.base.mounts import find_mount, read_mounts
from tests.commands.conftest import snapshot
from tests.faults.conftest import Server, put
from tests.library.trash.machine import Machine

EXT4_IOC_SHUTDOWN = 0x8004587D
PHOTOS = 6


def stocked(server: Server, folder: Path, photo_bytes: list[bytes]) -> Path:
    """A server that has imported some photos, with a backup of them."""
    for number in range(PHOTOS):
        put(folder / f"{number}.jpg", photo_bytes[number])
    server.shell.environ["PS_MIN_FREE_SPACE"] = "0"
    server.start("--scan", folder)
    server.until(lambda: server.stats()["assets"] == PHOTOS and server.is_idle())
    server.shell.run("backup", "--library", server.library)
    return folder


def rate(server: Server, stars: int) -> str:
    """A person's act that has to survive; returns the asset."""
    asset = server.get("/assets")["assets"][0]["id"]
    answer = edit(server, asset, stars)
    assert answer.status_code == 200, answer.text
    return str(asset)


def edit(server: Server, asset: str, stars: int) -> httpx.Response:
    body = {"ids": [asset], "set": {"rating": stars}}
    return server.client.patch("/api/v1/assets", json=body)


def rating(server: Server, asset: str) -> object:
    return server.get(f"/assets/{asset}")["rating"]


def unmount(disk: Path) -> None:
    """Take a disk away that is in use."""
    subprocess.run(["umount", "--lazy", disk], check=True)


def replug(machine: Machine, disk: Path) -> None:
    """Mount a disk again as another device, as one that was pulled out comes back."""
    if disk.is_mount():
        unmount(disk)
    command = ["losetup", "--find", "--show", machine.folder / f"{disk.name}.img"]
    device = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    try:
        machine._do("mount", device, disk)
    finally:
        # It goes with the last mount of it.
        subprocess.run(["losetup", "--detach", device], check=True)


def notices(server: Server) -> str:
    return str(server.check("database").get("summary"))


def test_pages_that_are_overwritten_while_serving(
    server: Server, tmp_path: Path, photo_bytes: list[bytes]
) -> None:
    """Noticed at the next look, mended from the backup; acts since then come from their copy."""
    photos = stocked(server, tmp_path / "photos", photo_bytes)
    before = snapshot(photos)
    asset = rate(server, 4)
    put(photos / "later.jpg", photo_bytes[PHOTOS])
    server.until(lambda: server.stats()["assets"] == PHOTOS + 1)
    database = server.support / "photostore.db"
    pages = database.stat().st_size // 4096
    with database.open("r+b") as file:
        for page in range(2, pages):
            file.seek(page * 4096)
            file.write(b"\xa5" * 4096)
    (server.support / "photostore.db-wal").write_bytes(b"")
    pid = server.process.pid

    def is_mended() -> bool:
        server.client.get("/api/v1/assets", params={"q": "later"})
        return "was damaged" in notices(server)

    server.until(is_mended, "it is said")
    server.until(lambda: server.stats()["assets"] == PHOTOS + 1 and server.is_idle())
    assert server.process.pid == pid
    assert rating(server, asset) == 4
    assert len(list(server.support.glob("photostore-damaged-*.db"))) == 1
    server.stop()
    assert server.query("PRAGMA integrity_check") == [("ok",)]
    assert {path: one for path, one in snapshot(photos).items() if path in before} == before


def test_a_log_that_is_emptied_while_serving(
    server: Server, tmp_path: Path, photo_bytes: list[bytes]
) -> None:
    """What lay in it cannot be read, which is damage, and no fault of the disk that passes."""
    stocked(server, tmp_path / "photos", photo_bytes)
    asset = rate(server, 4)
    (server.support / "photostore.db-wal").write_bytes(b"")

    def is_mended() -> bool:
        server.client.get("/api/v1/assets", params={"q": "rating:4"})
        server.client.get("/api/v1/journal")
        return "was damaged" in notices(server)

    server.until(is_mended, "it is said")
    server.until(lambda: server.stats()["assets"] == PHOTOS and server.is_idle())
    assert rating(server, asset) == 4
    server.stop()
    assert server.query("PRAGMA integrity_check") == [("ok",)]


def test_an_index_of_words_that_is_damaged(
    server: Server, tmp_path: Path, photo_bytes: list[bytes]
) -> None:
    """No check of the pages sees it. It is made anew, and nothing else is replaced."""
    stocked(server, tmp_path / "photos", photo_bytes)
    asset = rate(server, 4)
    with closing(sqlite3.connect(server.support / "photostore.db")) as connection, connection:
        connection.execute("UPDATE asset_text_data SET block = x'a5a5a5' WHERE id > 10")

    def is_mended() -> bool:
        server.client.get("/api/v1/assets", params={"q": "filename:3"})
        server.client.get("/api/v1/assets", params={"q": f"{time.monotonic_ns()} jpg"})
        return "index of words was damaged" in notices(server)

    server.until(is_mended, "it is said")
    server.until(server.is_idle)
    assert server.get("/assets", q="filename:3.jpg")["total"] == 1
    assert rating(server, asset) == 4
    assert not list(server.support.glob("photostore-damaged-*.db"))
    server.stop()


def test_a_database_that_is_deleted_while_serving(
    server: Server, tmp_path: Path, photo_bytes: list[bytes]
) -> None:
    """What is written after that would be gone with the process: it is put back."""
    stocked(server, tmp_path / "photos", photo_bytes)
    for path in server.support.glob("photostore.db*"):
        path.unlink()
    asset = rate(server, 5)  # into a file that has no name any more
    server.until(lambda: "was deleted while" in notices(server))
    assert rating(server, asset) == 5
    assert server.stats()["assets"] == PHOTOS
    server.stop()
    assert server.query("PRAGMA integrity_check") == [("ok",)]
    assert server.query("SELECT value FROM asset_edit") == [("5",)]
    server.start("--scan", tmp_path / "photos")
    assert server.check("database")["status"] == "ok"


def test_a_database_that_is_deleted_right_before_a_stop(
    server: Server, tmp_path: Path, photo_bytes: list[bytes]
) -> None:
    stocked(server, tmp_path / "photos", photo_bytes)
    (server.support / "photostore.db").unlink()
    asset = rate(server, 3)
    server.stop()
    server.start("--scan", tmp_path / "photos")
    assert rating(server, asset) == 3
    assert "was deleted while" in notices(server)


def test_a_database_that_is_replaced_while_serving(
    server: Server, tmp_path: Path, photo_bytes: list[bytes]
) -> None:
    """The one that is there now is used, and the other kept; acts are done again in it."""
    photos = stocked(server, tmp_path / "photos", photo_bytes)
    (backup,) = (server.support / "backups").glob("*.db")
    put(photos / "later.jpg", photo_bytes[PHOTOS])
    server.until(lambda: server.stats()["assets"] == PHOTOS + 1)
    asset = rate(server, 2)
    shutil.copyfile(backup, tmp_path / "other.db")
    shutil.move(tmp_path / "other.db", server.support / "photostore.db")
    server.until(lambda: "took the place" in notices(server))
    server.until(lambda: server.stats()["assets"] == PHOTOS + 1 and server.is_idle())
    assert rating(server, asset) == 2
    (kept,) = server.support.glob("photostore-superseded-*.db")
    assert kept.stat().st_size > 0
    server.stop()
    assert server.query("PRAGMA integrity_check") == [("ok",)]


def test_the_librarys_disk_is_unmounted_and_comes_back(
    server: Server, machine: Machine, tmp_path: Path, photo_bytes: list[bytes]
) -> None:
    """No new library is made where the disk was; when it is back, all goes on."""
    disk = machine.loop("disk", "ext4")
    server.shell.library = disk / "library"
    stocked(server, tmp_path / "photos", photo_bytes)
    asset = rate(server, 4)
    unmount(disk)
    server.until(lambda: "mounted" in str(server.check("library").get("summary")))
    assert server.check("library")["status"] == "error"
    assert server.client.get("/ping").status_code == 200
    assert server.client.get("/api/v1/assets").status_code == 503
    assert os.listdir(disk) == []
    replug(machine, disk)
    server.until(server.is_open, "it is opened again")
    assert rating(server, asset) == 4
    assert server.stats()["assets"] == PHOTOS
    asset = rate(server, 5)
    put(tmp_path / "photos" / "later.jpg", photo_bytes[PHOTOS])
    server.until(lambda: server.stats()["assets"] == PHOTOS + 1)
    server.stop()
    assert server.query("PRAGMA integrity_check") == [("ok",)]


def test_the_librarys_disk_becomes_read_only_after_an_error(
    server: Server, machine: Machine, tmp_path: Path, photo_bytes: list[bytes]
) -> None:
    """Edits are refused with words, what can be read is shown, and it goes on by itself."""
    disk = machine.loop("disk", "ext4", "errors=remount-ro")
    server.shell.library = disk / "library"
    photos = stocked(server, tmp_path / "photos", photo_bytes)
    asset = rate(server, 4)
    source = find_mount(read_mounts(), disk).source
    Path(f"/sys/fs/ext4/{Path(source).name}/trigger_fs_error").write_text("a test")
    answer = edit(server, asset, 1)
    assert answer.status_code == 503, answer.text
    assert "nothing was changed" in answer.json()["detail"]
    assert rating(server, asset) == 4
    put(photos / "later.jpg", photo_bytes[PHOTOS])
    server.until(lambda: server.check("database")["status"] == "error")
    assert server.stats()["assets"] == PHOTOS
    replug(machine, disk)
    server.until(lambda: edit(server, asset, 1).status_code == 200, "it is opened again")
    server.until(lambda: server.stats()["assets"] == PHOTOS + 1 and server.is_idle())
    server.stop()
    assert server.query("PRAGMA integrity_check") == [("ok",)]


def test_the_librarys_disk_dies(
    server: Server, machine: Machine, tmp_path: Path, photo_bytes: list[bytes]
) -> None:
    """Every access fails: the server answers all the same; mounted anew, nothing is lost."""
    disk = machine.loop("disk", "ext4")
    server.shell.library = disk / "library"
    stocked(server, tmp_path / "photos", photo_bytes)
    asset = rate(server, 4)
    descriptor = os.open(disk, os.O_RDONLY)
    # Without the log, as if the cable was pulled.
    fcntl.ioctl(descriptor, EXT4_IOC_SHUTDOWN, struct.pack("I", 2))
    os.close(descriptor)
    assert edit(server, asset, 1).status_code == 503

    def is_said() -> bool:
        states = {one["id"]: one["status"] for one in server.get("/health")["checks"]}
        return "error" in (states["library"], states.get("database"))

    server.until(is_said)
    assert server.client.get("/ping").status_code == 200
    replug(machine, disk)
    server.until(server.is_open, "it is opened again")
    assert rating(server, asset) == 4, "what was said to be done is done"
    assert server.process
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(15) == 0
