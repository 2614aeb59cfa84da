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
        token = secrets.token_urlsafe(16)
        self._kept[token] = _Kept(tuple(ids), time.monotonic() + KEPT_S)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return token

    def find(self, token: str) -> tuple[str, ...]:
        """The assets of a token. Raises NotFoundError when its time is over."""
        kept = self._kept.get(token)
        if kept is None or kept.until < time.monotonic():
            self._kept.pop(token, None)
            raise NotFoundError("This download is over: choose the photos and start it once more")
        return kept.ids
