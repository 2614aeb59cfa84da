"""One folder on disk against what is known of it: pure, so that it can run in a thread.

Size equal and mtime within 1 s means unchanged, no read (SPEC 5.4).
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from photostore.sync.companions import digests_by_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from photostore.store.files import KnownFile, LocatedFile, SeenFile
    from photostore.sync.walk import Listing

MTIME_TOLERANCE_NS = 1_000_000_000


@dataclass(slots=True)
class Difference:
    """What has to be done so that a folder is known as it is.

    `register`: new or changed files; `fresh`: those of them that may still be written; `returned`:
    ids of missing files that are back; `restat`: (id, inode, mtime_ns) of files that are the same
    under another inode; `vanished`: ids of what is not there now; `left_out`: of what a glob
    excludes; `moved`: known files under a new name; `described`: (id, digest) of files whose
    sidecars are others than those that were read. `arrivals` are names whose inode may tell where
    they come from; `digests` are those of the sidecars by the name of the file.
    """

    listing: Listing
    folder_id: int
    is_new: bool
    register: list[SeenFile] = field(default_factory=list)
    fresh: list[SeenFile] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)
    restat: list[tuple[int, int, int]] = field(default_factory=list)
    vanished: list[int] = field(default_factory=list)
    left_out: list[int] = field(default_factory=list)
    moved: list[tuple[LocatedFile, SeenFile]] = field(default_factory=list)
    described: list[tuple[int, bytes | None]] = field(default_factory=list)
    arrivals: list[SeenFile] = field(default_factory=list)
    digests: Mapping[bytes, bytes | None] = field(default_factory=dict)
    known: Mapping[bytes, KnownFile] = field(default_factory=dict)
    unchanged: int = 0

    def move(self, moves: Sequence[tuple[LocatedFile, SeenFile]]) -> None:
        """Note that these files came from elsewhere; what stood at their names has gone."""
        self.moved += moves
        self.described += [(file.id, self.digests.get(seen.name)) for file, seen in moves]
        names = {seen.name for _, seen in moves}
        taken = {file.id for file, _ in moves}
        replaced = {self.known[name].id for name in names if name in self.known}
        differing = {seen.name for seen in self.register + self.fresh}
        self.unchanged -= len(names - differing)
        self.register = [seen for seen in self.register if seen.name not in names]
        self.fresh = [seen for seen in self.fresh if seen.name not in names]
        self.returned = [file_id for file_id in self.returned if file_id not in replaced]
        self.restat = [change for change in self.restat if change[0] not in replaced]
        self.vanished += [self.known[name].id for name in names & self.known.keys()]
        self.vanished = [file_id for file_id in self.vanished if file_id not in taken]

    @property
    def changed(self) -> int:
        """How many files have another content than before; those at a name that is free are new."""
        taken = {file.id for file, _ in self.moved}
        before = (self.known.get(seen.name) for seen in self.register)
        return sum(file is not None and file.id not in taken for file in before)


def compare_folders(
    folders: Sequence[tuple[Listing, int, bool]],
    known_files: Iterable[KnownFile],
    is_fresh: Callable[[SeenFile], bool],
    settled: frozenset[bytes] = frozenset(),
    *,
    troubled: Mapping[int, int] | None = None,
) -> list[Difference]:
    """Compare listings, each with its folder's id and whether it is new, with what is known.

    `settled` are names that are quiet whatever their mtime says. `troubled` are files by id that
    could not be imported, with the time of that (UTC ms).
    """
    by_folder: dict[int, dict[bytes, KnownFile]] = defaultdict(dict)
    for file in known_files:
        by_folder[file.folder_id][file.name] = file
    differences = [
        _compare(Difference(listing, folder_id, is_new), by_folder[folder_id], is_fresh, settled)
        for listing, folder_id, is_new in folders
    ]
    if troubled:
        for difference in differences:
            _try_written(difference, troubled)
    return differences


def _try_written(difference: Difference, troubled: Mapping[int, int]) -> None:
    """Have files tried again that were written since they failed, at the same size and time.

    As a share is written to: the length first, the content later, the time of the source after all.
    """
    taken = {seen.name for seen in (*difference.register, *difference.fresh)}
    now_ms = time.time_ns() // 1_000_000
    for seen in difference.listing.files:
        before = difference.known.get(seen.name)
        if before is None or before.id not in troubled or seen.name in taken:
            continue
        try:
            written = os.lstat(os.path.join(difference.listing.path, seen.name)).st_ctime_ns
        except OSError:
            continue  # it has just vanished
        # A clock that was set back would make it new for ever.
        if troubled[before.id] < written // 1_000_000 <= now_ms:
            difference.register.append(seen)
            difference.unchanged -= 1


def _compare(
    difference: Difference,
    known: Mapping[bytes, KnownFile],
    is_fresh: Callable[[SeenFile], bool],
    settled: frozenset[bytes],
) -> Difference:
    listing = difference.listing
    difference.known = known
    digests = digests_by_name((seen.name for seen in listing.files), listing.companions)
    difference.digests = digests
    for seen in listing.files:
        name, size, mtime_ns, inode = seen
        before = known.get(name)
        if before is not None and before.size == size:
            shift_ns = before.mtime_ns - mtime_ns
            if -MTIME_TOLERANCE_NS <= shift_ns <= MTIME_TOLERANCE_NS:
                difference.unchanged += 1
                if before.sidecars != digests.get(name):
                    difference.described.append((before.id, digests.get(name)))
                if before.gone:
                    difference.returned.append(before.id)
                if before.inode != inode:
                    difference.restat.append((before.id, inode, mtime_ns))
                    # Two photos may be of one size and second; then it is another one after all.
                    if inode:
                        difference.arrivals.append(seen)
                continue
        if inode and (before is None or before.gone or before.inode != inode):
            difference.arrivals.append(seen)
        if name not in settled and is_fresh(seen):
            difference.fresh.append(seen)
        else:
            difference.register.append(seen)
    if len(known) > difference.unchanged or listing.left_out:
        _note_absent(difference)
    return difference


def _note_absent(difference: Difference) -> None:
    listing = difference.listing
    present = {seen.name for seen in listing.files}.union(listing.unreadable)
    left_out = set(listing.left_out)
    for name, file in difference.known.items():
        if file.gone or name in present:
            continue
        (difference.left_out if name in left_out else difference.vanished).append(file.id)
