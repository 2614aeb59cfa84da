"""SPEC 8.1: a placeholder of at most 25 bytes that the `thumbhash` decoder 0.1.1 understands."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photostore.media.thumbhash import encode_thumbhash, turn_thumbhash


def pattern(width: int, height: int, *, alpha: bool) -> bytes:
    return bytes(
        value
        for y in range(height)
        for x in range(width)
        for value in (
            (x * 7 + y * 3) % 256,
            (x * x + y * 11) % 256,
            (255 - x * 5 + y * y) % 256,
            (x * 13 + y * 5) % 256 if alpha else 255,
        )
    )


@pytest.mark.parametrize(
    ("width", "height", "alpha", "expected"),
    [
        # What the reference encoder (npm thumbhash 0.1.1) makes of the same pixels.
        (32, 24, False, "a1070a25924068784747679886888a968051017687"),
        (24, 32, False, "a0070a2d0e6087767777569787a9786981900239a8"),
        (32, 32, True, "a017860d0418406a5c4c8784997053016382a6407423868577"),
        (32, 1, False, "9f153e998a7787888888088871870f8e27"),
        (1, 1, False, "15002aff0108f708888788708f7088f80888707ff8000000"),
        (100, 100, True, "dff7810502077a078d7929469a034da8f789797a6354a70784"),
        (10, 32, True, "1bd78512082884873986fa97955017fa72787078877777"),
    ],
)
def test_same_bytes_as_the_reference(width: int, height: int, alpha: bool, expected: str) -> None:
    pixels = pattern(width, height, alpha=alpha)
    assert encode_thumbhash(width, height, pixels).hex() == expected


@given(st.integers(1, 40), st.integers(1, 40), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_never_longer_than_25_bytes(width: int, height: int, random: object) -> None:
    pixels = random.randbytes(width * height * 4)  # type: ignore[attr-defined]
    assert 5 <= len(encode_thumbhash(width, height, pixels)) <= 25


def test_all_transparent_is_no_division_by_zero() -> None:
    assert len(encode_thumbhash(8, 8, bytes(8 * 8 * 4))) <= 25


@pytest.mark.parametrize(("width", "height", "size"), [(101, 1, 404), (0, 1, 0), (2, 2, 15)])
def test_wrong_input_is_refused(width: int, height: int, size: int) -> None:
    with pytest.raises(ValueError, match="thumbhash"):
        encode_thumbhash(width, height, bytes(size))


def test_costs_little() -> None:
    pixels = pattern(32, 32, alpha=True)
    encode_thumbhash(32, 32, pixels)
    start = time.process_time()
    for _ in range(20):
        encode_thumbhash(32, 32, pixels)
    assert (time.process_time() - start) / 20 < 0.1


@pytest.mark.parametrize("degrees", [90, 180, 270])
@pytest.mark.parametrize("size", [(32, 21), (21, 32), (32, 32), (32, 8)])
@pytest.mark.parametrize("alpha", [False, True])
def test_a_turned_hash_is_the_hash_of_the_turned_picture(degrees, size, alpha):
    """SPEC 9.1: rotate. Only rounding may differ, by one step of a term."""
    width, height = size
    pixels = [
        (8 * x % 256, (3 * y * y) % 256, (x * y) % 256, min(255, 9 * (x + y)) if alpha else 255)
        for y in range(height)
        for x in range(width)
    ]

    def at(x, y):
        if degrees == 90:
            return pixels[(height - 1 - x) * width + y]
        if degrees == 270:
            return pixels[x * width + width - 1 - y]
        return pixels[(height - 1 - y) * width + width - 1 - x]

    turned_size = (width, height) if degrees == 180 else (height, width)
    turned = [at(x, y) for y in range(turned_size[1]) for x in range(turned_size[0])]
    expected = encode_thumbhash(*turned_size, b"".join(map(bytes, turned)))
    found = turn_thumbhash(encode_thumbhash(width, height, b"".join(map(bytes, pixels))), degrees)
    assert found[:5] == expected[:5]
    for ours, theirs in zip(found[5:], expected[5:], strict=True):
        assert abs((ours & 15) - (theirs & 15)) <= 1
        assert abs((ours >> 4) - (theirs >> 4)) <= 1
