"""Boxes of films: dates, places and makers (SPEC 6.2)."""

from __future__ import annotations

import struct
from datetime import datetime

import pytest

from photostore.media.facts import Position, Precision
from photostore.media.headers.source import Memory
from photostore.media.quicktime import QuickTimeFields, read_quicktime
from tests.media.boxfile import box, film, full, international, keys, movie_header, since_1904

NOON = datetime(2019, 7, 1, 12, 0)
HEADER = movie_header(since_1904(NOON))


def read(*parts: bytes) -> QuickTimeFields:
    return read_quicktime(Memory(film(*parts)))


def test_the_movie_s_clock_is_utc() -> None:
    (date,) = read(HEADER).captured
    assert (date.local, date.offset_min, date.source) == (NOON, 0, "QuickTime:CreateDate")
    assert read(movie_header(0)).captured == ()
    from_1970 = read(movie_header(since_1904(NOON) - 2_082_844_800)).captured
    assert from_1970[0].local == NOON


def test_apple_s_keys() -> None:
    fields = read(
        HEADER,
        keys(
            {
                "com.apple.quicktime.creationdate": "2019-07-01T14:00:00+0200",
                "com.apple.quicktime.make": "Apple",
                "com.apple.quicktime.model": "iPhone X",
                "com.apple.quicktime.location.ISO6709": "+59.9100+010.7500+012.5/",
                "com.apple.quicktime.content.identifier": "ABC-1",
            }
        ),
    )
    date = fields.captured[0]
    assert (date.source, date.offset_min) == ("QuickTime:CreationDate", 120)
    assert (fields.make, fields.model) == ("Apple", "iPhone X")
    assert fields.content_identifier == "ABC-1"
    assert fields.position == Position(59.91, 10.75, 12.5)


def test_samsung_s_offset_turns_utc_into_wall_clock() -> None:
    fields = read(HEADER, keys({"com.samsung.android.utc_offset": "+0900"}))
    assert (fields.captured[0].local.hour, fields.captured[0].offset_min) == (21, 540)


def test_user_data() -> None:
    fields = read(
        box(
            b"udta",
            international(b"\xa9xyz", "-33.8600+151.2100/"),
            international(b"\xa9mak", "Maker"),
            international(b"\xa9mod", "Model"),
            international(b"\xa9day", "2019-07-01T14:00:00+02:00"),
        )
    )
    assert (fields.make, fields.model, fields.position) == (
        "Maker",
        "Model",
        Position(-33.86, 151.21),
    )
    assert fields.captured[0].offset_min == 120


def test_3gpp_location() -> None:
    degrees = struct.pack(">iii", round(10.75 * 65536), round(59.91 * 65536), 0)
    place = read(box(b"udta", full(b"loci", b"\x15\xc7Oslo\0\0" + degrees))).position
    assert place is not None
    assert (place.lat, place.lon) == pytest.approx((59.91, 10.75), abs=1e-4)


def test_sony_s_own_description() -> None:
    text = (
        b'<NonRealTimeMeta><CreationDate value="2019-07-01T14:00:00+02:00"/>'
        b'<Device manufacturer="Sony" modelName="ILCE-7M3" serialNo="1"/></NonRealTimeMeta>'
    )
    meta = full(b"meta", full(b"hdlr", b"\0\0\0\0nrtm" + b"\0" * 13), full(b"xml ", text))
    fields = read_quicktime(Memory(film(HEADER) + meta))
    assert (fields.make, fields.model) == ("Sony", "ILCE-7M3")
    assert fields.captured[0].offset_min == 120


def test_gopro_writes_its_own_clock_where_utc_belongs() -> None:
    model = b"MINFc\x01\x00\x0bHERO8 Black"
    fields = read(HEADER, box(b"udta", box(b"FIRM", b"HD8.01"), box(b"GPMF", model)))
    assert (fields.make, fields.model) == ("GoPro", "HERO8 Black")
    assert fields.captured[0].offset_min is None


def test_a_year_is_no_date_of_a_film() -> None:
    assert read(box(b"udta", international(b"\xa9day", "2019"))).captured == ()


def test_xmp_packets() -> None:
    uuid = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
    assert read_quicktime(Memory(film(HEADER) + box(b"uuid", uuid, b"<x/>"))).xmp == b"<x/>"
    assert read(box(b"udta", box(b"XMP_", b"<y/>"))).xmp == b"<y/>"


@pytest.mark.parametrize("data", [b"", b"\0" * 64, film(HEADER)[:34], box(b"moov", box(b"mvhd"))])
def test_damage_gives_nothing(data: bytes) -> None:
    assert read_quicktime(Memory(data)).captured == ()


def test_precision_of_a_header() -> None:
    assert read(HEADER).captured[0].precision is Precision.SECOND
    assert read(HEADER).duration_s == 2.0


def test_keys_win_over_user_data_wherever_they_stand() -> None:
    """exiftool takes the same side: what a phone wrote last and most exactly."""
    old = box(
        b"udta", international(b"\xa9day", "2001-02-03"), international(b"\xa9xyz", "+01+002/")
    )
    new = keys(
        {
            "com.apple.quicktime.creationdate": "2019-02-12T15:27:12+0800",
            "com.apple.quicktime.location.ISO6709": "+27.1281+100.2508+000.000/",
        }
    )
    found = [read(old, new), read(new, old)]
    assert found[0] == found[1]
    assert found[0].captured[0].local == datetime(2019, 2, 12, 15, 27, 12)
    assert found[0].position is not None
    assert found[0].position.lat == pytest.approx(27.1281)


def test_cameras_of_the_2000s() -> None:
    tags = b"NIKON DIGITAL CAMERA".ljust(24, b"\0") + b"E5700".ljust(8, b"\0") + b"\0" * 32
    found = read(box(b"udta", box(b"TAGS", tags)))
    assert (found.make, found.model) == ("NIKON DIGITAL CAMERA", "E5700")
