"""The log: a file per day, one line per event, old days deleted (SPEC 3.5).

Sets up the standard `logging`; modules log through `logging.getLogger(__name__)`. What photostore
itself says follows `log_level`; other packages only get warnings and errors through.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import re
import sys
from typing import TYPE_CHECKING, TextIO

from photostore.base.settings.table import LogLevel
from photostore.base.text import display_name, fold_lines

if TYPE_CHECKING:
    from pathlib import Path

    from photostore.base.layout import Layout
    from photostore.base.settings.table import Settings

_LEVELS = {
    LogLevel.ERROR: logging.ERROR,
    LogLevel.WARN: logging.WARNING,
    LogLevel.INFO: logging.INFO,
    LogLevel.DEBUG: logging.DEBUG,
}
_LEVEL_NAMES = {number: str(level) for level, number in _LEVELS.items()}
_FILE_NAME = re.compile(r"photostore-(\d{4}-\d{2}-\d{2})\.log")
_START_LOGGER = "photostore.start"


def configure_log(settings: Settings, layout: Layout) -> None:
    """Log into `layout.logs`, and to stdout if settings say so, until `close_log`.

    A folder that cannot be written is one line on stderr, not an error: the server starts anyway.
    """
    close_log()
    level = _LEVELS[settings.log_level]
    root = logging.getLogger()
    root.addHandler(_DailyFileHandler(layout.logs, settings.log_retention))
    root.addHandler(_StdoutHandler(is_all=settings.log_stdout))
    root.setLevel(max(level, logging.WARNING))
    logging.getLogger("photostore").setLevel(level)
    logging.getLogger(_START_LOGGER).setLevel(logging.INFO)


def announce(message: str) -> None:
    """Say something about starting and stopping: to the log file and stdout at any log level."""
    logging.getLogger(_START_LOGGER).info(message)


def close_log() -> None:
    """Undo `configure_log`: close the file and leave logging as it was. Repeatable."""
    root = logging.getLogger()
    for handler in [h for h in root.handlers if isinstance(h, _DailyFileHandler | _StdoutHandler)]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(logging.WARNING)
    for name in ("photostore", _START_LOGGER):
        logging.getLogger(name).setLevel(logging.NOTSET)


class _LineFormatter(logging.Formatter):
    """`2024-05-03T12:00:00.123+02:00 warn photostore.sync: message`, always one line."""

    def format(self, record: logging.LogRecord) -> str:
        time = dt.datetime.fromtimestamp(record.created, dt.UTC).astimezone()
        level = _LEVEL_NAMES.get(record.levelno, record.levelname.lower())
        # The base class appends a traceback to the message; both become one line.
        text = fold_lines(super().format(record))
        return f"{time.isoformat(timespec='milliseconds')} {level} {record.name}: {text}"


class _DailyFileHandler(logging.Handler):
    """Appends to `photostore-YYYY-MM-DD.log` of the local day; the day comes from the record."""

    def __init__(self, folder: Path, retention: dt.timedelta) -> None:
        super().__init__()
        self.setFormatter(_LineFormatter())
        self._folder = folder
        self._retention = retention
        self._day: dt.date | None = None
        self._descriptor: int | None = None
        self._has_complained = False

    def emit(self, record: logging.LogRecord) -> None:
        # One write per line to a file opened for appending: two processes never mix their lines.
        line = (self.format(record) + "\n").encode()
        day = dt.datetime.fromtimestamp(record.created, dt.UTC).astimezone().date()
        try:
            os.write(self._open_day(day), line)
        except OSError as error:
            self._complain(error)
        else:
            self._has_complained = False

    def close(self) -> None:
        self.acquire()
        try:
            self._close_day()
        finally:
            self.release()
        super().close()

    def _open_day(self, day: dt.date) -> int:
        if self._descriptor is not None and day == self._day:
            return self._descriptor
        self._close_day()
        self._folder.mkdir(exist_ok=True)
        path = self._folder / f"photostore-{day.isoformat()}.log"
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._descriptor = os.open(path, flags, 0o640)
        self._day = day
        self._delete_older(day - self._retention)
        return self._descriptor

    def _close_day(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _delete_older(self, oldest: dt.date) -> None:
        for path in self._folder.iterdir():
            match = _FILE_NAME.fullmatch(path.name)
            if match and match.group(1) < oldest.isoformat():
                path.unlink(missing_ok=True)

    def _complain(self, error: OSError) -> None:
        """Say once per failure on stderr that the log cannot be written."""
        if not self._has_complained:
            self._has_complained = True
            reason = error.strerror or str(error)
            _write_line(sys.stderr, f"{display_name(self._folder)}: cannot write the log: {reason}")


class _StdoutHandler(logging.Handler):
    """Writes start-up lines, or all lines, to what stdout is at that moment."""

    def __init__(self, *, is_all: bool) -> None:
        super().__init__()
        self.setFormatter(_LineFormatter())
        self._is_all = is_all

    def emit(self, record: logging.LogRecord) -> None:
        if not self._is_all and record.name != _START_LOGGER:
            return
        line = self.format(record) if self._is_all else fold_lines(record.getMessage())
        _write_line(sys.stdout, line)


def _write_line(stream: TextIO, line: str) -> None:
    encoding = stream.encoding or "utf-8"
    # Nobody may read the stream any more (closed pipe): that is no reason to stop serving.
    with contextlib.suppress(OSError, ValueError):
        stream.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
        stream.flush()
