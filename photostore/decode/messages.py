"""What goes between photostore and its decode child: length-prefixed pickles of known classes only.

The child reads hostile files, so it is not trusted: what it sends may make none but our plain
values and errors.
"""

from __future__ import annotations

import io
import pickle
from dataclasses import is_dataclass
from datetime import datetime
from enum import Enum
from importlib import import_module
from typing import TYPE_CHECKING, Any

from photostore.base.errors import FileError

if TYPE_CHECKING:
    from typing import IO

MODULES = ("photostore.media.", "photostore.decode.", "photostore.base.errors")
MAX_BYTES = 256 << 20
LENGTH_BYTES = 8
# A child that is asked nothing for so long ends.
IDLE_S = 30.0


class UntrustedMessageError(Exception):
    """The other side sent something that it has no business to send."""


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("datetime", "datetime"):
            return datetime
        if module.startswith(MODULES) and "." not in name:
            found = getattr(import_module(module), name, None)
            if isinstance(found, type) and (
                is_dataclass(found) or issubclass(found, Enum | FileError)
            ):
                return found
        message = f"{module}.{name} may not be sent"
        raise UntrustedMessageError(message)


def write_message(stream: IO[bytes], value: object) -> None:
    """Send one value."""
    data = pickle.dumps(value, protocol=4)
    stream.write(len(data).to_bytes(LENGTH_BYTES, "big") + data)
    stream.flush()


def read_message(stream: IO[bytes]) -> Any:
    """Receive one value. Raises EOFError at the end, UntrustedMessageError for a forbidden one."""
    prefix = _read_exactly(stream, LENGTH_BYTES)
    length = int.from_bytes(prefix, "big")
    if length > MAX_BYTES:
        message = f"a message of {length} bytes"
        raise UntrustedMessageError(message)
    try:
        return _PlainUnpickler(io.BytesIO(_read_exactly(stream, length))).load()
    except (pickle.UnpicklingError, AttributeError, TypeError, ValueError, IndexError) as error:
        raise UntrustedMessageError(str(error)) from error


def _read_exactly(stream: IO[bytes], length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data
