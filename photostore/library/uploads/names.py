"""What a file is called that somebody adds: by its own name, made fit for every file system.

Pure: works on names. A name from a browser is text of a stranger; nothing in it can lead out of a
folder, hide the file, or be refused by the disk that it is copied to one day (SPEC 11.5).
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes

from photostore.base.errors import BadRequestError
from photostore.library.organise.template import MAX_NAME_BYTES, fit
from photostore.library.trash.info import shorten_name
from photostore.media.kinds import NameClass, classify_name

if TYPE_CHECKING:
    from photostore.media.kinds import Kind

# Longer is no name that any file system has, even percent-encoded.
MAX_GIVEN: Final = 4096
# Devices of Windows, with any extension and in any case.
_DEVICE: Final = re.compile(rb"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)
# Controls of C1, direction marks and separators of lines: they make a name look like another one.
_UNSEEN: Final = re.compile("[\x80-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
# Room for the number that a taken name gets.
_NUMBER_BYTES: Final = 8


def decode_name(given: str) -> str:
    """The name in a parameter, percent-encoded UTF-8. Raises BadRequestError."""
    if not given or len(given) > MAX_GIVEN:
        raise BadRequestError("name must be the file's name, percent-encoded")
    return unquote_to_bytes(given).decode("utf-8", "replace")


def clean_name(given: str) -> bytes:
    """A name that can be used, for one as a browser gives it: of a path, only what is last."""
    name = re.split(r"[/\\]", given)[-1]
    name = _UNSEEN.sub("", name).replace("\ufffd", "_")
    fitted = fit(unicodedata.normalize("NFC", name).encode("utf-8", "replace"))
    if _DEVICE.match(fitted):
        fitted = b"_" + fitted
    return shorten_name(fitted, MAX_NAME_BYTES - _NUMBER_BYTES)


def name_by_content(name: bytes, kind: Kind) -> bytes:
    """A name that a scan knows as a photo or video: one that is none gets the kind's extension.

    An extension of another kind stays: what a file is goes by its content (SPEC 6.1).
    """
    if classify_name(name) is NameClass.MEDIA:
        return name
    extension = b"." + kind.extensions[0].encode()
    stem = shorten_name(name, MAX_NAME_BYTES - _NUMBER_BYTES - len(extension))
    return stem.rstrip(b". ") + extension
