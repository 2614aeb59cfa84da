"""What acts come to, and who takes the acts of other modules back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from photostore.base.errors import ConflictError

if TYPE_CHECKING:
    from photostore.store.journal import JournalAct
    from photostore.store.scope import Scope


@dataclass(frozen=True, slots=True)
class Done:
    """An act that was done. `act`: its number in the journal, None if nothing changed.

    `changed` and `skipped` count assets, of acts on albums and tags those that the act names.
    `deleted`: those of `skipped` that are not there any more; the others were changed since.
    """

    act: int | None
    changed: int
    skipped: int
    revision: int
    deleted: int = 0


@dataclass(frozen=True, slots=True)
class Undone:
    """An act that was taken back. `act` is the number of the act that did so."""

    changed: int
    skipped: int
    act: int | None = None


class Undoer(Protocol):
    """Takes back acts of one kind.

    It writes an act of its own into the journal, with `undoes`, in the transaction that does it.
    """

    async def undo(self, act: JournalAct, scope: Scope) -> Undone:
        """Take the act back as far as nothing that was done since stands against it."""


class NotUndoableError(ConflictError):
    """The act cannot be taken back; the message says why."""

    type = "not-undoable"
    title = "This cannot be undone"
