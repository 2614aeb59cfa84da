"""What came of moving assets to the trash, back, or away: in counts, and what was refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from photostore.base.errors import ConflictError, FileError

# Told after each batch: assets done so far (refused ones included), and bytes.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Refused:
    """An asset of which nothing was touched: why, and what a person can do."""

    public_id: str
    path: bytes | None
    reason: str
    remedy: str | None = None

    @classmethod
    def of(cls, public_id: str, error: FileError) -> Refused:
        """What an error says; errors of this floor put the remedy behind a semicolon."""
        reason, separator, remedy = error.reason.rpartition("; ")
        if not separator:
            reason, remedy = remedy, ""
        return cls(public_id, error.path, reason, remedy or None)


@dataclass(frozen=True, slots=True)
class Disposal:
    """The outcome of an act on assets. `act` is its number in the journal, None if there is none.

    `assets`, `files` and `size_bytes` count what was moved or deleted; `revision` is the library's.
    """

    act: int | None
    assets: int
    files: int
    size_bytes: int
    refused: tuple[Refused, ...]
    revision: int


@dataclass(frozen=True, slots=True)
class Weight:
    """How much would be deleted for good: what a person has to confirm (SPEC 9.4)."""

    assets: int
    size_bytes: int


class ConfirmationError(ConflictError):
    """Deleting for good was not confirmed, or with another count or size than it has now."""

    type = "confirm"
    title = "Deleting for good has to be confirmed"

    def __init__(self, weight: Weight) -> None:
        super().__init__(
            f"{weight.assets} photos and videos with {weight.size_bytes} bytes would be deleted "
            "for good: confirm exactly that"
        )
        self.weight = weight


def no_progress(_done: int, _size_bytes: int) -> None:
    """Tell nobody."""
