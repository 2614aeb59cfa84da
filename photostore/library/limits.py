"""The filters of SPEC 5.3 as the settings have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from photostore.media.filters import Limits

if TYPE_CHECKING:
    from photostore.base.settings import Settings


def limits_of(settings: Settings) -> Limits:
    """What a file must be like to be imported."""
    return Limits(
        min_bytes=settings.min_file_size,
        max_bytes=settings.max_file_size,
        min_image_px=settings.min_image_px,
        min_video_px=settings.min_video_px,
        min_video_s=settings.min_video_duration.total_seconds(),
        max_pixels=settings.max_pixels,
        enabled=not settings.disable_all_filters,
    )
