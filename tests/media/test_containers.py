"""Metadata in the containers that hide it: PNG profiles, extended XMP, GIF, PSD, TIFF, JPEG XL."""

from __future__ import annotations

import struct
import zlib
from importlib.util import find_spec

import pytest

from photostore.base.errors import CodecMissingError
from photostore.media import jxl
from photostore.media.headers.cr3 import read_cr3
from photostore.media.headers.jxl import read_jxl
from photostore.media.headers.mrw import read_mrw
from photostore.media.headers.raf import read_raf
from tests.media.boxfile import box
from tests.media.conftest import Read, encode, exif_block, jpeg_with_segment, noise

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf='
    b'"http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:xmp='
    b'"http://ns.adobe.com/xap/1.0/" xmp:Rating="3"/></rdf:RDF></x:xmpmeta>'
)
EXIF = exif_block({0x10F: "Maker"}, {0x9003: "2019:07:01 12:00:00"})


def with_chunk(png: bytes, name: bytes, body: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(name + body))
    return png[:33] + struct.pack(">I", len(body)) + name + body + checksum + png[33:]


def profile(kind: bytes, block: bytes) -> bytes:
    return b"\n" + kind + b"\n%8d\n" % len(block) + block.hex().encode() + b"\n"


@pytest.mark.parametrize("chunk", [b"tEXt", b"zTXt", b"iTXt"])
def test_raw_profiles_in_png(read: Read, chunk: bytes) -> None:
    text = profile(b"exif", b"Exif\0\0" + EXIF)
    body = (
        b"Raw profile type exif\0"
        + {
            b"tEXt": text,
            b"zTXt": b"\0" + zlib.compress(text),
            b"iTXt": b"\x01\0\0\0" + zlib.compress(text),
        }[chunk]
    )
    _, facts = read("a.png", with_chunk(encode(noise(64, 48), "PNG"), chunk, body))
    assert facts.make == "Maker"
    assert facts.captured is not None
    assert facts.captured.source == "EXIF:DateTimeOriginal"


def test_plain_texts_in_png(read: Read) -> None:
    png = with_chunk(encode(noise(64, 48), "PNG"), b"tEXt", b"Title\0A boat")
    png = with_chunk(png, b"tEXt", b"Creation Time\0" + b"Mon, 01 Jul 2019 12:00:00 +0200")
    _, facts = read("a.png", png)
    assert facts.title == "A boat"
    assert facts.captured is not None
    assert (facts.captured.source, facts.captured.offset_min) == ("PNG:CreationTime", 120)


def test_extended_xmp(read: Read) -> None:
    data = encode(noise(64, 48), "JPEG")
    for start in range(0, len(XMP), 100):
        piece = XMP[start : start + 100]
        head = b"http://ns.adobe.com/xmp/extension/\0" + b"D" * 32
        data = jpeg_with_segment(data, 0xE1, head + struct.pack(">II", len(XMP), start) + piece)
    assert read("a.jpg", data)[1].rating == 3


def test_xmp_in_gif(read: Read) -> None:
    gif = encode(noise(64, 48).convert("P"), "GIF")
    trailer = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
    at = gif.index(b"\x2c", 13 + 768)
    data = gif[:at] + b"\x21\xff\x0bXMP DataXMP" + XMP + trailer + gif[at:]
    assert read("a.gif", data)[1].rating == 3


def test_resources_in_psd(read: Read) -> None:
    def resource(number: int, body: bytes) -> bytes:
        return struct.pack(">4sHHI", b"8BIM", number, 0, len(body)) + body + b"\0" * (len(body) % 2)

    resources = resource(1060, XMP) + resource(1058, EXIF)
    data = struct.pack(">4sH6xHIIHH", b"8BPS", 1, 3, 48, 64, 8, 3) + struct.pack(">I", 0)
    data += struct.pack(">I", len(resources)) + resources + bytes(4) + bytes(2) + bytes(64 * 48 * 3)
    _, facts = read("a.psd", data)
    assert (facts.rating, facts.make) == (3, "Maker")


def test_orientation_and_boxes_of_jpeg_xl() -> None:
    # Small (1), height 16 -> 1 in 5 bits, ratio 0, width 32 -> 3; then not default, extra, 6.
    bits, at = 0, 0
    for value, count in ((1, 1), (1, 5), (0, 3), (3, 5), (0, 1), (1, 1), (5, 3), (0, 3)):
        bits |= value << at
        at += count
    stream = b"\xff\x0a" + bits.to_bytes(12, "little")
    header = read_jxl(stream)
    assert (header.width, header.height, header.orientation) == (32, 16, 6)
    boxed = b"\0\0\0\x0cJXL \r\n\x87\n" + box(b"ftyp", b"jxl \0\0\0\0jxl ")
    boxed += box(b"Exif", b"\0\0\0\0", EXIF) + box(b"xml ", XMP) + box(b"jxlc", stream)
    header = read_jxl(boxed)
    assert (header.exif, header.xmp, header.width) == (EXIF, XMP, 32)


def test_jpeg_xl_waits_where_its_decoder_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(jxl, "import_module", missing)
    with pytest.raises(CodecMissingError):
        jxl.decode_jxl(b"a.jxl", b"\xff\x0a")


@pytest.mark.skipif(find_spec("imagecodecs") is None, reason="imagecodecs is not installed")
def test_jpeg_xl_is_decoded_where_it_is() -> None:
    codecs = pytest.importorskip("imagecodecs")
    numbers = pytest.importorskip("numpy")
    pixels = numpy_gradient(numbers)
    image = jxl.decode_jxl(b"a.jxl", codecs.jpegxl_encode(pixels, lossless=True))
    assert (image.width, image.height, image.bands) == (32, 16, 3)
    assert image(31, 0)[0] == 248


def numpy_gradient(numbers: object) -> object:
    row = numbers.arange(32, dtype="uint8") * 8  # type: ignore[attr-defined]
    return numbers.stack([numbers.tile(row, (16, 1))] * 3, axis=2)  # type: ignore[attr-defined]


def test_cr3() -> None:
    canon = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
    exif = exif_block({0x9003: "2019:07:01 12:00:00"})
    blocks = box(b"CMT1", exif_block({0x10F: "Canon"})) + box(b"CMT2", exif)
    entry = b"\0\0\0\0CRAW" + bytes(24) + struct.pack(">HH", 6000, 4000) + bytes(90)
    table = box(b"stbl", box(b"stsd", bytes(8) + entry))
    track = box(b"trak", box(b"mdia", box(b"minf", table)))
    data = box(b"ftyp", b"crx \0\0\0\1crx ") + box(b"moov", box(b"uuid", canon, blocks), track)
    header = read_cr3(data)
    assert (header.width, header.height, header.preview) == (6000, 4000, None)
    assert header.exif is not None


def test_mrw_and_raf() -> None:
    size = struct.pack(">8sHHHH", b"27820001", 2000, 3000, 1920, 2880)
    blocks = b"\0PRD" + struct.pack(">I", len(size)) + size
    blocks += b"\0TTW" + struct.pack(">I", len(EXIF)) + EXIF
    header = read_mrw(b"\0MRM" + struct.pack(">I", len(blocks)) + blocks)
    assert (header.width, header.height, header.exif) == (2880, 1920, EXIF)
    jpeg = encode(noise(64, 48), "JPEG")
    entries = struct.pack(">IHHHHHHHH", 2, 0x100, 4, 4100, 6200, 0x111, 4, 4000, 6000)
    head = b"FUJIFILMCCD-RAW ".ljust(84, b"\0")
    head += struct.pack(">IIII", 128 + len(entries), len(jpeg), 128, len(entries))
    header = read_raf(head.ljust(128, b"\0") + entries + jpeg)
    assert (header.width, header.height) == (6000, 4000)
    assert header.preview == (128 + len(entries), len(jpeg))
