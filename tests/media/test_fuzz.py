"""Mutated files of every kind through every reader: never anything but FileError (issue 3).

Whatever a stranger's file holds, a reader ends in time, keeps its memory, and gives text.
"""

from __future__ import annotations

import io
import os
import resource
import struct
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import av
import pillow_heif
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from photostore.base.errors import FileError
from photostore.media.everything import read_everything
from photostore.media.exif import read_exif
from photostore.media.facts import Facts
from photostore.media.headers.source import Memory
from photostore.media.iptc import read_iptc
from photostore.media.makernotes import read_maker_notes
from photostore.media.motion import locate_clip
from photostore.media.probe import probe
from photostore.media.quicktime import read_quicktime
from photostore.media.reading import read_content
from photostore.media.sidecars import SidecarForm, match_sidecars, merge, read_sidecar
from photostore.media.xmp import MotionFields, read_xmp
from tests.media.boxfile import film, international, keys, movie_header
from tests.media.conftest import encode, exif_block, jpeg_with_exif, jpeg_with_segment, noise
from tests.media.rawfile import build_dng
from tests.media.test_motion import CLIP, samsung

MAX_SECONDS = 2.0
MAX_BYTES = 200 * 1024 * 1024
NOW = datetime(2024, 1, 1, tzinfo=UTC)
FAST = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "40")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
XMP = b"""<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
 xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#" xmp:Rating="4"
 xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="59,54.6N">
 <dc:subject><rdf:Bag><rdf:li>a</rdf:li><rdf:li>b</rdf:li></rdf:Bag></dc:subject>
 <mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:RegionList><rdf:Bag>
  <rdf:li rdf:parseType="Resource"><mwg-rs:Name>Ana</mwg-rs:Name><mwg-rs:Type>Face</mwg-rs:Type>
   <mwg-rs:Area stArea:x="0.5" stArea:y="0.5" stArea:w="0.1" stArea:h="0.1"/></rdf:li>
 </rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions></rdf:Description></rdf:RDF></x:xmpmeta>"""
EXIF = exif_block(
    {0x10F: "Canon", 0x110: "EOS", 0x112: 6},
    {0x9003: "2019:07:01 12:00:00", 0x829A: (1, 250), 0x927C: b"Apple iOS\0\0\1MM" + b"\0\2" * 40},
    {1: "N", 2: (59.0, 54.0, 36.0), 3: "E", 4: (10.0, 45.0, 0.0)},
)


def raf(jpeg: bytes) -> bytes:
    """A Fujifilm RAW with nothing but its preview."""
    head = b"FUJIFILMCCD-RAW ".ljust(84, b"\0") + struct.pack(">II", 160, len(jpeg))
    return head.ljust(160, b"\0") + jpeg


def clip(form: str, codec: str) -> bytes:
    """A film of a few small frames."""
    target = io.BytesIO()
    with av.open(target, "w", format=form) as container:
        container.metadata["title"] = "A"
        container.metadata["creation_time"] = "2020-01-01T00:00:00"
        stream = container.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for seed in range(4):
            frame = av.VideoFrame.from_image(noise(64, 48, seed + 1))
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return target.getvalue()


def pictures() -> dict[str, bytes]:
    small = noise(64, 48)
    jpeg = jpeg_with_exif(encode(small, "JPEG"), EXIF)
    jpeg = jpeg_with_segment(jpeg, 0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + XMP)
    frames = [noise(32, 24, seed) for seed in (1, 2)]
    gif = io.BytesIO()
    frames[0].save(gif, "GIF", save_all=True, append_images=frames[1:])
    return {
        "jpeg": jpeg + samsung(CLIP),
        "png": encode(small, "PNG", exif=EXIF),
        "gif": gif.getvalue(),
        "webp": encode(small, "WEBP", exif=EXIF, xmp=XMP),
        "tiff": encode(small, "TIFF"),
        "bmp": encode(small, "BMP"),
        "jp2": encode(Image.new("RGB", (32, 32)), "JPEG2000"),
        "avif": encode(small, "AVIF", exif=EXIF),
        "raw": build_dng(encode(small, "JPEG"), orientation=6),
        "heic": encode(small, "HEIF", exif=b"Exif\0\0" + EXIF),
        "psd": b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 8, 8, 8, 3) + bytes(398),
        "raf": raf(jpeg),
        "avi": clip("avi", "mpeg4"),
        "mkv": clip("matroska", "mpeg4"),
        "ts": clip("mpegts", "mpeg2video"),
        "mov": clip("mov", "mpeg4"),
        "mp4": film(movie_header(3_600_000_000), keys({"com.apple.quicktime.make": "A"})),
    }


pillow_heif.register_heif_opener()
FILES = pictures()
EXTREMES = (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\0\0\0\1", b"\1\0\0\0")
JSON = b'{"title": "a.jpg", "photoTakenTime": {"timestamp": "1560000009"}, "people": [{"name": 1}]}'
RDF = b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """Bytes with some of them changed, moved, doubled or cut off; most damage is near the start."""
    broken = bytearray(data)
    for _ in range(draw(st.integers(1, 8))):
        near = draw(st.booleans())
        at = draw(st.integers(0, max(0, min(len(broken), 512 if near else 1 << 30) - 1)))
        kind = draw(st.sampled_from(("byte", "word", "cut", "drop", "double")))
        if kind == "byte":
            broken[at : at + 1] = draw(st.binary(min_size=1, max_size=1))
        elif kind == "word":
            extremes = (
                b"\xff\xff\xff\xff",
                b"\x00\x00\x00\x00",
                b"\x7f\xff\xff\xff",
                b"\x00\x00\x00\x01",
            )
            broken[at : at + 4] = draw(st.sampled_from(extremes))
        elif kind == "cut":
            del broken[at + 16 :]
        elif kind == "drop":
            del broken[at : at + draw(st.integers(1, 64))]
        else:
            broken[at:at] = broken[at : at + 64]
    return bytes(broken)


def within_bounds(read: Callable[[], Any]) -> Any:
    """Read something within the limits; the memory is the highest that the process ever took."""
    start, before = time.thread_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = read()
    assert time.thread_time() - start < MAX_SECONDS
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < MAX_BYTES
    return found


def texts(facts: Facts) -> list[str]:
    plain = (facts.make, facts.model, facts.lens, facts.title, facts.description, facts.label)
    return [text for text in (*plain, *facts.keywords, *facts.people, *facts.notes) if text]


@pytest.mark.parametrize("name", sorted(FILES))
@FAST
@given(data=st.data())
def test_files(name: str, data: st.DataObject) -> None:
    broken = data.draw(damaged(FILES[name]))
    with tempfile.NamedTemporaryFile(suffix=f".{name}") as file:
        file.write(broken)
        file.flush()
        path = file.name.encode()
        content = read_content(path) if broken else None
        if content is None:
            return
        for group in within_bounds(lambda: read_everything(content)):
            for tag, value in group.entries:
                (tag + value).encode("utf-8")
                assert all(char.isprintable() or char in "\n\t" for char in tag + value)
        try:
            facts = within_bounds(lambda: probe(content, now=NOW))
        except FileError:
            return
    assert isinstance(facts, Facts)
    for text in texts(facts):
        text.encode("utf-8")
        assert len(text) <= 5000
        assert all(char.isprintable() or char in "\n\t" for char in text)


BLOCKS = {
    "exif": (EXIF, read_exif),
    "maker notes": (EXIF, read_maker_notes),
    "xmp": (XMP, read_xmp),
    "iptc": (b"\x1c\x02\x19\x00\x03abc\x1c\x02\x37\x00\x0820190701" * 4, read_iptc),
    "quicktime": (
        film(movie_header(1), keys({"a": "b"}), international(b"\xa9xyz", "+1.0+2.0/")),
        lambda data: read_quicktime(Memory(data)),
    ),
    "motion": (
        b"\xff\xd8" + b"\0" * 200 + samsung(CLIP),
        lambda data: locate_clip(data, MotionFields(flagged=True, clip_length=9), heif=True),
    ),
}


@pytest.mark.parametrize("name", sorted(BLOCKS))
@FAST
@given(data=st.data())
def test_readers_never_raise(name: str, data: st.DataObject) -> None:
    sound, reader = BLOCKS[name]
    broken = data.draw(damaged(sound) | st.binary(max_size=256))
    within_bounds(lambda: reader(broken))


@FAST
@given(data=st.data())
def test_sidecars(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(SidecarForm))
    broken = data.draw(damaged(XMP if form is SidecarForm.XMP else JSON))
    with tempfile.NamedTemporaryFile() as file:
        file.write(broken)
        file.flush()
        found = within_bounds(lambda: read_sidecar(file.name.encode(), form))
    kind = FACTS
    merged = merge(kind, [found], NOW)  # type: ignore[list-item]
    assert merged.sha1 == kind.sha1


@FAST
@given(st.lists(st.binary(min_size=1, max_size=40), max_size=20))
def test_names(names: list[bytes]) -> None:
    endings = (b".jpg", b".jpg.json", b".xmp", b".json")
    listed = [name + ending for name in names for ending in endings]
    assert set(match_sidecars(listed)) <= set(listed)


def facts_of_a_picture() -> Facts:
    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        file.write(FILES["jpeg"])
        file.flush()
        return probe(read_content(file.name.encode()), now=NOW)


FACTS = facts_of_a_picture()


@pytest.mark.parametrize(
    "packet",
    [
        b"<a>" * 100_000,
        RDF + b"<rdf:li/>" * 400_000,
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b"<a>" + b"x" * (3 << 20) + b"</a>",
        b"<a " + b"".join(b"a%d='1' " % number for number in range(100_000)) + b"/>",
    ],
)
def test_bombs_in_xmp(packet: bytes) -> None:
    tracemalloc.start()
    try:
        within_bounds(lambda: read_xmp(packet))
        assert tracemalloc.get_traced_memory()[1] < MAX_BYTES
    finally:
        tracemalloc.stop()
