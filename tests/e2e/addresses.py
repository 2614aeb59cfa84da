"""The addresses of all pages of the app, with what stands for the ids in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

PAGES = (
    "/",
    "/photos",
    "/search?q=even",
    "/search?q=weather:rain",
    "/search?q=nowhere",
    "/albums",
    "/albums/ALBUM",
    "/tags",
    "/tags/TAG",
    "/tags/ROOT",
    "/folders",
    "/folders/FOLDER",
    "/favourites",
    "/hidden",
    "/recent",
    "/onthisday",
    "/trash",
    "/journal",
    "/settings",
    "/add",
    "/sync",
    "/sync/reports/REPORT",
    "/status",
    "/about",
    "/nowhere/at/all",
)
PLACEHOLDER = re.compile("[A-Z]{3,}")


def find_names(get: Callable[[str], Any]) -> dict[str, str]:
    """What stands for TAG and so on in a library, as far as it has one; `get` asks its API."""
    roots = {one["kind"]: one["id"] for one in get("/tags")["tags"]}
    inside = {
        kind: get(f"/tags?parent={roots[kind]}")["tags"]
        for kind in ("keyword", "folder")
        if kind in roots
    }
    first = {
        "TAG": [one["id"] for one in inside.get("keyword", [])],
        "FOLDER": [one["id"] for one in inside.get("folder", [])],
        "ROOT": [roots["where"]] if "where" in roots else [],
        "ALBUM": [one["id"] for one in get("/albums")["albums"]],
        "REPORT": [one["name"] for one in get("/reports")["reports"]],
    }
    return {name: ids[0] for name, ids in first.items() if ids}


def fill(path: str, names: dict[str, str]) -> str:
    """The path with ids in the place of their names. Raises KeyError for one that is not known."""
    return PLACEHOLDER.sub(lambda found: names[found[0]], path)
