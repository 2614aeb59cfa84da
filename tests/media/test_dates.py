"""SPEC 6.3: capture time, precision, offset; what is not believed; dates in file names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photostore.media.dates import (
    dates_of_file,
    is_believable,
    parse_offset,
    parse_stamp,
    with_fraction,
)
from photostore.media.facts import Precision
from photostore.media.names import date_from_name

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)


MAY = datetime(2023, 5, 1, 12, 30, 45)


@pytest.mark.parametrize(
    ("text", "local", "precision", "offset_min"),
    [
        ("2023:05:01 12:30:45", MAY, "second", None),
        ("2023:05:01 12:30:45\x00", MAY, "second", None),
        ("2023-05-01T12:30:45.678+02:00", MAY.replace(microsecond=678000), "millisecond", 120),
        ("2023-05-01T12:30:45-0730", MAY, "second", -450),
        ("2003: 5: 1 12: 3: 4", datetime(2003, 5, 1, 12, 3, 4), "second", None),
        ("2023-05-01T12:30Z", datetime(2023, 5, 1, 12, 30), "minute", 0),
        ("2023:05:01", datetime(2023, 5, 1), "day", None),
        ("2023:05:00 00:00:00", datetime(2023, 5, 1), "month", None),
        ("2023:00:00", datetime(2023, 1, 1), "year", None),
        ("2023-05", datetime(2023, 5, 1), "month", None),
        ("2016:12:31 23:59:60", datetime(2016, 12, 31, 23, 59, 59), "second", None),
    ],
)  # fmt: skip
def test_stamps(text: str, local: datetime, precision: str, offset_min: int | None) -> None:
    found = parse_stamp(text, "x")
    assert found is not None
    assert (found.local, found.precision, found.offset_min) == (local, precision, offset_min)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "    :  :     :  :  ",
        "0000:00:00 00:00:00",
        "2020:02:30 25:61:61",
        "2020:13:01",
        "hello",
    ],
)
def test_no_stamps(text: str) -> None:
    assert parse_stamp(text, "x") is None


@given(st.text(max_size=40))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_any_text_is_survived(text: str) -> None:
    parse_stamp(text, "x")
    parse_offset(text)
    date_from_name(text.encode("utf-8", "replace"))


@given(st.datetimes(datetime(1826, 1, 1), datetime(2090, 1, 1)), st.integers(-899, 899))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_iso_round_trip(local: datetime, minutes: int) -> None:
    sign = "-" if minutes < 0 else "+"
    offset = f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    found = parse_stamp(local.isoformat(timespec="microseconds") + offset, "x")
    assert found is not None
    assert (found.local, found.offset_min) == (local, minutes)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("+02:00", 120), ("-03:30", -210), ("Z", 0), ("+15:00", 900), ("+15:01", None), ("+5", None)],
)
def test_offsets(text: str, minutes: int | None) -> None:
    assert parse_offset(text) == minutes


def test_fraction_digits_are_a_decimal_fraction() -> None:
    whole = parse_stamp("2023:05:01 12:30:45", "x")
    assert whole is not None
    assert with_fraction(whole, "5").local.microsecond == 500_000
    assert with_fraction(whole, "05 \x00").local.microsecond == 50_000
    assert with_fraction(whole, "1234567").local.microsecond == 123_456
    assert with_fraction(whole, "5").precision is Precision.MILLISECOND
    assert with_fraction(whole, "  ") == whole
    assert with_fraction(whole, "٣") == whole


@pytest.mark.parametrize(
    ("text", "believed"),
    [
        ("1825:12:31 23:59:59", False),
        ("1826:06:01 00:00:00", True),
        ("2024:06:03 11:59:59", True),
        ("2024:06:03 12:00:01", False),
        ("2024-06-03T20:00:00+10:00", True),
        ("1970:01:01 00:00:00", False),
        ("1980:01:01 00:00:00", False),
        ("1980:01:01 00:00:01", True),
    ],
)
def test_what_is_believed(text: str, believed: bool) -> None:
    found = parse_stamp(text, "x")
    assert found is not None
    assert is_believable(found, NOW) is believed


@pytest.mark.parametrize(
    ("name", "local", "precision"),
    [
        (b"IMG_20230501_123045.jpg", MAY, "second"),
        (b"/a/2019/VID_20230501_123045678.mp4", MAY.replace(microsecond=678000), "millisecond"),
        (b"20230501_123045.jpg", MAY, "second"),
        (b"IMG-20230501-WA0007.jpg", datetime(2023, 5, 1), "day"),
        (b"Screenshot_20230501-123045_App.png", MAY, "second"),
        (b"Screenshot 2023-05-01 at 12.30.45.png", MAY, "second"),
        (b"Screenshot_2023-05-01-12-30-45.png", MAY, "second"),
        (b"2023-05-01 12.30.45.jpg", MAY, "second"),
        (b"signal-2023-05-01-123045.jpg", MAY, "second"),
        (b"WhatsApp Image 2023-05-01 at 12.30.45.jpeg", MAY, "second"),
        (b"2023-05-01 holiday.jpg", datetime(2023, 5, 1), "day"),
    ],
)  # fmt: skip
def test_dates_in_names(name: bytes, local: datetime, precision: str) -> None:
    found = date_from_name(name)
    assert found is not None
    assert (found.local, found.precision, found.source) == (local, precision, "file-name")
    assert found.offset_min is None


def test_pixel_names_are_utc() -> None:
    found = date_from_name(b"PXL_20220724_210650210.NIGHT.jpg")
    assert found is not None
    assert found.local == datetime(2022, 7, 24, 21, 6, 50, 210000)
    assert found.offset_min == 0


@pytest.mark.parametrize(
    "name",
    [b"IMG_1234.jpg", b"DSC00042.JPG", b"123456789012345678.jpg", b"20231399.jpg", b"2023/a.jpg"],
)
def test_names_without_a_date(name: bytes) -> None:
    assert date_from_name(name) is None


def test_mtime_is_utc_whatever_the_server_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    found = dates_of_file(1_700_000_000_123_456_789, None)[0]
    assert found.local == datetime(2023, 11, 14, 22, 13, 20)
    assert (found.offset_min, found.source) == (0, "mtime")
    assert dates_of_file(2**63 - 1, None)[0].local - datetime(1970, 1, 1) < timedelta(
        days=366 * 300
    )
