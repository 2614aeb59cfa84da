"""`photostore organise`: copy what lies outside the library into it, or say what would be."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from photostore.base.configuration import make_folders, make_plan
from photostore.base.events import Bus
from photostore.base.log import close_log, configure_log
from photostore.base.text import display_name, format_size
from photostore.commands.running import run_and_leave
from photostore.commands.terminal import complain, encode_json, write_json
from photostore.library.organise import Outcome, Wish
from photostore.runtime import open_library
from photostore.store.scope import OWNER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from photostore.base.configuration import Configuration


def organise(given: Mapping[str, object], *, dry_run: bool, as_json: bool) -> NoReturn:
    """Copy everything that the library has no copy of; exit code 1 if anything was refused."""
    plan = make_plan(given, os.environ)
    for warning in plan.settings.warnings:
        complain(f"warning: {warning}")
    # A server may log to stdout; here that belongs to the report.
    plan = replace(plan, settings=replace(plan.settings, log_stdout=False))
    run_and_leave(_organise(make_folders(plan), dry_run=dry_run, as_json=as_json))


async def _organise(configuration: Configuration, *, dry_run: bool, as_json: bool) -> int:
    async with open_library(configuration, Bus()) as opened:
        with ExitStack() as stack:
            configure_log(configuration.settings, configuration.layout)
            stack.callback(close_log)
            outcome = await opened.library.organiser.run(OWNER, Wish(dry_run=dry_run))
    for one in outcome.refused:
        where = display_name(one.path) if one.path is not None else one.public_id
        complain(f"{where}: {one.reason}" + (f"; {one.remedy}" if one.remedy else ""))
    if as_json:
        write_json(encode_json(_as_json(outcome)))
    else:
        _tell(outcome)
    return 1 if outcome.refused else 0


def _as_json(outcome: Outcome) -> dict[str, object]:
    return {
        "dry_run": outcome.dry_run,
        "assets": outcome.assets,
        "files": outcome.files,
        "bytes": outcome.size_bytes,
        "present": outcome.present,
        "refused": len(outcome.refused),
        "items": [
            {
                "source": display_name(item.source),
                "target": display_name(item.target),
                "bytes": item.size,
                "state": item.state,
            }
            for item in outcome.items
        ],
    }


def _tell(outcome: Outcome) -> None:
    for item in outcome.items:
        if item.state == "planned":
            print(f"{display_name(item.source)} -> {display_name(item.target)}")
    verb = "would be copied" if outcome.dry_run else "copied"
    print(
        f"{outcome.files:,} files ({format_size(outcome.size_bytes)}) of {outcome.assets:,} photos "
        f"and videos {verb}, {outcome.present:,} were there, {len(outcome.refused):,} refused"
    )
