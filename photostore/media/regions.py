"""People in pictures as other programs wrote them down: MWG and Microsoft regions in XMP."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from photostore.media.facts import Face
from photostore.media.text import clean_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from photostore.media.rdf import Node, Packet

_MAX_FACES: Final = 500
_MWG: Final = "http://www.metadataworkinggroup.com/schemas/regions/"
_AREA: Final = "http://ns.adobe.com/xmp/sType/Area#"
_MP: Final = "http://ns.microsoft.com/photo/1.2/"
_MP_REGION: Final = "http://ns.microsoft.com/photo/1.2/t/Region#"
_MP_INFO: Final = "http://ns.microsoft.com/photo/1.2/t/RegionInfo#"


def read_faces(packet: Packet) -> tuple[Face, ...]:
    """Return the faces of a packet, those without a name too; boxes are of the stored picture."""
    found: dict[tuple[str | None, object], Face] = {}
    for face in (*_mwg(packet), *_microsoft(packet)):
        found.setdefault((face.name, face.box), face)
        if len(found) >= _MAX_FACES:
            break
    # Programs write the same people both ways: a name with a box makes that without one idle.
    boxed = {face.name for face in found.values() if face.box is not None}
    return tuple(face for face in found.values() if face.box is not None or face.name not in boxed)


def _mwg(packet: Packet) -> Iterator[Face]:
    for regions in packet.structures(f"{_MWG} Regions"):
        items = regions.get(f"{_MWG} RegionList")
        for item in items.items() if items is not None else ():
            region = item.fields()
            if _text(region, f"{_MWG} Type") not in (None, "Face"):
                continue
            area = region.get(f"{_MWG} Area")
            name = _text(region, f"{_MWG} Name")
            box = _mwg_box(area.fields()) if area is not None else None
            if name or box:
                yield Face(name, box)


def _mwg_box(area: dict[str, Node]) -> tuple[float, float, float, float] | None:
    """Areas are given by their centre; newer writers add the unit, which is always relative."""
    if _text(area, f"{_AREA} unit") not in (None, "normalized"):
        return None
    x, y, width, height = (_number(_text(area, f"{_AREA} {name}")) for name in "xywh")
    if x is None or y is None or width is None or height is None:
        return None
    return _sound_box(x - width / 2, y - height / 2, width, height)


def _microsoft(packet: Packet) -> Iterator[Face]:
    for info in packet.structures(f"{_MP} RegionInfo"):
        items = info.get(f"{_MP_INFO} Regions")
        for item in items.items() if items is not None else ():
            region = item.fields()
            name = _text(region, f"{_MP_REGION} PersonDisplayName")
            parts = (_text(region, f"{_MP_REGION} Rectangle") or "").split(",")
            numbers = [_number(part) for part in parts]
            box = None
            if len(numbers) == 4 and all(number is not None for number in numbers):
                box = _sound_box(*(number or 0.0 for number in numbers))
            if name or box:
                yield Face(name, box)


def _sound_box(
    left: float, top: float, width: float, height: float
) -> tuple[float, float, float, float] | None:
    """Clip a box to the picture; None for what lies outside or has no size."""
    right, bottom = min(left + width, 1.0), min(top + height, 1.0)
    left, top = max(left, 0.0), max(top, 0.0)
    if right - left < 1e-4 or bottom - top < 1e-4:
        return None
    return (round(left, 5), round(top, 5), round(right - left, 5), round(bottom - top, 5))


def turn_face(face: Face, orientation: int) -> Face:
    """Return a face of the stored picture as a face of the picture as displayed (EXIF 1..8)."""
    if face.box is None or orientation not in range(2, 9):
        return face
    left, top, width, height = face.box
    right, bottom = 1 - left - width, 1 - top - height
    turned = {
        2: (right, top, width, height),
        3: (right, bottom, width, height),
        4: (left, bottom, width, height),
        5: (top, left, height, width),
        6: (bottom, left, height, width),
        7: (bottom, right, height, width),
        8: (top, right, height, width),
    }[orientation]
    return Face(face.name, tuple(round(part, 5) for part in turned))  # type: ignore[arg-type]


def _text(fields: dict[str, Node], name: str) -> str | None:
    node = fields.get(name)
    return clean_text(node.text()) if node is not None else None


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None
