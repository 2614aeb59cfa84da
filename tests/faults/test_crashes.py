"""Kills, damage and backups in the middle of work: rows 11, 23, 29 and 50, and issue 4."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest
import pyvips

from photostore.store.copies import check_copy
from photostore.store.migrate import known_migrations
from tests.commands.conftest import Shell, snapshot
from tests.faults.conftest import Server, children_of, put, resident_mb
from tests.samples import make_photo

KILLS = 30
FILES = 60


@pytest.fixture(scope="module")
def sixty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 photos in 6 folders, and one that is cut off."""
    top = tmp_path_factory.mktemp("sixty")
    for number in range(FILES - 1):
        make_photo(top / f"{number % 6}" / f"{number:02}.jpg", seed=number, size=(1600, 1200))
    data = (top / "0" / "00.jpg").read_bytes()
    put(top / "cut.jpg", data[:900])
    for path in top.rglob("*.jpg"):
        os.utime(path, (1_600_000_000, 1_600_000_000))
    return top


def outcome(server: Server) -> dict[str, object]:
    """What a library has come to, without ids and times."""
    assert server.query("PRAGMA integrity_check") == [("ok",)]
    assert server.query("PRAGMA foreign_key_check") == []
    files = server.query(
        """SELECT file.name, file.state, hex(file.sha1), file.width, hex(file.thumbhash),
             file.gone_at, asset.shelf, asset.captured_ms FROM file
           LEFT JOIN asset ON asset.id = file.asset_id ORDER BY file.name"""
    )
    assert len({name for name, *_ in files}) == len(files)
    previews = server.support / "previews"
    found = {path.name: path.stat().st_size for path in previews.rglob("*") if path.is_file()}
    return {"files": files, "previews": found, "assets": server.query("SELECT count(*) FROM asset")}


@pytest.fixture(scope="module")
def undisturbed(sixty: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    server = Server(tmp_path_factory.mktemp("undisturbed"))
    server.shell.sync("--no-filter", sixty)
    return outcome(server)


def kill_somewhere(server: Server, process: subprocess.Popen[str], rng: random.Random) -> int:
    """Kill an import at a random moment: while it opens, walks, reads, or so many files are done.

    Returns how many files are done. One that is done with all of them cannot be disturbed: then
    the library is deleted, and the next import begins anew.
    """
    wanted = rng.choice((-1, 0, *range(1, FILES, 4)))
    end = time.monotonic() + 20
    while done(server) < wanted and process.poll() is None and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(rng.uniform(0, 0.3))
    process.kill()
    process.communicate()
    reached = done(server)
    if reached >= FILES - 1:
        shutil.rmtree(server.library)
    return reached


def done(server: Server) -> int:
    """How many files are imported; -1 while there is no database."""
    if not (server.support / "photostore.db").exists():
        return -1
    try:
        return server.query("SELECT count(*) FROM file WHERE state = 'ready'")[0][0]
    except sqlite3.OperationalError:
        return -1  # it is being made


@pytest.mark.timeout(900)
def test_row_23_sync_killed_at_30_moments(
    server: Server, sixty: Path, undisturbed: dict[str, object]
) -> None:
    """No result is lost, none is there twice, nothing temporary stays (SPEC 5.4)."""
    before, rng = snapshot(sixty), random.Random(20_260_501)
    command = ("sync", "--no-filter", "--library", server.library, sixty)
    reached = [kill_somewhere(server, server.shell.start(*command), rng) for _ in range(KILLS)]
    print("files done at each kill:", reached)
    assert any(0 < count < FILES - 1 for count in reached)
    server.shell.sync("--no-filter", sixty)
    assert outcome(server) == undisturbed
    assert snapshot(sixty) == before


@pytest.mark.timeout(900)
def test_row_23_serve_killed_at_30_moments(
    server: Server, sixty: Path, undisturbed: dict[str, object]
) -> None:
    rng = random.Random(20_260_502)
    command = ("serve", "--no-filter", "--library", server.library, "--port", "0", "--scan", sixty)
    reached = [kill_somewhere(server, server.shell.start(*command), rng) for _ in range(KILLS)]
    print("files done at each kill:", reached)
    assert any(0 < count < FILES - 1 for count in reached)
    server.start("--scan", sixty)
    server.until(lambda: server.stats()["assets"] == FILES - 1 and server.is_idle())
    server.stop()
    assert outcome(server) == undisturbed


@pytest.mark.timeout(600)
def test_row_11_a_decode_child_that_is_killed(server: Server, tmp_path: Path) -> None:
    """The server lives, the file is set aside with its reason, the others go on."""
    photos = tmp_path / "photos"
    big = make_photo(photos / "big.jpg", size=(640, 480))
    # A header that promises so much that a child looks at it, and long enough to be caught.

    grey = pyvips.Image.xyz(6000, 6000).extract_band(0).cast("uchar")
    grey.bandjoin([grey, grey]).write_to_file(
        str(photos / "slow.png"), interlace=True, compression=1
    )
    for path in (big, photos / "slow.png"):
        os.utime(path, (1_600_000_000, 1_600_000_000))
    server.start("--scan", photos)
    assert server.process

    def kill_child() -> bool:
        # In the middle of the picture, which takes more than that.
        found = [pid for pid in children_of(server.process.pid) if resident_mb(pid) > 110]
        for pid in found:
            os.kill(pid, signal.SIGSEGV)
        return bool(found)

    server.until(kill_child)
    server.until(lambda: server.stats()["failed"] == 1 and server.stats()["assets"] == 1)
    (problem,) = server.get("/problems")["problems"]
    assert (problem["name"], problem["stage"]) == ("slow.png", "crash")
    assert "SIGSEGV" in problem["reason"]
    for _ in range(2):
        server.stop()
        server.start("--scan", photos)
        time.sleep(1)
    assert server.get("/problems")["problems"][0]["attempts"] == 1, "it is not tried again"
    server.post("/problems/retry", {"file_ids": [problem["file_id"]]})
    server.until(lambda: server.stats()["assets"] == 2)
    assert "seccomp" in server.check("decoder")["summary"]


@pytest.mark.timeout(600)
def test_row_29_a_damaged_database_while_stopped(
    server: Server, tmp_path: Path, photo_bytes: list[bytes]
) -> None:
    """The start says so, restores the last backup, and scans anew; originals are untouched."""
    photos = tmp_path / "photos"
    for number in range(10):
        put(photos / f"{number}.jpg", photo_bytes[number])
    server.shell.sync("--no-filter", photos)
    server.shell.run("backup", "--library", server.library)
    for number in range(10, 20):
        put(photos / f"{number}.jpg", photo_bytes[number])
    server.shell.sync("--no-filter", photos)
    before = snapshot(photos)
    database = server.support / "photostore.db"
    data = bytearray(database.read_bytes())
    data[40_960:45_056] = os.urandom(4096)
    database.write_bytes(data)
    server.start("--scan", photos)
    server.until(lambda: server.stats()["assets"] == 20 and server.is_idle())
    row = server.check("database")
    assert row["status"] == "warn"
    assert "damaged" in row["summary"]
    (kept,) = server.support.glob("photostore-damaged-*.db")
    assert kept.read_bytes() == bytes(data)
    server.stop()
    assert server.query("PRAGMA integrity_check") == [("ok",)]
    assert snapshot(photos) == before
    assert (server.support / "closed.json").is_file()
    server.start("--scan", photos)
    assert server.check("database")["status"] == "ok"


@pytest.mark.timeout(600)
def test_row_50_a_backup_while_importing(server: Server, sixty: Path, tmp_path: Path) -> None:
    """It opens, is sound, and a second server works on it."""
    server.start("--scan", sixty)
    server.until(lambda: server.stats()["assets"] > 5)
    done = server.shell.json("backup", "--json", "--library", server.library)
    backup = Path(done["backup"])
    check_copy(backup, known_migrations())
    server.until(lambda: server.stats()["assets"] == FILES - 1 and server.is_idle())
    home = tmp_path / "second"
    home.mkdir()
    second = Server(home)
    try:
        second.shell.run("restore", backup, "--library", second.library)
        held = second.query("SELECT count(*) FROM asset")[0][0]
        assert 0 < held <= FILES - 1
        second.start("--scan", sixty)
        second.until(lambda: second.stats()["assets"] == FILES - 1 and second.is_idle())
        second.stop()
    finally:
        second.close()


def test_a_disk_that_is_read_only_is_imported(tmp_path: Path, photo_bytes: list[bytes]) -> None:
    """Nothing is ever written beside originals by an import."""
    photos = tmp_path / "photos"
    put(photos / "a.jpg", photo_bytes[0])
    before = snapshot(photos)
    photos.chmod(0o555)
    home = tmp_path / "home"
    home.mkdir()
    assert Shell(home).sync("--no-filter", photos)["imported"] == 1
    photos.chmod(0o755)
    assert snapshot(photos) == before
