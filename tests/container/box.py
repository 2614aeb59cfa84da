"""Containers as the tests see them: started with runc, without a network, asked from outside.

Each has a network of its own with nothing in it but its loopback, so ports never clash and no other
machine is reached. Questions are asked through a connection made inside that network by a thread.
"""

from __future__ import annotations

import ctypes
import http.client
import json
import os
import secrets
import socket
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

LIMITS = ("--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024")
RUN = ("podman", "--runtime=runc", "run", *LIMITS)
START_LIMIT_S = 60  # other work may keep the machine busy
ASK_LIMIT_S = 10
CLONE_NEWNET = 0x40000000  # linux/sched.h


@dataclass(frozen=True, slots=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str


def call(*command: str, timeout_s: float = 60) -> Done:
    """Run a command to its end. podman's own trouble with a missing systemd is left out."""
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        timeout=timeout_s,
        check=False,
    )
    err = [line for line in done.stderr.splitlines() if "systemd connection" not in line]
    return Done(done.returncode, done.stdout, "\n".join(err))


@dataclass
class Box:
    """A container that runs."""

    name: str
    port: int = 1787

    @property
    def pid(self) -> int:
        """Number of its first process, as the host sees it."""
        return int(self.inspect("{{.State.Pid}}"))

    @property
    def server_pid(self) -> int:
        """Number of the first process's child, as the host sees it."""
        first = self.pid
        return int(Path(f"/proc/{first}/task/{first}/children").read_text().split()[0])

    @property
    def log(self) -> str:
        """What it has said, on stdout and stderr."""
        done = call("podman", "logs", self.name)
        return done.out + done.err

    def inspect(self, form: str) -> str:
        """What podman knows about it."""
        return call("podman", "inspect", "--format", form, self.name).out.strip()

    def execute(self, *command: str) -> Done:
        """Run a command in it, as `docker exec` does: as root, unless it was started as another."""
        return call("podman", "exec", self.name, *command)

    def status(self, pid: int) -> dict[str, str]:
        """/proc/PID/status of a process of the host."""
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}

    def ask(self, path: str, accept: str = "*/*", form: str = "") -> tuple[int, str]:
        """Status and body of what its server answers; (0, reason) if there is no answer.

        A `form`, as a browser encodes it, is posted.
        """
        headers = {"Host": f"127.0.0.1:{self.port}", "Accept": accept}
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self.port)) as asked:
                asked.sock = self.connect(self.port)
                asked.request("POST" if form else "GET", path, form or None, headers)
                with asked.getresponse() as answer:
                    return answer.status, answer.read().decode(errors="surrogateescape")
        except (OSError, http.client.HTTPException) as error:
            return 0, str(error)

    def connect(self, port: int) -> socket.socket:
        """A connection to a port of its loopback, made inside its network. Raises OSError."""
        # A socket stays in the network it was made in; the thread is thrown away.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(_connect_inside, self.pid, port).result()

    def json(self, path: str) -> dict:
        """A JSON answer."""
        status, body = self.ask(path)
        assert status == 200, (status, body, self.log)
        return json.loads(body)

    def wait_ready(self, limit_s: float = START_LIMIT_S) -> None:
        """Return when it answers /ping."""
        limit = time.monotonic() + limit_s
        while self.ask("/ping") != (200, "pong"):
            assert time.monotonic() < limit, self.log
            assert self.inspect("{{.State.Running}}") == "true", self.log
            time.sleep(0.1)

    def wait_imported(self, files: int, limit_s: float = 60) -> dict:
        """Return the statistics when nothing is left to import and this many files are known."""
        limit = time.monotonic() + limit_s
        while True:
            stats = self.json("/api/v1/stats")
            idle = not stats["syncing"] and not stats["pending"]
            if idle and stats["files"] >= files:
                return stats
            assert time.monotonic() < limit, (stats, self.log)
            time.sleep(0.3)

    def stop(self) -> tuple[int, float]:
        """Ask it to end, as `docker stop` does; its exit code and the seconds it took."""
        begun = time.monotonic()
        call("podman", "stop", "--time=10", self.name)
        return int(self.inspect("{{.State.ExitCode}}")), time.monotonic() - begun


def _connect_inside(pid: int, port: int) -> socket.socket:
    try:
        with open(f"/proc/{pid}/ns/net", "rb") as network:
            if ctypes.CDLL(None, use_errno=True).setns(network.fileno(), CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "this network cannot be entered")
    except FileNotFoundError:
        raise ConnectionRefusedError("the container does not run") from None
    return socket.create_connection(("127.0.0.1", port), ASK_LIMIT_S)


@dataclass
class Boxes:
    """Runs containers of an image, and removes them."""

    image: str
    started: list[str] = field(default_factory=list)

    def run(self, *options: str, command: Sequence[str] = (), timeout_s: float = 60) -> Done:
        """Run one to its end."""
        whole = (*RUN, "--rm", "--network=none", *options, self.image, *command)
        return call(*whole, timeout_s=timeout_s)

    def start(self, *options: str, command: Sequence[str] = (), port: int = 1787) -> Box:
        """Start one, and return without waiting for its server."""
        name = f"photostore-test-{secrets.token_hex(6)}"
        self.started.append(name)
        network = () if any(each.startswith("--network") for each in options) else ("none",)
        named = (*(f"--network={each}" for each in network), f"--name={name}")
        done = call(*RUN, "--detach", *named, *options, self.image, *command)
        assert done.code == 0, done.err
        return Box(name, port)

    def serve(self, *options: str, command: Sequence[str] = (), port: int = 1787) -> Box:
        """Start one that everyone may look at, and wait for its server."""
        box = self.start("--env=PS_AUTH=none", *options, command=command, port=port)
        box.wait_ready()
        return box

    def remove_all(self) -> None:
        """Remove what still is; the last first, for it may use the network of an earlier one."""
        for name in reversed(self.started):
            call("podman", "rm", "--force", "--time=0", "--volumes", name)


def snapshot(folder: Path) -> dict[str, tuple[int, ...]]:
    """Owner, rights, size, times and number of all below a folder, and of itself.

    A change of owner, even to the same one, shows in the time of the last change.
    """
    found = {}
    for parent, folders, files in os.walk(folder):
        for name in [".", *folders, *files]:
            path = os.path.join(parent, name)
            state = os.lstat(path)
            found[path] = (
                *(state.st_uid, state.st_gid, state.st_mode, state.st_size),
                *(state.st_mtime_ns, state.st_ctime_ns, state.st_ino),
            )
    return found


def owners(folder: Path) -> set[tuple[int, int]]:
    """The owners of a folder and of all below it."""
    return {(state[0], state[1]) for state in snapshot(folder).values()}
