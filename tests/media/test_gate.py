"""DESIGN 3, SPEC 5.3, 6.6: header limits before any decoder; nothing but FileError comes out."""

from __future__ import annotations

import io
import struct
import time
import zlib

import pytest
import pyvips
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from photostore.base.errors import FileError, MediaRejectedError, UnreadableError
from photostore.media.gate import read_header
from photostore.media.headers.header import DamagedHeaderError
from photostore.media.headers.jpeg import read_jpeg
from photostore.media.headers.png import read_png
from photostore.media.headers.tiff import read_tiff
from photostore.media.kinds import KINDS, sniff
from photostore.media.preview import render
from photostore.media.probe import probe
from photostore.media.reading import Content

from .conftest import Read, encode, exif_block, jpeg_with_exif, noise


def content_of(data: bytes, name: bytes = b"/x/file") -> Content:
    return Content(name, len(data), 0, bytes(20), data[:4096], data)


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, *, interlace: int = 0, data: bytes = b"") -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, interlace)
    body = chunk(b"IDAT", zlib.compress(data))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body + chunk(b"IEND", b"")


def jpeg(width: int, height: int, *, marker: int = 0xC0, body: bytes = b"") -> bytes:
    """A frame and a scan header with any claim, over the tables of a real file."""
    real = encode(Image.new("RGB", (16, 16)), "JPEG")
    frame = real.index(b"\xff\xc0")
    changed = struct.pack(">BBHBHH", 0xFF, marker, 17, 8, height, width)
    scan = real.index(b"\xff\xda")
    return real[:frame] + changed + real[frame + 9 : scan + 14] + body + b"\xff\xd9"


def tiff(width: int, height: int, **tags: int) -> bytes:
    numbers = {
        "0x100": width,
        "0x101": height,
        "0x102": 8,
        "0x103": 1,
        "0x106": 1,
        "0x111": 8,
        "0x115": 1,
        "0x116": height,
        "0x117": 100,
        **tags,
    }
    entries = sorted((int(tag, 16), value) for tag, value in numbers.items())
    directory = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries)
    return b"II*\x00\x08\x00\x00\x00" + struct.pack("<H", len(entries)) + directory + bytes(4 + 100)


def gif(width: int, height: int) -> bytes:
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6) + frame + b";"


def webp_lossless(width: int, height: int) -> bytes:
    bits = (width - 1) | (height - 1) << 14
    body = b"\x2f" + struct.pack("<I", bits) + bytes(20)
    inner = b"WEBPVP8L" + struct.pack("<I", len(body)) + body + bytes(len(body) & 1)
    return b"RIFF" + struct.pack("<I", len(inner)) + inner


def heif(width: int, height: int) -> bytes:
    ispe = struct.pack(">I4sIII", 20, b"ispe", 0, width, height)
    meta = struct.pack(">I4sI", 12 + len(ispe), b"meta", 0) + ispe
    return struct.pack(">I4s4sI4s", 20, b"ftyp", b"heic", 0, b"mif1") + meta


def bmp(width: int, height: int) -> bytes:
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<III", 54 + 100, 0, 54) + head + bytes(100)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (jpeg(65_500, 65_500), "bytes of picture data"),
        (jpeg(20_000, 20_000), "bytes of picture data"),
        (jpeg(30_000, 30_000, body=bytes(10_000_000)), "more than the limit"),
        (jpeg(16_000, 16_000, marker=0xC2, body=bytes(3_000_000)), "memory at once"),
        (jpeg(64, 64, marker=0xC3), "lossless"),
        (png(100_000, 100_000), "bytes of picture data"),
        (png(70_000, 10, data=bytes(70_000 * 30)), "longer than"),
        (png(20_000, 20_000, interlace=1, data=bytes(300_000_000)), "memory at once"),
        (tiff(1_000_000, 1_000_000), "strip"),
        (tiff(60_000, 60_000, **{"0x116": 1}), "more than the limit"),
        (tiff(65_000, 65_000, **{"0x142": 16, "0x143": 16, "0x144": 8}), "million"),
        (gif(65_535, 65_535), "more than the limit"),
        (gif(20_000, 20_000), "memory at once"),
        (webp_lossless(16_383, 16_383), "memory at once"),
        (heif(60_000, 60_000), "more than the limit"),
        (heif(12_000, 12_000), "nothing to see"),
        (bmp(2_000_000_000, 1), "longer than"),
        (bmp(10_000, -10_000), "more than the limit"),
    ],
)
def test_bombs_are_refused_by_their_header(data: bytes, reason: str) -> None:
    kind = sniff(data)
    assert kind is not None
    start = time.process_time()
    with pytest.raises((MediaRejectedError, UnreadableError), match=reason):
        read_header(content_of(data), kind)
    assert time.process_time() - start < 3


def test_jpeg_with_hundreds_of_scans_is_refused() -> None:
    whole = pyvips.Image.black(64, 64, bands=3).copy(interpretation="srgb")
    progressive = whole.jpegsave_buffer(interlace=True)
    last = progressive[progressive.rindex(b"\xff\xda") : -2]
    assert read_jpeg(progressive).width == 64
    with pytest.raises(MediaRejectedError, match="scans"):
        read_header(content_of(progressive[:-2] + last * 200 + b"\xff\xd9"), KINDS["jpeg"])


def test_scans_behind_the_end_do_not_count() -> None:
    """A film behind a motion photo may hold any bytes."""
    progressive = encode(noise(64, 64), "JPEG", progressive=True)
    assert read_jpeg(progressive + b"\xff\xda\x00\x08" * 1000).width == 64


def test_scan_bomb_inside_a_tiff_is_refused() -> None:
    data = tiff(64, 64, **{"0x103": 7}) + b"\xff\xda" * 300
    with pytest.raises(MediaRejectedError, match="scans"):
        read_header(content_of(data), KINDS["tiff"])


def test_counting_scans_is_cheap() -> None:
    data = encode(noise(3000, 2000), "JPEG", progressive=True, quality=97)
    read_jpeg(data)
    start = time.process_time()
    for _ in range(5):
        read_jpeg(data)
    per_megabyte = (time.process_time() - start) / 5 / (len(data) / 1e6)
    assert per_megabyte < 0.02  # about 1 ms on an idle machine


def test_large_but_honest_pictures_pass() -> None:
    wide = jpeg(11_000, 5_500, body=bytes(1_000_000))
    assert read_header(content_of(wide), KINDS["jpeg"]).width == 11_000
    phone = heif(16_320, 12_240) + bytes(5_000_000)
    assert read_header(content_of(phone), KINDS["heic"]).height == 12_240


def test_a_jpeg_cut_in_its_headers_has_no_picture() -> None:
    data = jpeg_with_exif(encode(noise(), "JPEG"), exif_block({0x10F: "Acme"}))
    for length in (3, 20, 60, data.index(b"\xff\xda")):
        with pytest.raises(DamagedHeaderError):
            read_jpeg(data[:length])


def test_photo_over_256_mib_is_refused_not_read() -> None:
    content = Content(b"/x/a.tif", 300_000_000, 0, bytes(20), b"II*\x00", None)
    with pytest.raises(MediaRejectedError, match="256 MiB"):
        read_header(content, KINDS["tiff"])


def test_png_takes_exif_and_xmp() -> None:
    text = zlib.compress(b"<x/>")
    extra = chunk(b"eXIf", exif_block({0x112: 6}))
    extra += chunk(b"iTXt", b"XML:com.adobe.xmp\x00\x01\x00\x00\x00" + text)
    whole = png(2, 2, data=bytes(14))
    header = read_png(whole[:33] + extra + whole[33:])
    assert header.exif is not None
    assert header.exif[:2] in (b"II", b"MM")
    assert header.xmp == b"<x/>"


def test_png_text_bomb_is_inflated_to_a_bound() -> None:
    bomb = b"XML:com.adobe.xmp\x00\x01\x00\x00\x00" + zlib.compress(bytes(200_000_000))
    whole = png(2, 2, data=bytes(14))
    header = read_png(whole[:33] + chunk(b"iTXt", bomb) + whole[33:])
    assert header.xmp is not None
    assert len(header.xmp) <= 4 * 1024 * 1024


def test_bigtiff_and_byte_order() -> None:
    for format_ in ("tif", "tif[bigtiff]"):
        data = pyvips.Image.black(40, 30).write_to_buffer("." + format_)
        header = read_tiff(data)
        assert (header.width, header.height) == (40, 30)


SAMPLES = {
    "jpeg": jpeg_with_exif(encode(noise(64, 48), "JPEG"), exif_block({0x112: 6, 0x10F: "Acme"})),
    "progressive": encode(noise(64, 48), "JPEG", progressive=True),
    "png": encode(noise(64, 48), "PNG"),
    "gif": encode(noise(64, 48).convert("P"), "GIF"),
    "webp": encode(noise(64, 48), "WEBP", exif=exif_block({0x112: 3})),
    "tiff": encode(noise(64, 48), "TIFF", compression="tiff_lzw"),
    "bmp": encode(noise(64, 48), "BMP"),
    "jp2": encode(noise(64, 48), "JPEG2000"),
    "avif": encode(noise(64, 48), "AVIF"),
}


@pytest.mark.parametrize("name", SAMPLES)
@given(
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=6),
    cut=st.one_of(st.none(), st.floats(0, 1)),
)
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_mutated_files_raise_nothing_but_file_errors(
    name: str, changes: list[tuple[float, int]], cut: float | None
) -> None:
    data = bytearray(SAMPLES[name])
    for place, value in changes:
        data[int(place * min(len(data) - 1, 700))] = value
    if cut is not None:
        del data[int(cut * len(data)) :]
    content = content_of(bytes(data), b"/x/a.jpg")
    try:
        facts = probe(content)
        previews = render(content, facts)
    except FileError:
        pass  # any other exception fails the test
    else:
        assert previews.grid.width <= facts.width + 8
        assert len(previews.thumbhash) <= 25


def test_a_readable_file_of_each_sample_is_rendered(read: Read) -> None:
    for name, data in SAMPLES.items():
        content, facts = read(f"{name}.bin", data)
        size = render(content, facts).screen
        assert {size.width, size.height} == {64, 48}, name


def test_reasons_never_hold_raw_markup() -> None:
    with pytest.raises(MediaRejectedError, match="SVG"):
        probe(content_of(b'<?xml version="1.0"?><svg onload="alert(1)"/>'))
    with pytest.raises(MediaRejectedError, match="zeros"):
        probe(content_of(bytes(5000)))
    with pytest.raises(MediaRejectedError, match="no photo or video"):
        probe(content_of(io.BytesIO(b"%PDF-1.4 and more").getvalue()))
