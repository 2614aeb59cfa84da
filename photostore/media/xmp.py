"""XMP packets (ISO 16684-1): XML in, the few properties that photostore shows out.

The packet comes from a stranger: a document type (and with it every entity) ends the reading, and
size, depth and number of elements are bounded. Nothing is ever fetched.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from photostore.media.exif import clean_text

MAX_BYTES: Final = 4 * 1024 * 1024
MAX_DEPTH: Final = 64
MAX_ELEMENTS: Final = 50_000
MAX_VALUES: Final = 1000

_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_CONTAINERS: Final = frozenset(f"{_RDF} {name}" for name in ("Alt", "Bag", "Seq", "li"))
_DC: Final = "http://purl.org/dc/elements/1.1/"
_XMP: Final = "http://ns.adobe.com/xap/1.0/"
_CAMERA: Final = "http://ns.google.com/photos/1.0/camera/"
_REGIONS: Final = "http://www.metadataworkinggroup.com/schemas/regions/"
_WANTED: Final = {
    f"{_XMP} Rating": "rating",
    f"{_DC} title": "title",
    f"{_DC} description": "description",
    f"{_DC} subject": "keywords",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/ PersonInImage": "people",
    "http://ns.microsoft.com/photo/1.2/t/Region# PersonDisplayName": "people",
    "http://ns.adobe.com/exif/1.0/ DateTimeOriginal": "taken",
    "http://ns.adobe.com/photoshop/1.0/ DateCreated": "created",
    f"{_CAMERA} MotionPhoto": "motion",
    f"{_CAMERA} MicroVideo": "motion",
    "http://ns.adobe.com/exif/1.0/aux/ Lens": "lens",
    "http://cipa.jp/exif/1.0/ LensModel": "lens",
}


@dataclass(frozen=True, slots=True)
class XmpFields:
    """What photostore takes from XMP, as text; unknown is None or empty.

    `taken` is exif:DateTimeOriginal, `created` photoshop:DateCreated, both as written.
    """

    rating: int | None = None
    title: str | None = None
    description: str | None = None
    keywords: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    taken: str | None = None
    created: str | None = None
    lens: str | None = None
    motion: bool = False
    notes: tuple[str, ...] = ()


class _StopError(Exception):
    pass


def read_xmp(packet: bytes) -> XmpFields:
    """Read a packet. Never raises: damage gives a note beside what was read before it."""
    if len(packet) > MAX_BYTES:
        return XmpFields(notes=("the XMP data is larger than 4 MiB: ignored",))
    reader = _Reader()
    note: tuple[str, ...] = ()
    try:
        reader.parse(packet.strip(b"\x00\r\n\t "))
    except _StopError as stop:
        return XmpFields(notes=(f"the XMP data {stop}: ignored",))
    except (expat.ExpatError, ValueError, UnicodeError, LookupError):
        note = ("the XMP data is damaged",)
    return reader.fields(note)


@dataclass(slots=True)
class _Reader:
    values: dict[str, list[str]] = field(default_factory=dict)
    elements: int = 0
    path: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    region: dict[str, str] = field(default_factory=dict)
    region_depth: int = 0

    def parse(self, packet: bytes) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self.text.append
        parser.StartDoctypeDeclHandler = self._doctype
        parser.Parse(packet, True)

    @staticmethod
    def _doctype(*_: object) -> None:
        raise _StopError("holds a document type, which XMP never does")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > MAX_ELEMENTS or len(self.path) > MAX_DEPTH:
            raise _StopError("is nested too deep or has too many parts")
        self.path.append(name)
        self.text.clear()
        for key, value in attributes.items():
            self._take(key, value)

    def _end(self, name: str) -> None:
        value = "".join(self.text)
        self.text.clear()
        self.path.pop()
        if name in _CONTAINERS:
            owner = next((part for part in reversed(self.path) if part not in _CONTAINERS), name)
            self._take(owner, value)
        else:
            self._take(name, value)
        if self.region and len(self.path) < self.region_depth:
            self._finish_region()

    def _take(self, name: str, value: str) -> None:
        if not value.strip():
            return
        if name in (f"{_REGIONS} Name", f"{_REGIONS} Type"):
            self.region[name] = value
            # A region ends with the list item around it, at whatever depth its writer put it.
            self.region_depth = max(len(self.path) - 1, 1)
            return
        wanted = _WANTED.get(name)
        if wanted is not None:
            found = self.values.setdefault(wanted, [])
            if len(found) < MAX_VALUES:
                found.append(value)

    def _finish_region(self) -> None:
        person = self.region.get(f"{_REGIONS} Name")
        if person and self.region.get(f"{_REGIONS} Type", "Face") == "Face":
            self.values.setdefault("people", []).append(person)
        self.region.clear()

    def fields(self, notes: tuple[str, ...]) -> XmpFields:
        return XmpFields(
            rating=_rating(self._first("rating")),
            title=self._first("title"),
            description=self._first("description"),
            keywords=self._all("keywords"),
            people=self._all("people"),
            taken=self._first("taken"),
            created=self._first("created"),
            lens=self._first("lens"),
            motion=self._first("motion") == "1",
            notes=notes,
        )

    def _all(self, name: str) -> tuple[str, ...]:
        texts = (clean_text(value) for value in self.values.get(name, ()))
        return tuple(dict.fromkeys(text for text in texts if text))

    def _first(self, name: str) -> str | None:
        return next(iter(self._all(name)), None)


def _rating(text: str | None) -> int | None:
    """XMP ratings are -1 (rejected) or 0 to 5, by some writers with a decimal point."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    return int(number) if -1 <= number <= 5 else None
