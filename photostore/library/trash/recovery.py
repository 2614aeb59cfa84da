"""Acts that a crash interrupted: finished or taken back at the next start.

A movement of which all files arrived is finished, any other one is taken back. What a person had
deleted for good is finished. An act whose volume is away waits, and its record stays.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photostore.base.errors import FileError
from photostore.library.trash.acts import Act, ActKind, DiskJournal, Outcome, RecordedAct, Step
from photostore.library.trash.errors import explain
from photostore.library.trash.folders import open_spot, pass_by, sync_folders
from photostore.library.trash.moves import remove_part
from photostore.library.trash.purging import delete_step, is_deletable, refuse_companion
from photostore.library.trash.reversal import (
    Standing,
    clear_torn,
    existing_folders,
    finish,
    stand,
    take_all_back,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from photostore.base.mounts import Mount
    from photostore.library.trash.folders import Reach


@dataclass(frozen=True, slots=True)
class RecoveredAct:
    """How an act of before stands now; `notes` are for a person.

    DONE: what follows from it belongs into the database, then `forget_act`. UNDONE: everything is
    at its old place, and nothing is recorded any more. WAITING: it is tried again next time.
    """

    act: Act
    steps: tuple[Step, ...]
    outcome: Outcome
    notes: tuple[str, ...] = ()


def recover(
    acts: Iterable[RecordedAct], mounts: Sequence[Mount], *, reach: Reach = pass_by
) -> tuple[RecoveredAct, ...]:
    """Bring each act to one of its two ends. Can itself be interrupted and called again.

    Nothing else may act on the same library meanwhile: call it under its lock, before the first
    act. Errors of the disk become the outcome WAITING with a note.
    """
    return tuple(_recover(recorded, mounts, reach) for recorded in acts)


def _recover(recorded: RecordedAct, mounts: Sequence[Mount], reach: Reach) -> RecoveredAct:
    act, steps = recorded.act, recorded.steps
    if recorded.outcome is not None:
        return RecoveredAct(act, steps, recorded.outcome)
    journal = DiskJournal.go_on(recorded)
    try:
        if act.kind is ActKind.COPY:
            outcome, notes = _recover_copy(steps, reach)
        elif act.kind.is_move:
            outcome, notes = _recover_move(recorded, journal, reach)
        else:
            outcome, notes = _recover_deletion(steps, mounts, reach)
        reach("recovered")
        if outcome is not Outcome.WAITING:
            journal.end(outcome)
    except (OSError, FileError) as error:
        return RecoveredAct(act, steps, Outcome.WAITING, (str(explain(error, steps[0].source)),))
    return RecoveredAct(act, steps, outcome, notes)


def _recover_move(
    recorded: RecordedAct, journal: DiskJournal, reach: Reach
) -> tuple[Outcome, tuple[str, ...]]:
    kind, steps = recorded.act.kind, recorded.steps
    for step in steps:
        clear_torn(kind, step)
        reach("torn cleared")
    arrived = (Standing.TARGET, Standing.TAKEN)
    if all(stand(step) in arrived for step in steps):
        sync_folders(existing_folders(steps))
        finish(kind, steps, reach)
        return Outcome.DONE, ()
    return Outcome.UNDONE, take_all_back(kind, steps, journal, reach)


def _recover_copy(steps: Sequence[Step], reach: Reach) -> tuple[Outcome, tuple[str, ...]]:
    """Copies that have their name are whole, and stay; only what has no name yet is removed."""
    for step in steps:
        with suppress(FileNotFoundError), open_spot(step.target) as spot:
            remove_part(spot)
        reach("part removed")
    return Outcome.DONE, ()


def _recover_deletion(
    steps: Sequence[Step], mounts: Sequence[Mount], reach: Reach
) -> tuple[Outcome, tuple[str, ...]]:
    if not all(is_deletable(step) for step in steps):
        return Outcome.WAITING, ("a folder of it is not there; mount its volume, then start again",)
    notes: list[str] = []
    kept: list[bytes] = []
    for step in steps:
        try:
            refuse_companion(step, kept)
            delete_step(step, mounts, reach)
        except (OSError, FileError) as error:
            kept.append(step.source)
            notes.append(str(explain(error, step.source)))
    sync_folders(existing_folders(steps))
    return Outcome.DONE, tuple(notes)
