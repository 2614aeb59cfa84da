"""What is wanted of "copy to library", and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from photostore.base.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from photostore.library.organise.planning import CopySet
    from photostore.library.reports import Reports
    from photostore.library.trashing.results import Refused
    from photostore.store.search import View


class NoRoomError(ConflictError):
    """The destination has not enough free space; nothing was begun, or nothing more is copied."""

    status = 507
    type = "no-room"
    title = "There is not enough room for the copies"


@dataclass(frozen=True, slots=True)
class OrganiseSetup:
    """Where copies go and by which template. `reserve`: bytes that stay free at the destination."""

    destination: Path
    template: str
    enabled: bool
    reserve: int
    acts: Path
    reports: Reports
    exclude_globs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """Which assets: those of a view, some by their ids, or without both all that have no copy."""

    view: View | None = None
    ids: Sequence[str] | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One file of the outcome. `state`: copied, planned (of a dry run) or present."""

    public_id: str
    source: bytes
    target: bytes
    size: int
    state: str


@dataclass(slots=True)
class Outcome:
    """What a run came to, or would come to. `items` are the first thousand, or all if wanted."""

    dry_run: bool
    act: int | None = None
    assets: int = 0
    files: int = 0
    size_bytes: int = 0
    present: int = 0
    refused: list[Refused] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    ended_at: datetime | None = None

    def add(self, one: CopySet, state: str) -> None:
        """Count a set that is copied or would be."""
        for member in one.members:
            word = "present" if member.is_there else state
            self.items.append(Item(one.public_id, member.source, member.target, member.size, word))
        self.files += len(one.missing)
        self.present += len(one.members) - len(one.missing)
        self.size_bytes += sum(member.size for member in one.missing)
