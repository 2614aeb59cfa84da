"""Moving one file to a name that must be free: by rename, or by a copy that is read back.

Nothing is ever overwritten, and a source is removed only when its bytes are known to be at the
target. Works on open folders, so that no link on a path can lead elsewhere.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

from photostore.base.errors import FileChangedError
from photostore.library.trash.folders import Spot, look, remove, sync_descriptor

if TYPE_CHECKING:
    from collections.abc import Callable

    from photostore.library.trash.folders import Reach

CHUNK_BYTES = 1 << 20
READ_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_RENAME_NOREPLACE = 1  # linux/fs.h
# What renameat2(2) answers where the kernel or the file system cannot refuse to overwrite (NFS and
# many FUSE ones), and what link(2) answers where there are no links to files, or not for us.
_NO_NOREPLACE = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)
_NO_LINK = (
    *(errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.ENOSYS),
    *(errno.EINVAL, errno.EMLINK, errno.EXDEV),
)
_renameat2: Callable[..., int] | None
try:
    _renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
except AttributeError:  # macOS, and libraries of C that are older than the call
    _renameat2 = None


def move(source: Spot, target: Spot, reach: Reach) -> bool:
    """Move a file, or within one mount a folder, to a free name; returns whether it was copied.

    Raises FileExistsError if the name is taken, FileChangedError if the file changed during a copy,
    else OSError. After a crash the file is at the source, at the target, or at the source with a
    copy or second link at the target, and there may be a part of a copy (`remove_part`).
    """
    try:
        rename_exclusively(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV or not _is_file(source):
            raise
        before = copy_exclusively(source, target)
        reach("copied")
        if _identity(look(source)) != _identity(before):
            remove(target)
            raise FileChangedError(source.name, "it changed while it was copied") from error
        os.unlink(source.name, dir_fd=source.folder)
        return True
    return False


def rename_exclusively(source: Spot, target: Spot) -> None:
    """Rename without ever replacing what is there. Raises FileExistsError, OSError."""
    if _renameat2 is not None:
        arguments = (source.folder, source.name, target.folder, target.name)
        if _renameat2(*arguments, _RENAME_NOREPLACE) == 0:
            return
        number = ctypes.get_errno()
        if number not in _NO_NOREPLACE:
            raise OSError(number, os.strerror(number), source.name, None, target.name)
    _rename_by_link(source, target)


def copy_exclusively(source: Spot, target: Spot, sha1: bytes | None = None) -> os.stat_result:
    """Copy a regular file to a free name with times, mode and attributes; read back and compared.

    With `sha1`, FileChangedError is raised if that is not what the source holds.

    On the disk when it returns, and at no time in part under the name. Returns what the source was
    before: it is for the caller to see whether it still is. A failure leaves nothing; what a crash
    leaves is removed by `remove_part`. Raises OSError, FileExistsError.
    """
    part = _part_of(target)
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    reading = os.open(source.name, READ_FLAGS, dir_fd=source.folder)
    try:
        before = os.fstat(reading)
        if not stat.S_ISREG(before.st_mode):
            raise OSError(errno.EINVAL, "no regular file", source.name)
        remove(part)
        writing = os.open(part.name, flags, 0o600, dir_fd=part.folder)
        try:
            content = _fill(reading, writing, before)
            _demand(content, sha1, source.name)
            rename_exclusively(part, target)
        except BaseException:
            remove(part)
            raise
        finally:
            os.close(writing)
    finally:
        os.close(reading)
    sync_descriptor(target.folder)
    return before


def remove_part(target: Spot) -> None:
    """Remove what a crash left of a copy to `target`. Raises OSError."""
    remove(_part_of(target))


def keep_time(spot: Spot, mtime_ns: int) -> None:
    """Give a moved file its time back, where a poor driver changes it with the name."""
    status = look(spot)
    if status is not None and status.st_mtime_ns != mtime_ns:
        times = (status.st_atime_ns, mtime_ns)
        os.utime(spot.name, ns=times, dir_fd=spot.folder, follow_symlinks=False)


def hash_descriptor(descriptor: int) -> bytes:
    """SHA-1 of an open file from its beginning, read in pieces."""
    digest = hashlib.sha1(usedforsecurity=False)
    os.lseek(descriptor, 0, os.SEEK_SET)
    while chunk := os.read(descriptor, CHUNK_BYTES):
        digest.update(chunk)
    return digest.digest()


def is_copy(one: Spot, other: Spot) -> bool:
    """Whether two regular files are the same file, or have the same bytes. Raises OSError."""
    with (
        os.fdopen(os.open(one.name, READ_FLAGS, dir_fd=one.folder), "rb") as first,
        os.fdopen(os.open(other.name, READ_FLAGS, dir_fd=other.folder), "rb") as second,
    ):
        if os.path.sameopenfile(first.fileno(), second.fileno()):
            return True
        while chunk := first.read(CHUNK_BYTES):
            if second.read(len(chunk)) != chunk:
                return False
        return not second.read(1)


def is_same_content(one: bytes, other: bytes, size: int) -> bool:
    """Whether `other` is a regular file of that size with the bytes of `one`; links are not."""
    try:
        status = os.lstat(other)
        if not stat.S_ISREG(status.st_mode) or status.st_size != size:
            return False
        with (
            os.fdopen(os.open(one, READ_FLAGS), "rb") as first,
            os.fdopen(os.open(other, READ_FLAGS), "rb") as second,
        ):
            while chunk := first.read(CHUNK_BYTES):
                if second.read(len(chunk)) != chunk:
                    return False
            return not second.read(1)
    except OSError:
        return False


def _part_of(target: Spot) -> Spot:
    """Where a copy is put together. The name follows from the target's, to be found again."""
    digest = hashlib.sha1(target.name, usedforsecurity=False).hexdigest()
    return Spot(target.folder, f".photostore-{digest[:16]}.part".encode())


def _rename_by_link(source: Spot, target: Spot) -> None:
    try:
        # A second name is made, which fails if the name is taken; then the first one goes.
        os.link(
            source.name,
            target.name,
            src_dir_fd=source.folder,
            dst_dir_fd=target.folder,
            follow_symlinks=False,
        )
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
        # The last resort, on FAT by FUSE for instance: to look first. A trash's name is reserved
        # by its info file, so only a restored file could meet another one within microseconds.
        if look(target) is not None:
            raise FileExistsError(errno.EEXIST, "the name is taken", target.name) from error
        os.rename(source.name, target.name, src_dir_fd=source.folder, dst_dir_fd=target.folder)
        return
    try:
        os.unlink(source.name, dir_fd=source.folder)
    except OSError:
        remove(target)
        raise


def _fill(reading: int, writing: int, before: os.stat_result) -> bytes:
    """Copy all of a file; returns the SHA-1 of what was read, and of what the disk has."""
    digest = hashlib.sha1(usedforsecurity=False)
    while chunk := os.read(reading, CHUNK_BYTES):
        digest.update(chunk)
        view = memoryview(chunk)
        while view:
            view = view[os.write(writing, view) :]
    _keep_attributes(reading, writing, before)
    os.fsync(writing)
    if hasattr(os, "posix_fadvise"):
        # So that the comparison reads what the disk has, as far as the kernel lets it.
        os.posix_fadvise(writing, 0, 0, os.POSIX_FADV_DONTNEED)
    if hash_descriptor(writing) != digest.digest():
        raise OSError(errno.EIO, "the copy differs from the original")
    return digest.digest()


def _demand(content: bytes, sha1: bytes | None, name: bytes) -> None:
    if sha1 is not None and content != sha1:
        reason = "its content is not what the library knows; sync the folder"
        raise FileChangedError(name, reason)


def _keep_attributes(reading: int, writing: int, before: os.stat_result) -> None:
    # A target that has no owners, modes or attributes of its own is no reason to fail.
    if hasattr(os, "listxattr"):
        with suppress(OSError):
            for name in os.listxattr(reading):
                os.setxattr(writing, name, os.getxattr(reading, name))
    with suppress(OSError):
        os.fchown(writing, before.st_uid, before.st_gid)
    with suppress(OSError):
        os.fchmod(writing, stat.S_IMODE(before.st_mode))
    os.utime(writing, ns=(before.st_atime_ns, before.st_mtime_ns))


def _is_file(spot: Spot) -> bool:
    status = look(spot)
    return status is not None and stat.S_ISREG(status.st_mode)


def _identity(status: os.stat_result | None) -> tuple[int, int, int] | None:
    return status and (status.st_ino, status.st_size, status.st_mtime_ns)
