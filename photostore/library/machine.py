"""What the computer itself holds the import up for: a disk that is full, a processor that is hot.

Reads only (SPEC 5.6). Where there is no sensor, or it tells nonsense, heat is no obstacle.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from photostore.base.text import display_name, format_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from photostore.base.layout import Layout
    from photostore.base.settings import Settings

SENSORS = Path("/sys/class")
# Zones and chips that measure the processor, and not a battery, a disk or the wireless card.
PROCESSOR = re.compile(r"cpu|pkg|soc|core|k10temp|zenpower|bcm\d+|big|little", re.IGNORECASE)
PLAUSIBLE_C = range(1, 150)
# Once stopped, it has to cool down by so much: it would stop and go on every ten seconds else.
COOLER_C = 5


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why nothing can be imported now; `passes`: it goes by itself, so even a single run waits."""

    reason: str
    passes: bool = False


class Obstacles:
    """Why nothing can be imported now. Called from one thread at a time.

    `sensors` is the folder that has `thermal` and `hwmon` in it, /sys/class on Linux.
    """

    def __init__(self, settings: Settings, layout: Layout, sensors: Path = SENSORS) -> None:
        self._min_free_bytes = settings.min_free_space
        self._max_temp_c = settings.max_temp_c
        self._folders = (layout.support, layout.cache)
        self._sensors = sensors
        self._is_hot = False

    def find(self) -> Obstacle | None:
        """The obstacle, or None. Raises nothing."""
        lack = self._lack_of_space()
        if lack:
            return Obstacle(lack)
        heat = self._heat()
        return Obstacle(heat, passes=True) if heat else None

    def _lack_of_space(self) -> str | None:
        for folder in self._folders:
            try:
                free = shutil.disk_usage(folder).free
            except OSError as error:
                return f"{display_name(folder)} cannot be looked at: {error.strerror}"
            if free < self._min_free_bytes:
                return (
                    f"{display_name(folder)} has {format_size(free)} free, "
                    f"less than the {format_size(self._min_free_bytes)} of min_free_space"
                )
        return None

    def _heat(self) -> str | None:
        if not self._max_temp_c:
            return None
        now_c = max(_temperatures_c(self._sensors), default=0)
        limit_c = self._max_temp_c - (COOLER_C if self._is_hot else 0)
        self._is_hot = now_c > limit_c
        if not self._is_hot:
            return None
        return f"the processor has {now_c} °C, more than the {limit_c} °C at which it goes on"


def _temperatures_c(sensors: Path) -> Iterator[int]:
    """What the processor's sensors say, in whole degrees Celsius."""
    for zone in sensors.glob("thermal/thermal_zone*"):
        if PROCESSOR.search(_read(zone / "type")):
            yield from _degrees(zone / "temp")
    for chip in sensors.glob("hwmon/hwmon*"):
        if PROCESSOR.search(_read(chip / "name")):
            for sensor in chip.glob("temp*_input"):
                yield from _degrees(sensor)


def _degrees(sensor: Path) -> Iterator[int]:
    text = _read(sensor)
    if re.fullmatch(r"-?\d{1,9}", text) and int(text) // 1000 in PLAUSIBLE_C:
        yield int(text) // 1000


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii", "replace").strip()
    except OSError:
        return ""  # a sensor that is asleep answers with an error
