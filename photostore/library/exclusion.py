"""Folders that are passed over because of their name or place (SPEC 5.2). Looks at no disk."""

from __future__ import annotations

import fnmatch
import os
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SUPPORT_FOLDER = b".photostore"
NOMEDIA = frozenset({b"nomedia", b".nomedia"})
# Folders of other programs, of NAS systems and of trashes, in lower case. Those that begin with a
# dot are hidden anyway.
FOREIGN_FOLDERS = frozenset(
    {
        b"$recycle.bin",
        b"#recycle",
        b"#snapshot",
        b"@eadir",
        b"@recently-snapshot",
        b"@recycle",
        b"@snapshot",
        b"@tmp",
        b"__macosx",
        b"ipod photo cache",
        b"lost.dir",
        b"lost+found",
        b"network trash folder",
        b"recycle.bin",
        b"recycled",
        b"recycler",
        b"system volume information",
        b"temporary items",
    }
)
FOREIGN_SUFFIXES = (b".lrdata", b".lrlibrary", b".photolibrary-cache", b".tmp", b".part")
# In the packages of Apple's Photos and iPhoto only these hold originals.
APPLE_PACKAGES = (b".photoslibrary", b".photolibrary")
APPLE_ORIGINALS = frozenset({b"originals", b"masters"})
MAX_REPEATS = 7


def exclusion(path: bytes, exclude_globs: Sequence[str] = ()) -> str | None:
    """Why a folder is skipped because of its name or path, as words for a person, or None."""
    above, _, name = path.rpartition(b"/")
    name = name.lower()
    if name.startswith(b"."):
        return "its name begins with a dot"
    if name in FOREIGN_FOLDERS or name.endswith(FOREIGN_SUFFIXES):
        return "it belongs to another program"
    if above.lower().endswith(APPLE_PACKAGES) and name not in APPLE_ORIGINALS:
        return "it belongs to another program"
    parts = path.split(b"/")
    if len(parts) > MAX_REPEATS:
        counts = Counter(parts)
        del counts[b""]
        if max(counts.values(), default=0) > MAX_REPEATS:
            return f"its path repeats a name over {MAX_REPEATS} times"
    pattern = matching_glob(path, exclude_globs) or matching_glob(path + b"/", exclude_globs)
    return f"the setting exclude_globs names it ({pattern})" if pattern else None


def matching_glob(path: bytes, globs: Sequence[str]) -> str | None:
    """The first pattern that a path fits, or None. `*` also stands for slashes."""
    if not globs:
        return None
    text = os.fsdecode(path)
    return next((pattern for pattern in globs if fnmatch.fnmatchcase(text, pattern)), None)
