"""One row of the health page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

Status = Literal["ok", "warn", "error"]
RANK: dict[Status, int] = {"ok": 0, "warn": 1, "error": 2}


@dataclass(frozen=True, slots=True)
class Check:
    """One row: `summary` says how it is, `remedy` what to do if it is not well."""

    id: str
    label: str
    status: Status
    summary: str
    remedy: str | None = None


def worst(checks: Sequence[Check]) -> Status:
    """The worst status among some checks."""
    return max((check.status for check in checks), key=RANK.__getitem__, default="ok")
