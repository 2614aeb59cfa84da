"""Live photos: which film belongs to which still (SPEC 6.5). Pure: facts in, pairs out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from photostore.media.kinds import Group

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from photostore.media.facts import Facts

MAX_APART_S: Final = 3.0
# Live clips last 3 s at most on every phone that makes them; twice that is surely none.
MAX_CLIP_S: Final = 6.0


@dataclass(frozen=True, slots=True)
class Part:
    """One file that may be half of a live photo. `path` is its whole path."""

    path: bytes
    facts: Facts


@dataclass(frozen=True, slots=True)
class LivePair:
    """A still and its clip; `certain` when both carry the same identifier."""

    still: bytes
    clip: bytes
    certain: bool


def pair_live_photos(parts: Iterable[Part]) -> tuple[LivePair, ...]:
    """Pair stills with clips: by Apple's identifier, else by folder and base name within 3 s.

    Each file is used once. A file with an identifier is never paired with one that has another.
    """
    stills: list[Part] = []
    clips: list[Part] = []
    for part in parts:
        (clips if part.facts.kind.group is Group.VIDEO else stills).append(part)
    pairs: list[LivePair] = []
    taken: set[bytes] = set()
    for certain in (True, False):
        waiting: dict[object, list[Part]] = {}
        for clip in clips:
            key = _key(clip, certain=certain)
            if key is not None and clip.path not in taken:
                waiting.setdefault(key, []).append(clip)
        for still in stills:
            key = _key(still, certain=certain)
            found = _partner(still, waiting.get(key, []), certain=certain) if key else None
            if found is None or still.path in taken:
                continue
            waiting[key].remove(found)
            taken |= {still.path, found.path}
            pairs.append(LivePair(still.path, found.path, certain))
    return tuple(pairs)


def is_live_pair(still: Part, clip: Part) -> bool:
    """Say whether two files are the halves of one live photo."""
    return bool(pair_live_photos((still, clip)))


def _key(part: Part, *, certain: bool) -> object:
    if certain:
        return part.facts.content_identifier
    folder, _, name = part.path.rpartition(b"/")
    return folder, name.rpartition(b".")[0].lower() or name.lower()


def _partner(still: Part, clips: list[Part], *, certain: bool) -> Part | None:
    for clip in clips:
        if certain or _fits(still.facts, clip.facts):
            return clip
    return None


def _fits(still: Facts, clip: Facts) -> bool:
    one, other = still.content_identifier, clip.content_identifier
    if one and other and one != other:
        return False
    if clip.duration_s is not None and clip.duration_s > MAX_CLIP_S:
        return False
    return _seconds_apart(still, clip) <= MAX_APART_S


def _seconds_apart(still: Facts, clip: Facts) -> float:
    """Compare instants where both are known, else wall clocks; files without dates are far apart.

    Times of the file system say nothing: copies of one hour share them.
    """
    one, other = still.captured, clip.captured
    if one is None or other is None or {one.source, other.source} & {"mtime", "ctime", "folder"}:
        return float("inf")
    apart: list[float] = [_difference(one.local, other.local)]
    if one.offset_min is not None and other.offset_min is not None:
        minutes = other.offset_min - one.offset_min
        apart = [abs((one.local - other.local).total_seconds() + 60 * minutes)]
    elif other.source == "QuickTime:CreateDate" or one.offset_min is None:
        # An instant in UTC against a wall clock of an unknown zone: only the minutes can agree.
        seconds = (one.local - other.local).total_seconds()
        if abs(seconds) <= 14 * 3600:
            apart.append(abs(seconds - round(seconds / 900) * 900))
    return min(apart)


def _difference(one: datetime, other: datetime) -> float:
    return abs((one - other).total_seconds())
