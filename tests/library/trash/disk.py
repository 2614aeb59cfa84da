"""Folders of photos that are trashed here: what is in them, and what is expected of them."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import stat
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from photostore.base.mounts import Mount
from photostore.library.trash import DiskJournal, ExpectedFile, Surroundings, list_trash, moves
from photostore.library.trash.places import find_places

NOW = datetime(2024, 5, 3, 14, 30, 15)
# An asset of three files, and names as bad as they come.
SET = (b"IMG_1.jpg", b"IMG_1.raf", b"IMG_1.jpg.xmp")
HOSTILE = (
    b"line\nbreak.jpg",
    b"50%25 [Trash Info].jpg",
    b"caf\xe9.jpg",
    "Стрелка é.jpg".encode(),
    b"-rf.jpg",
    b" blank .jpg ",
    b"x" * 251 + b".jpg",
    b"\xff" * 251 + b".jpg",
    b"Path=x\nDeletionDate=y",
    b".hidden",
    b"back\\slash'\"quote.jpg",
)


def put(path: bytes, content: bytes | None = None) -> ExpectedFile:
    """Write a file with a time and mode of its own; what the library knows about it."""
    content = b"content of " + path * 9 if content is None else content
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
    with suppress(OSError):  # FAT in user space has no modes
        os.chmod(path, 0o640)
    seconds = 1_500_000_000 + 2 * len(os.path.basename(path))  # even, as FAT has them
    os.utime(path, ns=(seconds * 10**9, seconds * 10**9))
    return expect(path)


@contextmanager
def acting_as(uid: int):
    """Be another user as far as files go, if this is root; else nothing changes."""
    before = os.geteuid()
    if before == 0:
        os.setegid(uid)
        os.seteuid(uid)
    try:
        yield
    finally:
        if before == 0:
            os.seteuid(0)
            os.setegid(0)


def failing_rename(number: int, real=None):
    """A renameat2 that fails; EXDEV only from one folder to another, as it is in truth."""
    real = moves._renameat2 if real is None else real

    def rename(*arguments):
        if number == errno.EXDEV and arguments[0] == arguments[2]:
            return real(*arguments)
        ctypes.set_errno(number)
        return -1

    return rename


def expect(path: bytes) -> ExpectedFile:
    content = read(path)
    status = os.stat(path)
    return ExpectedFile(path, len(content), status.st_mtime_ns, hashlib.sha1(content).digest())


def read(path: bytes) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def tree(top: bytes | Path) -> dict[bytes, tuple]:
    """Every file below a folder with bytes, time and mode; without what a trash keeps beside it."""
    top = os.fsencode(top)
    found: dict[bytes, tuple] = {}
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            status = os.lstat(path)
            content = os.readlink(path) if stat.S_ISLNK(status.st_mode) else read(path)
            found[os.path.relpath(path, top)] = (content, status.st_mtime_ns, status.st_mode)
    return found


def around(*tops: bytes | Path, uid: int | None = None, home=None, in_container=False):
    """Surroundings in which these folders are said to be mounted."""
    paths = (Path("/"), *(Path(os.fsdecode(top)) for top in tops))
    mounts = tuple(Mount(path, "/", "ext4", is_read_only=False) for path in paths)
    home = None if home is None else os.fsencode(home)
    return Surroundings(mounts, os.geteuid() if uid is None else uid, home, in_container)


class Disk:
    """A folder that is said to be a mounted volume, with photos, and the acts done on it."""

    def __init__(self, top: Path, acts: Path):
        self.top = os.fsencode(top)
        self.acts = acts
        self.around = around(top)
        self.journal = DiskJournal(acts)

    def put(self, name: bytes, content: bytes | None = None) -> ExpectedFile:
        content = b"content of " + name * 9 if content is None else content
        return put(os.path.join(self.top, name), content)

    def put_set(self) -> list[ExpectedFile]:
        return [self.put(b"2024/may/" + name) for name in SET]

    @property
    def own(self) -> bytes:
        return os.path.join(self.top, b".Trash-%d" % os.geteuid())

    def entries(self):
        places = find_places([self.top], self.around)
        return [entry for place in places for entry in list_trash(place)]

    def tree(self) -> dict[bytes, tuple]:
        return tree(self.top)

    def records(self) -> list[str]:
        return sorted(os.listdir(self.acts)) if self.acts.exists() else []
