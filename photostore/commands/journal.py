"""`photostore journal`: what people did, the newest first. Reads beside a running server."""

from __future__ import annotations

import asyncio
import os
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from photostore.base.configuration import make_plan
from photostore.base.text import display_name
from photostore.commands.terminal import encode_json, write_bytes, write_json
from photostore.server.wire import utc_time
from photostore.store.db import Database
from photostore.store.journal import find_act, list_acts, user_names
from photostore.store.scope import OWNER

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from photostore.store.journal import ActHead

PAGE = 200


def list_journal(given: Mapping[str, object], *, as_json: bool) -> int:
    """Print the acts: a line each, or all that they changed as a JSON array.

    Raises LibraryError if there is no library.
    """
    plan = make_plan(given, os.environ)

    async def run() -> None:
        database = await Database.open_reading(plan.database)
        try:
            await (_write_json(database) if as_json else _write_lines(database))
        finally:
            await database.close()

    asyncio.run(run())
    return 0


async def _read_acts(database: Database) -> AsyncGenerator[ActHead]:
    before: int | None = None
    while True:
        async with database.read() as reading:
            acts = await list_acts(reading, OWNER, PAGE, before)
        for act in acts:
            yield act
        if len(acts) < PAGE:
            return
        before = acts[-1].id


async def _write_lines(database: Database) -> None:
    async with aclosing(_read_acts(database)) as acts:
        async for act in acts:
            values = act.summary.get("values", {})
            told = [str(values[name]) for name in ("name", "fields") if values.get(name)]
            notes = [f"undoes {act.undoes}"] if act.undoes else []
            notes += ["undone"] if act.undone_by else []
            text = f"{act.id:>6}  {utc_time(act.at_ms)}  {act.act:<13} {act.count:>6}  "
            text += "; ".join((*told, *notes))
            write_bytes(display_name(text).rstrip().encode() + b"\n")


async def _write_json(database: Database) -> None:
    """One array, an act a line: one may hold a hundred thousand assets."""
    async with database.read() as reading:
        users = await user_names(reading)
    separator = "["
    async with aclosing(_read_acts(database)) as acts:
        async for head in acts:
            content = await _whole(database, head, users)
            write_json(separator + encode_json(content))
            separator = ","
    write_json("[]" if separator == "[" else "]")


async def _whole(database: Database, head: ActHead, users: Mapping[int, str]) -> dict[str, Any]:
    async with database.read() as reading:
        act = await find_act(reading, OWNER, head.id)
    return {
        "id": head.id,
        "at": utc_time(head.at_ms),
        "user": users.get(head.user_id),
        "act": head.act,
        "count": head.count,
        "undoes": head.undoes,
        "undone_by": head.undone_by,
        "summary": head.summary,
        "before": act.before if act else {},
        "after": act.after if act else {},
    }
