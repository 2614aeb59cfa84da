"""The log: SPEC 3.5."""

from __future__ import annotations

import datetime as dt
import io
import logging
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from photostore.base.errors import FileError
from photostore.base.layout import Layout, resolve_layout
from photostore.base.log import announce, close_log, configure_log
from photostore.base.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d (\w+) ([\w.]+): (.*)")
DAY_S = 86_400


@pytest.fixture
def layout(environ: dict[str, str], tmp_path: Path) -> Iterator[Layout]:
    yield resolve_layout(tmp_path / "library", environ, False)
    close_log()


def read_lines(layout: Layout) -> list[str]:
    return [line for path in sorted(layout.logs.iterdir()) for line in path.read_text().split("\n")]


def record(message: str, created: float) -> logging.LogRecord:
    made = logging.LogRecord("photostore.test", logging.WARNING, "", 0, message, None, None)
    made.created = created
    return made


def test_each_event_is_one_line_in_the_file_of_the_day(layout: Layout) -> None:
    configure_log(load_settings({}, {}), layout)
    log = logging.getLogger("photostore.sync")
    log.warning("%s", FileError(b"/photos/\xff\n.jpg", "damaged"))
    try:
        int("many")
    except ValueError:
        log.exception("with\ntraceback")
    lines = read_lines(layout)
    assert [bool(LINE.fullmatch(line)) for line in lines] == [True, True, False]
    match = LINE.fullmatch(lines[0])
    assert match is not None
    assert match.groups() == ("warn", "photostore.sync", "/photos/\\xff\\x0a.jpg: damaged")
    assert " error photostore.sync: with\\ntraceback\\nTraceback" in lines[1]
    (path,) = layout.logs.iterdir()
    assert path.name == f"photostore-{dt.datetime.now().astimezone().date()}.log"


@pytest.mark.parametrize(
    ("level", "seen"),
    [
        ("error", ["error"]),
        ("warn", ["error", "warn"]),
        ("info", ["error", "warn", "info"]),
        ("debug", ["error", "warn", "info", "debug"]),
    ],
)
def test_the_level_decides_what_is_written(layout: Layout, level: str, seen: list[str]) -> None:
    configure_log(load_settings({"log_level": level}, {}), layout)
    for name in ("photostore.x", "otherpackage"):
        for number in (logging.ERROR, logging.WARNING, logging.INFO, logging.DEBUG):
            logging.getLogger(name).log(number, "x")
    matches = [LINE.fullmatch(line) for line in read_lines(layout)]
    found = [m.groups()[:2] for m in matches if m]
    assert [levels for levels, name in found if name == "photostore.x"] == seen
    assert {levels for levels, name in found if name == "otherpackage"} <= {"error", "warn"}


def test_start_up_lines_go_to_file_and_stdout_at_any_level(
    layout: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_log(load_settings({"log_level": "error"}, {}), layout)
    announce("photostore listens on http://127.0.0.1:1787")
    logging.getLogger("photostore").error("broken")
    assert capsys.readouterr().out == "photostore listens on http://127.0.0.1:1787\n"
    assert "listens on" in read_lines(layout)[0]


def test_the_log_goes_to_stdout_when_asked(
    layout: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_log(load_settings({}, {"PS_LOG_STDOUT": "true"}), layout)
    logging.getLogger("photostore").warning("broken")
    assert capsys.readouterr().out == read_lines(layout)[0] + "\n"


def test_a_new_day_begins_a_new_file_and_deletes_those_older_than_a_week(layout: Layout) -> None:
    start = dt.datetime(2024, 5, 10, 12, tzinfo=dt.UTC).timestamp()
    keep = layout.logs / "photostore-2024-05-01.log.gz"
    keep.touch()
    configure_log(load_settings({}, {}), layout)
    (handler,) = [h for h in logging.getLogger().handlers if "DailyFile" in type(h).__name__]
    for day in range(12):
        handler.handle(record(f"day {day}", start + day * DAY_S))
    names = sorted(path.name for path in layout.logs.glob("*.log"))
    assert names == [f"photostore-2024-05-{day}.log" for day in range(14, 22)]
    assert keep.exists()


def test_a_folder_that_cannot_be_written_is_one_line_on_stderr(
    layout: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    layout.logs.rmdir()
    layout.logs.touch()
    configure_log(load_settings({}, {}), layout)
    announce("one")
    announce("two")
    captured = capsys.readouterr()
    assert captured.err == f"{layout.logs}: cannot write the log: File exists\n"
    assert captured.out == "one\ntwo\n"


def test_a_stdout_that_is_closed_or_not_utf8_does_no_harm(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure_log(load_settings({}, {}), layout)
    ascii_bytes = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(ascii_bytes, encoding="ascii"))
    announce("Zoë")
    assert ascii_bytes.getvalue() == b"Zo\\xeb\n"
    sys.stdout.close()
    announce("after")
    assert "after" in read_lines(layout)[1]


def test_fifty_starts_leave_no_file_and_no_handler_open(layout: Layout) -> None:
    """SPEC 1.4, DESIGN 7."""
    handlers = list(logging.getLogger().handlers)
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(50):
        configure_log(load_settings({}, {}), layout)
        announce("start")
        configure_log(load_settings({}, {}), layout)
        announce("again")
        close_log()
    close_log()
    assert logging.getLogger().handlers == handlers
    assert logging.getLogger().level == logging.WARNING
    assert len(list(Path("/proc/self/fd").iterdir())) == descriptors
