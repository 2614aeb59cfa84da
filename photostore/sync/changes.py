"""Paths at which something changed, gathered until they are compared. Pure, but for its clock.

A folder that is new is looked at a second time, since files made in it at once are often not
reported (SPEC 5.5). When there are too many paths to remember, the whole root stands for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from photostore.library.roots import is_inside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MAX_PATHS = 5_000
SECOND_LOOK_S = 1.0


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be compared now: `shallow` for itself, `deep` with all below it."""

    shallow: tuple[bytes, ...] = ()
    deep: tuple[bytes, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.shallow or self.deep)


class Changes:
    """Changed paths of one root. `clock` is monotonic, in seconds."""

    def __init__(self, root: bytes, clock: Callable[[], float]) -> None:
        self._root = root
        self._clock = clock
        self._shallow: set[bytes] = set()
        self._deep: dict[bytes, float] = {}

    def add(self, paths: Iterable[bytes]) -> None:
        """Note changes; comes from the watch."""
        self._shallow.update(paths)
        if len(self._shallow) > MAX_PATHS:
            self._shallow.clear()
            self._deep = {self._root: self._clock()}

    def look_again(self, folders: Iterable[bytes]) -> None:
        """Compare these and all below them once more in a while."""
        later = self._clock() + SECOND_LOOK_S
        for folder in _outermost(folders):
            self._deep.setdefault(folder, later)

    def take(self) -> Due:
        """What is to be compared now, and forget it."""
        now = self._clock()
        due = _outermost(folder for folder, at in self._deep.items() if at <= now)
        self._deep = {folder: at for folder, at in self._deep.items() if at > now}
        taken = Due(tuple(sorted(self._shallow)), tuple(due))
        self._shallow = set()
        return taken


def _outermost(folders: Iterable[bytes]) -> list[bytes]:
    """Folders without those that lie in another one."""
    kept: list[bytes] = []
    # By their parts, so that what lies in a folder comes right after it.
    for folder in sorted(folders, key=lambda path: path.split(b"/")):
        if not kept or not is_inside(folder, kept[-1]):
            kept.append(folder)
    return kept
