"""What is done to a batch of assets: to the trash, back, out of it, or away without one (SPEC 9).

Each deed works on the disk in a worker thread and then says what follows for the database. A batch
is one act; if something is in its way, each asset becomes an act of its own, so that only those are
refused that cannot go.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeVar

from photostore.base.errors import FileError
from photostore.library.trash import (
    ActUnfinishedError,
    DiskJournal,
    erase_files,
    purge,
    restore,
    trash_files,
)
from photostore.library.trash.errors import NameTakenError
from photostore.library.trash.folders import pass_by
from photostore.library.trashing.sets import Gathering, Part, gather_entries, refusal_of
from photostore.library.trashing.weighing import hold_to
from photostore.store.disposal import note_deleted, note_restored, note_trashed
from photostore.store.journal import ActName
from photostore.store.trash import DisposedFile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from photostore.library.trash import Surroundings, TrashEntry, TrashPlace
    from photostore.library.trash.folders import Reach
    from photostore.library.trashing.results import Refused
    from photostore.library.trashing.sets import EntrySet, FileSet
    from photostore.library.trashing.weighing import Agreed
    from photostore.store.db import Transaction
    from photostore.store.trash import AssetOriginals

T = TypeVar("T", "FileSet", "EntrySet")


@dataclass(frozen=True, slots=True)
class Bench:
    """What all batches of one act of a person share. `acts` is the folder of the records."""

    acts: Path
    around: Surroundings
    now: datetime
    request: str
    user_id: int
    undoes: int | None = None
    reach: Reach = pass_by

    def context(self, parts: Sequence[Part]) -> dict[str, str]:
        """What a start after a crash has to know of an act: whose files its steps are."""
        return {
            "request": self.request,
            "user": str(self.user_id),
            "undoes": "" if self.undoes is None else str(self.undoes),
            "parts": json.dumps(parts, separators=(",", ":")),
        }


@dataclass(slots=True)
class Done:
    """What a batch did: files, the acts that it wrote down, assets that were refused."""

    files: list[DisposedFile] = field(default_factory=list)
    acts: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)


class Deed(Protocol):
    """One kind of act on assets."""

    name: ClassVar[ActName]

    def carry_out(self, assets: Sequence[AssetOriginals], bench: Bench) -> Done:
        """Do it, on the disk."""

    async def note(
        self, transaction: Transaction, files: Sequence[DisposedFile], now_ms: int
    ) -> list[bytes]:
        """Draw the consequences; returns contents of which nothing is left."""


class Trashing:
    """To the trash of their volumes, but for what is not as it was `agreed` to."""

    name: ClassVar = ActName.TRASH

    def __init__(self, agreed: Agreed | None = None) -> None:
        self._agreed = agreed

    def carry_out(self, assets: Sequence[AssetOriginals], bench: Bench) -> Done:
        """Move them, all files of each or none."""
        done = Done()
        sets = _gather(assets, self._agreed, done)

        def act(some: Sequence[FileSet]) -> None:
            expected = [file for one in some for file in one.expected]
            parts = [part for one in some for part in one.parts]
            trashed = trash_files(
                expected,
                bench.around,
                journal=DiskJournal(bench.acts),
                now=bench.now,
                context=bench.context(parts),
                reach=bench.reach,
            )
            for file, part, seen in zip(trashed.files, parts, expected, strict=True):
                done.files.append(DisposedFile(*part, file.original, file.path, seen.size_bytes))
            done.acts.append(trashed.act.id)

        _do_files(sets, act, done)
        return done

    async def note(
        self, transaction: Transaction, files: Sequence[DisposedFile], now_ms: int
    ) -> list[bytes]:
        """They are in the trash now."""
        await note_trashed(transaction, files, now_ms)
        return []


class Erasing:
    """Away for good, without a trash (PS_TRY_SOFT_DELETES=false), as far as it was `agreed` to."""

    name: ClassVar = ActName.DELETE

    def __init__(self, agreed: Agreed) -> None:
        self._agreed = agreed

    def carry_out(self, assets: Sequence[AssetOriginals], bench: Bench) -> Done:
        """Delete the originals."""
        done = Done()
        sets = _gather(assets, self._agreed, done)

        def act(some: Sequence[FileSet]) -> None:
            expected = [file for one in some for file in one.expected]
            parts = [part for one in some for part in one.parts]
            erased = erase_files(
                expected,
                journal=DiskJournal(bench.acts),
                now=bench.now,
                context=bench.context(parts),
                reach=bench.reach,
            )
            gone = set(erased.deleted)
            for part, file in zip(parts, expected, strict=True):
                if file.path in gone:
                    done.files.append(DisposedFile(*part, file.path, b"", file.size_bytes))
            done.acts.append(erased.act.id)
            _note_failures(done, some, parts, [f.path for f in expected], erased.failures)

        _do_files(sets, act, done)
        return done

    async def note(
        self, transaction: Transaction, files: Sequence[DisposedFile], _now_ms: int
    ) -> list[bytes]:
        """They are gone."""
        return await note_deleted(transaction, files)


class Restoring:
    """Back from the trash, to where they were or beside it, but only into `roots`."""

    name: ClassVar = ActName.RESTORE

    def __init__(self, places: Mapping[bytes, TrashPlace], roots: Sequence[bytes]) -> None:
        self._places = places
        self._roots = roots

    def carry_out(self, assets: Sequence[AssetOriginals], bench: Bench) -> Done:
        """Bring them back, all files of each or none."""
        done = Done()
        sets = _gather_entries(assets, self._places, None, done)

        def act(some: Sequence[EntrySet]) -> None:
            entries = [entry for one in some for entry in one.entries]
            parts = [part for one in some for part in one.parts]
            if len(some) > 1:
                _refuse_taken(entries)
            restored = restore(
                entries,
                journal=DiskJournal(bench.acts),
                now=bench.now,
                roots=self._roots,
                context=bench.context(parts),
                reach=bench.reach,
            )
            for entry, file, part in zip(entries, restored.files, parts, strict=True):
                done.files.append(DisposedFile(*part, entry.file, file.path, entry.size_bytes or 0))
            done.acts.append(restored.act.id)

        _do_all(sets, act, done)
        return done

    async def note(
        self, transaction: Transaction, files: Sequence[DisposedFile], _now_ms: int
    ) -> list[bytes]:
        """They are where they were."""
        await note_restored(transaction, files)
        return []


class Purging:
    """Out of the trash for good, but for what is not as it was `agreed` to."""

    name: ClassVar = ActName.DELETE

    def __init__(self, places: Mapping[bytes, TrashPlace], agreed: Agreed | None = None) -> None:
        self._places = places
        self._agreed = agreed

    def carry_out(self, assets: Sequence[AssetOriginals], bench: Bench) -> Done:
        """Delete them from the trash."""
        done = Done()
        sets = _gather_entries(assets, self._places, self._agreed, done)

        def act(some: Sequence[EntrySet]) -> None:
            entries = [entry for one in some for entry in one.entries]
            parts = [part for one in some for part in one.parts]
            purged = purge(
                entries,
                bench.around.mounts,
                journal=DiskJournal(bench.acts),
                now=bench.now,
                context=bench.context(parts),
                reach=bench.reach,
            )
            gone = set(purged.deleted)
            for part, entry in zip(parts, entries, strict=True):
                if entry.file in gone:
                    size = entry.size_bytes or 0
                    done.files.append(DisposedFile(*part, entry.file, b"", size))
            done.acts.append(purged.act.id)
            _note_failures(done, some, parts, [entry.file for entry in entries], purged.failures)

        _do_all(sets, act, done)
        return done

    async def note(
        self, transaction: Transaction, files: Sequence[DisposedFile], _now_ms: int
    ) -> list[bytes]:
        """They are gone."""
        return await note_deleted(transaction, files)


def _gather(assets: Sequence[AssetOriginals], agreed: Agreed | None, done: Done) -> list[FileSet]:
    gathering = Gathering()
    sets: list[FileSet] = []
    for asset in assets:
        try:
            hold_to(agreed, asset)
            sets.append(gathering.gather(asset))
        except FileError as error:
            done.refused.append(refusal_of(asset, error))
    return sets


def _gather_entries(
    assets: Sequence[AssetOriginals],
    places: Mapping[bytes, TrashPlace],
    agreed: Agreed | None,
    done: Done,
) -> list[EntrySet]:
    sets: list[EntrySet] = []
    for asset in assets:
        try:
            hold_to(agreed, asset)
            sets.append(gather_entries(asset, places))
        except FileError as error:
            done.refused.append(refusal_of(asset, error))
    return sets


def _refuse_taken(entries: Sequence[TrashEntry]) -> None:
    """Several assets come back together only if all places are free: else all got new names."""
    for entry in entries:
        if entry.path is not None and os.path.lexists(entry.path):
            raise NameTakenError(entry.path, "another file is there; it is put beside it")


def _do_files(
    sets: Sequence[FileSet], act: Callable[[Sequence[FileSet]], None], done: Done
) -> None:
    """All sets as one act, or each with the sidecars that describe none which was refused."""
    alone = Gathering()
    _do_all(sets, act, done, lambda one: alone.gather(one.asset), alone.stays)


def _do_all(
    sets: Sequence[T],
    act: Callable[[Sequence[T]], None],
    done: Done,
    again: Callable[[T], T] = lambda one: one,
    stays: Callable[[T], None] = lambda _: None,
) -> None:
    """All sets as one act, or each as its own if that is refused: as it is found `again` then."""
    if len(sets) > 1:
        try:
            act(sets)
        except ActUnfinishedError as error:
            _note_unfinished(done, sets, error)
        except FileError:
            pass  # told below, for those whom it concerns
        else:
            return
        if done.unfinished:
            return
    for one in sets:
        try:
            act([one if len(sets) == 1 else again(one)])
        except ActUnfinishedError as error:
            _note_unfinished(done, [one], error)
        except FileError as error:
            stays(one)
            done.refused.append(refusal_of(one.asset, error))


def _note_unfinished(
    done: Done, sets: Sequence[FileSet] | Sequence[EntrySet], error: ActUnfinishedError
) -> None:
    done.unfinished.append(str(error))
    done.refused += [refusal_of(one.asset, error) for one in sets]


def _note_failures(
    done: Done,
    sets: Sequence[FileSet] | Sequence[EntrySet],
    parts: Sequence[Part],
    paths: Sequence[bytes],
    failures: Sequence[FileError],
) -> None:
    """Assets of which a file could not be deleted, each once."""
    owners = {path: part.asset_id for path, part in zip(paths, parts, strict=True)}
    told: set[int] = set()
    for failure in failures:
        owner = owners.get(failure.path)
        for one in sets:
            if one.asset.id == owner and owner not in told:
                told.add(owner)
                done.refused.append(refusal_of(one.asset, failure))
