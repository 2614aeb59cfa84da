"""Decoders that may not be installed (SPEC 2.6): PyAV for videos, pillow-heif for HEIC.

Loaded at the first need: a library without such files never pays for them (40 MB of memory, a tenth
of a second of CPU), and decoders that are installed while photostore runs are used at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from photostore.base.errors import CodecMissingError


def load_av(path: bytes) -> Any:
    """PyAV, ready to use, for the file at `path`. Raises `CodecMissingError`."""
    try:
        av = import_module("av")
        import_module("av.error")
        import_module("av.logging").set_level(import_module("av.logging").PANIC)
    except ImportError as error:
        raise CodecMissingError(path, "no decoder for videos is installed") from error
    return av


def load_heif(path: bytes) -> Any:
    """pillow-heif, ready to use, for the file at `path`. Raises `CodecMissingError`."""
    try:
        heif: Any = import_module("pillow_heif")
    except ImportError as error:
        raise CodecMissingError(path, "no decoder for HEIC is installed") from error
    heif.options.DECODE_THREADS = 1
    return heif
