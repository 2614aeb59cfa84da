"""Which kind of media a file is: by its magic bytes; the name only decides what is looked at.

SVG is no kind at all (SPEC 6.1: it can carry scripts).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from photostore.media.rawmagic import sniff_tiff_family


class Group(StrEnum):
    """What a person calls it."""

    PHOTO = "photo"
    RAW = "raw"
    VIDEO = "video"


class NameClass(StrEnum):
    """What an extension promises: media, a companion of media, or neither."""

    MEDIA = "media"
    SIDECAR = "sidecar"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Kind:
    """A file format. `extensions` are lower case without a dot, the usual one first."""

    name: str
    mime: str
    group: Group
    extensions: tuple[str, ...]


def _kind(name: str, mime: str, group: Group, extensions: str) -> tuple[str, Kind]:
    return name, Kind(name, mime, group, tuple(extensions.split()))


KINDS: dict[str, Kind] = dict(
    (
        _kind("jpeg", "image/jpeg", Group.PHOTO, "jpg jpeg jpe jfif jif mpo insp"),
        _kind("png", "image/png", Group.PHOTO, "png apng"),
        _kind("gif", "image/gif", Group.PHOTO, "gif"),
        _kind("webp", "image/webp", Group.PHOTO, "webp"),
        _kind("tiff", "image/tiff", Group.PHOTO, "tif tiff btf tf8"),
        _kind("bmp", "image/bmp", Group.PHOTO, "bmp dib"),
        _kind("heic", "image/heic", Group.PHOTO, "heic heif hif heics heifs avci"),
        _kind("avif", "image/avif", Group.PHOTO, "avif avifs heif"),
        _kind("jxl", "image/jxl", Group.PHOTO, "jxl"),
        _kind("jp2", "image/jp2", Group.PHOTO, "jp2 j2k jpf jpx j2c jpc"),
        _kind("psd", "image/vnd.adobe.photoshop", Group.PHOTO, "psd psb"),
        _kind("dng", "image/x-adobe-dng", Group.RAW, "dng"),
        _kind("cr2", "image/x-canon-cr2", Group.RAW, "cr2"),
        _kind("cr3", "image/x-canon-cr3", Group.RAW, "cr3"),
        _kind("crw", "image/x-canon-crw", Group.RAW, "crw"),
        _kind("nef", "image/x-nikon-nef", Group.RAW, "nef nrw"),
        _kind("arw", "image/x-sony-arw", Group.RAW, "arw sr2 srf arq"),
        _kind("raf", "image/x-fujifilm-raf", Group.RAW, "raf"),
        _kind("orf", "image/x-olympus-orf", Group.RAW, "orf ori"),
        _kind("rw2", "image/x-panasonic-rw2", Group.RAW, "rw2 raw rwl"),
        _kind("pef", "image/x-pentax-pef", Group.RAW, "pef"),
        _kind("srw", "image/x-samsung-srw", Group.RAW, "srw"),
        _kind("iiq", "image/x-phaseone-iiq", Group.RAW, "iiq"),
        _kind("3fr", "image/x-hasselblad-3fr", Group.RAW, "3fr fff"),
        _kind("erf", "image/x-epson-erf", Group.RAW, "erf"),
        _kind("mrw", "image/x-minolta-mrw", Group.RAW, "mrw"),
        _kind("x3f", "image/x-sigma-x3f", Group.RAW, "x3f"),
        _kind("raw", "image/x-raw", Group.RAW, "kdc dcr mos mef"),
        _kind("mp4", "video/mp4", Group.VIDEO, "mp4 m4v insv lrf 360 mov"),
        _kind("mov", "video/quicktime", Group.VIDEO, "mov qt mp4"),
        _kind("3gp", "video/3gpp", Group.VIDEO, "3gp 3gpp 3g2 mp4"),
        _kind("mkv", "video/x-matroska", Group.VIDEO, "mkv mk3d"),
        _kind("webm", "video/webm", Group.VIDEO, "webm"),
        _kind("avi", "video/x-msvideo", Group.VIDEO, "avi divx"),
        _kind("m2ts", "video/mp2t", Group.VIDEO, "mts m2ts m2t ts tod"),
        _kind("mpeg", "video/mpeg", Group.VIDEO, "mpg mpeg vob mod m2v mpe"),
        _kind("wmv", "video/x-ms-wmv", Group.VIDEO, "wmv asf"),
        _kind("flv", "video/x-flv", Group.VIDEO, "flv"),
        _kind("ogv", "video/ogg", Group.VIDEO, "ogv ogg"),
    )
)

# SVG is looked at so that its rejection is said, not silent (SPEC 6.1).
_REFUSED_EXTENSIONS = frozenset(("svg", "svgz"))
_MEDIA_EXTENSIONS = _REFUSED_EXTENSIONS.union(*(kind.extensions for kind in KINDS.values()))
_SIDECAR_EXTENSIONS = frozenset(("xmp", "json", "aae", "thm", "lrv", "pp3", "dop", "xml", "yml"))

_PREFIXES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"8BPS\x00\x01", "psd"),
    (b"\xff\x0a", "jxl"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "jxl"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "jp2"),
    (b"\xff\x4f\xff\x51\x00", "jp2"),
    (b"FUJIFILMCCD-RAW ", "raf"),
    (b"FOVb", "x3f"),
    (b"\x00MRM", "mrw"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "wmv"),
    (b"FLV\x01", "flv"),
    (b"OggS\x00", "ogv"),
    (b"\x00\x00\x01\xba", "mpeg"),
    (b"\x00\x00\x01\xb3", "mpeg"),
)

# ISO base media brands (mp4ra.org); what is not named here and is no picture plays as MP4.
_BRANDS: dict[bytes, str] = {
    b"avif": "avif",
    b"avis": "avif",
    b"heic": "heic",
    b"heix": "heic",
    b"heim": "heic",
    b"heis": "heic",
    b"hevc": "heic",
    b"hevx": "heic",
    b"hevm": "heic",
    b"hevs": "heic",
    b"crx ": "cr3",
    b"qt  ": "mov",
    b"jp2 ": "jp2",
    b"jxl ": "jxl",
}
_JPEG_MARKER = re.compile(rb"\xff[\xc0-\xfe]")
_PICTURE_BRANDS = frozenset((b"mif1", b"msf1", b"mif2", b"mif3", b"miaf", b"1pic"))
_QUICKTIME_FIRST_BOXES = frozenset((b"moov", b"mdat", b"wide", b"pnot"))


def sniff(head: bytes) -> Kind | None:
    """Return the kind by magic bytes, None for what is no photo or video.

    `head` is the first 4096 bytes of the file or more: a TIFF whose directory lies further behind
    is told from a RAW file only when `head` reaches it.
    """
    for prefix, name in _PREFIXES:
        if head.startswith(prefix):
            return KINDS[name]
    name = (
        _sniff_riff(head)
        or _sniff_boxes(head)
        or sniff_tiff_family(head)
        or _sniff_rest(head)
        or ""
    )
    return KINDS.get(name)


def _sniff_riff(head: bytes) -> str | None:
    if head[:4] not in (b"RIFF", b"RIFX", b"ON2 "):
        return None
    return {b"WEBP": "webp", b"AVI ": "avi", b"AVIX": "avi", b"ON2f": "avi"}.get(head[8:12])


def _sniff_boxes(head: bytes) -> str | None:
    if head[4:8] in _QUICKTIME_FIRST_BOXES:
        return "mov"
    if head[4:8] != b"ftyp":
        return None
    end = min(int.from_bytes(head[:4], "big"), len(head), 512)
    major = head[8:12]
    if major in (b"M4A ", b"M4B ", b"M4P ", b"F4A "):
        return None
    # The minor version counts as a brand too: that is where the low-overhead `mif3` puts its own.
    brands = [major, *(head[at : at + 4] for at in range(12, end - 3, 4))]
    if major in _BRANDS:
        return _BRANDS[major]
    if major in _PICTURE_BRANDS:
        found = [_BRANDS[brand] for brand in brands if _BRANDS.get(brand) in ("avif", "heic")]
        return found[0] if found else "heic"
    return "3gp" if major[:2] == b"3g" else "mp4"


def _sniff_rest(head: bytes) -> str | None:
    if _is_jpeg(head):
        return "jpeg"
    if head[:4] == b"\x1aE\xdf\xa3":
        return "webm" if b"webm" in head[:64] else "mkv"
    if head[:4] in (b"II\x1a\x00", b"MM\x00\x1a") and head[6:14] == b"HEAPCCDR":
        return "crw"
    if _is_bmp(head):
        return "bmp"
    # Transport stream: a sync byte every 188 bytes, or every 192 with a time code in front.
    for start, step in ((0, 188), (4, 192)):
        at = range(start, min(len(head), start + 5 * step), step)
        if len(at) >= 3 and all(head[i] == 0x47 for i in at):
            return "m2ts"
    return None


def _is_jpeg(head: bytes) -> bool:
    """Some writers pad between segments, so the second marker need not follow at once."""
    return head[:2] == b"\xff\xd8" and _JPEG_MARKER.search(head, 2, 1024) is not None


def _is_bmp(head: bytes) -> bool:
    """Two letters are too little to go by: the size of the second header must be a known one."""
    known = (12, 16, 40, 52, 56, 64, 108, 124)
    return head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in known


def extension_of(name: bytes) -> str:
    """Return the lower-case extension of a name or path without its dot, "" when there is none."""
    base = name.rpartition(b"/")[2]
    stem, dot, extension = base.rpartition(b".")
    return extension.decode("ascii", "replace").lower() if dot and stem else ""


def classify_name(name: bytes) -> NameClass:
    """Say by the extension alone whether a file is worth reading. `name` may be a path."""
    extension = extension_of(name)
    if extension in _MEDIA_EXTENSIONS:
        return NameClass.MEDIA
    return NameClass.SIDECAR if extension in _SIDECAR_EXTENSIONS else NameClass.OTHER


def disagreement(name: bytes, kind: Kind) -> str | None:
    """Return a note when the extension promises another kind than the content is (SPEC 6.1)."""
    extension = extension_of(name)
    if extension in kind.extensions:
        return None
    # RAW formats share containers and extensions; among themselves they do not lie.
    if kind.group is Group.RAW and any(
        extension in other.extensions for other in KINDS.values() if other.group is Group.RAW
    ):
        return None
    return f"the extension .{extension} does not fit: the content is {kind.name.upper()}"
