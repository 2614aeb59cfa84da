"""Text that a person reads: names that may be any bytes, sizes, durations. Never parses."""

from __future__ import annotations

import os
import re

# Control characters of C0 and C1, delete, line and paragraph separators, and the codes that
# override the direction of writing: all of them can make a terminal or a log line say something
# else than what is in the file name.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_SURROGATE = re.compile("[\ud800-\udfff]")

_SIZE_UNITS = ("kB", "MB", "GB", "TB", "PB", "EB")


def display_name(name: bytes | str | os.PathLike[str]) -> str:
    r"""Return a file name or path as text that is always valid UTF-8 and harmless to print.

    Bytes that are not UTF-8 are shown as `\xNN`; control characters, line separators and
    direction marks as `\xNN` or `\uNNNN`. Only for showing: the result cannot be turned back.
    """
    raw = os.fsencode(name) if not isinstance(name, str) else _encode(name)
    text = raw.decode("utf-8", "backslashreplace")
    return _UNSAFE.sub(_escape, text)


def fold_lines(text: str) -> str:
    r"""Return `text` as one harmless line: line breaks become `\n`, the rest as `display_name`."""
    return display_name(text.replace("\r\n", "\n").rstrip("\n").replace("\n", "\\n"))


def shorten(text: str, limit: int) -> str:
    """Return `text` with at most `limit` characters; a cut one ends in `…`."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def format_size(size_bytes: int) -> str:
    """Return a size for people in decimal units as disks are sold: `950 B`, `4.2 MB`, `16 GB`."""
    if size_bytes < 0:
        return "-" + format_size(-size_bytes)
    if size_bytes < 1000:
        return f"{size_bytes} B"
    value, power = size_bytes / 1000, 0
    # 999.5 and more would round to "1000" of its unit.
    while value >= 999.5 and power < len(_SIZE_UNITS) - 1:
        value, power = value / 1000, power + 1
    digits = 1 if value < 9.95 else 0
    return f"{value:.{digits}f}".removesuffix(".0") + f" {_SIZE_UNITS[power]}"


def format_duration(duration_s: float) -> str:
    """Return a duration for people, by its two largest units: `0.4 s`, `1 min 30 s`, `3 d 2 h`."""
    if duration_s < 0:
        return "-" + format_duration(-duration_s)
    if duration_s < 9.95:
        return f"{duration_s:.1f}".removesuffix(".0") + " s"
    rest_s = round(duration_s)
    parts: list[str] = []
    for unit_s, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        count, rest_s = divmod(rest_s, unit_s)
        if count or parts:
            parts.append(f"{count} {unit}" if count else "")
        if len(parts) == 2:
            break
    return " ".join(part for part in parts if part)


def _encode(text: str) -> bytes:
    """Encode text that may hold lone surrogates: those of a file name back to their byte."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        # Half of a UTF-16 pair (from JSON, say) stands for no byte: it is shown as its number.
        return _SURROGATE.sub(_escape, text).encode()


def _escape(match: re.Match[str]) -> str:
    number = ord(match.group())
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"
