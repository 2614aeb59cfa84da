"""Deleting for good: entries of a trash, or originals where there is to be no trash (SPEC 9.4).

Asks nobody: that a person confirmed it with count and size is for the caller to see to. What was
begun is finished after a crash; nothing that differs from what the person saw is deleted.
"""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from photostore.base.errors import BadRequestError, FileChangedError, FileError
from photostore.base.mounts import find_mounts_below
from photostore.library.trash.acts import Act, ActKind, Outcome, Step, new_act
from photostore.library.trash.checks import ExpectedFile, check_file
from photostore.library.trash.errors import ActFailedError, ActUnfinishedError, explain
from photostore.library.trash.folders import look, look_at, open_spot, pass_by, sync_folders
from photostore.library.trash.listing import EntryState, TrashEntry
from photostore.library.trash.restoring import check_entry
from photostore.library.trash.reversal import existing_folders, remove_info

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from photostore.base.mounts import Mount
    from photostore.library.trash.acts import ActJournal
    from photostore.library.trash.folders import Reach, Spot

_SIDECARS = (b".xmp", b".json")


@dataclass(frozen=True, slots=True)
class DeletedSet:
    """What was deleted for good; `failures` say which files were not, and why.

    Its record stays until `forget_act(folder, act.id)`.
    """

    act: Act
    deleted: tuple[bytes, ...]
    size_bytes: int
    failures: tuple[FileError, ...]


def purge(
    entries: Sequence[TrashEntry],
    mounts: Sequence[Mount],
    *,
    journal: ActJournal,
    now: datetime,
    context: Mapping[str, str] | None = None,
    reach: Reach = pass_by,
) -> DeletedSet:
    """Delete entries of trashes for good, each file before its info file; folders with all in them.

    Blocks on the disk. Raises FileChangedError if an entry is not what was listed; then nothing was
    deleted. One that the system refuses to delete is told in the result, the others go.
    """
    if not entries or len({entry.file for entry in entries}) < len(entries):
        raise BadRequestError("an act needs entries, each of them once")
    for entry in entries:
        _check_listed(entry)
    steps = [
        Step(
            entry.file,
            b"",
            b"" if entry.state is EntryState.ORPHAN else entry.info,
            entry.info_text,
            None if entry.is_folder else entry.size_bytes or 0,
            entry.mtime_ns,
        )
        for entry in entries
    ]
    return _delete_all(new_act(ActKind.PURGE, now, context), steps, mounts, journal, reach)


def empty(
    entries: Sequence[TrashEntry],
    mounts: Sequence[Mount],
    *,
    older_than: datetime | None,
    journal: ActJournal,
    now: datetime,
    context: Mapping[str, str] | None = None,
) -> DeletedSet | None:
    """Delete those of the entries for good that were deleted before `older_than`, or all (None).

    Give it what the person sees. Orphans are left, since nothing tells what they are or how old;
    so are entries without a date, if there is a limit. None if there is nothing to delete.
    """
    limit = older_than.astimezone().replace(tzinfo=None) if older_than else None
    chosen = [
        entry
        for entry in entries
        if entry.state is not EntryState.ORPHAN
        and (limit is None or (entry.deleted_at is not None and entry.deleted_at < limit))
    ]
    if not chosen:
        return None
    return purge(chosen, mounts, journal=journal, now=now, context=context)


def erase_files(
    expected: Sequence[ExpectedFile],
    *,
    journal: ActJournal,
    now: datetime,
    context: Mapping[str, str] | None = None,
    reach: Reach = pass_by,
) -> DeletedSet:
    """Delete originals for good, without any trash (PS_TRY_SOFT_DELETES=false).

    All are checked first, by hash where one is given. Raises FileChangedError, or ActFailedError if
    a folder may not be written to; then nothing was deleted.
    """
    if not expected or len({file.path for file in expected}) < len(expected):
        raise BadRequestError("an act needs files, each of them once")
    for file in expected:
        try:
            with open_spot(file.path) as spot:
                check_file(spot, file)
                if not os.access(os.path.dirname(file.path), os.W_OK, effective_ids=True):
                    reason = "its folder may not be written to; hide the photo instead"
                    raise ActFailedError(file.path, reason)
        except OSError as error:
            raise explain(error, file.path) from error
    steps = [Step(file.path, b"", b"", b"", file.size_bytes, file.mtime_ns) for file in expected]
    return _delete_all(new_act(ActKind.ERASE, now, context), steps, (), journal, reach)


def delete_step(step: Step, mounts: Sequence[Mount], reach: Reach) -> None:
    """Do one step: the file if it is still there and the same, then its info file.

    Raises FileChangedError, ActFailedError, OSError.
    """
    with open_spot(step.source) as spot:
        status = look(spot)
        if status is not None:
            _check_same(step, status)
            if stat.S_ISDIR(status.st_mode):
                _remove_folder(step, spot, mounts)
            else:
                os.unlink(spot.name, dir_fd=spot.folder)
            reach("file deleted")
    if step.info:
        remove_info(step, step.source)
        reach("info deleted")


def refuse_companion(step: Step, kept: Iterable[bytes]) -> None:
    """Keep the sidecar of an original that could not be deleted; `kept` are those originals.

    Raises ActFailedError.
    """
    base, ending = os.path.splitext(step.source)
    if step.info or ending.lower() not in _SIDECARS:
        return
    for path in kept:
        if step.source.startswith(path + b".") or base == os.path.splitext(path)[0]:
            reason = "what it describes could not be deleted; see to that first, then try again"
            raise ActFailedError(step.source, reason)


def _delete_all(
    act: Act,
    steps: Sequence[Step],
    mounts: Sequence[Mount],
    journal: ActJournal,
    reach: Reach,
) -> DeletedSet:
    try:
        journal.begin(act, steps)
    except OSError as error:
        raise explain(error, steps[0].source) from error
    reach("begun")
    failures: list[FileError] = []
    deleted: list[Step] = []
    kept: list[bytes] = []
    try:
        for number, step in enumerate(steps):
            try:
                refuse_companion(step, kept)
                delete_step(step, mounts, reach)
            except (OSError, FileError) as error:
                kept.append(step.source)
                failures.append(explain(error, step.source))
            else:
                deleted.append(step)
            journal.step_done(number)
        sync_folders(existing_folders(steps))
        reach("all done")
        journal.end(Outcome.DONE)
    except OSError as error:
        reason = f"{explain(error, b'').reason}. The rest is deleted at the next start"
        raise ActUnfinishedError(steps[0].source, reason) from error
    size = sum(step.size_bytes or 0 for step in deleted)
    return DeletedSet(act, tuple(step.source for step in deleted), size, tuple(failures))


def _check_listed(entry: TrashEntry) -> None:
    try:
        with open_spot(entry.file) as spot:
            if entry.state is EntryState.EMPTY:
                if look(spot) is not None:
                    reason = "a file came to its info file; list the trash again"
                    raise FileChangedError(entry.file, reason)
            else:
                check_entry(entry, spot)
    except OSError as error:
        raise explain(error, entry.file) from error


def _check_same(step: Step, status: os.stat_result) -> None:
    is_folder = stat.S_ISDIR(status.st_mode)
    is_same = is_folder if step.size_bytes is None else status.st_size == step.size_bytes
    if not is_same or status.st_mtime_ns != step.mtime_ns:
        raise FileChangedError(step.source, "it was changed meanwhile, and is kept; look at it")


def _remove_folder(step: Step, spot: Spot, mounts: Sequence[Mount]) -> None:
    if find_mounts_below(mounts, Path(os.fsdecode(os.path.realpath(step.source)))):
        reason = "something is mounted in this folder; unmount it, then try again"
        raise ActFailedError(step.source, reason)
    if not shutil.rmtree.avoids_symlink_attacks:
        raise ActFailedError(step.source, "folders cannot be deleted safely on this system")
    shutil.rmtree(spot.name, dir_fd=spot.folder)


def is_deletable(step: Step) -> bool:
    """Whether it can be told if a step is done: the folder of its file is there. Raises OSError."""
    return look_at(os.path.dirname(step.source)) is not None
