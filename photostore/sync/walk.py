"""What lies in a folder, and what is passed over (SPEC 5.2). Looks at one folder at a time."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from photostore.library.exclusion import NOMEDIA, SUPPORT_FOLDER, exclusion, matching_glob
from photostore.media.kinds import NameClass, classify_name
from photostore.store.files import SeenFile

if TYPE_CHECKING:
    from collections.abc import Sequence

# SQLite's integers. Some file systems number inodes up to 2**64, and clocks can be far off.
MAX_INTEGER = 2**63 - 1
# The endings of those sidecars that are read (SPEC 6.2).
READ_SIDECARS = (b".xmp", b".json")
# One step of a walk, in folders and in files: enough to be cheap, little enough to be a moment.
STEP_FOLDERS = 64
STEP_FILES = 2_000


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for the walk of one root: its path, exclusion globs, and mounts below it.

    With `only`, the name of one file, nothing is concluded of all else in its folder.
    """

    root: bytes
    exclude_globs: Sequence[str] = ()
    mounts: frozenset[bytes] = frozenset()
    only: bytes | None = None

    def exclusion(self, path: bytes) -> str | None:
        """Why a folder is skipped because of its name or place; a person named the root itself."""
        if path == self.root:
            return None
        if path in self.mounts:
            return "another disk is mounted there, which is scanned by itself"
        return exclusion(path, self.exclude_globs)


@dataclass(frozen=True, slots=True)
class Listing:
    """One folder: its media files, its sub-folders, and what was passed over.

    `excluded` says why the folder is skipped with all below it. `error` says why it could not be
    read: then nothing may be concluded from what is not listed; `gone` and `denied` tell two kinds
    of errors. `unreadable` names files that are there and say nothing of themselves, `left_out`
    those that a glob excludes. `companions` are sidecars whose content tells of a file.
    """

    path: bytes
    files: tuple[SeenFile, ...] = ()
    folders: tuple[bytes, ...] = ()
    unreadable: tuple[bytes, ...] = ()
    left_out: tuple[bytes, ...] = ()
    companions: tuple[SeenFile, ...] = ()
    sidecars: int = 0
    ignored: int = 0
    excluded: str | None = None
    error: str | None = None
    gone: bool = False
    denied: bool = False


def list_folder(path: bytes, rules: Rules) -> Listing:
    """List a folder. Links are neither followed nor listed; only regular files are files."""
    excluded = rules.exclusion(path)
    if excluded:
        return Listing(path, excluded=excluded)
    try:
        with os.scandir(path) as entries:
            listing = _sort_entries(path, list(entries), rules)
            return listing if rules.only is None else _narrow(listing, rules.only)
    except OSError as error:
        return Listing(
            path,
            error=error.strerror or str(error),
            gone=error.errno in {errno.ENOENT, errno.ENOTDIR},
            denied=error.errno in {errno.EACCES, errno.EPERM},
        )


def _sort_entries(path: bytes, entries: list[os.DirEntry[bytes]], rules: Rules) -> Listing:
    files: list[SeenFile] = []
    folders: list[bytes] = []
    unreadable: list[bytes] = []
    left_out: list[bytes] = []
    companions: list[SeenFile] = []
    sidecars = ignored = 0
    for entry in entries:
        name = entry.name
        if len(name) <= 8 and name.lower() in NOMEDIA:
            return Listing(path, excluded=f"it holds {os.fsdecode(name)}")
        if name == SUPPORT_FOLDER and path != rules.root:
            return Listing(path, excluded="it is a photostore library")
        if name[0] == 46:  # a dot
            ignored += 1
            continue
        try:
            if entry.is_dir(follow_symlinks=False):
                folders.append(name)
                continue
            # A link is no regular file, so that nothing is seen of it.
            kind = _class_of(name)
            is_wanted = kind == "media" or name[-5:].lower().endswith(READ_SIDECARS)
            seen = see_file(name, entry.stat(follow_symlinks=False)) if is_wanted else None
        except FileNotFoundError:
            continue  # it has just vanished
        except OSError:
            unreadable.append(name)
            continue
        if seen is None or kind != "media":
            companions += [seen] if seen else []
            sidecars += kind == "sidecar"
            ignored += kind != "sidecar"
        elif rules.exclude_globs and matching_glob(path + b"/" + name, rules.exclude_globs):
            left_out.append(name)
        else:
            files.append(seen)
    files.sort()
    folders.sort()
    return Listing(
        path,
        tuple(files),
        tuple(folders),
        tuple(unreadable),
        tuple(left_out),
        tuple(companions),
        sidecars,
        ignored + len(left_out),
    )


def _narrow(listing: Listing, name: bytes) -> Listing:
    """A listing of one file alone; the others are there, and nothing is said of them."""
    if listing.excluded:
        return listing
    others = tuple(seen.name for seen in listing.files if seen.name != name)
    return Listing(
        listing.path,
        tuple(seen for seen in listing.files if seen.name == name),
        unreadable=(*listing.unreadable, *others),
        left_out=listing.left_out,
        companions=listing.companions,
    )


def list_some(waiting: list[bytes], rules: Rules, *, descend: bool) -> list[Listing]:
    """Take folders off the end of `waiting` and list them, until it is enough for one step.

    With `descend` their sub-folders are put there in turn, so that the walk is in order of names.
    """
    listings: list[Listing] = []
    files = 0
    while waiting and len(listings) < STEP_FOLDERS and files < STEP_FILES:
        listing = list_folder(waiting.pop(), rules)
        listings.append(listing)
        files += len(listing.files)
        if descend:
            waiting += children(listing)
    return listings


def children(listing: Listing) -> list[bytes]:
    """Paths of the sub-folders of a folder, last one first."""
    inside = listing.path.rstrip(b"/") + b"/"
    return [inside + name for name in reversed(listing.folders)]


def see_file(name: bytes, found: os.stat_result) -> SeenFile | None:
    """What `stat` says of a regular file; None for others."""
    if not stat.S_ISREG(found.st_mode):
        return None
    # Of a file with several names an inode does not tell which one moved.
    inode = found.st_ino & MAX_INTEGER if found.st_nlink == 1 else 0
    return SeenFile(name, found.st_size, clamp_time(found.st_mtime_ns), inode)


def clamp_time(mtime_ns: int) -> int:
    """A time in the range that the database holds."""
    return max(-MAX_INTEGER, min(MAX_INTEGER, mtime_ns))


def _class_of(name: bytes) -> NameClass:
    stem, dot, extension = name.rpartition(b".")
    return _class_of_extension(extension) if dot and stem else NameClass.OTHER


@lru_cache(maxsize=1024)
def _class_of_extension(extension: bytes) -> NameClass:
    return classify_name(b"x." + extension)


@dataclass(frozen=True, slots=True)
class Folders:
    """Folders to compare, and paths of which nothing is left."""

    present: tuple[bytes, ...]
    gone: tuple[bytes, ...]


def folders_to_compare(paths: Sequence[bytes], rules: Rules) -> Folders:
    """Sort paths of events into folders that a walk would come to, and paths that are no more."""
    present: set[bytes] = set()
    gone: set[bytes] = set()
    for path in paths:
        if os.path.isdir(path) and not os.path.islink(path):
            present.add(path)
            continue
        if not os.path.lexists(path):
            gone.add(path)
        parent = os.path.dirname(path)
        while not os.path.isdir(parent) and len(parent) > len(rules.root):
            parent = os.path.dirname(parent)
        present.add(parent)
    reached: dict[bytes, bytes | None] = {}
    found = (_reach(rules, path, reached) for path in present)
    return Folders(tuple(sorted({path for path in found if path})), tuple(sorted(gone)))


def _reach(rules: Rules, path: bytes, reached: dict[bytes, bytes | None]) -> bytes | None:
    """The folder at which a walk from the root to `path` ends: `path`, or an excluded one above it.

    None for a path outside the root.
    """
    if path not in reached:
        if path == rules.root:
            reached[path] = path
        elif not path.startswith(rules.root.rstrip(b"/") + b"/"):
            reached[path] = None
        else:
            parent = os.path.dirname(path)
            above = _reach(rules, parent, reached)
            closed = above != parent or rules.exclusion(parent) or _is_closed(parent, rules)
            reached[path] = above if closed else path
    return reached[path]


def _is_closed(path: bytes, rules: Rules) -> bool:
    """Whether an entry of a folder says that nothing in it is to be scanned."""
    try:
        names = {name.lower() for name in os.listdir(path)}
    except OSError:
        return True
    return not NOMEDIA.isdisjoint(names) or (SUPPORT_FOLDER in names and path != rules.root)
