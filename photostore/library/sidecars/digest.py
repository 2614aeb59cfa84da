"""The digest of a file's sidecars, by which a scan sees that they are others than those read.

Of names, sizes and times: decision 11. Looks at sidecars, never into one.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from photostore.store.files import SeenFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from photostore.media.sidecars import Sidecar

DIGEST_BYTES = 8


def digest_of(sidecars: Iterable[SeenFile]) -> bytes | None:
    """A digest of names, sizes and times; None of nothing."""
    lines = [b"%b\0%d\0%d" % (one.name, one.size, one.mtime_ns) for one in sidecars]
    if not lines:
        return None
    return hashlib.blake2b(b"\0".join(lines), digest_size=DIGEST_BYTES).digest()


def digest_beside(
    folder: bytes, sidecars: Sequence[Sidecar], written: Mapping[bytes, os.stat_result]
) -> bytes | None:
    """The digest of these sidecars as they are; of those that we wrote, as they were written.

    So what somebody else writes right after us is seen as a change. Raises OSError.
    """
    seen = []
    for sidecar in sidecars:
        path = os.path.join(folder, sidecar.name)
        found = written.get(path) or os.lstat(path)
        seen.append(SeenFile(sidecar.name, found.st_size, found.st_mtime_ns, 0))
    return digest_of(seen)
