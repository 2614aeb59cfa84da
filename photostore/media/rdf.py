"""The tree behind an XMP packet (ISO 16684-1): XML in, properties out, whatever dialect wrote it.

The packet comes from a stranger: a document type (and with it every entity) ends the reading, and
size, depth and number of elements are bounded. Nothing is ever fetched.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from xml.parsers import expat

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES: Final = 4 * 1024 * 1024
MAX_DEPTH: Final = 64
MAX_ELEMENTS: Final = 50_000
MAX_TEXT: Final = 4 * 1024 * 1024

_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_DESCRIPTION: Final = f"{_RDF} Description"
_LISTS: Final = frozenset(f"{_RDF} {name}" for name in ("Alt", "Bag", "Seq"))
_ITEM: Final = f"{_RDF} li"
_VALUE: Final = f"{_RDF} value"
_RESOURCE: Final = f"{_RDF} resource"
_LANGUAGE: Final = "http://www.w3.org/XML/1998/namespace lang"
_DEFAULT: Final = "x-default"
_SYNTAX: Final = (f"{_RDF} ", "http://www.w3.org/XML/1998/namespace ")


class RefusedPacketError(ValueError):
    """The packet is not read at all; the message says why."""


@dataclass(slots=True)
class Node:
    """One element: its name (`namespace local`), attributes, children, and the text inside."""

    name: str
    attributes: dict[str, str]
    children: list[Node] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    def text(self) -> str:
        """Return the text of a simple value, wherever its writer put it."""
        own = "".join(self.parts).strip()
        if own:
            return own
        for child in self.children:
            if child.name in (_DESCRIPTION, _VALUE, _ITEM) or child.name in _LISTS:
                found = child.text()
                if found:
                    return found
        return (self.attributes.get(_VALUE) or self.attributes.get(_RESOURCE) or "").strip()

    def items(self) -> list[Node]:
        """Return the items of a list; a single value is a list of one."""
        for child in self.children:
            if child.name in _LISTS:
                return [item for item in child.children if item.name == _ITEM]
        return [self]

    def fields(self) -> dict[str, Node]:
        """Return the fields of a structure, given as attributes or as elements."""
        found = {
            name: Node(name, {}, parts=[value])
            for name, value in self.attributes.items()
            if not name.startswith(_SYNTAX)
        }
        for child in self.children:
            if child.name == _DESCRIPTION:
                found |= child.fields()
            else:
                found.setdefault(child.name, child)
        return found


@dataclass(frozen=True, slots=True)
class Packet:
    """The properties of a packet by name (`namespace local`); `damaged` when the XML breaks off."""

    properties: dict[str, Node]
    damaged: bool

    def text(self, *names: str) -> str | None:
        """Return the text of the first property that has one."""
        for name in names:
            node = self.properties.get(name)
            if node is not None:
                items = sorted(node.items(), key=_is_other_language)
                text = next((text for item in items if (text := item.text())), None)
                if text:
                    return text
        return None

    def texts(self, *names: str) -> Iterator[str]:
        """Yield the texts of all items of all these properties."""
        for node in self._nodes(names):
            for item in node.items():
                text = item.text()
                if text:
                    yield text

    def structures(self, *names: str) -> Iterator[dict[str, Node]]:
        """Yield the fields of each structure that these properties hold."""
        for node in self._nodes(names):
            for item in node.items():
                yield item.fields()

    def _nodes(self, names: tuple[str, ...]) -> Iterator[Node]:
        for name in names:
            node = self.properties.get(name)
            if node is not None:
                yield node


def _is_other_language(item: Node) -> bool:
    """Of a text in several languages the default one counts, else the first."""
    return item.attributes.get(_LANGUAGE, _DEFAULT) != _DEFAULT


def parse_packet(packet: bytes) -> Packet:
    """Parse a packet; what stands before the place where the XML breaks is kept.

    Raises `RefusedPacketError` for document types and for what is too large or too deep.
    """
    if len(packet) > MAX_BYTES:
        raise RefusedPacketError("is larger than 4 MiB")
    builder = _Builder()
    damaged = False
    try:
        builder.parse(packet.strip(b"\x00\r\n\t "))
    except RefusedPacketError:
        raise
    except (expat.ExpatError, ValueError, UnicodeError, LookupError):
        damaged = True
    return Packet(_properties(builder.top), damaged)


class _Builder:
    def __init__(self) -> None:
        self.top = Node("", {})
        self._path = [self.top]
        self._elements = 0

    def parse(self, packet: bytes) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._doctype
        parser.Parse(packet, True)

    @staticmethod
    def _doctype(*_: object) -> None:
        raise RefusedPacketError("holds a document type, which XMP never does")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > MAX_ELEMENTS or len(self._path) > MAX_DEPTH:
            raise RefusedPacketError("is nested too deep or has too many parts")
        node = Node(name, attributes)
        self._path[-1].children.append(node)
        self._path.append(node)

    def _end(self, name: str) -> None:
        self._path.pop()

    def _text(self, text: str) -> None:
        self._path[-1].parts.append(text)


def _properties(top: Node) -> dict[str, Node]:
    """Collect the properties of all descriptions; the first mention of each counts."""
    found: dict[str, Node] = {}
    for description in _descriptions(top):
        for name, node in description.fields().items():
            if name not in found or (not found[name].children and not found[name].text()):
                found[name] = node
    return found


def _descriptions(top: Node) -> Iterator[Node]:
    """Yield the outermost descriptions, in the order of the file."""
    waiting = list(reversed(top.children))
    while waiting:
        node = waiting.pop()
        if node.name == _DESCRIPTION:
            yield node
        else:
            waiting.extend(reversed(node.children))
