"""The cameras of a family over twenty years, and the names they give their files."""

# ruff: noqa: E501 - the tables read best one row a line

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .exif import Exposure

if TYPE_CHECKING:
    import random
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class CameraModel:
    """One camera. `name` is a format for file names with n (counter), d (time), ms."""

    make: str
    model: str
    lens: str | None
    first: int
    last: int
    name: str
    look: str
    aspect: tuple[int, int]
    sharpness: float  # part of the nominal pixels that its files have
    f_number: float
    focal_mm: tuple[float, float]
    crop: float  # focal length in 35 mm film over real focal length
    phone: bool = False
    gps: bool = False
    zones: bool = False  # writes offsets
    subsec: bool = False


CAMERAS = (
    CameraModel("Canon", "Canon PowerShot A620", None, 2005, 2009, "IMG_{n:04d}.JPG", "compact", (4, 3), 0.55, 2.8, (7.3, 29.2), 4.8),
    CameraModel("NIKON CORPORATION", "NIKON D70s", None, 2006, 2012, "DSC_{n:04d}.JPG", "reflex", (3, 2), 0.8, 4.5, (18, 70), 1.5, subsec=True),
    CameraModel("Panasonic", "DMC-TZ7", None, 2009, 2013, "P{d:%m}{n:05d}.JPG", "travel zoom", (4, 3), 0.85, 3.3, (4.1, 49.2), 6.1),
    CameraModel("Apple", "iPhone 4S", "iPhone 4S back camera 4.28mm f/2.4", 2012, 2015, "IMG_{n:04d}.JPG", "early phone", (4, 3), 0.8, 2.4, (4.28, 4.28), 8.2, phone=True, gps=True, subsec=True),
    CameraModel("Canon", "Canon EOS 70D", "EF-S18-135mm f/3.5-5.6 IS STM", 2013, 2019, "IMG_{n:04d}.JPG", "reflex", (3, 2), 1.0, 5.6, (18, 135), 1.6, subsec=True),
    CameraModel("samsung", "SM-G920F", None, 2015, 2018, "{d:%Y%m%d_%H%M%S}.jpg", "phone", (16, 9), 1.0, 1.9, (4.3, 4.3), 6.5, phone=True, gps=True),
    CameraModel("HUAWEI", "ANE-LX1", None, 2018, 2020, "IMG_{d:%Y%m%d_%H%M%S}.jpg", "phone", (4, 3), 1.0, 2.2, (3.81, 3.81), 7.1, phone=True, gps=True, subsec=True),
    CameraModel("FUJIFILM", "X-T30", "XF18-55mmF2.8-4 R LM OIS", 2019, 2025, "DSCF{n:04d}.JPG", "reflex", (3, 2), 1.0, 4.0, (18, 55), 1.5, zones=True, subsec=True),
    CameraModel("Google", "Pixel 5", "Pixel 5 back camera 4.38mm f/1.73", 2020, 2022, "PXL_{u:%Y%m%d_%H%M%S}{ms:03d}.jpg", "phone", (4, 3), 1.0, 1.73, (4.38, 4.38), 6.2, phone=True, gps=True, zones=True, subsec=True),
    CameraModel("Apple", "iPhone 13", "iPhone 13 back dual wide camera 5.1mm f/1.6", 2022, 2025, "IMG_{n:04d}.JPG", "phone", (4, 3), 1.0, 1.6, (5.1, 5.1), 5.1, phone=True, gps=True, zones=True, subsec=True),
    CameraModel("Google", "Pixel 7", "Pixel 7 back camera 6.81mm f/1.85", 2023, 2025, "PXL_{u:%Y%m%d_%H%M%S}{ms:03d}.jpg", "phone", (4, 3), 1.0, 1.85, (6.81, 6.81), 3.5, phone=True, gps=True, zones=True, subsec=True),
)  # fmt: skip

DARK = ("aurora", "street", "fireworks", "birthday", "christmas")


def choose_camera(rng: random.Random, year: int, *, trip: bool) -> CameraModel:
    """A camera of that year: the good one more often on trips, the phone at home."""
    known = [camera for camera in CAMERAS if camera.first <= year <= camera.last]
    weights = [(1.0 if c.phone else 1.6) if trip else (2.2 if c.phone else 0.8) for c in known]
    return rng.choices(known, weights)[0]


def expose(camera: CameraModel, scene: str, light: str, rng: random.Random) -> Exposure:
    """Settings that fit the scene's brightness (EV 100) and the camera."""
    low, high = camera.focal_mm
    focal = round(low * (high / low) ** (rng.random() ** 2), 2)
    level = {"night": 1.0, "blue hour": 5.0, "dusk": 7.0}.get(light, rng.uniform(11.5, 15))
    if scene in DARK:
        level = rng.uniform(0, 5)
    stop = camera.f_number * (1.4 if level > 13 and not camera.phone else 1.0)
    iso = 100
    time_s = stop * stop / 2**level
    while time_s > 1 / 60 and iso < 3200:
        iso, time_s = iso * 2, time_s / 2
    time_s = min(time_s, 8.0)
    shutter = 1 / round(1 / time_s) if time_s < 0.4 else round(time_s, 1)
    return Exposure(shutter, round(stop, 2), iso, focal, round(focal * camera.crop))


def name_file(camera: CameraModel, number: int, taken: datetime, utc: datetime) -> str:
    """The file name that this camera gives its picture number `number`."""
    return camera.name.format(n=number % 9999 + 1, d=taken, u=utc, ms=taken.microsecond // 1000)
