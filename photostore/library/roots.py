"""The folders that are scanned: from settings and mounts to rows of the library (SPEC 5.1).

A disk mounted below a root is a root of its own, so that each is guarded by itself (SPEC 4.3). A
root that is not there keeps its row and says so; it is looked for again before each full scan.
"""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from photostore.base.errors import FileError
from photostore.base.mounts import find_mount, find_mounts_below, read_mounts
from photostore.library.exclusion import FOREIGN_FOLDERS, SUPPORT_FOLDER, exclusion
from photostore.library.marks import is_worth_marking, mark_volume
from photostore.library.remarking import restore_marks, shows_what_is_known
from photostore.library.volumes import identify_volume, locate
from photostore.store.scope import OWNER_ID
from photostore.store.volumes import (
    configure_roots,
    configured_roots,
    join_path,
    known_roots,
    record_root,
    record_volume,
    set_root_state,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from photostore.base.mounts import Mount
    from photostore.store.db import Database, Transaction
    from photostore.store.volumes import Root, VolumeIdentity

NOT_MOUNTED = "The disk is not mounted"
EMPTY = "The folder is empty, but files are known in it: is the disk mounted?"
OTHER_DISK = "Another disk than before is mounted here, or none"


@dataclass(frozen=True, slots=True)
class RootView:
    """What a folder that is to be scanned shows: why it cannot be read, whether it is empty."""

    error: str | None
    is_empty: bool


@dataclass(frozen=True, slots=True)
class _Place:
    """A wanted folder, the volume that it lies on now, and what it shows."""

    folder: bytes
    identity: VolumeIdentity
    relative: bytes
    view: RootView


def look_at_root(folder: bytes) -> RootView:
    """See whether a root can be read and holds anything but a fresh disk's own folders."""
    try:
        with os.scandir(folder) as entries:
            held = (entry.name for entry in entries)
            is_empty = all(name[:1] == b"." or name.lower() in FOREIGN_FOLDERS for name in held)
    except OSError as error:
        return RootView(f"The folder cannot be read: {error.strerror}", is_empty=True)
    return RootView(None, is_empty)


def find_obstacle(root: Root) -> str | None:
    """Why a root cannot be scanned now, or None: unreadable, or not the volume that it was on."""
    view = look_at_root(root.path)
    if view.error:
        return view.error
    mount, _ = locate(root.path, read_mounts())
    if root.volume_uuid in {identity.uuid for identity in identify_volume(mount)}:
        return None
    return EMPTY if view.is_empty else OTHER_DISK


async def settle_roots(
    database: Database,
    folders: Sequence[bytes],
    *,
    exclusive: bool = True,
    exclude_globs: Sequence[str] = (),
) -> list[str]:
    """Record these folders as the roots in use; returns a line for each that cannot be read.

    With `exclusive`, roots that are not named any more are no longer scanned, and a folder that is
    not there becomes a root that waits for its disk. Without it, folders are added: one that is not
    there is left out, and one inside a root is scanned as a part of that. A folder inside another
    one is left out in any case, unless it is a library: that is passed over from outside.
    `exclude_globs` keep disks out that are mounted below a folder.
    """

    async def record() -> list[_Place]:
        places = await asyncio.to_thread(_find_places, folders, exclude_globs)
        await _record_places(database, places, exclusive=exclusive)
        return places

    await _settle(database, record)
    return await asyncio.to_thread(_problems, folders)


async def settle_again(
    database: Database, also: Sequence[bytes] = (), *, exclude_globs: Sequence[str] = ()
) -> None:
    """See where the roots in use are now, and take these folders for roots as well.

    What is added or given up by others meanwhile stays so.
    """

    async def record() -> list[_Place]:
        async with database.read() as reading:
            known = await configured_roots(reading)
        folders = [*(root.path for root in known), *also]
        places = await asyncio.to_thread(_find_places, folders, exclude_globs)
        await _record_places(database, places, looked_at=known)
        return places

    await _settle(database, record)


async def _settle(database: Database, record: Callable[[], Awaitable[list[_Place]]]) -> None:
    await restore_marks(database, await asyncio.to_thread(read_mounts))
    places = await record()
    async with database.read() as reading:
        in_use = {root.path for root in await configured_roots(reading) if root.state == "ok"}
    settled = [place for place in places if place.folder in in_use]
    if await asyncio.to_thread(_mark_volumes, settled):
        # The same volumes, by a better name.
        await record()


async def _stay_apart(database: Database, places: list[_Place]) -> list[_Place]:
    """Keep a copied disk what it is known as while the original, of the same name, is away."""
    async with database.read() as reading:
        known = await known_roots(reading)
    names = {root.volume_uuid for root in known}
    found = []
    for place in places:
        identity = place.identity
        own = next(
            (
                root
                for root in known
                if root.path == place.folder and root.volume_uuid in identity.weaker
            ),
            None,
        )
        # Else it is the original, in the place of another disk.
        is_copy = (
            own is not None and identity.uuid in names and await shows_what_is_known(database, own)
        )
        found.append(
            replace(place, identity=identity.under(own.volume_uuid)) if own and is_copy else place
        )
    return found


async def _record_places(
    database: Database,
    places: list[_Place],
    *,
    exclusive: bool = True,
    looked_at: Sequence[Root] | None = None,
) -> None:
    """Make the roots of these places those in use.

    `looked_at`: the roots that were in use when the places were found. Others that are by now stay,
    and those that are no more do not come back.
    """
    places = await _stay_apart(database, places)
    async with database.write() as transaction:
        known = await known_roots(transaction)
        configured = await configured_roots(transaction)
        if looked_at is not None:
            in_use = {root.id for root in configured}
            given_up = {root.path for root in looked_at if root.id not in in_use}
            places = [place for place in places if place.folder not in given_up]
        if not exclusive:
            places = [
                place
                for place in places
                if not place.view.error and find_root(configured, place.folder) is None
            ]
        ids = [await _record(transaction, place, known) for place in places]
        if exclusive:
            ids += await _keep_unmounted(transaction, places, configured, {r.id for r in known})
            if looked_at is not None:
                seen = {root.id for root in looked_at}
                ids += [root.id for root in configured if root.id not in seen]
        else:
            ids += await asyncio.to_thread(_not_inside, configured, places)
        await configure_roots(transaction, ids)


def _mark_volumes(places: Sequence[_Place]) -> bool:
    """Give the volumes of roots in use a `.uuid` file where that helps; whether any got one."""
    mounts = read_mounts()
    marked = False
    for place in places:
        mount = find_mount(mounts, Path(os.fsdecode(place.folder)))
        known = place.view.error is None and os.fsencode(mount.path) == place.identity.mount_path
        if known and is_worth_marking(mount, place.identity, mounts, Path.home()):
            marked = mark_volume(mount) or marked
    return marked


def find_root(roots: Sequence[Root], path: bytes) -> Root | None:
    """The root that a path lies in: the innermost, since a disk below a root is one itself."""
    inside = [root for root in roots if is_inside(path, root.path)]
    return max(inside, key=lambda root: len(root.path), default=None)


def is_inside(path: bytes, folder: bytes) -> bool:
    """Whether a path is a folder or lies anywhere in it."""
    return path == folder or path.startswith(folder.rstrip(b"/") + b"/")


async def _record(transaction: Transaction, place: _Place, known: Sequence[Root]) -> int:
    """The row id of the root for a wanted folder."""
    names = {place.identity.uuid, *place.identity.weaker}
    for root in known:
        # A mount point is not the disk that was mounted there: a person has to say that it is gone.
        if root.path == place.folder and root.volume_uuid not in names:
            reason = place.view.error or (EMPTY if place.view.is_empty else OTHER_DISK)
            await set_root_state(transaction, root.id, "unavailable", reason)
            return root.id
    now_ms = time.time_ns() // 1_000_000
    volume_id = await record_volume(transaction, place.identity, now_ms)
    root_id = await record_root(transaction, volume_id, place.relative, OWNER_ID)
    if place.view.error:
        await set_root_state(transaction, root_id, "unavailable", place.view.error)
    return root_id


async def _keep_unmounted(
    transaction: Transaction,
    places: Sequence[_Place],
    configured: Sequence[Root],
    holding_files: set[int],
) -> list[int]:
    """Roots of disks that were mounted below one of these folders, and are not now."""
    kept = []
    mounted = {place.identity.uuid for place in places}
    for root in configured:
        above = any(
            root.path != place.folder and is_inside(root.path, place.folder) for place in places
        )
        if above and root.id in holding_files and root.volume_uuid not in mounted:
            await set_root_state(transaction, root.id, "unavailable", NOT_MOUNTED)
            kept.append(root.id)
    return kept


def _not_inside(configured: Sequence[Root], places: Sequence[_Place]) -> list[int]:
    """Roots in use that a walk of the new ones does not come to."""
    added = {(place.identity.uuid, place.folder) for place in places}
    return [
        root.id
        for root in configured
        if is_library(root.path)
        or not any(uuid == root.volume_uuid and is_inside(root.path, f) for uuid, f in added)
    ]


def _find_places(folders: Sequence[bytes], exclude_globs: Sequence[str]) -> list[_Place]:
    mounts = read_mounts()
    wanted = _outermost([os.path.realpath(folder) for folder in folders])
    below = {path for folder in wanted for path in _disks_below(mounts, folder, exclude_globs)}
    places: dict[bytes, _Place] = {}
    disks: dict[str, tuple[object, ...]] = {}
    mount_points: dict[str, bytes] = {}
    for folder in [*wanted, *sorted(below)]:
        mount, relative = locate(folder, mounts)
        disk = _disk_of(mount)
        # A copied disk has the same `.uuid` file, or even the same file system.
        identity = next(
            identity
            for identity in identify_volume(mount)
            if disks.setdefault(identity.uuid, disk) == disk
        )
        # One disk may be mounted at two places: all that is on it is known by the first of them.
        mount_point = mount_points.setdefault(identity.uuid, identity.mount_path)
        identity = replace(identity, mount_path=mount_point)
        at = join_path(mount_point, relative)
        places.setdefault(at, _Place(at, identity, relative, look_at_root(at)))
    kept = set(_outermost(list(places))) | below
    return [place for folder, place in places.items() if folder in kept]


def _disk_of(mount: Mount) -> tuple[object, ...]:
    """What tells two mounts of different things apart."""
    try:
        return mount.path.stat().st_dev, mount.inner
    except OSError:
        return mount.path, mount.inner


def _disks_below(
    mounts: Iterable[Mount], folder: bytes, exclude_globs: Sequence[str]
) -> list[bytes]:
    """Mount points below a folder that a walk would come to if they were folders."""
    found = []
    for mount in find_mounts_below(mounts, Path(os.fsdecode(folder))):
        path = step = os.fsencode(mount.path)
        excluded = not (mount.may_hold_photos and mount.path.is_dir())
        while not excluded and step != folder:
            excluded = exclusion(step, exclude_globs) is not None
            step = step.rpartition(b"/")[0] or b"/"
        if not excluded:
            found.append(path)
    return found


def _outermost(folders: Sequence[bytes]) -> list[bytes]:
    """Folders without those that lie in another one, in the given order."""
    return [
        folder
        for folder in dict.fromkeys(folders)
        if not any(folder != other and is_inside(folder, other) for other in folders)
        or is_library(folder)
    ]


def is_library(folder: bytes) -> bool:
    """Whether a folder is that of a library, this one or another."""
    return os.path.isdir(os.path.join(folder, SUPPORT_FOLDER))


def _problems(folders: Sequence[bytes]) -> list[str]:
    """A line for each folder that cannot be read."""
    views = [(folder, look_at_root(folder)) for folder in folders]
    return [str(FileError(folder, view.error)) for folder, view in views if view.error]
