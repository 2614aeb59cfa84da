"""Mounts of this machine as the kernel lists them: which of them hold photos to import (SPEC 5.1).

Works on the text of /proc/self/mountinfo that is passed in; only `read_mounts` reads it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Trees of the system, of the container's runtime and of photostore itself. /ps/originals is a root.
_SYSTEM_TREES = tuple(
    Path(path)
    for path in (
        *("/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/opt", "/proc", "/run", "/sbin"),
        *("/sys", "/tmp", "/usr", "/var/cache", "/var/lib", "/var/log", "/var/run", "/var/tmp"),  # noqa: S108 - excluded, not used
        *("/ps/library", "/ps/tmp", "/ps/logs", "/ps/config"),
    )
)
# Kinds of file system that never hold a person's photos: interfaces of the kernel and desktop.
_SYSTEM_TYPES = frozenset(
    (
        *("autofs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devpts"),
        *("devtmpfs", "efivarfs", "fuse.gvfsd-fuse", "fuse.lxcfs", "fuse.portal", "fusectl"),
        *("hugetlbfs", "mqueue", "nsfs", "proc", "pstore", "rpc_pipefs", "securityfs"),
        *("selinuxfs", "sysfs", "tracefs"),
    )
)
_MEMORY_TYPES = frozenset({"ramfs", "tmpfs"})
# Changes made on the other side of these are not reported to a watcher (SPEC 5.5).
_REMOTE_TYPES = frozenset(
    (
        *("9p", "afs", "ceph", "cifs", "davfs", "drvfs", "glusterfs", "lustre", "ncpfs", "nfs"),
        *("nfs4", "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs"),
    )
)
_MOUNTINFO = Path("/proc/self/mountinfo")
_OCTAL = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of mountinfo, proc(5): where it is mounted, the type, and whether it is `ro`.

    `inner` is the folder of the file system that is mounted there, `/` for the whole of it;
    `source` what it is mounted from, a device for instance.
    """

    path: Path
    inner: str
    type: str
    is_read_only: bool
    source: str = ""

    @property
    def may_hold_photos(self) -> bool:
        """Whether this is neither an interface of the kernel nor scratch space in memory."""
        # A whole tmpfs is scratch space (`--tmpfs`); a folder of one was bound there by a person.
        is_scratch = self.type in _MEMORY_TYPES and self.inner == "/"
        return self.type not in _SYSTEM_TYPES and not is_scratch

    @property
    def is_remote(self) -> bool:
        """Whether files may change behind this machine's back: network and FUSE file systems."""
        return self.type in _REMOTE_TYPES or self.type == "fuse" or self.type.startswith("fuse.")


def parse_mountinfo(text: str) -> tuple[Mount, ...]:
    """Return the mounts in the kernel's order; a line that is not understood is left out.

    `text` is the file decoded as UTF-8 with surrogateescape, so that names of any bytes survive.
    """
    mounts: list[Mount] = []
    for line in text.split("\n"):
        before, separator, after = line.partition(" - ")
        fields, tail = before.split(" "), after.split(" ")
        if separator and len(fields) >= 6:
            # The options of the mount and those of the file system can each make it read-only.
            options = fields[5].split(",") + "".join(tail[2:3]).split(",")
            path, inner = Path(_unescape(fields[4])), _unescape(fields[3])
            source = _unescape("".join(tail[1:2]))
            mounts.append(Mount(path, inner, tail[0], "ro" in options, source))
    return tuple(mounts)


def read_mounts() -> tuple[Mount, ...]:
    """Return the mounts of this system; none where the kernel has no such list (macOS)."""
    try:
        return parse_mountinfo(_MOUNTINFO.read_text("utf-8", "surrogateescape"))
    except OSError:
        return ()


def find_mount(mounts: Iterable[Mount], path: Path) -> Mount:
    """Return the mount that a real, absolute path lies on: the nearest above it, or the root's.

    Of several at one place the last one counts: it covers the others.
    """
    best = Mount(Path("/"), "/", "", is_read_only=False)
    for mount in mounts:
        above = path.is_relative_to(mount.path)
        if above and len(mount.path.parts) >= len(best.path.parts):
            best = mount
    return best


def find_mounts_below(mounts: Iterable[Mount], folder: Path) -> tuple[Mount, ...]:
    """Return what is mounted somewhere below a folder; the last one where several cover a place."""
    below = {
        mount.path: mount
        for mount in mounts
        if mount.path != folder and mount.path.is_relative_to(folder)
    }
    return tuple(below.values())


def find_bind_mounts(mountinfo_text: str) -> tuple[Path, ...]:
    """Return the mounts of a container that a person added to be imported, sorted.

    Left out: the system's own, photostore's own except /ps/originals, those below a name that
    begins with a dot, and those inside another one, which is scanned with it. Whether a path is a
    folder (it may be a mounted file) is for the caller to see.
    """
    candidates = {mount.path for mount in parse_mountinfo(mountinfo_text) if not _is_system(mount)}
    return tuple(
        sorted(path for path in candidates if not any(p in candidates for p in path.parents))
    )


def _is_system(mount: Mount) -> bool:
    path = mount.path
    if path == Path("/") or any(part.startswith(".") for part in path.parts):
        return True
    is_below_system = any(path.is_relative_to(tree) for tree in _SYSTEM_TREES)
    return is_below_system or not mount.may_hold_photos


def _unescape(text: str) -> str:
    r"""Undo the kernel's `\040` for blank, tab, newline and backslash."""
    return _OCTAL.sub(lambda match: chr(int(match.group(1), 8)), text)
