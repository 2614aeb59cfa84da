"""Motion photos: finds the clip inside a still (SPEC 6.5). Flags and lengths lie; the bytes decide.

Google counts from the end of the file (MicroVideo) or lists what follows the still (container
directory); Samsung writes a trailer with a table, Huawei the clip's length into the last bytes; in
HEIC the clip has a box of its own.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, Final

from photostore.media.facts import ClipRange
from photostore.media.headers.isobmff import find_box, iter_boxes
from photostore.media.headers.source import Memory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from photostore.media.xmp import MotionFields

_MIN_STILL: Final = 100
_MAX_TRIES: Final = 200
_MAX_ENTRIES: Final = 1000
_FOLLOWING: Final = frozenset((b"moov", b"mdat", b"free", b"skip", b"wide", b"uuid", b"moof"))
# `v2_f31      1478:1478LIVE_2583124`: Huawei and Honor end the file with the clip's length.
_HUAWEI_END: Final = re.compile(rb"LIVE_(\d{2,12})[ \x00]*\Z")
_SAMSUNG_CLIP: Final = b"MotionPhoto_Data"


def locate_clip(data: bytes, motion: MotionFields, *, heif: bool) -> ClipRange | None:
    """Return where the clip of a still lies, None when there is none.

    `data` is the whole file, `motion` what its XMP announces. A place counts only if a film with
    its index stands there; a wrong one is corrected by looking at what does.
    """
    for start in _announced(data, motion, heif=heif):
        found = _film_at(data, start)
        if found is not None:
            return found
    if not (motion.flagged or motion.clip_length or _trailer(data)):
        return None
    return _search(data)


def _announced(data: bytes, motion: MotionFields, *, heif: bool) -> Iterator[int]:
    if motion.clip_length is not None:
        yield len(data) - motion.behind_clip - motion.clip_length
    if motion.offset_from_end is not None:
        yield len(data) - motion.offset_from_end
    if heif:
        box = find_box(Memory(data), None, b"mpvd")
        if box is not None:
            yield box.start
    yield from _trailer(data)
    huawei = _HUAWEI_END.search(data, max(0, len(data) - 64))
    if huawei is not None:
        yield len(data) - int(huawei[1])


def _trailer(data: bytes) -> list[int]:
    """Return where Samsung's table says that clips start: `SEFH`, entries, length, `SEFT`."""
    if data[-4:] != b"SEFT":
        return []
    table = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    if table < _MIN_STILL or data[table : table + 4] != b"SEFH":
        return []
    count = int.from_bytes(data[table + 8 : table + 12], "little")
    found = []
    for index in range(min(count, _MAX_ENTRIES)):
        entry = table + 12 + 12 * index
        if entry + 12 > len(data):
            break
        back = struct.unpack_from("<I", data, entry + 4)[0]
        start = table - back
        name = int.from_bytes(data[start + 4 : start + 8], "little")
        if 0 < start < table and data[start + 8 : start + 8 + name] == _SAMSUNG_CLIP:
            found.append(start + 8 + name)
    return found


def _search(data: bytes) -> ClipRange | None:
    """Look for a film behind the still's beginning, the last one first."""
    end = len(data)
    for _ in range(_MAX_TRIES):
        at = data.rfind(b"ftyp", _MIN_STILL, end)
        if at < 0:
            return None
        found = _film_at(data, at - 4)
        if found is not None:
            return found
        end = at
    return None


def _film_at(data: bytes, start: int) -> ClipRange | None:
    """Return the film that starts at a place: a type box, then boxes of films with an index."""
    if start < _MIN_STILL or data[start + 4 : start + 8] != b"ftyp":
        return None
    end, index = start, False
    for number, box in enumerate(iter_boxes(Memory(data), start)):
        if number and box.name not in _FOLLOWING:
            break
        index = index or box.name == b"moov"
        end = box.end
    if not index:
        return None
    brand = data[start + 8 : start + 12]
    return ClipRange(start, end - start, "video/quicktime" if brand == b"qt  " else "video/mp4")
