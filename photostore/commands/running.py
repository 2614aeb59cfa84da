"""Runs a command that has work in threads, and ends the process when it is done."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from photostore.base.errors import PhotostoreError
from photostore.base.memory import restrain_allocator
from photostore.commands.terminal import INTERRUPTED, complain

if TYPE_CHECKING:
    from collections.abc import Coroutine


def run_and_leave(main: Coroutine[object, object, int]) -> NoReturn:
    """Run a command to its end, or until SIGINT or SIGTERM, and leave with its exit code."""
    restrain_allocator()
    asyncio.run(_run_and_leave(main))
    raise AssertionError  # the process ended above


async def _run_and_leave(main: Coroutine[object, object, int]) -> None:
    task = asyncio.current_task()
    if task is not None:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        code = await main
    except asyncio.CancelledError:
        complain("interrupted; what was done is kept")
        code = INTERRUPTED
    except (PhotostoreError, OSError, sqlite3.Error, BaseExceptionGroup) as error:
        cause = _cause_of(error)
        if not isinstance(cause, PhotostoreError | OSError | sqlite3.Error):
            raise
        complain(str(cause))
        code = cause.exit_code if isinstance(cause, PhotostoreError) else 1
    _leave(code)


def _cause_of(error: BaseException) -> BaseException:
    """The first error inside groups of errors: task groups wrap what went wrong in a task."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _leave(code: int) -> NoReturn:
    """End the process at once, with everything said.

    A thread that decodes a file, or waits for a disk that is gone, cannot be cancelled, and both
    the end of the event loop and that of the interpreter would wait for it, for minutes at worst.
    All that counts is closed by now: the file stays pending, and the database is closed.
    """
    for stream in (sys.stdout, sys.stderr):
        # Nobody may read it any more.
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
