"""Deleting through a real server on a real mount, beside trash-cli and gio (SPEC 9.3)."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from tests.library.trash.disk import HOSTILE, acting_as, tree
from tests.library.trash.machine import PATH, TOOLS, Machine, as_text, is_text
from tests.library.trash.test_mounts import USERS
from tests.samples import make_photo

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
TOP = Path(__file__).resolve().parents[3]
ADDRESS = re.compile(r"(http://localhost:\d+)/")
NAMES = [name for name in HOSTILE if name.endswith(b".jpg") and not name.startswith(b".")]
DEADLINE_S = 90


@pytest.fixture
def machine() -> Iterator[Machine]:
    made = Machine()
    yield made
    made.close()


def fill(folder: Path, uid: int, sample: Path) -> dict[bytes, tuple]:
    """Photos of bad names, each with content of its own."""
    content = sample.read_bytes()
    with acting_as(uid):
        folder.mkdir()
        for number, name in enumerate(NAMES):
            path = os.path.join(os.fsencode(folder), name)
            with open(path, "wb") as file:
                # What comes after the end of a JPEG is not looked at, but makes it another content.
                file.write(content + b"%d %d" % (uid, number))
            os.utime(path, (1_600_000_000 + number, 1_600_000_000 + number))
        return tree(folder)


@contextmanager
def serving(machine: Machine, uid: int, photos: Path) -> Iterator[httpx.Client]:
    """`photostore serve` as a user, once it has imported all photos."""
    home = machine.home(uid)
    names = {"DATA": "data", "CACHE": "cache", "CONFIG": "config"}
    environ = {f"XDG_{name}_HOME": str(home / folder) for name, folder in names.items()}
    environ |= {"PATH": PATH, "HOME": str(home), "PYTHONPATH": str(TOP), "PYTHONUNBUFFERED": "1"}
    user = ("setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups")
    options = ("--library", home / "library", "--scan", photos, "--port", "0", "--no-filter")
    process = subprocess.Popen(
        [*user, sys.executable, "-m", "photostore", "serve", *options, "--settle-time", "200ms"],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = next(filter(None, map(ADDRESS.search, process.stdout)), None)
        assert address is not None
        with httpx.Client(base_url=address[1], timeout=60) as client:
            until(lambda: len(shown(client)) == len(NAMES))
            yield client
    finally:
        process.terminate()
        process.wait(20)
        assert process.stdout is not None
        process.stdout.close()


def shown(client: httpx.Client, q: str = "") -> list[str]:
    answer = client.get("/api/v1/assets", params={"q": q, "limit": 1000})
    return [asset["id"] for asset in answer.json()["assets"]]


def until(holds) -> None:
    end = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.parametrize("kind", ["ext4", "tmpfs"])
def test_two_users_and_the_desktop(machine: Machine, tmp_path: Path, kind: str):
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    top = machine.loop("disk", kind) if kind == "ext4" else machine.tmpfs("disk")
    sample = tmp_path / "sample.jpg"
    make_photo(sample, taken=datetime(2020, 5, 1, 10, 0, 0), seed=1)
    before = {uid: fill(top / f"of {uid}", uid, sample) for uid in USERS}
    for uid in USERS:
        folder = top / f"of {uid}"
        with serving(machine, uid, folder) as client:
            ids = shown(client)
            done = client.post("/api/v1/assets/trash", json={"ids": ids}).json()
            assert (done["trashed"], done["refused"]) == (len(NAMES), [])
            assert tree(folder) == {}
            assert (top / f".Trash-{uid}").stat().st_mode & 0o777 == 0o700
            wanted = {os.path.join(os.fsencode(folder), name) for name in NAMES}
            if kind == "ext4":  # trash-cli and gio pass over the trash of a tmpfs
                said = machine.trash_list(uid)
                assert [path for path in wanted if as_text(path) + b"\n" not in said] == []
                assert set(machine.gio_list(uid)) == wanted
                # What the desktop brings back is back in the library, as the same asset.
                one, other = sorted(filter(is_text, wanted))[:2]
                machine.trash_restore(uid, one)
                machine.trash_restore(uid, other)
                until(lambda: len(shown(client)) == 2)
                assert set(shown(client)) < set(ids)
                # What it trashes is in our trash.
                machine.run_as(uid, "trash-put", one)
                until(lambda: len(shown(client, "in:trash")) == len(NAMES) - 1)
            rest = shown(client, "in:trash")
            back = client.post("/api/v1/assets/restore", json={"ids": rest}).json()
            assert (back["restored"], back["refused"]) == (len(rest), [])
            assert tree(folder) == before[uid]
            assert set(shown(client)) == set(ids)
            if kind == "ext4":
                assert machine.trash_list(uid) == b""


def test_a_read_only_mount_is_refused(machine: Machine, tmp_path: Path):
    """SPEC 9.4: never erased; the page says so before, the act says why."""
    top = machine.tmpfs("disk")
    sample = tmp_path / "sample.jpg"
    make_photo(sample, taken=datetime(2020, 5, 1, 10, 0, 0), seed=1)
    before = fill(top / "photos", 0, sample)
    machine.bind(top, top)
    machine._do("mount", "-o", "remount,bind,ro", top)
    with serving(machine, 0, top / "photos") as client:
        (blocked,) = client.get("/api/v1/trash").json()["blocked"]
        assert "read-only" in blocked["reason"]
        done = client.post("/api/v1/assets/trash", json={"ids": shown(client)}).json()
        assert (done["trashed"], len(done["refused"])) == (0, len(NAMES))
        assert {one["remedy"] for one in done["refused"]} == {
            "mount it writable, or hide the photo instead"
        }
        assert tree(top / "photos") == before
        assert len(shown(client)) == len(NAMES)


def test_a_nested_bind_mount_keeps_its_own_trash(machine: Machine, tmp_path: Path):
    """Nothing is copied between two mounts of one disk: the inode stays the same."""
    outer = machine.tmpfs("outer")
    (outer / "other").mkdir()
    (outer / "photos").mkdir()
    sample = tmp_path / "sample.jpg"
    make_photo(sample, taken=datetime(2020, 5, 1, 10, 0, 0), seed=1)
    fill(outer / "other" / "album", 0, sample)
    inner = machine.bind(outer / "other", outer / "photos" / "inner")
    inodes = {path.stat().st_ino for path in (inner / "album").iterdir()}
    with serving(machine, 0, outer / "photos") as client:
        done = client.post("/api/v1/assets/trash", json={"ids": shown(client)}).json()
        assert done["refused"] == []
    assert {path.stat().st_ino for path in (inner / ".Trash-0" / "files").iterdir()} == inodes
    assert not (outer / ".Trash-0").exists()
