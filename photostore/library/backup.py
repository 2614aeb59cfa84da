"""Backups of the database: nightly, on request, and back again (SPEC 12.5).

They lie in `.photostore/backups`, named by their time. Originals and previews are not in them: the
former are where they always were, the latter can be made again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from photostore.library.acts.copy import JOURNAL
from photostore.library.lock import lock_library
from photostore.library.replacement import Replacement, finish_replacement, replace_database
from photostore.store.copies import check_copy, copy_database, fold_wal
from photostore.store.migrate import known_migrations

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

NAME = re.compile(r"\d{8}-\d{6}\.db")


def back_up(database: Path, folder: Path, now: datetime, *, keep: int) -> Path:
    """Copy the database into `folder` and delete the oldest copies beyond `keep`; returns the copy.

    Copies made before an upgrade have other names and are left alone. Raises LibraryError.
    """
    target = folder / f"{now:%Y%m%d-%H%M%S}.db"
    copy_database(database, target)
    for old in list_backups(folder)[keep:] if keep else ():
        old.unlink(missing_ok=True)
    return target


def list_backups(folder: Path) -> list[Path]:
    """The backups in a folder, the newest first."""
    if not folder.is_dir():
        return []
    return sorted((entry for entry in folder.iterdir() if NAME.fullmatch(entry.name)), reverse=True)


def restore(backup: Path, database: Path, lock_file: Path, now: datetime) -> Path | None:
    """Put a backup in the place of the database after checking it; returns what was replaced.

    The journal's copy, which may know of later acts, is kept under another name.

    Raises LibraryLockedError while a server has the library, LibraryError for a file that is no
    sound backup; then nothing was changed.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    with lock_library(lock_file):
        check_copy(backup, known_migrations())
        finish_replacement(database)
        kept = database.with_name(f"{database.stem}-replaced-{now:%Y%m%d-%H%M%S}.db")
        had_one = database.exists()
        if had_one:
            fold_wal(database)
        # The start would else do the acts again that this takes back (`rebuild`).
        aside = f"{JOURNAL}.before-{now:%Y%m%d-%H%M%S}"
        plan = Replacement(kept.name, has_new=True, journal=JOURNAL, journal_kept=aside)
        replace_database(database, backup, plan)
    return kept if had_one else None
