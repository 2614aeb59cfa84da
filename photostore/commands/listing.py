"""`photostore list`: the photos of a library, newest first. Reads beside a running server."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photostore.base.configuration import make_plan
from photostore.base.errors import BadRequestError, UsageError
from photostore.base.text import display_name
from photostore.commands.terminal import encode_json, write_bytes, write_json
from photostore.server.wire import asset_json
from photostore.store.db import Database
from photostore.store.details import load_assets
from photostore.store.search import QueryError, View, compile_view
from photostore.store.timeline import load_page
from photostore.store.unknown import explain_nothing

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping

    from photostore.store.details import AssetDetails

PAGE = 500


@dataclass(frozen=True, slots=True)
class ListOptions:
    """What to list and how: paths in lines, paths that each end in a NUL, or JSON."""

    query: str = ""
    as_json: bool = False
    is_nul_separated: bool = False


def list_assets(given: Mapping[str, object], options: ListOptions) -> int:
    """Print the assets that match a query: the path of the file that is shown, or all as JSON.

    Raises UsageError for a query that is not understood, LibraryError if there is no library.
    """
    view = View(options.query.strip())
    try:
        compile_view(view)
    except BadRequestError as error:
        raise UsageError(str(error)) from error
    plan = make_plan(given, os.environ)

    async def run() -> None:
        database = await Database.open_reading(plan.database)
        try:
            async with aclosing(_read_assets(database, view)) as assets:
                await (_write_json(assets) if options.as_json else _write_paths(assets, options))
        finally:
            await database.close()

    try:
        asyncio.run(run())
    except QueryError as error:
        raise UsageError(str(error)) from error
    return 0


async def _read_assets(database: Database, view: View) -> AsyncGenerator[AssetDetails]:
    """All assets of a view, page by page, so that a million of them need no memory."""
    cursor: str | None = None
    while True:
        async with database.read() as reading:
            ids, following = await load_page(reading, view, PAGE, cursor)
            if not ids and cursor is None:
                await explain_nothing(reading, view)
            cursor = following
            assets = await load_assets(reading, view.scope, ids)
        for asset in assets:
            yield asset
        if cursor is None:
            return


async def _write_json(assets: AsyncIterator[AssetDetails]) -> None:
    """One array, an asset a line."""
    separator = "["
    async for asset in assets:
        write_json(separator + encode_json(asset_json(asset)))
        separator = ","
    write_json("[]" if separator == "[" else "]")


async def _write_paths(assets: AsyncIterator[AssetDetails], options: ListOptions) -> None:
    """Exact bytes for a program that reads them; on a terminal, text that cannot harm it."""
    end = b"\0" if options.is_nul_separated else b"\n"
    is_shown = sys.stdout.isatty() and not options.is_nul_separated
    async for asset in assets:
        path = asset.shown.path
        write_bytes((display_name(path).encode() if is_shown else path) + end)
