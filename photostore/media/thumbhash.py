"""ThumbHash: a picture's shape and colours in at most 25 bytes (SPEC 8.1).

Written from the format's description by Evan Wallace (https://evanw.github.io/thumbhash/): average
colour and the lowest cosine frequencies of lightness, two colour differences and alpha, four bits
each. The cosine sums are separable, so rows are summed first: a 32-pixel picture takes about 1 ms.
"""

from __future__ import annotations

import math
from functools import lru_cache
from operator import mul
from typing import NamedTuple


class _Channel(NamedTuple):
    """One channel's cosine terms: the mean, the largest other term, all terms in 0..1."""

    mean: float
    scale: float
    terms: list[float]


def encode_thumbhash(width: int, height: int, rgba: bytes) -> bytes:
    """Return the hash of a picture of at most 100 x 100 pixels given as 8-bit sRGB with alpha.

    Raises `ValueError` when the size is out of range or does not fit the number of bytes.
    """
    if not (1 <= width <= 100 and 1 <= height <= 100 and len(rgba) == width * height * 4):
        raise ValueError("a thumbhash is made of at most 100 x 100 RGBA pixels")
    lightness, yellow_blue, red_green, alpha = _split_channels(rgba)
    opaque = min(alpha) >= 1.0
    most = 7 if opaque else 5
    across = max(1, _round(most * width / max(width, height)))
    down = max(1, _round(most * height / max(width, height)))
    bases = _Bases(width, height)
    light = bases.transform(lightness, max(3, across), max(3, down))
    warm = bases.transform(yellow_blue, 3, 3)
    red = bases.transform(red_green, 3, 3)
    landscape = width > height
    first = (
        _round(63 * light.mean)
        | _round(31.5 + 31.5 * warm.mean) << 6
        | _round(31.5 + 31.5 * red.mean) << 12
        | _round(31 * light.scale) << 18
        | (not opaque) << 23
    )
    second = (
        (down if landscape else across)
        | _round(63 * warm.scale) << 3
        | _round(63 * red.scale) << 9
        | landscape << 15
    )
    head = first.to_bytes(3, "little") + second.to_bytes(2, "little")
    terms = light.terms + warm.terms + red.terms
    if not opaque:
        cover = bases.transform(alpha, 5, 5)
        head += bytes((_round(15 * cover.mean) | _round(15 * cover.scale) << 4,))
        terms += cover.terms
    return head + _pack_nibbles(terms)


def turn_thumbhash(data: bytes, degrees: int) -> bytes:
    """The hash of the same picture turned clockwise by 0, 90, 180 or 270 degrees.

    Turning a picture swaps its axes and mirrors one; of its cosine terms that exchanges the two
    frequencies and changes the sign of the odd ones. Bytes that are no hash come back unchanged.
    """
    if degrees % 360 == 0 or len(data) < 5:
        return data
    first, second = int.from_bytes(data[:3], "little"), int.from_bytes(data[3:5], "little")
    has_alpha, landscape, shorter = bool(first >> 23), bool(second >> 15), second & 7
    most = 5 if has_alpha else 7
    sizes = [(most, shorter) if landscape else (shorter, most), (3, 3), (3, 3)]
    head = data[:6] if has_alpha else data[:5]
    nibbles = [value for byte in data[len(head) :] for value in (byte & 15, byte >> 4)]
    terms = iter(nibbles)
    turned: list[int] = []
    for across, down in [*sizes, *([(5, 5)] if has_alpha else [])]:
        wide, high = max(3, across), max(3, down)
        orders = _orders(wide, high)
        found = dict(zip(orders, (next(terms, 0) for _ in orders), strict=True))
        if degrees % 180:
            wide, high = high, wide
        turned += [_turned_term(found, cx, cy, degrees) for cx, cy in _orders(wide, high)]
    if degrees % 180:
        second ^= (shorter != most) << 15
    turned += [0] * (len(turned) % 2)
    body = bytes(low | high << 4 for low, high in zip(turned[::2], turned[1::2], strict=True))
    return data[:3] + second.to_bytes(2, "little") + head[5:] + body


def _orders(across: int, down: int) -> list[tuple[int, int]]:
    """The frequencies that a channel keeps, in the order in which they are written."""
    return [
        (cx, cy)
        for cy in range(down)
        for cx in range(across)
        if (cx or cy) and cx * down < across * (down - cy)
    ]


def _turned_term(terms: dict[tuple[int, int], int], cx: int, cy: int, degrees: int) -> int:
    """One cosine term of the turned picture, in 0..15; 15 less it is its negative."""
    if degrees == 180:
        value, odd = terms.get((cx, cy), 0), (cx + cy) % 2
    else:
        value, odd = terms.get((cy, cx), 0), (cx if degrees == 90 else cy) % 2
    return 15 - value if odd else value


def _split_channels(rgba: bytes) -> tuple[list[float], list[float], list[float], list[float]]:
    """Turn RGBA into lightness, yellow-blue, red-green (on the average colour) and alpha, 0..1."""
    if min(rgba[3::4]) == 255:
        # Nearly every picture; the rest would come to the same.
        reds, greens, blues = rgba[0::4], rgba[1::4], rgba[2::4]
        return (
            [(r + g + b) / 765 for r, g, b in zip(reds, greens, blues, strict=True)],
            [(r + g) / 510 - b / 255 for r, g, b in zip(reds, greens, blues, strict=True)],
            [(r - g) / 255 for r, g in zip(reds, greens, strict=True)],
            [1.0] * len(reds),
        )
    alpha = [value / 255 for value in rgba[3::4]]
    covered = sum(alpha) or 1.0
    planes = []
    for offset in range(3):
        plane = [value / 255 for value in rgba[offset::4]]
        mean = sum(map(mul, plane, alpha)) / covered
        planes.append([mean + (v - mean) * a for v, a in zip(plane, alpha, strict=True)])
    lightness, yellow_blue, red_green = [], [], []
    for red, green, blue in zip(*planes, strict=True):
        lightness.append((red + green + blue) / 3)
        yellow_blue.append((red + green) / 2 - blue)
        red_green.append(red - green)
    return lightness, yellow_blue, red_green, alpha


class _Bases:
    """The cosines for one picture size, shared by its channels."""

    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._rows = [_cosines(width, order) for order in range(7)]
        self._columns = [_cosines(height, order) for order in range(7)]

    def transform(self, channel: list[float], across: int, down: int) -> _Channel:
        """Sum a channel against the lowest `across` x `down` frequencies, upper triangle only."""
        width, area = self._width, self._width * self._height
        lines = [channel[at : at + width] for at in range(0, area, width)]
        by_order = [
            [sum(map(mul, line, self._rows[order])) for line in lines] for order in range(across)
        ]
        values = [
            sum(map(mul, by_order[cx], self._columns[cy])) / area
            for cy in range(down)
            for cx in range(across)
            if cx * down < across * (down - cy)
        ]
        mean, rest = values[0], values[1:]
        scale = max(map(abs, rest), default=0.0)
        terms = [0.5 + 0.5 / scale * value for value in rest] if scale else [0.0] * len(rest)
        return _Channel(mean, scale, terms)


@lru_cache(maxsize=1024)
def _cosines(length: int, order: int) -> list[float]:
    return [math.cos(math.pi / length * order * (at + 0.5)) for at in range(length)]


def _pack_nibbles(terms: list[float]) -> bytes:
    nibbles = [_round(15 * term) for term in terms]
    if len(nibbles) % 2:
        nibbles.append(0)
    return bytes(low | high << 4 for low, high in zip(nibbles[::2], nibbles[1::2], strict=True))


def _round(value: float) -> int:
    """Round halves up as the format's decoders do, not to even as Python does."""
    return math.floor(value + 0.5)
