"""Every error that photostore raises on purpose; never an error of the program itself.

    PhotostoreError                 500 internal
    ├── UsageError                  400 usage               (exit code 2)
    ├── SettingError                500 setting             name, value, allowed
    ├── PortTakenError              500 port-taken
    ├── PidfileError                500 pidfile
    ├── LibraryError                503 library-unavailable
    │   ├── LibraryLockedError      503 library-locked
    │   └── LibraryTooNewError      503 library-too-new
    ├── FileError                   422 file                path, reason
    │   ├── MediaRejectedError      422 media-rejected      can never be imported as it is
    │   ├── UnreadableError         422 unreadable          damaged or an I/O error: may be retried
    │   ├── CodecMissingError       422 codec-missing       waits for a decoder
    │   └── FileChangedError        409 file-changed        changed while it was read: try again
    ├── BadRequestError             400 bad-request
    ├── ForbiddenError              403 forbidden
    ├── NotFoundError               404 not-found
    └── ConflictError               409 conflict
        └── RevisionGoneError       409 revision-gone

`status` is the HTTP status, `type` the stable slug of `application/problem+json`, `title` a short
sentence for people; the message is the detail. A floor adds a subclass in its own module when it
needs one, with a `type` of its own.
"""

from __future__ import annotations

from typing import ClassVar

from photostore.base.text import display_name, shorten


class PhotostoreError(Exception):
    """Something that photostore knows how to explain; `str(error)` is one line for a person."""

    status: ClassVar[int] = 500
    type: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong in photostore"
    exit_code: ClassVar[int] = 1


class UsageError(PhotostoreError):
    """The command line does not make sense (SPEC 1.2: exit code 2)."""

    status = 400
    type = "usage"
    title = "The command was not understood"
    exit_code = 2


class SettingError(PhotostoreError):
    """A setting has a value that cannot be used (SPEC 3.4: one line with name, value, allowed).

    `value` is the value as it may be shown: the caller masks secrets before raising.
    """

    type = "setting"
    title = "A setting has a value that cannot be used"

    def __init__(self, name: str, value: str, allowed: str, where: str = "") -> None:
        # All four go to `args`, so that the error survives pickling.
        super().__init__(name, value, allowed, where)
        self.name = name
        self.value = value
        self.allowed = allowed
        self.where = where

    def __str__(self) -> str:
        value = shorten(display_name(self.value), 80)
        source = f" ({self.where})" if self.where else ""
        return f'setting {self.name}: "{value}" cannot be used{source}; allowed: {self.allowed}'


class PortTakenError(PhotostoreError):
    """Another program listens on the port (SPEC 1.3)."""

    type = "port-taken"
    title = "The port is in use"


class PidfileError(PhotostoreError):
    """The pidfile cannot be written, or belongs to a process that is running (SPEC 1.4)."""

    type = "pidfile"
    title = "The pidfile cannot be used"


class LibraryError(PhotostoreError):
    """The library cannot be opened or written; the message says why and how to mend it."""

    status = 503
    type = "library-unavailable"
    title = "The library cannot be opened"


class LibraryLockedError(LibraryError):
    """Another process has the library open; the message names host, process and since when."""

    type = "library-locked"
    title = "The library is open in another process"


class LibraryTooNewError(LibraryError):
    """The library was written by a newer photostore; it is refused, not damaged (SPEC 12.5)."""

    type = "library-too-new"
    title = "The library belongs to a newer photostore"


class FileError(PhotostoreError):
    """Something about one file.

    `path` is the file's name as bytes, exactly as the file system has it; `reason` says to a person
    what is wrong with it. `str(error)` is safe to print and to send, whatever the name holds.
    """

    status = 422
    type = "file"
    title = "A file could not be used"

    def __init__(self, path: bytes, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{display_name(self.path)}: {self.reason}"


class MediaRejectedError(FileError):
    """The file can never be imported as it is: not a photo or video, dangerous, or empty."""

    type = "media-rejected"
    title = "The file is not a photo or video that can be imported"


class UnreadableError(FileError):
    """The file is damaged, cut short or cannot be read; trying again later may work."""

    type = "unreadable"
    title = "The file could not be read"


class CodecMissingError(FileError):
    """The file needs a decoder that is not installed (SPEC 2.6)."""

    type = "codec-missing"
    title = "The file waits for a decoder that is not installed"


class FileChangedError(FileError):
    """The file changed while it was being read, or differs from what a person saw."""

    status = 409
    type = "file-changed"
    title = "The file changed meanwhile"


class BadRequestError(PhotostoreError):
    """A request that cannot be understood; the message says what is wrong with it."""

    status = 400
    type = "bad-request"
    title = "The request was not understood"


class ForbiddenError(PhotostoreError):
    """A request that is understood and refused."""

    status = 403
    type = "forbidden"
    title = "This is not allowed"


class NotFoundError(PhotostoreError):
    """What was asked for does not exist."""

    status = 404
    type = "not-found"
    title = "There is nothing here"


class ConflictError(PhotostoreError):
    """The request does not fit the present state."""

    status = 409
    type = "conflict"
    title = "The library changed meanwhile"


class RevisionGoneError(ConflictError):
    """The revision of a view that a client asks about is no longer known: fetch the shape again."""

    type = "revision-gone"
    title = "This view is out of date"
