"""One database in the place of another, so that a crash at any step loses neither (SPEC 12.5).

What is to be done is written down before anything is moved: `replacement.json` beside the database.
The new one lies ready by then, under another name. A start that finds the note does the rest of it.
The note stays until an orderly stop, so that a start after a crash still says what was done.
"""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from photostore.base.disk import replace_file, sync_folder
from photostore.base.errors import FileError, LibraryError
from photostore.store.copies import prepare_copy, put_aside

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

NOTE = "replacement.json"
READY = ".restoring"


@dataclass(frozen=True, slots=True)
class Replacement:
    """What is to be done, all names beside the database.

    `kept` is the name that the database there gets; `has_new`, that another one comes instead;
    `journal` and `journal_kept` are the names of the journal's copy before and after, if it is to
    be put aside; `said` is for a person. `is_done`: only the saying is left.
    """

    kept: str
    has_new: bool
    said: str | None = None
    journal: str | None = None
    journal_kept: str | None = None
    is_done: bool = False


def replace_database(database: Path, copy: Path | None, plan: Replacement) -> None:
    """Put a database aside, and a checked copy in its place; None leaves the place empty.

    Nobody may have the database open. Raises LibraryError; then all is as before, or the next
    start goes on.
    """
    if copy is not None:
        prepare_copy(copy, _ready(database))
    try:
        note_replacement(database, plan)
        _carry_out(database, plan)
    except (OSError, FileError) as error:
        raise LibraryError(f"{database} cannot be replaced: {error}") from error


def finish_replacement(database: Path) -> str | None:
    """Go on with what a crash interrupted; returns what there is to say of the last replacement.

    Raises LibraryError if it cannot be done.
    """
    try:
        plan = _read(database)
        if plan is None:
            # A crash before anything was moved: what lay ready is of no use to anybody.
            _ready(database).unlink(missing_ok=True)
            return None
        if not plan.is_done:
            log.warning("a replacement of the database was interrupted: it is finished")
            _carry_out(database, plan)
    except (OSError, FileError) as error:
        raise LibraryError(f"{database} cannot be replaced: {error}") from error
    return plan.said


def note_replacement(database: Path, plan: Replacement) -> None:
    """Have the next start carry out, or say, what is planned. Raises FileError."""
    replace_file(database.parent / NOTE, json.dumps(asdict(plan)).encode())


def forget_replacement(database: Path) -> None:
    """An orderly stop: what was done has been said."""
    with suppress(OSError):
        plan = _read(database)
        if plan is not None and plan.is_done:
            (database.parent / NOTE).unlink(missing_ok=True)


def _carry_out(database: Path, plan: Replacement) -> None:
    ready = _ready(database)
    if plan.has_new:
        # Where it lies ready no more, it is the database already.
        if ready.exists():
            put_aside(database, database.with_name(plan.kept))
            ready.rename(database)
            sync_folder(database.parent)
    elif not database.with_name(plan.kept).exists():
        put_aside(database, database.with_name(plan.kept))
    if plan.journal and plan.journal_kept:
        journal = database.with_name(plan.journal)
        if journal.exists() and not database.with_name(plan.journal_kept).exists():
            journal.rename(database.with_name(plan.journal_kept))
            sync_folder(database.parent)
    note_replacement(database, replace(plan, is_done=True))


def _ready(database: Path) -> Path:
    return database.with_name(database.name + READY)


def _read(database: Path) -> Replacement | None:
    path = database.parent / NOTE
    try:
        return Replacement(**json.loads(path.read_bytes()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise LibraryError(
            f"{path} makes no sense ({error}): look at it, then remove it"
        ) from error
