"""Decoders that a person let photostore install into its config folder (SPEC 2.6).

Which there are and in which versions, where they lie, and whether they may be used: only as long as
a consent file says so. Installing them is `library.codecs`'s work; nothing here reaches a network.
"""

from __future__ import annotations

import importlib
import importlib.util
import platform
import sys
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from photostore.base.disk import replace_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

CONSENT_NAME = "codec-install-consent.env"
FOLDER_NAME = "codecs"
# What is in a folder of decoders, one `name==version` a line: written when all of it is there.
STAMP_NAME = "installed.txt"
_VARIABLE = "CODEC_INSTALL_CONSENT"
_CONSENT_TEXT = """\
# Whether photostore may fetch decoders for videos and HEIC photos and keep them in its config
# folder: yes or no, answered {at:%Y-%m-%d %H:%M} UTC. Kept in the config folder and in the library,
# so that they come back by themselves after the program or the container was replaced. To be asked
# again, open /welcome/tools, or delete both files.
{variable}={answer}
"""


@dataclass(frozen=True, slots=True)
class Codec:
    """A package of decoders: its name in the index, the module to import, and for what."""

    package: str
    module: str
    version: str
    purpose: str

    @property
    def requirement(self) -> str:
        """The package as pip has it: this version and no other."""
        return f"{self.package}=={self.version}"


# The versions of constraints.txt (a test compares), which is not part of an installation.
PINNED = (
    Codec("av", "av", "18.1.0", "videos"),
    Codec("pillow-heif", "pillow_heif", "1.8.1", "HEIC photos"),
)


class Consent(StrEnum):
    """What a person answered."""

    YES = "yes"
    NO = "no"


def find_missing(codecs: Iterable[Codec] = PINNED) -> tuple[Codec, ...]:
    """The decoders that cannot be imported, found without importing any."""
    return tuple(codec for codec in codecs if importlib.util.find_spec(codec.module) is None)


def locate_folder(config: Path) -> Path:
    """Where decoders for this Python and this machine lie; others cannot be loaded by it."""
    major, minor = sys.version_info[:2]
    return config / FOLDER_NAME / f"cp{major}{minor}-{platform.machine()}"


def describe(codecs: Iterable[Codec]) -> str:
    """What the stamp of a folder with these decoders says."""
    return "".join(f"{codec.requirement}\n" for codec in codecs)


def read_stamp(folder: Path) -> str | None:
    """What a folder of decoders says is in it; None if it is not there or not complete."""
    try:
        return (folder / STAMP_NAME).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def use_folder(folder: Path) -> None:
    """Let modules be imported from a folder, after all others; in a running server at once."""
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    importlib.invalidate_caches()


def use_installed(config: Path, support: Path) -> None:
    """Use the decoders that were installed earlier, if there are any and consent was not withdrawn.

    `support` is the library's own folder, which has a copy of the consent.
    """
    folder = locate_folder(config)
    if read_stamp(folder) is not None and read_consent((config, support)) is Consent.YES:
        use_folder(folder)


def read_consent(folders: Iterable[Path]) -> Consent | None:
    """The answer that is kept in the first of these folders that has one; None to ask."""
    for folder in folders:
        try:
            text = (folder / CONSENT_NAME).read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        for line in text.splitlines():
            name, _, value = line.partition("=")
            answer = value.strip().strip("\"'").lower()
            if name.strip() == _VARIABLE and answer in {"yes", "no"}:
                return Consent(answer)
    return None


def write_consent(folders: Iterable[Path], answer: Consent, at: datetime) -> None:
    """Keep an answer in each of these folders. Raises FileError if one cannot be written."""
    text = _CONSENT_TEXT.format(at=at, variable=_VARIABLE, answer=answer)
    for folder in folders:
        replace_file(folder / CONSENT_NAME, text.encode())


def forget_consent(folders: Iterable[Path]) -> None:
    """Ask again from now on. Raises OSError."""
    for folder in folders:
        (folder / CONSENT_NAME).unlink(missing_ok=True)
