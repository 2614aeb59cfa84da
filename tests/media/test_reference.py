"""Previews beside independent renderings: same pixels, same colours (SPEC 6.4, 8.1).

The references are made by numpy from the pixels that were put in, by LittleCMS through Pillow, by
FFmpeg, or out of files by exiftool; none of them goes through the code under test. A mean colour
difference (CIE 1976) of 1 is what a trained eye sees side by side.
"""

from __future__ import annotations

import io
import os
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest
import pyvips
from PIL import Image, ImageCms

from photostore.media.preview import render
from photostore.media.probe import probe
from photostore.media.reading import read_content
from photostore.media.tone import HLG, to_standard
from tests.media.conftest import (
    Read,
    encode,
    exif_block,
    jpeg_with_exif,
    jpeg_with_segment,
    noise,
)
from tests.media.rawfile import build_dng

np = pytest.importorskip("numpy")
av = pytest.importorskip("av")
pillow_heif = pytest.importorskip("pillow_heif")

EDGE_PX = 1440
EXIFTOOL = shutil.which("exiftool")
D65 = (0.95047, 1.0, 1.08883)
TO_XYZ = {
    "srgb": ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505)),
    "p3": ((0.4866, 0.2657, 0.1982), (0.2290, 0.6917, 0.0793), (0.0000, 0.0451, 1.0439)),
    "adobe": ((0.5767, 0.1856, 0.1882), (0.2973, 0.6274, 0.0753), (0.0270, 0.0707, 0.9911)),
}
# From D65 to D50, in which profiles count (Bradford).
ADAPT = ((1.0479, 0.0229, -0.0502), (0.0296, 0.9904, -0.0171), (-0.0092, 0.0151, 0.7519))


def linear(values: Any) -> Any:
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def gamma(values: Any) -> Any:
    clipped = np.clip(values, 0, 1)
    return np.where(clipped <= 0.0031308, clipped * 12.92, 1.055 * clipped ** (1 / 2.4) - 0.055)


def lab(picture: Any) -> Any:
    """CIE L*a*b* of 8-bit sRGB values."""
    xyz = linear(picture / 255.0) @ np.array(TO_XYZ["srgb"]).T / np.array(D65)
    curve = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    x, y, z = np.moveaxis(curve, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def colour_difference(shown: Image.Image, reference: Any) -> float:
    """The mean difference; a reference of another size is brought to that of the preview."""
    wanted = Image.fromarray(np.asarray(reference, dtype=np.uint8)).convert("RGB")
    if wanted.size != shown.size:
        assert abs(wanted.width / wanted.height - shown.width / shown.height) < 0.01
        wanted = wanted.resize(shown.size, Image.Resampling.LANCZOS)
    apart = lab(np.asarray(shown.convert("RGB"), float)) - lab(np.asarray(wanted, float))
    return float(np.sqrt((apart**2).sum(-1)).mean())


def shown(path: Path | bytes) -> Image.Image:
    content = read_content(os.fsencode(path))
    return Image.open(io.BytesIO(render(content, probe(content)).screen.data))


def soft(width: int = 480, height: int = 320) -> Image.Image:
    """A picture with many colours and no fine detail, which encoders keep."""
    small = noise(width // 8, height // 8, seed=4)
    return small.resize((width, height), Image.Resampling.BICUBIC)


TURNED = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
    8: lambda a: np.rot90(a, 1),
}


@pytest.mark.parametrize("orientation", TURNED)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_orientations(read: Read, kind: str, orientation: int) -> None:
    pillow_heif.register_heif_opener()
    block = b"Exif\0\0" + exif_block({0x112: orientation})
    options = {"lossless": True} if kind == "WEBP" else {"quality": 98}
    picture = soft(240, 160)
    if kind == "TIFF":
        data = encode(picture, kind, tiffinfo={0x112: orientation})
    else:
        data = encode(picture, kind, exif=block, **options)
    content, facts = read(f"a.{kind.lower()}", data)
    found = Image.open(io.BytesIO(render(content, facts).screen.data))
    assert colour_difference(found, TURNED[orientation](np.asarray(picture))) < 1.5


@pytest.mark.skipif(EXIFTOOL is None, reason="exiftool is not installed")
@pytest.mark.parametrize("orientation", TURNED)
def test_orientations_as_exiftool_writes_them(tmp_path: Path, orientation: int) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(encode(soft(), "JPEG", quality=98))
    turn = f"-Orientation={orientation}"
    subprocess.run([str(EXIFTOOL), "-q", "-n", "-overwrite_original", turn, str(path)], check=True)
    assert colour_difference(shown(path), TURNED[orientation](np.asarray(soft()))) < 1.5


def matrix_profile(space: str, exponent: float | None) -> bytes:
    """An ICC profile of three primaries; without an exponent the curve is sRGB's."""
    columns = (np.array(ADAPT) @ np.array(TO_XYZ[space])).T
    if exponent is None:
        terms = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
        figures = struct.pack(">5i", *(round(term * 65536) for term in terms))
        curve = b"para" + bytes(4) + struct.pack(">HH", 3, 0) + figures
    else:
        curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(exponent * 256)) + bytes(2)
    white = (0.9642, 1.0, 0.8249)
    tags = {b"desc": b"desc" + bytes(4) + struct.pack(">I", 5) + b"Test\0" + bytes(79)}
    for name, place in zip((b"wtpt", b"rXYZ", b"gXYZ", b"bXYZ"), (white, *columns), strict=True):
        fixed = struct.pack(">3i", *(round(float(value) * 65536) for value in place))
        tags[name] = b"XYZ " + bytes(4) + fixed
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    at, table, bodies = 132 + 12 * len(tags), b"", b""
    for name, body in tags.items():
        padded = body + bytes(-len(body) % 4)
        table += name + struct.pack(">II", at + len(bodies), len(body))
        bodies += padded
    head = bytearray(128)
    struct.pack_into(">I4sI4s4s4s", head, 0, at + len(bodies), b"test", 0x02400000, *(
        b"mntr", b"RGB ", b"XYZ "
    ))  # fmt: skip
    head[36:40] = b"acsp"
    head[68:80] = struct.pack(">3i", *(round(value * 65536) for value in white))
    return bytes(head) + struct.pack(">I", len(tags)) + table + bodies


@pytest.mark.parametrize(("space", "exponent"), [("p3", None), ("adobe", 2.19921875)])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_wide_colours(read: Read, space: str, exponent: float | None, kind: str) -> None:
    profile = matrix_profile(space, exponent)
    options = {"lossless": True} if kind == "WEBP" else {"quality": 98}
    content, facts = read("a.jpg", encode(soft(), kind, icc_profile=profile, **options))
    assert facts.colour == "Test"
    values = np.asarray(soft(), float) / 255
    light = linear(values) if exponent is None else values**exponent
    to_srgb = np.linalg.inv(np.array(TO_XYZ["srgb"])) @ np.array(TO_XYZ[space])
    reference = gamma(light @ to_srgb.T) * 255
    picture = Image.open(io.BytesIO(render(content, facts).screen.data))
    assert colour_difference(picture, np.rint(reference)) < 1.5


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk(read: Read, kind: str) -> None:
    """Inks by a printer's profile, through another program's use of LittleCMS."""
    profile = pyvips.Image.profile_load("cmyk")
    inks = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    srgb = ImageCms.createProfile("sRGB")
    intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
    printed = ImageCms.profileToProfile(soft(), srgb, inks, intent, outputMode="CMYK")
    assert printed is not None
    content, facts = read("a.jpg", encode(printed, kind, icc_profile=profile, quality=98))
    reference = ImageCms.profileToProfile(
        printed, inks, srgb, intent, "RGB", flags=ImageCms.Flags.BLACKPOINTCOMPENSATION
    )
    assert reference is not None
    picture = Image.open(io.BytesIO(render(content, facts).screen.data))
    assert colour_difference(picture, np.asarray(reference)) < 1.5


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_grey(read: Read, kind: str) -> None:
    grey = soft().convert("L")
    source = grey.convert("RGB") if kind == "WEBP" else grey
    content, facts = read("a.jpg", encode(source, kind, quality=98))
    picture = Image.open(io.BytesIO(render(content, facts).screen.data))
    assert colour_difference(picture, grey.convert("RGB")) < 1.0


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits(read: Read, kind: str) -> None:
    deep = (np.asarray(soft().convert("L"), np.uint16) * 257) ^ 0x55
    content, facts = read("a.png", encode(Image.fromarray(deep), kind))
    picture = Image.open(io.BytesIO(render(content, facts).screen.data))
    reference = Image.fromarray((deep >> 8).astype(np.uint8)).convert("RGB")
    assert colour_difference(picture, reference) < 1.0


def test_a_gain_map_leaves_the_picture_as_it_is(read: Read) -> None:
    """The plain picture is shown, not the map that follows it, nor the two put together."""
    packet = (
        b"<x:xmpmeta xmlns:x='adobe:ns:meta/' xmlns:hdrgm='http://ns.adobe.com/hdr-gain-map/1.0/'/>"
    )
    plain = encode(soft(), "JPEG", quality=98)
    marked = jpeg_with_segment(plain, 0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet)
    content, facts = read("a.jpg", marked + encode(noise(240, 160, 9).convert("L"), "JPEG"))
    assert facts.hdr == "gain map"
    picture = Image.open(io.BytesIO(render(content, facts).screen.data))
    assert colour_difference(picture, np.asarray(soft())) < 1.5


@pytest.mark.parametrize(
    "name",
    [
        "libvips-ultra-hdr.jpg",
        "libultrahdr-apple_gainmap_new.jpg",
        "libultrahdr-apple_gainmap_old.jpg",
    ],
)
def test_gain_maps_of_phones(corpus: Path, name: str) -> None:
    path = corpus / "hdr" / name
    with Image.open(path) as picture:
        profile = picture.info.get("icc_profile")
        turned = TURNED[picture.getexif().get(0x112, 1)](np.asarray(picture.convert("RGB")))
        reference = Image.fromarray(np.ascontiguousarray(turned))
    if profile:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(reference, source, ImageCms.createProfile("sRGB"))
        assert converted is not None
        reference = converted
    assert colour_difference(shown(path), reference) < 2.0


def by_ffmpeg(path: Path, share: float = 0.0) -> Any:
    """A frame as FFmpeg shows it, in 8-bit RGB at full size: the first, or one some way in."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        wished = share * float(container.duration or 0) / 1_000_000
        for frame in container.decode(stream):
            if frame.time is None or frame.time >= min(wished, 3.0) - 0.001:
                break
        scale = min(1.0, EDGE_PX / max(frame.width, frame.height))
        size = round(frame.width * scale), round(frame.height * scale)
        small = frame.reformat(*size, "rgb48le", interpolation="AREA")
        return small.to_ndarray() // 257


@pytest.mark.parametrize(
    "name",
    [
        "exiv2-issue_9292_sony_3_bottom_right.HIF",
        "exiv2-issue_9292_sony_6_right_top.HIF",
    ],
)
def test_turned_heic_of_a_camera(corpus: Path, name: str) -> None:
    path = corpus / "orientation" / name
    assert colour_difference(shown(path), by_ffmpeg(path)) < 3.0


def test_posters(corpus: Path) -> None:
    path = corpus / "video" / "made-vp9.webm"
    assert colour_difference(shown(path), by_ffmpeg(path, share=0.1)) < 3.0


@pytest.mark.parametrize("name", ["made-hevc-hvc1-10bit-hlg.mov", "media-hlg10-color-test.mp4"])
def test_posters_of_high_dynamic_range(corpus: Path, name: str) -> None:
    """FFmpeg's frame of the same moment; what its light looks like is for `test_tone`."""
    path = corpus / "video" / name
    frame = by_ffmpeg(path, share=0.1)
    signal = pyvips.Image.new_from_array(frame.astype("uint8")).copy(interpretation="srgb")
    with av.open(str(path)) as container:
        primaries = int(container.streams.video[0].codec_context.color_primaries)
    expected = to_standard(signal, primaries, HLG)
    # What the JPEG loses, the steeper middle tones make half as large again.
    assert colour_difference(shown(path), expected.numpy()) < 4.0


def test_raw_by_its_preview(read: Read) -> None:
    large = soft(1280, 960)
    data = build_dng(encode(large, "JPEG", quality=98), orientation=8)
    content, facts = read("a.dng", data)
    picture = Image.open(io.BytesIO(render(content, facts).screen.data))
    assert colour_difference(picture, TURNED[8](np.asarray(large))) < 1.5


def test_jpeg_with_exif_is_what_was_put_in(read: Read) -> None:
    """The yardstick itself: an ordinary picture differs by what JPEG takes away."""
    data = jpeg_with_exif(encode(soft(), "JPEG", quality=98), exif_block({0x10F: "A"}))
    content, facts = read("a.jpg", data)
    picture = Image.open(io.BytesIO(render(content, facts).screen.data))
    assert colour_difference(picture, np.asarray(soft())) < 1.0
    assert colour_difference(picture, 255 - np.asarray(soft())) > 20
