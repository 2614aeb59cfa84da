"""What a watch may miss, and what a system may refuse it: rows 32 to 35 and 37 (SPEC 5.5)."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.faults.conftest import Server, put

# Scaled down; the whole of it is in tests/perf/test_import.py.
MANY_FILES, MANY_FOLDERS = 2_000, 100


def paths_in(folder: Path) -> set[str]:
    return {str(path) for path in folder.rglob("*.jpg")}


def known(server: Server) -> list[str]:
    rows = server.query(
        """SELECT volume.mount_path || folder.path || '/' || file.name FROM file
           JOIN folder ON folder.id = folder_id JOIN volume ON volume.id = volume_id
           WHERE gone_at IS NULL"""
    )
    return [row[0].decode() if isinstance(row[0], bytes) else row[0] for row in rows]


def drop(top: Path, data: bytes, files: int, folders: int) -> None:
    """Files of one content and many names, as links, so that the disk is not what is measured."""
    source = put(top.parent / "source.bin", data)
    for folder in range(folders):
        path = top / f"{folder // 10}" / f"{folder}"
        path.mkdir(parents=True)
        for number in range(files // folders):
            shutil.copyfile(source, path / f"{number}.jpg")


def test_many_files_in_many_folders_dropped_under_a_watch(
    server: Server, tmp_path: Path, photo_bytes: list[bytes]
) -> None:
    """All are found, none twice, and the server answers all the while."""
    photos = tmp_path / "photos"
    put(photos / "a.jpg", photo_bytes[0])
    server.start("--scan", photos)
    server.until(lambda: server.stats()["assets"] == 1)
    server.post("/sync/pause")
    longest = 0.0
    drop(photos / "burst", photo_bytes[1], MANY_FILES, MANY_FOLDERS)

    def all_there() -> bool:
        nonlocal longest
        began = time.monotonic()
        server.client.get("/ping")
        longest = max(longest, time.monotonic() - began)
        return server.stats()["files"] + server.stats()["pending"] >= MANY_FILES + 1

    server.until(all_there)
    found = known(server)
    assert len(found) == len(set(found)) == MANY_FILES + 1
    assert set(found) == {path.lstrip("/") for path in paths_in(photos)} or set(found) == paths_in(
        photos
    )
    # Other processes are at work too: this is no figure, only a guard against a loop that hangs.
    assert longest < 10, longest
    server.stop()


def test_row_32_a_tree_that_is_changed_at_random(
    server: Server, tmp_path: Path, photo_bytes: list[bytes]
) -> None:
    """New, renamed, moved, deleted, again and again: in the end all is as on the disk."""
    photos = tmp_path / "photos"
    rng = random.Random(5)
    for number in range(20):
        put(photos / f"d{number % 4}" / f"{number}.jpg", photo_bytes[number])
    server.start("--scan", photos)
    server.until(lambda: server.stats()["assets"] == 20 and server.is_idle())
    ids = dict(server.query("SELECT name, asset_id FROM file"))
    for turn in range(120):
        files = sorted(photos.rglob("*.jpg"))
        folders = sorted(path for path in photos.rglob("*") if path.is_dir())
        one, other = rng.choice(files), rng.choice(folders)
        match rng.randrange(4):
            case 0:
                one.rename(other / one.name)
            case 1:
                other.rename(other.with_name(f"{other.name[:8]}-{turn}"))
            case 2:
                put(photos / f"n{turn}" / "deep" / f"x{turn}.jpg", photo_bytes[0], unique=turn)
            case 3:
                (other / f"sub{turn}").mkdir()
        time.sleep(rng.choice((0, 0, 0, 0.05)))
    server.until(
        lambda: server.files() == paths_in(photos) and server.is_idle(), "all as on the disk"
    )
    # A move is no new asset (SPEC 4.4).
    now = dict(server.query("SELECT name, asset_id FROM file"))
    assert {name: now[name] for name in ids} == ids
    server.stop()


def test_row_33_a_watcher_queue_that_overflows(
    server: Server, tmp_path: Path, photo_bytes: list[bytes]
) -> None:
    """The process is stopped while more happens than the kernel remembers."""
    limit = Path("/proc/sys/fs/inotify/max_queued_events")
    if os.geteuid() != 0 or not os.access(limit, os.W_OK):
        pytest.skip("only root can make the queue short")
    before = limit.read_text()
    photos = tmp_path / "photos"
    for number in range(9):
        put(photos / f"{number}" / "a.jpg", photo_bytes[0], unique=-number)
    limit.write_text("64")
    try:
        server.start("--scan", photos)
        # The limit counts at the moment when the watch is made.
        server.until(lambda: server.check("watchers").get("status") == "ok")
        server.until(lambda: server.stats()["assets"] == 9 and server.is_idle())
    finally:
        limit.write_text(before)
    assert server.process
    server.process.send_signal(signal.SIGSTOP)
    # What the kernel remembers is of the first folder: of the others nothing is told. It is stopped
    # for less than a gap takes that would be noticed by itself.
    for number in range(360):
        put(photos / f"{number // 40}" / f"{number}.jpg", photo_bytes[0], unique=number)
    server.process.send_signal(signal.SIGCONT)
    server.until(lambda: server.files() == paths_in(photos), "healed")
    server.stop()


def test_row_34_a_name_that_is_not_utf_8(
    server: Server, tmp_path: Path, photo_bytes: list[bytes]
) -> None:
    """It is imported, and watching goes on."""
    photos = tmp_path / "photos"
    put(photos / "a.jpg", photo_bytes[0])
    server.start("--scan", photos)
    server.until(lambda: server.stats()["assets"] == 1)
    with open(os.path.join(os.fsencode(photos), b"caf\xe9 \xff.jpg"), "wb") as file:
        file.write(photo_bytes[1])
    server.until(lambda: server.stats()["assets"] == 2)
    put(photos / "later.jpg", photo_bytes[2])
    server.until(lambda: server.stats()["assets"] == 3)
    server.until(lambda: server.check("watchers")["status"] == "ok")
    server.stop()


def test_row_35_the_limit_of_watches(
    server: Server, tmp_path: Path, photo_bytes: list[bytes]
) -> None:
    """SPEC 5.5: it polls, says so with the sysctl, and the log does not grow."""
    shell = ("unshare", "-Ur", "sh", "-c")
    limit = "echo 5 > /proc/sys/user/max_inotify_watches"
    if subprocess.run([*shell, limit], check=False, capture_output=True).returncode:
        pytest.skip("no user namespaces here")
    photos = tmp_path / "photos"
    for number in range(20):
        put(photos / f"{number}" / f"{number}.jpg", photo_bytes[number])
    command = (
        f"{limit}; exec {sys.executable} -m photostore serve --no-filter --port 0 "
        f"--library {server.library} --scan {photos}"
    )
    server.shell.environ["PS_POLL_INTERVAL"] = "2s"
    process = subprocess.Popen(
        [*shell, command], env=server.shell.environ, stdout=subprocess.PIPE, text=True
    )
    line = next(line for line in process.stdout if "http://" in line)
    server.client.base_url = httpx.URL(line.split()[-1].replace("localhost", "127.0.0.1"))
    server.until(lambda: server.stats()["assets"] == 20 and server.is_idle())
    row = server.check("watchers")
    assert row["status"] == "warn"
    assert "fs.inotify.max_user_watches" in row["summary"] + (row["remedy"] or "")
    put(photos / "3" / "new.jpg", photo_bytes[0], unique="new")
    server.until(lambda: server.stats()["files"] == 21, "found by a scan")
    logs = server.support / "logs"
    before = sum(path.stat().st_size for path in logs.iterdir())
    time.sleep(8)
    after = sum(path.stat().st_size for path in logs.iterdir())
    assert after - before < 300, "one line at most"
    process.terminate()
    process.communicate()
    assert process.returncode == 0


def test_row_37_a_slow_copy_is_imported_once_and_whole(
    server: Server, tmp_path: Path, photo_bytes: list[bytes]
) -> None:
    photos = tmp_path / "photos"
    put(photos / "a.jpg", photo_bytes[0])
    server.start("--scan", photos)
    server.until(lambda: server.stats()["assets"] == 1)
    data = photo_bytes[1]
    with (photos / "slow.jpg").open("wb", buffering=0) as file:
        for start in range(0, len(data), len(data) // 8 + 1):
            file.write(data[start : start + len(data) // 8 + 1])
            time.sleep(0.9)
    server.until(lambda: server.stats()["assets"] == 2 and server.is_idle())
    (report,) = server.get("/reports")["reports"]
    rows = server.get(f"/reports/{report['name']}", q="slow.jpg")["rows"]
    assert [row["state"] for row in rows] == ["imported"]
    asset = next(
        one for one in server.get("/assets")["assets"] if "slow.jpg" in one["files"][0]["path"]
    )
    assert asset["files"][0]["size"] == len(data)
    assert asset["notes"] == []
    server.stop()
