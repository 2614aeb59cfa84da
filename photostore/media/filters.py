"""The filters of SPEC 5.3: which readable files are too small, too short or too large to keep.

Each reason is a sentence that a person can read. Safety limits are not here: see `gate`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from photostore.media.kinds import Group, NameClass, classify_name

if TYPE_CHECKING:
    from photostore.media.facts import Facts


@dataclass(frozen=True, slots=True)
class Limits:
    """What the settings say. `enabled=False` turns size, dimension and duration filters off."""

    min_bytes: int = 10_000
    max_bytes: int = 16 * 1024**3
    min_image_px: int = 200
    min_video_px: int = 120
    min_video_s: float = 1.0
    max_pixels: int = 500_000_000
    enabled: bool = True


def rejection_by_stat(name: bytes, size: int, limits: Limits) -> str | None:
    """Return why a file is not even read, or None. `name` may be a path; `size` is in bytes."""
    if classify_name(name) is not NameClass.MEDIA:
        return "the extension is not that of a photo or video"
    if size == 0:
        return "the file is empty (0 bytes)"
    if not limits.enabled:
        return None
    if size < limits.min_bytes:
        return f"smaller than the limit: {size:,} of at least {limits.min_bytes:,} bytes"
    if size > limits.max_bytes:
        return f"larger than the limit: {size:,} of at most {limits.max_bytes:,} bytes"
    return None


def rejection_by_facts(facts: Facts, limits: Limits) -> str | None:
    """Return why a file that was read is not imported, or None."""
    if not limits.enabled:
        return None
    size = f"{facts.width} x {facts.height} pixels"
    if facts.width * facts.height > limits.max_pixels:
        return f"more pixels than the limit of {limits.max_pixels // 1_000_000} MP: {size}"
    video = facts.kind.group is Group.VIDEO
    least = limits.min_video_px if video else limits.min_image_px
    if min(facts.width, facts.height) < least:
        return f"shorter side under {least} pixels: {size}"
    if video and facts.duration_s is not None and facts.duration_s < limits.min_video_s:
        return f"shorter than {limits.min_video_s:g} s: {facts.duration_s:.2f} s"
    return None
