"""Acts that a crash interrupted, brought to an end on the disk and in the database (SPEC 9.5).

Runs at start, under the library's lock, before any scan: what is found here would look to a scan
like files that vanished or came back.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photostore.base.mounts import read_mounts
from photostore.base.text import display_name
from photostore.library.roots import find_root
from photostore.library.trash import ActKind, Outcome, forget_act, read_acts, recover
from photostore.library.trash.moves import is_same_content
from photostore.library.trashing.sets import Part
from photostore.store.disposal import note_deleted, note_restored, note_trashed
from photostore.store.journal import ActName, NewAct, write_act
from photostore.store.organise import Copied, note_copied
from photostore.store.trash import (
    DisposedFile,
    forget_settled,
    of_this_library,
    settle_acts,
    settled_acts,
)
from photostore.store.volumes import configured_roots

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from photostore.library.trash import RecoveredAct
    from photostore.library.trash.folders import Reach
    from photostore.store.db import Database, Transaction
    from photostore.store.trash import Original

WORDS = {
    ActKind.TRASH: "moving files to the trash",
    ActKind.RESTORE: "restoring files from the trash",
    ActKind.PURGE: "emptying the trash",
    ActKind.ERASE: "deleting files for good",
    ActKind.COPY: "copying files to the library",
}
ENDS = {
    Outcome.DONE: "it was finished",
    Outcome.UNDONE: "it was taken back: everything is where it was",
    Outcome.WAITING: "it waits",
}


@dataclass(frozen=True, slots=True)
class Settled:
    """An act of before, and how it ended; `path` is its first file, None if it cannot be read."""

    kind: ActKind | None
    outcome: Outcome
    files: int
    path: bytes | None
    notes: tuple[str, ...] = ()

    def describe(self) -> str:
        """One line for the log and /health."""
        if self.kind is None:
            return f"A record of an act cannot be read and is left alone: {'; '.join(self.notes)}"
        what = f"{WORDS[self.kind]} was interrupted"
        where = f" ({self.files} files, {display_name(self.path or b'')})"
        notes = f". {'. '.join(self.notes)}" if self.notes else ""
        return f"{what[0].upper()}{what[1:]}{where}: {ENDS[self.outcome]}{notes}"


async def settle(database: Database, folder: Path, reach: Reach) -> tuple[Settled, ...]:
    """Bring all recorded acts to an end; returns those that had not come to it by themselves."""
    async with database.read() as reading:
        settled = await settled_acts(reading)

    def bring_to_end() -> tuple[set[str], tuple[RecoveredAct, ...], tuple[Path, ...]]:
        read = read_acts(folder)
        unfinished = {one.act.id for one in read.acts if one.outcome is None}
        pending = [one for one in read.acts if one.act.id not in settled]
        return unfinished, recover(pending, read_mounts(), reach=reach), read.unreadable

    unfinished, acts, unreadable = await asyncio.to_thread(bring_to_end)
    requests: dict[str, list[RecoveredAct]] = defaultdict(list)
    for one in acts:
        if one.outcome is Outcome.DONE and one.act.kind in WORDS:
            requests[one.act.context.get("request", one.act.id)].append(one)
    for some in requests.values():
        draw = _draw_copies if some[0].act.kind is ActKind.COPY else _draw
        async with database.write(durable=True) as transaction:
            await draw(transaction, some)
        reach("settled")
    done = [one.act.id for one in acts if one.outcome is Outcome.DONE]
    await _forget(database, folder, [*settled, *done])
    return (
        *(
            Settled(one.act.kind, one.outcome, len(one.steps), one.steps[0].source, one.notes)
            for one in acts
            if one.act.id in unfinished and one.steps
        ),
        *(_half_way(some) for some in requests.values() if not unfinished & _ids(some)),
        *(
            Settled(None, Outcome.WAITING, 0, None, (display_name(os.fspath(path)),))
            for path in unreadable
        ),
    )


def _ids(acts: Sequence[RecoveredAct]) -> set[str]:
    return {one.act.id for one in acts}


def _half_way(acts: Sequence[RecoveredAct]) -> Settled:
    """A request that ended between two of its acts: all that was begun is done."""
    files = sum(len(one.steps) for one in acts)
    note = "What came after these was not begun"
    return Settled(acts[0].act.kind, Outcome.DONE, files, acts[0].steps[0].source, (note,))


def is_emptied(file: Original) -> bool:
    """Whether a trashed file is in its trash no more, though the trash can be looked into."""
    if file.trashed is None or os.path.lexists(file.trashed) or os.path.lexists(file.path):
        return False
    return os.path.isdir(file.root) and os.path.isdir(os.path.dirname(file.trashed))


async def _draw(transaction: Transaction, acts: Sequence[RecoveredAct]) -> None:
    """Write what follows from the acts of one request, and the request into the journal."""
    now_ms = time.time_ns() // 1_000_000
    found = await asyncio.to_thread(lambda: [file for one in acts for file in _files_of(one)])
    kind = acts[0].act.kind
    files = await of_this_library(transaction, found)
    contents: dict[str, set[str]] = defaultdict(set)
    # Of what was deleted for good, no row need be left.
    for file in files if kind.is_move else found:
        contents[file.public_id].update({file.sha1} if file.sha1 else ())
    if contents:
        context = acts[0].act.context
        undoes = context.get("undoes")
        entry = journal_entry(
            _name_of(kind), int(context["user"]), contents, int(undoes) if undoes else None
        )
        if kind is ActKind.TRASH:
            await note_trashed(transaction, files, now_ms)
        elif kind is ActKind.RESTORE:
            await note_restored(transaction, files)
        else:
            await note_deleted(transaction, files)
        await write_act(transaction, entry)
    await settle_acts(transaction, [one.act.id for one in acts])


async def _draw_copies(transaction: Transaction, acts: Sequence[RecoveredAct]) -> None:
    """Copies that are whole are files of their assets; the rest is copied by the next run."""
    found = await asyncio.to_thread(lambda: [copy for one in acts for copy in _copies_of(one)])
    copies = await of_this_library(transaction, found)
    roots = await configured_roots(transaction)
    by_root: dict[int, list[Copied]] = defaultdict(list)
    for copy in copies:
        root = find_root(roots, copy.target)
        if root is not None:
            by_root[root.id].append(copy)
    now_ms = time.time_ns() // 1_000_000
    for root in roots:
        if root.id in by_root:
            await note_copied(transaction, root, by_root[root.id], now_ms)
    contents: dict[str, set[str]] = defaultdict(set)
    for copy in copies:
        contents[copy.public_id].update({copy.sha1} if copy.sha1 else ())
    if contents:
        user_id = int(acts[0].act.context["user"])
        await write_act(transaction, journal_entry(ActName.COPY, user_id, contents, None))
    await settle_acts(transaction, [one.act.id for one in acts])


def _copies_of(act: RecoveredAct) -> Iterable[Copied]:
    """The copies of an act that are there and have the content that they are to have."""
    parts = [Part(*part) for part in json.loads(act.act.context.get("parts", "[]"))]
    for step, part in zip(act.steps, parts, strict=False):
        if not is_same_content(step.source, step.target, step.size_bytes or 0):
            continue
        status = os.lstat(step.target)
        yield Copied(
            *part,
            step.source,
            step.target,
            status.st_size,
            status.st_mtime_ns,
            status.st_ino if status.st_nlink == 1 else 0,
        )


def journal_entry(
    name: ActName, user_id: int, contents: dict[str, set[str]], undoes: int | None
) -> NewAct:
    """The journal's row for an act on assets, each named by its public id and contents."""
    assets = {public_id: {"sha1s": sorted(sha1s)} for public_id, sha1s in contents.items()}
    return NewAct(
        act=name,
        user_id=user_id,
        at_ms=time.time_ns() // 1_000_000,
        count=len(assets),
        before={"assets": assets},
        after={},
        undoes=undoes,
    )


def _name_of(kind: ActKind) -> ActName:
    if kind is ActKind.TRASH:
        return ActName.TRASH
    return ActName.RESTORE if kind is ActKind.RESTORE else ActName.DELETE


def _files_of(act: RecoveredAct) -> Iterable[DisposedFile]:
    """The files of an act that was done; of a deletion, those that are really gone."""
    parts = [Part(*part) for part in json.loads(act.act.context.get("parts", "[]"))]
    for step, part in zip(act.steps, parts, strict=False):
        if act.act.kind.is_move or not os.path.lexists(step.source):
            yield DisposedFile(*part, step.source, step.target, step.size_bytes or 0)


async def _forget(database: Database, folder: Path, act_ids: Sequence[str]) -> None:
    if not act_ids:
        return

    def forget() -> None:
        for act_id in act_ids:
            forget_act(folder, act_id)

    await asyncio.to_thread(forget)
    async with database.write() as transaction:
        await forget_settled(transaction, act_ids)
