"""Whether all is well, and if not what to do: one row a check, as JSON and as a page (SPEC 1.5).

The page is plain HTML without scripts, so that it can be read when nothing else works.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import time
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Literal

from starlette.responses import HTMLResponse, RedirectResponse

from photostore import __version__
from photostore.base.codecs import find_missing
from photostore.base.errors import PhotostoreError
from photostore.base.memory import own_budget, resident_bytes
from photostore.base.text import display_name, format_size
from photostore.library.backup import list_backups
from photostore.library.clock import DAY_MS, Clock, known_clock
from photostore.library.codecs import State
from photostore.library.trash import Outcome
from photostore.library.working_copy import is_on_network
from photostore.server.context import context_of
from photostore.server.responses import json_response
from photostore.store.sidecars import count_sidecar_problems
from photostore.store.timeline import library_revision
from photostore.store.trash import CLOCK_SET_MS
from photostore.store.volumes import configured_roots

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from starlette.requests import Request
    from starlette.responses import Response

    from photostore.server.context import ServerContext
    from photostore.sync.upkeep import Upkeep

Status = Literal["ok", "warn", "error"]
RANK: dict[Status, int] = {"ok": 0, "warn": 1, "error": 2}
TIGHT_SHARE = 0.85
TOOLS_REMEDY = "Open /welcome/tools: there they can be installed"


# What holds a decode child where the kernel has it (SPEC 5.7).
LAYERS = ("limits", "landlock", "seccomp")
ROOT_REMEDIES = {
    "unavailable": "Nothing leaves the library. Mount it again: it is looked for every minute",
    "missing": "Nothing has left the library. Bring the files back, or say that they are gone",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One row: `summary` says how it is, `remedy` what to do if it is not well."""

    id: str
    label: str
    status: Status
    summary: str
    remedy: str | None = None


async def show_health(request: Request) -> Response:
    """GET /api/v1/health."""
    checks = await run_checks(context_of(request))
    return json_response(
        {
            "status": worst(checks),
            "version": __version__,
            "checks": [asdict(check) for check in checks],
        }
    )


async def show_health_page(request: Request) -> Response:
    """GET /health."""
    checks = await run_checks(context_of(request))
    return HTMLResponse(render_page(checks), headers={"cache-control": "no-store"})


async def accept_missing(request: Request) -> Response:
    """POST /health/accept-missing: the answer to what a guard held back (SPEC 4.3)."""
    context_of(request).library.engine.accept_missing()
    return RedirectResponse("/health", 303)


def worst(checks: Sequence[Check]) -> Status:
    """The worst status among some checks."""
    return max((check.status for check in checks), key=RANK.__getitem__, default="ok")


async def run_checks(context: ServerContext) -> list[Check]:
    """All checks, in the order of the page. A check that fails is itself a row."""
    checks: list[Check] = []
    # The library may be closed meanwhile, and opened anew: all rows speak of one.
    context = replace(context)
    parts: tuple[Callable[[ServerContext], Awaitable[list[Check]]], ...] = (
        _check_library,
        _check_database,
        _check_backups,
        _check_folders,
        _check_space,
        _check_roots,
        _check_watchers,
        _check_import,
        _check_children,
        _check_codecs,
        _check_acts,
        _check_sidecars,
        _check_settings,
        _check_memory,
        _check_clock,
    )
    for part in parts:
        try:
            checks += await part(context)
        except (PhotostoreError, OSError, sqlite3.Error) as error:
            name = part.__name__.removeprefix("_check_")
            checks.append(Check(name, name.capitalize(), "error", str(error)))
    return checks


async def _check_library(context: ServerContext) -> list[Check]:
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


async def _check_database(context: ServerContext) -> list[Check]:
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


async def _check_acts(context: ServerContext) -> list[Check]:
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


async def _check_sidecars(context: ServerContext) -> list[Check]:
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


async def _check_backups(context: ServerContext) -> list[Check]:
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


async def _check_folders(context: ServerContext) -> list[Check]:
    return [
        Check(
            f"folder-{choice.name}",
            f"Folder: {choice.name}",
            "ok",
            f"{display_name(os.fspath(choice.path))} ({choice.why})",
        )
        for choice in context.layout.choices
    ]


async def _check_space(context: ServerContext) -> list[Check]:
    folders: dict[str, Path] = {
        "library": context.layout.library,
        "cache": context.layout.cache,
    }
    limit = context.settings.min_free_space
    checks = []
    for name, folder in folders.items():
        free = (await asyncio.to_thread(shutil.disk_usage, folder)).free
        low = free < limit
        if name == "cache" and await asyncio.to_thread(is_on_network, folder):
            text = f"{display_name(os.fspath(folder))} is on a network disk, and slow for that"
            remedy = "Set cache_dir, or mount /ps/tmp, to a disk of this computer"
            checks.append(Check("cache-network", "Cache", "warn", text, remedy))
        checks.append(
            Check(
                f"space-{name}",
                f"Free space: {name}",
                "warn" if low else "ok",
                f"{format_size(free)} free",
                f"Importing waits until {format_size(limit)} are free (min_free_space)"
                if low
                else None,
            )
        )
    return checks


async def _check_roots(context: ServerContext) -> list[Check]:
    checks = [
        Check("root", "Folder of photos", "warn", problem, "Mount it, or take it out of `scan`")
        for problem in context.root_problems
    ]
    if context.opened is None:
        return checks
    async with context.opened.database.read() as reading:
        roots = await configured_roots(reading)
    for root in roots:
        rights = "read-only" if root.read_only else "writable"
        checks.append(
            Check(
                f"root-{root.id}",
                "Folder of photos",
                "ok" if root.state == "ok" else "warn",
                f"{display_name(root.path)}: {root.reason or rights}",
                ROOT_REMEDIES.get(root.state),
            )
        )
    if not roots:
        checks.append(
            Check(
                "root",
                "Folders of photos",
                "warn",
                "None is known",
                "Start with --scan FOLDER, or mount folders into the container",
            )
        )
    return checks


async def _check_watchers(context: ServerContext) -> list[Check]:
    if context.opened is None:
        return []
    if context.sync_problem:
        text = f"Importing has stopped: {context.sync_problem}"
        remedy = "Start photostore again; the log has what to report"
        return [Check("watchers", "Watching", "error", text, remedy)]
    obstacle = context.opened.engine.obstacle
    if obstacle:
        return [
            Check("watchers", "Importing", "warn", f"It waits: {obstacle}", "It goes on by itself")
        ]
    if not context.settings.watch:
        text = "Watching is off: changes are found by the nightly scan"
        return [Check("watchers", "Watching", "ok", text)]
    states = context.opened.engine.watch_states()
    failed = [state for state in states if not state.watched]
    if not failed:
        return [Check("watchers", "Watching", "ok", f"folders watched: {len(states)}")]
    return [
        Check(
            "watchers",
            "Watching",
            "warn",
            f"{display_name(state.path)} is not watched: {state.problem}",
            "It is scanned regularly instead. If a limit is named: "
            "sysctl fs.inotify.max_user_watches=1048576",
        )
        for state in failed
    ]


async def _check_import(context: ServerContext) -> list[Check]:
    """How far the second round of a large import is (docs/decisions/0015)."""
    count = context.opened.engine.progress().screens_left if context.opened else 0
    text = f"large pictures still to be made of photos that can be seen already: {count:,}"
    return [Check("import", "Importing", "ok", text)] if count else []


async def _check_children(context: ServerContext) -> list[Check]:
    """The processes for RAW, very large and suspicious files: what protects from what they read."""
    if context.opened is None:
        return []
    layers = context.opened.engine.protection()
    if layers is None:
        text = "RAW, very large and suspicious files are decoded apart; there was none so far"
        return [Check("decoder", "Decoding apart", "ok", text)]
    lacking = [name for name in LAYERS if name not in layers]
    text = f"held by {', '.join(layers)}"
    if lacking:
        text += f"; this system has no {' and no '.join(lacking)}"
    return [Check("decoder", "Decoding apart", "ok", text)]


async def _check_codecs(context: ServerContext) -> list[Check]:
    missing = context.codecs.missing if context.codecs else find_missing()
    absent = " and ".join(codec.purpose for codec in missing)
    if not absent:
        return [Check("codecs", "Codecs", "ok", "pictures, HEIC and video can be decoded")]
    text = f"There is no decoder for {absent}; such files wait for one"
    if context.codecs is None:
        remedy = "Start the server and open /welcome/tools: there they can be installed"
        return [Check("codecs", "Codecs", "warn", text, remedy)]
    match await asyncio.to_thread(lambda codecs: codecs.state, context.codecs):
        case State.DECLINED:
            return [Check("codecs", "Codecs", "ok", text, TOOLS_REMEDY)]
        case State.INSTALLING:
            text = f"Decoders for {absent} are being installed"
        case State.FAILED:
            text = f"{text}. They could not be installed: {context.codecs.problem}"
    return [Check("codecs", "Codecs", "warn", text, TOOLS_REMEDY)]


async def _check_settings(context: ServerContext) -> list[Check]:
    if not context.settings.warnings:
        return [Check("settings", "Settings", "ok", "All settings are understood")]
    return [
        Check("settings", "Settings", "warn", warning, "Correct or remove it")
        for warning in context.settings.warnings
    ]


async def _check_clock(context: ServerContext) -> list[Check]:
    """What time it is here: dates of what people do, and what is deleted after a time, need it."""
    now = datetime.now().astimezone()
    text = f"{now:%Y-%m-%d %H:%M} ({now.tzname()})"
    if now.timestamp() * 1000 < CLOCK_SET_MS:
        remedy = "Set the clock. Until then nothing is deleted because of its age"
        return [Check("clock", "Clock", "warn", f"{text}: it was never set", remedy)]
    clock = await known_clock(context.opened.database) if context.opened else Clock()
    if len(clock.spans) > 1 and now.timestamp() * 1000 - clock.spans[-1].since < 7 * DAY_MS:
        text += "; it was set, or photostore did not run, and that time makes nothing older"
    return [Check("clock", "Clock", "ok", text)]


async def _check_memory(context: ServerContext) -> list[Check]:
    resident = resident_bytes()
    if resident is None:
        return []
    budget = own_budget()
    machine = budget.machine
    imports = context.settings.max_concurrent_imports or budget.imports
    cache = format_size(budget.database_cache_bytes)
    text = (
        f"{format_size(resident)} in use, of {format_size(machine.memory_bytes)} that"
        f" {machine.memory_source} has. Files imported at once: {imports}, with a thread each;"
        f" database cache: {cache} a connection"
    )
    if resident < TIGHT_SHARE * machine.memory_bytes:
        return [Check("memory", "Memory", "ok", text)]
    remedy = "Give it more memory, or set max_concurrent_imports to 1"
    return [Check("memory", "Memory", "warn", text, remedy)]


PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="icon" href="/icon.svg">
<title>photostore: health</title>
<style>
  :root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }}
  body {{ max-width: 60rem; margin: 2rem auto; padding: 0 1rem }}
  table {{ border-collapse: collapse; width: 100% }}
  td {{ padding: .5rem .75rem; border-top: 1px solid #8884; vertical-align: top;
    overflow-wrap: anywhere }}
  td:nth-child(2) {{ min-width: 5rem }}
  td:first-child {{ white-space: nowrap }}
  .ok {{ color: #3a8a55 }} .warn {{ color: #b06f00 }} .error {{ color: #d03b30 }}
  small {{ opacity: .75 }}
</style>
<h1>Health</h1>
<p>photostore {version}. <a href="/">Back to the photos</a></p>
<table>{rows}</table>
</html>
"""
ACCEPT = (
    '<form method="post" action="/health/accept-missing">'
    "<button>The files are gone: take them out</button></form>"
)
TOOLS = '<br><a href="/welcome/tools">Videos and HEIC photos</a>'
MARKS: dict[Status, str] = {"ok": "● fine", "warn": "▲ look here", "error": "■ broken"}


def render_page(checks: Sequence[Check]) -> str:
    """The page of some checks. All texts are escaped: they may hold names of files."""
    rows = "".join(
        f'<tr><td class="{check.status}">{MARKS[check.status]}</td>'
        f"<td>{escape(check.label)}</td><td>{escape(check.summary)}"
        + (f"<br><small>{escape(check.remedy)}</small>" if check.remedy else "")
        + (TOOLS if check.remedy == TOOLS_REMEDY else "")
        + (ACCEPT if check.remedy == ROOT_REMEDIES["missing"] else "")
        + "</td></tr>"
        for check in checks
    )
    return PAGE.format(version=__version__, rows=rows)
