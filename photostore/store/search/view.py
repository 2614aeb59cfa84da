"""A filter and an order: what timeline, search result, album and tag page are (DESIGN 1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from photostore.store.scope import OWNER, Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from photostore.store.search.terms import Term


class Order(StrEnum):
    """The orders of a view: by capture time, by when it was added, or as an album has it."""

    NEWEST = "newest"
    OLDEST = "oldest"
    ADDED = "added"
    ALBUM = "album"


class Shelf(StrEnum):
    """Where an asset is found; each view shows one shelf."""

    TIMELINE = "timeline"
    HIDDEN = "hidden"
    TRASH = "trash"
    MISSING = "missing"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class View:
    """A query, an order, and who asks."""

    query: str = ""
    order: Order = Order.NEWEST
    scope: Scope = OWNER


@dataclass(frozen=True, slots=True)
class Clause:
    """One part of a condition; `is_narrow` if an index finds its assets at once."""

    term: Term
    is_narrow: bool

    @property
    def sql(self) -> str:
        """The whole part."""
        return self.term.sql


@dataclass(frozen=True, slots=True)
class Condition:
    """A WHERE clause over `asset` with its named parameters.

    `own` (whose, on which shelf) and all `clauses` are its parts.

    `by_words`: it names assets by something that they hold and an index finds at once. All of them
    are looked up then, and sorted; along the index of the timeline every asset would be looked at.
    `names_albums`: what it finds may change while no asset does.
    `album`: the one album whose order the view may have, as its id or name.
    """

    sql: str
    parameters: Mapping[str, Any]
    by_words: bool = False
    shelf: Shelf = Shelf.TIMELINE
    album: str | None = None
    names_albums: bool = False
    own: str = ""
    clauses: tuple[Clause, ...] = ()
