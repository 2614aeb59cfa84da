"""Mounts of this machine as the kernel lists them: which of them hold photos to import (SPEC 5.1).

Works on the text of /proc/self/mountinfo that is passed in; reads nothing itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

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
_OCTAL = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of mountinfo, proc(5): where it is mounted, the type, and whether it is `ro`.

    `inner` is the folder of the file system that is mounted there, `/` for the whole of it.
    """

    path: Path
    inner: str
    type: str
    is_read_only: bool


def parse_mountinfo(text: str) -> tuple[Mount, ...]:
    """Return the mounts in the kernel's order; a line that is not understood is left out.

    `text` is the file decoded as UTF-8 with surrogateescape, so that names of any bytes survive.
    """
    mounts: list[Mount] = []
    for line in text.split("\n"):
        before, separator, after = line.partition(" - ")
        fields, source = before.split(" "), after.split(" ")
        if separator and len(fields) >= 6:
            options = fields[5].split(",")
            path, inner = Path(_unescape(fields[4])), _unescape(fields[3])
            mounts.append(Mount(path, inner, source[0], "ro" in options))
    return tuple(mounts)


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
    # A whole tmpfs is scratch space (`--tmpfs`); a folder of one was bound there by a person.
    is_scratch = mount.type in _MEMORY_TYPES and mount.inner == "/"
    is_below_system = any(path.is_relative_to(tree) for tree in _SYSTEM_TREES)
    return is_scratch or is_below_system or mount.type in _SYSTEM_TYPES


def _unescape(text: str) -> str:
    r"""Undo the kernel's `\040` for blank, tab, newline and backslash."""
    return _OCTAL.sub(lambda match: chr(int(match.group(1), 8)), text)
