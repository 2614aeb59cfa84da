"""Installs decoders into the config folder, once a person allowed it (SPEC 2.6).

pip fetches the pinned versions into a folder beside the right one; they are tried in a process of
their own, and only what loads takes the folder's name. So a stop at any point, a full disk or an
index out of reach leaves what was there. Nothing is fetched without a consent file.
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import os
import shutil
import sqlite3
import sys
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from importlib import metadata
from typing import TYPE_CHECKING

from photostore.base.codecs import (
    PINNED,
    STAMP_NAME,
    Codec,
    Consent,
    describe,
    find_missing,
    forget_consent,
    locate_folder,
    read_consent,
    read_stamp,
    use_folder,
    write_consent,
)
from photostore.base.errors import PhotostoreError
from photostore.base.text import display_name
from photostore.library.pip import OPTIONS, InstallError, call_program, explain, find_pip
from photostore.store.meta import load_text, save_text
from photostore.store.problems import retry_state

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from photostore.base.layout import Layout
    from photostore.store.db import Database

log = logging.getLogger(__name__)

# The network of a computer that was just switched on may take a while.
AGAIN_AFTER_S = 600.0
# Wheels that a person puts here are used without a network.
WHEELS_NAME = "wheels"
_TRY = (
    "import importlib, sys; sys.path.append(sys.argv[1]);"
    "[importlib.import_module(name) for name in sys.argv[2:]]"
)
_OPTIONAL = ("av", "imagecodecs", "pillow-heif", "rawpy")
_DECODERS = "decoders"


class State(StrEnum):
    """How it stands. `INCLUDED`: they came with the program, and nothing was ever asked."""

    INCLUDED = "included"
    ASKING = "asking"
    DECLINED = "declined"
    INSTALLING = "installing"
    FAILED = "failed"
    READY = "ready"


class Codecs:
    """The decoders of one running server. All methods belong to its event loop.

    `on_ready` is told when decoders came to be, so that files that waited are read.
    """

    def __init__(
        self,
        layout: Layout,
        on_ready: Callable[[], Awaitable[None]],
        *,
        codecs: tuple[Codec, ...] = PINNED,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.wanted = codecs
        self._on_ready = on_ready
        # What is there for photostore alone, passwords for instance, is not for other programs.
        self._environ = {
            name: value for name, value in environ.items() if not name.startswith("PS_")
        }
        self._config = layout.config
        # Whichever of the two survives brings them back.
        self._consent_folders = (layout.config, layout.support)
        self._wanted = asyncio.Event()
        self._installing = False
        self.folder = locate_folder(layout.config)
        self.problem: str | None = None

    @property
    def missing(self) -> tuple[Codec, ...]:
        """What cannot be imported now."""
        return find_missing(self.wanted)

    @property
    def wheels(self) -> Path:
        """The folder for wheels of a computer without a network."""
        return self.folder.parent / WHEELS_NAME

    @property
    def state(self) -> State:
        """How it stands now."""
        if self._installing:
            return State.INSTALLING
        if not self.missing and not self._are_own:
            return State.INCLUDED
        answer = read_consent(self._consent_folders)
        if answer is not Consent.YES:
            return State.DECLINED if answer is Consent.NO else State.ASKING
        if not self.missing:
            return State.READY
        return State.FAILED if self.problem else State.INSTALLING

    @property
    def _are_own(self) -> bool:
        """Whether a decoder in use is one that was installed here."""
        specs = (importlib.util.find_spec(codec.module) for codec in self.wanted)
        return any(spec and (spec.origin or "").startswith(str(self.folder)) for spec in specs)

    def answer(self, answer: Consent) -> None:
        """Keep what a person said, and act on it. Raises FileError if it cannot be kept."""
        write_consent(self._consent_folders, answer, datetime.now(UTC))
        self.problem = None
        self._wanted.set()

    def forget(self) -> None:
        """Take consent back and remove what was installed; in use until the next start. OSError."""
        forget_consent(self._consent_folders)
        self.problem = None
        shutil.rmtree(self.folder.parent, ignore_errors=True)

    async def run(self) -> None:
        """Install whenever that is allowed and needed, until cancelled."""
        while True:
            # Before it is looked: who answers while they are fetched is not to wait.
            self._wanted.clear()
            if await self._is_needed():
                await self._install_and_tell()
            waits = asyncio.timeout(AGAIN_AFTER_S if self.problem else None)
            try:
                async with waits:
                    await self._wanted.wait()
            except TimeoutError:
                continue

    async def _is_needed(self) -> bool:
        consent = await asyncio.to_thread(read_consent, self._consent_folders)
        if consent is not Consent.YES or (not self.missing and not self._are_own):
            return False
        # Of another version than this program wants: replaced, for the next start to use.
        stamp = await asyncio.to_thread(read_stamp, self.folder)
        return bool(self.missing) or stamp != describe(self.wanted)

    async def _install_and_tell(self) -> None:
        was_missing = bool(self.missing)
        self._installing = True
        try:
            await self._install()
            use_folder(self.folder)
            self.problem = None
            log.info("decoders are installed in %s", display_name(self.folder))
            if was_missing:
                await self._on_ready()
        except (PhotostoreError, OSError, sqlite3.Error) as error:
            self.problem = str(error)
            log.warning("decoders could not be installed: %s", error)
        finally:
            self._installing = False

    async def _install(self) -> None:
        """Fetch, try, and put in place. Raises InstallError, OSError."""
        temporary = self.folder.with_name(f".{self.folder.name}.new")
        scratch = self.folder.with_name(".tmp")
        for folder in (temporary, scratch):
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
            folder.mkdir(parents=True)
        try:
            await self._fetch(temporary, scratch)
            await self._try(temporary)
            if read_consent(self._consent_folders) is not Consent.YES:
                raise InstallError("Consent was taken back while they were fetched")
            (temporary / STAMP_NAME).write_text(describe(self.wanted))
            await asyncio.to_thread(_put_in_place, temporary, self.folder)
        finally:
            for folder in (temporary, scratch):
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _fetch(self, target: Path, scratch: Path) -> None:
        command = [*find_pip(), *OPTIONS, f"--target={target}"]
        if self.wheels.is_dir():
            command.append(f"--find-links={self.wheels}")
        command += [codec.requirement for codec in self.wanted]
        # Beside the target: a container's /tmp may be missing, or be memory.
        environ = {**self._environ, "TMPDIR": str(scratch), "PIP_USER": "0"}
        code, said = await call_program(command, environ)
        if code != 0:
            raise InstallError(explain(said))

    async def _try(self, folder: Path) -> None:
        modules = [codec.module for codec in self.wanted]
        code, said = await call_program(
            [sys.executable, "-P", "-c", _TRY, str(folder), *modules], self._environ
        )
        if code != 0:
            reason = said.splitlines()[-1] if said else f"exit code {code}"
            raise InstallError(f"They were fetched, but cannot be loaded: {reason}")


async def take_note(database: Database, *, again: bool = False) -> int:
    """Have files that wait for a decoder read, if there are others than when they were read last.

    `again`: in any case. Returns how many files that are.
    """
    here = await asyncio.to_thread(_list_decoders)
    async with database.write() as transaction:
        if not again and await load_text(transaction, _DECODERS) == here:
            return 0
        await save_text(transaction, _DECODERS, here)
        return await retry_state(transaction, "waiting")


def _list_decoders() -> str:
    found = []
    for package in _OPTIONAL:
        with suppress(metadata.PackageNotFoundError):
            found.append(f"{package}=={metadata.version(package)}")
    return " ".join(found)


def _put_in_place(new: Path, folder: Path) -> None:
    """Give a folder its name, in place of the one that may have it. Raises OSError."""
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
