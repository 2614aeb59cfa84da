"""What a person said, written into a sidecar, and taken out of it again. Pure: bytes to bytes.

What stood in a property before is kept inside the sidecar, so that undoing brings it back; how, and
how the reader looks through it, is told in `media.said`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from photostore.library.sidecars.document import SidecarDocument, UnreadableSidecarError
from photostore.media.rdf import parse_packet
from photostore.media.said import EDITS, NAMESPACE, REPLACED, WRITTEN
from photostore.store.edits import Field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CREATED: Final = f"{NAMESPACE} created"
DC: Final = "http://purl.org/dc/elements/1.1/"
XMP: Final = "http://ns.adobe.com/xap/1.0/"
EXIF: Final = "http://ns.adobe.com/exif/1.0/"
PHOTOSHOP: Final = "http://ns.adobe.com/photoshop/1.0/"
TREE: Final = "http://ns.adobe.com/lightroom/1.0/ hierarchicalSubject"
DIGIKAM: Final = "http://www.digikam.org/ns/1.0/ TagsList"
# Other programs' trees of keywords, with what separates levels: what was taken away goes there too.
TREES: Final[Mapping[str, str]] = {
    TREE: "|",
    DIGIKAM: "/",
    "http://ns.microsoft.com/photo/1.0/ LastKeywordXMP": "/",
    "http://ns.iview-multimedia.com/mediapro/1.0/ CatalogSets": "|",
}
# The properties that each field is written to.
OWNED: Final[Mapping[str, tuple[str, ...]]] = {
    Field.TITLE: (f"{DC} title",),
    Field.DESCRIPTION: (f"{DC} description",),
    Field.RATING: (f"{XMP} Rating",),
    Field.CAPTURED: (f"{EXIF} DateTimeOriginal", f"{PHOTOSHOP} DateCreated"),
    Field.POSITION: (
        f"{EXIF} GPSLatitude",
        f"{EXIF} GPSLongitude",
        f"{EXIF} GPSAltitude",
        f"{EXIF} GPSAltitudeRef",
    ),
    Field.KEYWORDS: (f"{DC} subject", *TREES),
}
FLAGS: Final = (Field.FAVOURITE, Field.HIDDEN, Field.ROTATION)
DATE_LENGTHS: Final[Mapping[str, int]] = {
    "year": 4,
    "month": 7,
    "day": 10,
    "hour": 16,
    "minute": 16,
}


@dataclass(frozen=True, slots=True)
class Said:
    """What goes into a file's sidecar: the person's values, and the keywords that result."""

    edits: Mapping[str, Any]
    keywords: Sequence[str] = ()
    keyword_paths: Sequence[Sequence[str]] = ()


def render_sidecar(data: bytes | None, said: Said) -> bytes | None:
    """The sidecar with exactly what the person says now; `data` is what it holds, None if absent.

    None means that there is to be none: nothing is said, and whatever was in it was photostore's.
    Raises UnreadableSidecarError for one that cannot be changed without loss.
    """
    if data is None and not said.edits:
        return None
    data = None if data is None else _as_utf8(data)
    if data is not None and not said.edits and NAMESPACE.encode() not in data:
        return data
    document = SidecarDocument(data)
    was_ours = _restore(document, data)
    if not said.edits:
        return None if was_ours and document.is_empty else document.to_bytes()
    replaced = []
    trees = {name: _texts(document, name) for name in TREES}
    for field in said.edits:
        for name in OWNED.get(field, ()):
            replaced += document.take(name)
    _write(document, said, trees)
    if replaced:
        document.put_structure(REPLACED, replaced)
    document.put_text(EDITS, _json(dict(said.edits)))
    if data is None or was_ours:
        document.put_text(CREATED, "True")
    owned = [name for field in said.edits for name in OWNED.get(field, ())]
    packet = parse_packet(document.to_bytes())
    document.put_text(WRITTEN, _json({name: list(packet.texts(name)) for name in owned}))
    return document.to_bytes()


def _as_utf8(data: bytes) -> bytes:
    """The packet without padding, in UTF-8 where its mark says that it is in UTF-16."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16").encode()
        except UnicodeError as error:
            raise UnreadableSidecarError("it is damaged") from error
    return data.strip(b"\x00\r\n\t ")


def _restore(document: SidecarDocument, data: bytes | None) -> bool:
    """Take what photostore wrote out again; returns whether photostore made the sidecar.

    Properties that another program has changed since stay as they are.
    """
    if data is None:
        return False
    packet = parse_packet(data)
    try:
        written = json.loads(packet.text(WRITTEN) or "{}")
    except ValueError:
        written = {}
    before: dict[str, Any] = {}
    for structure in document.take(REPLACED):
        before |= {f"{one.namespaceURI} {one.localName}": one for one in document.fields(structure)}
    for name, texts in written.items():
        if list(packet.texts(name)) == texts:
            document.take(name)
            if name in before:
                document.put(before[name])
    for flag in FLAGS:
        document.take(f"{NAMESPACE} {flag}")
    for name in (EDITS, WRITTEN):
        document.take(name)
    return bool(document.take(CREATED))


def _write(document: SidecarDocument, said: Said, trees: Mapping[str, Sequence[str]]) -> None:
    edits = said.edits
    for field, name in ((Field.TITLE, f"{DC} title"), (Field.DESCRIPTION, f"{DC} description")):
        if edits.get(field) is not None:
            document.put_alternative(name, edits[field])
    if edits.get(Field.RATING) is not None:
        document.put_text(f"{XMP} Rating", str(edits[Field.RATING]))
    if Field.CAPTURED in edits:
        for name in OWNED[Field.CAPTURED]:
            document.put_text(name, format_date(edits[Field.CAPTURED]))
    if edits.get(Field.POSITION) is not None:
        _write_position(document, edits[Field.POSITION])
    if Field.KEYWORDS in edits:
        _write_keywords(document, said, trees)
    for flag in FLAGS:
        if flag in edits:
            document.put_text(f"{NAMESPACE} {flag}", str(edits[flag]))


def _write_position(document: SidecarDocument, position: Mapping[str, float]) -> None:
    document.put_text(f"{EXIF} GPSLatitude", format_degrees(position["lat"], "NS"))
    document.put_text(f"{EXIF} GPSLongitude", format_degrees(position["lon"], "EW"))
    if "alt" in position:
        document.put_text(f"{EXIF} GPSAltitude", f"{round(abs(position['alt']) * 1000)}/1000")
        document.put_text(f"{EXIF} GPSAltitudeRef", "1" if position["alt"] < 0 else "0")


def _write_keywords(
    document: SidecarDocument, said: Said, trees: Mapping[str, Sequence[str]]
) -> None:
    """Flat keywords, and trees without what was taken away; ours also with what was added."""
    change = said.edits[Field.KEYWORDS]
    removed, added = set(change["remove"]), list(change["add"])
    if said.keywords:
        document.put_list(f"{DC} subject", said.keywords)
    paths = ["|".join(path) for path in said.keyword_paths if path[-1] not in removed]
    paths = list(dict.fromkeys([*paths, *added]))
    if paths:
        document.put_list(TREE, paths)
    for name, separator in TREES.items():
        kept = [text for text in trees[name] if text.split(separator)[-1] not in removed]
        if name != TREE and kept:
            document.put_list(name, kept, ordered=name == DIGIKAM)


def _texts(document: SidecarDocument, name: str) -> list[str]:
    return list(parse_packet(document.to_bytes()).texts(name))


def format_date(captured: Mapping[str, Any]) -> str:
    """An XMP date as exact as it is known, with its offset where that is."""
    local, precision = captured["local"], captured["precision"]
    if precision in ("year", "month", "day"):
        return str(local[: DATE_LENGTHS[precision]])
    moment = datetime.fromisoformat(local)
    if precision == "millisecond":
        text = moment.isoformat(timespec="milliseconds")
    else:
        text = moment.isoformat(timespec="seconds")[: DATE_LENGTHS.get(precision)]
    offset = captured["offset_min"]
    if offset is None:
        return text
    sign = "-" if offset < 0 else "+"
    return f"{text}{sign}{abs(offset) // 60:02d}:{abs(offset) % 60:02d}"


def format_degrees(degrees: float, signs: str) -> str:
    """`52,31.2N`: degrees and minutes, as XMP has them."""
    whole, part = divmod(round(abs(degrees) * 60, 7), 60)
    return f"{int(whole)},{part:.7f}{signs[0] if degrees >= 0 else signs[1]}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
