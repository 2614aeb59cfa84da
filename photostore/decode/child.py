"""The parent's side of the decode child: started when needed, killed at its limit."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from photostore.base.errors import FileError, UnreadableError
from photostore.decode.examination import Examination
from photostore.decode.messages import (
    IDLE_S,
    UntrustedMessageError,
    read_message,
    write_message,
)
from photostore.decode.sandbox import memory_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from photostore.decode.examination import Request, Stage

# SPEC 5.7: a file that hangs is given up after two minutes.
LIMIT_S = 120.0
# Python, decoders and protection are ready within half a second; on a busy Pi it takes longer.
START_S = 60.0
# What decoders leak, ends with the process.
FILES_A_CHILD = 500


def make_children(readable: Sequence[bytes], workers: int) -> tuple[DecodeChild, ...]:
    """As many children as there are workers, but one for each GiB of memory at most.

    `readable` are folders that they may read besides those that `allow` names.
    """
    fitting = max(1, memory_bytes() >> 30)
    return tuple(DecodeChild(readable) for _ in range(min(workers, fitting)))


class _StartError(Exception):
    """The child did not come as far as to say that it is ready."""


class CrashedError(FileError):
    """The child that looked at the file died or was killed: it is not to be tried again."""

    type = "decoder-crashed"
    title = "The decoder did not survive this file"


class DecodeChild:
    """At most one child, used by one thread at a time. `close` ends it.

    `layers` are the protections that held in the last one, None before the first was needed.
    """

    def __init__(self, readable: Sequence[bytes], *, limit_s: float = LIMIT_S) -> None:
        self._always = self._readable = tuple(readable)
        self._may_read: tuple[bytes, ...] = ()
        self._files = 0
        self.limit_s = limit_s
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._modules_from: tuple[str, ...] = ()
        self._asked_at = 0.0
        self._is_late = self._is_closed = False
        self.layers: tuple[str, ...] | None = None

    def examine(self, request: Request, stage: Stage) -> Examination:
        """Look at one file apart. Raises FileError; CrashedError if the child did not survive."""
        with self._lock:
            try:
                answer = self._ask(request)
                if _is_shut_out(answer):
                    # What was mounted after its start lies outside of what it may read.
                    self._end()
                    answer = self._ask(request)
            except _StartError as error:
                # No fault of the file, which was not even named to it: it is tried again.
                reason = f"the process that decodes it cannot be started ({self._obituary(error)})"
                raise UnreadableError(request.path, reason) from error
            except (EOFError, OSError, UntrustedMessageError) as error:
                stage.name = "crash"
                raise CrashedError(request.path, self._obituary(error)) from error
        if isinstance(answer, Examination):
            return answer
        if isinstance(answer, tuple) and len(answer) == 2 and isinstance(answer[1], FileError):
            stage.name = str(answer[0])
            raise answer[1]
        raise UnreadableError(request.path, "the decode child gave no sensible answer")

    def allow(self, readable: Sequence[bytes]) -> None:
        """Let the child read below these folders from the next file on, and below no others."""
        self._readable = (*self._always, *readable)

    def reap(self) -> None:
        """Let go of a child that went by itself; does not wait for one that works."""
        if self._lock.acquire(blocking=False):
            try:
                if self._process is not None and self._process.poll() is not None:
                    self._end()
            finally:
                self._lock.release()

    @property
    def process_id(self) -> int | None:
        """The process number of the child that runs, None without one."""
        process = self._process
        return process.pid if process is not None else None

    def close(self) -> None:
        """End the child if there is one, also in the middle of a file. None is started any more."""
        self._is_closed = True
        process = self._process
        if process is not None:
            process.kill()
        with self._lock:
            self._end()

    def _ask(self, request: Request) -> Any:
        process = self._running()
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        # A read from a pipe has no time limit; the death of the child ends it.
        self._is_late = False
        guard = threading.Timer(self.limit_s, self._give_up, (process,))
        guard.start()
        try:
            self._files += 1
            write_message(process.stdin, request)
            return read_message(process.stdout)
        finally:
            guard.cancel()
            self._asked_at = time.monotonic()

    def _give_up(self, process: subprocess.Popen[bytes]) -> None:
        self._is_late = True
        process.kill()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._is_closed:
            raise EOFError
        if self._process is not None and (
            # It went by itself after a while without work, or knows nothing of new decoders.
            self._process.poll() is not None
            or self._modules_from != tuple(sys.path)
            or self._may_read != self._readable
            or self._files >= FILES_A_CHILD
            # So long without work, it may be about to go.
            or time.monotonic() - self._asked_at > IDLE_S / 2
        ):
            self._end()
        if self._process is None:
            self._start()
        assert self._process is not None  # noqa: S101 - it was started
        return self._process

    def _start(self) -> None:
        self._modules_from, self._may_read = tuple(sys.path), self._readable
        self._files = 0
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", "photostore.decode", *map(os.fsdecode, self._readable)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
        except OSError as error:
            raise _StartError from error
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        guard = threading.Timer(START_S, self._process.kill)
        guard.start()
        try:
            self.layers = tuple(read_message(self._process.stdout))
        except (EOFError, OSError, UntrustedMessageError) as error:
            raise _StartError from error
        finally:
            guard.cancel()

    def _obituary(self, error: Exception) -> str:
        """Why the child is gone, in words; it is gone after this."""
        code = self._end()
        if self._is_late:
            return f"given up after {self.limit_s:.0f} s"
        if code == -signal.SIGKILL and not isinstance(error, UntrustedMessageError):
            return "its decoder was killed by the system, as happens when memory runs out"
        if code is not None and code < 0 and code != -signal.SIGKILL:
            with contextlib.suppress(ValueError):
                return f"its decoder crashed ({signal.Signals(-code).name})"
        return f"its decoder ended unexpectedly ({type(error).__name__})"

    def _end(self) -> int | None:
        process, self._process = self._process, None
        if process is None:
            return None
        with contextlib.suppress(OSError):
            if process.stdin:
                process.stdin.close()
        if process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.2)
        code = process.poll()
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
        return code if code is not None else -signal.SIGKILL


def _is_shut_out(answer: object) -> bool:
    """Whether a child could not open a file that this process can open."""
    error = answer[1] if isinstance(answer, tuple) and len(answer) == 2 else None
    if not isinstance(error, UnreadableError) or not error.reason.startswith("cannot be opened"):
        return False
    return os.access(error.path, os.R_OK)
