"""SPEC 6.1: the kind is decided by content; a wrong extension is noted, not fatal."""

from __future__ import annotations

import struct

import pytest

from photostore.media.kinds import KINDS, Group, NameClass, classify_name, disagreement, sniff
from photostore.media.rawmagic import sniff_tiff_family


def ftyp(major: bytes, *compatible: bytes) -> bytes:
    body = major + b"\x00\x00\x00\x00" + b"".join(compatible)
    return struct.pack(">I", len(body) + 8) + b"ftyp" + body


def tiff(tags: list[tuple[int, int, int, int]], make: bytes = b"") -> bytes:
    text_at = 8 + 2 + 12 * (len(tags) + bool(make)) + 4
    if make:
        tags = sorted([*tags, (0x10F, 2, len(make), text_at)])
    entries = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    return b"II*\x00\x08\x00\x00\x00" + struct.pack("<H", len(tags)) + entries + bytes(4) + make


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "jpeg"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"GIF89a", "gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "webp"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "avi"),
        (b"BM\x00\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00", "bmp"),
        (ftyp(b"heic", b"mif1"), "heic"),
        (ftyp(b"mif1", b"heic"), "heic"),
        (ftyp(b"mif1", b"avif", b"miaf"), "avif"),
        (ftyp(b"avis"), "avif"),
        (ftyp(b"crx "), "cr3"),
        (ftyp(b"qt  "), "mov"),
        (ftyp(b"isom", b"mp42"), "mp4"),
        (ftyp(b"3gp5"), "3gp"),
        (b"\x00\x00\x00\x08wide\x00\x00\x00\x00mdat", "mov"),
        (b"\x1aE\xdf\xa3\x01\x00\x00\x00\x00\x00\x00\x1fB\x86\x81\x01webm", "webm"),
        (b"\x1aE\xdf\xa3\x01\x00\x00\x00\x00\x00\x00\x23matroska", "mkv"),
        ((b"\x47" + bytes(187)) * 4, "m2ts"),
        ((bytes(4) + b"\x47" + bytes(187)) * 4, "m2ts"),
        (b"\x00\x00\x01\xba\x44", "mpeg"),
        (b"OggS\x00\x02", "ogv"),
        (b"FLV\x01\x05", "flv"),
        (b"8BPS\x00\x01", "psd"),
        (b"\xff\x0a\xfa", "jxl"),
        (b"FUJIFILMCCD-RAW 0201", "raf"),
        (b"IIRO\x08\x00\x00\x00", "orf"),
        (b"II*\x00\x10\x00\x00\x00CR\x02\x00", "cr2"),
        (tiff([(0x100, 3, 1, 16)]), "tiff"),
        (b"MM\x00\x2b\x00\x08\x00\x00", "tiff"),
        (tiff([(0xC612, 1, 4, 1)]), "dng"),
        (tiff([(0xFE, 4, 1, 1), (0x14A, 4, 1, 100)], b"NIKON CORPORATION\x00"), "nef"),
        (tiff([(0x103, 3, 1, 32767)], b"SONY\x00"), "arw"),
        (tiff([(0x106, 3, 1, 32803)], b"Nobody\x00"), "raw"),
        (tiff([(0x100, 3, 1, 16)], b"NIKON CORPORATION\x00"), "tiff"),
    ],
)
def test_kind_is_told_by_magic_bytes(head: bytes, name: str) -> None:
    kind = sniff(head)
    assert kind is not None
    assert kind.name == name


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\x00" * 4096,
        b"\xff" * 4096,
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b"%PDF-1.4",
        b"BM hello, this is a letter",
        ftyp(b"M4A "),
        b"\xff\xd8",
    ],
)
def test_other_content_is_no_media(head: bytes) -> None:
    assert sniff(head) is None


def test_every_kind_is_consistent() -> None:
    for name, kind in KINDS.items():
        assert name == kind.name
        assert kind.extensions
        assert kind.mime.startswith("video/" if kind.group is Group.VIDEO else "image/")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (b"a.JPG", NameClass.MEDIA),
        (b"/x/y.z/IMG_1.HeIc", NameClass.MEDIA),
        (b"a.jpg.xmp", NameClass.SIDECAR),
        (b"a.AAE", NameClass.SIDECAR),
        (b"logo.svg", NameClass.MEDIA),  # looked at, so that its rejection is said
        (b"notes.txt", NameClass.OTHER),
        (b"jpg", NameClass.OTHER),
        (b".jpg", NameClass.OTHER),
        (b"folder.jpg/readme", NameClass.OTHER),
        (b"caf\xe9.jp\xe9", NameClass.OTHER),
        (b"caf\xe9.jpg", NameClass.MEDIA),
    ],
)
def test_names_are_classed_by_extension(name: bytes, expected: NameClass) -> None:
    assert classify_name(name) is expected


def test_wrong_extension_is_a_note() -> None:
    assert disagreement(b"a.jpeg", KINDS["jpeg"]) is None
    assert disagreement(b"a.MOV", KINDS["mp4"]) is None
    assert disagreement(b"a.nef", KINDS["dng"]) is None
    note = disagreement(b"a.png", KINDS["jpeg"])
    assert note is not None
    assert ".png" in note
    assert "JPEG" in note


def test_truncated_tiff_directory_is_survived() -> None:
    whole = tiff([(0x100, 3, 1, 16), (0x101, 3, 1, 16)], b"SONY\x00")
    for length in range(len(whole)):
        assert sniff_tiff_family(whole[:length]) in (None, "tiff")
