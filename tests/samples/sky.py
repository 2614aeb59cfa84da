"""Skies: gradient, sun, clouds in perspective, stars, moon, milky way and northern lights."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .paint import (
    TILE,
    Image,
    add_light,
    blend,
    clamp,
    emission,
    fractal,
    glow,
    gradient,
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
    wrapped,
)

if TYPE_CHECKING:
    import random

    from .light import Light


def paint_sky(width: int, height: int, horizon: float, light: Light, rng: random.Random) -> Image:
    """The sky of a picture: rows below `horizon` go on with the colour of the haze."""
    small_w, small_h = (width + 1) // 2, (height + 1) // 2  # skies are soft: a quarter is enough
    sky = _paint_soft(small_w, small_h, horizon / 2, light, rng)
    sky = sky.resize(2, kernel="linear").crop(0, 0, width, height)
    if light.stars:
        sky = add_light(sky, _stars(width, height, horizon, rng))
    return sky


def sun_place(width: int, height: int, horizon: float, light: Light) -> tuple[float, float]:
    """Where the sun stands in the picture (below the horizon when it is not seen)."""
    return width * (0.5 + 0.4 * light.sun_side), horizon - light.sun_height * height


def _paint_soft(w: int, h: int, horizon: float, light: Light, rng: random.Random) -> Image:
    line = max(0.05, horizon / h)
    sky = gradient(
        w,
        h,
        [
            (0.0, light.zenith),
            (line * 0.55, light.middle),
            (line * 0.97, light.horizon),
            (1.0, light.horizon),
        ],
    )
    place = sun_place(w, h, horizon, light)
    if light.sun_height > 0:
        warm = blend(light.sun, light.horizon, 0.4)
        sky = add_light(sky, tint(halo(w, h, place, h * 0.22), (0, 0, 0), shade(warm, 0.55)))
    sky = _clouds(sky, horizon, light, rng, place)
    if light.sun_height > 0:
        sky = add_light(sky, tint(glow(w, h, place, h * 0.075), (0, 0, 0), shade(light.sun, 0.8)))
        disc = clamp(glow(w, h, place, h * 0.021) * 4)
        sky = mix(sky, (1.0, 0.97, 0.88), disc)
    return sky


def _clouds(
    sky: Image, horizon: float, light: Light, rng: random.Random, sun: tuple[float, float]
) -> Image:
    if light.cover < 0.04:
        return sky
    w, h = sky.width, sky.height
    xy = grid(w, h)
    elevation = clamp((xy[1] * -1 + horizon) / h, 0.004, 2.0).copy_memory()
    depth = ((elevation + 0.06) ** -1).copy_memory()  # a flat layer of clouds seen from below
    size = rng.uniform(26, 60)
    drift = rng.random() * TILE
    stretch = rng.uniform(0.7, 1.0)
    u = (xy[0] - w / 2) / h * depth * (size * stretch) + drift
    v = depth * size + rng.random() * TILE
    tile = fractal(100 + rng.randrange(4), 128, 7, 0.56)
    density = wrapped(tile, u, v)
    side = 1 if sun[0] > w / 2 else -1
    beside = wrapped(tile, u + 5 * side, v - 4)
    low = 0.42 - light.cover * 0.85
    mask = smooth(density, low, low + 0.42)
    thick = clamp(density - low - 0.25, 0, 1) * 0.55
    lit = clamp((density - beside) * 1.3 + 0.62 - thick).copy_memory()
    colour = tint(lit, light.cloud_dark, light.cloud_lit)
    if light.sun_height > 0:
        near = halo(w, h, sun, h * 0.3)
        colour = add_light(colour, tint(near * lit, (0, 0, 0), shade(light.sun, 0.6)))
    fade = smooth(elevation, 0.0, 0.10)  # the layer melts into the haze above the horizon
    return mix(sky, colour, mask * fade * 0.92)


def _stars(width: int, height: int, horizon: float, rng: random.Random) -> Image:
    parts = []
    band = rng.uniform(-0.5, 0.5)
    for _ in range(int(width * height / 1700)):
        x, y = rng.random() * width, rng.random() * horizon
        size = min(2.4, 0.35 / max(0.05, rng.random()) ** 0.6) * width / 1400
        cool = rng.random()
        colour = "#cfe0ff" if cool < 0.5 else "#fff4dd" if cool < 0.85 else "#ffffff"
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.2f}" fill="{colour}" '
            f'opacity="{rng.uniform(0.35, 1):.2f}"/>'
        )
    shapes = svg(width, height, "".join(parts))
    dots = emission(shapes)
    xy = grid(width, height) / height
    across = xy[0] * math.cos(band) * 0.75 + xy[1] * math.sin(band + 0.6) - rng.uniform(0.35, 0.8)
    cloud = spread(fractal(120, 128, 6, 0.6), width, height, 1.6, (rng.randrange(TILE), 0))
    milky = (across * across * -14).exp() * clamp(cloud * 0.9 + 0.45)
    fade = clamp((xy[1] * -1 + horizon / height) * 3)
    return (dots + tint(milky * 0.55, (0, 0, 0), (0.52, 0.56, 0.72))) * fade


def paint_aurora(sky: Image, horizon: float, rng: random.Random) -> Image:
    """Northern lights hung into a night sky: two or three folded curtains."""
    w, h = sky.width, sky.height
    small_w, small_h = (w + 1) // 2, (h + 1) // 2
    xy = grid(small_w, small_h)
    total = Image.black(small_w, small_h, bands=3).cast("float")
    hues = [rgb("3dff9a"), rgb("57ffb0"), rgb("7affd0")]
    for _ in range(rng.randint(2, 3)):
        wave = spread(fractal(rng.randrange(6), 256, 4), small_w, 1, 1.5, (rng.randrange(TILE), 9))
        rays = spread(fractal(rng.randrange(6), 32, 4), small_w, 1, 1.0, (rng.randrange(TILE), 77))
        slope = rng.uniform(-0.28, 0.28)
        foot = (wave * 0.22 + rng.uniform(0.45, 0.85)) * (horizon / 2)
        foot = foot.resize(1, vscale=small_h, kernel="nearest").crop(0, 0, small_w, small_h)
        streaks = clamp(rays * 0.6 + 0.55)
        streaks = streaks.resize(1, vscale=small_h, kernel="nearest").crop(0, 0, small_w, small_h)
        rise = (foot + xy[0] * slope - xy[1]) / (small_h * rng.uniform(0.28, 0.45))
        body = smooth(rise, -0.035, 0.03) * (clamp(rise, 0, 9) * -3.0).exp() * streaks
        green = tint(body, (0, 0, 0), rng.choice(hues))
        crown = smooth(rise, 0.05, 0.5) * (clamp(rise, 0, 9) * -2.4).exp() * streaks
        total = total + green * 0.85 + tint(crown * 0.5, (0, 0, 0), rgb("9a4fd0"))
    return add_light(sky, total.resize(2, kernel="linear").crop(0, 0, w, h))


def paint_moon(sky: Image, at: tuple[float, float], radius: float, rng: random.Random) -> Image:
    """A moon with its seas and its halo."""
    w, h = sky.width, sky.height
    sky = add_light(sky, tint(halo(w, h, at, radius * 2.2) ** 1.5, (0, 0, 0), (0.42, 0.44, 0.46)))
    seas = "".join(
        f'<circle cx="{at[0] + rng.uniform(-0.55, 0.55) * radius:.1f}" '
        f'cy="{at[1] + rng.uniform(-0.55, 0.55) * radius:.1f}" '
        f'r="{radius * rng.uniform(0.12, 0.34):.1f}" fill="#c9c6ba" opacity="0.5"/>'
        for _ in range(7)
    )
    disc = f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="{radius:.1f}" fill="#f6f2e2"/>{seas}'
    return over(sky, svg(w, h, disc), blur=max(0.6, radius * 0.03))
