"""Which trash a file goes to: XDG trash specification 1.0, "Trash directories" (SPEC 9.3, 9.4).

The top folder is the mount point that the file lies on, by the longest path in the mount table;
neither `st_dev` nor `ismount` tell two bind mounts of one disk apart, and no rename goes from one
to the other. Makes trash folders; never touches a file in them.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from photostore.base.mounts import find_mount, read_mounts
from photostore.base.text import display_name
from photostore.library.trash.folders import sync_folders

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from photostore.base.mounts import Mount


class TrashStyle(StrEnum):
    """The three kinds of trash folders that the specification knows."""

    SHARED = "shared"  # $topdir/.Trash/$uid
    OWN = "own"  # $topdir/.Trash-$uid
    HOME = "home"  # $XDG_DATA_HOME/Trash


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What decides on the trash beside the path.

    `home` is the home trash, whether it exists or not, None if there is no home folder.
    """

    mounts: tuple[Mount, ...]
    uid: int
    home: bytes | None
    in_container: bool


@dataclass(frozen=True, slots=True)
class TrashPlace:
    """A trash folder. `top` is what paths in it are relative to, None in the home trash.

    `by_copy`: it is on another mount than the file. `notes` say to an administrator which trash
    folders were passed over, and why.
    """

    folder: bytes
    top: bytes | None
    style: TrashStyle
    by_copy: bool = False
    notes: tuple[str, ...] = ()

    @property
    def files(self) -> bytes:
        """The folder of the trashed files."""
        return self.folder + b"/files"

    @property
    def info(self) -> bytes:
        """The folder of the `.trashinfo` files."""
        return self.folder + b"/info"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why `path` cannot go to any trash, and what to do; `folder` is the folder to make, if any."""

    path: bytes
    reason: str
    remedy: str
    folder: bytes | None = None
    notes: tuple[str, ...] = ()


def read_surroundings(environ: Mapping[str, str], *, in_container: bool) -> Surroundings:
    """The mounts as they are now, the effective user, and the home trash by XDG_DATA_HOME."""
    data = environ.get("XDG_DATA_HOME", "")
    if not os.path.isabs(data):
        home = environ.get("HOME", "")
        data = os.path.join(home, ".local", "share") if os.path.isabs(home) else ""
    trash = os.path.realpath(os.path.join(os.fsencode(data), b"Trash")) if data else None
    return Surroundings(read_mounts(), os.geteuid(), trash, in_container)


def find_trash(path: bytes, around: Surroundings, *, make: bool = True) -> TrashPlace | Refusal:
    """The trash for the file at an absolute path; made if it is not there yet and `make` is set.

    The last component is not resolved: a link lies where it lies, not where it leads. With `make`
    unset nothing is written, so that a person can be told before the act.
    """
    parent = os.path.realpath(os.path.dirname(path))
    mount = find_mount(around.mounts, Path(os.fsdecode(parent)))
    shown = display_name(mount.path)
    if mount.is_read_only:
        remedy = "mount it writable, or hide the photo instead"
        return Refusal(path, f"the volume {shown} is mounted read-only", remedy)
    if not _may_write(parent):
        reason = f"the folder {display_name(parent)} may not be written to"
        remedy = f"give user {around.uid} the right to write in it, or hide the photo instead"
        return Refusal(path, reason, remedy)
    notes: list[str] = []
    for place in _candidates(mount, around, notes):
        obstacle = _prepare(place, around, make=make)
        if obstacle is None:
            return TrashPlace(place.folder, place.top, place.style, place.by_copy, tuple(notes))
        notes.append(obstacle)
    own = _own_folder(mount, around)
    reason = f"no trash can be used on the volume {shown}: {'; '.join(notes)}"
    remedy = f"make the folder {display_name(own)}, owned by user {around.uid}, with mode 0700"
    return Refusal(path, reason, remedy, own, tuple(notes))


def find_places(paths: Iterable[bytes], around: Surroundings) -> tuple[TrashPlace, ...]:
    """The trashes that exist for the mounts that `paths` lie on, and the home trash; makes none.

    Both kinds of a top folder are listed, since other programs may have used the other one.
    """
    found: dict[bytes, TrashPlace] = {}
    for path in paths:
        mount = find_mount(around.mounts, Path(os.fsdecode(os.path.realpath(path))))
        for place in _candidates(mount, around, []):
            exists = all(os.path.isdir(part) for part in (place.files, place.info))
            if exists and _obstacle(place, around, make=False) is None:
                found.setdefault(place.folder, place)
    return tuple(found.values())


def _candidates(mount: Mount, around: Surroundings, notes: list[str]) -> Iterator[TrashPlace]:
    top = os.fsencode(mount.path)
    home = around.home
    is_home_near = home is not None and _mount_of(home, around).path == mount.path
    # What is deleted into a folder of the container itself is gone with the container.
    is_home_usable = home is not None and (not around.in_container or os.path.isdir(home))
    if home is not None and is_home_near and is_home_usable:
        yield TrashPlace(home, None, TrashStyle.HOME)
    shared = os.path.join(top, b".Trash")
    fault = _fault_of_shared(shared)
    if fault is None:
        yield TrashPlace(os.path.join(shared, b"%d" % around.uid), top, TrashStyle.SHARED)
    elif fault:
        notes.append(fault)
    yield TrashPlace(_own_folder(mount, around), top, TrashStyle.OWN)
    if home is not None and around.in_container and is_home_usable and not is_home_near:
        yield TrashPlace(home, None, TrashStyle.HOME, by_copy=True)


def _fault_of_shared(shared: bytes) -> str | None:
    """None if `$topdir/.Trash` can be trusted, "" if there is none, else what is wrong with it."""
    try:
        mode = os.lstat(shared).st_mode
    except OSError:
        return ""
    shown = display_name(shared)
    if stat.S_ISLNK(mode):
        return f"{shown} is a link, and is not used"
    if not stat.S_ISDIR(mode):
        return f"{shown} is not a folder, and is not used"
    if not mode & stat.S_ISVTX:
        return f"{shown} has no sticky bit, and is not used (chmod +t)"
    return None


def _prepare(place: TrashPlace, around: Surroundings, *, make: bool) -> str | None:
    if place.style is TrashStyle.HOME and make:
        try:
            os.makedirs(os.path.dirname(place.folder), 0o700, exist_ok=True)
        except OSError as error:
            return f"{display_name(place.folder)} cannot be made ({error.strerror})"
    obstacle = _obstacle(place, around, make=make)
    if obstacle or place.style is TrashStyle.HOME:
        return obstacle
    # A trash folder may itself be a mount: nothing can be renamed into it.
    if any(
        _mount_of(part, around).path != Path(os.fsdecode(place.top or b"/"))
        for part in (place.folder, place.files, place.info)
    ):
        return f"{display_name(place.folder)} is a mount of its own"
    return None


def _obstacle(place: TrashPlace, around: Surroundings, *, make: bool) -> str | None:
    """Why a trash folder cannot be used, or None; what is missing of it is made or may be made."""
    for folder in (place.folder, place.files, place.info):
        shown = display_name(folder)
        try:
            is_new = make and _make(folder)
            status = os.lstat(folder)
        except OSError as error:
            if make or not isinstance(error, FileNotFoundError):
                return f"{shown} cannot be made ({error.strerror})"
            may_make = _may_write(_nearest(os.path.dirname(folder)))
            return None if may_make else f"{shown} cannot be made (no right to write above it)"
        fault = _fault_of(folder, status, around)
        if fault is not None:
            if is_new:
                os.rmdir(folder)
            return f"{shown} {fault}"
    return None


def _fault_of(folder: bytes, status: os.stat_result, around: Surroundings) -> str | None:
    if stat.S_ISLNK(status.st_mode):
        return "is a link"
    if not stat.S_ISDIR(status.st_mode):
        return "is not a folder"
    if status.st_uid != around.uid:
        # On FAT every folder belongs to whom the mount says, a new one as well.
        return f"belongs to user {status.st_uid} instead of {around.uid}"
    return None if _may_write(folder) else "may not be written to"


def _make(folder: bytes) -> bool:
    """Make a folder for its owner only; returns whether it was not there. Raises OSError."""
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        return False
    except OSError:
        # A read-only parent answers so even for a folder that is there.
        if os.path.lexists(folder):
            return False
        raise
    sync_folders((os.path.dirname(folder),))
    return True


def _nearest(folder: bytes) -> bytes:
    while not os.path.lexists(folder):
        folder = os.path.dirname(folder)
    return folder


def _may_write(folder: bytes) -> bool:
    return os.access(folder, os.W_OK | os.X_OK, effective_ids=True)


def _mount_of(path: bytes, around: Surroundings) -> Mount:
    return find_mount(around.mounts, Path(os.fsdecode(os.path.realpath(path))))


def _own_folder(mount: Mount, around: Surroundings) -> bytes:
    return os.path.join(os.fsencode(mount.path), b".Trash-%d" % around.uid)
