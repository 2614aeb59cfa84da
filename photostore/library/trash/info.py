"""The `.trashinfo` file of the XDG trash specification 1.0, and names in a trash.

Works on bytes; touches no disk. A name of a file is any bytes but `/` and NUL.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

INFO_SUFFIX = b".trashinfo"
# An escaped path is three times PATH_MAX at most; anything longer is no file of ours to read.
MAX_INFO_BYTES = 64 * 1024
_NUMBERED_NAMES = 20


@dataclass(frozen=True, slots=True)
class TrashInfo:
    """What a `.trashinfo` says; None where it does not say it, or not so that it can be read.

    `path` is as it stands there, unescaped: relative to the top folder, or absolute.
    `deleted_at` is the wall clock at the time, without a zone.
    """

    path: bytes | None
    deleted_at: datetime | None


def escape_path(path: bytes) -> str:
    """Escape a path for `Path=`: RFC 2396, byte by byte, `/` is kept."""
    return quote(path, safe="/")


def unescape_path(text: str | bytes) -> bytes:
    """Undo `escape_path`; a `%` that begins no escape stands for itself."""
    return unquote_to_bytes(text)


def render_info(path: bytes, now: datetime) -> bytes:
    """The content of a `.trashinfo`. It holds local time: `now` with a zone is turned into it."""
    local = now.astimezone() if now.tzinfo else now
    date = local.replace(tzinfo=None).isoformat(timespec="seconds")
    return f"[Trash Info]\nPath={escape_path(path)}\nDeletionDate={date}\n".encode()


def parse_info(content: bytes) -> TrashInfo:
    """Read any program's `.trashinfo`: the first line of each key counts, junk is passed over."""
    return TrashInfo(_read_path(content), _read_date(content))


def shorten_name(name: bytes, limit: int) -> bytes:
    """Return a name of at most `limit` bytes (16 or more): the base is cut, the extension kept."""
    if len(name) <= limit:
        return name
    base, extension = os.path.splitext(name)
    if len(extension) > limit // 2:
        base, extension = name, b""
    return _cut(base, limit - len(extension)) + extension


def vary_name(name: bytes, limit: int) -> Iterator[bytes]:
    """Names for a file in a trash, the best one first, without end: `a.jpg`, then `a-2.jpg`."""
    base, extension = os.path.splitext(shorten_name(name, limit))
    yield base + extension
    numbers = (str(number) for number in range(2, _NUMBERED_NAMES))
    # Many files of one name: looking each number up would take quadratic time.
    tokens = iter(lambda: secrets.token_hex(4), "")
    for variant in chain(numbers, tokens):
        suffix = f"-{variant}".encode() + extension
        yield _cut(base, limit - len(suffix)) + suffix


def name_beside(names: list[bytes], number: int, limit: int = 255) -> list[bytes]:
    """Return other names for files that belong together, which show that they still do.

    The number goes after what they have in common: `a.jpg`, `a.jpg.xmp` become `a-1.jpg`,
    `a-1.jpg.xmp`.
    """
    shortest = min((os.path.splitext(name)[0] for name in names), key=len)
    suffix = f"-{number}".encode()
    beside: list[bytes] = []
    for name in names:
        is_common = name.startswith(shortest) and name[len(shortest) :][:1] in (b"", b".")
        base = shortest if is_common else os.path.splitext(name)[0]
        tail = suffix + name[len(base) :]
        beside.append(_cut(base, max(limit - len(tail), 1)) + tail)
    return beside


def _read_path(content: bytes) -> bytes | None:
    value = _find(content, b"Path=")
    path = unescape_path(value) if value else b""
    return path if path and b"\0" not in path else None


def _read_date(content: bytes) -> datetime | None:
    value = _find(content, b"DeletionDate=")
    try:
        # Some programs add fractions or a zone: the first 19 characters are the date and time.
        text = (value or b"")[:19].decode("ascii")
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


def _find(content: bytes, key: bytes) -> bytes | None:
    lines = content.split(b"\n")
    return next((line[len(key) :].rstrip(b"\r") for line in lines if line.startswith(key)), None)


def _cut(base: bytes, length: int) -> bytes:
    """Cut to `length` bytes, not within a character of UTF-8, which some file systems refuse."""
    if len(base) <= length:
        return base
    end = length
    while end > max(length - 3, 1) and base[end] & 0xC0 == 0x80:
        end -= 1
    return base[:end]
