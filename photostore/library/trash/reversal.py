"""Carrying out an act, and taking it back when something stops it, now or after a crash.

Where each file is, is asked of the file system every time; so taking back can itself be interrupted
and begun again. A file is removed only where another one with the same bytes is known to be.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from enum import Enum, auto
from itertools import count
from typing import TYPE_CHECKING

from photostore.base.errors import FileError
from photostore.library.trash.acts import ActKind, Outcome
from photostore.library.trash.errors import ActUnfinishedError, NameTakenError, explain
from photostore.library.trash.folders import (
    look,
    look_at,
    open_spot,
    read_small,
    remove,
    sync_folders,
    write_new,
)
from photostore.library.trash.info import MAX_INFO_BYTES, name_beside
from photostore.library.trash.moves import is_copy, move, remove_part

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from photostore.library.trash.acts import Act, ActJournal, Step
    from photostore.library.trash.folders import Reach

# A copy on FAT has its time rounded to two seconds.
_MTIME_SLACK_NS = 2_000_000_000


class Standing(Enum):
    """Where the file of a step is."""

    SOURCE = auto()
    TARGET = auto()
    DOUBLE = auto()  # at both places, of the same size and time
    TAKEN = auto()  # at the target, and another file is at the source
    GONE = auto()  # at neither place, though the trash is there
    AWAY = auto()  # at neither place; the volume seems not to be mounted


def carry_out(
    act: Act,
    steps: Sequence[Step],
    do: Callable[[], None],
    journal: ActJournal,
    reach: Reach,
) -> None:
    """Write a movement down, do it, and say that it ended; or take back what was done of it.

    Raises FileError: ActFailedError, FileChangedError and others when all is as it was before,
    ActUnfinishedError when that could not be had either.
    """
    current = steps[0].source
    try:
        journal.begin(act, steps)
    except OSError as error:
        raise explain(error, current) from error
    try:
        reach("begun")
        do()
        reach("all done")
        journal.end(Outcome.DONE)
    except Exception as error:
        try:
            take_all_back(act.kind, steps, journal, reach)
        except (OSError, FileError) as second:
            failure = explain(error, current)
            rest = f"{failure.reason}. It could not be taken back now: {explain(second, current)}"
            raise ActUnfinishedError(failure.path, rest) from error
        # The record is a burden only: whoever reads it finds everything at its old place.
        with suppress(OSError):
            journal.end(Outcome.UNDONE)
        raise explain(error, current) from error


def stand(step: Step) -> Standing:
    """Where the file of a step is now. Raises OSError, if a folder on the way is a link."""
    source, target = look_at(step.source), look_at(step.target)
    is_source, is_target = _is_it(step, source), _is_it(step, target)
    if is_source and is_target and step.size_bytes is not None:
        return Standing.DOUBLE
    if is_target and not is_source:
        return Standing.TARGET if source is None else Standing.TAKEN
    if source is not None:
        return Standing.SOURCE
    trash = os.path.dirname(os.path.dirname(step.info))
    return Standing.AWAY if look_at(trash) is None else Standing.GONE


def take_all_back(
    kind: ActKind, steps: Sequence[Step], journal: ActJournal, reach: Reach
) -> tuple[str, ...]:
    """Put every file of a movement back to where it was, the last one first.

    Returns what a person should know. Raises OSError or FileError; it can be called again then.
    """
    # First all are looked at: an act with a volume that is away waits as a whole.
    standings = [stand(step) for step in steps]
    for step, standing in zip(steps, standings, strict=True):
        if standing is Standing.AWAY:
            reason = "it is neither here nor in the trash now; mount its volume, then start again"
            raise ActUnfinishedError(step.source, reason)
    notes: list[str] = []
    for number in range(len(steps) - 1, -1, -1):
        note = _take_back(kind, number, steps[number], journal, reach)
        reach("taken back")
        notes += [note] if note else []
    sync_folders(existing_folders(steps))
    return tuple(notes)


def finish(kind: ActKind, steps: Sequence[Step], reach: Reach) -> None:
    """Do what is left when all files are at their targets: the info files. Raises OSError."""
    for step in steps:
        if kind is ActKind.TRASH:
            ensure_info(step)
        else:
            remove_info(step, step.source)
        reach("info settled")
    sync_folders(existing_folders(steps))


def ensure_info(step: Step) -> None:
    """Write the info file of a trashed file if it is missing or was written in part."""
    with open_spot(step.info) as spot:
        if look(spot) is not None:
            content = read_small(spot, MAX_INFO_BYTES)
            if content == step.info_text or not step.info_text.startswith(content):
                return
            remove(spot)
        with suppress(FileExistsError):
            write_new(spot, step.info_text, lambda: None)


def remove_info(step: Step, trashed: bytes) -> None:
    """Remove an info file if it is the one of this step and tells of nothing.

    `trashed` is the file that it would tell of: while that is there, the info file stays.
    """
    _remove_info(step, trashed, lambda content: content == step.info_text)


def clear_torn(kind: ActKind, step: Step) -> None:
    """Remove what a crash left of a step: parts, a copy or second link, a half-written info file.

    Only after a crash: an act that goes on removes its own, and finds only those of others.
    """
    for path in (step.source, step.target):
        with suppress(FileNotFoundError), open_spot(path) as spot:
            remove_part(spot)
    if stand(step) is Standing.DOUBLE:
        with open_spot(step.source) as source, open_spot(step.target) as target:
            status = look(target)
            if status is not None and stat.S_ISREG(status.st_mode) and is_copy(source, target):
                remove(target)
    if kind is ActKind.TRASH:
        _remove_info(step, step.target, step.info_text.startswith)


def existing_folders(steps: Sequence[Step]) -> set[bytes]:
    """The folders that the paths of some steps are in, as far as they are there."""
    paths = (path for step in steps for path in (step.source, step.target, step.info) if path)
    return {folder for folder in map(os.path.dirname, paths) if os.path.isdir(folder)}


def _remove_info(step: Step, trashed: bytes, is_ours: Callable[[bytes], bool]) -> None:
    with suppress(FileNotFoundError), open_spot(step.info) as spot:
        is_there = look(spot) is not None and look_at(trashed) is None
        if is_there and is_ours(read_small(spot, MAX_INFO_BYTES)):
            remove(spot)


def _take_back(
    kind: ActKind, number: int, step: Step, journal: ActJournal, reach: Reach
) -> str | None:
    standing = stand(step)
    note: str | None = None
    if standing in (Standing.TARGET, Standing.TAKEN):
        if kind is ActKind.RESTORE:
            # In a trash the info file comes first, here too.
            ensure_info(step)
        note = _move_back(kind, number, step, journal, reach)
    elif standing is Standing.GONE:
        note = "another program moved, changed or deleted it meanwhile"
    if kind is ActKind.TRASH:
        remove_info(step, step.target)
    return note


def _move_back(
    kind: ActKind, number: int, step: Step, journal: ActJournal, reach: Reach
) -> str | None:
    folder, name = os.path.split(step.source)
    places = ((n, os.path.join(folder, *name_beside([name], n))) for n in count(1))
    place, note = step.source, None
    with open_spot(step.target) as target:
        while True:
            with open_spot(place, make=True) as source:
                try:
                    move(target, source, reach)
                except FileExistsError as error:
                    if kind is ActKind.RESTORE:
                        raise NameTakenError(place, "the name in the trash is taken") from error
                else:
                    return note
            beside, place = next(places)
            if look_at(place) is not None:
                continue
            journal.redirect(number, place)
            note = f"it was put back beside another file of its name, with -{beside}"


def _is_it(step: Step, status: os.stat_result | None) -> bool:
    if status is None:
        return False
    if step.size_bytes is None:
        return stat.S_ISDIR(status.st_mode)
    # Not only files: other programs put links into a trash, which are restored as links.
    is_same_size = not stat.S_ISDIR(status.st_mode) and status.st_size == step.size_bytes
    return is_same_size and abs(status.st_mtime_ns - step.mtime_ns) <= _MTIME_SLACK_NS
