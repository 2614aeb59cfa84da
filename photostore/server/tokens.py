"""Names for what somebody is about to download: 128 random bits, which hold for ten minutes."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photostore.base.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

KEPT_S = 600.0
KEPT = 20
# A hundred thousand take some eight megabytes.
KEPT_ASSETS = 200_000


@dataclass(frozen=True, slots=True)
class _Kept:
    """Assets that somebody is about to download, until a moment of the monotonic clock."""

    ids: tuple[str, ...]
    until: float


class DownloadTokens:
    """What was asked for lately, by its token; the oldest goes when there are many."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    def keep(self, ids: Sequence[str]) -> str:
        """A new token for some assets."""
        token, now = secrets.token_urlsafe(16), time.monotonic()
        while self._kept and (len(self._kept) >= KEPT or self._is_first_over(len(ids), now)):
            self._kept.popitem(last=False)
        self._kept[token] = _Kept(tuple(ids), now + KEPT_S)
        return token

    def _is_first_over(self, more: int, now: float) -> bool:
        """Whether the oldest has had its time, or its assets take the room of others."""
        oldest = next(iter(self._kept.values()))
        count = sum(len(one.ids) for one in self._kept.values())
        return oldest.until < now or count + more > KEPT_ASSETS

    def find(self, token: str) -> tuple[str, ...]:
        """The assets of a token. Raises NotFoundError when its time is over."""
        kept = self._kept.get(token)
        if kept is None or kept.until < time.monotonic():
            self._kept.pop(token, None)
            raise NotFoundError("This download is over: choose the photos and start it once more")
        return kept.ids
