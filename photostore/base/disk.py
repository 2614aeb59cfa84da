"""Writing to the disk so that a crash leaves the old state or the new, never half of either."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from photostore.base.errors import FileError

if TYPE_CHECKING:
    from pathlib import Path


def replace_file(path: Path, data: bytes, *, mode: int = 0o666) -> os.stat_result:
    """Write `data` as the whole content of `path`: temp file, fsync, rename, fsync of the folder.

    For photostore's own files only. Follows a symlink to the file it names, keeps the rights of a
    file that exists, else uses `mode` less the umask. Returns what the system says of the file that
    was written. Raises FileError; the old content then stays.
    """
    target = path.resolve()
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with os.fdopen(descriptor, "wb") as file:
                if target.exists():
                    os.fchmod(file.fileno(), target.stat().st_mode & 0o7777)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                written = os.fstat(file.fileno())
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
        sync_folder(target.parent)
    except OSError as error:
        raise FileError(os.fsencode(path), error.strerror or str(error)) from error
    return written


def sync_file(path: Path) -> None:
    """Make sure that what was written into a file is on the disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make sure that renames and new names in `folder` are on the disk. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def find_write_obstacle(folder: Path) -> str | None:
    """Return why nothing can be written in `folder`, or None; found by writing, then removing.

    Rights alone do not tell: read-only mounts, NFS with mapped users and full disks refuse too.
    """
    probe = folder / f".photostore-{secrets.token_hex(4)}.tmp"
    try:
        try:
            probe.write_bytes(b"photostore")
        finally:
            probe.unlink(missing_ok=True)
    except OSError as error:
        return error.strerror or str(error)
    return None
