"""The properties of an XMP packet as text, all of them, for people to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from photostore.media.rdf import Node, Packet

_MAX_SHOWN_DEPTH: Final = 8
_PREFIXES: Final = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://cipa.jp/exif/1.0/": "exifEX",
    "http://ns.adobe.com/exif/1.0/aux/": "aux",
    "http://ns.adobe.com/tiff/1.0/": "tiff",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://ns.adobe.com/lightroom/1.0/": "lr",
    "http://www.digikam.org/ns/1.0/": "digiKam",
    "http://darktable.sf.net/": "darktable",
    "http://ns.microsoft.com/photo/1.0/": "MicrosoftPhoto",
    "http://ns.acdsee.com/iptc/1.0/": "acdsee",
    "http://ns.iview-multimedia.com/mediapro/1.0/": "mediapro",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "Iptc4xmpExt",
    "http://www.metadataworkinggroup.com/schemas/collections/": "mwg-coll",
    "http://ns.google.com/photos/1.0/panorama/": "GPano",
    "http://ns.google.com/photos/1.0/camera/": "GCamera",
    "http://ns.google.com/photos/1.0/container/": "Container",
    "http://ns.google.com/photos/1.0/container/item/": "Item",
    "http://ns.adobe.com/xmp/note/": "xmpNote",
    "http://ns.adobe.com/camera-raw-settings/1.0/": "crs",
    "http://www.metadataworkinggroup.com/schemas/regions/": "mwg-rs",
    "http://ns.adobe.com/xap/1.0/mm/": "xmpMM",
    "http://ns.adobe.com/xap/1.0/rights/": "xmpRights",
    "http://ns.adobe.com/hdr-gain-map/1.0/": "hdrgm",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "Iptc4xmpCore",
}


def flatten(packet: Packet) -> Iterator[tuple[str, str]]:
    """Yield all properties with their values as text: `dc:subject`, `mwg-rs:Regions/RegionList`."""
    for name, node in packet.properties.items():
        yield from _leaves(_short(name), node, 0)


def _leaves(name: str, node: Node, depth: int) -> Iterator[tuple[str, str]]:
    if depth > _MAX_SHOWN_DEPTH:
        return
    items = node.items()
    if items == [node]:
        text, fields = node.text(), node.fields()
        if text or not fields:
            yield name, text
            return
        for inner, child in fields.items():
            yield from _leaves(f"{name}/{_short(inner).partition(':')[2]}", child, depth + 1)
        return
    if all(item.text() for item in items):
        yield name, ", ".join(item.text() for item in items)
        return
    for number, item in enumerate(items, 1):
        yield from _leaves(f"{name}[{number}]", item, depth + 1)


def _short(name: str) -> str:
    """Return a property's name with the usual prefix, or the last part of its namespace."""
    space, _, local = name.rpartition(" ")
    prefix = _PREFIXES.get(space) or space.rstrip("/#").rpartition("/")[2]
    return f"{prefix}:{local}" if prefix else local
