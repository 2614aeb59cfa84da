"""`photostore backup` and `photostore restore FILE`: the database, copied and put back."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from photostore.base.configuration import make_plan
from photostore.base.errors import LibraryError
from photostore.base.text import display_name
from photostore.commands.terminal import encode_json, write_json
from photostore.library.backup import back_up, restore
from photostore.runtime import BACKUPS, LOCK

if TYPE_CHECKING:
    from collections.abc import Mapping


def make_backup(given: Mapping[str, object], *, as_json: bool) -> int:
    """Copy the database, also beside a running server, and print where the copy lies."""
    plan = make_plan(given, os.environ)
    if not plan.database.is_file():
        raise LibraryError(f"There is no library here: {plan.database} does not exist")
    folder = plan.database.parent / BACKUPS
    copy = back_up(plan.database, folder, _now(), keep=plan.settings.backup_keep)
    _tell(as_json, {"backup": display_name(copy)})
    return 0


def restore_backup(given: Mapping[str, object], backup: str, *, as_json: bool) -> int:
    """Check a backup, put it in the place of the database, and print what was kept."""
    plan = make_plan(given, os.environ)
    lock_file = plan.database.parent / LOCK
    kept = restore(Path(backup), plan.database, lock_file, _now())
    replaced = display_name(kept) if kept else None
    _tell(as_json, {"restored": display_name(plan.database), "kept": replaced})
    return 0


def _now() -> datetime:
    """The clock that names files, as a person reads it here."""
    return datetime.now().astimezone()


def _tell(as_json: bool, facts: Mapping[str, str | None]) -> None:
    if as_json:
        write_json(encode_json(facts))
        return
    for name, value in facts.items():
        if value is not None:
            print(f"{name}: {value}")
