"""Reports of what became of files: SPEC 5.8."""

from __future__ import annotations

import csv
import threading
from datetime import UTC, datetime, timedelta

import pytest

from photostore.library import reports as module
from photostore.library.reports import COLUMNS, ReportRow, Reports, read_page

START = datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC)


class Clock:
    def __init__(self):
        self.moment = START

    def __call__(self):
        return self.moment

    def wait(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def reports(tmp_path, clock):
    made = Reports(tmp_path / "sync-reports", 3, clock)
    yield made
    made.close()


def table(reports: Reports, name: str) -> list[list[str]]:
    with reports.find(name).open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_a_row_says_time_path_state_stage_milliseconds_details_and_url(reports):
    reports.add([ReportRow(b"/p/a.jpg", "imported", "record", 210, "JPEG, 4 x 3", "01abc")])
    assert table(reports, "20260501T120000Z") == [
        list(COLUMNS),
        [
            "2026-05-01T12:00:00Z",
            "/p/a.jpg",
            "imported",
            "record",
            "210",
            "JPEG, 4 x 3",
            "/photos/01abc",
        ],
    ]


def test_a_report_goes_on_until_it_is_quiet(reports, clock):
    for pause_s in (0, 500, 500, 700):
        clock.wait(pause_s)
        reports.add([ReportRow(b"/p/a.jpg", "imported")])
    second, first = reports.list()
    assert (first.name, first.counts) == ("20260501T120000Z", {"imported": 3})
    assert (second.started_at, second.counts) == (START + timedelta(seconds=1700), {"imported": 1})
    assert first.ended_at is not None
    assert second.ended_at is None
    clock.wait(module.QUIET_S + 1)
    assert reports.list()[0].ended_at is not None


def test_the_oldest_are_deleted_and_nothing_else(reports, clock):
    for _ in range(5):
        reports.add([ReportRow(b"/p/a.jpg", "imported")])
        reports.close()
        (reports.folder / "notes.csv").write_text("mine")
    names = [report.name for report in reports.list()]
    assert names == ["20260501T120000Z-5", "20260501T120000Z-4", "20260501T120000Z-3"]
    assert (reports.folder / "notes.csv").read_text() == "mine"


def test_none_are_kept_if_nobody_wants_them(tmp_path):
    reports = Reports(tmp_path / "sync-reports", 0)
    reports.add([ReportRow(b"/p/a.jpg", "imported")])
    assert reports.list() == []
    assert not reports.folder.exists()


def test_a_name_or_a_reason_is_one_line_and_no_formula(reports):
    reports.add(
        [
            ReportRow(b'/p/a\nb,"c".jpg', "failed", "probe", 1, "=HYPERLINK(1)\nsecond line"),
            ReportRow(b"/p/\xff.jpg", "failed", "probe", None, "-1"),
        ]
    )
    first, second = read_page(reports.find("20260501T120000Z")).rows
    assert first[1] == '/p/a\\x0ab,"c".jpg'
    assert first[5] == "'=HYPERLINK(1)\\nsecond line"
    assert second[1:] == ("/p/\\xff.jpg", "failed", "probe", "", "'-1", "")


def test_pages_are_the_rows_that_are_sought(reports):
    states = ["imported", "rejected", "imported", "failed"] * 25
    rows = [ReportRow(b"/p/%03d.jpg" % n, state) for n, state in enumerate(states)]
    reports.add(rows)
    path, offset, found = reports.find("20260501T120000Z"), 0, []
    while offset is not None:
        page = read_page(path, state="imported", offset=offset, limit=7)
        found += [row[1] for row in page.rows]
        offset = page.next_offset
    assert found == [f"/p/{n:03d}.jpg" for n, state in enumerate(states) if state == "imported"]
    assert [row[1] for row in read_page(path, words="077.JPG").rows] == ["/p/077.jpg"]
    with pytest.raises(ValueError, match="5"):
        read_page(path, offset=5)


def test_a_line_that_is_being_written_is_left_for_later(reports):
    reports.add([ReportRow(b"/p/a.jpg", "imported")])
    path = reports.find("20260501T120000Z")
    with path.open("a") as file:
        file.write("2026-05-01T12:00:00Z,/p/b")
    assert len(read_page(path).rows) == 1
    assert reports.list()[0].counts == {"imported": 1}


@pytest.mark.parametrize("name", ["../secrets", "20260501T120000Z/../x", "", "20260501T120001Z"])
def test_only_reports_are_found(reports, name):
    reports.add([ReportRow(b"/p/a.jpg", "imported")])
    assert reports.find(name) is None


def test_a_disk_that_is_full_loses_rows_and_stops_nothing(reports):
    (reports.folder).parent.joinpath("sync-reports").write_text("a file in its place")
    reports.add([ReportRow(b"/p/a.jpg", "imported")])
    assert reports.problem
    (reports.folder).unlink()
    reports.add([ReportRow(b"/p/b.jpg", "imported")])
    assert reports.problem is None
    assert reports.list()[0].counts == {"imported": 1}


def test_many_threads_write_whole_rows(reports):
    def write(number: int) -> None:
        for _ in range(50):
            reports.add([ReportRow(b"/p/%d.jpg" % number, "imported")] * 3)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert reports.list()[0].counts == {"imported": 600}


def test_a_report_that_goes_while_all_are_listed_is_left_out(reports, clock, monkeypatch):
    for _ in range(3):
        reports.add([ReportRow(b"/a.jpg", "imported")])
        reports.close()
        clock.wait(60)
    find = module._find

    def find_and_begin_another(folder):
        monkeypatch.setattr(module, "_find", find)
        found = find(folder)
        reports.add([ReportRow(b"/b.jpg", "imported")])
        return found

    monkeypatch.setattr(module, "_find", find_and_begin_another)
    assert [report.name for report in reports.list()] == ["20260501T120200Z", "20260501T120100Z"]
