"""The pidfile and stop: SPEC 1.2, 1.4."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from photostore.base import pidfile
from photostore.base.errors import PidfileError
from photostore.base.pidfile import read_start_time, stop_process, write_pidfile

HOLDER = """
import signal, sys, time
from pathlib import Path
from photostore.base.pidfile import write_pidfile
if sys.argv[2] == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
else:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
with write_pidfile(Path(sys.argv[1])):
    print("ready", flush=True)
    time.sleep(60)
"""
Starter = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start() -> Iterator[Starter]:
    running: list[subprocess.Popen[str]] = []

    def run(*args: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", *map(str, args)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        running.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    yield run
    for process in running:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def test_it_holds_the_number_alone_and_goes_at_exit(tmp_path: Path) -> None:
    path = tmp_path / "run" / "photostore" / "photostore.pid"
    with write_pidfile(path) as held:
        assert path.read_text() == f"{os.getpid()}\n"
    assert not path.exists()
    held.remove()


def test_fifty_rounds_leave_no_descriptor_open(tmp_path: Path) -> None:
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(50):
        with write_pidfile(tmp_path / "a.pid"), pytest.raises(PidfileError):
            write_pidfile(tmp_path / "a.pid")
    with pytest.raises(PidfileError):
        stop_process(tmp_path / "a.pid")
    assert len(list(Path("/proc/self/fd").iterdir())) == descriptors


@pytest.mark.parametrize(
    "content",
    [
        "",
        "1\n",
        pytest.param(f"{os.getpid()}\n", id="own"),
        "4194303\n",
        "999999999",
    ],
)
def test_a_stale_one_is_replaced(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.pid"
    path.write_text(content)
    with write_pidfile(path):
        assert path.read_text() == f"{os.getpid()}\n"


def test_a_live_one_is_refused_by_name(tmp_path: Path, start: Starter) -> None:
    path = tmp_path / "a.pid"
    process = start(HOLDER, path, "good")
    with pytest.raises(PidfileError, match=f"process {process.pid} runs and holds it"):
        write_pidfile(path)
    assert path.read_text() == f"{process.pid}\n"


def test_the_file_of_a_killed_process_is_stale(tmp_path: Path, start: Starter) -> None:
    path = tmp_path / "a.pid"
    process = start(HOLDER, path, "good")
    process.kill()
    process.wait()
    with pytest.raises(PidfileError, match="stale"):
        stop_process(path)
    write_pidfile(path).remove()


def test_another_file_given_by_mistake_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"\xff\xd8 precious")
    with pytest.raises(PidfileError, match="not a pidfile"):
        write_pidfile(path)
    with pytest.raises(PidfileError, match="not a pidfile"):
        stop_process(path)
    assert path.read_bytes() == b"\xff\xd8 precious"
    link = tmp_path / "link.pid"
    link.symlink_to(path)
    for act in (write_pidfile, stop_process):
        with pytest.raises(PidfileError, match=r"link\.pid: Too many levels"):
            act(link)


def test_what_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(PidfileError, match="/proc/nothing"):
        write_pidfile(Path("/proc/nothing/a.pid"))
    (tmp_path / "dir.pid").mkdir()
    with pytest.raises(PidfileError, match=r"dir\.pid: Is a directory"):
        write_pidfile(tmp_path / "dir.pid")


def test_a_file_that_took_its_place_is_not_removed(tmp_path: Path) -> None:
    path = tmp_path / "a.pid"
    held = write_pidfile(path)
    path.unlink()
    path.write_text("another")
    held.remove()
    assert path.read_text() == "another"


def test_a_file_removed_between_open_and_lock_is_opened_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.pid"
    lock = pidfile.fcntl.flock

    def remove_then_lock(descriptor: int, how: int) -> None:
        monkeypatch.setattr(pidfile.fcntl, "flock", lock)
        path.unlink()
        lock(descriptor, how)

    monkeypatch.setattr(pidfile.fcntl, "flock", remove_then_lock)
    with write_pidfile(path):
        assert path.read_text() == f"{os.getpid()}\n"


def test_a_file_system_without_locks_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int, how: int) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(pidfile.fcntl, "flock", refuse)
    with pytest.raises(PidfileError, match=r"a\.pid: No locks available"):
        write_pidfile(tmp_path / "a.pid")


def test_stop_returns_after_the_process_is_gone(tmp_path: Path, start: Starter) -> None:
    path = tmp_path / "a.pid"
    process = start(HOLDER, path, "good")
    assert stop_process(path, timeout_s=10) == process.pid
    # It is a zombie until this test, its parent, asks for its exit code.
    assert process.poll() == 0
    assert not path.exists()


def test_stop_says_when_the_process_does_not_go(tmp_path: Path, start: Starter) -> None:
    path = tmp_path / "a.pid"
    process = start(HOLDER, path, "stubborn")
    begin = time.monotonic()
    with pytest.raises(PidfileError, match=f"process {process.pid} still runs 0.2 s"):
        stop_process(path, timeout_s=0.2)
    assert time.monotonic() - begin < 20
    assert process.poll() is None


def test_stop_never_signals_a_process_that_does_not_hold_the_file(
    tmp_path: Path, start: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number left by a crash, another container or a reboot may belong to anyone by now."""
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append((pid, number)))
    bystander = start("import time; print('ready', flush=True); time.sleep(60)")
    stale = tmp_path / "stale.pid"
    stale.write_text(str(bystander.pid))
    holder = start(HOLDER, tmp_path / "held.pid", "good")
    (tmp_path / "held.pid").write_text(str(bystander.pid))
    for path in (stale, tmp_path / "held.pid"):
        with pytest.raises(PidfileError, match="stale"):
            stop_process(path)
    assert sent == []
    # The start time changes between the two looks: the number has passed to another process.
    (tmp_path / "held.pid").write_text(str(holder.pid))
    times = iter([1, 2])
    monkeypatch.setattr(pidfile, "read_start_time", lambda _: next(times))
    with pytest.raises(PidfileError, match="stale"):
        stop_process(tmp_path / "held.pid")
    assert sent == []


def test_stop_says_when_the_process_belongs_to_another_user(
    tmp_path: Path, start: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(pid: int, number: int) -> None:
        raise PermissionError

    path = tmp_path / "a.pid"
    process = start(HOLDER, path, "good")
    monkeypatch.setattr(os, "kill", refuse)
    with pytest.raises(PidfileError, match=f"process {process.pid} belongs to another user"):
        stop_process(path)


def test_stop_is_done_when_the_process_goes_by_itself_meanwhile(
    tmp_path: Path, start: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def miss(pid: int, number: int) -> None:
        raise ProcessLookupError

    path = tmp_path / "a.pid"
    process = start(HOLDER, path, "good")
    monkeypatch.setattr(os, "kill", miss)
    assert stop_process(path) == process.pid


def test_without_proc_the_lock_decides(
    tmp_path: Path, start: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SPEC 1.6: macOS has no /proc."""
    monkeypatch.setattr(pidfile, "_PROC", tmp_path / "no-proc")
    path = tmp_path / "a.pid"
    path.write_text(str(os.getpid()))
    with pytest.raises(PidfileError, match="stale"):
        stop_process(path)
    process = start(HOLDER, path, "stubborn")
    with pytest.raises(PidfileError, match="still runs"):
        stop_process(path, timeout_s=0.1)
    process.kill()
    process.wait()
    with pytest.raises(PidfileError, match="stale"):
        stop_process(path)


def test_stop_without_a_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(PidfileError, match="is photostore running"):
        stop_process(tmp_path / "missing.pid")


def test_start_times(start: Starter) -> None:
    """Field 22 of /proc/PID/stat."""
    process = start("import time; print('ready', flush=True); time.sleep(60)")
    started = read_start_time(process.pid)
    assert started is not None
    assert started >= (read_start_time(os.getpid()) or 0)
    process.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 5
    while read_start_time(process.pid) is not None:  # a zombie now, not waited for
        assert time.monotonic() < deadline
    process.wait()
    assert read_start_time(process.pid) is None
