"""Which files go together: all of an asset, and the sidecars that describe nothing that stays.

Looks at the disk, for a worker thread; changes nothing.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from photostore.base.errors import FileChangedError, FileError
from photostore.library.trash import EntryState, ExpectedFile, TrashEntry, read_entries
from photostore.library.trash.errors import TrashRefusedError
from photostore.library.trashing.results import Refused
from photostore.media.sidecars import SidecarForm, match_sidecars

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from photostore.library.trash import TrashPlace
    from photostore.store.trash import AssetOriginals, Original

# A scan takes this for the same time (SPEC 5.4); the content is compared besides.
MTIME_TOLERANCE_NS = 1_000_000_000


class Part(NamedTuple):
    """One file of a set: whose it is, and its row and content where it has them."""

    asset_id: int
    public_id: str
    file_id: int | None
    sha1: str | None


@dataclass(frozen=True, slots=True)
class FileSet:
    """The files of an asset as they are expected to be, each with its part; sidecars at the end."""

    asset: AssetOriginals
    expected: tuple[ExpectedFile, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class EntrySet:
    """The files of an asset in the trash, each with its part."""

    asset: AssetOriginals
    entries: tuple[TrashEntry, ...]
    parts: tuple[Part, ...]


class Gathering:
    """Finds the files of assets. One for a batch: folders are listed once."""

    def __init__(self) -> None:
        self._folders: dict[bytes, Mapping[bytes, frozenset[bytes]]] = {}
        self._leaving: set[bytes] = set()

    def gather(self, asset: AssetOriginals) -> FileSet:
        """The set of an asset. Raises FileError if it cannot go as a whole."""
        files = [file for file in asset.files if not file.is_gone]
        if asset.shelf == "trash":
            raise _refusal(asset, "it is in the trash already", "restore it there, or empty it")
        if asset.shelf == "removed":
            raise _refusal(asset, "it was removed from the library", "take it back first")
        if not files:
            reason = "its files are missing on the disk"
            raise _refusal(asset, reason, "mount their disk, or remove it from the library")
        for file in files:
            if file.away is not None:
                remedy = "mount the disk again, then delete it"
                raise TrashRefusedError(file.path, f"its folder is away ({file.away})", remedy)
        expected = [_expect(file) for file in files]
        parts = [_part(asset, file) for file in files]
        for sidecar in self._sidecars([file.path for file in files]):
            expected.append(sidecar)
            parts.append(Part(asset.id, asset.public_id, None, None))
        return FileSet(asset, tuple(expected), tuple(parts))

    def stays(self, one: FileSet) -> None:
        """It does not leave after all, and what describes it stays with it."""
        self._leaving.difference_update(file.path for file in one.expected)

    def _sidecars(self, paths: Sequence[bytes]) -> Iterable[ExpectedFile]:
        """Sidecars of which all media leave, with this asset or one before it."""
        self._leaving.update(paths)
        for folder in sorted({os.path.dirname(path) for path in paths}):
            if folder not in self._folders:
                self._folders[folder] = media_by_sidecar(folder)
            names = {os.path.basename(path) for path in paths if os.path.dirname(path) == folder}
            for sidecar, media in self._folders[folder].items():
                place = os.path.join(folder, sidecar)
                leave = all(os.path.join(folder, name) in self._leaving for name in media)
                if not (leave and names & media) or place in self._leaving:
                    continue
                try:
                    status = os.lstat(place)
                except FileNotFoundError:
                    continue  # it went since the folder was listed
                if stat.S_ISREG(status.st_mode):
                    self._leaving.add(place)
                    yield ExpectedFile(place, status.st_size, status.st_mtime_ns)


def media_by_sidecar(folder: bytes) -> dict[bytes, frozenset[bytes]]:
    """The sidecars in a folder, each with the names of the media that it describes.

    The file of an album describes the folder and is nobody's. A folder that is gone has none.
    """
    found: dict[bytes, set[bytes]] = {}
    try:
        names = os.listdir(folder)
    except OSError:
        return {}
    for name, sidecars in match_sidecars(names).items():
        for sidecar in sidecars:
            if sidecar.form is not SidecarForm.ALBUM:
                found.setdefault(sidecar.name, set()).add(name)
    return {sidecar: frozenset(media) for sidecar, media in found.items()}


def gather_entries(asset: AssetOriginals, places: Mapping[bytes, TrashPlace]) -> EntrySet:
    """What the trash holds of an asset. Raises FileError: nothing of it is there any more."""
    if asset.shelf != "trash":
        raise _refusal(asset, "it is not in the trash", "reload the page")
    entries: list[TrashEntry] = []
    parts: list[Part] = []
    for file in asset.files:
        if file.trashed is None:
            continue
        folder, name = os.path.split(file.trashed)
        place = places.get(os.path.dirname(folder))
        if place is None:
            remedy = "mount its disk, or put the folder back, and see that it is yours"
            raise TrashRefusedError(file.trashed, "its trash cannot be used now", remedy)
        try:
            entry = read_entries(place, [name]).get(name)
        except OSError as error:
            raise FileChangedError(file.trashed, f"{error.strerror}; look at the trash") from error
        if entry is not None and _is_same(entry, file):
            entries.append(entry)
            parts.append(_part(asset, file))
    if not any(part.file_id for part in parts):
        reason = "another program took it out of the trash"
        raise _refusal(asset, reason, "sync its folder: it may be back there")
    return EntrySet(asset, tuple(entries), tuple(parts))


def _is_same(entry: TrashEntry, file: Original) -> bool:
    """Whether an entry is the file that went there: its name may be another one's by now."""
    if entry.state is not EntryState.WHOLE or entry.path == file.path:
        return True
    is_near = file.id is None or abs(entry.mtime_ns - file.mtime_ns) <= 2 * MTIME_TOLERANCE_NS
    return entry.size_bytes == file.size and is_near


def refusal_of(asset: AssetOriginals, error: FileError) -> Refused:
    """What an error means for an asset."""
    return Refused.of(asset.public_id, error)


def _part(asset: AssetOriginals, file: Original) -> Part:
    return Part(asset.id, asset.public_id, file.id, file.sha1.hex() if file.sha1 else None)


def _expect(file: Original) -> ExpectedFile:
    mtime_ns = file.mtime_ns
    try:
        now_ns = os.lstat(file.path).st_mtime_ns
    except OSError:
        now_ns = mtime_ns  # which the check tells in words
    if abs(now_ns - mtime_ns) <= MTIME_TOLERANCE_NS:
        mtime_ns = now_ns
    return ExpectedFile(file.path, file.size, mtime_ns, file.sha1)


def _refusal(asset: AssetOriginals, reason: str, remedy: str) -> TrashRefusedError:
    path = next((file.path for file in asset.files if file.path), b"")
    return TrashRefusedError(path, reason, remedy)
