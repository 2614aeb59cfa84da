"""How far a sync is, on stderr: a bar on a terminal, else a line every few seconds (SPEC 1.2)."""

from __future__ import annotations

import os
import shutil
import time
from typing import TYPE_CHECKING, TextIO

from photostore.base.events import SyncProgressed
from photostore.base.text import format_duration, shorten

if TYPE_CHECKING:
    from photostore.base.events import Subscription, SyncProgress

LINE_EVERY_S = 5.0
BAR_WIDTH = 24
# Back to the first column; no wrapping while writing, since names may be wider than they are long.
BEGIN, END = "\r\x1b[?7l", "\x1b[K\x1b[?7h"


async def show_progress(events: Subscription, stream: TextIO) -> None:
    """Show the progress that the bus tells of, until cancelled; then the bar is wiped away."""
    has_bar = stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    next_line = time.monotonic() + LINE_EVERY_S
    try:
        async for event in events:
            if not isinstance(event, SyncProgressed):
                continue
            if has_bar:
                columns = shutil.get_terminal_size().columns
                text = shorten(describe(event.progress, BAR_WIDTH), columns - 1)
                print(BEGIN + text + END, end="", file=stream, flush=True)
            elif time.monotonic() >= next_line:
                next_line = time.monotonic() + LINE_EVERY_S
                print(f"photostore: {describe(event.progress)}", file=stream, flush=True)
    finally:
        if has_bar:
            print("\r\x1b[K", end="", file=stream, flush=True)


def describe(progress: SyncProgress, bar_width: int = 0) -> str:
    """Progress as one line, with a bar of so many columns in front."""
    share = progress.done / progress.found if progress.found else 0.0
    parts = [progress.state, f"{progress.done:,} of {progress.found:,}"]
    if bar_width:
        filled = "=" * round(share * bar_width)
        parts.insert(0, f"[{filled:<{bar_width}}] {share:4.0%}")
    if progress.screens_left:
        parts.append(f"{progress.screens_left:,} large pictures to follow")
    if progress.rate_per_s:
        parts.append(f"{progress.rate_per_s:.1f}/s")
    if progress.time_left_s is not None:
        parts.append(f"{format_duration(progress.time_left_s)} left")
    if progress.failed:
        parts.append(f"{progress.failed:,} failed")
    if progress.folder and bar_width:
        parts.append(progress.folder)
    return "  ".join(parts) if bar_width else ", ".join(parts)
