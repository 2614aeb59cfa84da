"""An XMP sidecar as a tree that can be changed in places: what is not touched stays as it was.

Names are `namespace local`, as in `media.rdf`. A document type ends the reading, there as here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias
from xml.dom import Node
from xml.dom.minidom import parseString

from photostore.media.rdf import RefusedPacketError, parse_packet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# The stubs of minidom know less of a node than its class does.
Element: TypeAlias = Any
Tree: TypeAlias = Any

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XMLNS: Final = "http://www.w3.org/2000/xmlns/"
XML: Final = "http://www.w3.org/XML/1998/namespace"
PREFIXES: Final[Mapping[str, str]] = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://ns.adobe.com/lightroom/1.0/": "lr",
    "http://www.digikam.org/ns/1.0/": "digiKam",
    "http://ns.microsoft.com/photo/1.0/": "MicrosoftPhoto",
    "http://ns.iview-multimedia.com/mediapro/1.0/": "mediapro",
    "urn:photostore:xmp:1.0/": "photostore",
    RDF: "rdf",
}
EMPTY: Final = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
    f' <rdf:RDF xmlns:rdf="{RDF}">\n'
    '  <rdf:Description rdf:about=""/>\n'
    " </rdf:RDF>\n"
    "</x:xmpmeta>\n"
    '<?xpacket end="w"?>'
)


class UnreadableSidecarError(ValueError):
    """The sidecar is no XMP that could be changed without loss; the message says why."""


class SidecarDocument:
    """A sidecar's tree, a new one without `data`. Raises UnreadableSidecarError."""

    def __init__(self, data: bytes | None = None) -> None:
        text = EMPTY.encode() if data is None else data
        try:
            damaged = parse_packet(text).damaged
        except RefusedPacketError as refusal:
            raise UnreadableSidecarError(f"it {refusal}") from refusal
        if damaged:
            raise UnreadableSidecarError("it is damaged")
        # No document type and a bounded size were just seen to.
        self._document: Tree = parseString(text)  # noqa: S318
        self._has_declaration = text.startswith(b"<?xml ")
        descriptions = [one for one in self._descriptions() if one.parentNode is not None]
        if not descriptions:
            raise UnreadableSidecarError("it holds no RDF description")
        self._own = descriptions[0]

    def _descriptions(self) -> Iterator[Element]:
        for rdf in self._document.getElementsByTagNameNS(RDF, "RDF"):
            for child in rdf.childNodes:
                if _is_element(child, RDF, "Description"):
                    yield child

    def take(self, name: str) -> list[Element]:
        """Remove a property wherever it stands, and return it as elements."""
        namespace, _, local = name.partition(" ")
        taken: list[Element] = []
        for description in list(self._descriptions()):
            attribute = description.getAttributeNodeNS(namespace, local)
            if attribute is not None:
                element = self._element(name)
                element.appendChild(self._document.createTextNode(attribute.value))
                description.removeAttributeNode(attribute)
                taken.append(element)
            for child in list(description.childNodes):
                if _is_element(child, namespace, local):
                    _remove(child)
                    _carry_prefixes(child, description, self._own)
                    taken.append(child)
        return taken

    def put(self, element: Element) -> None:
        """Add a property that `take` returned, or `element` made."""
        _append(self._own, element)

    def put_text(self, name: str, text: str) -> None:
        """Add a simple property."""
        element = self._element(name)
        element.appendChild(self._document.createTextNode(text))
        self.put(element)

    def put_alternative(self, name: str, text: str) -> None:
        """Add a text in the default language (`rdf:Alt`)."""
        item = self._list(name, "Alt", [text])[0]
        item.setAttributeNS(XML, "xml:lang", "x-default")

    def put_list(self, name: str, texts: Sequence[str], *, ordered: bool = False) -> None:
        """Add a list (`rdf:Bag`, or `rdf:Seq`)."""
        self._list(name, "Seq" if ordered else "Bag", texts)

    def put_structure(self, name: str, fields: Sequence[Element]) -> None:
        """Add a structure of whole properties."""
        element = self._element(name)
        element.setAttributeNS(RDF, f"{self._prefix(RDF)}:parseType", "Resource")
        for field in fields:
            element.appendChild(field)
        self.put(element)

    def fields(self, element: Element) -> list[Element]:
        """Remove and return the fields of a structure that `put_structure` made."""
        found = [child for child in element.childNodes if child.nodeType == Node.ELEMENT_NODE]
        for child in found:
            element.removeChild(child)
        return found

    @property
    def is_empty(self) -> bool:
        """Whether no property is left."""
        for description in self._descriptions():
            if any(child.nodeType == Node.ELEMENT_NODE for child in description.childNodes):
                return False
            if any(
                attribute.namespaceURI not in (XMLNS, RDF, XML)
                for attribute in description.attributes.values()
            ):
                return False
        return True

    def to_bytes(self) -> bytes:
        """The whole file in UTF-8."""
        parts = ['<?xml version="1.0" encoding="UTF-8"?>\n'] if self._has_declaration else []
        for child in self._document.childNodes:
            parts += _serialise(child)
            if child.nextSibling is not None:
                parts.append("\n")
        return "".join(parts).encode()

    def _list(self, name: str, kind: str, texts: Sequence[str]) -> list[Element]:
        rdf = self._prefix(RDF)
        element = self._element(name)
        box = self._document.createElementNS(RDF, f"{rdf}:{kind}")
        items = []
        for text in texts:
            item = self._document.createElementNS(RDF, f"{rdf}:li")
            item.appendChild(self._document.createTextNode(text))
            box.appendChild(item)
            items.append(item)
        element.appendChild(box)
        self.put(element)
        return items

    def _element(self, name: str) -> Element:
        namespace, _, local = name.partition(" ")
        element: Element = self._document.createElementNS(
            namespace, f"{self._prefix(namespace)}:{local}"
        )
        return element

    def _prefix(self, namespace: str) -> str:
        """A prefix for a namespace that holds in the own description; declared there if new."""
        known = _declared(self._own)
        for prefix, other in known.items():
            if other == namespace and prefix:
                return prefix
        wanted = PREFIXES.get(namespace, "ns")
        prefix, number = wanted, 0
        while prefix in known:
            number += 1
            prefix = f"{wanted}{number}"
        self._own.setAttributeNS(XMLNS, f"xmlns:{prefix}", namespace)
        return prefix


def _declared(element: Element) -> dict[str, str]:
    """The prefixes that hold in an element, with their namespaces."""
    found: dict[str, str] = {}
    node = element
    while node is not None and node.nodeType == Node.ELEMENT_NODE:
        for attribute in node.attributes.values():
            if attribute.namespaceURI == XMLNS:
                prefix = "" if attribute.name == "xmlns" else attribute.localName
                found.setdefault(prefix, attribute.value)
        node = node.parentNode
    return found


def _carry_prefixes(element: Element, source: Element, target: Element) -> None:
    """Declare on a moved element what held where it came from and does not where it goes."""
    if source is target:
        return
    there = _declared(target)
    for prefix, namespace in _declared(source).items():
        if there.get(prefix) != namespace:
            name = f"xmlns:{prefix}" if prefix else "xmlns"
            element.setAttributeNS(XMLNS, name, namespace)


def _is_element(node: Element, namespace: str, local: str) -> bool:
    return bool(
        node.nodeType == Node.ELEMENT_NODE
        and node.namespaceURI == namespace
        and node.localName == local
    )


def _remove(element: Element) -> None:
    """Take an element out with the blanks before it."""
    parent, before = element.parentNode, element.previousSibling
    parent.removeChild(element)
    if before is not None and before.nodeType == Node.TEXT_NODE and not before.data.strip():
        parent.removeChild(before)


def _append(parent: Element, element: Element) -> None:
    """Put an element last, on a line of its own."""
    document = parent.ownerDocument
    last = parent.lastChild
    if last is not None and last.nodeType == Node.TEXT_NODE and not last.data.strip():
        parent.removeChild(last)
    parent.appendChild(document.createTextNode("\n   "))
    parent.appendChild(element)
    parent.appendChild(document.createTextNode("\n  "))


def _serialise(node: Element) -> Iterator[str]:
    """XML text of a node. minidom's own writer loses line breaks in attributes."""
    if node.nodeType == Node.ELEMENT_NODE:
        yield f"<{node.tagName}"
        for name, value in node.attributes.items():
            yield f' {name}="{_escape(value, attribute=True)}"'
        if not node.childNodes:
            yield "/>"
            return
        yield ">"
        for child in node.childNodes:
            yield from _serialise(child)
        yield f"</{node.tagName}>"
    elif node.nodeType in (Node.TEXT_NODE, Node.CDATA_SECTION_NODE):
        yield _escape(node.data)
    elif node.nodeType == Node.COMMENT_NODE:
        yield f"<!--{node.data}-->"
    elif node.nodeType == Node.PROCESSING_INSTRUCTION_NODE:
        yield f"<?{node.target} {node.data}?>"


def _escape(text: str, *, attribute: bool = False) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = text.replace("\r", "&#13;")
    if attribute:
        text = text.replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")
    return text
