"""Near things with a blurred world behind: flowers, leaves, woods, drops, food's little cousins."""

# ruff: noqa: E501 - SVG paths read best unbroken

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .figures import birds, ellipse, polygon
from .light import choose
from .paint import (
    Image,
    Rgb,
    add_light,
    blend,
    css,
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

if TYPE_CHECKING:
    import random

GREENS = ("3f6b2a", "587f2f", "2f5a33", "6f8f3a", "7d9440")


def backdrop(size: tuple[int, int], rng: random.Random, hues: tuple[str, ...]) -> Image:
    """What a lens leaves of a garden far behind: soft patches and discs of light."""
    w, h = size
    first, second, third = (rgb(rng.choice(hues)) for _ in range(3))
    at = (rng.randrange(512), rng.randrange(512))
    soft = smooth(spread(fractal(20, 256, 3), w, h, max(w, h) / 300, at), -0.7, 0.7)
    picture = tint(soft, shade(first, 0.55), second)
    picture = mix(picture, third, smooth(spread(fractal(21, 256, 3), w, h, 2.2, at), 0.0, 0.9))
    sunny = (rng.uniform(0, 1) * w, -0.1 * h)
    picture = add_light(picture, tint(halo(w, h, sunny, h * 0.5), (0, 0, 0), (0.5, 0.45, 0.28)))
    discs = []
    for _ in range(rng.randint(14, 46)):
        r = h * rng.uniform(0.015, 0.07)
        tone = css(blend(second, (1.0, 0.96, 0.8), rng.uniform(0.2, 0.9)))
        x, y = rng.random() * w, rng.random() ** 1.4 * h
        discs.append(ellipse(x, y, r, r, tone, rng.uniform(0.08, 0.4)))
    return over(picture, svg(w, h, "".join(discs)), blur=h / 330)


def flowers(size: tuple[int, int], rng: random.Random, seed: int, light: str = "") -> Image:
    """A meadow at the height of its flowers: blurred ones behind, sharp ones in front."""
    w, h = size
    picture = backdrop(size, rng, GREENS)
    kind = rng.choice(("daisy", "poppy", "tulip", "aster"))
    hue = rgb(rng.choice({
        "daisy": ("fbfbf4", "fff6d8"), "poppy": ("d8301f", "e2502a"),
        "tulip": ("d92b4a", "f2b632", "8a3fa0", "ef7fa6"), "aster": ("8d6fd0", "c05fae", "5f7fe0"),
    }[kind]))  # fmt: skip
    for blur, count, scale in (
        (h / 60, 26, 0.10),
        (h / 150, 14, 0.16),
        (0.5, rng.randint(2, 6), 0.3),
    ):
        parts = []
        for _ in range(count):
            x = rng.random() * w
            y = h * (rng.uniform(0.42, 0.95) if scale < 0.2 else rng.uniform(0.25, 0.7))
            parts.append(_flower(x, y, h * scale * rng.uniform(0.6, 1.0), (kind, hue), h, rng))
        picture = over(picture, svg(w, h, "".join(parts)), blur=blur)
    return picture


def _flower(
    x: float, y: float, size: float, bloom: tuple[str, Rgb], h: int, rng: random.Random
) -> str:
    kind, hue = bloom
    green = shade(rgb(rng.choice(GREENS)), 0.75)
    sway = rng.uniform(-0.5, 0.5) * size
    stalk = (
        f'<path d="M {x:.1f} {y:.1f} Q {x + sway * 0.2:.1f} {y + size:.1f} {x + sway:.1f} {h + 9}" '
        f'stroke="{css(green)}" stroke-width="{size * 0.055:.1f}" fill="none"/>'
    )
    parts = [stalk]
    hue = blend(hue, (1.0, 1.0, 1.0), rng.uniform(0, 0.15))
    if kind in ("daisy", "aster"):
        tilt, count = rng.uniform(0.45, 1.0), 15 if kind == "daisy" else 24
        turn = rng.uniform(0, 90)
        petals = "".join(
            f'<g transform="rotate({turn + 360 * k / count:.1f})">'
            + ellipse(
                0, -size * 0.3, size * 0.075, size * 0.22, css(shade(hue, rng.uniform(0.72, 1.04)))
            )
            + "</g>"
            for k in range(count)
        )
        heart = ellipse(0, 0, size * 0.15, size * 0.15, "#d99a1c") + ellipse(
            -size * 0.03, -size * 0.04, size * 0.09, size * 0.08, "#f3c53f"
        )
        parts.append(
            f'<g transform="translate({x:.1f} {y:.1f}) scale(1 {tilt:.2f})">{petals}{heart}</g>'
        )
    elif kind == "poppy":
        for k, tone in enumerate((0.62, 0.8, 1.0, 0.9)):
            dx, dy = math.cos(k * 1.7) * size * 0.16, math.sin(k * 1.7) * size * 0.09
            parts.append(ellipse(x + dx, y + dy, size * 0.3, size * 0.24, css(shade(hue, tone))))
        parts.append(ellipse(x, y, size * 0.08, size * 0.07, "#1d1a16"))
    else:
        for k, tone in ((-1, 0.72), (1, 0.8), (0, 1.0)):
            mid = x + k * size * 0.13
            parts.append(
                f'<path d="M {mid:.1f} {y + size * 0.3:.1f} C {mid - size * 0.28:.1f} {y + size * 0.2:.1f} '
                f"{mid - size * 0.2:.1f} {y - size * 0.2:.1f} {mid + k * size * 0.08:.1f} {y - size * 0.34:.1f} "
                f"C {mid + size * 0.2:.1f} {y - size * 0.2:.1f} {mid + size * 0.28:.1f} {y + size * 0.2:.1f} "
                f'{mid:.1f} {y + size * 0.3:.1f} Z" fill="{css(shade(hue, tone))}"/>'
            )
    return "".join(parts)  # fmt: skip


def leaves(size: tuple[int, int], rng: random.Random, seed: int, light: str = "") -> Image:
    """Autumn: leaves in the light, woods behind them out of focus."""
    w, h = size
    picture = backdrop(size, rng, ("a8641c", "c98a2a", "7f4a1a", "8f8a34", "d9a441", "5f5a2a"))
    for blur, count, scale in (
        (h / 45, 20, 0.13),
        (h / 120, 14, 0.16),
        (0.5, rng.randint(4, 11), 0.27),
    ):
        parts = []
        for _ in range(count):
            hue = rgb(rng.choice(("c8401c", "d9771f", "e5a92f", "a8301a", "c9922e", "8c6a22")))
            spot = f"translate({rng.random() * w:.0f} {rng.random() * h:.0f}) rotate({rng.uniform(0, 360):.0f})"
            parts.append(
                f'<g transform="{spot}">{_leaf(h * scale * rng.uniform(0.6, 1), hue, rng)}</g>'
            )
        picture = over(picture, svg(w, h, "".join(parts)), blur=blur)
    return picture


def _leaf(s: float, hue: Rgb, rng: random.Random) -> str:
    """A maple-like leaf round the origin."""
    points = []
    for k in range(20):
        angle = math.tau * k / 20 - math.pi / 2
        lobe = (1.0, 0.5, 0.75, 0.42)[k % 4] * (0.85 + 0.25 * math.cos(angle + math.pi / 2))
        points.append((math.cos(angle) * lobe * s / 2, math.sin(angle) * lobe * s / 2))
    veins = "".join(
        f'<path d="M 0 {s * 0.2:.1f} L {points[k][0] * 0.9:.1f} {points[k][1] * 0.9:.1f}" '
        f'stroke="{css(shade(hue, 1.3))}" stroke-width="{s * 0.012:.2f}"/>'
        for k in (0, 4, 16, 2, 18)
    )
    stalk = f'<path d="M 0 {s * 0.2:.1f} Q {s * 0.05:.1f} {s * 0.5:.1f} 0 {s * 0.7:.1f}" stroke="{css(shade(hue, 0.6))}" stroke-width="{s * 0.02:.2f}" fill="none"/>'
    half = [p for p in points if p[0] >= -0.01]
    return polygon(points, css(hue)) + polygon([(0, s * 0.25), *half], css(shade(hue, 0.84)), 0.7) + veins + stalk  # fmt: skip


def woods(size: tuple[int, int], rng: random.Random, seed: int, light: str = "") -> Image:
    """Trunks in mist with beams of sun, in spring green or autumn gold."""
    w, h = size
    fog, dark, ground = (rgb(c) for c in rng.choice((
        ("dfe6c0", "24331d", "4e6429"), ("f0d9a4", "3a2412", "9a5a1e"),
        ("cfd9dc", "222a2e", "51604f"), ("bcd6c4", "16261f", "35552f"),
    )).__iter__())  # fmt: skip
    low = smooth(grid(w, h)[1], h * 0.45, h * 0.78)
    picture = mix(flat(w, h, fog), blend(fog, ground, 0.5), low)
    crown = spread(fractal(30, 64, 6, 0.7), w, h, 1.2, (rng.randrange(512), 0)).copy_memory()
    for layer in range(5):
        near = (layer + 1) / 5
        tone = blend(fog, dark, near**1.3 * 0.95)
        foot = h * (0.66 + 0.34 * near)
        parts = []
        for _ in range(int(16 - 11 * near)):
            x, half = rng.random() * w, h * (0.006 + 0.03 * near * near) * rng.uniform(0.6, 1.3)
            lean = rng.uniform(-0.03, 0.03) * h
            parts.append(
                polygon(
                    [
                        (x - half + lean, 0),
                        (x + half + lean, 0),
                        (x + half * 1.4, foot),
                        (x - half * 1.4, foot),
                    ],
                    css(tone),
                )
            )
            for _ in range(rng.randint(1, 5)):
                y, reach = rng.random() * h * 0.6, rng.choice((-1, 1)) * h * rng.uniform(0.05, 0.2)
                parts.append(
                    f'<path d="M {x + lean * 0.5:.1f} {y:.1f} q {reach * 0.5:.1f} {-h * 0.01:.1f} {reach:.1f} {-h * rng.uniform(0.03, 0.12):.1f}" stroke="{css(tone)}" stroke-width="{half * 0.4:.1f}" fill="none"/>'
                )
        picture = over(picture, svg(w, h, "".join(parts)), blur=0.4 + abs(near - 0.75) * h / 260)
        roof = smooth(crown + (1 - near) * 0.2, 0.15, 0.6) * smooth(
            grid(w, h)[1], h * 0.7, h * 0.05
        )
        picture = mix(picture, blend(fog, blend(ground, dark, 0.3), near * 0.85), roof * 0.5)
        floor = smooth(grid(w, h)[1] + crown * h * 0.02, foot - h * 0.03, foot + h * 0.05)
        picture = mix(
            picture, blend(fog, shade(ground, 0.75), near * 0.9), floor * 0.9
        ).copy_memory()
    picture = picture * (spread(fractal(31, 32, 6, 0.75), w, h, 1.0) * 0.12 + 1)
    shine = (rng.uniform(0.15, 0.85) * w, h * rng.uniform(0.0, 0.25))
    xy = grid(w, h)
    angle = (xy[0] - shine[0]) / (xy[1] - shine[1] + h * 0.35) * 26
    beams = (angle.sin() * 0.5 + 0.5) * halo(w, h, shine, h * 0.4)
    light_of = halo(w, h, shine, h * 0.26) * 0.75 + beams * 0.25
    return add_light(picture, tint(light_of, (0, 0, 0), blend(fog, (1.0, 0.9, 0.65), 0.4)))  # fmt: skip


def blossom(size: tuple[int, int], rng: random.Random, seed: int, light: str = "") -> Image:
    """Branches in flower against the sky."""
    w, h = size
    chosen = choose(rng, light or ("clear", "noon", "morning"))
    sky = tint(smooth(grid(w, h)[1], 0, h), chosen.zenith, chosen.horizon)
    pink = rgb(rng.choice(("f6c6d4", "f2aec4", "fbe6ea", "fdf3f0")))
    picture = over(sky, svg(w, h, _petals(w, h, 320, 0.035, pink, rng)), 0.75, blur=h / 40)
    bark, parts = "#3d2a24", []
    tips: list[tuple[float, float]] = []
    for _ in range(rng.randint(3, 6)):
        x, y = rng.choice((0.0, float(w))), rng.random() * h
        angle = rng.uniform(-0.6, 0.3) if x == 0 else math.pi + rng.uniform(-0.3, 0.6)
        thick = h * 0.022
        while thick > h * 0.003:
            step = h * 0.07
            nx, ny = x + math.cos(angle) * step, y + math.sin(angle) * step
            parts.append(
                f'<path d="M {x:.1f} {y:.1f} L {nx:.1f} {ny:.1f}" stroke="{bark}" stroke-width="{thick:.1f}" stroke-linecap="round"/>'
            )
            tips += [(nx + rng.gauss(0, 0.03) * h, ny + rng.gauss(0, 0.035) * h) for _ in range(6)]
            x, y, angle, thick = nx, ny, angle + rng.gauss(0, 0.3), thick * 0.88
    for x, y in tips:
        parts.append(_blossom(x, y, h * rng.uniform(0.018, 0.034), pink, rng))
    picture = over(picture, svg(w, h, "".join(parts)), blur=0.5)
    if rng.random() < 0.2:
        picture = over(
            picture, svg(w, h, birds(w * 0.5, h * 0.2, h * 0.012, 4, bark, rng)), blur=0.5
        )
    return picture  # fmt: skip


def _petals(w: int, h: int, count: int, size: float, hue: Rgb, rng: random.Random) -> str:
    return "".join(
        ellipse(rng.random() * w, rng.random() ** 1.5 * h, h * size, h * size, css(shade(hue, rng.uniform(0.8, 1.05))), 0.5)
        for _ in range(count)
    )  # fmt: skip


def _blossom(x: float, y: float, r: float, hue: Rgb, rng: random.Random) -> str:
    turn, tone = rng.random() * 6, rng.uniform(0.82, 1.06)
    petals = "".join(
        ellipse(
            x + math.cos(turn + k * 1.257) * r * 0.6,
            y + math.sin(turn + k * 1.257) * r * 0.6,
            r * 0.55,
            r * 0.5,
            css(shade(hue, tone * rng.uniform(0.9, 1.05))),
        )
        for k in range(5)
    )
    return petals + ellipse(x, y, r * 0.22, r * 0.22, "#c0567a")  # fmt: skip
