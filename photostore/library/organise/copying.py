"""Copying the files of a set: verified, on the disk, under free names, all of them or none."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from photostore.base.errors import FileError
from photostore.library.trash import ActKind, DiskJournal, Outcome
from photostore.library.trash.acts import Step, new_act
from photostore.library.trash.checks import ExpectedFile, check_file
from photostore.library.trash.errors import explain
from photostore.library.trash.folders import look, open_spot, remove, sync_folders
from photostore.library.trash.moves import copy_exclusively
from photostore.library.trashing.sets import MTIME_TOLERANCE_NS, Part
from photostore.store.organise import Copied

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from photostore.library.organise.planning import CopySet, Member
    from photostore.library.trash.folders import Reach


def write_down(
    sets: Sequence[CopySet], acts: Path, now: datetime, request: dict[str, str]
) -> tuple[DiskJournal, str]:
    """Record what is going to be copied, so that a start after a crash finds what is left of it.

    Returns the journal and the act's id. Raises FileError.
    """
    members = [(one, member) for one in sets for member in one.missing]
    steps = [
        Step(member.source, member.target, b"", b"", member.size, member.mtime_ns)
        for _, member in members
    ]
    parts = [
        Part(
            one.asset_id,
            one.public_id,
            member.file_id,
            None if member.sha1 is None else member.sha1.hex(),
        )
        for one, member in members
    ]
    act = new_act(ActKind.COPY, now, request | {"parts": json.dumps(parts, separators=(",", ":"))})
    journal = DiskJournal(acts)
    try:
        journal.begin(act, steps)
    except OSError as error:
        raise explain(error, steps[0].target) from error
    return journal, act.id


def end(journal: DiskJournal) -> None:
    """Record that the copying came to its end; the files tell what was copied."""
    journal.end(Outcome.DONE)


def copy_set(copy_set: CopySet, reach: Reach) -> list[Copied]:
    """Copy what is missing of a set. Raises FileError; then nothing of the set was copied."""
    made: list[bytes] = []
    try:
        # Sidecars first: with the copy of a photo the set counts as copied, also after a crash.
        for member in sorted(copy_set.missing, key=lambda one: one.file_id is not None):
            _copy(member, reach)
            made.append(member.target)
            reach("copied")
        sync_folders({os.path.dirname(path) for path in made})
        return [_describe(copy_set, member) for member in copy_set.members]
    except (OSError, FileError) as error:
        for path in made:
            # These were made just now, and are copies of what still is at its place.
            with suppress(OSError), open_spot(path) as spot:
                remove(spot)
        raise explain(error, copy_set.members[0].source) from error


def _copy(member: Member, reach: Reach) -> None:
    mtime_ns = member.mtime_ns
    try:
        with open_spot(member.source) as source, open_spot(member.target, make=True) as target:
            status = look(source)
            if status is not None and abs(status.st_mtime_ns - mtime_ns) <= MTIME_TOLERANCE_NS:
                mtime_ns = status.st_mtime_ns
            # The content is compared while it is copied: one reading less.
            check_file(source, ExpectedFile(member.source, member.size, mtime_ns))
            reach("checked")
            copy_exclusively(source, target, member.sha1)
    except OSError as error:
        raise explain(error, member.source) from error


def _describe(copy_set: CopySet, member: Member) -> Copied:
    status = os.lstat(member.target)
    return Copied(
        asset_id=copy_set.asset_id,
        public_id=copy_set.public_id,
        file_id=member.file_id,
        sha1=None if member.sha1 is None else member.sha1.hex(),
        source=member.source,
        target=member.target,
        size=member.size,
        mtime_ns=status.st_mtime_ns,
        inode=status.st_ino if status.st_nlink == 1 else 0,
    )
