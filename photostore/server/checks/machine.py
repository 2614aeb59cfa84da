"""Rows about the computer: where things are, room, memory, settings and the clock."""

from __future__ import annotations

import asyncio
import os
import shutil
from datetime import datetime
from typing import TYPE_CHECKING

from photostore.base.memory import own_budget, resident_bytes
from photostore.base.text import display_name, format_size
from photostore.library.clock import DAY_MS, Clock, known_clock
from photostore.library.working_copy import is_on_network
from photostore.server.checks.row import Check
from photostore.store.trash import CLOCK_SET_MS

if TYPE_CHECKING:
    from pathlib import Path

    from photostore.server.context import ServerContext

TIGHT_SHARE = 0.85


async def check_folders(context: ServerContext) -> list[Check]:
    """Which folders are used, and what each was chosen by."""
    return [
        Check(
            f"folder-{choice.name}",
            f"Folder: {choice.name}",
            "ok",
            f"{display_name(os.fspath(choice.path))} ({choice.why})",
        )
        for choice in context.layout.choices
    ]


async def check_space(context: ServerContext) -> list[Check]:
    """Room on the disks of library and cache; a cache on a network disk."""
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


async def check_settings(context: ServerContext) -> list[Check]:
    """Settings that have a value that cannot be used."""
    if not context.settings.warnings:
        return [Check("settings", "Settings", "ok", "All settings are understood")]
    return [
        Check("settings", "Settings", "warn", warning, "Correct or remove it")
        for warning in context.settings.warnings
    ]


async def check_clock(context: ServerContext) -> list[Check]:
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


async def check_memory(context: ServerContext) -> list[Check]:
    """Memory in use, and what it is divided into."""
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
