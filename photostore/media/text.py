"""Text out of files: decoded, without control characters, bounded. Never markup (SPEC 6.6)."""

from __future__ import annotations

from typing import Final

MAX_TEXT: Final = 4096


def decode_text(raw: bytes) -> str:
    """Decode bytes of unknown encoding: UTF-8, else Latin-1 (which takes any byte)."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def clean_text(text: str) -> str | None:
    """Return text as people may see it: no control characters, bounded; None for nothing."""
    if len(text) <= MAX_TEXT and text.isprintable():
        return text.strip() or None
    kept = "".join(char for char in text[:MAX_TEXT] if char in "\n\t" or char.isprintable()).strip()
    return kept or None


def clean_words(texts: list[str]) -> tuple[str, ...]:
    """Return texts cleaned, in order, without repeats and without empty ones."""
    cleaned = (clean_text(text) for text in texts)
    return tuple(dict.fromkeys(text for text in cleaned if text))
