"""Whether all is well, and if not what to do (SPEC 1.5): one row a check, see `row.Check`."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

from photostore.base.errors import PhotostoreError
from photostore.server.checks import importing, library, machine
from photostore.server.checks.row import Check, Status, worst

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from photostore.server.context import ServerContext

__all__ = ["Check", "Status", "run_checks", "worst"]


async def run_checks(context: ServerContext) -> list[Check]:
    """All checks, in the order of the page. A check that fails is itself a row."""
    checks: list[Check] = []
    # The library may be closed meanwhile, and opened anew: all rows speak of one.
    context = replace(context)
    parts: tuple[Callable[[ServerContext], Awaitable[list[Check]]], ...] = (
        library.check_library,
        library.check_database,
        library.check_backups,
        machine.check_folders,
        machine.check_space,
        importing.check_roots,
        importing.check_watchers,
        importing.check_import,
        importing.check_children,
        importing.check_codecs,
        library.check_acts,
        library.check_sidecars,
        machine.check_settings,
        machine.check_memory,
        machine.check_clock,
    )
    for part in parts:
        try:
            checks += await part(context)
        except (PhotostoreError, OSError, sqlite3.Error) as error:
            name = part.__name__.removeprefix("check_")
            checks.append(Check(name, name.capitalize(), "error", str(error)))
    return checks
