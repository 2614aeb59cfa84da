"""Every tag that a file and its sidecars carry, as text for people: the view behind the facts.

Read on request and never kept. What is read here is shown, not used: values stay as written, as
long as they are text that a person may see (SPEC 6.6).
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from photostore.base.errors import FileError
from photostore.base.text import display_name
from photostore.media.blocks import read_blocks
from photostore.media.exif import read_all_tags
from photostore.media.film import open_reel
from photostore.media.filmtags import read_film_tags
from photostore.media.gamut import name_profile
from photostore.media.gate import read_header
from photostore.media.headers.source import Disk, Memory
from photostore.media.iptc import read_all_records
from photostore.media.kinds import Group, sniff
from photostore.media.rdf import RefusedPacketError, parse_packet
from photostore.media.reading import open_regular
from photostore.media.sidecars import SidecarForm, read_sidecar_bytes
from photostore.media.text import clean_text
from photostore.media.video import ISO_KINDS
from photostore.media.xmptext import flatten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from photostore.media.kinds import Kind
    from photostore.media.reading import Content
    from photostore.media.sidecars import Sidecar

MAX_VALUE: Final = 1000
MAX_ENTRIES: Final = 2000
_MAX_DEPTH: Final = 6

Entry = tuple[str, str]


@dataclass(frozen=True, slots=True)
class TagGroup:
    """Tags of one place in the order of the file: (name, value), both plain text."""

    name: str
    entries: tuple[Entry, ...]


def read_everything(content: Content, sidecars: Sequence[Sidecar] = ()) -> tuple[TagGroup, ...]:
    """Read all tags of a file, and of sidecars in its folder. Damage leaves out what it is in.

    Raises nothing for what is in the file; a sidecar that cannot be read is a group that says so.
    """
    kind = sniff(content.data if content.data is not None else content.head)
    groups: list[TagGroup] = []
    reader = _film if kind is not None and kind.group is Group.VIDEO else _picture
    if kind is not None:
        try:
            groups.extend(reader(content, kind))
        except Exception as error:  # noqa: BLE001 - what was read before it is worth showing
            groups.append(TagGroup("File", (("Damage", f"{type(error).__name__}: {error}"),)))
    folder = os.path.dirname(content.path)
    groups += [_sidecar(folder, sidecar) for sidecar in sidecars]
    return tuple(group for group in groups if group.entries)


def _group(name: str, entries: Iterable[Entry]) -> TagGroup:
    kept = []
    for tag, value in entries:
        text, label = clean_text(value[: 4 * MAX_VALUE]), clean_text(tag)
        if text and label:
            short = text if len(text) <= MAX_VALUE else text[: MAX_VALUE - 1] + "…"
            kept.append((label, short))
        if len(kept) >= MAX_ENTRIES:
            break
    return TagGroup(name, tuple(kept))


def _picture(content: Content, kind: Kind) -> Iterator[TagGroup]:
    try:
        found = read_blocks(content, kind, read_header(content, kind))
    except FileError as error:
        yield TagGroup("File", (("Damage", error.reason),))
        return
    if found.exif:
        for name, entries in read_all_tags(found.exif).items():
            yield _group(name, entries)
    if found.iptc:
        yield _group("IPTC", read_all_records(found.iptc))
    for name, packet in (("XMP", found.xmp), ("XMP, extended", found.xmp_rest)):
        if packet:
            yield _packet(name, packet)
    if found.texts:
        yield _group("PNG", found.texts)
    profile = name_profile(found.profile)
    if profile:
        yield _group("Colour profile", [("Description", profile)])
    if found.animated and content.data is not None and kind.name in ("heic", "avif"):
        yield _group("QuickTime", read_film_tags(Memory(content.data)).entries)


def _film(content: Content, kind: Kind) -> Iterator[TagGroup]:
    if kind.name in ISO_KINDS:
        descriptor = open_regular(content.path)
        try:
            found = read_film_tags(Disk(descriptor, content.size))
        finally:
            os.close(descriptor)
        yield _group("QuickTime", found.entries)
        if found.exif:
            for name, entries in read_all_tags(found.exif).items():
                yield _group(name, entries)
        if found.xmp:
            yield _packet("XMP", found.xmp)
    try:
        with open_reel(content, kind) as reel:
            yield _group("Container", reel.container.metadata.items())
            for stream in reel.container.streams:
                yield _group(f"Track {stream.index + 1}, {stream.type}", _track(stream))
    except FileError as error:
        yield TagGroup("Container", (("Damage", error.reason),))


def _track(stream: Any) -> Iterator[Entry]:
    codec = stream.codec_context
    if codec is not None:
        yield "Codec", str(codec.codec.long_name or codec.name)
        for label, name in (
            ("Profile", "profile"),
            ("Width", "width"),
            ("Height", "height"),
            ("Pixel format", "pix_fmt"),
            ("Sample rate", "sample_rate"),
            ("Bit rate", "bit_rate"),
        ):
            value = getattr(codec, name, None)
            if value:
                yield label, str(value)
    rate = getattr(stream, "average_rate", None)
    if rate:
        yield "Frame rate", f"{float(rate):.5g}"
    yield from stream.metadata.items()


def _packet(name: str, packet: bytes) -> TagGroup:
    try:
        return _group(name, flatten(parse_packet(packet)))
    except RefusedPacketError as refusal:
        return TagGroup(name, (("Refused", f"the XMP data {refusal}"),))


def _sidecar(folder: bytes, sidecar: Sidecar) -> TagGroup:
    name = f"Sidecar {display_name(sidecar.name)}"
    try:
        data = read_sidecar_bytes(os.path.join(folder, sidecar.name))
    except FileError as error:
        return TagGroup(name, (("Damage", error.reason),))
    if sidecar.form is SidecarForm.XMP:
        return _packet(name, data)
    try:
        return _group(name, _json_entries("", json.loads(data), 0))
    except (ValueError, RecursionError):
        return TagGroup(name, (("Damage", "it is no JSON"),))


def _json_entries(name: str, value: object, depth: int) -> Iterator[Entry]:
    """Yield the leaves of a JSON value, each by its way from the top: `geoData/latitude`."""
    if depth > _MAX_DEPTH:
        return
    inside: Iterable[tuple[str, object]] = ()
    if isinstance(value, dict):
        inside = value.items()
    elif isinstance(value, list):
        inside = ((str(index + 1), item) for index, item in enumerate(value[:MAX_ENTRIES]))
    elif value not in (None, ""):
        yield name, str(value)
    for key, item in inside:
        yield from _json_entries(f"{name}/{key}" if name else key, item, depth + 1)
