"""The pidfile: which process runs, for service managers and `photostore stop` (SPEC 1.4, 1.2).

The file holds the process number alone, so that `kill $(cat FILE)` works. The process keeps it open
and locked while it runs: that, not the number, tells a live file from a stale one, and nothing is
ever signalled that does not have this very file open and the start time seen first, whatever
number a reboot, another container or a crash left in it.
"""

from __future__ import annotations

import fcntl
import os
import re
import signal
import time
from pathlib import Path
from typing import Self

from photostore.base.errors import PidfileError
from photostore.base.text import display_name

_PROC = Path("/proc")
_POLL_S = 0.05
_CONTENT = re.compile(rb"\s*(\d{1,10})\s*", re.ASCII)


class Pidfile:
    """A pidfile that this process holds; `remove` it (or leave the `with` block) at exit."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor: int | None = descriptor

    def remove(self) -> None:
        """Remove the file, unless another one took its place, and let go of it. Repeatable."""
        if self._descriptor is None:
            return
        try:
            if _is_at(self.path, self._descriptor):
                self.path.unlink(missing_ok=True)
        except OSError as error:
            raise PidfileError(_describe(self.path, error)) from error
        finally:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.remove()


def write_pidfile(path: Path) -> Pidfile:
    """Write this process's number to `path` and lock it; a stale file is replaced.

    The parent folder is made. Raises PidfileError if a live process has it, if the file is
    something else than a pidfile (it is then left alone), or if it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = _open_locked(path)
        try:
            _check_content(path, descriptor)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
            os.fsync(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
    except OSError as error:
        raise PidfileError(_describe(path, error)) from error
    return Pidfile(path, descriptor)


def stop_process(path: Path, timeout_s: float = 30.0) -> int:
    """Send SIGTERM to the process of the pidfile; return its number once it is gone.

    Raises PidfileError if none runs, it cannot be signalled, or it still runs after `timeout_s`.
    """
    pid, started = _find_process(path)
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return pid
    except PermissionError as error:
        raise PidfileError(f"process {pid} belongs to another user") from error
    deadline = time.monotonic() + timeout_s
    while read_start_time(pid) == started:
        if time.monotonic() >= deadline:
            raise PidfileError(
                f"process {pid} still runs {timeout_s:g} s after it was told to stop"
            )
        time.sleep(_POLL_S)
    return pid


def read_start_time(pid: int) -> int | None:
    """Return when a process started (clock ticks since boot), or None if it is gone.

    Field 22 of /proc/PID/stat, proc(5). One that has ended and waits for its parent is gone. Where
    there is no /proc (macOS) the time is unknown: 0 for every process that exists.
    """
    if not _PROC.is_dir():
        return 0 if _exists(pid) else None
    try:
        stat = (_PROC / str(pid) / "stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field is the program's name in parentheses and may hold both blanks and `)`.
    fields = stat.rpartition(b")")[2].split()
    return None if fields[0] in {b"Z", b"X"} else int(fields[19])


def _open_locked(path: Path) -> int:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(path, descriptor):
                return descriptor
        except BlockingIOError:
            pid = _parse(os.pread(descriptor, 64, 0))
            os.close(descriptor)
            owner = "another process" if pid is None else f"process {pid}"
            raise PidfileError(f"{display_name(path)}: {owner} runs and holds it") from None
        except BaseException:
            os.close(descriptor)
            raise
        # The owner removed it between our open and our lock: this one has no name any more.
        os.close(descriptor)


def _check_content(path: Path, descriptor: int) -> None:
    content = os.pread(descriptor, 64, 0)
    if content and _parse(content) is None:
        raise PidfileError(f"{display_name(path)}: this is not a pidfile; it is left as it is")


def _find_process(path: Path) -> tuple[int, int]:
    """Return number and start time of the process that holds the pidfile."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise PidfileError(f"{display_name(path)}: no such file; is photostore running?") from error
    except OSError as error:
        raise PidfileError(_describe(path, error)) from error
    try:
        pid = _parse(os.pread(descriptor, 64, 0))
        started = None if pid is None else _find_owner_start(pid, descriptor)
    except OSError as error:
        raise PidfileError(_describe(path, error)) from error
    finally:
        os.close(descriptor)
    if pid is None:
        raise PidfileError(f"{display_name(path)}: this is not a pidfile")
    if started is None:
        raise PidfileError(f"{display_name(path)}: stale; process {pid} is gone or another program")
    return pid, started


def _find_owner_start(pid: int, descriptor: int) -> int | None:
    """Return the start time of `pid` if that process holds the open pidfile, else None."""
    started = read_start_time(pid)
    if started is None or not _is_locked(descriptor) or not _has_open(pid, os.fstat(descriptor)):
        return None
    # The number may have passed to another process between the two looks at it.
    return started if read_start_time(pid) == started else None


def _is_locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return False


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _has_open(pid: int, file: os.stat_result) -> bool:
    if not _PROC.is_dir():
        return True  # the lock is all that there is to go by
    for link in (_PROC / str(pid) / "fd").iterdir():
        try:
            if os.path.samestat(link.stat(), file):
                return True
        except FileNotFoundError:
            continue  # closed meanwhile
    return False


def _is_at(path: Path, descriptor: int) -> bool:
    """Tell whether the open file is still the one of that name."""
    try:
        return os.path.samestat(path.lstat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _parse(content: bytes) -> int | None:
    match = _CONTENT.fullmatch(content)
    return int(match.group(1)) if match and int(match.group(1)) > 0 else None


def _describe(path: Path, error: OSError) -> str:
    return f"{display_name(path)}: {error.strerror or error}"
