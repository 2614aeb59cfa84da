"""SPEC 6.2, 6.6: XMP and IPTC text, and packets made to harm."""

from __future__ import annotations

import time
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photostore.media.iptc import IptcFields, read_iptc
from photostore.media.xmp import XmpFields, read_xmp

PACKET = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:aux="http://ns.adobe.com/exif/1.0/aux/" xmlns:exif="http://ns.adobe.com/exif/1.0/"
 xmlns:mwg="http://www.metadataworkinggroup.com/schemas/regions/"
 xmlns:cam="http://ns.google.com/photos/1.0/camera/">
<rdf:Description xmp:Rating="4" aux:Lens="50 mm" cam:MotionPhoto="1"
 exif:DateTimeOriginal="2023-05-01T12:30:45+02:00">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">A &lt;b&gt; title</rdf:li></rdf:Alt></dc:title>
<dc:description><rdf:Alt><rdf:li>Words</rdf:li></rdf:Alt></dc:description>
<dc:subject><rdf:Bag><rdf:li>tree</rdf:li><rdf:li>été</rdf:li><rdf:li>tree</rdf:li></rdf:Bag></dc:subject>
<mwg:Regions><rdf:Description><mwg:RegionList><rdf:Bag>
<rdf:li><rdf:Description mwg:Name="Ana" mwg:Type="Face"/></rdf:li>
<rdf:li rdf:parseType="Resource"><mwg:Name>Rex</mwg:Name><mwg:Type>Pet</mwg:Type></rdf:li>
<rdf:li rdf:parseType="Resource"><mwg:Name>José</mwg:Name><mwg:Type>Face</mwg:Type></rdf:li>
</rdf:Bag></mwg:RegionList></rdf:Description></mwg:Regions>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>""".encode()


def test_properties() -> None:
    fields = read_xmp(PACKET)
    assert (fields.rating, fields.title, fields.description) == (4, "A <b> title", "Words")
    assert fields.keywords == ("tree", "été")
    assert fields.people == ("Ana", "José")
    assert fields.lens == "50 mm"
    assert fields.motion.flagged
    assert fields.captured[0].local == datetime(2023, 5, 1, 12, 30, 45)
    assert (fields.captured[0].offset_min, fields.captured[0].source) == (
        120,
        "XMP:DateTimeOriginal",
    )


def test_entities_are_never_expanded() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + PACKET[54:]
    fields = read_xmp(bomb)
    assert fields.title is None
    assert "document type" in fields.notes[0]


@pytest.mark.parametrize(
    "packet",
    [
        b"<a>" * 200_000,
        b"<a>" + b"<b/>" * 500_000 + b"</a>",
        b"x" * (5 * 1024 * 1024),
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
        b"",
        b"\x00\xff",
    ],
)
def test_a_crafted_packet_ends_soon_with_a_note(packet: bytes) -> None:
    start = time.process_time()
    assert read_xmp(packet).notes
    assert time.process_time() - start < 10


def test_what_stands_before_the_damage_is_kept() -> None:
    fields = read_xmp(PACKET[: PACKET.index(b"<dc:description>")])
    assert fields.title == "A <b> title"
    assert fields.notes == ("the XMP data is damaged",)


@pytest.mark.parametrize(
    ("text", "rating"), [("5", 5), ("3.0", 3), ("-1", -1), ("9", None), ("x", None)]
)
def test_ratings(text: str, rating: int | None) -> None:
    packet = PACKET.replace(b'xmp:Rating="4"', f'xmp:Rating="{text}"'.encode())
    assert read_xmp(packet).rating == rating


@given(st.integers(0, len(PACKET) - 1), st.binary(min_size=1, max_size=6))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_mutated_packets_are_survived(at: int, change: bytes) -> None:
    assert isinstance(read_xmp(PACKET[:at] + change + PACKET[at + len(change) :]), XmpFields)


def record(number: int, value: bytes, group: int = 2) -> bytes:
    return bytes((0x1C, group, number)) + len(value).to_bytes(2, "big") + value


def resource(body: bytes, number: int = 0x0404) -> bytes:
    padded = body + bytes(len(body) & 1)
    return b"8BIM" + number.to_bytes(2, "big") + b"\x00\x00" + len(body).to_bytes(4, "big") + padded


def test_iptc_in_utf8_and_in_latin1() -> None:
    utf8 = (
        record(90, b"\x1b%G", 1) + record(5, "Été".encode()) + record(25, b"a") + record(25, b"b")
    )
    assert read_iptc(resource(b"odd", 0x03ED) + resource(utf8)) == IptcFields(
        title="Été", keywords=("a", "b")
    )
    latin = record(120, "Müller".encode("latin-1"))
    assert read_iptc(resource(latin)).description == "Müller"


@given(st.binary(max_size=80))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_any_iptc_is_survived(block: bytes) -> None:
    assert isinstance(read_iptc(b"8BIM\x04\x04" + block), IptcFields)


def test_of_several_languages_the_default_counts() -> None:
    packet = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
      xmlns:dc="http://purl.org/dc/elements/1.1/"><rdf:Description><dc:title><rdf:Alt>
      <rdf:li xml:lang="de-DE">Der Hafen</rdf:li>
      <rdf:li xml:lang="x-default">The harbour</rdf:li></rdf:Alt></dc:title>
      <dc:description><rdf:Alt><rdf:li xml:lang="fr">Le port</rdf:li></rdf:Alt></dc:description>
      </rdf:Description></rdf:RDF>"""
    found = read_xmp(packet)
    assert (found.title, found.description) == ("The harbour", "Le port")
