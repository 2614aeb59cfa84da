"""What exiftool writes into files of all kinds is read as exiftool reads it (SPEC 6.2, 6.3).

Each example is written anew with random values, so that nothing is fitted to a file. Left out where
exiftool is not installed.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import pillow_heif
import pytest

from photostore.media.facts import Facts
from photostore.media.probe import probe
from photostore.media.reading import read_content
from tests.media.conftest import encode, noise
from tests.media.rawfile import build_dng
from tests.samples import make_video

KINDS = {
    "jpg": "JPEG",
    "png": "PNG",
    "webp": "WEBP",
    "tif": "TIFF",
    "avif": "AVIF",
    "heic": "HEIF",
    "jp2": "JPEG2000",
    "psd": None,
    "dng": None,
}
EXIFTOOL = shutil.which("exiftool")
pytestmark = pytest.mark.skipif(EXIFTOOL is None, reason="exiftool is not installed")

TEXTS = ("Plain", "Ümläut ß ñ", "日本語 テスト", "two\nlines", "<b>&amp;</b>", "a;b,c", "Ω" * 300)
WORDS = ("Sea", "Übung", "a/b", "x|y", "日本", "two words")
# Tags, and what to choose from.
CHOICES: dict[str, tuple[str, ...]] = {
    "EXIF:DateTimeOriginal": ("1999:12:31 23:59:59", "2024:02:29 00:00:00"),
    "EXIF:SubSecTimeOriginal": ("5", "05", "123", "999999"),
    "EXIF:OffsetTimeOriginal": ("+02:00", "-05:30", "+00:00", "+13:45"),
    "EXIF:CreateDate": ("2001:02:03 04:05:06",),
    "XMP-exif:DateTimeOriginal": ("2003:04:05 06:07:08", "2003:04:05 06:07:08.25+03:00"),
    "XMP-photoshop:DateCreated": ("2004:05:06 07:08:09-04:00",),
    "IFD0:Make": ("Canon", "NIKON CORPORATION", "SONY  "),
    "IFD0:Model": ("X-T3", "EOS 5D Mark IV"),
    "XMP-tiff:Make": ("Other",),
    "ExifIFD:LensModel": ("EF 24-70mm f/2.8L", "50 mm"),
    "XMP-aux:Lens": ("18.0-55.0 mm f/3.5",),
    "XMP-exifEX:LensModel": ("exifEX lens",),
    "ExifIFD:ExposureTime": ("0.004", "30", "2.5"),
    "ExifIFD:FNumber": ("1.4", "22", "0.95"),
    "ExifIFD:ISO": ("50", "12800"),
    "ExifIFD:FocalLength": ("4.2", "600"),
    "XMP-xmp:Rating": ("-1", "0", "3", "5"),
    "XMP-dc:Title": TEXTS,
    "XMP-dc:Description": TEXTS,
}


def picture(kind: str) -> bytes:
    """A file of a kind without metadata."""
    pillow_heif.register_heif_opener()
    if kind == "dng":
        return build_dng(encode(noise(), "JPEG"), orientation=1)
    if kind == "psd":
        head = b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 48, 64, 8, 3)
        return head + bytes(12) + b"\0\0" + bytes(3 * 48 * 64)
    return encode(noise(), KINDS[kind] or "")


def arguments(dice: random.Random) -> list[str]:
    given = [
        f"-{tag}={dice.choice(values)}" for tag, values in CHOICES.items() if dice.random() < 0.4
    ]
    given += [f"-XMP-dc:Subject={word}" for word in dice.sample(WORDS, dice.randint(0, 4))]
    if dice.random() < 0.5:
        lat, lon = dice.uniform(-89, 89), dice.uniform(-179, 179)
        given += [f"-EXIF:GPSLatitude={abs(lat)}", f"-EXIF:GPSLongitude={abs(lon)}"]
        given += [f"-EXIF:GPSLatitudeRef={'NS'[lat < 0]}", f"-EXIF:GPSLongitudeRef={'EW'[lon < 0]}"]
    return given


def by_exiftool(path: Path) -> dict[str, Any]:
    command = [str(EXIFTOOL), "-n", "-j", "-G1", "-struct", str(path)]
    found: list[dict[str, Any]] = json.loads(subprocess.check_output(command))
    return found[0]


def first(told: dict[str, Any], *names: str) -> Any:
    return next((told[name] for name in names if told.get(name) not in (None, "")), None)


def text(value: Any) -> str | None:
    return None if value is None else " ".join(str(value).split())


def words(value: Any) -> list[str]:
    listed = value if isinstance(value, list) else [] if value is None else [value]
    return sorted({text(one) or "" for one in listed})


def compare(told: dict[str, Any], facts: Facts) -> None:
    date = first(told, "ExifIFD:DateTimeOriginal", "XMP-exif:DateTimeOriginal")
    if date is not None:
        assert facts.captured is not None
        assert facts.captured.local.strftime("%Y:%m:%d %H:%M:%S") == date[:19]
    offset = first(told, "ExifIFD:OffsetTimeOriginal")
    if offset is not None and "ExifIFD:DateTimeOriginal" in told and facts.captured is not None:
        minutes = int(offset[1:3]) * 60 + int(offset[4:6])
        assert facts.captured.offset_min == (-minutes if offset[0] == "-" else minutes)
    lat = first(told, "Composite:GPSLatitude")
    if lat is not None:
        assert facts.position is not None
        assert facts.position.lat == pytest.approx(lat, abs=1e-4)
        assert facts.position.lon == pytest.approx(told["Composite:GPSLongitude"], abs=1e-4)
    assert text(first(told, "IFD0:Make", "XMP-tiff:Make")) == facts.make
    assert text(told.get("IFD0:Model")) == facts.model
    lens = first(told, "ExifIFD:LensModel", "XMP-exifEX:LensModel", "XMP-aux:Lens")
    assert text(lens) == facts.lens
    for tag, value in (
        ("ExposureTime", facts.exposure_time_s),
        ("FNumber", facts.f_number),
        ("FocalLength", facts.focal_length_mm),
        ("ISO", facts.iso),
    ):
        assert value == (told.get(f"ExifIFD:{tag}") and pytest.approx(told[f"ExifIFD:{tag}"], 0.01))
    assert told.get("XMP-xmp:Rating") == facts.rating
    assert text(told.get("XMP-dc:Title")) == text(facts.title)
    assert text(told.get("XMP-dc:Description")) == text(facts.description)
    assert words(told.get("XMP-dc:Subject")) == words(list(facts.keywords))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_what_exiftool_writes_is_read(tmp_path: Path, kind: str, seed: int) -> None:
    path = tmp_path / f"a.{kind}"
    path.write_bytes(picture(kind))
    given = arguments(random.Random(f"{kind}{seed}"))
    subprocess.run(
        [str(EXIFTOOL), "-q", "-m", "-n", "-overwrite_original", *given, str(path)], check=True
    )
    compare(by_exiftool(path), probe(read_content(os.fsencode(path))))


FILM_CHOICES: dict[str, tuple[str, ...]] = {
    "QuickTime:CreateDate": ("2015:06:07 08:09:10", "1904:01:01 00:00:00"),
    "Keys:CreationDate": ("2016:07:08 09:10:11+05:30",),
    "ItemList:ContentCreateDate": ("2017:08:09 10:11:12+02:00",),
    "UserData:DateTimeOriginal": ("2018:09:10 11:12:13+03:00",),
    "Keys:GPSCoordinates": ("12.5 -33.25 100",),
    "UserData:GPSCoordinates": ("-12.5 33.25 10",),
    "Keys:Make": ("Apple",),
    "UserData:Make": ("Other",),
    "Keys:Model": ("iPhone 15",),
    "Keys:Title": TEXTS,
    "ItemList:Title": TEXTS,
    "Keys:Description": TEXTS,
    "ItemList:Description": TEXTS,
    "XMP-dc:Subject": WORDS,
    "XMP-xmp:Rating": ("3", "5"),
}


@pytest.mark.parametrize("seed", range(8))
def test_what_exiftool_writes_into_films_is_read(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    path = make_video(tmp_path / "a.mp4", seconds=1, taken_utc=None)
    given = [f"-{tag}={dice.choice(v)}" for tag, v in FILM_CHOICES.items() if dice.random() < 0.5]
    subprocess.run(
        [str(EXIFTOOL), "-q", "-m", "-n", "-overwrite_original", *given, str(path)], check=True
    )
    told, facts = by_exiftool(path), probe(read_content(os.fsencode(path)))
    date = first(told, "Keys:CreationDate", "ItemList:ContentCreateDate")
    if date is not None:
        assert facts.captured is not None
        assert facts.captured.local.strftime("%Y:%m:%d %H:%M:%S") == date[:19]
        assert facts.captured.offset_min == {"+05:30": 330, "+02:00": 120}[date[19:]]
    places = first(told, "Keys:GPSCoordinates", "UserData:GPSCoordinates")
    if places is not None:
        assert facts.position is not None
        assert facts.position.lat == pytest.approx(float(places.split()[0]), abs=1e-4)
        assert facts.position.lon == pytest.approx(float(places.split()[1]), abs=1e-4)
    assert first(told, "Keys:Make", "UserData:Make") == facts.make
    assert told.get("Keys:Model") == facts.model
    assert text(first(told, "Keys:Title", "ItemList:Title")) == text(facts.title)
    assert text(first(told, "Keys:Description", "ItemList:Description")) == text(facts.description)
    assert words(told.get("XMP-dc:Subject")) == words(list(facts.keywords))
    assert told.get("XMP-xmp:Rating") == facts.rating
