"""The exact shape of a view, kept in memory: which asset stands where, and how wide it is.

A snapshot of a million assets is 17 MB. It is brought up to date from what changed since its
revision, which also gives the patch that an open browser applies (DESIGN 1, "One grid"). A few
older snapshots are kept, so that a browser that is a moment behind still gets the rows it asks for.
"""

from photostore.library.views.cache import ViewCache, has_own_members
from photostore.library.views.patches import Patch, apply_changes, compare_snapshots
from photostore.library.views.snapshot import Snapshot, build_snapshot, day_text

__all__ = [
    "Patch",
    "Snapshot",
    "ViewCache",
    "apply_changes",
    "build_snapshot",
    "compare_snapshots",
    "day_text",
    "has_own_members",
]
