"""Whether all that photostore needs can be had ready-made for 64-bit ARM (SPEC 1.6, 2.1).

`python -m tests.container.arm64` asks the package index for a wheel of each package, in the version
of constraints.txt, decoders included, for each Python that an image or a Raspberry Pi has. Nothing
is installed. It is the work of `make check-arm64`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TOP = Path(__file__).resolve().parents[2]
PYTHONS = ("3.11", "3.13")  # Raspberry Pi OS 12, and 13 like the image
# Raspberry Pi OS 12 has glibc 2.36; 2.28 is what the oldest distributions in use have.
PLATFORMS = ("manylinux_2_28_aarch64", "manylinux_2_27_aarch64", "manylinux2014_aarch64")
EXTRAS = ("codecs",)
# Python alone, published as source; libvips itself comes as the wheel pyvips-binary.
SOURCE_ONLY = {"pyvips"}


def list_direct() -> list[str]:
    """What pyproject.toml asks for, decoders included."""
    project = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"]
    return [*project["dependencies"], *(each for extra in EXTRAS for each in optional[extra])]


def list_all(direct: Iterable[str], python: str) -> list[str]:
    """The names of these packages and of all that they need on ARM, by what is installed here."""
    found: dict[str, set[str]] = {}
    waiting = [Requirement(each) for each in direct]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in found and found[name] >= requirement.extras:
            continue
        found[name] = found.get(name, set()) | requirement.extras
        for line in metadata.requires(name) or ():
            needed = Requirement(line)
            if any(_applies(needed, python, extra) for extra in {"", *requirement.extras}):
                waiting.append(needed)
    return sorted(found)


def _applies(needed: Requirement, python: str, extra: str) -> bool:
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "platform_machine": "aarch64",
        "extra": extra,
    }
    return needed.marker is None or needed.marker.evaluate(environment)


def find_wheels(names: Iterable[str], python: str) -> dict[str, str]:
    """The file that pip would take for each of these packages. Raises CalledProcessError."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--no-deps"]
        command += ["--only-binary=:all:", "--python-version", python, "--target", folder]
        command += [f"--platform={platform}" for platform in PLATFORMS]
        command += ["--constraint", str(TOP / "constraints.txt"), "--report", str(report)]
        subprocess.run([*command, *names], check=True)
        chosen = json.loads(report.read_text())["install"]
    return {
        canonicalize_name(each["metadata"]["name"]): each["download_info"]["url"].rpartition("/")[2]
        for each in chosen
    }


def main() -> int:
    """Print the wheels; 1 if one is missing."""
    missing = 0
    for python in PYTHONS:
        names = [name for name in list_all(list_direct(), python) if name not in SOURCE_ONLY]
        try:
            wheels = find_wheels(names, python)
        except subprocess.CalledProcessError:
            print(f"Python {python}: not everything can be had for aarch64, see above")
            missing += 1
            continue
        compiled = [name for name, wheel in wheels.items() if "aarch64" in wheel]
        print(f"Python {python}: {len(wheels)} packages, {len(compiled)} of them for aarch64 alone")
        for name in sorted(compiled):
            print(f"  {wheels[name]}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
