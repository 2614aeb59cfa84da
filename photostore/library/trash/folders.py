"""Folders opened without following a link, and what is done in them by their descriptors.

Between looking at a path and using it, a folder on it can be replaced by a link to somewhere else.
Here each component is opened below the one before it, so that a link is met as an error
(ENOTDIR or ELOOP), and what follows is done in the folder that was opened.
"""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Reach = Callable[[str], None]

# To walk through a folder needs the right to search it, not to list it: O_PATH, where there is one.
_WALK = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LIST = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Some network and FUSE file systems have no fsync of folders.
_NO_SYNC = (errno.EINVAL, errno.EBADF, errno.ENOTSUP, errno.ENOSYS)


class Spot(NamedTuple):
    """A name in a folder that is open: the folder's descriptor, and the name."""

    folder: int
    name: bytes


def pass_by(point: str) -> None:
    """The hook that does nothing: what every act is given outside of tests.

    A test's hook is called with the name of each point that an act reaches; it may raise an OSError
    as the system would there, or kill the process.
    """


@contextmanager
def open_folder(path: bytes, *, make: bool = False) -> Iterator[int]:
    """Open the folder at a real absolute path, closed at the end; `make` makes what is missing.

    Raises OSError: ENOTDIR or ELOOP if a component is a link or no folder, ENOENT if it is not
    there, EINVAL if the path is relative or has `..` in it.
    """
    _refuse_crooked(path)
    descriptor = os.open(b"/", _WALK)
    try:
        for name in filter(None, path.split(b"/")):
            below = _step_down(descriptor, name, make=make)
            os.close(descriptor)
            descriptor = below
        with suppress(PermissionError):
            # Only a folder opened for reading can be synced; one that may not be listed is not.
            readable = os.open(b".", _LIST, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = readable
        yield descriptor
    finally:
        os.close(descriptor)


def _refuse_crooked(path: bytes) -> None:
    if not path.startswith(b"/") or path.startswith(b"//") or os.path.normpath(path) != path:
        raise OSError(errno.EINVAL, "the path is not absolute and plain", path)


def _step_down(folder: int, name: bytes, *, make: bool) -> int:
    try:
        return os.open(name, _WALK, dir_fd=folder)
    except FileNotFoundError:
        if not make:
            raise
    with suppress(FileExistsError):
        os.mkdir(name, dir_fd=folder)
        above = os.open(b".", _LIST, dir_fd=folder)
        try:
            sync_descriptor(above)
        finally:
            os.close(above)
    return os.open(name, _WALK, dir_fd=folder)


@contextmanager
def open_spot(path: bytes, *, make: bool = False) -> Iterator[Spot]:
    """Open the folder that the last component of `path` is in, and give both."""
    _refuse_crooked(path)
    folder, name = os.path.split(path)
    with open_folder(folder, make=make) as descriptor:
        yield Spot(descriptor, name)


def sync_descriptor(descriptor: int) -> None:
    """Have the disk take a file or folder. Raises OSError; one that has no such thing is let be."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise


def sync_folders(paths: Iterable[bytes]) -> None:
    """Have the disk take the new and removed names of some folders, each once. Raises OSError."""
    for path in sorted(set(paths)):
        with open_folder(path) as descriptor:
            sync_descriptor(descriptor)


def look(spot: Spot) -> os.stat_result | None:
    """What is there, without following a link; None if nothing is. Raises OSError."""
    try:
        return os.stat(spot.name, dir_fd=spot.folder, follow_symlinks=False)
    except FileNotFoundError:
        return None


def look_at(path: bytes) -> os.stat_result | None:
    """What is at a path, no component of which is followed as a link. Raises OSError."""
    try:
        with open_spot(path) as spot:
            return look(spot)
    except FileNotFoundError:
        return None


def read_small(spot: Spot, limit: int) -> bytes:
    """The first `limit` bytes of a regular file; raises OSError (EINVAL if it is none)."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(spot.name, flags, dir_fd=spot.folder)
    with os.fdopen(descriptor, "rb") as file:
        if not os.path.isfile(descriptor):
            raise OSError(errno.EINVAL, "no regular file", spot.name)
        return file.read(limit)


def write_new(spot: Spot, content: bytes, created: Callable[[], None]) -> None:
    """Write a file that must not be there yet, mode 0600, and have the disk take it.

    `created` is called between making and filling it. A failure leaves no file. Raises OSError,
    FileExistsError.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(spot.name, flags, 0o600, dir_fd=spot.folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            created()
            file.write(content)
            file.flush()
            os.fsync(descriptor)
    except BaseException:
        remove(spot)
        raise


def remove(spot: Spot) -> None:
    """Remove a file; that it is gone already is what is wanted. Raises OSError."""
    with suppress(FileNotFoundError):
        os.unlink(spot.name, dir_fd=spot.folder)
