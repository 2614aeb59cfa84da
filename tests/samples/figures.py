"""Things that stand in a scene, as SVG: trees, people, boats, balloons, birds, animals.

Each function returns SVG text in picture pixels; the scenes decide light, blur and place.
"""

# ruff: noqa: E501 - SVG paths read best unbroken

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .paint import Rgb, css, shade

if TYPE_CHECKING:
    import random

Point = tuple[float, float]


def polygon(points: list[Point], fill: str, opacity: float = 1.0) -> str:
    """A filled outline."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polygon points="{path}" fill="{fill}" opacity="{opacity:.2f}"/>'


def ellipse(x: float, y: float, rx: float, ry: float, fill: str, opacity: float = 1.0) -> str:
    """A filled ellipse."""
    return (
        f'<ellipse cx="{x:.1f}" cy="{y:.1f}" rx="{rx:.1f}" ry="{ry:.1f}" fill="{fill}" '
        f'opacity="{opacity:.2f}"/>'
    )


def conifer(x: float, foot: float, size: float, fill: str, rng: random.Random) -> str:
    """A spruce: tiers of drooping branches."""
    tiers = 11
    left: list[Point] = []
    right: list[Point] = []
    for tier in range(tiers):
        t = tier / tiers
        y = foot - size * (1 - t * 0.93)
        half = size * (0.03 + 0.19 * t)
        left += [
            (x - half * rng.uniform(0.75, 1.1), y + size * 0.085),
            (x - half * 0.45, y + size * 0.06),
        ]
        right += [
            (x + half * rng.uniform(0.75, 1.1), y + size * 0.085),
            (x + half * 0.45, y + size * 0.06),
        ]
    trunk = [(x - size * 0.012, foot), (x + size * 0.012, foot)]
    return polygon([(x, foot - size), *right, *reversed(trunk), *reversed(left)], fill)


def round_tree(x: float, foot: float, size: float, colour: Rgb, rng: random.Random) -> str:
    """A broad-leaved tree: a trunk and a crown of light and dark tufts."""
    trunk = css(shade(colour, 0.28))
    parts = [
        polygon(
            [
                (x - size * 0.035, foot),
                (x - size * 0.014, foot - size * 0.5),
                (x + size * 0.014, foot - size * 0.5),
                (x + size * 0.04, foot),
            ],
            trunk,
        )
    ]
    knots = [(rng.gauss(0, 0.12), rng.gauss(0, 0.11), rng.uniform(0.11, 0.19)) for _ in range(8)]
    dark = css(shade(colour, 0.5))
    for kx, ky, reach in knots:
        parts.append(
            ellipse(
                x + kx * size, foot - (0.62 - ky) * size, reach * size, reach * size * 0.85, dark
            )
        )
    tufts = 110 if size > 40 else 14
    for k in range(tufts):
        kx, ky, reach = rng.choice(knots)
        angle, far = rng.random() * math.tau, math.sqrt(rng.random()) * reach
        dx, dy = kx + math.cos(angle) * far, ky + math.sin(angle) * far
        tone = 0.55 + 0.4 * k / tufts - dy * 0.9 - dx * 0.4
        r = size * rng.uniform(0.012, 0.045)
        fill = css(shade(colour, tone * rng.uniform(0.8, 1.2)))
        parts.append(ellipse(x + dx * size, foot - size * 0.62 + dy * size, r * 1.3, r, fill))
    return "".join(parts)


def sailboat(x: float, foot: float, size: float, hull: str, sail: str) -> str:
    """A small boat under sail."""
    s = size
    return (
        polygon([(x - 0.3 * s, foot - 0.09 * s), (x + 0.34 * s, foot - 0.1 * s), (x + 0.24 * s, foot), (x - 0.22 * s, foot)], hull)
        + f'<path d="M {x + 0.03 * s:.1f} {foot - 0.12 * s:.1f} Q {x + 0.34 * s:.1f} {foot - 0.4 * s:.1f} '
        f'{x + 0.03 * s:.1f} {foot - s:.1f} Z" fill="{sail}"/>'
        f'<path d="M {x - 0.01 * s:.1f} {foot - 0.13 * s:.1f} L {x - 0.01 * s:.1f} {foot - 0.86 * s:.1f} '
        f'Q {x - 0.1 * s:.1f} {foot - 0.4 * s:.1f} {x - 0.27 * s:.1f} {foot - 0.13 * s:.1f} Z" '
        f'fill="{sail}" opacity="0.88"/>'
    )  # fmt: skip


def balloon(
    x: float, y: float, size: float, colours: tuple[str, str], name: str
) -> tuple[str, str]:
    """A hot-air balloon; returns (defs, body). (x, y) is the middle of the envelope."""
    r = size / 2
    defs = (
        f'<clipPath id="{name}"><path d="M {x - r:.1f} {y:.1f} A {r:.1f} {r:.1f} 0 0 1 {x + r:.1f} {y:.1f} '
        f"C {x + r:.1f} {y + r * 0.75:.1f} {x + r * 0.3:.1f} {y + r * 1.1:.1f} {x + r * 0.2:.1f} {y + r * 1.35:.1f} "
        f"L {x - r * 0.2:.1f} {y + r * 1.35:.1f} C {x - r * 0.3:.1f} {y + r * 1.1:.1f} {x - r:.1f} {y + r * 0.75:.1f} "
        f'{x - r:.1f} {y:.1f} Z"/></clipPath>'
        f'<linearGradient id="{name}s"><stop offset="0" stop-color="#fff" stop-opacity="0.35"/>'
        f'<stop offset="0.45" stop-color="#000" stop-opacity="0"/>'
        f'<stop offset="1" stop-color="#000" stop-opacity="0.5"/></linearGradient>'
    )
    body = f'<g clip-path="url(#{name})"><rect x="{x - r:.1f}" y="{y - r:.1f}" width="{size:.1f}" height="{size * 1.3:.1f}" fill="{colours[0]}"/>'
    for k in (0.72, 0.28):
        body += ellipse(x, y + r * 0.1, r * k, r * 1.5, colours[1 if k > 0.5 else 0])
    body += f'<rect x="{x - r:.1f}" y="{y - r:.1f}" width="{size:.1f}" height="{size * 1.3:.1f}" fill="url(#{name}s)"/></g>'
    basket = y + r * 1.62
    body += (
        f'<path d="M {x - r * 0.17:.1f} {y + r * 1.33:.1f} L {x - r * 0.1:.1f} {basket:.1f} M {x + r * 0.17:.1f} {y + r * 1.33:.1f} '
        f'L {x + r * 0.1:.1f} {basket:.1f}" stroke="#3a2c20" stroke-width="{max(0.6, r * 0.02):.1f}"/>'
        f'<rect x="{x - r * 0.11:.1f}" y="{basket:.1f}" width="{r * 0.22:.1f}" height="{r * 0.18:.1f}" fill="#5b3d22"/>'
    )
    return defs, body  # fmt: skip


def person(x: float, foot: float, size: float, fill: str, rng: random.Random) -> str:
    """Somebody standing, seen against the light."""
    s = size
    lean = rng.uniform(-0.03, 0.03) * s
    stance = rng.uniform(0.03, 0.09) * s
    parts = [ellipse(x + lean, foot - 0.925 * s, 0.062 * s, 0.078 * s, fill)]
    if rng.random() < 0.4:  # long hair
        parts.append(ellipse(x + lean, foot - 0.89 * s, 0.078 * s, 0.1 * s, fill))
    body = (
        f"M {x - 0.115 * s + lean:.1f} {foot - 0.80 * s:.1f} Q {x + lean:.1f} {foot - 0.88 * s:.1f} "
        f"{x + 0.115 * s + lean:.1f} {foot - 0.80 * s:.1f} L {x + 0.095 * s:.1f} {foot - 0.46 * s:.1f} "
        f"L {x + stance + 0.045 * s:.1f} {foot:.1f} L {x + stance - 0.03 * s:.1f} {foot:.1f} "
        f"L {x:.1f} {foot - 0.42 * s:.1f} L {x - stance + 0.03 * s:.1f} {foot:.1f} "
        f"L {x - stance - 0.045 * s:.1f} {foot:.1f} L {x - 0.095 * s:.1f} {foot - 0.46 * s:.1f} Z"
    )
    parts.append(f'<path d="{body}" fill="{fill}"/>')
    for side in (-1, 1):
        up = rng.random() < 0.18
        hand = foot - (1.08 if up else 0.45) * s
        out = x + lean + side * s * (0.24 if up else rng.uniform(0.11, 0.2))
        parts.append(
            f'<path d="M {x + lean + side * 0.1 * s:.1f} {foot - 0.785 * s:.1f} '
            f'Q {x + lean + side * 0.2 * s:.1f} {foot - (0.8 if up else 0.62) * s:.1f} {out:.1f} {hand:.1f}" '
            f'stroke="{fill}" stroke-width="{0.045 * s:.1f}" stroke-linecap="round" fill="none"/>'
        )
    return "".join(parts)


def birds(x: float, y: float, size: float, count: int, fill: str, rng: random.Random) -> str:
    """A flight of birds."""
    parts = []
    for _ in range(count):
        px, py = x + rng.gauss(0, 5) * size, y + rng.gauss(0, 2) * size
        s = size * rng.uniform(0.5, 1.0)
        lift = s * rng.uniform(0.1, 0.45)
        parts.append(
            f'<path d="M {px - s:.1f} {py - lift:.1f} Q {px - s * 0.4:.1f} {py - lift:.1f} {px:.1f} {py:.1f} '
            f'Q {px + s * 0.4:.1f} {py - lift:.1f} {px + s:.1f} {py - lift * 0.8:.1f}" fill="none" '
            f'stroke="{fill}" stroke-width="{s * 0.16:.1f}" stroke-linecap="round"/>'
        )
    return "".join(parts)


def cat(x: float, foot: float, size: float, fill: str, *, turned: bool) -> str:
    """A sitting cat from behind, tail round its feet."""
    s = size
    side = -1 if turned else 1
    body = (
        f"M {x - 0.30 * s:.1f} {foot:.1f} C {x - 0.40 * s:.1f} {foot - 0.42 * s:.1f} {x - 0.20 * s:.1f} {foot - 0.52 * s:.1f} "
        f"{x - 0.14 * s:.1f} {foot - 0.66 * s:.1f} L {x + 0.14 * s:.1f} {foot - 0.66 * s:.1f} "
        f"C {x + 0.20 * s:.1f} {foot - 0.52 * s:.1f} {x + 0.40 * s:.1f} {foot - 0.42 * s:.1f} {x + 0.30 * s:.1f} {foot:.1f} Z"
    )
    hx = x + side * 0.03 * s
    head = ellipse(hx, foot - 0.76 * s, 0.185 * s, 0.16 * s, fill)
    ears = polygon(
        [
            (hx - 0.175 * s, foot - 0.80 * s),
            (hx - 0.155 * s, foot - 1.0 * s),
            (hx - 0.03 * s, foot - 0.89 * s),
        ],
        fill,
    )
    ears += polygon(
        [
            (hx + 0.175 * s, foot - 0.80 * s),
            (hx + 0.155 * s, foot - 1.0 * s),
            (hx + 0.03 * s, foot - 0.89 * s),
        ],
        fill,
    )
    tail = (
        f'<path d="M {x + side * 0.24 * s:.1f} {foot - 0.05 * s:.1f} C {x + side * 0.55 * s:.1f} {foot + 0.02 * s:.1f} '
        f'{x + side * 0.62 * s:.1f} {foot - 0.22 * s:.1f} {x + side * 0.5 * s:.1f} {foot - 0.3 * s:.1f}" fill="none" '
        f'stroke="{fill}" stroke-width="{0.085 * s:.1f}" stroke-linecap="round"/>'
    )
    return f'<path d="{body}" fill="{fill}"/>{head}{ears}{tail}'  # fmt: skip
