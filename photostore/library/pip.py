"""Runs pip, wherever it is, and says in words for people what it could not do."""

from __future__ import annotations

import asyncio
import importlib.util
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from photostore.base.errors import PhotostoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

INSTALL_LIMIT_S = 1800.0
OPTIONS = (
    *("install", "--no-deps", "--only-binary=:all:", "--no-cache-dir", "--no-input"),
    *("--disable-pip-version-check", "--no-warn-script-location", "--progress-bar=off"),
    *("--retries=1", "--timeout=30", "--quiet"),
)
_NO_NETWORK = re.compile(
    r"(?i)connection|timed out|name resolution|unreachable|max retries|proxy|ssl|no address"
)
_OFFLINE = "The package index cannot be reached: this computer seems to be offline"


class InstallError(PhotostoreError):
    """Decoders could not be installed; the message says why and goes to a person."""


def find_pip() -> list[str]:
    """The command that runs pip. Raises InstallError where there is none.

    A container has no pip but its wheel, which Python runs as it is.
    """
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-P", "-m", "pip"]  # never what lies in the current folder
    for wheel in sorted(Path(sys.prefix, "share", "photostore").glob("pip-*.whl")):
        return [sys.executable, str(wheel / "pip")]
    raise InstallError("There is no pip here; install photostore with its part [codecs] instead")


def explain(said: str) -> str:
    """What pip said, as one sentence for a person."""
    errors = [line.partition("ERROR:")[2].strip() for line in said.splitlines() if "ERROR:" in line]
    text = errors[0] if errors else (said.splitlines() or ["pip gave no reason"])[-1].strip()
    if _NO_NETWORK.search(said):
        return _OFFLINE
    if "No matching distribution" in said or "Could not find a version" in said:
        return f"The package index has none for this Python and machine ({text})"
    return text


async def call_program(command: list[str], environ: Mapping[str, str]) -> tuple[int, str]:
    """Exit code and output of a program; it is ended when we are, or at the limit."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=dict(environ),
    )
    try:
        async with asyncio.timeout(INSTALL_LIMIT_S):
            said, _ = await process.communicate()
    except TimeoutError:
        raise InstallError("It took longer than half an hour and was given up") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode or 0, said.decode("utf-8", "replace")
