"""The blocks of metadata in a picture, found in any container and not read yet.

Never decodes a picture: the decoders of HEIF and AVIF are asked for items alone.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from photostore.base.errors import UnreadableError
from photostore.media.codecs import load_heif
from photostore.media.gamut import GAIN_MAP, name_code_points
from photostore.media.gate import check_size
from photostore.media.libvips import Image, VipsError, reason_of

if TYPE_CHECKING:
    from photostore.media.headers.header import Header
    from photostore.media.kinds import Kind
    from photostore.media.reading import Content

HEIF: Final = ("heic", "avif")
# Apple's auxiliary picture, or the item that puts base and map together (ISO 23008-12).
_HEIF_GAIN_MAP: Final = re.compile(rb"aux:hdrgainmap|infe.{8}tmap", re.DOTALL)
_META_BYTES: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Blocks:
    """A picture's size, and its metadata as it stands there, whatever the container.

    `exif` is a TIFF block, `xmp` a packet and `xmp_rest` its second part, `iptc` Photoshop
    resources or IIM records, `texts` named texts (PNG), `profile` an ICC profile; `colour` and
    `hdr` are as in `Header`.
    """

    width: int
    height: int
    has_alpha: bool
    animated: bool
    exif: bytes | None
    xmp: bytes | None
    xmp_rest: bytes | None = None
    iptc: bytes | None = None
    texts: tuple[tuple[str, str], ...] = ()
    profile: bytes | None = None
    colour: str | None = None
    hdr: str | None = None


def read_blocks(content: Content, kind: Kind, header: Header) -> Blocks:
    """Find the blocks of a picture or RAW file whose header was read. Raises `UnreadableError`."""
    return _heif(content, kind, header) if kind.name in HEIF else _plain(header)


def _plain(header: Header) -> Blocks:
    return Blocks(
        header.width,
        header.height,
        header.has_alpha,
        header.frames > 1,
        header.exif,
        header.xmp,
        header.xmp_rest,
        header.iptc,
        header.texts,
        header.profile,
        header.colour,
        header.hdr,
    )


def _heif(content: Content, kind: Kind, header: Header) -> Blocks:
    """Ask the decoder for the displayed size and the metadata items; nothing is decoded yet."""
    data = content.data or b""
    animated = header.frames > 1
    try:
        if kind.name == "avif":
            return _avif(data, animated=animated)
        file = load_heif(content.path).open_heif(io.BytesIO(data), convert_hdr_to_8bit=True)
        picture = file[file.primary_index]
    except VipsError as error:
        if header.width and animated:
            # A pure sequence: libvips wants a still, Pillow reads the first frame later.
            return _plain(header)
        raise UnreadableError(content.path, f"damaged: {reason_of(error)}") from error
    except (RuntimeError, ValueError, LookupError, EOFError, OSError, SyntaxError) as error:
        raise UnreadableError(content.path, f"damaged: {error}") from error
    width, height = picture.size
    check_size(content.path, width, height)
    xmp = picture.info.get("xmp")
    points = picture.info.get("nclx_profile") or {}
    colour, hdr = name_code_points(
        points.get("color_primaries"), points.get("transfer_characteristics")
    )
    return Blocks(
        width,
        height,
        has_alpha=picture.has_alpha,
        animated=animated,
        exif=_tiff_block(picture.info.get("exif")),
        xmp=xmp if isinstance(xmp, bytes) else None,
        profile=_as_bytes(picture.info.get("icc_profile")),
        colour=colour,
        hdr=GAIN_MAP if _HEIF_GAIN_MAP.search(data, 0, _META_BYTES) else hdr,
    )


def _avif(data: bytes, *, animated: bool) -> Blocks:
    image: Any = Image.heifload_buffer(data, n=1)
    blobs = {
        name: image.get(name) if image.get_typeof(name) else None
        for name in ("exif-data", "xmp-data", "icc-profile-data")
    }
    return Blocks(
        image.width,
        image.height,
        has_alpha=bool(image.hasalpha()),
        animated=animated,
        exif=_tiff_block(blobs["exif-data"]),
        xmp=blobs["xmp-data"],
        profile=blobs["icc-profile-data"],
        hdr=GAIN_MAP if _HEIF_GAIN_MAP.search(data, 0, _META_BYTES) else None,
    )


def _as_bytes(value: object) -> bytes | None:
    return value if isinstance(value, bytes) else None


def _tiff_block(exif: object) -> bytes | None:
    """Strip what stands before the TIFF block of an Exif item: an offset, or the APP1 name."""
    if not isinstance(exif, bytes):
        return None
    starts = [at for at in (exif.find(b"II*\x00", 0, 64), exif.find(b"MM\x00*", 0, 64)) if at >= 0]
    return exif[min(starts) :] if starts else None
