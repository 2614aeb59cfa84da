"""The `.uuid` file that makes a disk known again wherever it is mounted (SPEC 4.1, decision 9).

Written at a mount point, once, and only where nothing else tells the disk from others or where it
is likely to be mounted elsewhere some day. Never on the system's own file systems or a home's,
never over a file that holds anything, and nothing else is ever written to a volume from here.
"""

from __future__ import annotations

import os
import stat
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from photostore.base.mounts import find_mount

if TYPE_CHECKING:
    from collections.abc import Sequence

    from photostore.base.mounts import Mount
    from photostore.store.volumes import VolumeIdentity

UUID_FILE = ".uuid"
# Where people and desktops mount what comes and goes.
REMOVABLE = tuple(Path(path) for path in ("/mnt", "/media", "/run/media", "/Volumes"))
# Trees of the system: their mounts are no disks of photos, whoever scans them.
SYSTEM = tuple(
    Path(path)
    for path in (
        *("/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/opt", "/proc", "/root", "/run"),
        *("/sbin", "/sys", "/tmp", "/usr", "/var"),  # noqa: S108 - left alone, not used
    )
)


def is_worth_marking(
    mount: Mount, identity: VolumeIdentity, mounts: Sequence[Mount], home: Path
) -> bool:
    """Whether the volume of a root gets a `.uuid` file; `identity` is how it is known so far.

    `home` is the home of the user that photostore runs as.
    """
    if identity.identified_by == "uuid-file" or mount.is_read_only or not mount.may_hold_photos:
        return False
    if mount.path == Path("/") or mount.path == find_mount(mounts, home).path:
        return False
    comes_and_goes = any(mount.path.is_relative_to(place) for place in REMOVABLE)
    if not comes_and_goes and mount.path in SYSTEM:
        return False
    # A folder that is mounted (as a container's are) is on a disk that others name otherwise.
    return comes_and_goes or identity.identified_by == "mount-path" or mount.inner != "/"


def mark_volume(mount: Mount, name: str | None = None) -> bool:
    """Write a UUID at a mount point, a new one unless there is a `name` that it had.

    False if that is not possible or something is there already.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(mount.path / UUID_FILE, flags, 0o644)
        try:
            found = os.fstat(descriptor)
            # An empty one was cut off while it was written; any other content is somebody's.
            if not stat.S_ISREG(found.st_mode) or found.st_size:
                return False
            os.pwrite(descriptor, f"{name or uuid.uuid4()}\n".encode(), 0)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError:
        return False  # not writable for us: it goes on being known as it was
    return True
