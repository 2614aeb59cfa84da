"""Bytes to read from at any place: a file in memory, or one on disk that is too large for it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Protocol


class Source(Protocol):
    """Something of a known size that is read in pieces."""

    @property
    def size(self) -> int:
        """The length in bytes."""

    def read(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes from `offset`; fewer at the end."""


@dataclass(frozen=True, slots=True)
class Memory:
    """A file that was read whole."""

    data: bytes

    @property
    def size(self) -> int:
        """The length in bytes."""
        return len(self.data)

    def read(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes from `offset`."""
        return self.data[offset : offset + max(length, 0)]


@dataclass(frozen=True, slots=True)
class Disk:
    """An open descriptor; `pread` leaves its position alone."""

    descriptor: int
    size: int

    def read(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes from `offset`."""
        if offset >= self.size or length <= 0:
            return b""
        return os.pread(self.descriptor, length, offset)
