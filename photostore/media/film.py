"""Opens a video with FFmpeg under limits: chosen demuxer, bounded reading, deadline, frame size.

The file is handed over as an open descriptor that photostore reads itself, so a container that
names other files or addresses gets nothing, and an endless demuxer is ended at its next read.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from photostore.base.errors import (
    CodecMissingError,
    FileChangedError,
    FileError,
    MediaRejectedError,
    UnreadableError,
)
from photostore.media.codecs import load_av
from photostore.media.gate import check_size
from photostore.media.reading import open_regular

if TYPE_CHECKING:
    from collections.abc import Iterator

    from photostore.media.kinds import Kind
    from photostore.media.reading import Content

# 12K spherical cameras write 66 megapixels a frame; FFmpeg takes about 6 bytes for each of them.
MAX_FRAME_PIXELS: Final = 70_000_000
DEADLINE_S: Final = 8.0
_PROBE_BYTES: Final = 8 * 1024 * 1024

_DEMUXERS: Final = {
    "mp4": "mov,mp4,m4a,3gp,3g2,mj2",
    "mov": "mov,mp4,m4a,3gp,3g2,mj2",
    "3gp": "mov,mp4,m4a,3gp,3g2,mj2",
    "mkv": "matroska,webm",
    "webm": "matroska,webm",
    "avi": "avi",
    "m2ts": "mpegts",
    "mpeg": "mpeg,mpegvideo",
    "wmv": "asf",
    "flv": "flv",
    "ogv": "ogg",
}


class _Film:
    """A file object over a descriptor; after the deadline the file seems to end."""

    def __init__(self, descriptor: int, deadline: float) -> None:
        self._descriptor = descriptor
        self._deadline = deadline

    def read(self, size: int) -> bytes:
        return b"" if self.is_overdue() else os.read(self._descriptor, size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return os.lseek(self._descriptor, offset, whence)

    def tell(self) -> int:
        return os.lseek(self._descriptor, 0, os.SEEK_CUR)

    def is_overdue(self) -> bool:
        return time.monotonic() > self._deadline


class Reel:
    """An open video: its container, its picture track, and its clock."""

    def __init__(self, container: Any, stream: Any, film: _Film, errors: Any) -> None:
        self.container = container
        self.stream = stream
        self._film = film
        self._errors = errors

    def frames(self) -> Iterator[Any]:
        """Yield decoded frames from the present place until the end or the deadline.

        A frame that cannot be decoded is passed over.
        """
        for packet in self.container.demux(self.stream):
            if self._film.is_overdue():
                return
            try:
                yield from packet.decode()
            except self._errors.EOFError:
                return
            except self._errors.InvalidDataError:
                continue


@contextmanager
def open_reel(content: Content, kind: Kind) -> Iterator[Reel]:
    """Open a video for the time of a `with` block.

    Raises `MediaRejectedError` for sound without pictures and for frames over the limit,
    `CodecMissingError` when nothing here can decode it, `UnreadableError` for damage and
    for what takes longer than the deadline, `FileChangedError` when the file is not the one that
    was read before. FFmpeg's errors inside the block become `UnreadableError` too.
    """
    av = load_av(content.path)
    descriptor = open_regular(content.path)
    film = _Film(descriptor, time.monotonic() + DEADLINE_S)
    try:
        now = os.fstat(descriptor)
        if (now.st_size, now.st_mtime_ns) != (content.size, content.mtime_ns):
            raise FileChangedError(content.path, "the file changed since it was read")
        with _open_container(av, film, kind) as container:
            yield Reel(container, _picture_track(content.path, container), film, av.error)
    except FileError:
        raise
    except (av.error.FFmpegError, OSError, ValueError, RuntimeError, MemoryError) as error:
        reason = f"damaged or cut short: {_reason(error)}"
        if film.is_overdue():
            reason = f"gave up after {DEADLINE_S:g} s"
        raise UnreadableError(content.path, reason) from error
    finally:
        os.close(descriptor)


def _open_container(av: Any, film: _Film, kind: Kind) -> Any:
    demuxers = _DEMUXERS[kind.name]
    return av.open(
        film,
        format=demuxers.split(",", maxsplit=1)[0],
        options={
            "format_whitelist": demuxers,
            "protocol_whitelist": "none",
            "max_pixels": str(MAX_FRAME_PIXELS),
            "probesize": str(_PROBE_BYTES),
            "max_streams": "64",
            "threads": "1",
        },
        metadata_errors="replace",
        buffer_size=256 * 1024,
    )


def _picture_track(path: bytes, container: Any) -> Any:
    """Choose the track to show: the first one that is no cover picture."""
    tracks = [track for track in container.streams if track.type == "video"]
    films = [track for track in tracks if not _is_cover(track)]
    if not films:
        raise MediaRejectedError(path, "there is no picture track in it: sound only")
    track = films[0]
    codec = track.codec_context
    if codec is None:
        raise CodecMissingError(path, "its picture track needs a decoder that is not installed")
    if not codec.width or not codec.height:
        raise UnreadableError(path, "damaged or cut short: its picture track has no size")
    check_size(path, codec.width, codec.height, MAX_FRAME_PIXELS)
    codec.thread_count = 1
    codec.options = {"max_pixels": str(MAX_FRAME_PIXELS)}
    return track


def _is_cover(track: Any) -> bool:
    disposition = track.disposition
    return bool(disposition & type(disposition).attached_pic)


def _reason(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
