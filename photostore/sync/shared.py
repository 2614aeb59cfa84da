"""What all parts of one library's sync have in common."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from photostore.base.events import Bus
    from photostore.library.reports import ReportRow, Reports
    from photostore.store.db import Database
    from photostore.store.volumes import Root
    from photostore.sync.progress import Meter


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shared:
    """The open library, where to tell of changes, what counts the work, and what reports it."""

    database: Database
    bus: Bus
    meter: Meter
    reports: Reports | None = None

    async def report(self, rows: Sequence[ReportRow]) -> None:
        """Add rows to the sync report, if there is one (SPEC 5.8)."""
        if rows and self.reports is not None:
            await asyncio.to_thread(self.reports.add, rows)


def relative_path(root: Root, path: bytes) -> bytes:
    """A path on the volume of a root, relative to the mount point."""
    return path[len(root.mount_path.rstrip(b"/")) + 1 :]


def now_ms() -> int:
    """UTC milliseconds since 1970."""
    return time.time_ns() // 1_000_000


@contextmanager
def go_on_after(what: str) -> Iterator[None]:
    """One failure, of the disk for instance, must not end the sync: it is logged."""
    try:
        yield
    except Exception:
        log.exception("%s failed; the next may do better", what)
