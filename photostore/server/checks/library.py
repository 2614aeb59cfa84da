"""Rows about what a library holds: its database, journal, backups, and acts on originals."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from typing import TYPE_CHECKING

from photostore.base.text import display_name, format_size
from photostore.library.backup import list_backups
from photostore.library.trash import Outcome
from photostore.server.checks.row import Check
from photostore.store.sidecars import count_sidecar_problems
from photostore.store.timeline import library_revision

if TYPE_CHECKING:
    from photostore.server.context import ServerContext
    from photostore.sync.upkeep import Upkeep


async def check_library(context: ServerContext) -> list[Check]:
    """Where the library is, or why it is not open."""
    place = display_name(os.fspath(context.layout.library))
    if context.opened is None:
        reason = str(context.problem) if context.problem else "it is being opened"
        remedy = "Mend the cause that is named here, then start photostore again"
        if context.was_open:
            remedy = "Mend the cause that is named here: it is tried again every few seconds"
        return [
            Check(
                "library",
                "Library",
                "error",
                f"{place} is not open (UID {os.getuid()}, GID {os.getgid()}): {reason}",
                remedy,
            )
        ]
    return [Check("library", "Library", "ok", place)]


async def check_database(context: ServerContext) -> list[Check]:
    """Its size; what cannot be written; what was mended when it was opened."""
    if context.opened is None:
        return []
    async with context.opened.database.read() as reading:
        revision = await library_revision(reading)
    upkeep = context.opened.upkeep
    path = upkeep.opened.path if upkeep else context.layout.database
    size = await asyncio.to_thread(os.path.getsize, path)
    text = f"{format_size(size)}, revision {revision}, SQLite {sqlite3.sqlite_version}"
    if problem := context.opened.database.write_problem:
        text = f"It cannot be written ({problem}): nothing that you do is kept, and imports wait"
        remedy = "Make room, or mend or mount the disk; it goes on by itself"
        return [Check("database", "Database", "error", text, remedy)]
    if context.notices:
        remedy = "Look whether all is there; the log tells when this was"
        return [Check("database", "Database", "warn", " | ".join(context.notices), remedy)]
    return [Check("database", "Database", "ok", text), *_check_working_copy(upkeep)]


def _check_working_copy(upkeep: Upkeep | None) -> list[Check]:
    """Where the database of a library on a network disk works, and when it was written back."""
    copy = upkeep.opened.working_copy if upkeep else None
    if copy is None:
        return []
    place = f"it works in {display_name(copy.folder)}, the library is on a network disk"
    if copy.problem:
        remedy = "Mount the library's disk again: it is tried every half minute"
        return [Check("working-copy", "Working copy", "warn", f"{place}; {copy.problem}", remedy)]
    minutes = round((time.time() - copy.written_at) / 60) if copy.written_at else None
    said = "not written back yet" if minutes is None else f"written back {minutes} min ago"
    return [Check("working-copy", "Working copy", "ok", f"{place}; {said}")]


async def check_acts(context: ServerContext) -> list[Check]:
    """Acts on originals that a crash interrupted, and how the start brought them to an end."""
    if context.opened is None:
        return []
    trash = context.opened.trash
    waiting = [one.describe() for one in trash.settled if one.outcome is Outcome.WAITING]
    waiting += trash.unfinished
    if waiting:
        remedy = "Mount the disk that they are on, then start photostore again"
        return [Check("acts", "Deleting", "warn", " | ".join(waiting), remedy)]
    ended = [one.describe() for one in trash.settled]
    return [Check("acts", "Deleting", "ok", " | ".join(ended) or "no act was interrupted")]


async def check_sidecars(context: ServerContext) -> list[Check]:
    """Whether what people say also lies beside their photos and in the journal's copy."""
    if context.opened is None:
        return []
    checks = []
    journal = context.opened.journal
    if journal.problem:
        remedy = "Make room, or make the folder writable; it is brought up to date by itself"
        checks.append(Check("journal", "Journal's copy", "warn", journal.problem, remedy))
    elif journal.unknown or journal.aside:
        text = f"{journal.unknown} lines of it are not understood; they are kept"
        if journal.aside:
            text += f". It knew more than the database, and is kept as {journal.aside}"
        remedy = "A newer photostore may understand them"
        checks.append(Check("journal", "Journal's copy", "warn", text, remedy))
    if not context.settings.write_sidecars:
        return checks
    async with context.opened.database.read() as reading:
        count, why = await count_sidecar_problems(reading)
    if not count:
        return [
            *checks,
            Check("sidecars", "Sidecars", "ok", "All that is said is beside the photos"),
        ]
    text = f"{count} edited photos have their changes in the library only: {why}"
    remedy = "Make the folder writable and start again, or turn write_sidecars off"
    return [*checks, Check("sidecars", "Sidecars", "warn", text, remedy)]


async def check_backups(context: ServerContext) -> list[Check]:
    """The nightly backups, or why there are none."""
    if context.opened is None:
        return []
    problem = context.opened.upkeep.backup_problem if context.opened.upkeep else None
    if problem:
        remedy = "Make room, or correct the rights of the folder"
        return [Check("backups", "Backups", "warn", problem, remedy)]
    made = await asyncio.to_thread(list_backups, context.layout.support / "backups")
    if not context.settings.backup_keep or context.settings.rescan_time is None:
        remedy = "`photostore backup` makes one; backup_keep and rescan_time turn them on"
        return [Check("backups", "Backups", "warn", "No nightly backups are made", remedy)]
    text = f"{len(made)} kept, the latest is {made[0].name}" if made else "the first comes tonight"
    return [Check("backups", "Backups", "ok", text)]
