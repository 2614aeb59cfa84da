"""SPEC 8.1: what was made for screens of high dynamic range looks right on an ordinary one."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image as PillowImage
from PIL import ImageChops, ImageStat

from photostore.media.libvips import Image
from photostore.media.preview import render
from photostore.media.probe import probe
from photostore.media.reading import read_content
from photostore.media.tone import HLG, PQ, to_standard

HDR = Path(__file__).parents[3] / "shared" / "corpus" / "hdr"
BT709, BT2020, P3 = 1, 9, 12
# Code values of 8 bits: 0.1, 1, 26, 203 and 1,000 nits in PQ (SMPTE ST 2084, BT.2408).
NITS = {0.1: 16, 1: 38, 26: 97, 203: 148, 1000: 192}


def shown(codes: list[tuple[int, ...]], primaries: int, transfer: int) -> list[tuple[int, ...]]:
    """What pixels of an image one row high become."""
    bands = len(codes[0])
    data = bytes(value for code in codes for value in code)
    image = Image.new_from_memory(data, len(codes), 1, bands, "uchar").copy(interpretation="srgb")
    result = to_standard(image, primaries, transfer)
    assert (result.bands, result.format, result.interpretation) == (bands, "uchar", "srgb")
    found = bytes(result.write_to_memory())
    return [tuple(found[at : at + bands]) for at in range(0, len(found), bands)]


@pytest.mark.parametrize("primaries", [BT709, BT2020, P3])
@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_grey_stays_grey_and_brighter_stays_brighter(primaries: int, transfer: int) -> None:
    greys = shown([(code,) * 3 for code in range(0, 256, 5)], primaries, transfer)
    assert all(max(grey) - min(grey) <= 1 for grey in greys)
    levels = [grey[1] for grey in greys]
    assert levels == sorted(levels)
    assert (levels[0], levels[-1]) == (0, 255)


def test_light_is_decoded_and_rolled_off() -> None:
    levels = {nits: shown([(code,) * 3], BT2020, PQ)[0][1] for nits, code in NITS.items()}
    # Dark and middle tones as sRGB has them, with white at 203 nits: 26 of them are 0.128 of it.
    assert levels[26] == pytest.approx(101, abs=4)
    assert levels[1] == pytest.approx(13, abs=3)
    assert 200 <= levels[203] < 240
    assert levels[1000] >= 254


def test_colours_come_to_the_primaries_of_srgb() -> None:
    """A grey with more red in it has more of it still when BT.2020 was meant; alpha stays."""
    ((red, green, blue, alpha),) = shown([(140, 120, 120, 77)], BT2020, PQ)
    ((plain_red, plain_green, *_),) = shown([(140, 120, 120, 77)], BT709, PQ)
    assert red - green > plain_red - plain_green
    assert abs(green - blue) <= 8
    assert alpha == 77


def test_sixteen_bits_give_the_same(tmp_path: Path) -> None:
    image = Image.new_from_memory(bytes([97] * 3), 1, 1, 3, "uchar")
    deep = (image * 257).cast("ushort").copy(interpretation="rgb16")
    usual = bytes(to_standard(image.copy(interpretation="srgb"), BT2020, PQ).write_to_memory())
    found = bytes(to_standard(deep, BT2020, PQ).write_to_memory())
    assert list(found) == pytest.approx(list(usual), abs=2)


@pytest.mark.skipif(not HDR.is_dir(), reason="the corpus of real files is not here")
@pytest.mark.parametrize("name", ["seine_hdr_rec2020", "seine_hdr_srgb", "seine_hdr_gainmap_srgb"])
def test_an_hdr_picture_looks_as_its_twin_for_ordinary_screens(name: str) -> None:
    """libavif's samples have both: shown as it is, the signal of HDR differs by 44 levels."""
    pictures = []
    for one in (name, "seine_sdr_gainmap_srgb"):
        content = read_content(bytes(HDR / f"libavif-{one}.avif"))
        screen = render(content, probe(content)).screen
        assert screen is not None
        pictures.append(PillowImage.open(io.BytesIO(screen.data)).convert("RGB"))
    mean = ImageStat.Stat(ImageChops.difference(*pictures)).mean
    assert max(mean) < 20
