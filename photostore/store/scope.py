"""Who asks. Every read of assets takes a scope, so that sharing is a clause, not a rewrite."""

from __future__ import annotations

from dataclasses import dataclass

OWNER_ID = 1  # made by the first migration; accounts come on top (SPEC 11)


@dataclass(frozen=True, slots=True)
class Scope:
    """The user whose library is read."""

    user_id: int = OWNER_ID


OWNER = Scope()
