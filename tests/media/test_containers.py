"""Metadata in the containers that hide it: PNG profiles, extended XMP, GIF, PSD, TIFF, JPEG XL."""

from __future__ import annotations

import struct
import zlib
from importlib.util import find_spec

import pytest

from photostore.base.errors import CodecMissingError, FileError
from photostore.media import jxl
from photostore.media.headers.cr3 import read_cr3
from photostore.media.headers.ifd import make_block
from photostore.media.headers.jxl import read_jxl
from photostore.media.headers.mrw import read_mrw
from photostore.media.headers.raf import read_raf
from photostore.media.headers.tiff import read_raw
from photostore.media.preview import render
from tests.media.boxfile import box
from tests.media.conftest import Read, encode, exif_block, jpeg_with_segment, noise

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf='
    b'"http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:xmp='
    b'"http://ns.adobe.com/xap/1.0/" xmp:Rating="3"/></rdf:RDF></x:xmpmeta>'
)
EXIF = exif_block({0x10F: "Maker"}, {0x9003: "2019:07:01 12:00:00"})


def build_crw(jpeg: bytes) -> bytes:
    """A Canon CRW of the older kind: one heap, its directory at the end."""
    shot = [0] * 23
    shot[1:3] = [0, 160]
    shot[21], shot[22] = 3 * 32 + 20, 8 * 32 + 12  # f/3.56, 1/323 s
    bodies = {
        0x080A: b"Canon\0Canon EOS 10D\0",
        0x180E: struct.pack("<IiI", 1_068_485_966, 0, 0),
        0x1810: struct.pack("<IIfiIII", 3072, 2048, 1.0, 90, 8, 24, 1),
        0x1029: struct.pack("<4H", 2, 24, 0, 0),
        0x102A: struct.pack("<23h", *shot),
        0x2007: jpeg,
    }
    heap, directory = b"", struct.pack("<H", len(bodies))
    for tag, body in bodies.items():
        directory += struct.pack("<HII", tag, len(body), len(heap))
        heap += body
    whole = heap + directory + struct.pack("<I", len(heap))
    return b"II\x1a\0\0\0HEAPCCDR" + bytes(12) + whole


def test_canon_crw(read: Read) -> None:
    jpeg = encode(noise(1536, 1024), "JPEG")
    content, facts = read("a.crw", build_crw(jpeg))
    assert (facts.kind.name, facts.make, facts.model) == ("crw", "Canon", "Canon EOS 10D")
    assert (facts.width, facts.height, facts.orientation) == (2048, 3072, 6)
    assert facts.captured is not None
    assert facts.captured.local.isoformat() == "2003-11-10T17:39:26"
    assert facts.captured.offset_min is None
    assert facts.focal_length_mm == 24
    assert facts.iso == 100
    assert facts.f_number == pytest.approx(3.56, abs=0.01)
    assert facts.exposure_time_s == pytest.approx(2 ** -(8 + 1 / 3), rel=0.01)
    assert max(render(content, facts).screen.width, 1) > 900


def test_sigma_x3f(read: Read) -> None:
    block = b"Exif\0\0" + exif_block({0x10F: "SIGMA", 0x110: "DP2"})
    jpeg = encode(noise(1600, 1067), "JPEG", exif=block)
    head = b"FOVb" + struct.pack("<I", 0x20003) + bytes(20) + struct.pack("<III", 2640, 1760, 0)
    section = b"SECi" + struct.pack("<6I", 0x20000, 2, 18, 1600, 1067, 0) + jpeg
    directory = b"SECd" + struct.pack("<II", 0x20000, 1)
    directory += struct.pack("<II4s", len(head), len(section), b"IMA2")
    data = head + section + directory
    data += struct.pack("<I", len(head) + len(section))
    content, facts = read("a.x3f", data)
    assert (facts.kind.name, facts.make, facts.model) == ("x3f", "SIGMA", "DP2")
    assert (facts.width, facts.height) == (2640, 1760)
    assert render(content, facts).screen.width == 1440


@pytest.mark.parametrize("cut", [20, 26, 40, 60, 200])
def test_cut_crw_is_refused(read: Read, cut: int) -> None:
    with pytest.raises(FileError):
        read("a.crw", build_crw(b"\xff\xd8\xff")[:cut])


def test_jpeg_2000(read: Read) -> None:
    data = encode(noise(64, 48), "JPEG2000")
    named = box(b"uuid", b"JpgTiffExif->JP2", EXIF)
    packet = box(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac"), XMP)
    _, facts = read("a.jp2", data[:32] + named + packet + data[32:])
    assert (facts.make, facts.rating) == ("Maker", 3)


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


def test_panasonic_s_borders() -> None:
    entries = {
        tag: (3, 1, struct.pack("<H", value))
        for tag, value in {4: 10, 5: 8, 6: 3010, 7: 4008, 0x112: 6}.items()
    }
    data = b"IIU\0" + make_block("<", entries)[4:]
    header = read_raw(data + bytes(64))
    assert (header.width, header.height) == (4000, 3000)
    assert header.exif is not None
    assert header.exif[:4] == b"II*\0"


def test_canon_cr2_has_the_size_that_exif_tells() -> None:
    exif = {tag: (4, 1, struct.pack("<I", n)) for tag, n in {0xA002: 3504, 0xA003: 2336}.items()}
    first = {tag: (4, 1, struct.pack("<I", n)) for tag, n in {0x100: 1536, 0x101: 1024}.items()}
    # The format's mark stands between the header and the first directory, so all is 8 bytes later.
    length = len(make_block("<", {**first, 0x8769: (4, 1, bytes(4))}))
    first[0x8769] = (4, 1, struct.pack("<I", length + 8))
    directories = make_block("<", first)[8:] + make_block("<", exif)[8:]
    data = b"II*\0" + struct.pack("<I", 16) + b"CR\2\0" + bytes(4) + directories
    header = read_raw(data + bytes(64))
    assert (header.width, header.height) == (3504, 2336)
