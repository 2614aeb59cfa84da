"""The parent's side of the decode child: started when needed, killed at its limit."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

from photostore.base.errors import FileError, UnreadableError
from photostore.decode.examination import Examination
from photostore.decode.messages import UntrustedMessageError, read_message, write_message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from photostore.decode.examination import Request, Stage

LIMIT_S = 60.0


class CrashedError(FileError):
    """The child that looked at the file died or was killed: it is not to be tried again."""

    type = "decoder-crashed"
    title = "The decoder did not survive this file"


class DecodeChild:
    """At most one child, used by one thread at a time. `close` ends it."""

    def __init__(self, readable: Sequence[bytes], *, limit_s: float = LIMIT_S) -> None:
        self._readable = list(readable)
        self._limit_s = limit_s
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self.layers: tuple[str, ...] = ()

    def examine(self, request: Request, stage: Stage) -> Examination:
        """Look at one file apart. Raises FileError; CrashedError if the child did not survive."""
        with self._lock:
            try:
                answer = self._ask(request)
            except (EOFError, OSError, UntrustedMessageError) as error:
                stage.name = "crash"
                raise CrashedError(request.path, self._obituary(error)) from error
        if isinstance(answer, Examination):
            return answer
        if isinstance(answer, tuple) and len(answer) == 2 and isinstance(answer[1], FileError):
            stage.name = str(answer[0])
            raise answer[1]
        raise UnreadableError(request.path, "the decode child gave no sensible answer")

    def close(self) -> None:
        """End the child if there is one."""
        with self._lock:
            self._end()

    def _ask(self, request: Request) -> Any:
        process = self._running()
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        # A read from a pipe has no time limit; the death of the child ends it.
        guard = threading.Timer(self._limit_s, process.kill)
        guard.start()
        try:
            write_message(process.stdin, request)
            return read_message(process.stdout)
        finally:
            guard.cancel()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self._end()  # it went by itself after a while without work
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", "photostore.decode", *map(os.fsdecode, self._readable)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
            assert self._process.stdout is not None  # noqa: S101
            self.layers = tuple(read_message(self._process.stdout))
        return self._process

    def _obituary(self, error: Exception) -> str:
        """Why the child is gone, in words; it is gone after this."""
        code = self._end()
        if code == -signal.SIGKILL:
            return f"given up after {self._limit_s:.0f} s"
        if code is not None and code < 0:
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
