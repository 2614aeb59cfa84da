"""The library's own folder for originals, into which copies and added files go (SPEC 9.2)."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from photostore.base.errors import ConflictError
from photostore.base.text import display_name
from photostore.library.roots import (
    find_obstacle,
    find_root,
    is_library,
    settle_again,
    settle_roots,
)
from photostore.store.organise import mark_library
from photostore.store.volumes import configured_roots

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from photostore.store.db import Database
    from photostore.store.volumes import Root


async def settle_destination(
    database: Database,
    folder: Path,
    *,
    exclude_globs: Sequence[str] = (),
    dry_run: bool = False,
) -> Root | None:
    """The root that the folder lies in; the folder is made, and becomes a root if it is in none.

    `exclude_globs` keep out disks that are mounted below it, as in `settle_roots`. With `dry_run`
    nothing is made or written, and None may be the answer. Raises ConflictError that says why the
    folder cannot be used.
    """
    path = os.fsencode(await asyncio.to_thread(_make_folder, folder, dry_run=dry_run))
    async with database.read() as reading:
        roots = await configured_roots(reading)
    root = find_root(roots, path)
    if dry_run:
        return root
    if root is None:
        await settle_roots(database, [path], exclusive=False, exclude_globs=exclude_globs)
    elif root.path != path and await asyncio.to_thread(is_library, path):
        # A scan passes over a library that lies in another root: it has to be one of its own.
        await settle_again(database, [path], exclude_globs=exclude_globs)
    async with database.read() as reading:
        root = find_root(await configured_roots(reading), path)
    if root is None:
        raise ConflictError(f"{display_name(path)} cannot be used: look at /health")
    obstacle = await asyncio.to_thread(find_obstacle, root)
    if obstacle:
        raise ConflictError(f"{display_name(path)}: {obstacle}")
    relative = path.removeprefix(root.mount_path.rstrip(b"/") + b"/")
    async with database.write() as transaction:
        await mark_library(transaction, root.volume_id, relative)
    return root


def _make_folder(folder: Path, *, dry_run: bool) -> str:
    """The real path of the destination, which is made if it is missing. Raises ConflictError."""
    try:
        if not dry_run:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConflictError(
            f"{display_name(os.fspath(folder))} cannot be made: {error.strerror}"
        ) from error
    return os.path.realpath(folder)
