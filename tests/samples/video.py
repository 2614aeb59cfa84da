"""Short clips: a slow pan over a painting, H.264 and AAC in MP4 with the index in front."""

from __future__ import annotations

import random
import struct
from array import array
from fractions import Fraction
from typing import TYPE_CHECKING

import av

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from .paint import Image

FPS = 24
RATE = 44_100


def write_clip(
    path: Path,
    painting: Image,
    size: tuple[int, int],
    *,
    seconds: float,
    created_utc: datetime | None = None,
    gps: tuple[float, float, float | None] | None = None,
    turned: bool = False,
    sound: bool = True,
) -> None:
    """Write a clip of `size` pixels as stored; the 8-bit painting must be larger.

    `turned` writes a matrix that says: show me turned by 90 degrees clockwise.
    """
    with av.open(
        str(path), "w", format="mp4", options={"movflags": "+faststart", "fflags": "+bitexact"}
    ) as out:
        if created_utc is not None:
            out.metadata["creation_time"] = f"{created_utc:%Y-%m-%dT%H:%M:%S}.000000Z"
        if gps is not None:
            out.metadata["location"] = f"{gps[0]:+08.4f}{gps[1]:+09.4f}/"
        video = out.add_stream(
            "libx264", rate=FPS, options={"preset": "veryfast", "crf": "27", "threads": "1"}
        )
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        audio = None
        if sound:
            audio = out.add_stream("aac", rate=RATE, layout="mono")
            audio.bit_rate = 48_000
        for frame in _frames(painting, size, round(seconds * FPS)):
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        if audio is not None:
            for block in _wind(seconds):
                out.mux(audio.encode(block))
            out.mux(audio.encode(None))
    if turned:
        _turn(path)  # fmt: skip


def _frames(painting: Image, size: tuple[int, int], count: int):
    w, h = size
    spare_x, spare_y = painting.width - w, painting.height - h
    pixels = painting.cast("uchar").copy_memory()
    for number in range(count):
        t = number / max(1, count - 1)
        smooth = t * t * (3 - 2 * t)
        part = pixels.crop(round(spare_x * smooth), round(spare_y * (0.7 - 0.4 * smooth)), w, h)
        frame = av.VideoFrame(w, h, "rgb24")
        plane, line = frame.planes[0], 3 * w
        data = part.write_to_memory()
        if plane.line_size != line:
            gap = bytes(plane.line_size - line)
            data = b"".join(data[y * line : (y + 1) * line] + gap for y in range(h))
        plane.update(data)
        frame.pts, frame.time_base = number, Fraction(1, FPS)
        yield frame


def _wind(seconds: float):
    """A quiet rush, as every microphone out of doors records it."""
    rng, level, pts = random.Random(1), 0.0, 0
    loop = array("h")
    for _ in range(RATE // 2):
        level = level * 0.98 + rng.uniform(-1, 1) * 60
        loop.append(max(-3000, min(3000, round(level * 4))))
    total = round(seconds * RATE)
    while pts < total:
        start = pts % (len(loop) - 1024)
        frame = av.AudioFrame("s16", "mono", 1024)
        samples = loop[start : start + 1024].tobytes()
        frame.planes[0].update(samples.ljust(frame.planes[0].buffer_size, b"\0"))
        frame.sample_rate, frame.pts, frame.time_base = RATE, pts, Fraction(1, RATE)
        pts += 1024
        yield frame


def _turn(path: Path) -> None:
    """Put a rotation by 90 degrees into the video track's header (ISO 14496-12, 8.3.2)."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40  # version 0: the matrix stands 40 bytes behind the name
    struct.pack_into(">9i", data, at, 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
