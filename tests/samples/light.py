"""Times of day and weather: the colours that everything out of doors is lit with."""

# ruff: noqa: E501 - the tables read best one row a line

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .paint import Rgb, blend, rgb, shade

if TYPE_CHECKING:
    import random


@dataclass(frozen=True, slots=True)
class Light:
    """How the world is lit: sky colours from top to horizon, sun, shadows, haze, clouds."""

    name: str
    zenith: Rgb
    middle: Rgb
    horizon: Rgb
    sun: Rgb  # colour of the direct light
    ambient: Rgb  # colour of the shadows
    haze: Rgb  # what the distance fades to
    sun_height: float  # of the disc above the horizon, part of the picture's height; < 0: not seen
    sun_side: float  # -1 left .. 1 right
    elevation: float  # steepness of the light that falls on the ground, radians
    cloud_lit: Rgb
    cloud_dark: Rgb
    cover: float  # 0 clear .. 1 overcast
    haziness: float  # 0 crisp .. 1 thick
    stars: bool = False


def _light(name: str, colours: str, numbers: tuple[float, ...], *, stars: bool = False) -> Light:
    zenith, middle, horizon, sun, ambient, haze, lit, dark = (rgb(c) for c in colours.split())
    height, elevation, cover, haziness = numbers
    return Light(
        name, zenith, middle, horizon, sun, ambient, haze, height, 0.0, elevation, lit, dark,
        cover, haziness, stars,
    )  # fmt: skip


# name: zenith middle horizon sun ambient haze cloud-lit cloud-dark; sun height, elevation, ...
LIGHTS = {
    light.name: light
    for light in (
        _light("noon", "3d78bd 78aadb c6dff0 fff3dc 54719a b4cde6 ffffff a9b7c9", (-1, 0.9, 0.42, 0.35)),
        _light("clear", "3a74b8 6fa3d6 bcd9ee fff1d2 4d6d9b a9c7e4 ffffff b4c2d4", (-1, 0.7, 0.12, 0.25)),
        _light("morning", "5d8cc0 9fbcd8 f6dfc0 ffe0ae 7b90b0 e2d3c4 fff4e0 b7b4bf", (0.16, 0.35, 0.30, 0.6)),
        _light("golden", "4a74ab a9a9b4 f9cd8b ffc773 767a9c eec79b ffe3b0 a08c92", (0.10, 0.24, 0.40, 0.6)),
        _light("sunset", "34426f a4687a fb9f5c ff9748 65608a d98765 ffab6c 6a4a66", (0.04, 0.13, 0.48, 0.6)),
        _light("ember", "384a70 8f7f8c f2b35e ffa44a 4d4558 cf9464 ffbf78 665a6c", (0.05, 0.16, 0.55, 0.7)),
        _light("rose", "6f86b4 c9a9bc f6cdb8 ffcba6 6c6c90 dcb6b4 ffdccb 96839c", (0.06, 0.2, 0.5, 0.7)),
        _light("dusk", "101c44 3d3f79 d8798a c47a86 242a52 735a83 d98a92 343058", (-1, 0.22, 0.35, 0.5)),
        _light("blue hour", "0a1737 1d3d70 7295b8 6f92bd 17294d 44648e 6784a8 1f3457", (-1, 0.5, 0.25, 0.5)),
        _light("overcast", "8e9aa8 aab4bf cbd2d7 dfe2e2 828c98 bfc7cd d9dee2 8d97a3", (-1, 1.0, 0.92, 0.7)),
        _light("storm", "39434f 5a6670 a9b0ac c9c6b4 444d58 8c969b b0b6b6 353d48", (-1, 0.6, 0.80, 0.6)),
        _light("night", "050a1b 0c1733 22375a 86a3cf 1a2845 1a2b4a 2c3c58 0a1122", (-1, 0.6, 0.10, 0.3), stars=True),
    )
}  # fmt: skip


def choose(rng: random.Random, names: tuple[str, ...] | str) -> Light:
    """One of the named lights, with the accidents of that day."""
    light = LIGHTS[names if isinstance(names, str) else rng.choice(names)]
    warm = rng.uniform(-0.06, 0.06)
    pull: Rgb = (1 + warm, 1.0, 1 - warm)

    def vary(colour: Rgb) -> Rgb:
        return tuple(c * p for c, p in zip(colour, pull, strict=True))  # type: ignore[return-value]

    cover = min(1.0, max(0.0, light.cover * rng.uniform(0.4, 1.5)))
    return replace(
        light,
        zenith=shade(vary(light.zenith), rng.uniform(0.88, 1.12)),
        middle=vary(blend(light.middle, light.zenith, rng.uniform(-0.15, 0.25))),
        horizon=vary(light.horizon),
        haze=vary(light.haze),
        sun_side=rng.uniform(-0.85, 0.85),
        sun_height=light.sun_height * rng.uniform(0.4, 1.6) if light.sun_height > 0 else -1.0,
        cover=cover,
        haziness=light.haziness * rng.uniform(0.55, 1.35),
    )
