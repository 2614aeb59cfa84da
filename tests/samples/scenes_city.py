"""Towns: skylines by day and by night, streets in the rain, fireworks."""

# ruff: noqa: E501 - SVG paths read best unbroken

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .figures import ellipse, person, polygon
from .light import Light, choose
from .paint import (
    Image,
    add_light,
    blend,
    css,
    emission,
    flat,
    grid,
    mix,
    over,
    rgb,
    shade,
    smooth,
    svg,
    tint,
)
from .scenes_sea import lit
from .sky import paint_sky
from .water import lay_water

if TYPE_CHECKING:
    import random

WALLS = ("8a7f76", "a08c7a", "6d7680", "93989c", "7b5f52", "b8a58c", "5b6670", "9fb0ba")


def skyline(size: tuple[int, int], rng: random.Random, seed: int, light: str = "") -> Image:
    """Towers behind water or roofs."""
    w, h = size
    chosen = choose(
        rng, light or ("clear", "golden", "sunset", "dusk", "blue hour", "night", "overcast")
    )
    dark = chosen.name in ("dusk", "blue hour", "night")
    horizon = h * rng.uniform(0.58, 0.7)
    picture = paint_sky(w, h, horizon, chosen, rng)
    lights: list[str] = []
    for layer in range(4):
        near = layer / 3
        parts, lamps = _row(w, h, horizon, near, chosen, rng)
        picture = over(picture, svg(w, h, parts), blur=0.4 + 0.3 * (1 - near))
        if dark:
            lights.append(lamps)
    if dark:
        lamps = svg(w, h, "".join(lights))
        picture = add_light(picture, emission(lamps, h / 130, 0.9))
        city_glow = smooth(grid(w, h)[1], horizon - h * 0.4, horizon) * 0.22
        picture = add_light(picture, tint(city_glow, (0, 0, 0), rgb("ff9f4a")))
    deep = shade(rgb("1b2f3c"), 0.5 if dark else 1.0)
    return lay_water(picture.copy_memory(), horizon, chosen, rng, deep, rng.uniform(0.15, 0.5))


def _row(
    w: int, h: int, base: float, near: float, light: Light, rng: random.Random
) -> tuple[str, str]:
    parts, lamps = [], []
    x = -w * 0.03
    centre = rng.uniform(0.25, 0.75) * w
    while x < w * 1.02:
        wide = h * rng.uniform(0.035, 0.10) * (0.7 + 0.5 * near)
        bump = math.exp(-(((x - centre) / (0.3 * w)) ** 2))
        tall = (
            h
            * (0.05 + rng.random() ** 2 * 0.2 + bump * rng.uniform(0.05, 0.36))
            * (1 - 0.45 * near)
        )
        wall = lit(rgb(rng.choice(WALLS)), light, 0.7)
        tone = blend(light.haze, wall, 0.35 + 0.6 * near)
        parts.append(_tower(x, base, wide, tall, tone, rng))
        cell_w, cell_h = max(2.4, wide / rng.randint(4, 8)), max(3.2, h * rng.uniform(0.009, 0.013))
        busy = rng.uniform(0.15, 0.6)
        warm = rng.choice(("#ffd58a", "#ffc566", "#fff0cf", "#cfe4ff"))
        pane = css(shade(tone, rng.choice((0.72, 0.8, 1.18))))
        for row in range(int(tall / cell_h) - 1):
            for column in range(int(wide / cell_w)):
                px, py = x + (column + 0.22) * cell_w, base - tall + (row + 0.5) * cell_h
                box = f'<rect x="{px:.1f}" y="{py:.1f}" width="{cell_w * 0.56:.1f}" height="{cell_h * 0.55:.1f}" fill="'
                if near > 0.5:
                    parts.append(f'{box}{pane}"/>')
                if rng.random() < busy:
                    lamps.append(
                        f'{box}{warm}" opacity="{rng.uniform(0.35, 1) * (0.5 + 0.5 * near):.2f}"/>'
                    )
        x += wide * rng.uniform(0.85, 1.5)
    return "".join(parts), "".join(lamps)  # fmt: skip


def _tower(x: float, base: float, wide: float, tall: float, tone, rng: random.Random) -> str:
    top = base - tall
    fill, side = css(tone), css(shade(tone, 0.78))
    parts = [
        f'<rect x="{x:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{tall + 2:.1f}" fill="{fill}"/>'
    ]
    parts.append(
        f'<rect x="{x + wide * 0.66:.1f}" y="{top:.1f}" width="{wide * 0.34:.1f}" height="{tall + 2:.1f}" fill="{side}"/>'
    )
    roof = rng.random()
    if roof < 0.2:
        parts.append(
            polygon(
                [(x, top), (x + wide / 2, top - wide * rng.uniform(0.5, 1.6)), (x + wide, top)],
                fill,
            )
        )
    elif roof < 0.45:
        inset = wide * 0.22
        step = wide * rng.uniform(0.3, 0.9)
        parts.append(
            f'<rect x="{x + inset:.1f}" y="{top - step:.1f}" width="{wide - 2 * inset:.1f}" height="{step + 1:.1f}" fill="{fill}"/>'
        )
    elif roof < 0.6:
        parts.append(
            f'<path d="M {x + wide / 2:.1f} {top:.1f} v {-wide * rng.uniform(0.6, 1.6):.1f}" stroke="{fill}" stroke-width="{max(0.8, wide * 0.05):.1f}"/>'
        )
    return "".join(parts)  # fmt: skip


def street(size: tuple[int, int], rng: random.Random, seed: int, light: str = "") -> Image:
    """A street at night out of focus, with somebody under the lamps."""
    w, h = size
    base = rgb(rng.choice(("0e1420", "14101c", "101a1c", "1c140f")))
    picture = mix(flat(w, h, shade(base, 1.6)), shade(base, 0.7), smooth(grid(w, h)[1], 0, h))
    horizon = h * rng.uniform(0.5, 0.6)
    hues = ("#ffb347", "#ffd27f", "#ff6b4a", "#ff3b30", "#7fc8ff", "#9cffd0", "#ff7fc2", "#fff2d0")
    blobs = []
    for _ in range(rng.randint(70, 130)):
        x = w * (0.5 + rng.gauss(0, 0.28))
        y = horizon - abs(rng.gauss(0, 0.17)) * h * (0.3 + abs(x / w - 0.5) * 2)
        r = h * rng.uniform(0.012, 0.05) * (0.5 + abs(x / w - 0.5) * 1.6)
        blobs.append(_bokeh(x, y, r, rng.choice(hues), rng.uniform(0.25, 0.8)))
    shapes = svg(w, h, "".join(blobs))
    picture = add_light(picture, emission(shapes, h / 30, 0.6))
    chosen = choose(rng, "night")
    picture = lay_water(
        picture.copy_memory(), horizon + h * 0.02, chosen, rng, shade(base, 1.2), 0.55
    )
    dark = css(shade(base, 0.35))
    people = ""
    for _ in range(rng.choice((0, 0, 0, 1, 2))):
        tall = h * rng.uniform(0.35, 0.6)
        people += person(rng.uniform(0.15, 0.85) * w, horizon + tall * 0.55, tall, dark, rng)
    return over(picture, svg(w, h, people), 0.95, blur=h / 260) if people else picture


def _bokeh(x: float, y: float, r: float, fill: str, opacity: float) -> str:
    """The disc that a lens makes of a lamp: a little brighter at its rim."""
    ring = (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r * 0.93:.1f}" fill="none" stroke="{fill}" '
        f'stroke-width="{r * 0.12:.1f}" opacity="{opacity * 0.5:.2f}"/>'
    )
    return ellipse(x, y, r, r, fill, opacity * 0.62) + ring


def fireworks(size: tuple[int, int], rng: random.Random, seed: int, light: str = "") -> Image:
    """New Year over roofs or water."""
    w, h = size
    chosen = choose(rng, "night")
    horizon = h * rng.uniform(0.72, 0.82)
    picture = paint_sky(w, h, horizon, chosen, rng) * 0.7
    rays = []
    for _ in range(rng.randint(2, 5)):
        cx, cy = rng.uniform(0.12, 0.88) * w, rng.uniform(0.12, 0.5) * h
        size_of, hue = (
            h * rng.uniform(0.12, 0.3),
            rng.choice(("#ffd36b", "#ff6a5a", "#7fd0ff", "#8dff9a", "#ff8de0", "#ffffff")),
        )
        for _ in range(rng.randint(60, 120)):
            angle, far = rng.random() * math.tau, size_of * math.sqrt(rng.uniform(0.25, 1))
            ex, ey = cx + math.cos(angle) * far, cy + math.sin(angle) * far + far * far / h * 0.35
            mx, my = cx + math.cos(angle) * far * 0.6, cy + math.sin(angle) * far * 0.6
            start = rng.uniform(0.1, 0.5)
            rays.append(
                f'<path d="M {cx + (mx - cx) * start:.1f} {cy + (my - cy) * start:.1f} Q {mx:.1f} {my:.1f} {ex:.1f} {ey:.1f}" '
                f'stroke="{hue}" stroke-width="{h * rng.uniform(0.0012, 0.003):.2f}" fill="none" opacity="{rng.uniform(0.4, 1):.2f}"/>'
            )
            rays.append(ellipse(ex, ey, h * 0.0028, h * 0.0028, "#fff8e0", rng.uniform(0.4, 1)))
    shapes = svg(w, h, "".join(rays))
    picture = add_light(picture, emission(shapes, h / 60, 1.3))
    parts, lamps = _row(w, h, horizon, 0.8, chosen, rng)
    picture = over(picture, svg(w, h, parts + lamps), 0.97)
    return lay_water(picture.copy_memory(), horizon, chosen, rng, rgb("060a12"), 0.4)  # fmt: skip
