"""Which files are not decoded in photostore's own process, but in a child that can be killed.

What a decoder holds at once, how long it may take, and how much of it was written for trust in its
input decide (measured in docs/performance.md): RAW and the rarer formats, and what is very large.
A thread that decodes cannot be stopped, so this is settled before any pixel is decoded (SPEC 5.7).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from photostore.base.errors import FileError, UnreadableError
from photostore.media.gate import read_header
from photostore.media.kinds import Group, Kind, sniff
from photostore.media.reading import HEAD_BYTES, WHOLE_MAX_BYTES, open_regular

if TYPE_CHECKING:
    from photostore.media.facts import Facts
    from photostore.media.reading import Content

# LibRaw, libjxl and OpenJPEG, with NumPy for the first two, are never loaded by the server itself.
APART: Final = frozenset(("jxl", "jp2", "psd"))
# Decoded row by row this takes seconds; above it a person may wait, but not a thread.
LARGE_PIXELS: Final = 100_000_000
# Interlaced and progressive pictures are held whole: 33 megapixels of progressive JPEG.
LARGE_WHOLE_BYTES: Final = 100_000_000


class DoubtfulError(Exception):
    """The file is to be looked at in a decode child; nothing is wrong with it so far."""


def doubt_start(path: bytes) -> None:
    """Raise DoubtfulError if the first bytes of a file say so. What cannot be read is not judged.

    Costs microseconds: nothing else of the file is read.
    """
    try:
        descriptor = open_regular(path)
    except FileError:
        return  # who reads it will say what is wrong
    try:
        kind = sniff(os.pread(descriptor, HEAD_BYTES, 0))
    except OSError:
        return
    finally:
        os.close(descriptor)
    if kind is not None:
        _doubt_kind(kind)


def is_too_large(path: bytes) -> bool:
    """Whether a file would not be decoded for its size, which is known before all of it is read.

    A film may have any size. Raises `MediaRejectedError` and `UnreadableError` as `open_regular`.
    """
    descriptor = open_regular(path)
    try:
        if os.fstat(descriptor).st_size <= WHOLE_MAX_BYTES:
            return False
        kind = sniff(os.pread(descriptor, HEAD_BYTES, 0))
    except OSError as error:
        raise UnreadableError(path, f"cannot be read: {error.strerror}") from error
    finally:
        os.close(descriptor)
    return kind is None or kind.group is not Group.VIDEO


def doubt_facts(content: Content, facts: Facts) -> None:
    """Raise DoubtfulError if what the header promises is too much for a thread."""
    _doubt_kind(facts.kind)
    if facts.kind.group is Group.VIDEO:
        return  # frames are small, and their reader has a deadline of its own
    pixels = facts.width * facts.height
    if pixels > LARGE_PIXELS:
        raise DoubtfulError
    # No format that is held whole takes more than 8 bytes a pixel.
    if pixels * 8 > LARGE_WHOLE_BYTES:
        header = read_header(content, facts.kind)
        if header.whole_bytes > LARGE_WHOLE_BYTES:
            raise DoubtfulError


def _doubt_kind(kind: Kind) -> None:
    if kind.group is Group.RAW or kind.name in APART:
        raise DoubtfulError
