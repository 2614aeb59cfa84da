"""JPEG XL by imagecodecs (libjxl), where it is installed; else such files wait for a codec."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

from photostore.base.errors import CodecMissingError, UnreadableError
from photostore.media.libvips import Image

_INTERPRETATIONS: Final = {1: "b-w", 2: "b-w", 3: "srgb", 4: "srgb"}


def decode_jxl(path: bytes, data: bytes) -> Any:
    """Decode the first frame: a libvips image, 8 bit, upright (libjxl turns it).

    Raises `CodecMissingError` without the decoder, `UnreadableError` for damage.
    """
    try:
        codecs = import_module("imagecodecs")
        decode, error_type = codecs.jpegxl_decode, codecs.JpegxlError
    except (ImportError, AttributeError) as error:
        raise CodecMissingError(path, "no decoder for JPEG XL is installed") from error
    try:
        pixels = decode(data, index=0)
    except (error_type, ValueError, RuntimeError, MemoryError, IndexError, OverflowError) as error:
        raise UnreadableError(path, f"damaged: {error}") from error
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    if pixels.ndim != 3 or pixels.shape[2] not in _INTERPRETATIONS:
        raise UnreadableError(path, f"pixels of an unknown layout: {pixels.shape}")
    if pixels.dtype.kind == "f":
        pixels = (pixels.clip(0, 1) * 255 + 0.5).astype("uint8")
    elif pixels.dtype.itemsize > 1:
        pixels = (pixels >> 8).astype("uint8")
    height, width, bands = pixels.shape
    image = Image.new_from_memory(pixels.tobytes(), width, height, bands, "uchar")
    return image.copy(interpretation=_INTERPRETATIONS[bands])
