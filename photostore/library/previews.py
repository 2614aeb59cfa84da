"""The pictures made of originals, on disk by the SHA-1 of the content they show.

Copies of a photo share their previews and a renamed file keeps them. Losing the folder loses
nothing: all of it can be made again (SPEC 8.3), which is also why no preview is fsynced; a power
cut can tear one, and a torn one counts as absent when it is read.
"""

from __future__ import annotations

import logging
import os
import threading
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING

from photostore.base.cached import CachedReader
from photostore.media.preview import turn_preview

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from photostore.media.preview import Previews


log = logging.getLogger(__name__)

TURNS = (90, 180, 270)
# To be copied from memory within a moment.
MAX_AT_ONCE_BYTES = 400_000


class PreviewSize(StrEnum):
    """The two pictures of SPEC 8.1."""

    GRID = "grid"
    SCREEN = "screen"


class PreviewStore:
    """Previews in `folder`, two levels of sub-folders deep. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._folder = str(folder)
        self._cached = CachedReader()
        # Counts up when pictures are forgotten, so that copies in memory are as well.
        self.generation = 0
        self._counting = threading.Lock()

    def path(self, sha1: bytes, size: PreviewSize, turned: int = 0) -> Path:
        """Where a preview lies or would lie; `turned` by so many degrees."""
        name = sha1.hex()
        suffix = f".{turned}" if turned else ""
        return self.folder / name[:2] / name[2:4] / f"{name}.{size}{suffix}"

    def has(self, sha1: bytes) -> bool:
        """Whether the grid picture is there; of two it is the one that is written last."""
        return self.path(sha1, PreviewSize.GRID).exists()

    def read(self, sha1: bytes, size: PreviewSize, turned: int = 0) -> bytes | None:
        """The bytes of a preview, or None if it is not there or torn.

        One that a person turned (degrees clockwise) is made of the other when it is first asked
        for, and kept beside it.
        """
        try:
            data = self.path(sha1, size, turned).read_bytes()
        except FileNotFoundError:
            return self._turn(sha1, size, turned) if turned else None
        if is_whole(data):
            return data
        return self._turn(sha1, size, turned) if turned else None

    def read_at_once(self, sha1: bytes, size: PreviewSize, turned: int = 0) -> bytes | None:
        """The bytes of a preview if the system has them in memory: never waits for the disk."""
        name = sha1.hex()
        suffix = f".{turned}" if turned else ""
        path = f"{self._folder}/{name[:2]}/{name[2:4]}/{name}.{size}{suffix}"
        data = self._cached.read(os.fsencode(path), MAX_AT_ONCE_BYTES)
        return data if data is not None and is_whole(data) else None

    def _turn(self, sha1: bytes, size: PreviewSize, degrees: int) -> bytes | None:
        upright = self.read(sha1, size)
        if upright is None:
            return None
        try:
            data = turn_preview(upright, degrees)
        except ValueError as error:
            log.warning("%s: %s", sha1.hex(), error)
            return None
        # A full disk is no reason not to show it.
        with suppress(OSError):
            self._write(self.path(sha1, size, degrees), data)
            # Made anew or forgotten meanwhile: what was turned is of before, and goes as well.
            if self.read(sha1, size) != upright:
                self.path(sha1, size, degrees).unlink(missing_ok=True)
        return data

    def write(self, sha1: bytes, previews: Previews) -> None:
        """Keep what was made of a content. Raises OSError, for instance if the disk is full.

        What was turned of an earlier make goes.
        """
        if previews.screen is not None:
            self._write(self.path(sha1, PreviewSize.SCREEN), previews.screen.data)
        if previews.grid is not None:
            self._write(self.path(sha1, PreviewSize.GRID), previews.grid.data)
            # Not before: who looks meanwhile would turn the earlier make once more.
            self._forget(sha1, TURNS)

    def forget(self, sha1: bytes) -> None:
        """Remove all pictures of a content. Raises OSError."""
        try:
            self._forget(sha1, (0, *TURNS))
        finally:
            # Not before they are gone: a copy that is made meanwhile would count as a later one.
            with self._counting:
                self.generation += 1

    def _forget(self, sha1: bytes, turns: Sequence[int]) -> None:
        for size in PreviewSize:
            for degrees in turns:
                self.path(sha1, size, degrees).unlink(missing_ok=True)

    def _write(self, path: Path, data: bytes) -> None:
        partial = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.partial")
        try:
            try:
                partial.write_bytes(data)
            except FileNotFoundError:
                path.parent.mkdir(parents=True, exist_ok=True)
                partial.write_bytes(data)
            partial.replace(path)
        except OSError:
            # On a full disk even what is not whole takes room.
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            raise

    def sweep(self) -> int:
        """Remove what a crash left half written; returns how many. Nobody may be writing."""
        found = list(self.folder.glob("*/*/*.partial"))
        for path in found:
            path.unlink(missing_ok=True)
        return len(found)


def preview_mime(data: bytes) -> str:
    """The media type of a preview by its first bytes."""
    if data.startswith(b"RIFF"):
        return "image/webp"
    return "image/png" if data.startswith(b"\x89PNG") else "image/jpeg"


def is_whole(data: bytes) -> bool:
    """Whether a preview ends as its format must end."""
    if data.startswith(b"RIFF"):
        return len(data) >= 12 and int.from_bytes(data[4:8], "little") + 8 <= len(data)
    if data.startswith(b"\x89PNG"):
        return data.endswith(b"IEND\xaeB`\x82")
    return data.startswith(b"\xff\xd8") and data.endswith(b"\xff\xd9")
