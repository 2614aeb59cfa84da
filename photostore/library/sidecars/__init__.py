"""XMP sidecars: what people say, beside their photos, for other programs and for a rebuild."""

from photostore.library.sidecars.service import SidecarWriter

__all__ = ["SidecarWriter"]
