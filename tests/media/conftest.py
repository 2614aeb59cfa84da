"""Real files for the tests of the media floor: made here, or from the corpus where present."""

from __future__ import annotations

import io
import json
import random
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from photostore.media.facts import Facts
from photostore.media.probe import probe
from photostore.media.reading import Content, read_content

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus"

Write = Callable[[str, bytes], bytes]
Read = Callable[[str, bytes], tuple[Content, Facts]]


@pytest.fixture(scope="session")
def corpus() -> Path:
    if not (CORPUS / "manifest.json").is_file():
        pytest.skip("no test corpus: ../shared/corpus is not beside the repository")
    return CORPUS


@pytest.fixture(scope="session")
def manifest(corpus: Path) -> list[dict]:
    return json.loads((corpus / "manifest.json").read_text())["items"]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write bytes to a file and return its path as bytes."""

    def write(name: str, data: bytes) -> bytes:
        path = tmp_path / name
        path.write_bytes(data)
        return bytes(path)

    return write


@pytest.fixture
def read(write: Write) -> Read:
    """Write bytes to a file, read and probe it."""

    def read(name: str, data: bytes) -> tuple[Content, Facts]:
        content = read_content(write(name, data))
        return content, probe(content)

    return read


def quarters(width: int = 320, height: int = 240) -> Image.Image:
    """A picture with red, green, blue and white quarters (top left first, row by row)."""
    picture = Image.new("RGB", (width, height))
    for at, colour in enumerate(((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255))):
        place = (at % 2 * width // 2, at // 2 * height // 2)
        picture.paste(colour, (*place, place[0] + width // 2, place[1] + height // 2))
    return picture


def noise(width: int = 640, height: int = 480, seed: int = 1) -> Image.Image:
    """A picture that does not compress to nothing."""
    size = (width // 8, height // 8)
    generator = random.Random(seed)
    small = Image.frombytes("RGB", size, generator.randbytes(size[0] * size[1] * 3))
    return small.resize((width, height), Image.Resampling.BICUBIC)


def encode(picture: Image.Image, kind: str, **options: object) -> bytes:
    """Encode with Pillow; `kind` is Pillow's name of the format."""
    target = io.BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()


def exif_block(
    ifd0: dict[int, object] | None = None,
    exif: dict[int, object] | None = None,
    gps: dict[int, object] | None = None,
) -> bytes:
    """Make a TIFF block with the given tags, without the `Exif` name in front."""
    block = Image.Exif()
    for tag, value in (ifd0 or {}).items():
        block[tag] = value
    for pointer, tags in ((0x8769, exif), (0x8825, gps)):
        if tags:
            block.get_ifd(pointer).update(tags)
    return block.tobytes().removeprefix(b"Exif\x00\x00")


def jpeg_with_segment(jpeg: bytes, marker: int, body: bytes) -> bytes:
    """Put an application segment behind the start marker."""
    return jpeg[:2] + struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body + jpeg[2:]


def jpeg_with_exif(jpeg: bytes, block: bytes) -> bytes:
    return jpeg_with_segment(jpeg, 0xE1, b"Exif\x00\x00" + block)
