"""SPEC 6: facts of a whole file, and which source wins."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest

from photostore.media.facts import ClipRange
from photostore.media.probe import probe
from photostore.media.reading import read_content

from .conftest import Read, Write, encode, exif_block, jpeg_with_exif, jpeg_with_segment, noise
from .test_xmp import PACKET, record, resource

NOW = datetime(2024, 6, 1, tzinfo=UTC)


def test_exif_reaches_the_facts_from_every_container(read: Read) -> None:
    block = b"Exif\x00\x00" + exif_block({0x10F: "Acme"}, {0x9003: "2023:05:01 12:30:45"})
    for kind in ("JPEG", "PNG", "WEBP", "AVIF"):
        _, facts = read("a." + kind.lower(), encode(noise(64, 48), kind, exif=block))
        assert facts.make == "Acme", kind
        assert facts.captured is not None
        assert facts.captured.source == "EXIF:DateTimeOriginal", kind
    _, facts = read("a.tif", encode(noise(64, 48), "TIFF", tiffinfo={0x10F: "Acme"}))
    assert facts.make == "Acme"


def test_date_falls_back_to_name_then_mtime(write: Write) -> None:
    data = encode(noise(64, 48), "JPEG")
    named = probe(read_content(write("IMG_20230501_123045.jpg", data)), now=NOW).captured
    assert named is not None
    assert named.source == "file-name"
    path = write("nothing.jpg", data)
    os.utime(path, (1_600_000_000, 1_600_000_000))
    last = probe(read_content(path), now=NOW).captured
    assert last is not None
    assert (last.source, last.offset_min) == ("mtime", 0)
    assert last.local == datetime(2020, 9, 13, 12, 26, 40)


def test_unbelievable_dates_are_passed_over_with_a_note(read: Read, write: Write) -> None:
    block = exif_block({}, {0x9003: "2098:05:04 03:02:01", 0x9004: "2023:05:01 12:30:45"})
    path = write("a.jpg", jpeg_with_exif(encode(noise(64, 48), "JPEG"), block))
    facts = probe(read_content(path), now=NOW)
    assert facts.captured is not None
    assert facts.captured.source == "EXIF:DateTimeDigitized"
    assert any("2098" in note for note in facts.notes)


FILM = (
    b"\x00\x00\x00\x10ftypmp42\x00\x00\x00\x00" + b"\x00\x00\x00\x08moov" + b"\x00\x00\x00\x08mdat"
)


def test_xmp_and_iptc(read: Read) -> None:
    data = encode(noise(64, 48), "JPEG")
    data = jpeg_with_segment(data, 0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + PACKET)
    iptc = record(25, b"meadow") + record(5, b"other")
    data = jpeg_with_segment(data, 0xED, b"Photoshop 3.0\x00" + resource(iptc))
    _, facts = read("a.jpg", data)
    assert (facts.rating, facts.title, facts.description) == (4, "A <b> title", "Words")
    assert facts.keywords == ("meadow", "tree", "été")
    assert facts.people == ("Ana", "José")
    assert facts.captured is not None
    assert (facts.captured.source, facts.captured.offset_min) == ("XMP:DateTimeOriginal", 120)
    assert not facts.motion_photo  # flagged, but there is no clip
    # A type box alone is no film; one with an index is.
    _, facts = read("b.jpg", data + FILM[:16])
    assert not facts.motion_photo
    _, facts = read("c.jpg", data + FILM)
    assert facts.motion_photo
    assert facts.clip == ClipRange(len(data), len(FILM), "video/mp4")


def test_wrong_extension_is_noted(read: Read) -> None:
    _, facts = read("a.png", encode(noise(64, 48), "JPEG"))
    assert facts.kind.name == "jpeg"
    assert any(".png" in note for note in facts.notes)
    _, facts = read("a.jpg", encode(noise(64, 48), "JPEG"))
    assert facts.notes == ()


def test_a_picture_much_too_short_is_noted(read: Read) -> None:
    data = encode(noise(1600, 1200), "JPEG", quality=20)
    scan = data.index(b"\xff\xda")
    _, facts = read("a.jpg", data[: scan + 700])
    assert any("%" in note for note in facts.notes)


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (bytes.fromhex("ff0a0111022000000000"), None),
        (b"\xff\x0a" + (0b0_00111_1 | 1 << 6).to_bytes(12, "little"), (64, 64)),
    ],
)
def test_jpeg_xl_is_recognised(read: Read, data: bytes, size: tuple[int, int] | None) -> None:
    _, facts = read("a.jxl", data)
    assert facts.kind.name == "jxl"
    if size:
        assert (facts.width, facts.height) == size
