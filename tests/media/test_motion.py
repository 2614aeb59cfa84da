"""Clips inside stills, and pairs of stills and clips (SPEC 6.5)."""

from __future__ import annotations

import struct
from datetime import datetime, timedelta

import pytest

from photostore.media.facts import Captured, ClipRange, Facts, Precision
from photostore.media.kinds import KINDS
from photostore.media.motion import locate_clip
from photostore.media.pairing import LivePair, Part, is_live_pair, pair_live_photos
from photostore.media.xmp import MotionFields, read_xmp
from tests.media.boxfile import box, film, movie_header

STILL = b"\xff\xd8\xff\xe0" + b"picture " * 64 + b"\xff\xd9"
CLIP = film(movie_header(0))
PLAIN = MotionFields()
NOON = datetime(2023, 5, 1, 12, 0)


def samsung(clip: bytes) -> bytes:
    """The trailer of a still: a named block, and a table that points back at it."""
    block = struct.pack("<HHI", 0, 0x0A30, 16) + b"MotionPhoto_Data" + clip
    table = b"SEFH" + struct.pack("<II", 106, 1)
    table += struct.pack("<HHII", 0, 0x0A30, len(block), len(block))
    return block + table + struct.pack("<I", len(table)) + b"SEFT"


@pytest.mark.parametrize(
    ("data", "motion"),
    [
        (STILL + CLIP, MotionFields(flagged=True, clip_length=len(CLIP))),
        (STILL + CLIP + b"more", MotionFields(clip_length=len(CLIP), behind_clip=4)),
        (STILL + CLIP, MotionFields(flagged=True, offset_from_end=len(CLIP))),
        (STILL + CLIP, MotionFields(flagged=True, clip_length=len(CLIP) + 13)),  # a lie
        (STILL + CLIP, MotionFields(flagged=True, offset_from_end=7)),
        (STILL + CLIP, MotionFields(flagged=True)),
    ],
)
def test_announced_clips(data: bytes, motion: MotionFields) -> None:
    clip = locate_clip(data, motion, heif=False)
    assert clip == ClipRange(len(STILL), len(CLIP), "video/mp4")


def test_samsung_trailer() -> None:
    data = STILL + samsung(CLIP)
    clip = locate_clip(data, PLAIN, heif=False)
    assert clip is not None
    assert data[clip.offset : clip.offset + clip.length] == CLIP


def test_huawei_s_end() -> None:
    end = b"v2_f31".ljust(20) + b"1478:1478".ljust(20)
    tail = end + (b"LIVE_%d" % (len(CLIP) + 60)).ljust(20)
    data = STILL + CLIP + tail
    clip = locate_clip(data, PLAIN, heif=False)
    assert clip is not None
    assert clip.offset == len(STILL)
    assert locate_clip(STILL + b"LIVE_%d" % 4000, PLAIN, heif=False) is None


def test_a_box_of_its_own_in_heif() -> None:
    data = box(b"ftyp", b"heic\0\0\0\0mif1") + box(b"meta", b"\0" * 200) + box(b"mpvd", CLIP)
    clip = locate_clip(data, PLAIN, heif=True)
    assert clip is not None
    assert data[clip.offset : clip.offset + clip.length] == CLIP


@pytest.mark.parametrize(
    ("data", "motion"),
    [
        (STILL, MotionFields(flagged=True, clip_length=100)),  # the clip was cut off
        (STILL + CLIP, PLAIN),  # nobody says that there is one
        (STILL + b"\0\0\0\x10ftypmp42\0\0\0\0", MotionFields(flagged=True)),  # no index
        (STILL + b"SEFT", PLAIN),
        (b"", MotionFields(flagged=True, clip_length=1)),
    ],
)
def test_no_clip(data: bytes, motion: MotionFields) -> None:
    assert locate_clip(data, motion, heif=False) is None


def test_google_s_directory() -> None:
    packet = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
     xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
     xmlns:Camera="http://ns.google.com/photos/1.0/camera/"
     xmlns:Container="http://ns.google.com/photos/1.0/container/"
     xmlns:Item="http://ns.google.com/photos/1.0/container/item/" Camera:MotionPhoto="1">
     <Container:Directory><rdf:Seq>
      <rdf:li rdf:parseType="Resource"><Container:Item Item:Mime="image/jpeg"
        Item:Semantic="Primary" Item:Length="0"/></rdf:li>
      <rdf:li rdf:parseType="Resource"><Container:Item Item:Mime="image/jpeg"
        Item:Semantic="GainMap" Item:Length="77"/></rdf:li>
      <rdf:li rdf:parseType="Resource"><Container:Item Item:Mime="video/mp4"
        Item:Semantic="MotionPhoto" Item:Length="1234"/></rdf:li>
     </rdf:Seq></Container:Directory></rdf:Description></rdf:RDF></x:xmpmeta>"""
    assert read_xmp(packet).motion == MotionFields(flagged=True, clip_length=1234)


def part(path: bytes, seconds: float = 0.0, **values: object) -> Part:
    kind = KINDS["mov" if path.lower().endswith((b"mov", b"mp4")) else "heic"]
    taken = Captured(
        NOON + timedelta(seconds=seconds), Precision.SECOND, 120, "EXIF:DateTimeOriginal"
    )
    facts = Facts(kind, 400, 300, 1, b"\0" * 20, **({"captured": taken} | values))  # type: ignore[arg-type]
    return Part(path, facts)


def test_identifiers_come_first() -> None:
    parts = [
        part(b"/p/IMG_1.HEIC", content_identifier="A"),
        part(b"/p/IMG_1.MOV", content_identifier="B"),
        part(b"/p/IMG_1_HEVC.MOV", content_identifier="A"),
    ]
    assert pair_live_photos(parts) == (LivePair(b"/p/IMG_1.HEIC", b"/p/IMG_1_HEVC.MOV", True),)


@pytest.mark.parametrize(
    ("still", "clip", "paired"),
    [
        (part(b"/p/IMG_1.HEIC"), part(b"/p/IMG_1.MOV", 2.0, duration_s=2.5), True),
        (part(b"/p/IMG_1.HEIC"), part(b"/p/img_1.mov", -2.0), True),
        (part(b"/p/IMG_1.HEIC"), part(b"/p/IMG_1.MOV", 4.0), False),
        (part(b"/p/IMG_1.HEIC"), part(b"/p/IMG_1.MOV", duration_s=60.0), False),
        (part(b"/p/IMG_1.HEIC"), part(b"/q/IMG_1.MOV"), False),
        (part(b"/p/IMG_1.HEIC"), part(b"/p/IMG_2.MOV"), False),
        (part(b"/p/IMG_1.HEIC", captured=None), part(b"/p/IMG_1.MOV"), False),
        (
            part(b"/p/IMG_1.HEIC"),
            part(b"/p/IMG_1.MOV", captured=Captured(
                NOON - timedelta(hours=2), Precision.SECOND, 0, "QuickTime:CreateDate")),
            True,
        ),
    ],
)  # fmt: skip
def test_names_and_times(still: Part, clip: Part, paired: bool) -> None:
    assert is_live_pair(still, clip) is paired
