"""Scenes with land to the horizon: mountains, lakes, fjords, dunes, meadows, winter."""

# ruff: noqa: E501 - SVG paths read best unbroken

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from .figures import balloon, birds, conifer, person, round_tree
from .light import Light, choose
from .paint import Image, css, mix, over, rgb, shade, svg
from .sky import paint_aurora, paint_moon, paint_sky
from .terrain import (
    FIELD,
    Camera,
    Ground,
    height_field,
    look,
    paint_distance,
    paint_land,
)
from .water import lay_water

if TYPE_CHECKING:
    import random

DAY = ("noon", "clear", "clear", "morning", "golden", "overcast", "sunset", "rose")
GROUNDS = {
    "alps": Ground(rgb("66743f"), rgb("7d766e"), rgb("625b55"), 46, 30, rgb("26381f")),
    "isles": Ground(rgb("73823f"), rgb("7b7668"), rgb("5a544d"), 62, 20, rgb("3c4f26")),
    "hills": Ground(rgb("84984a"), rgb("9a9855"), rgb("6f6a4c"), 1e6, 15, rgb("35502a"), grit=0.6),
    "dunes": Ground(rgb("e0ad78"), rgb("e6b680"), rgb("d8a068"), grit=0.35),
    "winter": Ground(rgb("b9c3d0"), rgb("adb8c6"), rgb("5d5b5f"), -5, 26, rgb("2b3a35")),
    "autumn": Ground(rgb("a8862f"), rgb("8b7058"), rgb("665a50"), 58, 34, rgb("a4521c")),
    "desert": Ground(rgb("b98a55"), rgb("a8643c"), rgb("8c4e32")),
}


@lru_cache(maxsize=12)
def _coarse(kind: str, seed: int) -> tuple[float, ...]:
    """Heights of every eighth cell, for choosing where to stand."""
    small = height_field(kind, seed).subsample(8, 8)
    return tuple(memoryview(small.write_to_memory()).cast("f"))


def stand(kind: str, seed: int, rng: random.Random, *, water: float | None = None) -> Camera:
    """A good spot: free view near by, something worth the picture further off."""
    heights, edge = _coarse(kind, seed), FIELD // 8
    best: tuple[float, Camera] | None = None
    goal = rng.uniform(0.06, 0.15)  # how far the summits rise above the eye, as a slope
    for _ in range(70):
        x, y, yaw = rng.random() * FIELD, rng.random() * FIELD, rng.random() * math.tau

        def at(far: float, turn: float, x: float = x, y: float = y, yaw: float = yaw) -> float:
            px = int(x + far * math.cos(yaw + turn)) // 8 % edge
            py = int(y + far * math.sin(yaw + turn)) // 8 % edge
            return heights[py * edge + px]

        ground = max(at(0, 0), water if water is not None else -1e9)
        eye = ground + (2.2 if water is not None else rng.uniform(3, 9))
        near = [at(d, t) for d in (8, 18, 30, 44) for t in (-0.4, 0, 0.4)]
        ways = [(d, t) for d in (30, 45, 60, 90, 130, 180) for t in (-0.45, -0.25, 0, 0.25, 0.45)]
        peak = max((at(d, t) - eye) / d for d, t in ways)
        blocked = sum(max(0.0, h - eye + 1.5) for h in near)
        if water is not None:
            blocked += sum(1.5 for h in near if h > water) + 30 * (at(0, 0) > water)
        score = -max(goal - peak, (peak - goal) * 3) * 40 - blocked
        if best is None or score > best[0]:
            best = (score, Camera(x, y, eye, yaw, 0.0, 0.0))
    assert best is not None
    return best[1]


def _view(
    size: tuple[int, int],
    kinds: tuple[str, str],
    light: Light,
    rng: random.Random,
    seed: int,
    water: float | None = None,
) -> tuple[Image, float]:
    kind, look_of = kinds
    w, h = size
    horizon = h * (rng.uniform(0.50, 0.62) if water is not None else rng.uniform(0.40, 0.58))
    wide = w / h
    camera = stand(kind, seed, rng, water=water)
    camera = replace(camera, horizon=horizon, zoom=rng.uniform(0.85, 1.35) / max(1.0, wide / 1.5))
    sky = paint_sky(w, h, horizon, light, rng).copy_memory()
    if light.stars:
        sky = _night_sky(sky, horizon, rng)
    view = look(height_field(kind, seed), camera, w, h, water if water is not None else -1e6)
    side = rng.choice((-1, 1)) * (0.95 if light.sun_height > 0 else rng.uniform(1.4, 2.4))
    azimuth = camera.yaw + side
    land = paint_land(view, (kind, seed), GROUNDS[look_of], light, azimuth)
    return paint_distance(land, sky, view, light, horizon), horizon  # fmt: skip


def _night_sky(sky: Image, horizon: float, rng: random.Random) -> Image:
    kind = rng.random()
    if kind < 0.6:
        return paint_aurora(sky, horizon, rng).copy_memory()
    if kind < 0.75:
        place = (sky.width * rng.uniform(0.2, 0.8), horizon * rng.uniform(0.2, 0.5))
        return paint_moon(sky, place, sky.height * 0.03, rng)
    return sky


def mountains(size: tuple[int, int], rng: random.Random, seed: int, light: str = "") -> Image:
    """High mountains over valleys, sometimes framed by spruces or a hiker."""
    chosen = choose(rng, light or DAY)
    look_of = rng.choice(("alps", "alps", "autumn", "winter"))
    picture, horizon = _view(size, ("alps", look_of), chosen, rng, seed)
    return _foreground(picture, horizon, chosen, rng)


def winter(size: tuple[int, int], rng: random.Random, seed: int, light: str = "") -> Image:
    """Snow everywhere, trees in front."""
    chosen = choose(rng, light or ("clear", "morning", "overcast", "blue hour", "golden"))
    kind = rng.choice(("alps", "hills"))
    picture, horizon = _view(size, (kind, "winter"), chosen, rng, seed)
    return _foreground(picture, horizon, chosen, rng)


def lake(size: tuple[int, int], rng: random.Random, seed: int, light: str = "") -> Image:
    """Mountains mirrored in a lake or a fjord."""
    chosen = choose(rng, light or (*DAY, "dusk", "blue hour"))
    kind, look_of = rng.choice(
        (("alps", "alps"), ("isles", "isles"), ("alps", "autumn"), ("isles", "winter"))
    )
    level = 17.0
    picture, horizon = _view(size, (kind, look_of), chosen, rng, seed, water=level)
    deep = shade(rgb(rng.choice(("12343c", "1b4650", "16304a"))), 0.35 if chosen.stars else 1.0)
    picture = lay_water(picture, horizon, chosen, rng, deep, rng.choice((0.03, 0.08, 0.2, 0.5)))
    return _foreground(picture, horizon, chosen, rng) if rng.random() < 0.5 else picture  # fmt: skip


def aurora(size: tuple[int, int], rng: random.Random, seed: int, light: str = "") -> Image:
    """A night of stars or northern lights over snow or water."""
    chosen = choose(rng, "night")
    if rng.random() < 0.5:
        return lake(size, rng, seed, "night")
    picture, horizon = _view(size, ("isles", "winter"), chosen, rng, seed)
    return _foreground(picture, horizon, chosen, rng)


def dunes(size: tuple[int, int], rng: random.Random, seed: int, light: str = "") -> Image:
    """Sand to the horizon, sometimes somebody walking."""
    chosen = choose(rng, light or ("clear", "clear", "morning", "golden", "sunset"))
    picture, horizon = _view(size, ("dunes", "dunes"), chosen, rng, seed)
    if rng.random() < 0.5:
        w, h = size
        x, foot = w * rng.uniform(0.25, 0.75), horizon + h * rng.uniform(0.1, 0.2)
        walkers = "".join(
            person(x + k * h * 0.035, foot + k * h * 0.006, h * 0.05, "#1c1512", rng)
            for k in range(rng.randint(1, 4))
        )
        picture = over(picture, svg(w, h, walkers), 0.92, blur=0.5)
    return picture


def desert(size: tuple[int, int], rng: random.Random, seed: int, light: str = "") -> Image:
    """Red rock country, with balloons on some mornings."""
    chosen = choose(rng, light or ("clear", "morning", "golden", "sunset"))
    picture, _ = _view(size, ("isles", "desert"), chosen, rng, seed)
    return _balloons(picture, chosen, rng) if rng.random() < 0.55 else picture


def countryside(size: tuple[int, int], rng: random.Random, seed: int, light: str = "") -> Image:
    """Green hills with trees, fields and weather."""
    chosen = choose(rng, light or (*DAY, "storm"))
    look_of = rng.choice(("hills", "hills", "autumn"))
    picture, horizon = _view(size, ("hills", look_of), chosen, rng, seed)
    w, h = size
    tone = {"hills": rgb("4d6b2c"), "autumn": rgb("b4661e")}[look_of]
    lit = _lit(tone, chosen)
    trees = [
        (horizon + h * rng.uniform(0.0, 0.02), h * rng.uniform(0.02, 0.045))
        for _ in range(rng.randint(8, 26))
    ]
    for _ in range(rng.randint(1, 4)):
        near = rng.random()
        trees.append((horizon + h * (0.03 + 0.2 * near), h * (0.1 + 0.3 * near)))
    drawn = "".join(round_tree(rng.uniform(0, w), foot, tall, lit, rng) for foot, tall in trees)
    picture = over(picture, svg(w, h, drawn), blur=0.7)
    return _balloons(picture, chosen, rng) if rng.random() < 0.2 and chosen.name not in ("dusk", "storm") else picture  # fmt: skip


def _lit(colour: tuple[float, float, float], light: Light) -> tuple[float, float, float]:
    """A surface's colour under a light that comes from everywhere."""
    return tuple(c * (0.55 * s + 0.45 * a) for c, s, a in zip(colour, light.sun, light.ambient, strict=True))  # type: ignore[return-value]  # fmt: skip


def _foreground(picture: Image, horizon: float, light: Light, rng: random.Random) -> Image:
    w, h = picture.width, picture.height
    kind = rng.random()
    dark = css(shade(_lit((0.16, 0.2, 0.15), light), 0.5))
    if kind < 0.42:  # spruces at one or both sides
        trees = []
        for side in rng.choice(((0,), (1,), (0, 1))):
            for _ in range(rng.randint(3, 7)):
                x = abs(rng.gauss(0, 0.12)) * w
                tall = h * rng.uniform(0.25, 0.62) * (1 - 0.9 * x / w)
                trees.append(conifer(w - x if side else x, h * 1.02, tall, dark, rng))
        return over(picture, svg(w, h, "".join(trees)), blur=h / 900)
    if kind < 0.60:  # somebody looks at it
        x = w * rng.uniform(0.2, 0.8)
        hill = f'<path d="M {x - h * 0.5:.0f} {h} Q {x:.0f} {h * 0.8:.0f} {x + h * 0.6:.0f} {h} Z" fill="{dark}"/>'
        people = "".join(
            person(x + k * h * 0.08, h * 0.905, h * rng.uniform(0.2, 0.24), dark, rng)
            for k in range(rng.randint(1, 2))
        )
        return over(picture, svg(w, h, hill + people), blur=0.5)
    if kind < 0.7:
        flock = birds(
            w * rng.uniform(0.2, 0.8), horizon * 0.4, h * 0.012, rng.randint(5, 16), dark, rng
        )
        return over(picture, svg(w, h, flock), 0.85, blur=0.4)
    return picture  # fmt: skip


def _balloons(picture: Image, light: Light, rng: random.Random) -> Image:
    w, h = picture.width, picture.height
    pairs = (
        ("#c8342c", "#f2c14e"),
        ("#2c6fb0", "#f4f1e6"),
        ("#e07b1f", "#7c2f63"),
        ("#3f9a63", "#f3e27a"),
        ("#d94f70", "#f9d9b0"),
    )
    defs, body = [], []
    for k in range(rng.randint(2, 9)):
        far = rng.random()
        size = h * (0.035 + 0.17 * far * far)
        d, b = balloon(
            rng.uniform(0.05, 0.95) * w,
            h * rng.uniform(0.08, 0.4),
            size,
            rng.choice(pairs),
            f"b{k}",
        )
        defs.append(d)
        body.append(f'<g opacity="{0.7 + 0.3 * far:.2f}">{b}</g>')
    shapes = svg(w, h, "".join(body), "".join(defs))
    return mix(over(picture, shapes, blur=0.4), light.haze, 0.04)  # fmt: skip
