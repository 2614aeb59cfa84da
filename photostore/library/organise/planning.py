"""What is to be copied where: the files of one shot together, under one name (SPEC 9.2).

Looks at the disk, for a worker thread; changes nothing.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from photostore.library.organise.template import Subject, Template, fold
from photostore.library.trash.info import name_beside
from photostore.library.trash.moves import is_same_content
from photostore.library.trashing.sets import media_by_sidecar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from photostore.store.organise import SourceAsset, SourceFile

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Member(NamedTuple):
    """One file of a set; `is_there`: its copy exists. A sidecar has neither row nor hash."""

    source: bytes
    size: int
    mtime_ns: int
    file_id: int | None
    sha1: bytes | None
    target: bytes
    is_there: bool


@dataclass(frozen=True, slots=True)
class CopySet:
    """Files of an asset that belong together: RAW and JPEG, still and clip, and their sidecars."""

    asset_id: int
    public_id: str
    members: tuple[Member, ...]

    @property
    def missing(self) -> tuple[Member, ...]:
        """What has to be copied."""
        return tuple(member for member in self.members if not member.is_there)


class Planner:
    """Plans the copies of one run; what it has planned is taken for the sets after it."""

    def __init__(self, destination: bytes, template: Template) -> None:
        self._destination = destination
        self._template = template
        self._sidecars: dict[bytes, dict[bytes, frozenset[bytes]]] = {}
        self._taken: dict[str, dict[str, set[bytes]]] = {}
        self._listed: set[bytes] = set()

    def plan(self, asset: SourceAsset) -> Iterator[CopySet]:
        """The sets of an asset of which anything is to be copied."""
        kept = {file.sha1: file.path for file in asset.files if self._is_inside(file.path)}
        chosen: dict[bytes, SourceFile] = {}
        for file in asset.files:
            if file.sha1 not in kept:
                chosen.setdefault(file.sha1, file)
        groups: dict[tuple[bytes, str], list[SourceFile]] = {}
        for file in chosen.values():
            groups.setdefault(_shot(file.path), []).append(file)
        # A RAW that comes later goes to the JPEG of its shot, whatever that is called by now.
        companions = {
            _shot(file.path): kept[file.sha1]
            for file in asset.files
            if file.sha1 in kept and not self._is_inside(file.path)
        }
        for shot, files in groups.items():
            yield self._plan_set(asset, files, companions.get(shot))

    def wanted_path(self, subject: Subject) -> bytes:
        """Where one file goes by the template, whether or not the name is free."""
        folder = os.path.join(self._destination, *self._template.folders(subject))
        return os.path.join(folder, self._template.stem(subject) + subject.extension)

    def find_place(
        self, source: bytes, size: int, subject: Subject, may_have: Callable[[bytes], bool]
    ) -> tuple[bytes, bool]:
        """Where one file goes that comes from outside; and whether it is there already.

        The name is free and one that it may have, or that of a file with the very same bytes.
        """
        folder, wanted = os.path.split(self.wanted_path(subject))
        taken = self._names_in(folder)
        for number in count():
            name = name_beside([wanted], number)[0] if number else wanted
            is_there = self._state(folder, name, source, size, taken)
            if is_there or (is_there is False and may_have(name)):
                return os.path.join(folder, name), is_there
        raise AssertionError  # `count` has no end

    def _is_inside(self, path: bytes) -> bool:
        return path.startswith(self._destination.rstrip(b"/") + b"/")

    def _plan_set(
        self, asset: SourceAsset, files: Sequence[SourceFile], companion: bytes | None
    ) -> CopySet:
        folder = os.path.dirname(files[0].path)
        taken = None
        if asset.captured_ms is not None:
            taken = EPOCH + timedelta(milliseconds=asset.captured_ms)
        sources = [(file.path, file.size, file.mtime_ns, file.id, file.sha1) for file in files]
        names = [os.path.basename(file.path) for file in files]
        stems: list[bytes] = []
        for name in names:
            stem, extension = os.path.splitext(name)
            subject = Subject(
                stem, extension, os.path.basename(folder), taken, asset.make, asset.model
            )
            stems.append(self._template.stem(subject))
            place = os.path.join(self._destination, *self._template.folders(subject))
        if companion is not None:
            place, name = os.path.split(companion)
            stems = [os.path.splitext(name)[0]] * len(names)
        wanted = [stem + os.path.splitext(name)[1] for stem, name in zip(stems, names, strict=True)]
        for sidecar, belongs_to in self._sidecars_of(folder, set(names)):
            path = os.path.join(folder, sidecar)
            status = os.lstat(path)
            if stat.S_ISREG(status.st_mode):
                sources.append((path, status.st_size, status.st_mtime_ns, None, None))  # type: ignore[arg-type]
                number = names.index(belongs_to)
                wanted.append(_rename(sidecar, belongs_to, wanted[number]))
        members = self._place(place, sources, wanted)
        return CopySet(asset.id, asset.public_id, members)

    def _sidecars_of(self, folder: bytes, names: set[bytes]) -> Iterator[tuple[bytes, bytes]]:
        """Sidecars of some files, each with one of the files that it describes."""
        if folder not in self._sidecars:
            self._sidecars[folder] = media_by_sidecar(folder)
        for sidecar, media in sorted(self._sidecars[folder].items()):
            mine = sorted(media & names)
            if mine:
                yield sidecar, mine[0]

    def _place(
        self,
        folder: bytes,
        sources: Sequence[tuple[bytes, int, int, int | None, bytes | None]],
        wanted: Sequence[bytes],
    ) -> tuple[Member, ...]:
        """Find names that are all free or hold the very same bytes, with one number for all."""
        taken = self._names_in(folder)
        for number in count():
            names = name_beside(list(wanted), number) if number else list(wanted)
            states = [
                self._state(folder, name, source[0], source[1], taken)
                for name, source in zip(names, sources, strict=True)
            ]
            folded = [fold(name) for name in names]
            if None not in states and len(set(folded)) == len(folded):
                for name, folded_name in zip(names, folded, strict=True):
                    taken.setdefault(folded_name, set()).add(name)
                return tuple(
                    Member(*source, os.path.join(folder, name), bool(state))
                    for source, name, state in zip(sources, names, states, strict=True)
                )
        raise AssertionError  # `count` has no end

    def _state(
        self, folder: bytes, name: bytes, source: bytes, size: int, taken: dict[str, set[bytes]]
    ) -> bool | None:
        """True if the copy is there already, False if the name is free, None if it is taken."""
        names = taken.get(fold(name))
        if not names:
            return False
        if name not in names:
            return None
        return True if is_same_content(source, os.path.join(folder, name), size) else None

    def _names_in(self, folder: bytes) -> dict[str, set[bytes]]:
        """The names in a folder, and in those that some file systems take for the same one."""
        names = self._taken.setdefault(fold(folder), {})
        if folder not in self._listed:
            self._listed.add(folder)
            for name in os.listdir(folder) if os.path.isdir(folder) else ():
                names.setdefault(fold(name), set()).add(name)
        return names

    def look_again(self, folders: Iterable[bytes]) -> None:
        """List some folders anew: another program made files in them."""
        self._listed.difference_update(folders)


def _shot(path: bytes) -> tuple[bytes, str]:
    """What the files of one shot have in common: folder, and name without its ending."""
    folder, name = os.path.split(path)
    return folder, fold(os.path.splitext(name)[0])


def _rename(sidecar: bytes, media: bytes, new: bytes) -> bytes:
    """The name of a sidecar beside a copy: what it has beyond its file's name stays."""
    if sidecar.startswith(media):
        return new + sidecar[len(media) :]
    stem, new_stem = os.path.splitext(media)[0], os.path.splitext(new)[0]
    return new_stem + sidecar[len(stem) :] if sidecar.startswith(stem + b".") else sidecar
