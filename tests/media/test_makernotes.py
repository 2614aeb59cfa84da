"""The little that is read of maker notes, and blocks put together from parts."""

from __future__ import annotations

import struct

import pytest

from photostore.media.exif import read_exif
from photostore.media.headers.ifd import Directories, join_blocks
from photostore.media.makernotes import MakerFields, describe_lens, read_maker_notes
from tests.media.conftest import exif_block


def directory(order: str, entries: dict[int, tuple[int, int, bytes]], start: int) -> bytes:
    """A directory at `start` with its longer values behind it."""
    head, values = struct.pack(order + "H", len(entries)), b""
    at = start + 6 + 12 * len(entries)
    for tag, (type_, count, value) in sorted(entries.items()):
        head += struct.pack(order + "HHI", tag, type_, count)
        if len(value) <= 4:
            head += value.ljust(4, b"\0")
        else:
            head += struct.pack(order + "I", at + len(values))
            values += value
    return head + b"\0\0\0\0" + values


def with_note(make: str, note: bytes) -> bytes:
    return exif_block({0x10F: make}, {0x927C: note})


def test_apple() -> None:
    note = b"Apple iOS\x00\x00\x01MM" + directory(">", {0x11: (2, 5, b"AB-1\0")}, 14)
    assert read_maker_notes(with_note("Apple", note)).content_identifier == "AB-1"


def test_nikon() -> None:
    lens = struct.pack(">8I", 18, 1, 55, 1, 35, 10, 56, 10)
    inner = b"MM\0*\0\0\0\x08" + directory(
        ">", {0x24: (7, 4, struct.pack(">hBB", 60, 1, 0)), 0x84: (5, 4, lens)}, 8
    )
    found = read_maker_notes(with_note("NIKON CORPORATION", b"Nikon\0\x02\x11\0\0" + inner))
    assert found == MakerFields(lens="18-55mm f/3.5-5.6", offset_min=120)


def test_fujifilm() -> None:
    numbers = {
        0x1404 + i: (5, 1, struct.pack("<II", value, 10))
        for i, value in enumerate((230, 230, 20, 20))
    }
    note = b"FUJIFILM\x0c\0\0\0" + directory("<", numbers, 12)
    assert read_maker_notes(with_note("FUJIFILM", note)).lens == "23mm f/2"


@pytest.mark.parametrize(
    "note", [b"", b"Unknown maker", b"Nikon\0\x02" + b"\xff" * 40, b"Apple iOS\0"]
)
def test_others_give_nothing(note: bytes) -> None:
    assert read_maker_notes(with_note("X", note)) == MakerFields()


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        ((24.0, 70.0, 2.8, 2.8), "24-70mm f/2.8"),
        ((50.0, 50.0, 1.8, 1.8), "50mm f/1.8"),
        ((18.0, 55.0, 0.0, 0.0), "18-55mm"),
        ((0.0, 0.0, 0.0, 0.0), None),
        ((70.0, 24.0, 2.8, 2.8), None),
        ((), None),
    ],
)
def test_names_of_lenses(parts: tuple[float, ...], name: str | None) -> None:
    assert describe_lens(parts) == name


def test_the_camera_s_zone_is_the_date_s() -> None:
    fields = read_exif(exif_block({}, {0x9003: "2019:07:01 12:00:00"}))
    assert fields.captured[0].offset_min is None


def test_blocks_put_together() -> None:
    first = exif_block({0x10F: "Maker of things"})
    exif = exif_block({0x9003: "2019:07:01 12:00:00", 0x829A: (1, 250)})
    gps = exif_block({1: "N", 2: (59.0, 54.0, 36.0), 3: "E", 4: (10.0, 45.0, 0.0)})
    whole = join_blocks(first, {0x8769: exif, 0x8825: gps})
    fields = read_exif(whole)
    assert fields.make == "Maker of things"
    assert fields.captured[0].local.year == 2019
    assert fields.position is not None
    assert fields.position.lat == pytest.approx(59.91)
    assert Directories(whole).first == 8
