"""Makes the pictures that people see: grid picture, screen picture, placeholder (SPEC 8.1).

One decode feeds them all; or, where that is far cheaper, a decode at an eighth gives the grid
picture first, and the screen picture gets one of its own later. Results are sRGB, upright, without
metadata, and never larger than the original.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from PIL import Image as PillowImage

from photostore.base.errors import UnreadableError
from photostore.media.gate import read_header
from photostore.media.image import Picture, decode_picture, shrink
from photostore.media.kinds import Group
from photostore.media.libvips import Image, VipsError, reason_of
from photostore.media.thumbhash import encode_thumbhash
from photostore.media.video import decode_poster

if TYPE_CHECKING:
    from photostore.media.facts import Facts
    from photostore.media.reading import Content

GRID_QUALITY: Final = 65
SCREEN_QUALITY: Final = 82
_EFFORT: Final = 2
_HASH_PX: Final = 32
# The longest side that a grid picture of a panorama may have, times some.
_GRID_MOST: Final = 1000
# A JPEG this many times as long as its grid picture is decoded at half its size or less for that.
_GRID_FIRST_FACTOR: Final = 3


@dataclass(frozen=True, slots=True)
class Preview:
    """One encoded picture: its bytes, media type, and size in pixels."""

    data: bytes
    mime: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Previews:
    """What was made of a file. `damaged` says what is wrong with the original, else None.

    `screen` is None when it is to follow; `grid` and `thumbhash` when they were there before.
    """

    grid: Preview | None
    screen: Preview | None
    thumbhash: bytes | None
    damaged: str | None


def render(
    content: Content, facts: Facts, *, screen_px: int = 1440, grid_px: int = 320
) -> Previews:
    """Make both previews and the placeholder from one decode.

    `screen_px` is the long edge of the screen picture. `grid_px` is the height that the grid
    picture fits into, with up to one and a half times that in width (more for panoramas, which
    would be too low otherwise).

    Raises `UnreadableError`, `CodecMissingError` or `MediaRejectedError`.
    """
    picture = _decode(content, facts, screen_px)
    try:
        screen = _without_idle_alpha(picture.image)
        grid, thumbhash = _encode_grid(_fit_grid(screen, grid_px))
        return Previews(grid, _encode(screen), thumbhash, picture.damaged)
    except VipsError as error:
        raise UnreadableError(content.path, f"no preview: {reason_of(error)}") from error


def pays_first(content: Content, facts: Facts, *, grid_px: int = 320) -> bool:
    """Whether the grid picture alone is far cheaper than both: of a JPEG in one scan.

    Its decoder computes an eighth of the picture for half the effort of all of it. A progressive
    one is decoded whole in any case, and other kinds cannot be decoded small.
    """
    if facts.kind.name != "jpeg" or content.data is None:
        return False
    if 1 / _grid_scale(facts.width, facts.height, grid_px) < _GRID_FIRST_FACTOR:
        return False
    return read_header(content, facts.kind).whole_bytes == 0


def render_grid(content: Content, facts: Facts, *, grid_px: int = 320) -> Previews:
    """Make grid picture and placeholder only, by the smallest decode. Raises as `render`."""
    scale = _grid_scale(facts.width, facts.height, grid_px)
    # Rounded up, so that what comes is never a pixel too small.
    picture = _decode(content, facts, math.ceil(scale * max(facts.width, facts.height)))
    try:
        grid, thumbhash = _encode_grid(_fit_grid(_without_idle_alpha(picture.image), grid_px))
        return Previews(grid, None, thumbhash, picture.damaged)
    except VipsError as error:
        raise UnreadableError(content.path, f"no preview: {reason_of(error)}") from error


def render_screen(content: Content, facts: Facts, *, screen_px: int = 1440) -> Previews:
    """Make the screen picture only. Raises as `render`."""
    picture = _decode(content, facts, screen_px)
    try:
        screen = _encode(_without_idle_alpha(picture.image))
        return Previews(None, screen, None, picture.damaged)
    except VipsError as error:
        raise UnreadableError(content.path, f"no preview: {reason_of(error)}") from error


def render_size(content: Content, facts: Facts, long_edge_px: int) -> Preview:
    """Make one picture of at most `long_edge_px` on its longer side, for zooming.

    Raises as `render`.
    """
    picture = _decode(content, facts, long_edge_px)
    try:
        return _encode(_without_idle_alpha(picture.image))
    except VipsError as error:
        raise UnreadableError(content.path, f"no preview: {reason_of(error)}") from error


def turn_preview(data: bytes, degrees: int) -> bytes:
    """A preview of photostore's own making, turned clockwise by 90, 180 or 270 degrees.

    Raises `ValueError` when the bytes are no preview.
    """
    try:
        image = Image.new_from_buffer(data, "")
        turned = getattr(image, f"rot{degrees}")().copy_memory()
        if data.startswith(b"RIFF"):
            quality = GRID_QUALITY if max(turned.width, turned.height) <= _GRID_MOST else None
            return _encode_webp(turned, quality or SCREEN_QUALITY).data
        return _encode(turned).data
    except VipsError as error:
        raise ValueError(f"the preview cannot be turned: {reason_of(error)}") from error


def _decode(content: Content, facts: Facts, long_edge_px: int) -> Picture:
    try:
        if facts.kind.group is Group.VIDEO:
            return decode_poster(content, facts, long_edge_px)
        return decode_picture(content, facts, long_edge_px)
    except VipsError as error:
        raise UnreadableError(content.path, f"damaged: {reason_of(error)}") from error


def _without_idle_alpha(image: Any) -> Any:
    """Drop an alpha band that hides nothing: JPEG is smaller and faster."""
    if image.bands == 4 and image.extract_band(3).min() == 255:
        return image.extract_band(0, n=3).copy_memory()
    return image


def _fit_grid(image: Any, grid_px: int) -> Any:
    scale = _grid_scale(image.width, image.height, grid_px)
    return shrink(image, image.width * scale, image.height * scale)


def _grid_scale(width: int, height: int, grid_px: int) -> float:
    """Fit 3:2 around `grid_px`, but let a wide picture be wider rather than lower than 60 %."""
    ordinary = min(1.5 * grid_px / width, grid_px / height)
    panorama = min(2.5 * grid_px / width, 0.6 * grid_px / height)
    return max(ordinary, panorama)


def _encode_grid(image: Any) -> tuple[Preview, bytes]:
    """The grid picture as WebP, and its placeholder.

    Pillow has the same encoder, and no threads to be started for a picture this small: with the
    placeholder that is 3 ms less.
    """
    mode = "RGBA" if image.bands == 4 else "RGB"
    size = (image.width, image.height)
    picture = PillowImage.frombuffer(mode, size, image.write_to_memory(), "raw", mode, 0, 1)
    encoded = io.BytesIO()
    picture.save(encoded, "WEBP", quality=GRID_QUALITY, method=_EFFORT)
    scale = min(1.0, _HASH_PX / max(size))
    tiny_size = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    tiny = picture.resize(tiny_size, PillowImage.Resampling.BOX).convert("RGBA")
    thumbhash = encode_thumbhash(*tiny_size, tiny.tobytes())
    return Preview(encoded.getvalue(), "image/webp", *size), thumbhash


def _encode(image: Any) -> Preview:
    if image.bands == 4:
        return _encode_webp(image, SCREEN_QUALITY)
    data = image.jpegsave_buffer(Q=SCREEN_QUALITY, keep="none")
    return Preview(data, "image/jpeg", image.width, image.height)


def _encode_webp(image: Any, quality: int) -> Preview:
    data = image.webpsave_buffer(Q=quality, effort=_EFFORT, keep="none")
    return Preview(data, "image/webp", image.width, image.height)
