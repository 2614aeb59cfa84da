"""Which pictures clients were told of a moment ago: they will ask for them, and need no database.

An entry says no more than the list did from which it comes: of which content a version of an
asset's picture is, and how it is turned. Another version is another entry.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from photostore.server.wire import preview_version

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_KNOWN = 10_000


class Told(NamedTuple):
    """A picture that a client was told of; `turned` by so many degrees."""

    version: str
    sha1: bytes
    turned: int


class KnownPictures:
    """The pictures of the last lists, by the public id of their asset. Used by one event loop.

    What was noted of an earlier `generation` of the previews is forgotten: some of them are gone.
    """

    def __init__(self) -> None:
        self._told: OrderedDict[str, Told] = OrderedDict()
        self._generation = 0

    def note(self, generation: int, pictures: Iterable[tuple[str, bytes | None, int, int]]) -> None:
        """Remember pictures: (public id, content, version of the preview, degrees)."""
        self._renew(generation)
        for public_id, sha1, number, turned in pictures:
            version = preview_version(sha1, number, turned)
            if sha1 is not None and version is not None:
                self._told[public_id] = Told(version, sha1, turned)
                self._told.move_to_end(public_id)
        while len(self._told) > MAX_KNOWN:
            self._told.popitem(last=False)

    def find(self, generation: int, public_id: str, version: str) -> Told | None:
        """The picture of this version, if a client was told of it."""
        self._renew(generation)
        told = self._told.get(public_id)
        return told if told is not None and told.version == version else None

    def _renew(self, generation: int) -> None:
        if generation != self._generation:
            self._told.clear()
            self._generation = generation
