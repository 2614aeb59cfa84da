"""What stops an act on originals, as words for a person: the reason and what can be done."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from photostore.base.errors import FileChangedError, FileError

if TYPE_CHECKING:
    from photostore.library.trash.places import Refusal

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM)
_DETOUR = (errno.ELOOP, errno.ENOTDIR)


class TrashRefusedError(FileError):
    """A file cannot go to the trash; nothing was changed (SPEC 9.4: refused, never erased).

    `remedy` says what a person can do, `folder` is the folder that would have to be made, if that
    is what is missing.
    """

    status = 409
    type = "trash-refused"
    title = "The file cannot be moved to the trash"

    def __init__(self, path: bytes, reason: str, remedy: str, folder: bytes | None = None) -> None:
        super().__init__(path, f"{reason}; {remedy}")
        self.args = (path, reason, remedy, folder)
        self.remedy = remedy
        self.folder = folder

    @classmethod
    def of(cls, refusal: Refusal) -> TrashRefusedError:
        """The error that says what a refusal says."""
        return cls(refusal.path, refusal.reason, refusal.remedy, refusal.folder)


class ActFailedError(FileError):
    """An act met an obstacle half-way and was taken back: everything is where it was before."""

    status = 409
    type = "act-failed"
    title = "Nothing was changed: a file could not be moved or deleted"


class ActUnfinishedError(FileError):
    """An act met an obstacle half-way and could not be taken back either; `recover` does it later.

    No byte is lost: each file is at its old place or at its new one.
    """

    status = 500
    type = "act-unfinished"
    title = "Some files could be moved and others could not"


class NameTakenError(ActFailedError):
    """Another program took a name between choosing and using it; the act can be tried again."""

    type = "name-taken"


def explain(error: Exception, path: bytes) -> FileError:
    """The error for a person that stands for what the system said about `path`."""
    if isinstance(error, FileError):
        return error
    if not isinstance(error, OSError):
        return ActFailedError(path, f"of an unexpected error ({error!r}); please report it")
    if isinstance(error, FileExistsError):
        return NameTakenError(path, "another program uses the same name just now; try again")
    if isinstance(error, FileNotFoundError):
        return FileChangedError(path, "it is no longer there; sync the folder")
    if error.errno in _DETOUR:
        reason = "a folder on its path was replaced by a link or a file; put the folder back"
        return FileChangedError(path, reason)
    return ActFailedError(path, _reason(error))


def _reason(error: OSError) -> str:
    said = error.strerror or str(error)
    if error.errno in _FULL:
        return f"the volume is full ({said}); free some space, for example by emptying its trash"
    if error.errno in _FORBIDDEN:
        remedy = f"give user {os.geteuid()} the right to write to its folder and to the trash"
        return f"the system does not allow it ({said}); {remedy}"
    if error.errno == errno.EROFS:
        return f"the volume is read-only ({said}); mount it writable, or hide the photo instead"
    if error.errno == errno.EXDEV:
        return f"it would have to be copied to another volume ({said}); move it by hand"
    return f"the system refused ({said}); look at the volume's health, then try again"
