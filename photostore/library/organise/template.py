"""Where a copy goes: a template with the date, the camera and the name of a photo (SPEC 9.2).

Pure: works on names, touches no disk. A part of a path that a scan would pass over, or that some
file system cannot hold, is changed until it can be.
"""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from photostore.base.errors import BadRequestError
from photostore.base.settings.values import TEMPLATE_TOKENS
from photostore.library.exclusion import FOREIGN_FOLDERS, FOREIGN_SUFFIXES, NOMEDIA
from photostore.library.trash.info import shorten_name

if TYPE_CHECKING:
    from datetime import datetime

DATE_TOKENS: Final = frozenset(("year", "month", "day", "hour", "minute", "second"))
UNDATED: Final = b"undated"
UNKNOWN: Final = b"unknown"
MAX_NAME_BYTES: Final = 255
# Room for `-12` and for a sidecar's own ending.
MAX_STEM_BYTES: Final = 200
# What FAT and Windows refuse in names; control characters besides.
_UNFIT: Final = re.compile(rb'[\x00-\x1f\x7f<>:"|?*\\/]')
_TOKEN: Final = re.compile(r"\{([a-z]+)\}")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a template speaks of. `taken`: the wall clock, None where only a file system says one.

    `stem` and `extension` (with its dot) are the file's own name, `folder` that of its folder.
    """

    stem: bytes
    extension: bytes
    folder: bytes
    taken: datetime | None
    make: str | None
    model: str | None


@dataclass(frozen=True, slots=True)
class Template:
    """A template that was checked. Made by `parse_template`."""

    text: str

    @property
    def _parts(self) -> list[str]:
        return self.text.split("/")

    def folders(self, subject: Subject) -> tuple[bytes, ...]:
        """The folders below the destination; of an undated photo those with a date are one."""
        found: list[bytes] = []
        for part in self._parts[:-1]:
            if subject.taken is None and DATE_TOKENS & set(_TOKEN.findall(part)):
                if UNDATED not in found:
                    found.append(UNDATED)
            else:
                found.append(fit(_fill(part, subject)))
        return tuple(found)

    def stem(self, subject: Subject) -> bytes:
        """The name without extension and number; the file's own where it has no date to tell."""
        part = self._parts[-1].replace("{ext}", "").rstrip(".")
        if subject.taken is None and DATE_TOKENS & set(_TOKEN.findall(part)):
            part = "{name}"
        if part == "{name}":
            # A name that is only copied stays as it is, to the byte.
            return subject.stem
        return shorten_name(fit(_fill(part, subject)), MAX_STEM_BYTES)


def parse_template(text: str) -> Template:
    """Check a template. Raises BadRequestError with what is wrong."""
    parts = text.split("/")
    unknown = sorted(set(_TOKEN.findall(text)) - set(TEMPLATE_TOKENS))
    rest = _TOKEN.sub("", text)
    if unknown or "{" in rest or "}" in rest:
        known = ", ".join("{" + token + "}" for token in TEMPLATE_TOKENS)
        raise BadRequestError(f"The template {text} can hold {known} and nothing else in braces")
    if not text or any(part.strip() in {"", ".", ".."} for part in parts):
        raise BadRequestError(f"The template {text} must be a path below the destination")
    if not _TOKEN.search(parts[-1]):
        raise BadRequestError(f"The template {text} must end in a name, for example in {{name}}")
    return Template(text)


def fold(name: bytes) -> str:
    """A name as file systems compare it that know no case, or only one form of an accent."""
    text = name.decode("utf-8", "surrogateescape")
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def _fill(part: str, subject: Subject) -> bytes:
    pieces = _TOKEN.split(part)
    # Every second piece is a token.
    return b"".join(
        _value(piece, subject) if number % 2 else os.fsencode(piece)
        for number, piece in enumerate(pieces)
    )


def _value(token: str, subject: Subject) -> bytes:
    taken = subject.taken
    if token in DATE_TOKENS:
        width = 4 if token == "year" else 2  # noqa: S105 - a token of a template
        number = 0 if taken is None else int(getattr(taken, token))
        return f"{number:0{width}}".encode()
    match token:
        case "name":
            return subject.stem
        case "ext":
            return subject.extension.removeprefix(b".").lower()
        case "folder":
            return subject.folder
    text = (subject.make if token == "make" else subject.model) or ""  # noqa: S105
    return " ".join(text.split()).encode("utf-8", "replace") or UNKNOWN


def fit(part: bytes) -> bytes:
    """A part of a path that every file system takes and no scan passes over."""
    name = _UNFIT.sub(b"_", part).strip(b" ").rstrip(b".")
    lower = name.lower()
    is_passed_over = (
        lower in FOREIGN_FOLDERS or lower in NOMEDIA or lower.endswith(FOREIGN_SUFFIXES)
    )
    if not name or name.startswith(b".") or is_passed_over:
        name = b"_" + name
    return shorten_name(name, MAX_NAME_BYTES)
