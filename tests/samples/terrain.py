"""Land in perspective: fractal height fields, their light, and a caster of columns.

The caster samples the height field along each column's ray (libvips does the sampling), keeps
what stands above everything nearer, and yields the distance of what each pixel sees.
"""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from .paint import Image, clamp, fractal, grid, mix, smooth, tint, wrapped

if TYPE_CHECKING:
    from .light import Light
    from .paint import Rgb

LANDS = 3  # seeds of land; each is a country of its own with room for hundreds of views
FIELD = 1024  # edge of a height field, cells
STEPS = 190  # distances looked at along each ray
_DIRECTION = math.pi / 4  # the sun comes from one of eight sides: its light is remembered
NEAR, FAR = 4.0, 620.0  # cells


@dataclass(frozen=True, slots=True)
class Camera:
    """Where the picture is taken from: cells, radians, rows."""

    x: float
    y: float
    eye: float  # height above zero of the field, cells
    yaw: float
    horizon: float  # row of the horizon
    zoom: float  # focal length over picture width


@lru_cache(maxsize=LANDS * 4)
def height_field(kind: str, seed: int) -> Image:
    """Heights in cells, FIELD x FIELD, tileable. Kinds: alps, hills, dunes, isles."""
    if kind == "dunes":
        return _dunes(seed)
    total = Image.black(FIELD, FIELD).cast("float")
    carry: Image | float = 1.0
    weight = 1.0
    sharp = {"alps": 1.0, "isles": 0.85, "hills": 0.25}[kind]
    for octave in range(7):
        cell = 256 >> octave
        noise = Image.perlin(FIELD, FIELD, cell_size=cell, seed=seed * 17 + octave)
        ridge = (noise.abs() * -1.9 + 1) * sharp + noise * (1 - sharp) * 1.2 + (1 - sharp) * 0.4
        layer = ridge * carry
        total = total + layer * weight
        carry = clamp(layer * 1.25, 0, 1)
        weight *= 0.52
    scale = {"alps": 62.0, "isles": 58.0, "hills": 44.0}[kind]
    return ((total / 1.7) * scale).cast("float").copy_memory()


def _dunes(seed: int) -> Image:
    """Sand ridges: a bent saw, gentle on the windward side and steep on the other."""
    xy = grid(FIELD, FIELD)
    bend = Image.perlin(FIELD, FIELD, cell_size=256, seed=seed) * 70
    bend = bend + Image.perlin(FIELD, FIELD, cell_size=128, seed=seed + 1) * 26
    phase = ((xy[0] + bend) % 128.0) / 128.0
    saw = smooth(phase, 0.0, 0.72) * (smooth(phase, 0.72, 0.98) * -1 + 1)
    big = Image.perlin(FIELD, FIELD, cell_size=256, seed=seed + 2) * 0.5 + 0.65
    second = ((xy[0] * 2 + xy[1] + bend * 2) % 64.0) / 64.0
    small = smooth(second, 0.0, 0.7) * (smooth(second, 0.7, 1.0) * -1 + 1)
    return (saw * big * 24 + small * 4).cast("float").copy_memory()


@lru_cache(maxsize=8)
def sunlight(kind: str, seed: int, azimuth: float, elevation: float) -> Image:
    """Three bands: light on each cell (0..1.3, shadows cast), flatness (0..1), height (cells)."""
    field = height_field(kind, seed)
    wide = field.embed(1, 1, FIELD + 2, FIELD + 2, extend="repeat")
    dx = wide.conv(Image.new_from_array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], scale=8))
    dy = wide.conv(Image.new_from_array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]], scale=8))
    dx, dy = dx.crop(1, 1, FIELD, FIELD), dy.crop(1, 1, FIELD, FIELD)
    flatness = (dx * dx + dy * dy + 1) ** -0.5
    sx, sy = math.cos(azimuth) * math.cos(elevation), math.sin(azimuth) * math.cos(elevation)
    facing = (dx * -sx + dy * -sy + math.sin(elevation)) * flatness
    lit = clamp(facing, 0, 1.3)
    half = field.subsample(2, 2).copy_memory()  # shadows have soft edges anyway
    shadow = Image.black(FIELD // 2, FIELD // 2).cast("float")
    for step in (2, 4, 7, 12, 20):
        moved = half.wrap(x=-round(math.cos(azimuth) * step), y=-round(math.sin(azimuth) * step))
        above = moved - half - 2 * step * math.tan(elevation)
        shadow = (above > shadow).ifthenelse(above, shadow)
    shadow = shadow.resize(2, kernel="linear")
    sun = lit * (smooth(shadow, 0.0, 2.5) * -0.85 + 1)
    return sun.bandjoin([flatness, field]).cast("float").copy_memory()


@dataclass(frozen=True, slots=True)
class View:
    """What a camera sees: distance per pixel (cells), the ground's place, land (1) or sky (0)."""

    distance: Image
    x: Image
    y: Image
    land: Image


def look(field: Image, camera: Camera, width: int, height: int, floor: float) -> View:
    """Cast every third column of the picture; nothing lies lower than `floor` (the water)."""
    columns = (width + 2) // 3
    ratio = (FAR / NEAR) ** (1 / (STEPS - 1))
    distances = array("f", (NEAR * ratio**i for i in range(STEPS)))
    z = Image.new_from_memory(distances.tobytes(), STEPS, 1, 1, "float")
    z = z.replicate(1, columns)  # one row per column of the picture, distance along x
    slope = (grid(STEPS, columns)[1] * 3 - width / 2) / (width * camera.zoom)
    cos, sin = math.cos(camera.yaw), math.sin(camera.yaw)
    u = z * (slope * -sin + cos) + camera.x
    v = z * (slope * cos + sin) + camera.y
    heights = clamp(wrapped(field, u, v), floor, 1e6)
    rows = (heights * -1 + camera.eye) / z * (width * camera.zoom) + camera.horizon
    data = memoryview(rows.cast("float").write_to_memory()).cast("f")
    filled = bytearray()
    for column in range(columns):
        filled += _fill(data[column * STEPS : (column + 1) * STEPS].tolist(), distances, height)
    upright = Image.new_from_memory(bytes(filled), height, columns, 1, "float").rot90().fliphor()
    seen = upright > 0
    land = (seen / 255).cast("float").resize(3, vscale=1, kernel="linear").crop(0, 0, width, height)
    distance = upright.abs().resize(3, vscale=1, kernel="linear")
    distance = distance.crop(0, 0, width, height).copy_memory()
    side = (grid(width, height)[0] - width / 2) / (width * camera.zoom)
    x = (distance * (side * -sin + cos) + camera.x).copy_memory()
    y = (distance * (side * cos + sin) + camera.y).copy_memory()
    return View(distance, x, y, land.copy_memory())


def _fill(rows: list[float], distances: array[float], height: int) -> bytes:
    """Distances of one column, from the top row to the bottom one.

    Sky is the distance of the ridge below it, negative: a ridge enlarged stays a ridge.
    """
    column = array("f", bytes(4 * height))
    top = height
    before = ridge = distances[0]
    for row, distance in zip(rows, distances, strict=True):
        if row < top:
            start = max(0, int(row))
            count = top - start
            if count == 1:
                column[start] = distance
            elif count > 1:
                step = (before - distance) / count
                column[start:top] = array("f", [distance + step * k for k in range(count)])
            top, ridge = start, distance
            if top == 0:
                break
        before = distance
    if top > 0:
        column[:top] = array("f", [-ridge]) * top
    return column.tobytes()


@dataclass(frozen=True, slots=True)
class Ground:
    """What the land is made of; heights in cells."""

    low: Rgb  # meadow, sand
    high: Rgb  # rock
    steep: Rgb  # cliffs
    snow_line: float = 1e6
    tree_line: float = -1e6
    trees: Rgb = (0.12, 0.19, 0.11)
    grit: float = 1.0  # how uneven the colour is


SNOW = (0.80, 0.83, 0.89)


def paint_land(view: View, land: tuple[str, int], ground: Ground, light: Light, azimuth: float):
    """The lit land as RGB (without meaning where `view.land` is 0)."""
    kind, seed = land
    sampled = wrapped(
        sunlight(kind, seed, round(azimuth / _DIRECTION) * _DIRECTION, light.elevation),
        view.x,
        view.y,
    )
    heights = sampled[2]
    fine = wrapped(fractal(7, 32, 5, 0.75), view.x * 22, view.y * 22)
    coarse = wrapped(fractal(9, 64, 4), view.x * 2.2, view.y * 2.2)
    near = (view.distance * -0.012).exp()
    level = heights + coarse * 7
    steepness = (sampled[1] * -1 + 1) + fine * 0.05
    colour = tint(smooth(level, 8, 40), ground.low, ground.high)
    if ground.tree_line > 0:
        wood = smooth(level + fine * 6, ground.tree_line, ground.tree_line - 9)
        wood = wood * smooth(coarse, -0.5, -0.05) * smooth(steepness, 0.62, 0.4)
        colour = mix(colour, tint(clamp(fine + 0.6), ground.trees, ground.low), wood * 0.85)
    colour = mix(colour, ground.steep, smooth(steepness, 0.26, 0.5) * 0.9)
    colour = colour * ((fine * (near * 0.3 + 0.2) + coarse * 0.14) * ground.grit + 1)
    if ground.snow_line < 1e5:
        snow = smooth(level + fine * 5, ground.snow_line, ground.snow_line + 7)
        snow = snow * smooth(steepness, 0.62, 0.40)
        colour = mix(colour, SNOW, snow)
    sun = sampled[0] * 1.05
    lit = sun * [c * 1.0 for c in light.sun] + [c * 0.76 for c in light.ambient]
    return colour * lit


def paint_distance(land: Image, sky: Image, view: View, light: Light, horizon: float) -> Image:
    """Haze by distance, and the sky where there is no land."""
    thickness = 0.0045 * light.haziness + 0.0006
    clear = (view.distance * -thickness).exp()
    hazy = mix(land, light.haze, clear * -0.95 + 0.95)
    return mix(sky, hazy, view.land).copy_memory()
