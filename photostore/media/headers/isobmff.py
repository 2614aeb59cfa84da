"""Boxes of the ISO base media format (ISO 14496-12) and QuickTime: names and ranges. No meaning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from photostore.media.headers.source import Source

MAX_BOXES: Final = 4096
MAX_BODY: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Box:
    """A box's four-character name, and where its body starts and ends."""

    name: bytes
    start: int
    end: int


def iter_boxes(source: Source, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """Yield the boxes between two offsets, bounded; a box that runs over the end is cut there."""
    stop = source.size if end is None else min(end, source.size)
    at = start
    for _ in range(MAX_BOXES):
        head = source.read(at, 16)
        if at + 8 > stop or len(head) < 8:
            return
        length, body = int.from_bytes(head[:4], "big"), at + 8
        if length == 1 and len(head) == 16:
            length, body = int.from_bytes(head[8:], "big"), at + 16
        elif length == 0:
            length = stop - at
        if length < body - at:
            return
        yield Box(head[4:8], body, min(at + length, stop))
        at += length


def find_box(source: Source, box: Box | None, *names: bytes) -> Box | None:
    """Follow names downwards, the first of each; None for the way that is not there.

    With None for `box` the search starts at the top of the file.
    """
    for name in names:
        inside = iter_boxes(source, box.start, box.end) if box else iter_boxes(source)
        box = next((found for found in inside if found.name == name), None)
        if box is None:
            return None
    return box


def body_of(source: Source, box: Box, most: int = MAX_BODY) -> bytes:
    """Return a box's body, at most `most` bytes of it."""
    return source.read(box.start, min(box.end - box.start, most))
