"""What a single run did (`photostore sync`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from photostore.store.problems import ProblemState
    from photostore.sync.scan import ScanSummary


@dataclass(frozen=True, slots=True)
class RunReport:
    """The outcome of `SyncEngine.run_once`; counts are files.

    `found` lie in the scanned folders. `unchanged` were known and not read again, the `moved` ones
    among them. `imported`, `rejected`, `failed` and `waiting` (for a decoder) were read in this
    run. `reasons` say what could not be scanned, or why nothing was concluded from it.
    """

    found: int
    imported: int
    unchanged: int
    moved: int
    missing: int
    rejected: int
    failed: int
    waiting: int
    complete: bool
    reasons: tuple[str, ...]


def make_report(
    summary: ScanSummary, results: Mapping[int, ProblemState | None], reasons: Sequence[str]
) -> RunReport:
    """The report of a scan and of what became of each file that was read: its state by id."""
    states = list(results.values())
    return RunReport(
        found=summary.found,
        imported=states.count(None),
        unchanged=summary.unchanged,
        moved=summary.moved,
        missing=summary.missing,
        rejected=states.count("rejected"),
        failed=states.count("failed"),
        waiting=states.count("waiting"),
        complete=summary.complete and not reasons,
        reasons=tuple(reasons),
    )
