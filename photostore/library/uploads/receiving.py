"""Receiving a file: as it comes to the disk, never more than two megabytes of it in memory.

It arrives in a hidden folder beside its later place, so that it can be renamed there. However this
ends, nothing is left of it there but by a crash; that, `clear_holding` removes at the next start.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import secrets
import shutil
import threading
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from photostore.base.errors import MediaRejectedError
from photostore.base.text import display_name, format_size
from photostore.library.uploads.names import clean_name, name_by_content
from photostore.library.uploads.results import (
    DamagedError,
    DestinationError,
    Received,
    StalledError,
    TooLargeError,
    UploadNoRoomError,
)
from photostore.media.kinds import sniff
from photostore.media.probe import why_no_media
from photostore.media.reading import HEAD_BYTES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from photostore.library.trash.folders import Reach
    from photostore.library.uploads.results import Offer, UploadSetup

HOLDING = b".photostore-uploads"
BLOCK_BYTES = 1 << 20
# A phone that fell asleep is not waited for any longer.
STALL_S = 90.0
# Letters that make no date, which a folder's name is searched for.
_LETTERS = "bcdfghjklmnpqrst"
_FULL = (errno.ENOSPC, errno.EDQUOT)
# A clock may be ahead by as much as SPEC 6.3 believes.
_AHEAD_NS = 2 * 86_400 * 1_000_000_000


def holding_folder(setup: UploadSetup) -> bytes:
    """Where files of this library arrive. Another one that shares the destination has its own."""
    own = hashlib.sha256(os.fsencode(setup.library)).hexdigest()[:16]
    letters = "".join(_LETTERS[int(digit, 16)] for digit in own)
    place = os.fsencode(os.path.realpath(setup.destination))
    return os.path.join(place, HOLDING, letters.encode())


def clear_holding(setup: UploadSetup) -> None:
    """Remove what a crash left of files that were arriving: to be called before any may arrive."""
    folder = holding_folder(setup)
    if os.path.realpath(folder) != folder:
        return  # somebody's link: nothing of ours lies behind it
    shutil.rmtree(folder, ignore_errors=True)
    try:
        os.rmdir(os.path.dirname(folder))
    except OSError:
        return  # it was not there, or another library uses it


class Space:
    """Room on the destination's disk, of which running uploads have been promised a part."""

    def __init__(self, setup: UploadSetup) -> None:
        self._setup = setup
        self._promised = 0

    @property
    def spare(self) -> int:
        """Bytes that one more file may have. Raises OSError."""
        return max(0, self.free() - self._promised)

    def free(self) -> int:
        """Bytes beyond what is to stay free, promised ones included. Raises OSError."""
        folder = self._setup.destination
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        return shutil.disk_usage(folder).free - self._setup.reserve

    def has(self, free: int, size: int, promised: int = 0) -> bool:
        """Whether of what is `free` so much may be taken, of which `promised` were set aside."""
        return free - self._promised + promised >= size

    def promise(self, size: int) -> None:
        """Set so much aside, or give it back if negative."""
        self._promised += size

    def refuse(self, needed: int) -> UploadNoRoomError:
        """The error that says that so much does not fit."""
        return UploadNoRoomError(
            f"{format_size(needed)} are needed on the disk of "
            f"{display_name(self._setup.destination)}, which has {format_size(self.spare)} to "
            "spare: free some space there, for example by emptying the trash"
        )


@asynccontextmanager
async def receive(
    offer: Offer, setup: UploadSetup, space: Space, reach: Reach
) -> AsyncIterator[Received]:
    """The file of an offer, whole and on the disk; gone at the end of the block unless renamed.

    Raises what `results` names, MediaRejectedError for what is no photo or video, and whatever
    `offer.chunks` raises.
    """
    promised = offer.size or 0
    if promised > setup.max_bytes:
        raise _too_large(setup)
    if not space.has(await asyncio.to_thread(space.free), promised):
        raise space.refuse(promised)
    space.promise(promised)
    arriving = _Arriving(offer, setup)
    try:
        size = 0
        buffer = bytearray()
        async for chunk in _without_stall(offer.chunks):
            buffer += chunk
            size += len(chunk)
            if size > setup.max_bytes:
                raise _too_large(setup)
            if len(buffer) >= BLOCK_BYTES:
                block, buffer = buffer, bytearray()
                await asyncio.to_thread(arriving.write, block, space, promised)
                kept = min(promised, len(block))
                space.promise(-kept)
                promised -= kept
                reach("part written")
        yield await asyncio.to_thread(arriving.finish, buffer, space)
    finally:
        space.promise(-promised)
        await asyncio.shield(asyncio.to_thread(arriving.remove))


async def _without_stall(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    while True:
        try:
            async with asyncio.timeout(STALL_S):
                chunk = await anext(chunks)
        except StopAsyncIteration:
            return
        except TimeoutError as error:
            raise StalledError(f"Nothing arrived for {STALL_S:.0f} seconds; try again") from error
        yield chunk


def _too_large(setup: UploadSetup) -> TooLargeError:
    return TooLargeError(
        f"Files of up to {format_size(setup.max_bytes)} can be added; "
        "the setting max_upload says how much"
    )


class _Arriving:
    """One file while it arrives. Its folder is made with its head.

    A request that is given up leaves its thread behind, which may still be writing: hence the lock.
    """

    def __init__(self, offer: Offer, setup: UploadSetup) -> None:
        self._offer = offer
        self._name = clean_name(offer.name)
        token = "".join(secrets.choice(_LETTERS) for _ in range(16))
        self._folder = os.path.join(holding_folder(setup), token.encode())
        self._digest = hashlib.sha1(usedforsecurity=False)
        self._descriptor: int | None = None
        self._size = 0
        self._is_over = False
        self._lock = threading.Lock()

    def write(self, block: bytearray, space: Space, promised: int) -> None:
        """Add to the file; `promised`: so much of the room is set aside for it."""
        with self._lock:
            if not space.has(space.free(), len(block), promised):
                raise space.refuse(self._size + len(block))
            self._write(block, space)

    def _write(self, block: bytearray, space: Space) -> None:
        if self._is_over:
            return
        try:
            if self._descriptor is None:
                self._descriptor = self._create(block)
            self._digest.update(block)
            rest = memoryview(block)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError as error:
            if error.errno in _FULL:
                raise space.refuse(self._size + len(block)) from error
            raise DestinationError(f"The file cannot be written: {error.strerror}") from error
        self._size += len(block)

    def finish(self, block: bytearray, space: Space) -> Received:
        """Add the last of it, compare it with what was said of it, and have the disk take it."""
        with self._lock:
            return self._finish(block, space)

    def _finish(self, block: bytearray, space: Space) -> Received:
        if block or self._descriptor is None:
            self._write(block, space)
        if self._descriptor is None:
            raise StalledError("The upload was given up")
        offer, sha1 = self._offer, self._digest.digest()
        if offer.size is not None and offer.size != self._size:
            raise DamagedError(f"{self._size} bytes arrived of {offer.size}; try again")
        if offer.sha1 is not None and offer.sha1 != sha1:
            raise DamagedError(f"SHA-1 of what arrived: {sha1.hex()}; try again")
        try:
            now_ns = time.time_ns()
            mtime_ns = offer.mtime_ns
            if mtime_ns is not None and 0 < mtime_ns < now_ns + _AHEAD_NS:
                os.utime(self._descriptor, ns=(now_ns, mtime_ns))
            os.fsync(self._descriptor)
            status = os.fstat(self._descriptor)
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)
        except OSError as error:
            if error.errno in _FULL:
                raise space.refuse(self._size) from error
            raise DestinationError(f"The file cannot be written: {error.strerror}") from error
        return Received(self._path, status.st_size, status.st_mtime_ns, sha1)

    def remove(self) -> None:
        """Remove what is there; what was renamed away is not."""
        with self._lock:
            self._is_over = True
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None
            shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _path(self) -> bytes:
        return os.path.join(self._folder, self._name)

    def _create(self, block: bytearray) -> int:
        """Make the file, if what it begins with is a photo or video. Raises MediaRejectedError."""
        head = bytes(block[:HEAD_BYTES])
        kind = sniff(head)
        if kind is None:
            reason = why_no_media(head) if head else "the file is empty (0 bytes)"
            raise MediaRejectedError(self._name, reason)
        self._name = name_by_content(self._name, kind)
        os.makedirs(self._folder, mode=0o700)
        if os.path.realpath(self._folder) != self._folder:
            raise DestinationError(f"{display_name(self._folder)} is a link; remove it")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        return os.open(self._path, flags, 0o666)
