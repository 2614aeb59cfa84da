"""Screenshots of an imaginary phone: a chat, a list, a weather page."""

from __future__ import annotations

import random

from .figures import ellipse
from .paint import Image, svg


def paint_screenshot(size: tuple[int, int], seed: int) -> Image:
    """An 8-bit RGB picture of a phone's screen."""
    w, h = size
    rng = random.Random(seed)
    dark = rng.random() < 0.4
    paper, ink, card = (
        ("#14161a", "#e8eaee", "#23272e") if dark else ("#f6f7f9", "#22252a", "#ffffff")
    )
    accent = rng.choice(("#2f6fed", "#1f9d6b", "#d9482b", "#8a4fd8"))
    body = f'<rect width="{w}" height="{h}" fill="{paper}"/>'
    body += f'<rect width="{w}" height="{h * 0.085:.0f}" fill="{accent}"/>'
    body += _line(w * 0.08, h * 0.05, w * rng.uniform(0.25, 0.5), h * 0.018, "#ffffff")
    kind = rng.choice((_chat, _cards, _weather))
    return svg(w, h, body + kind(w, h, rng, ink, card, accent)).flatten().cast("uchar")  # fmt: skip


def _line(x: float, y: float, length: float, thick: float, fill: str, opacity: float = 1.0) -> str:
    return (
        f'<rect x="{x:.0f}" y="{y:.0f}" width="{length:.0f}" height="{thick:.0f}" '
        f'rx="{thick / 2:.0f}" fill="{fill}" opacity="{opacity:.2f}"/>'
    )


def _chat(w: int, h: int, rng: random.Random, ink: str, card: str, accent: str) -> str:
    parts, y = [], h * 0.12
    while y < h * 0.88:
        mine = rng.random() < 0.5
        rows, wide = rng.randint(1, 4), w * rng.uniform(0.35, 0.68)
        tall = rows * h * 0.024 + h * 0.028
        x = w - wide - w * 0.05 if mine else w * 0.05
        parts.append(
            f'<rect x="{x:.0f}" y="{y:.0f}" width="{wide:.0f}" height="{tall:.0f}" rx="26" '
            f'fill="{accent if mine else card}"/>'
        )
        for row in range(rows):
            length = (wide - w * 0.09) * (1 if row < rows - 1 else rng.uniform(0.3, 0.9))
            fill = "#ffffff" if mine else ink
            place = y + h * 0.018 + row * h * 0.024
            parts.append(_line(x + w * 0.045, place, length, h * 0.011, fill, 0.8))
        y += tall + h * rng.uniform(0.012, 0.035)
    return "".join(parts)


def _cards(w: int, h: int, rng: random.Random, ink: str, card: str, accent: str) -> str:
    parts = []
    for row in range(7):
        y = h * (0.11 + 0.122 * row)
        parts.append(
            f'<rect x="{w * 0.05:.0f}" y="{y:.0f}" width="{w * 0.9:.0f}" height="{h * 0.108:.0f}" '
            f'rx="22" fill="{card}"/>'
        )
        hue = f"hsl({rng.randrange(360)},55%,60%)"
        parts.append(ellipse(w * 0.15, y + h * 0.054, w * 0.06, w * 0.06, hue))
        parts.append(_line(w * 0.26, y + h * 0.028, w * rng.uniform(0.2, 0.5), h * 0.014, ink))
        parts.append(
            _line(w * 0.26, y + h * 0.06, w * rng.uniform(0.35, 0.62), h * 0.01, ink, 0.45)
        )
    return "".join(parts)


def _weather(w: int, h: int, rng: random.Random, ink: str, card: str, accent: str) -> str:
    parts = [ellipse(w / 2, h * 0.26, w * 0.16, w * 0.16, "#f6b73c")]
    parts.append(_line(w * 0.3, h * 0.4, w * 0.4, h * 0.03, ink))
    points = []
    for hour in range(9):
        x, y = w * (0.1 + 0.1 * hour), h * rng.uniform(0.52, 0.62)
        points.append(f"{x:.0f},{y:.0f}")
        parts.append(ellipse(x, y, 9, 9, accent))
    parts.append(
        f'<polyline points="{" ".join(points)}" fill="none" stroke="{accent}" stroke-width="5"/>'
    )
    for row in range(5):
        y = h * (0.69 + 0.055 * row)
        parts.append(_line(w * 0.1, y, w * rng.uniform(0.15, 0.3), h * 0.014, ink, 0.8))
        parts.append(_line(w * 0.55, y, w * rng.uniform(0.1, 0.35), h * 0.014, accent, 0.7))
    return "".join(parts)
