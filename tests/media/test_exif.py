"""SPEC 6.2, 6.3, 6.6: EXIF fields, and blocks made to harm."""

from __future__ import annotations

import struct
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photostore.media.exif import ExifFields, read_exif

from .conftest import exif_block

WHOLE = exif_block(
    {0x10F: "Acme\x00", 0x110: "Camera 1", 0x112: 6, 0x10E: "A hill", 0x4746: 4},
    {
        0x9003: "2023:05:01 12:30:45",
        0x9291: "25",
        0x9011: "-03:30",
        0x829A: 0.004,
        0x829D: 2.8,
        0x920A: 50.0,
        0x8827: 400,
        0xA434: "Acme 50mm",
    },
    {1: "S", 2: (33.0, 51.0, 36.0), 3: "W", 4: (70.0, 40.0, 12.0), 5: b"\x00", 6: 570.5},
)


def test_all_fields() -> None:
    fields = read_exif(WHOLE)
    assert (fields.make, fields.model, fields.lens) == ("Acme", "Camera 1", "Acme 50mm")
    assert fields.orientation == 6
    assert fields.exposure_time_s == pytest.approx(0.004)
    assert (fields.f_number, fields.focal_length_mm) == (pytest.approx(2.8), pytest.approx(50))
    assert (fields.iso, fields.rating, fields.description) == (400, 4, "A hill")
    captured = fields.captured[0]
    assert captured.local.isoformat() == "2023-05-01T12:30:45.250000"
    assert (captured.offset_min, captured.source) == (-210, "EXIF:DateTimeOriginal")
    assert fields.position is not None
    assert fields.position.lat == pytest.approx(-33.86)
    assert fields.position.lon == pytest.approx(-70.67)
    assert fields.position.alt_m == pytest.approx(570.5)
    assert fields.notes == ()


@pytest.mark.parametrize(
    ("ifd0", "exif", "gps", "note"),
    [
        ({0x112: 9}, {}, {}, "orientation"),
        ({}, {0x9003: "2020:02:30 10:00:00"}, {}, "no date"),
        ({}, {}, {1: "N", 2: (97.0, 0.0, 0.0), 3: "E", 4: (1.0, 0.0, 0.0)}, "latitude"),
        ({}, {}, {1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)}, "0, 0"),
        ({}, {0x829D: 4_000_000.0}, {}, "aperture"),
    ],
)
def test_numbers_out_of_range_are_dropped_with_a_note(
    ifd0: dict[int, object], exif: dict[int, object], gps: dict[int, object], note: str
) -> None:
    fields = read_exif(exif_block(ifd0, exif, gps))
    assert any(note in text for text in fields.notes)
    assert fields.position is None
    assert fields.captured == ()
    assert fields.orientation is None


def test_gps_time_is_utc() -> None:
    gps = {7: (10.0, 20.0, 30.0), 29: "2023:05:01"}
    captured = read_exif(exif_block(gps=gps)).captured
    assert [date.source for date in captured] == ["EXIF:GPSTimeStamp"]
    assert captured[0].local.isoformat() == "2023-05-01T10:20:30"
    assert captured[0].offset_min == 0


def test_text_is_kept_harmless() -> None:
    block = exif_block({0x10F: "A\x1b[31m<b>\u202e".encode(), 0x110: "M\xfcller".encode("latin-1")})
    fields = read_exif(block)
    assert fields.make == "A[31m<b>"
    assert fields.model == "Müller"


def bomb(entries: int) -> bytes:
    """A directory whose entries all point back at it, or claim many values."""
    body = struct.pack("<HHII", 0x8825, 4, 1, 8) * (entries // 2)
    body += struct.pack("<HHII", 0x9999, 5, 999, 8) * (entries // 2)
    return b"II*\x00\x08\x00\x00\x00" + struct.pack("<H", entries) + body + struct.pack("<I", 8)


def chain(length: int) -> bytes:
    """Directories without entries, one behind the other."""
    links = b"".join(struct.pack("<HI", 0, 14 + 6 * at) for at in range(length))
    return b"II*\x00\x08\x00\x00\x00" + links


@pytest.mark.parametrize("block", [bomb(4000), chain(10_000_000 // 6), bomb(60_000)])
def test_a_crafted_block_ends_soon(block: bytes) -> None:
    start = time.process_time()
    assert isinstance(read_exif(block), ExifFields)
    assert time.process_time() - start < 10


@given(st.binary(max_size=200))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_any_bytes_are_survived(block: bytes) -> None:
    assert isinstance(read_exif(b"II*\x00" + block), ExifFields)


@given(st.integers(8, len(WHOLE) - 1), st.binary(min_size=1, max_size=4))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_mutated_blocks_are_survived(at: int, change: bytes) -> None:
    assert isinstance(read_exif(WHOLE[:at] + change + WHOLE[at + len(change) :]), ExifFields)
