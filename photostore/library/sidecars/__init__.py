"""XMP sidecars: what people say, beside their photos, for other programs and for a rebuild."""

from photostore.library.sidecars.service import SidecarWriter, write_sidecar

__all__ = ["SidecarWriter", "write_sidecar"]
