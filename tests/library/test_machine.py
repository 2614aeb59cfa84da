"""Heat and lack of space hold the import up: SPEC 5.6."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from photostore.library.machine import Obstacle, Obstacles


@dataclass
class Told:
    min_free_space: int = 0
    max_temp_c: int = 80


@dataclass
class Places:
    support: Path
    cache: Path


def sensor(top: Path, place: str, kind: str, *degrees: str) -> None:
    folder = top / place
    folder.mkdir(parents=True, exist_ok=True)
    is_zone = place.startswith("thermal")
    (folder / ("type" if is_zone else "name")).write_text(f"{kind}\n")
    for number, text in enumerate(degrees, 1):
        (folder / ("temp" if is_zone else f"temp{number}_input")).write_text(f"{text}\n")


@pytest.fixture
def obstacles(tmp_path):
    return Obstacles(Told(), Places(tmp_path, tmp_path), tmp_path / "class")


@pytest.mark.parametrize(
    ("place", "kind", "degrees", "is_hot"),
    [
        ("thermal/thermal_zone0", "cpu-thermal", ["81000"], True),
        ("thermal/thermal_zone3", "x86_pkg_temp", ["95000"], True),
        ("thermal/thermal_zone0", "cpu-thermal", ["80000"], False),
        ("thermal/thermal_zone0", "iwlwifi_1", ["99000"], False),
        ("hwmon/hwmon2", "coretemp", ["50000", "91000"], True),
        ("hwmon/hwmon0", "nvme", ["91000"], False),
        ("thermal/thermal_zone0", "cpu-thermal", ["999000"], False),
        ("thermal/thermal_zone0", "cpu-thermal", ["-273150"], False),
        ("thermal/thermal_zone0", "cpu-thermal", ["N/A"], False),
        ("thermal/thermal_zone0", "cpu-thermal", [], False),
    ],
)
def test_only_a_processor_that_is_hot_is_an_obstacle(
    obstacles, tmp_path, place, kind, degrees, is_hot
):
    sensor(tmp_path / "class", place, kind, *degrees)
    assert bool(obstacles.find()) is is_hot


def test_it_goes_on_when_it_has_cooled_down(obstacles, tmp_path):
    def at(degrees: int) -> Obstacle | None:
        sensor(tmp_path / "class", "thermal/thermal_zone0", "cpu", f"{degrees}000")
        return obstacles.find()

    assert at(80) is None
    assert "81 °C" in at(81).reason
    assert at(76)
    assert at(75) is None
    assert at(80) is None


def test_without_a_limit_or_a_sensor_heat_is_no_obstacle(tmp_path):
    sensor(tmp_path / "class", "thermal/thermal_zone0", "cpu", "120000")
    places = Places(tmp_path, tmp_path)
    assert Obstacles(Told(max_temp_c=0), places, tmp_path / "class").find() is None
    assert Obstacles(Told(), places, tmp_path / "nothing").find() is None


def test_a_disk_with_too_little_room_is_named(tmp_path):
    found = Obstacles(Told(min_free_space=10**18), Places(tmp_path, tmp_path), tmp_path).find()
    assert found
    assert str(tmp_path) in found.reason
    assert "min_free_space" in found.reason


def test_a_folder_that_is_gone_is_an_obstacle_and_no_crash(tmp_path):
    found = Obstacles(Told(), Places(tmp_path / "gone", tmp_path), tmp_path).find()
    assert found
    assert "gone" in found.reason
