"""Bringing files back from the trash, those that belong together as one act."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from photostore.base.errors import BadRequestError, FileChangedError, FileError
from photostore.library.trash.acts import Act, ActKind, Step, new_act
from photostore.library.trash.errors import NameTakenError, explain
from photostore.library.trash.folders import (
    look,
    look_at,
    open_spot,
    pass_by,
    read_small,
    sync_folders,
)
from photostore.library.trash.info import MAX_INFO_BYTES, name_beside
from photostore.library.trash.listing import EntryState, TrashEntry
from photostore.library.trash.moves import keep_time, move
from photostore.library.trash.reversal import carry_out, finish

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from photostore.library.trash.acts import ActJournal
    from photostore.library.trash.folders import Reach, Spot

_ATTEMPTS = 5


class NotRestorableError(FileError):
    """An entry of a trash does not say where it was, or its place may not be used."""

    status = 409
    type = "not-restorable"
    title = "The file cannot be restored to where it was"


@dataclass(frozen=True, slots=True)
class RestoredFile:
    """A file that is back: where it was before it was deleted, and where it is now.

    Both are the same unless another file had taken the place.
    """

    original: bytes
    path: bytes


@dataclass(frozen=True, slots=True)
class RestoredSet:
    """What an act brought back. Its record stays until `forget_act(folder, act.id)`."""

    act: Act
    files: tuple[RestoredFile, ...]


def restore(
    entries: Sequence[TrashEntry],
    *,
    journal: ActJournal,
    now: datetime,
    roots: Sequence[bytes] | None = None,
    context: Mapping[str, str] | None = None,
    reach: Reach = pass_by,
) -> RestoredSet:
    """Bring entries of trashes back as one act, all of them or none; folders that miss are made.

    Nothing is overwritten: if one place is taken, all files get the same number in their names.
    They come back only into one of `roots` (real folders), if these are given. Blocks on the disk.
    Raises NotRestorableError, FileChangedError (an entry is not what was
    listed), ActFailedError (taken back; folders that were made stay), ActUnfinishedError.
    """
    if not entries or len({entry.file for entry in entries}) < len(entries):
        raise BadRequestError("an act needs entries, each of them once")
    originals = [_find_original(entry, roots) for entry in entries]
    attempt = 1
    while True:
        targets = _choose_targets(originals)
        steps = [_make_step(entry, target) for entry, target in zip(entries, targets, strict=True)]
        act = new_act(ActKind.RESTORE, now, context)

        def do(steps: Sequence[Step] = steps) -> None:
            _move_all(entries, steps, journal, reach)

        try:
            carry_out(act, steps, do, journal, reach)
        except NameTakenError:
            attempt += 1
            if attempt > _ATTEMPTS:
                raise
        else:
            pairs = zip(originals, targets, strict=True)
            return RestoredSet(act, tuple(RestoredFile(*pair) for pair in pairs))


def _find_original(entry: TrashEntry, roots: Sequence[bytes] | None) -> bytes:
    if entry.state is not EntryState.WHOLE or entry.path is None:
        reason = entry.problem or "where it was is not known"
        raise NotRestorableError(entry.file, f"{reason}; take it out of the trash by hand")
    folder, name = os.path.split(entry.path)
    if entry.place.top is None:
        # Paths in the home trash are as the person saw them, who may have gone through links.
        folder = os.path.realpath(folder)
    if roots is not None and not any(_is_inside(folder, root) for root in roots):
        raise NotRestorableError(entry.path, "it lies outside the folders of the library")
    return os.path.join(folder, name)


def _is_inside(folder: bytes, root: bytes) -> bool:
    return (folder + b"/").startswith(root.rstrip(b"/") + b"/")


def _choose_targets(originals: Sequence[bytes]) -> list[bytes]:
    """The places to restore to: the old ones, or all beside them if one is taken."""
    folders = [os.path.dirname(path) for path in originals]
    names = [os.path.basename(path) for path in originals]
    for number in count():
        chosen = name_beside(names, number) if number else names
        places = [os.path.join(*pair) for pair in zip(folders, chosen, strict=True)]
        # Two entries may come from one path, if a file was deleted, made anew, and deleted again.
        is_free = len({place.lower() for place in places}) == len(places)
        if not is_free and number:
            places = [
                os.path.join(folder, *name_beside([name], number + index))
                for index, (folder, name) in enumerate(zip(folders, names, strict=True))
            ]
        elif not is_free:
            continue
        if not any(_is_taken(place) for place in places):
            return places
    raise AssertionError  # `count` has no end


def _is_taken(place: bytes) -> bool:
    try:
        return look_at(place) is not None
    except OSError as error:
        raise explain(error, place) from error


def _make_step(entry: TrashEntry, target: bytes) -> Step:
    size = None if entry.is_folder else entry.size_bytes
    return Step(entry.file, target, entry.info, entry.info_text, size, entry.mtime_ns)


def _move_all(
    entries: Sequence[TrashEntry], steps: Sequence[Step], journal: ActJournal, reach: Reach
) -> None:
    for number, (entry, step) in enumerate(zip(entries, steps, strict=True)):
        try:
            with open_spot(step.source) as source, open_spot(step.target, make=True) as target:
                check_entry(entry, source)
                reach("checked")
                move(source, target, reach)
                keep_time(target, entry.mtime_ns)
        except OSError as error:
            raise explain(error, step.target) from error
        reach("moved")
        journal.step_done(number)
    # The places where the files are again are on the disk before anything tells no longer of them.
    sync_folders({os.path.dirname(step.target) for step in steps})
    finish(ActKind.RESTORE, steps, reach)


def check_entry(entry: TrashEntry, spot: Spot) -> None:
    """Make sure that an entry is what was listed. Raises FileChangedError, OSError."""
    status = look(spot)
    reason = "it was changed in the trash; list the trash again"
    if status is None:
        raise FileChangedError(entry.file, "it is no longer in the trash; list the trash again")
    if status.st_mtime_ns != entry.mtime_ns:
        raise FileChangedError(entry.file, reason)
    if not entry.is_folder and status.st_size != entry.size_bytes:
        raise FileChangedError(entry.file, reason)
    if entry.state is not EntryState.ORPHAN:
        with open_spot(entry.info) as info:
            if read_small(info, MAX_INFO_BYTES) != entry.info_text:
                raise FileChangedError(entry.file, reason)
