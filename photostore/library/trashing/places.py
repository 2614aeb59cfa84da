"""Which trashes can be used now, and from which folders nothing can go to any (SPEC 9.4).

Looks at the disk, for a worker thread; makes no folder.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from photostore.library.trash import Refusal, find_places, find_trash

if TYPE_CHECKING:
    from collections.abc import Iterable

    from photostore.library.trash import Surroundings, TrashPlace


def find_usable(mounts: Iterable[bytes], around: Surroundings) -> dict[bytes, TrashPlace]:
    """The trashes of some mount points, and that of the home, each by its folder."""
    return {place.folder: place for place in find_places(mounts, around)}


def find_blocked(folders: Iterable[bytes], around: Surroundings) -> list[Refusal]:
    """Those of some folders of which a file could not be trashed, with reason and remedy."""
    blocked: list[Refusal] = []
    for folder in folders:
        answer = find_trash(os.path.join(folder, b"photo"), around, make=False)
        if isinstance(answer, Refusal):
            blocked.append(Refusal(folder, answer.reason, answer.remedy, answer.folder))
    return blocked
