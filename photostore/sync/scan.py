"""Scans roots: walks, compares each folder with what is known, draws conclusions (SPEC 5.4).

A folder that cannot be read proves nothing. A file is marked as missing only when it is really not
there, and never so many at once that an unplugged disk is the likelier story (SPEC 4.3).
"""

from __future__ import annotations

import asyncio
import os
import stat
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from photostore.base.mounts import read_mounts
from photostore.base.text import display_name
from photostore.library.reports import ReportRow
from photostore.library.roots import EMPTY, find_obstacle, look_at_root
from photostore.store import files, folders, volumes
from photostore.store.problems import troubled_files
from photostore.sync.compare import compare_folders
from photostore.sync.guard import VanishGuard, is_too_many
from photostore.sync.moves import NamesOnDisk, detect_moves
from photostore.sync.recording import (
    ensure_folders,
    exclude_folder,
    record_differences,
    set_gone,
)
from photostore.sync.shared import now_ms, relative_path
from photostore.sync.walk import Rules, children, folders_to_compare, list_some

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from photostore.store.db import Reading
    from photostore.store.files import LocatedFile, SeenFile
    from photostore.store.volumes import Root, RootState
    from photostore.sync.compare import Difference
    from photostore.sync.settle import SettleTracker
    from photostore.sync.shared import Shared
    from photostore.sync.walk import Listing

COUNTS = ("found", "new", "changed", "unchanged", "moved", "missing", "sidecars", "ignored")


@dataclass(slots=True)
class ScanSummary:
    """What a scan saw; counts are files.

    `unchanged` includes the `moved` ones: they are known and not read again. `new_folders` were not
    known before. `reasons` say what could not be scanned, or why nothing was concluded from it.
    """

    found: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    moved: int = 0
    missing: int = 0
    sidecars: int = 0
    ignored: int = 0
    complete: bool = True
    reasons: list[str] = field(default_factory=list)
    new_folders: list[bytes] = field(default_factory=list)

    def add(self, other: ScanSummary) -> None:
        """Add the counts of another scan to these."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.complete = self.complete and other.complete
        self.reasons += other.reasons
        self.new_folders += other.new_folders

    def count(self, difference: Difference) -> None:
        """Add what was found in one folder."""
        listing = difference.listing
        moved = len(difference.moved)
        self.found += len(listing.files)
        self.sidecars += listing.sidecars
        self.ignored += listing.ignored
        self.unchanged += difference.unchanged + moved
        self.moved += moved
        self.changed += difference.changed
        self.new += len(difference.register) - difference.changed
        if difference.is_new:
            self.new_folders.append(listing.path)


@dataclass(slots=True)
class _Scan:
    """One scan under way. `generation` is None for one that does not cover the whole root."""

    root: Root
    rules: Rules
    generation: int | None
    summary: ScanSummary
    vanished: list[int] = field(default_factory=list)
    note: str | None = None


class Scanner:
    """Scans roots, whole or folder by folder. Scans may overlap: they take turns step by step."""

    def __init__(
        self,
        shared: Shared,
        tracker: SettleTracker,
        *,
        exclude_globs: Sequence[str] = (),
        wake_importer: Callable[[], None],
    ) -> None:
        self._shared = shared
        self._database = shared.database
        self._meter = shared.meter
        self._tracker = tracker
        self._exclude_globs = tuple(exclude_globs)
        self._wake_importer = wake_importer
        self._guard = VanishGuard(time.monotonic)
        # Held for one step of a scan, or by whoever moves files and writes their rows.
        self.turn = asyncio.Lock()

    async def scan_root(
        self, root: Root, *, accept_missing: bool = False, accept_away: bool = True
    ) -> ScanSummary:
        """Compare a whole root. `accept_missing`: a person says that what is not there is gone.

        With `accept_away` that holds for all of a root that cannot be read as well.
        """
        self._meter.scanning += 1
        self._meter.begin()
        try:
            return await self._scan_root(
                root, accept_missing=accept_missing, accept_away=accept_away
            )
        finally:
            self._meter.scanning -= 1
            self._wake_importer()

    async def scan_paths(
        self, root: Root, paths: Sequence[bytes], *, deep: bool = False
    ) -> ScanSummary:
        """Compare some folders of a root, and what is new below them; `deep`: all below them.

        A path that is a file stands for its folder; one that is gone, for all known below it.
        """
        self._meter.scanning += deep
        try:
            scan = _Scan(root, await self.rules(root), None, ScanSummary())
            reason = await self._why_unavailable(root)
            if reason:
                await self._set_state(scan, "unavailable", reason)
                return scan.summary
            found = await asyncio.to_thread(folders_to_compare, paths, scan.rules)
            for path in found.gone:
                async with self._database.read() as reading:
                    relative = relative_path(root, path)
                    scan.vanished += await folders.present_files_below(
                        reading, root.volume_id, relative
                    )
            await self._walk(scan, list(reversed(found.present)), deep=deep)
            await self._mark_missing(scan, scan.vanished)
            return scan.summary
        finally:
            self._meter.scanning -= deep
            self._wake_importer()

    async def scan_file(self, root: Root, path: bytes) -> ScanSummary:
        """Compare one file; nothing is concluded of the others in its folder."""
        folder, name = os.path.split(path)
        scan = _Scan(root, replace(await self.rules(root), only=name), None, ScanSummary())
        found = await asyncio.to_thread(folders_to_compare, [folder], scan.rules)
        if folder in found.present:
            await self._step(scan, [folder], descend=False)
            self._wake_importer()
        return scan.summary

    async def compare_settled(self, root: Root, folder: bytes, names: Iterable[bytes]) -> None:
        """Compare a folder in which these files have become quiet."""
        scan = _Scan(root, await self.rules(root), None, ScanSummary())
        reason = await self._why_unavailable(root)
        if reason:
            await self._set_state(scan, "unavailable", reason)
            return
        found = await asyncio.to_thread(folders_to_compare, [folder], scan.rules)
        if folder in found.present:
            await self._step(scan, [folder], descend=False, settled=frozenset(names))
            await self._mark_missing(scan, scan.vanished)
            self._wake_importer()

    async def _scan_root(
        self, root: Root, *, accept_missing: bool, accept_away: bool
    ) -> ScanSummary:
        scan = _Scan(root, await self.rules(root), None, ScanSummary())
        reason = await self._why_unavailable(root)
        if reason and accept_missing and accept_away:
            async with self._database.read() as reading:
                known = await folders.present_files_of_root(reading, root.id)
            scan.summary.missing += len(known)
            await set_gone(self._shared, known, now_ms())
        elif reason:
            await self._set_state(scan, "unavailable", reason)
        if reason:
            return scan.summary
        async with self._database.write() as transaction:
            scan.generation = await volumes.begin_scan(transaction, root.id, now_ms())
        if root.state == "unavailable":
            await self._set_state(scan, "ok", None)
        await self._walk(scan, [root.path], deep=True)
        if scan.summary.complete:
            await self._conclude(scan, accept_missing=accept_missing)
        return scan.summary

    async def _conclude(self, scan: _Scan, *, accept_missing: bool) -> None:
        """Only a scan that completed may say what is missing (SPEC 5.4)."""
        root, generation = scan.root, scan.generation or 0
        async with self._database.read() as reading:
            scan.vanished += await folders.present_files_of_unseen_folders(
                reading, root.id, generation
            )
        if not await self._mark_missing(scan, scan.vanished, accept_missing=accept_missing):
            return
        async with self._database.write() as transaction:
            await volumes.complete_scan(
                transaction, root.id, generation, now_ms(), found=scan.summary.found
            )
            await volumes.set_root_state(transaction, root.id, "ok", scan.note)

    async def rules(self, root: Root) -> Rules:
        """What holds for walks of a root now."""
        mounts = await asyncio.to_thread(read_mounts)
        below = frozenset(os.fsencode(mount.path) for mount in mounts) - {root.path}
        return Rules(root.path, self._exclude_globs, below)

    async def _why_unavailable(self, root: Root) -> str | None:
        """Why nothing may be concluded from what this root shows now (SPEC 4.3)."""
        obstacle = await asyncio.to_thread(find_obstacle, root)
        view = await asyncio.to_thread(look_at_root, root.path)
        if obstacle or not view.is_empty:
            return obstacle
        async with self._database.read() as reading:
            known = await files.count_present(reading, root.id)
        return EMPTY if known else None

    async def _set_state(self, scan: _Scan, state: RootState, reason: str | None) -> None:
        if reason:
            scan.summary.complete = False
            scan.summary.reasons.append(f"{display_name(scan.root.path)}: {reason}")
        async with self._database.write() as transaction:
            await volumes.set_root_state(transaction, scan.root.id, state, reason)

    async def _walk(self, scan: _Scan, waiting: list[bytes], *, deep: bool) -> None:
        """Compare these folders, and those below them that are new, or with `deep` all of them."""
        while waiting:
            differences = await self._step(scan, waiting, descend=deep)
            self._meter.folder = display_name(scan.root.path)
            if differences:
                self._meter.folder = display_name(differences[-1].listing.path)
            if deep:
                continue
            below = [path for one in differences for path in children(one.listing)]
            if below:
                async with self._database.read() as reading:
                    known = await self._known_among(reading, scan.root, below)
                waiting += [path for path in below if path not in known]

    async def _known_among(
        self, reading: Reading, root: Root, paths: Sequence[bytes]
    ) -> set[bytes]:
        """Those of some folders that were compared before and were not passed over."""
        found: set[bytes] = set()
        for start in range(0, len(paths), 500):
            some = {relative_path(root, path): path for path in paths[start : start + 500]}
            rows = await folders.known_folders(reading, root.volume_id, list(some))
            found |= {some[key] for key, row in rows.items() if row.excluded is None}
        return found

    async def _step(
        self,
        scan: _Scan,
        waiting: list[bytes],
        *,
        descend: bool,
        settled: frozenset[bytes] = frozenset(),
    ) -> list[Difference]:
        """List some folders, compare them, write the difference. One step at a time."""
        async with self.turn:
            listings = await asyncio.to_thread(list_some, waiting, scan.rules, descend=descend)
            readable = [one for one in listings if not one.error and not one.excluded]
            for listing in listings:
                if listing.error:
                    await self._note_unreadable(scan, listing)
                elif listing.excluded:
                    if listing.path == scan.root.path:
                        scan.note = f"Nothing is scanned here: {listing.excluded}"
                    await exclude_folder(self._shared, scan.root, listing.path, listing.excluded)
            differences = await self._compare(scan, readable, settled)
            await detect_moves(self._database, scan.root, differences)
            await record_differences(self._shared, differences, scan.generation)
            for difference in differences:
                scan.summary.count(difference)
                scan.vanished += difference.vanished
                for seen in difference.fresh:
                    self._tracker.watch(difference.listing.path, seen)
                # A glob names them, so no guard is needed: they come back when it goes.
                await set_gone(self._shared, difference.left_out, now_ms())
        if any(one.register or one.returned or one.moved or one.described for one in differences):
            self._wake_importer()
        return differences

    async def _compare(
        self, scan: _Scan, listings: Sequence[Listing], settled: frozenset[bytes]
    ) -> list[Difference]:
        if not listings:
            return []
        rows = await ensure_folders(self._shared, scan.root, [listing.path for listing in listings])
        ids = [row.id for row, _ in rows.values()]
        async with self._database.read() as reading:
            known = await files.known_files(reading, ids)
            troubled = await troubled_files(reading, ids)
        now_ns = time.time_ns()

        def is_fresh(seen: SeenFile) -> bool:
            return self._tracker.is_fresh(seen, now_ns)

        parts = [(one, rows[one.path][0].id, rows[one.path][1]) for one in listings]
        return await asyncio.to_thread(
            compare_folders, parts, known, is_fresh, settled, troubled=troubled
        )

    async def _note_unreadable(self, scan: _Scan, listing: Listing) -> None:
        """What a folder that cannot be read means for the scan."""
        if listing.gone:
            return  # it vanished since its parent was listed: its files will be looked for
        scan.summary.reasons.append(f"{display_name(listing.path)}: {listing.error}")
        if not listing.denied:
            # An error of the disk may come with others that were not reported.
            scan.summary.complete = False
        elif scan.generation is not None:
            relative = relative_path(scan.root, listing.path)
            async with self._database.write() as transaction:
                await folders.mark_seen_below(
                    transaction, scan.generation, scan.root.volume_id, relative
                )

    async def _mark_missing(
        self, scan: _Scan, vanished: Sequence[int], *, accept_missing: bool = False
    ) -> bool:
        """Mark files as missing, unless so many went at once that the volume must be away.

        Nobody else finds, moves or brings them back meanwhile.
        """
        if not vanished:
            return True
        async with self.turn:
            return await self._conclude_of(scan, vanished, accept_missing=accept_missing)

    async def _conclude_of(
        self, scan: _Scan, vanished: Sequence[int], *, accept_missing: bool
    ) -> bool:
        async with self._database.read() as reading:
            located = await files.locate_present(reading, vanished)
            known = await files.count_present(reading, scan.root.id)
        # Found under its name after all: moved, come back, or passed over in the listing.
        gone = await asyncio.to_thread(_really_gone, located)
        if not gone:
            return True
        reason = await self._why_unavailable(scan.root)
        if reason:
            await self._set_state(scan, "unavailable", reason)
            return False
        lately = self._guard.lately(scan.root.id)
        many, of = len(gone) + len(lately), known + len(lately)
        # What a person is asked about, no small part of it is to be concluded from meanwhile.
        is_asked = scan.root.state == "missing" and scan.generation is None
        if not accept_missing and (is_asked or is_too_many(many, of)):
            reason = (
                f"{many} of {of} files vanished at once: is a disk missing? "
                "Nothing was taken out of the library"
            )
            await self._take_back(scan.root, lately)
            await self._set_state(scan, "missing", scan.root.reason if is_asked else reason)
            return False
        self._guard.note(scan.root.id, gone)
        scan.summary.missing += len(gone)
        await set_gone(self._shared, gone, now_ms())
        paths = {file.id: file.path for file in located}
        await self._shared.report(
            [ReportRow(paths[file_id], "missing", "scan") for file_id in gone]
        )
        return True

    async def _take_back(self, root: Root, file_ids: Sequence[int]) -> None:
        """The first of many that vanished were taken for missing: a person is asked of all."""
        self._guard.forget(root.id)
        async with self._database.read() as reading:
            missing = await files.only_missing(reading, file_ids)
        await set_gone(self._shared, missing, None)


def _really_gone(located: Sequence[LocatedFile]) -> list[int]:
    names = NamesOnDisk()
    return [file.id for file in located if not (_is_file(file.path) and names.have(file.path))]


def _is_file(path: bytes) -> bool:
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False
