"""A seeded generator of photos, clips and whole libraries, painted from nothing.

`python -m tests.samples --out DIR` makes a demo library; tests use the factories.
"""

from __future__ import annotations

from .exif import Caption, Exposure
from .factory import make_photo, make_video
from .library import make_library

__all__ = ["Caption", "Exposure", "make_library", "make_photo", "make_video"]
