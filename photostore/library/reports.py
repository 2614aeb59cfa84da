"""Reports of what became of files: CSV in `.photostore/sync-reports`, a row an outcome (SPEC 5.8).

A report goes on until nothing was reported for some minutes; the next row begins another one. Who
reports is never held up by it: rows that cannot be written are lost, and `problem` says so.
"""

from __future__ import annotations

import csv
import io
import logging
import re
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import IO, TYPE_CHECKING

from photostore.base.text import display_name, fold_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

log = logging.getLogger(__name__)

COLUMNS = ("Time", "Path", "State", "Stage", "Milliseconds", "Details", "URL")
NAME = re.compile(r"\d{8}T\d{6}Z(-\d+)?")
NAME_FORMAT = "%Y%m%dT%H%M%SZ"
SUFFIX = ".csv"
# So much silence ends a report, and so much is enough for one.
QUIET_S = 600.0
MAX_BYTES = 64 << 20
# A spreadsheet takes a cell that begins so for a formula; a file's name or reason must not be one.
FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class ReportRow:
    """What became of a file.

    `state`: imported, rejected, failed, waiting, moved, missing; or copied, trashed, restored,
    deleted. `stage` is how far it came, `asset` the public id of the asset that it belongs to.
    """

    path: bytes
    state: str
    stage: str = ""
    took_ms: int | None = None
    details: str = ""
    asset: str | None = None


@dataclass(frozen=True, slots=True)
class ReportSummary:
    """A report that is kept: `counts` by state; `ended_at` is None while it may go on."""

    name: str
    started_at: datetime
    ended_at: datetime | None
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class ReportPage:
    """Rows of a report as in the file, and where the next page begins (None: there is none)."""

    rows: tuple[tuple[str, ...], ...]
    next_offset: int | None


class Reports:
    """The reports of one library; at most `keep` of them stay. Safe to use from several threads."""

    def __init__(
        self,
        folder: Path,
        keep: int,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.folder = folder
        self._keep = keep
        self._now = now
        self._lock = threading.Lock()
        self._path: Path | None = None
        self._file: IO[str] | None = None
        self._last: datetime | None = None
        self.problem: str | None = None

    def add(self, rows: Sequence[ReportRow]) -> None:
        """Append rows; never raises. Blocks for as long as the disk does."""
        if not rows or not self._keep:
            return
        with self._lock:
            now = self._now()
            try:
                file = self._current(now)
                writer = csv.writer(file, lineterminator="\n")
                writer.writerows(_cells(row, now) for row in rows)
                file.flush()
                self._last, self.problem = now, None
            except OSError as error:
                if self.problem is None:
                    log.warning("the sync report cannot be written: %s", error)
                self.problem = error.strerror or str(error)
                self._close()

    def close(self) -> None:
        """End the report that goes on, if one does. The next row begins another."""
        with self._lock:
            self._close()

    def list(self) -> list[ReportSummary]:
        """The reports that are kept, the newest first."""
        with self._lock:
            going_on = self._path if self._file and not self._is_over(self._now()) else None
        found = []
        for path in _find(self.folder):
            # The oldest goes when another one begins.
            with suppress(FileNotFoundError):
                found.append(_summarise(path, is_open=path == going_on))
        return found

    def find(self, name: str) -> Path | None:
        """The file of a report by its name, or None; never a path outside of the folder."""
        path = self.folder / f"{name}{SUFFIX}"
        return path if NAME.fullmatch(name) and path.is_file() else None

    def _current(self, now: datetime) -> IO[str]:
        if self._file is None or self._is_over(now):
            self._close()
            self._begin(now)
        assert self._file is not None  # noqa: S101 - `_begin` opened it, or raised
        return self._file

    def _is_over(self, now: datetime) -> bool:
        quiet = self._last is not None and (now - self._last).total_seconds() > QUIET_S
        return quiet or (self._file is not None and self._file.tell() > MAX_BYTES)

    def _begin(self, now: datetime) -> None:
        self.folder.mkdir(exist_ok=True)
        stem = now.strftime(NAME_FORMAT)
        taken = [number for name, number in map(_order, _find(self.folder)) if name == stem]
        name = f"{stem}-{max(taken) + 1}" if taken else stem
        self._path = self.folder / f"{name}{SUFFIX}"
        self._file = self._path.open("x", encoding="utf-8", newline="")
        csv.writer(self._file, lineterminator="\n").writerow(COLUMNS)
        for old in _find(self.folder)[self._keep :]:
            old.unlink(missing_ok=True)

    def _close(self) -> None:
        file, self._file, self._path, self._last = self._file, None, None, None
        if file is not None:
            try:
                file.close()
            except OSError as error:
                self.problem = error.strerror or str(error)


def read_page(
    path: Path, *, words: str = "", state: str = "", offset: int = 0, limit: int = 100
) -> ReportPage:
    """Rows of a report from a byte `offset` on that hold `words` (in any case) and have a `state`.

    Raises ValueError for an offset that no page ended at.
    """
    rows: list[tuple[str, ...]] = []
    with path.open("rb") as file:
        if offset:
            file.seek(offset - 1)
            if file.read(1) != b"\n":
                raise ValueError(offset)
        else:
            file.readline()
        sought = words.casefold()
        while line := file.readline():
            if not line.endswith(b"\n"):
                break  # it is being written just now
            row = _parse(line)
            if row and _is_wanted(row, sought, state):
                if len(rows) == limit:
                    return ReportPage(tuple(rows), file.tell() - len(line))
                rows.append(row)
    return ReportPage(tuple(rows), None)


def _is_wanted(row: tuple[str, ...], words: str, state: str) -> bool:
    return (not state or row[2] == state) and (
        not words or any(words in cell.casefold() for cell in row)
    )


def _parse(line: bytes) -> tuple[str, ...] | None:
    """A line's cells; None for one that a power cut left half of."""
    cells = next(csv.reader(io.StringIO(line.decode("utf-8", "replace"))), [])
    return tuple(cells) if len(cells) == len(COLUMNS) else None


def _cells(row: ReportRow, now: datetime) -> tuple[str, ...]:
    return (
        now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        _harmless(display_name(row.path)),
        row.state,
        row.stage,
        "" if row.took_ms is None else str(row.took_ms),
        # A row is a line: that is what makes a byte offset a place in the table.
        _harmless(fold_lines(row.details)),
        f"/photos/{row.asset}" if row.asset else "",
    )


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _find(folder: Path) -> list[Path]:
    """Files of reports, the newest first."""
    if not folder.is_dir():
        return []
    found = (path for path in folder.iterdir() if path.suffix == SUFFIX)
    return sorted((path for path in found if NAME.fullmatch(path.stem)), key=_order, reverse=True)


def _order(path: Path) -> tuple[str, int]:
    stem, _, number = path.stem.partition("-")
    return stem, int(number or 1)


def _summarise(path: Path, *, is_open: bool) -> ReportSummary:
    stat = path.stat()
    started = datetime.strptime(_order(path)[0], NAME_FORMAT).replace(tzinfo=UTC)
    ended = None if is_open else datetime.fromtimestamp(stat.st_mtime, UTC)
    return ReportSummary(path.stem, started, ended, dict(_count(path, stat.st_size)))


@lru_cache(maxsize=256)
def _count(path: Path, _size: int) -> Counter[str]:
    """Rows by state; counted once for each length that a report has had."""
    return Counter(row[2] for row in _rows(path))


def _rows(path: Path) -> Iterable[tuple[str, ...]]:
    def lines() -> Iterator[bytes]:
        with path.open("rb") as file:
            file.readline()
            yield from file

    return (row for row in map(_parse, lines()) if row)
