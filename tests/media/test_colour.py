"""SPEC 8.1: honest sRGB from ICC profiles, CMYK, grey, 16 bit and float."""

from __future__ import annotations

from typing import Any

import pytest
import pyvips

from photostore.media.colour import is_srgb, to_srgb
from photostore.media.preview import render

from .conftest import Read


def flat(*values: float, interpretation: str = "srgb", format: str = "uchar") -> Any:  # noqa: A002
    image = pyvips.Image.black(64, 48, bands=len(values)) + list(values)
    return image.cast(format).copy(interpretation=interpretation)


def profile_of(name: str) -> bytes:
    return pyvips.Image.profile_load(name)


def with_profile(image: Any, name: str) -> Any:
    image = image.copy()
    image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile_of(name))
    return image


def pixel(image: Any) -> list[int]:
    assert image.format == "uchar"
    assert image.interpretation == "srgb"
    return [round(value) for value in image(image.width // 2, image.height // 2)]


def test_srgb_profile_is_known_and_changes_nothing() -> None:
    assert is_srgb(profile_of("srgb"))
    assert not is_srgb(profile_of("p3"))
    assert not is_srgb(profile_of("cmyk"))
    assert not is_srgb(b"")
    assert not is_srgb(bytes(200))
    assert pixel(to_srgb(with_profile(flat(200, 100, 50), "srgb"))) == [200, 100, 50]


def test_display_p3_is_converted() -> None:
    shown = pixel(to_srgb(with_profile(flat(200, 100, 50), "p3")))
    expected = pixel(flat(200, 100, 50).icc_transform("srgb", input_profile="p3"))
    assert shown == pytest.approx(expected, abs=2)
    assert shown[0] > 205  # the same red is more saturated in sRGB numbers


def test_display_p3_of_a_heif_colour_box_is_converted() -> None:
    assert pixel(to_srgb(flat(200, 100, 50), (12, 13)))[0] > 205
    assert pixel(to_srgb(flat(200, 100, 50), (1, 13))) == [200, 100, 50]


def test_broken_or_unfitting_profile_is_ignored() -> None:
    image = flat(200, 100, 50).copy()
    image.set_type(pyvips.GValue.blob_type, "icc-profile-data", b"no profile" * 20)
    assert pixel(to_srgb(image)) == [200, 100, 50]
    assert pixel(to_srgb(with_profile(flat(200, 100, 50), "cmyk"))) == [200, 100, 50]


def test_grey_sixteen_bit_alpha_and_float() -> None:
    assert pixel(to_srgb(flat(77, interpretation="b-w"))) == [77, 77, 77]
    grey16 = flat(77 * 257, interpretation="grey16", format="ushort")
    assert pixel(to_srgb(grey16)) == [77, 77, 77]
    rgb16 = flat(51400, 25700, 12850, interpretation="rgb16", format="ushort")
    assert pixel(to_srgb(rgb16)) == pytest.approx([200, 100, 50], abs=1)
    assert pixel(to_srgb(flat(77, 128, interpretation="b-w"))) == [77, 77, 77, 128]
    assert pixel(to_srgb(flat(1.0, 1.0, 1.0, interpretation="scrgb", format="float"))) == [255] * 3
    assert pixel(to_srgb(flat(9, 8, 7, interpretation="multiband"))) == [9, 8, 7]
    wide = flat(200 * 2**24, interpretation="multiband", format="uint")
    assert pixel(to_srgb(wide)) == [200] * 3


def test_cmyk_jpeg_looks_right(read: Read) -> None:
    """White paper is white and black ink is black, whatever the inversion in the file."""
    for ink, shown in (((0, 0, 0, 0), 255), ((255, 255, 255, 255), 0)):
        image = flat(*ink, interpretation="cmyk").resize(8)
        content, facts = read("a.jpg", image.jpegsave_buffer())
        previews = render(content, facts)
        out = pyvips.Image.new_from_buffer(previews.screen.data, "")
        assert out(10, 10) == pytest.approx([shown] * 3, abs=25)
