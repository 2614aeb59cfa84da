"""Which date wins, and which offset it gets (SPEC 6.3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from photostore.media.capture import decide, shift_to
from photostore.media.facts import Captured, Position, Precision

NOW = datetime(2024, 1, 1, tzinfo=UTC)
NOON = datetime(2019, 7, 1, 12, 0, 0)
TOKYO = Position(35.68, 139.76)
OSLO = Position(59.91, 10.75)
MID_OCEAN = Position(-30.0, -120.0)


def date(
    source: str,
    local: datetime = NOON,
    offset: int | None = None,
    precision: Precision = Precision.SECOND,
) -> Captured:
    return Captured(local, precision, offset, source)


def test_order_of_sources() -> None:
    order = ["EXIF:DateTimeOriginal", "QuickTime:CreationDate", "EXIF:DateTimeDigitized",
             "QuickTime:CreateDate", "EXIF:GPSTimeStamp", "Takeout:photoTakenTime", "file-name",
             "folder", "siblings", "mtime"]  # fmt: skip
    dates = [date(source, NOON + timedelta(days=i)) for i, source in enumerate(order)]
    for first in range(len(order)):
        captured = decide(list(reversed(dates[first:])), None, NOW).captured
        assert captured is not None
        assert captured.source == order[first]


def test_a_date_that_cannot_be_gives_way_with_a_note() -> None:
    future = date("EXIF:DateTimeOriginal", datetime(2098, 5, 4))
    decision = decide([future, date("file-name")], None, NOW)
    assert decision.captured is not None
    assert decision.captured.source == "file-name"
    assert "2098" in decision.notes[0]
    assert decide([future], None, NOW).captured is None


def test_a_coarse_date_takes_the_time_of_a_finer_one_within_it() -> None:
    coarse = date("XMP:DateCreated", datetime(2019, 7, 1), precision=Precision.DAY)
    captured = decide([coarse, date("EXIF:DateTimeDigitized")], None, NOW).captured
    assert captured is not None
    assert (captured.local, captured.source) == (NOON, "EXIF:DateTimeDigitized")
    other_day = date("EXIF:DateTimeDigitized", NOON + timedelta(days=3))
    assert decide([coarse, other_day], None, NOW).captured == coarse
    # Files are copied within a day of anything.
    assert decide([coarse, date("mtime", offset=0)], None, NOW).captured == coarse


@pytest.mark.parametrize(
    ("position", "offset"), [(TOKYO, 540), (OSLO, 120), (MID_OCEAN, None), (None, None)]
)
def test_offset_by_position(position: Position | None, offset: int | None) -> None:
    decision = decide([date("EXIF:DateTimeOriginal")], position, NOW)
    assert decision.captured is not None
    assert (decision.captured.local, decision.captured.offset_min) == (NOON, offset)
    assert decision.offset_source == ("position" if offset else None)


def test_an_offset_tag_beats_the_position() -> None:
    decision = decide([date("EXIF:DateTimeOriginal", offset=60)], TOKYO, NOW)
    assert decision.captured is not None
    assert decision.captured.offset_min == 60


def test_offset_by_gps_time() -> None:
    gps = date("EXIF:GPSTimeStamp", NOON - timedelta(minutes=330, seconds=-20), 0)
    decision = decide([date("EXIF:DateTimeOriginal"), gps], None, NOW)
    assert decision.captured is not None
    assert (decision.captured.offset_min, decision.offset_source) == (330, "gps-time")
    stale = date("EXIF:GPSTimeStamp", NOON - timedelta(minutes=337), 0)
    decision = decide([date("EXIF:DateTimeOriginal"), stale], None, NOW)
    assert decision.captured is not None
    assert decision.captured.offset_min is None


def test_an_instant_becomes_the_wall_clock_of_its_place() -> None:
    film = date("QuickTime:CreateDate", offset=0)
    captured = decide([film], TOKYO, NOW).captured
    assert captured is not None
    assert (captured.local, captured.offset_min) == (NOON + timedelta(hours=9), 540)


def test_an_instant_becomes_the_wall_clock_of_its_name() -> None:
    film = date("QuickTime:CreateDate", offset=0)
    named = date("file-name", NOON + timedelta(hours=2, seconds=-7))
    decision = decide([film, named], None, NOW)
    assert decision.captured is not None
    assert (decision.captured.local, decision.captured.offset_min) == (
        NOON + timedelta(hours=2),
        120,
    )
    assert decision.offset_source == "file-name"
    same = decide([film, date("file-name")], None, NOW).captured
    assert same is not None
    assert same.offset_min is None  # Greenwich, or a camera that writes its own clock


def test_an_instant_alone_stays_in_utc_until_a_neighbour_tells() -> None:
    film = date("QuickTime:CreateDate", offset=0)
    decision = decide([film], None, NOW)
    assert (decision.captured, decision.offset_source) == (film, "UTC")
    assert shift_to(film, 120).local == NOON + timedelta(hours=2)


def test_summer_and_winter_and_the_server_s_own_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    winter = decide([date("EXIF:DateTimeOriginal", datetime(2019, 1, 1, 12))], OSLO, NOW).captured
    assert winter is not None
    assert winter.offset_min == 60
