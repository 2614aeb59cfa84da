"""The one place that imports pyvips: sets it up so that hostile and many files are safe.

One thread per call (photostore runs calls side by side itself), no operation cache, and none of the
loaders that libvips itself calls untrusted (SVG, PDF, RAW, ...).
"""

from __future__ import annotations

import os
from typing import Any

# Read once by libvips when it is loaded; a person's own values win.
os.environ.setdefault("VIPS_CONCURRENCY", "1")
os.environ.setdefault("VIPS_WARNING", "0")

import pyvips

pyvips.block_untrusted_set(True)
pyvips.cache_set_max(0)

# pyvips builds its methods at run time, so a type checker can only take an image as Any.
BLOB_TYPE: int = pyvips.GValue.blob_type
VipsError: type[Exception] = pyvips.Error
Image: Any = pyvips.Image


def reason_of(error: Exception) -> str:
    """Return the last line of a libvips message: the earlier ones only name the callers."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else "libvips gives no reason"
