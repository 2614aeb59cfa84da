"""Makes the pictures that people see: grid picture, screen picture, placeholder (SPEC 8.1).

One decode feeds them all. Results are sRGB, upright, without metadata, and never
larger than the original.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from photostore.base.errors import UnreadableError
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
_HASH_PX: Final = 32
# The longest side that a grid picture of a panorama may have, times some.
_GRID_MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class Preview:
    """One encoded picture: its bytes, media type, and size in pixels."""

    data: bytes
    mime: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Previews:
    """Everything made at import. `damaged` says what is wrong with the original, else None."""

    grid: Preview
    screen: Preview
    thumbhash: bytes
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
        grid = _fit_grid(screen, grid_px).copy_memory()
        return Previews(
            grid=_encode_webp(grid, GRID_QUALITY),
            screen=_encode(screen),
            thumbhash=_hash(grid),
            damaged=picture.damaged,
        )
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
    """Fit 3:2 around `grid_px`, but let a wide picture be wider rather than lower than 60 %."""
    ordinary = min(1.5 * grid_px / image.width, grid_px / image.height)
    panorama = min(2.5 * grid_px / image.width, 0.6 * grid_px / image.height)
    scale = max(ordinary, panorama)
    return shrink(image, image.width * scale, image.height * scale)


def _encode(image: Any) -> Preview:
    if image.bands == 4:
        return _encode_webp(image, SCREEN_QUALITY)
    data = image.jpegsave_buffer(Q=SCREEN_QUALITY, keep="none")
    return Preview(data, "image/jpeg", image.width, image.height)


def _encode_webp(image: Any, quality: int) -> Preview:
    data = image.webpsave_buffer(Q=quality, effort=2, keep="none")
    return Preview(data, "image/webp", image.width, image.height)


def _hash(image: Any) -> bytes:
    small = shrink(image, _HASH_PX, _HASH_PX)
    if small.bands == 3:
        small = small.bandjoin(255)
    return encode_thumbhash(small.width, small.height, bytes(small.write_to_memory()))
