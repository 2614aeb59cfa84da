"""How far the import is: counts of this run, rate, time left (SPEC 10.4). Only counts."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from photostore.base.events import SyncProgress

if TYPE_CHECKING:
    from collections.abc import Callable

    from photostore.base.events import SyncState

WINDOW_S = 20.0


class Meter:
    """Counts what a run does. A run begins with the first work and ends when all is done.

    `pending` files are to be read, `new` ones of them for the first time or since they changed; of
    `screens` more only the screen picture is missing. `clock` is monotonic, in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.scanning = 0
        self.paused = False
        self.imported = 0
        self.failed = 0
        self.rejected = 0
        self.pending = 0
        self.new = 0
        self.screens = 0
        self.screens_done = 0
        self.folder: str | None = None
        self._started_at: str | None = None
        self._finished: deque[float] = deque()

    @property
    def is_running(self) -> bool:
        """Whether a run is under way; `pending` is only as fresh as its last count."""
        return self.scanning > 0 or self._started_at is not None

    @property
    def is_behind(self) -> bool:
        """Whether there is work, as far as the last count knows."""
        return self.pending > 0 or self.screens > 0

    def know(self, *, new: int, outdated: int, screens: int) -> None:
        """Take over what the database says is to be done."""
        self.pending, self.new, self.screens = new + outdated, new, screens

    def begin(self) -> None:
        """Start a run, unless one is under way; its counts start at nothing."""
        if self._started_at is None:
            self.imported = self.failed = self.rejected = self.screens_done = 0
            self._finished.clear()
            self._started_at = datetime.now(UTC).isoformat(timespec="seconds")

    def end(self) -> None:
        """End the run unless a scan goes on. Its counts stay to be seen until the next begins."""
        if not self.scanning:
            self._started_at = None
            self.folder = None

    def count(
        self,
        *,
        imported: int = 0,
        failed: int = 0,
        rejected: int = 0,
        screens_due: int = 0,
        screens: int = 0,
    ) -> None:
        """Count files that were just finished.

        Of `imported` ones the screen pictures of `screens_due` follow; `screens` came after all.
        """
        self.imported += imported
        self.failed += failed
        self.rejected += rejected
        done = imported + failed + rejected
        self.pending = max(0, self.pending - done)
        self.new = max(0, self.new - done)
        self.screens = max(0, self.screens + screens_due - screens)
        self.screens_done += screens
        now = self._clock()
        self._finished.extend([now] * (done + screens))
        while self._finished and now - self._finished[0] > WINDOW_S:
            self._finished.popleft()

    def progress(self) -> SyncProgress:
        """What a person is shown now."""
        done = self.imported + self.failed + self.rejected
        rate = self._rate()
        return SyncProgress(
            state=self._state(),
            found=done + self.pending,
            done=done,
            failed=self.failed,
            rejected=self.rejected,
            rate_per_s=rate,
            time_left_s=round((self.pending or self.screens) / rate) if rate else None,
            screens_left=self.screens,
            screens_done=self.screens_done,
            folder=self.folder,
            started_at=self._started_at,
        )

    def _state(self) -> SyncState:
        if self.paused:
            return "paused"
        if self.is_behind:
            return "importing"
        return "scanning" if self.scanning else "idle"

    def _rate(self) -> float | None:
        """Files a second over the window; None while there is too little to tell."""
        if len(self._finished) < 2 or not self.is_behind:
            return None
        elapsed = self._clock() - self._finished[0]
        return round(len(self._finished) / elapsed, 2) if elapsed > 0.5 else None
