"""Text as it is compared: without case, accents and spare spaces. Never shown to anyone."""

from __future__ import annotations

import unicodedata
from functools import lru_cache


# The same folders, cameras and keywords come by the thousand.
@lru_cache(maxsize=8_192)
def fold(text: str) -> str:
    """`Île  de Ré` and `ile de re` become the same; so do `STRASSE` and `Straße`."""
    # Plain names are most of them, and a tenth of the work.
    if text.isascii():
        return " ".join(text.lower().split())
    parts = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in parts if not unicodedata.combining(letter))
    return " ".join(bare.casefold().split())
