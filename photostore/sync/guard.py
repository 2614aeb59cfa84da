"""How many files of a root vanished lately: a disk may go folder by folder (SPEC 4.3).

A watch tells of what vanishes piece by piece. Each piece may be few; together they are what a scan
would have asked about.
"""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# SPEC 4.3: more than this many and this share at once means that the volume is away.
VANISH_COUNT = 50
VANISH_SHARE = 0.10
# What vanishes within this time vanishes at once.
AT_ONCE_S = 300.0


class VanishGuard:
    """What was marked as missing lately, by root. `clock` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._marked: dict[int, deque[tuple[float, int]]] = defaultdict(deque)

    def lately(self, root_id: int) -> list[int]:
        """The files of a root that were marked lately."""
        marked, since = self._marked[root_id], self._clock() - AT_ONCE_S
        while marked and marked[0][0] < since:
            marked.popleft()
        return [file_id for _, file_id in marked]

    def note(self, root_id: int, file_ids: Sequence[int]) -> None:
        """These are marked as missing now."""
        now = self._clock()
        self._marked[root_id].extend((now, file_id) for file_id in file_ids)

    def forget(self, root_id: int) -> None:
        """A person was asked, or has answered."""
        self._marked.pop(root_id, None)


def is_too_many(gone: int, known: int) -> bool:
    """Whether so many of the known files are gone that a person is to be asked."""
    return gone > VANISH_COUNT and gone > known * VANISH_SHARE
