"""A real server that a test maltreats, and real disks to do it with."""

from __future__ import annotations

import hashlib
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.commands.conftest import Shell
from tests.library.trash.machine import Machine
from tests.samples import make_photo

DEADLINE_S = 60


class Server:
    """`photostore serve` on a library of its own."""

    def __init__(self, home: Path) -> None:
        self.shell = Shell(home)
        self.process: subprocess.Popen[str] | None = None
        self.client = httpx.Client(timeout=20)

    @property
    def library(self) -> Path:
        return self.shell.library

    @property
    def support(self) -> Path:
        return self.library / ".photostore"

    def start(self, *args: str | Path) -> None:
        self.process, port = self.shell.serve("--no-filter", *args)
        self.client.base_url = httpx.URL(f"http://127.0.0.1:{port}")
        self.until(self.is_open)

    def is_open(self) -> bool:
        return self.client.get("/api/v1/stats").status_code == 200

    def kill(self, number: int = signal.SIGKILL) -> None:
        assert self.process
        self.process.send_signal(number)
        self.process.communicate()

    def stop(self) -> None:
        """An orderly stop; the exit code has to be 0."""
        assert self.process
        self.process.terminate()
        said = self.process.communicate(timeout=15)
        assert self.process.returncode == 0, said

    def close(self) -> None:
        self.client.close()
        self.shell.end_all()

    def get(self, path: str, **parameters: object) -> Any:
        answer = self.client.get(f"/api/v1{path}", params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: object = None) -> Any:
        answer = self.client.post(f"/api/v1{path}", json=body or {})
        assert answer.status_code < 300, answer.text
        return answer.json()

    def stats(self) -> dict[str, Any]:
        return self.get("/stats")

    def check(self, name: str) -> dict[str, Any]:
        """The row of the health page of this id."""
        checks = self.get("/health")["checks"]
        return next((one for one in checks if one["id"] == name), {})

    def files(self) -> set[str]:
        """Paths of all files of all assets on the timeline, without those that are missing."""
        found: set[str] = set()
        cursor = None
        while True:
            page = self.get("/assets", limit=1000, **({"cursor": cursor} if cursor else {}))
            found |= {
                file["path"]
                for asset in page["assets"]
                for file in asset["files"]
                if file["state"] != "missing"
            }
            cursor = page["next"]
            if not cursor:
                return found

    def contents(self) -> dict[str, str]:
        """The SHA-1 of each file that is imported and not missing, by its path."""
        found = {}
        for path, name, sha1 in self.query(
            """SELECT volume.mount_path || folder.path, file.name, lower(hex(file.sha1)) FROM file
               JOIN folder ON folder.id = folder_id JOIN volume ON volume.id = volume_id
               WHERE gone_at IS NULL AND state = 'ready' AND probe_version > 0"""
        ):
            folder = path if isinstance(path, str) else os.fsdecode(path)
            found[f"/{folder.lstrip('/')}/{os.fsdecode(name)}"] = sha1
        return found

    def is_idle(self) -> bool:
        stats = self.stats()
        return stats["pending"] == 0 and stats["sync"]["state"] == "idle"

    def until(
        self, holds: Callable[[], object], what: str = "", deadline_s: float = DEADLINE_S
    ) -> None:
        """Wait until something holds; a server that does not answer yet is waited for."""
        end = time.monotonic() + deadline_s
        while True:
            try:
                if holds():
                    return
            except httpx.TransportError:
                pass
            assert time.monotonic() < end, (what or holds, self.describe())
            assert self.process is None or self.process.poll() is None, "the server is gone"
            time.sleep(0.05)

    def describe(self) -> list[str]:
        """What the server says of itself, for a test that fails."""
        try:
            answers = [self.client.get(f"/api/v1{path}") for path in ("/stats", "/health")]
        except httpx.TransportError as error:
            return [repr(error)]
        return [answer.text for answer in answers]

    def memory_mb(self) -> float:
        """Resident memory of the server and its children."""
        assert self.process
        pids = [self.process.pid, *children_of(self.process.pid)]
        return sum(map(resident_mb, pids))

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.support / "photostore.db")) as connection:
            return connection.execute(sql).fetchall()


def sha1_of(path: Path) -> str:
    return hashlib.sha1(path.read_bytes(), usedforsecurity=False).hexdigest()


def children_of(pid: int) -> list[int]:
    """Processes that any of its threads has started."""
    try:
        lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return []
    return [int(one) for text in lists for one in text.split()]


def resident_mb(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 / 1e6
    except (OSError, IndexError):
        return 0.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    home = tmp_path / "home"
    home.mkdir()
    made = Server(home)
    yield made
    made.close()


@pytest.fixture
def machine() -> Iterator[Machine]:
    if os.geteuid() != 0:
        pytest.skip("only root can mount")
    made = Machine()
    yield made
    made.close()


@pytest.fixture(scope="session")
def photo_bytes(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Some different photos of about 25 kB, to be written many times."""
    folder = tmp_path_factory.mktemp("originals")
    return [make_photo(folder / f"{n}.jpg", seed=n).read_bytes() for n in range(20)]


def put(path: Path, data: bytes, *, unique: object = None) -> Path:
    """Write a file as if long ago; `unique` makes other bytes of the same picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if unique is None else data + f"<!-- {unique} -->".encode())
    os.utime(path, (1_600_000_000, 1_600_000_000))
    return path
