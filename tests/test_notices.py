"""The page about photostore names everything that it is built on."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
NOTICES = json.loads((TOP / "web" / "src" / "third-party.json").read_text("utf-8"))


def test_every_package_is_named_with_its_licence() -> None:
    """`python web/notices.py` writes the file anew."""
    project = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    asked = {re.split(r"[^\w.-]", one)[0].lower() for group in groups for one in group}
    shipped = json.loads((TOP / "web" / "package.json").read_text("utf-8"))["dependencies"]
    listed = {one["name"]: one["licence"] for one in [*NOTICES["server"], *NOTICES["browser"]]}
    assert listed.keys() == asked | shipped.keys()
    assert all(listed.values())
    assert {one["names"] for one in NOTICES["texts"]} == shipped.keys()


def test_data_sets_are_named_with_their_terms() -> None:
    """SPEC 7.4: cities of GeoNames; time zones by OpenStreetMap's boundaries."""
    terms = " ".join(f"{one['name']} {one['licence']}" for one in NOTICES["data"])
    for word in ("GeoNames", "CC BY 4.0", "OpenStreetMap", "ODbL"):
        assert word in terms
