# ruff: noqa: INP001 - a script beside what it writes
"""Writes src/third-party.json: what photostore is built on, for its page about itself.

What the built app carries inside itself (npm packages) is listed with its licence's text; Python
packages are installed beside photostore and bring their own; data sets are named with their terms.

    python web/notices.py           writes the file
    python web/notices.py --check   fails if it is stale
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

WEB = Path(__file__).resolve().parent
OUT = WEB / "src" / "third-party.json"
LICENCE_FILES = ("LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE")
# Their metadata name only the file with the text.
UNSAID = {"exifread": "BSD-3-Clause"}
DATA = (
    {
        "name": "GeoNames (names and positions of cities)",
        "licence": "CC BY 4.0",
        "by": "geonames.org",
    },
    {
        "name": "OpenStreetMap (boundaries of time zones, by way of tzfpy)",
        "licence": "ODbL 1.0",
        "by": "© OpenStreetMap contributors",
    },
    {"name": "IANA time zone database", "licence": "public domain", "by": "iana.org"},
)


def collect() -> dict[str, object]:
    """Everything that the page lists."""
    browser, texts = collect_npm()
    return {"browser": browser, "server": collect_python(), "data": list(DATA), "texts": texts}


def collect_npm() -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """The packages whose code is in the app, and the text of each licence with who uses it."""
    wanted = json.loads((WEB / "package.json").read_text("utf-8"))["dependencies"]
    listed, texts = [], []
    for name in sorted(wanted):
        folder = WEB / "node_modules" / name
        package = json.loads((folder / "package.json").read_text("utf-8"))
        author = package.get("author", "")
        by = author if isinstance(author, str) else author.get("name", "")
        listed.append({"name": name, "licence": package["license"], "by": by.partition(" <")[0]})
        found = [folder / file for file in LICENCE_FILES if (folder / file).is_file()]
        text = found[0].read_text("utf-8").strip() if found else package["license"]
        texts.append({"names": name, "text": text})
    return listed, texts


def collect_python() -> list[dict[str, str]]:
    """The packages that pyproject.toml asks for, with what their own metadata say."""
    project = tomllib.loads((WEB.parent / "pyproject.toml").read_text("utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    names = {re.match(r"[\w.-]+", one)[0].lower() for group in groups for one in group}  # type: ignore[index]
    return [describe(name) for name in sorted(names)]


def describe(name: str) -> dict[str, str]:
    """Name, licence and author of an installed package."""
    try:
        found = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return {"name": name, "licence": "see the package", "by": ""}
    licence = found.get("License-Expression") or found.get("License") or ""
    if not licence or len(licence) > 60:
        trove = [line for line in found.get_all("Classifier", []) if line.startswith("License ::")]
        licence = trove[-1].rpartition(" :: ")[2] if trove else UNSAID.get(name, "see the package")
    author = found.get("Author") or (found.get("Author-email") or "").partition("<")[0]
    return {"name": name, "licence": licence, "by": author.strip().strip('"')}


def main() -> int:
    """Write or check the file; returns the exit code."""
    text = json.dumps(collect(), ensure_ascii=False, indent=2) + "\n"
    if "--check" in sys.argv:
        if OUT.is_file() and OUT.read_text("utf-8") == text:
            return 0
        sys.stderr.write(f"{OUT} is stale: run python web/notices.py\n")
        return 1
    OUT.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
