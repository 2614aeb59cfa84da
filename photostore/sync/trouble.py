"""What ended the work with an open library, and whether the library is to be opened anew."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photostore.base.errors import LibraryError, PhotostoreError
from photostore.store.db import is_damage, is_obstacle
from photostore.sync.upkeep import DatabaseAwayError, DatabaseDamagedError

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with the library; `problem` is for a person.

    `damage`: what SQLite said of a database that the next opening mends, else empty. `is_away`:
    wait first.
    """

    problem: PhotostoreError
    damage: str = ""
    is_away: bool = False

    @property
    def passes(self) -> bool:
        """Whether there is nothing to wait for."""
        gone = isinstance(self.problem, DatabaseAwayError) and not self.is_away
        return bool(self.damage) or gone


def find_trouble(error: BaseException) -> Trouble | None:
    """What an error, or a group of them, says of the library; None for a fault of our own."""
    leaves = list(_leaves(error))
    for leaf in leaves:
        if isinstance(leaf, DatabaseDamagedError):
            return Trouble(leaf, leaf.cause)
        if is_damage(leaf):
            return Trouble(DatabaseDamagedError(str(leaf)), str(leaf))
    for leaf in leaves:
        if isinstance(leaf, DatabaseAwayError):
            return Trouble(leaf, is_away=leaf.is_away)
    for leaf in leaves:
        if isinstance(leaf, PhotostoreError):
            return Trouble(leaf)
    if is_of_the_disk(error):
        return Trouble(LibraryError(f"The library's disk fails: {leaves[0]}"))
    return None


def is_of_the_disk(error: BaseException) -> bool:
    """Whether all that went wrong is the disk's doing, and time or a person mends it."""
    return all(
        is_obstacle(leaf) if isinstance(leaf, sqlite3.Error) else isinstance(leaf, OSError)
        for leaf in _leaves(error)
    )


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _leaves(one)
    else:
        yield error
