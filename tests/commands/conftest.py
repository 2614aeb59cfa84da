"""The command line as a person has it: a process of its own, with folders of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.samples import make_photo, make_video

TOP = Path(__file__).parents[2]
ADDRESS = re.compile(r"http://localhost:(\d+)/")


class Shell:
    """Runs `photostore` in a home of its own."""

    def __init__(self, home: Path) -> None:
        self.library = home / "library"
        self.environ = {
            name: value for name, value in os.environ.items() if not name.startswith("PS_")
        } | {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("DATA", "CACHE", "CONFIG")}
        self.environ |= {"PYTHONPATH": str(TOP), "PYTHONUNBUFFERED": "1", "HOME": str(home)}
        self._started: list[subprocess.Popen[str]] = []

    def run(
        self, *args: str | bytes | Path, code: int = 0, timeout_s: float = 100, **environ: str
    ) -> subprocess.CompletedProcess[str]:
        """Run to the end and check the exit code."""
        done = subprocess.run(
            [sys.executable, "-m", "photostore", *args],
            env=self.environ | environ,
            capture_output=True,
            text=True,
            errors="surrogateescape",
            timeout=timeout_s,
            check=False,
        )
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        return done

    def json(self, *args: str | bytes | Path, code: int = 0) -> object:
        """Run to the end and read all of stdout as JSON."""
        return json.loads(self.run(*args, code=code).stdout)

    def start(self, *args: str | Path) -> subprocess.Popen[str]:
        """Start a process that the fixture ends if the test does not."""
        process = subprocess.Popen(
            [sys.executable, "-m", "photostore", *args],
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._started.append(process)
        return process

    def serve(self, *args: str | Path) -> tuple[subprocess.Popen[str], int]:
        """Start a server on a free port; returns it when it listens, with its port."""
        process = self.start("serve", "--library", self.library, "--port", "0", *args)
        assert process.stdout is not None
        for line in process.stdout:
            found = ADDRESS.search(line)
            if found:
                return process, int(found[1])
        raise AssertionError(process.communicate())

    def sync(self, *args: str | Path, code: int = 0) -> dict[str, int]:
        """Sync the library as JSON and return the object of the last line."""
        done = self.run("sync", "--json", "--library", self.library, *args, code=code)
        return json.loads(done.stdout.splitlines()[-1])

    def end_all(self) -> None:
        """End what still runs."""
        for process in self._started:
            process.kill()
            process.communicate()


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    home = tmp_path / "home"
    home.mkdir()
    shell = Shell(home)
    yield shell
    shell.end_all()


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Three photos, a copy of one, a video, a small picture, and a file that is no picture."""
    folder = tmp_path / "photos"
    make_photo(folder / "a.jpg", taken=datetime(2020, 5, 1, 10), seed=1)
    make_photo(folder / "b.jpg", taken=datetime(2021, 5, 1, 10), offset=120, seed=2)
    make_photo(folder / "trip" / "c.jpg", taken=datetime(2022, 5, 1, 10), gps=(1.5, -2.5), seed=3)
    (folder / "copy of a.jpg").write_bytes((folder / "a.jpg").read_bytes())
    make_video(folder / "clip.mp4", taken_utc=datetime(2019, 5, 1, 10), seed=4)
    make_photo(folder / "icon.jpg", size=(64, 64), seed=5)
    (folder / "broken.jpg").write_bytes(b"no picture at all " * 1000)
    age(folder)
    return folder


def age(folder: Path) -> None:
    """Make files old enough not to be taken for some that are still being copied."""
    for path in folder.rglob("*.*"):
        os.utime(path, (1_600_000_000, 1_600_000_000.5))


def snapshot(folder: Path) -> dict[bytes, tuple[object, ...]]:
    """Names, contents, times and rights of all below a folder."""
    found: dict[bytes, tuple[object, ...]] = {}
    for parent, folders, files in os.walk(os.fsencode(folder)):
        for name in [*folders, *files]:
            path = os.path.join(parent, name)
            state = os.lstat(path)
            content = Path(os.fsdecode(path)).read_bytes() if name in files else b""
            found[path] = (state.st_mode, state.st_mtime_ns, state.st_ino, content)
    return found
