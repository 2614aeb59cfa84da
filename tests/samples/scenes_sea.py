"""Scenes by the sea: open water, beaches, sails, islands and white villages."""

# ruff: noqa: E501 - SVG paths read best unbroken

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from .figures import birds, ellipse, person, polygon, sailboat
from .light import Light, choose
from .paint import Image, Rgb, blend, css, over, rgb, shade, svg
from .sky import paint_sky
from .water import lay_beach, lay_water

if TYPE_CHECKING:
    import random

DAY = ("noon", "clear", "morning", "golden", "sunset", "ember", "rose", "dusk", "overcast", "storm")
DEEPS = ("0f3f58", "17566b", "0d5566", "1c4a63")


def lit(colour: Rgb, light: Light, sun: float = 0.6) -> Rgb:
    """A surface's colour under a light; `sun` is the part of it that the sun reaches."""
    pairs = zip(colour, light.sun, light.ambient, strict=True)
    return tuple(c * (sun * s + (1 - sun) * a) for c, s, a in pairs)  # type: ignore[return-value]


def ridge(width: int, base: float, rise: float, rng: random.Random, rough: float = 0.55) -> list:
    """A coast line or a far chain of hills: points from left to right (midpoint displacement)."""
    points = [rng.uniform(0, 1), rng.uniform(0, 1)]
    swing = 0.6
    while len(points) < 129:
        wider = []
        for a, b in pairwise(points):
            wider += [a, (a + b) / 2 + rng.uniform(-swing, swing) * 0.5]
        points = [*wider, points[-1]]
        swing *= rough
    low, high = min(points), max(points)
    last = len(points) - 1
    return [
        (width * k / last, base - rise * (p - low) / max(0.01, high - low))
        for k, p in enumerate(points)
    ]


def coast(w: int, horizon: float, light: Light, rng: random.Random, count: int) -> str:
    """Far land along the horizon, in layers that fade into the haze."""
    parts = []
    for layer in range(count):
        near = (layer + 1) / (count + 1)
        rise = w * rng.uniform(0.02, 0.07) * (0.6 + near)
        outline = ridge(w, horizon, rise, rng)
        start = rng.choice((0.0, 0.0, rng.uniform(0.2, 0.7)))
        outline = [(x, y if x >= start * w else horizon) for x, y in outline]
        tone = lit(blend(rgb("3d5347"), rgb("5d5a52"), rng.random()), light, 0.4)
        colour = css(blend(light.haze, tone, near * (1 - 0.35 * light.haziness)))
        parts.append(polygon([(0, horizon + 1), *outline, (w, horizon + 1)], colour))
    return "".join(parts)


def sea(size: tuple[int, int], rng: random.Random, seed: int, light: str = "") -> Image:
    """The horizon: islands, sails, birds, a low sun on the water."""
    w, h = size
    chosen = choose(rng, light or DAY)
    horizon = h * rng.uniform(0.42, 0.6)
    picture = paint_sky(w, h, horizon, chosen, rng)
    shapes = coast(w, horizon, chosen, rng, rng.choice((0, 1, 1, 2, 3)))
    for _ in range(rng.choice((0, 1, 1, 2, 5))):
        far = rng.random()
        tall = h * (0.05 + 0.22 * far * far)
        hull = css(lit(rgb(rng.choice(("26323c", "7d2b22", "e8e6df"))), chosen))
        sail = css(lit(rgb(rng.choice(("f4f1ea", "f4f1ea", "d9613a", "f0e2b8"))), chosen, 0.75))
        x = rng.uniform(0.1, 0.9) * w
        shapes += sailboat(x, horizon + 1 + h * 0.004 * far, tall, hull, sail)
    picture = over(picture, svg(w, h, shapes), blur=0.5).copy_memory()
    deep = shade(rgb(rng.choice(DEEPS)), 0.55 + 0.45 * max(chosen.ambient))
    picture = lay_water(picture, horizon, chosen, rng, deep, rng.uniform(0.25, 1.0))
    if rng.random() < 0.25:
        dark = css(shade(chosen.ambient, 0.35))
        flock = birds(w * rng.random(), h * 0.22, h * 0.014, rng.randint(3, 12), dark, rng)
        picture = over(picture, svg(w, h, flock), 0.85, blur=0.4)
    return picture


def beach(size: tuple[int, int], rng: random.Random, seed: int, light: str = "") -> Image:
    """Sand, foam, people and parasols."""
    w, h = size
    chosen = choose(rng, light or ("clear", "clear", "noon", "golden", "ember", "overcast"))
    horizon = h * rng.uniform(0.36, 0.5)
    picture = paint_sky(w, h, horizon, chosen, rng)
    picture = over(
        picture, svg(w, h, coast(w, horizon, chosen, rng, rng.choice((0, 1, 2)))), blur=0.5
    )
    bright = rgb(rng.choice(("1f8f98", "2a9fa5", "1f7f95")))
    picture = lay_water(picture.copy_memory(), horizon, chosen, rng, lit(bright, chosen, 0.7), 0.7)
    sand = lit(rgb(rng.choice(("e8cfa4", "dcc096", "f0ddba", "8a8279"))), chosen, 0.7)
    picture = lay_beach(picture, rng, sand, rng.uniform(0.18, 0.34)).copy_memory()
    low_sun = chosen.sun_height > 0
    parts = []
    for _ in range(rng.randint(0, 6)):
        x, depth = rng.uniform(0.05, 0.95) * w, rng.random()
        foot = h * (0.72 + 0.22 * depth)
        tall = h * (0.10 + 0.16 * depth)
        tone = (
            rgb("1a1614")
            if low_sun
            else rgb(rng.choice(("b0413a", "3a6db0", "e3b23c", "f0f0f0", "3d8b6e")))
        )
        parts.append(ellipse(x + tall * 0.16, foot, tall * 0.26, tall * 0.03, "#000", 0.22))
        if not low_sun:
            parts.append(_parasol(x, foot, tall * 1.1, tone, chosen))
        else:
            parts.append(person(x, foot, tall, css(lit(tone, chosen, 0.5)), rng))
    return over(picture, svg(w, h, "".join(parts)), blur=0.6)


def _parasol(x: float, foot: float, size: float, colour: Rgb, light: Light) -> str:
    top = foot - size
    parts = [
        f'<path d="M {x:.1f} {foot:.1f} L {x:.1f} {top:.1f}" stroke="#e8e2d6" stroke-width="{size * 0.025:.1f}"/>'
    ]
    for k in range(6):
        a, b = -0.6 + 0.2 * k, -0.4 + 0.2 * k
        tone = colour if k % 2 else (0.96, 0.94, 0.9)
        fill = css(lit(tone, light, 0.9 - 0.09 * k))
        parts.append(
            f'<path d="M {x:.1f} {top - size * 0.16:.1f} Q {x + a * size:.1f} {top - size * 0.12:.1f} '
            f"{x + a * size:.1f} {top + size * 0.16:.1f} L {x + b * size:.1f} {top + size * 0.16:.1f} "
            f'Q {x + b * size:.1f} {top - size * 0.12:.1f} {x:.1f} {top - size * 0.16:.1f} Z" fill="{fill}"/>'
        )
    return "".join(parts)  # fmt: skip


def white_village(size: tuple[int, int], rng: random.Random, seed: int, light: str = "") -> Image:
    """White houses and blue domes on a slope above the sea."""
    w, h = size
    chosen = choose(rng, light or ("clear", "clear", "noon", "golden", "sunset", "dusk"))
    horizon = h * rng.uniform(0.3, 0.42)
    picture = paint_sky(w, h, horizon, chosen, rng)
    picture = over(picture, svg(w, h, coast(w, horizon, chosen, rng, 2)), blur=0.5).copy_memory()
    picture = lay_water(picture, horizon, chosen, rng, lit(rgb("17486f"), chosen, 0.8), 0.3)
    side = rng.choice((0, 1))
    parts = []
    rows = 9
    for row in range(rows):
        t = row / (rows - 1)
        top = horizon + h * (-0.05 + 0.58 * t)
        reach = w * (0.28 + 0.72 * t)
        unit = h * (0.05 + 0.075 * t)
        x = -unit * rng.random()
        while x < reach + rng.uniform(-1.5, 1.5) * unit:
            wide, tall = unit * rng.uniform(0.8, 1.7), unit * rng.uniform(0.8, 1.5)
            left = w - x - wide if side else x
            y = top + (x / max(1, reach)) * h * 0.14 + rng.uniform(-0.2, 0.2) * unit
            parts.append(_house(left, y, wide, tall, chosen, rng))
            x += wide * rng.uniform(0.8, 1.0)
    return over(picture, svg(w, h, "".join(parts)), blur=0.45)


def _house(x: float, y: float, wide: float, tall: float, light: Light, rng: random.Random) -> str:
    wall = rgb(rng.choice(("f7f4ee", "f7f4ee", "f2efe8", "f3e3d0", "e9d6c8")))
    front = css(lit(wall, light, rng.uniform(0.55, 0.95)))
    flank = css(lit(shade(wall, 0.86), light, 0.12))
    deep = wide * 0.26
    parts = [
        polygon([(x, y), (x + wide, y), (x + wide, y + tall * 3), (x, y + tall * 3)], front),
        polygon(
            [
                (x + wide - deep, y),
                (x + wide, y),
                (x + wide, y + tall * 3),
                (x + wide - deep, y + tall * 3),
            ],
            flank,
        ),
    ]
    if rng.random() < 0.13:
        dome = rgb("2a62b8")
        r = wide * 0.34
        cx = x + wide * 0.42
        parts.append(
            f'<path d="M {cx - r:.1f} {y:.1f} A {r:.1f} {r * 1.05:.1f} 0 0 1 {cx + r:.1f} {y:.1f} Z" fill="{css(lit(dome, light, 0.8))}"/>'
        )
        parts.append(
            ellipse(
                cx - r * 0.35,
                y - r * 0.6,
                r * 0.2,
                r * 0.25,
                css(lit(rgb("8fb7ee"), light, 0.9)),
                0.6,
            )
        )
        parts.append(
            f'<path d="M {cx:.1f} {y - r:.1f} v {-r * 0.5:.1f} m {-r * 0.15:.1f} {r * 0.18:.1f} h {r * 0.3:.1f}" stroke="#eee" stroke-width="{r * 0.06:.1f}"/>'
        )
    warm = light.name in ("dusk", "blue hour", "night", "sunset")
    for k in range(rng.randint(1, 3)):
        wx, wy = x + wide * (0.12 + 0.24 * k), y + tall * rng.uniform(0.25, 0.4)
        fill = (
            "#ffca6b"
            if warm and rng.random() < 0.6
            else css(lit(rgb(rng.choice(("2d5f9e", "3a4750", "5a7d99"))), light))
        )
        parts.append(
            f'<rect x="{wx:.1f}" y="{wy:.1f}" width="{wide * 0.11:.1f}" height="{tall * 0.26:.1f}" fill="{fill}"/>'
        )
    return "".join(parts)  # fmt: skip
