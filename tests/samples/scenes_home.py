"""Scenes of a family: food, candles, cats, evenings by the water, Christmas."""

# ruff: noqa: E501 - SVG paths read best unbroken

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .figures import birds, cat, conifer, ellipse, person, polygon
from .light import choose
from .paint import (
    TILE,
    Image,
    Rgb,
    add_light,
    blend,
    css,
    emission,
    flat,
    fractal,
    grid,
    halo,
    mix,
    over,
    rgb,
    shade,
    smooth,
    spread,
    svg,
    tint,
)
from .scenes_near import backdrop
from .sky import paint_sky
from .water import lay_water

if TYPE_CHECKING:
    import random


def _table(size: tuple[int, int], rng: random.Random) -> Image:
    """A wooden table, a cloth or a stone, seen from above."""
    w, h = size
    kind = rng.random()
    if kind < 0.6:
        wood = rgb(rng.choice(("8a5a34", "a97a4a", "6b4630", "c7a27a", "55402f")))
        grain = spread(fractal(40, 64, 6, 0.65), w // 9 + 2, h, 1.0, (rng.randrange(TILE), 3))
        grain = grain.resize(9, vscale=1, kernel="linear").crop(0, 0, w, h)
        board = (grid(w, h)[1] / h * rng.randint(3, 6)) % 1.0
        seam = smooth(board, 0.0, 0.02) * smooth(board, 1.0, 0.98)
        return tint(grain * 0.3 + 0.55, shade(wood, 0.55), shade(wood, 1.25)) * (seam * 0.5 + 0.5)
    tone = rgb(rng.choice(("e9e4da", "c9d4dc", "3c4348", "d9c9b4")))
    weave = spread(fractal(41, 8, 3, 0.8), w, h, 1.0)
    return flat(w, h, tone) * (weave * 0.06 + 0.95)


def food(size: tuple[int, int], rng: random.Random, seed: int, light: str = "") -> Image:
    """A plate on a table: salad, pasta, cake, fruit; glasses and cutlery round it."""
    w, h = size
    picture = _table(size, rng)
    r = h * rng.uniform(0.3, 0.42)
    cx, cy = w * rng.uniform(0.42, 0.58), h * rng.uniform(0.46, 0.56)
    dx = r * 0.08
    shadow = svg(w, h, ellipse(cx + dx, cy + dx, r * 1.02, r * 1.02, "#000", 0.7))
    picture = over(picture, shadow, 0.75, blur=r * 0.09).copy_memory()
    rim = rgb(rng.choice(("f5f2ec", "f5f2ec", "e6ecef", "3f4a52", "cfe0dc")))
    defs = (
        f'<radialGradient id="p" cx="0.4" cy="0.35" r="0.8"><stop offset="0" stop-color="{css(shade(rim, 1.03))}"/>'
        f'<stop offset="1" stop-color="{css(shade(rim, 0.78))}"/></radialGradient>'
    )
    body = ellipse(cx, cy, r, r, "url(#p)") + ellipse(cx, cy, r * 0.72, r * 0.72, "#000", 0.10)
    body += ellipse(cx - r * 0.01, cy - r * 0.012, r * 0.7, r * 0.7, "url(#p)")
    body += _cutlery(cx, cy, r, rng)
    picture = over(picture, svg(w, h, body, defs), blur=0.4).copy_memory()
    palette = rng.choice((
        ("5f8f2c", "83b03c", "c8402e", "e8d9a0", "3f6b22"), ("e2b457", "f0cf7c", "b8321f", "5f8f2c", "f6ead0"),
        ("7b3f1d", "a5642e", "d8d0c0", "c8402e", "efe0c0"), ("d8304a", "f2a02c", "6a3fa0", "84b03c", "f4d94a"),
        ("e8875a", "f4f0e6", "3c3a36", "86a83f", "f2c8a0"),
    ))  # fmt: skip
    parts = []
    for k in range(rng.randint(70, 150)):
        angle, far = rng.random() * math.tau, math.sqrt(rng.random()) * 0.52 * r
        s = r * rng.uniform(0.05, 0.15)
        hue = shade(
            rgb(rng.choice(palette)), (0.6 + 0.4 * min(1, k / 70)) * rng.uniform(0.85, 1.12)
        )
        x, y = cx + math.cos(angle) * far, cy + math.sin(angle) * far
        turn = f'<g transform="rotate({rng.uniform(0, 180):.0f} {x:.0f} {y:.0f})">'
        parts.append(turn + ellipse(x + s * 0.1, y + s * 0.13, s, s * 0.5, "#1a0f08", 0.3))
        parts.append(ellipse(x, y, s, s * rng.uniform(0.3, 0.8), css(hue)))
        parts.append(ellipse(x - s * 0.25, y - s * 0.15, s * 0.4, s * 0.14, "#fff", 0.22) + "</g>")
    picture = over(picture, svg(w, h, "".join(parts)), blur=0.6)
    window = halo(w, h, (w * rng.choice((0.1, 0.9)), 0), h * 0.9)
    return picture * tint(window, (0.62, 0.6, 0.6), (1.22, 1.17, 1.08))


def _cutlery(cx: float, cy: float, r: float, rng: random.Random) -> str:
    steel = rng.choice(("#c9ccd0", "#b9a06a", "#8e9296"))
    parts = []
    for side, wide in ((-1, 0.05), (1, 0.035)):
        x = cx + side * r * 1.2
        parts.append(
            f'<rect x="{x - wide * r / 2 + r * 0.03:.1f}" y="{cy - r * 0.67:.1f}" width="{wide * r:.1f}" height="{r * 1.4:.1f}" rx="{wide * r / 2:.1f}" fill="#000" opacity="0.35"/>'
        )
        parts.append(
            f'<rect x="{x - wide * r / 2:.1f}" y="{cy - r * 0.7:.1f}" width="{wide * r:.1f}" height="{r * 1.4:.1f}" rx="{wide * r / 2:.1f}" fill="{steel}"/>'
        )
        parts.append(ellipse(x, cy - r * 0.55, r * (0.075 if side < 0 else 0.05), r * 0.2, steel))
    if rng.random() < 0.6:
        gx, gy = cx + r * rng.uniform(1.05, 1.3), cy - r * 0.95
        parts.append(ellipse(gx + r * 0.05, gy + r * 0.06, r * 0.28, r * 0.28, "#000", 0.3))
        parts.append(ellipse(gx, gy, r * 0.27, r * 0.27, "#dfe8ea", 0.6))
        parts.append(
            ellipse(
                gx,
                gy,
                r * 0.22,
                r * 0.22,
                rng.choice(("#7a1428", "#e8c86a", "#c9dfe6", "#4a2a18", "#e58a2c")),
            )
        )
        parts.append(ellipse(gx - r * 0.07, gy - r * 0.09, r * 0.06, r * 0.04, "#fff", 0.6))
    return "".join(parts)  # fmt: skip


def birthday(size: tuple[int, int], rng: random.Random, seed: int, light: str = "") -> Image:
    """A cake with candles in a dark room."""
    w, h = size
    room = rgb(rng.choice(("2a1710", "1c1420", "24180c")))
    picture = flat(w, h, room)
    lamps = "".join(
        ellipse(
            rng.random() * w,
            rng.random() * h * 0.5,
            h * 0.03,
            h * 0.03,
            rng.choice(("#ffb35a", "#ff6a4a", "#ffd79a", "#d86aff")),
            rng.uniform(0.1, 0.35),
        )
        for _ in range(24)
    )
    picture = over(picture, svg(w, h, lamps), blur=h / 160).copy_memory()
    cx, top, rx = (
        w * rng.uniform(0.42, 0.58),
        h * rng.uniform(0.56, 0.64),
        h * rng.uniform(0.34, 0.44),
    )
    ry, deep = rx * 0.3, h * 0.17
    icing = rgb(rng.choice(("f6e7d8", "f3b8c6", "5a2f1c", "cfe0f2", "fff3cf")))
    warm = shade(blend(icing, (1.0, 0.72, 0.4), 0.25), 0.95)
    defs = (
        f'<linearGradient id="c"><stop offset="0" stop-color="{css(shade(warm, 0.3))}"/><stop offset="0.45" stop-color="{css(shade(warm, 0.72))}"/>'
        f'<stop offset="1" stop-color="{css(shade(warm, 0.25))}"/></linearGradient>'
    )
    body = ellipse(cx, top + deep * 1.05, rx * 1.3, ry * 1.2, css(shade(warm, 0.38)))
    body += f'<path d="M {cx - rx:.1f} {top:.1f} L {cx - rx:.1f} {top + deep:.1f} A {rx:.1f} {ry:.1f} 0 0 0 {cx + rx:.1f} {top + deep:.1f} L {cx + rx:.1f} {top:.1f} Z" fill="url(#c)"/>'
    body += ellipse(cx, top, rx, ry, css(warm))
    for k in range(26):
        angle = math.tau * k / 26
        body += ellipse(
            cx + math.cos(angle) * rx * 0.93,
            top + math.sin(angle) * ry * 0.93,
            rx * 0.07,
            rx * 0.05,
            css(shade(blend(icing, (1.0, 0.3, 0.3), 0.35), 0.7 + 0.3 * math.sin(angle))),
        )
    flames = []
    count = rng.randint(3, 13)
    for k in range(count):
        angle = math.tau * k / count + 0.3
        x, y = cx + math.cos(angle) * rx * 0.66, top + math.sin(angle) * ry * 0.66
        tall, wide = h * 0.11, h * 0.012
        hue = rng.choice(("#e8526a", "#5aa0e0", "#f2c33f", "#7ac06a", "#f4f0ea"))
        body += f'<rect x="{x - wide / 2:.1f}" y="{y - tall:.1f}" width="{wide:.1f}" height="{tall:.1f}" fill="{hue}"/>'
        flames.append((x, y - tall - h * 0.016))
    picture = over(picture, svg(w, h, body, defs), blur=0.5)
    fire = "".join(ellipse(x, y, h * 0.008, h * 0.02, "#fff3c4") for x, y in flames)
    shapes = svg(w, h, fire)
    shine = emission(shapes)
    wide = emission(shapes, h / 28, 9.0)
    glare = (wide + shine * -1) * [0.8, 0.48, 0.2]
    room_light = tint(halo(w, h, (cx, top - h * 0.12), h * 0.34), (0, 0, 0), (0.34, 0.18, 0.06))
    return add_light(add_light(picture, room_light), glare + shine)  # fmt: skip


def silhouettes(size: tuple[int, int], rng: random.Random, seed: int, light: str = "") -> Image:
    """People against an evening sky: a family, a couple, friends jumping."""
    w, h = size
    chosen = choose(rng, light or ("sunset", "golden", "ember", "dusk", "rose"))
    horizon = h * rng.uniform(0.6, 0.72)
    picture = paint_sky(w, h, horizon, chosen, rng)
    deep = shade(chosen.middle, 0.5)
    picture = lay_water(picture.copy_memory(), horizon, chosen, rng, deep, rng.uniform(0.1, 0.6))
    dark = css(shade(chosen.ambient, 0.22))
    shore = h * rng.uniform(0.86, 0.93)
    ground = f'<path d="M 0 {shore:.0f} Q {w * 0.4:.0f} {shore - h * 0.03:.0f} {w} {shore + h * 0.02:.0f} L {w} {h} L 0 {h} Z" fill="{dark}"/>'
    x = w * rng.uniform(0.15, 0.45) if chosen.sun_side > 0 else w * rng.uniform(0.45, 0.7)
    people = ""
    for _ in range(rng.choice((1, 2, 2, 3, 4))):
        tall = h * rng.choice((0.2, 0.33, 0.36, 0.38))
        people += person(x, shore + h * 0.01, tall, dark, rng)
        x += h * rng.uniform(0.11, 0.17)
    if rng.random() < 0.4:
        people += birds(w * rng.random(), h * 0.2, h * 0.012, 7, dark, rng)
    return over(picture, svg(w, h, ground + people), blur=0.5)  # fmt: skip


def cats(size: tuple[int, int], rng: random.Random, seed: int, light: str = "") -> Image:
    """The cat at the window."""
    w, h = size
    picture = backdrop(size, rng, rng.choice((("6f8f3a", "a8c46a", "d9d9a0"), ("c98a2a", "e0b45a", "8f8a34"), ("9fb4c8", "dfe6ea", "b8c4cc"))))  # fmt: skip
    frame = rgb(rng.choice(("e8e2d6", "6b4a32", "d0d4d6", "3c3f44")))
    fur = rgb(rng.choice(("1b1816", "3a2a1e", "6a4a2a", "4a4c50", "b06a2a")))
    sill = h * rng.uniform(0.8, 0.86)
    bars = ""
    for x in (0.0, rng.uniform(0.3, 0.7), 0.955):
        bars += f'<rect x="{w * x:.0f}" y="0" width="{w * 0.045:.0f}" height="{h}" fill="{css(shade(frame, 0.55))}"/>'
    bars += f'<rect x="0" y="{sill:.0f}" width="{w}" height="{h}" fill="{css(shade(frame, 0.8))}"/>'
    bars += f'<rect x="0" y="{sill:.0f}" width="{w}" height="{h * 0.012:.0f}" fill="{css(shade(frame, 1.05))}"/>'
    size_of = h * rng.uniform(0.5, 0.66)
    x, turned = w * rng.uniform(0.25, 0.75), rng.random() < 0.5
    picture = over(picture, svg(w, h, bars), blur=h / 300)
    shape = svg(w, h, cat(x, sill + h * 0.06, size_of, css(fur), turned=turned))
    rim = (shape[3].gaussblur(h / 180) / 255).cast("float")
    picture = add_light(picture, tint(rim, (0, 0, 0), (0.25, 0.22, 0.16)))
    coat = spread(fractal(50, 32, 6, 0.75), w, h, 0.8) * 0.25 + 1
    body = (shape.extract_band(0, n=3) * coat).cast("uchar").bandjoin(shape[3])
    return over(picture, body.copy(interpretation="srgb"), blur=h / 420).copy_memory()


def christmas(size: tuple[int, int], rng: random.Random, seed: int, light: str = "") -> Image:
    """A lit tree in the dark room, baubles in front."""
    w, h = size
    wall = rgb(rng.choice(("3a2218", "2c2a30", "402c1c", "1f2a2a")))
    picture = mix(flat(w, h, wall), shade(wall, 0.4), smooth(grid(w, h)[1], 0, h))
    cx, foot, tall = w * rng.uniform(0.35, 0.65), h * 0.97, h * rng.uniform(0.85, 1.1)
    tree = conifer(cx, foot, tall, "#0f2417", rng) + conifer(cx, foot, tall * 0.96, "#17331f", rng)
    picture = over(picture, svg(w, h, tree), blur=h / 140).copy_memory()
    lamps = ""
    for _ in range(rng.randint(70, 140)):
        t = math.sqrt(rng.random())
        x = cx + rng.uniform(-1, 1) * tall * 0.2 * t
        y = foot - tall * (1 - t * 0.93)
        r = h * rng.uniform(0.005, 0.014)
        lamps += ellipse(
            x,
            y,
            r,
            r,
            rng.choice(("#ffcf7a", "#ffcf7a", "#ffe3a8", "#ff5a4a", "#6ab8ff")),
            rng.uniform(0.6, 1),
        )
    lamps += polygon(
        [
            (
                cx + math.cos(k * 0.628 - 1.571) * h * (0.035 if k % 2 == 0 else 0.014),
                foot - tall + math.sin(k * 0.628 - 1.571) * h * (0.035 if k % 2 == 0 else 0.014),
            )
            for k in range(10)
        ],
        "#ffe9a0",
    )
    shapes = svg(w, h, lamps)
    picture = add_light(picture, emission(shapes, h / 40, 1.6))
    return over(picture, _baubles(w, h, rng), blur=h / 380).copy_memory()  # fmt: skip


def _baubles(w: int, h: int, rng: random.Random) -> Image:
    defs, body = "", ""
    for k in range(rng.randint(1, 4)):
        hue: Rgb = rgb(rng.choice(("c0202a", "d8a02c", "2a5fa8", "b8bcc4", "2f7a46")))
        x, y, r = rng.random() * w, h * rng.uniform(0.1, 0.85), h * rng.uniform(0.06, 0.13)
        defs += (
            f'<radialGradient id="g{k}" cx="0.35" cy="0.3" r="0.75"><stop offset="0" stop-color="{css(blend(hue, (1.0, 1.0, 1.0), 0.75))}"/>'
            f'<stop offset="0.25" stop-color="{css(hue)}"/><stop offset="1" stop-color="{css(shade(hue, 0.22))}"/></radialGradient>'
        )
        body += f'<path d="M {x:.1f} 0 L {x:.1f} {y - r:.1f}" stroke="#caa85a" stroke-width="1.2"/>'
        body += f'<rect x="{x - r * 0.14:.1f}" y="{y - r * 1.15:.1f}" width="{r * 0.28:.1f}" height="{r * 0.25:.1f}" fill="#d8b45a"/>'
        body += ellipse(x, y, r, r, f"url(#g{k})")
    return svg(w, h, body, defs)  # fmt: skip
