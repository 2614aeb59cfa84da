"""What a command says: data to stdout, words for a person to stderr (SPEC 1.2)."""

from __future__ import annotations

import json
import sys

from photostore.base.text import fold_lines

# Exit code of a command that a signal ended (SPEC 1.2).
INTERRUPTED = 130


def complain(message: str) -> None:
    """Say on stderr, in one line, what went wrong or is worth knowing."""
    print(f"photostore: {fold_lines(message)}", file=sys.stderr, flush=True)


def encode_json(value: object, *, indent: int | None = None) -> str:
    """JSON text as it is readable; what UTF-8 cannot hold (half a UTF-16 pair) is escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return text.encode("utf-8", "backslashreplace").decode()


def write_json(text: str) -> None:
    """Write JSON text and a line end to stdout: as UTF-8, whatever the locale says (RFC 8259)."""
    write_bytes(text.encode() + b"\n")


def write_bytes(data: bytes) -> None:
    """Write bytes to stdout, after what was printed before."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
