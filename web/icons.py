# ruff: noqa: INP001 - a script beside what it draws
"""Draws the app's PNG icons from its SVG; run anew when that changes: `python web/icons.py`.

Browsers that install the app want PNGs. A maskable icon fills its whole square, because the system
cuts its own shape out of it, and keeps what matters inside the middle four fifths.
"""

from __future__ import annotations

from pathlib import Path

import pyvips

PUBLIC = Path(__file__).parent / "public"
GROUND = (11, 87, 208)
MASKED_SHARE = 0.8


def draw_icons() -> None:
    """Write the icons beside the SVG."""
    source = PUBLIC / "icon.svg"
    side = pyvips.Image.svgload(str(source)).width
    for size in (192, 512):
        icon = pyvips.Image.svgload(str(source), scale=size / side)
        icon.pngsave(str(PUBLIC / f"icon-{size}.png"), palette=True)
    inner = pyvips.Image.svgload(str(source), scale=512 * MASKED_SHARE / side)
    edge = (512 - inner.width) // 2
    masked = inner.flatten(background=GROUND).embed(
        edge, edge, 512, 512, extend="background", background=GROUND
    )
    masked.pngsave(str(PUBLIC / "icon-maskable-512.png"), palette=True)
    touch = pyvips.Image.svgload(str(source), scale=180 / side).flatten(background=GROUND)
    touch.pngsave(str(PUBLIC / "apple-touch-icon.png"), palette=True)


if __name__ == "__main__":
    draw_icons()
