"""What a header says about a picture, and the two ways in which a header can be unusable."""

from __future__ import annotations

from dataclasses import dataclass


class DamagedHeaderError(ValueError):
    """The header is cut short or contradicts itself; the message says how."""


class RefusedHeaderError(ValueError):
    """The header is readable and what it promises is not decoded here; the message says why."""


@dataclass(frozen=True, slots=True)
class Header:
    """One picture's header.

    `width` and `height` are as stored, in pixels. `whole_bytes` is what a decoder must hold in
    memory at once for this file, 0 when it streams. `orientation` is that of the container (EXIF
    numbers), None where only EXIF can tell. `exif` is a TIFF block, `xmp` an XML packet with
    `xmp_rest` as its second part, `iptc` Photoshop resources or IIM records, `texts` are named
    texts (PNG). `preview` is offset and length of a JPEG inside the file that stands for a RAW.
    `profile` is an ICC profile, `colour` the name of the colours where there is none, `hdr` what
    makes more than a plain picture of it: `gain map`, `PQ` or `HLG`.
    """

    width: int
    height: int
    has_alpha: bool = False
    frames: int = 1
    whole_bytes: int = 0
    orientation: int | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    xmp_rest: bytes | None = None
    iptc: bytes | None = None
    texts: tuple[tuple[str, str], ...] = ()
    preview: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()
    profile: bytes | None = None
    colour: str | None = None
    hdr: str | None = None
