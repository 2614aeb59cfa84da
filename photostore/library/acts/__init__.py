"""Acts: what a person does to the library, each in one durable transaction with its journal row."""

from photostore.library.acts.change import CapturedWish, Change, read_change
from photostore.library.acts.results import Done, NotUndoableError, Undoer, Undone
from photostore.library.acts.service import Acts, is_undoable

__all__ = [
    "Acts",
    "CapturedWish",
    "Change",
    "Done",
    "NotUndoableError",
    "Undoer",
    "Undone",
    "is_undoable",
    "read_change",
]
