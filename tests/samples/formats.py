"""From a planned shot to a file: painted, developed, encoded and put in place at once."""

from __future__ import annotations

import io
import os
import random
import shutil
from datetime import timedelta, timezone
from typing import TYPE_CHECKING

from PIL import Image as Pillow

from .exif import describe, into_jpeg, write_tiff, write_xmp
from .grade import LOOKS, develop
from .raw import write_dng
from .scenes import cut, paint_scene
from .screenshots import paint_screenshot
from .shot import NO_CAPTION
from .video import write_clip

if TYPE_CHECKING:
    from pathlib import Path

    from .paint import Image
    from .shot import Shot

PAINTED_EDGE = 640  # long edge of a painting, pixels; the camera's size is reached by enlarging
TURNS = {1: "", 3: "rot180", 6: "rot270", 8: "rot90"}  # from upright to how it is stored


def make_shot(shot: Shot, root: Path) -> bool:
    """Write the shot below `root` unless it is there; True when something was written."""
    target = root / shot.path
    if target.exists() and (shot.form == "empty" or target.stat().st_size > 0):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    if shot.form == "mp4":
        _write_video(shot, part)
    else:
        part.write_bytes(_encode(shot))
    side = target.with_name(target.name + ".xmp")
    if shot.sidecar and not side.exists():
        side_part = side.with_name(f".{side.name}.part")
        side_part.write_bytes(write_xmp(shot.caption))
        side_part.replace(side)
    _date(shot, part)
    part.replace(target)
    return True


def make_copy(shot: Shot, root: Path) -> bool:
    """Copy the original of a duplicate, bytes and time; the original must be there."""
    target = root / shot.path
    if target.exists():
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    shutil.copy2(root / (shot.copy_of or ""), part)
    part.replace(target)
    return True


def painted_size(size: tuple[int, int]) -> tuple[int, int]:
    """How large a picture of `size` is painted."""
    scale = min(1.0, (PAINTED_EDGE**2 * 0.75 / (size[0] * size[1])) ** 0.5)
    return (max(16, round(size[0] * scale)), max(16, round(size[1] * scale)))


def _encode(shot: Shot) -> bytes:
    if shot.form == "empty":
        return b""
    if shot.form == "screenshot":
        return paint_screenshot(shot.size, shot.scene_seed).pngsave_buffer(
            compression=6, keep="none"
        )
    stored = _stored(shot)
    jpeg = stored.jpegsave_buffer(Q=LOOKS[shot.look].quality, keep="none")
    if not shot.exif:
        return jpeg
    described = _described(shot)
    tiff = write_tiff(*described, {})
    if shot.form == "dng":
        small = stored.crop(0, 0, stored.width // 2 * 2, stored.height // 2 * 2)
        return write_dng(small, jpeg, described, shot.camera[1] or "sample")
    if shot.form in ("webp", "heic"):
        return _encode_other(shot, stored, tiff)
    xmp = write_xmp(shot.caption) if shot.caption != NO_CAPTION and not shot.sidecar else None
    whole = into_jpeg(jpeg, tiff, xmp)
    return whole[: len(whole) // 9] if shot.form == "truncated" else whole


def _described(shot: Shot):
    taken = shot.taken
    if taken is not None and shot.precision == "second":
        taken = taken.replace(microsecond=0)
    return describe(
        taken=taken, offset_min=shot.offset_min, gps=shot.gps, camera=shot.camera,
        exposure=shot.exposure, orientation=1 if shot.form == "heic" else shot.orientation,
    )  # fmt: skip


def _stored(shot: Shot) -> Image:
    """The developed picture with its pixels turned as the camera held them."""
    small = painted_size(shot.size)
    scene = paint_scene(shot.scene, shot.scene_seed, shot.land, shot.light, small)
    picture = cut(scene, small, shot.shift)
    image = develop(picture, shot.size, LOOKS[shot.look], random.Random(shot.seed))
    turn = TURNS[shot.orientation] if shot.form != "heic" else ""
    return getattr(image, turn)().copy_memory() if turn else image.copy_memory()


def _encode_other(shot: Shot, image: Image, tiff: bytes) -> bytes:
    bands = "RGB" if image.bands == 3 else "L"
    pixels = Pillow.frombytes(bands, (image.width, image.height), image.write_to_memory())
    out = io.BytesIO()
    if shot.form == "webp":
        pixels.save(out, "WEBP", quality=80, method=2, exif=b"Exif\0\0" + tiff)
    else:
        import pillow_heif  # noqa: PLC0415 - an optional codec, and slow to load

        pillow_heif.register_heif_opener()
        speed = {"preset": "ultrafast", "x265:pools": "none"}
        pixels.save(out, "HEIF", quality=60, exif=b"Exif\0\0" + tiff, enc_params=speed)
    return out.getvalue()


def _write_video(shot: Shot, part: Path) -> None:
    turned = shot.orientation == 6
    stored = (shot.size[1], shot.size[0]) if turned else shot.size
    wide = (round(shot.size[0] * 1.14), round(shot.size[1] * 1.08))
    scene = paint_scene(shot.scene, shot.scene_seed, shot.land, shot.light, painted_size(wide))
    image = develop(scene, wide, LOOKS[shot.look], random.Random(shot.seed))
    utc = shot.taken - timedelta(minutes=shot.zone_min) if shot.taken else None
    write_clip(
        part, image.rot270() if turned else image, stored, seconds=shot.duration_s or 3.0,
        created_utc=utc, gps=shot.gps, turned=turned,
    )  # fmt: skip


def _date(shot: Shot, path: Path) -> None:
    if shot.taken is not None:
        zone = timezone(timedelta(minutes=shot.zone_min))
        stamp = shot.taken.replace(tzinfo=zone).timestamp()
        os.utime(path, (stamp, stamp))
