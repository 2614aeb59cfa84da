"""Which volume a path is on, and how that volume is known again when it moves (SPEC 4.1).

The mount point is the nearest one above the real path in the mount table, not a change of `st_dev`:
two bind mounts of one disk have the same device and are two places all the same. Reads only;
`marks` is what writes.
"""

from __future__ import annotations

import os
import re
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from photostore.base.mounts import find_mount
from photostore.library.marks import UUID_FILE
from photostore.store.volumes import VolumeIdentity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from photostore.base.mounts import Mount

DISKS_BY_UUID = Path("/dev/disk/by-uuid")
UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)


def identify_volume(mount: Mount) -> tuple[VolumeIdentity, ...]:
    """The names that the volume of a mount may be known by, the one that is trusted most first.

    Its `.uuid` file, its file system, its mount path. A mounted folder of a file system is a volume
    of its own, since another folder of the same disk may be mounted beside it.
    """
    mount_path = os.fsencode(mount.path)
    label = mount.path.name or None
    shown = mount_path.decode("utf-8", "backslashreplace")
    found = (
        (_uuid_in_file(mount.path), "uuid-file"),
        (_uuid_of_file_system(mount), "file-system"),
        (f"path:{shown}", "mount-path"),
    )
    names = [(name, rule) for name, rule in found if name]
    return tuple(
        VolumeIdentity(
            name,
            rule,  # type: ignore[arg-type]
            mount_path,
            label,
            mount.is_read_only,
            tuple(weaker for weaker, _ in names[number + 1 :]),
        )
        for number, (name, rule) in enumerate(names)
    )


def locate(path: bytes, mounts: Sequence[Mount]) -> tuple[Mount, bytes]:
    """The mount of a folder, and the folder's path relative to it; the folder need not be there.

    Links in the path are resolved, since a link may lead to another volume.
    """
    real = os.path.realpath(path)
    mount = find_mount(mounts, Path(os.fsdecode(real)))
    return mount, real[len(os.fsencode(mount.path)) :].lstrip(b"/")


def _uuid_in_file(mount_path: Path) -> str | None:
    """The UUID in the `.uuid` file at a mount point; any case and braces are accepted."""
    try:
        with (mount_path / UUID_FILE).open("rb") as file:
            text = file.read(200).decode("ascii", "replace")
    except OSError:
        return None
    found = UUID.search(text)
    return str(uuid.UUID(found.group())) if found else None


def _uuid_of_file_system(mount: Mount) -> str | None:
    """The UUID that udev names a mounted block device by, with the folder of it that is mounted."""
    if not mount.source.startswith("/dev/"):
        return None
    device = os.path.realpath(mount.source)
    try:
        entries = list(DISKS_BY_UUID.iterdir())
    except OSError:
        return None
    name = next((entry.name.lower() for entry in entries if os.path.realpath(entry) == device), "")
    if not name or mount.inner == "/":
        return name or None
    inner = os.fsencode(mount.inner).decode("utf-8", "backslashreplace")
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"photostore:{name}{inner}"))
