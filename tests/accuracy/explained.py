"""Why some differences stay: a line each, by the file's place in the corpus and the field."""

from __future__ import annotations

from typing import Final

EXPLAINED: Final[dict[tuple[str, str], str]] = {}
