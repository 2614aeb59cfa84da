"""What is asked of an upload, what it comes to, and what it is refused for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from photostore.base.errors import BadRequestError, ConflictError, PhotostoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from photostore.library.reports import Reports


class TooLargeError(PhotostoreError):
    """The file is larger than the setting allows; nothing of it is kept."""

    status = 413
    type = "too-large"
    title = "The file is too large"


class UploadNoRoomError(ConflictError):
    """The disk has no room for the file; nothing of it is kept, and nothing else is harmed."""

    status = 507
    type = "no-room"
    title = "There is not enough room on the disk"


class DestinationError(ConflictError):
    """Nothing can be added now; the message says why, and what to do."""

    type = "uploads-unavailable"
    title = "Photos cannot be added"


class StalledError(PhotostoreError):
    """Nothing more came for a while; nothing of the file is kept."""

    status = 408
    type = "stalled"
    title = "The file did not arrive"


class DamagedError(BadRequestError):
    """What arrived is not what was sent, by its length or its SHA-1."""

    type = "upload-damaged"
    title = "The file was damaged on its way"


@dataclass(frozen=True, slots=True)
class UploadSetup:
    """Where uploads go and what may be added. `reserve`: bytes that stay free on that disk.

    `library` is the library's own folder: two libraries may share a destination.
    """

    destination: Path
    library: Path
    template: str
    enabled: bool
    max_bytes: int
    reserve: int
    reports: Reports
    exclude_globs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """A file that somebody sends. `size`, `sha1` and `mtime_ns` are what is said of it, or None.

    `chunks` are its bytes; it ends early with an exception when the connection is cut.
    """

    name: str
    chunks: AsyncIterator[bytes]
    size: int | None = None
    sha1: bytes | None = None
    mtime_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """A file that arrived whole, in a folder of its own. Its name is what it is to be called."""

    path: bytes
    size: int
    mtime_ns: int
    sha1: bytes
