"""What people say, written beside their photos: SPEC 9.1, 6.2."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from photostore.library.sidecars.document import UnreadableSidecarError
from photostore.library.sidecars.writing import Said, format_date, render_sidecar
from photostore.media.xmp import XmpFields, read_xmp

EVERYTHING: dict[str, Any] = {
    "title": 'A & <b>\n"q" ü',
    "description": None,
    "rating": 4,
    "favourite": True,
    "hidden": False,
    "rotation": 90,
    "captured": {"local": "2001-02-03T04:05:06", "precision": "second", "offset_min": -210},
    "position": {"lat": -33.856784, "lon": 151.215297, "alt": -12.5},
    "keywords": {"add": ["neu", "ü"], "remove": ["alt"]},
}
LIGHTROOM = b"""\xef\xbb\xbf<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 5.6">
 <!-- by hand -->
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"
    xmp:Rating="2" crs:Exposure2012="+0.50" crs:Note="a&#10;b">
   <crs:ToneCurve><rdf:Seq><rdf:li>0, 0</rdf:li><rdf:li>255, 255</rdf:li></rdf:Seq></crs:ToneCurve>
  </rdf:Description>
  <rdf:Description rdf:about="" xmlns:d="http://purl.org/dc/elements/1.1/"
    xmlns:digiKam="http://www.digikam.org/ns/1.0/">
   <d:title><rdf:Alt><rdf:li xml:lang="x-default">Old</rdf:li></rdf:Alt></d:title>
   <d:subject><rdf:Bag><rdf:li>alt</rdf:li><rdf:li>x</rdf:li></rdf:Bag></d:subject>
   <digiKam:TagsList><rdf:Seq><rdf:li>a/alt</rdf:li><rdf:li>x</rdf:li></rdf:Seq></digiKam:TagsList>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


def look(data: bytes) -> Any:
    """What a sidecar says apart from what a person said in photostore."""
    return replace(read_xmp(data), said={})


def test_what_is_written_is_read_back() -> None:
    data = render_sidecar(None, Said(EVERYTHING, ["x", "neu", "ü"], [["Tiere", "Hund"]]))
    assert data is not None
    assert read_xmp(data).said == EVERYTHING
    # To the library the file itself says nothing: what a person said can be taken back.
    assert look(data) == XmpFields()
    assert render_sidecar(data, Said({})) is None


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
def test_exiftool_reads_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg.xmp"
    data = render_sidecar(None, Said(EVERYTHING, ["x", "neu", "ü"], [["Tiere", "Hund"]]))
    assert data is not None
    path.write_bytes(data)
    answer = subprocess.run(
        ["exiftool", "-j", "-n", "-struct", str(path)], capture_output=True, check=True
    )
    (told,) = json.loads(answer.stdout)
    assert told["Title"] == EVERYTHING["title"]
    assert (told["Rating"], told["Subject"]) == (4, ["x", "neu", "ü"])
    assert told["HierarchicalSubject"] == ["Tiere|Hund", "neu", "ü"]
    assert told["DateTimeOriginal"] == told["DateCreated"] == "2001:02:03 04:05:06-03:30"
    assert told["GPSLatitude"] == pytest.approx(-33.856784, abs=1e-6)
    assert told["GPSLongitude"] == pytest.approx(151.215297, abs=1e-6)
    assert told["GPSAltitude"] == -12.5
    assert (told["Favourite"], told["Hidden"], told["Rotation"]) == (True, False, 90)
    assert "Error" not in told
    assert "Warning" not in told


def test_what_others_wrote_stays_and_comes_back() -> None:
    before = look(LIGHTROOM)
    assert (before.rating, before.title, before.keywords) == (2, "Old", ("alt", "x"))
    first = render_sidecar(LIGHTROOM, Said(EVERYTHING, ["x", "neu"]))
    assert first is not None
    for kept in (b"<!-- by hand -->", b'crs:Exposure2012="+0.50"', b"a&#10;b", b"255, 255"):
        assert kept in first
    assert b"<digiKam:TagsList><rdf:Seq><rdf:li>x</rdf:li>" in first
    assert look(first) == before
    second = render_sidecar(first, Said({"rating": 5}))
    assert second is not None
    assert b"<xmp:Rating>5</xmp:Rating>" in second
    assert (look(second), read_xmp(second).said) == (before, {"rating": 5})
    third = render_sidecar(second, Said({}))
    assert third is not None
    assert read_xmp(third) == before
    assert b"<photostore:" not in third
    assert render_sidecar(third, Said({})) == third


def test_another_program_has_its_say_where_it_changed_something_since() -> None:
    ours = render_sidecar(LIGHTROOM, Said({"rating": 5, "title": "Mine"}))
    assert ours is not None
    theirs = ours.replace(b"<xmp:Rating>5<", b"<xmp:Rating>1<")
    assert (look(theirs).rating, look(theirs).title) == (1, "Old")
    back = render_sidecar(theirs, Said({}))
    assert back is not None
    assert (read_xmp(back).rating, read_xmp(back).title) == (1, "Old")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no XML",
        LIGHTROOM[:-60],
        b'<!DOCTYPE a [<!ENTITY b "c">]><x/>',
        b"<html><body/></html>",
    ],
)
def test_what_cannot_be_changed_without_loss_is_left_alone(data: bytes) -> None:
    with pytest.raises(UnreadableSidecarError):
        render_sidecar(data, Said({"rating": 1}))


def test_a_sidecar_in_utf_16_is_understood() -> None:
    text = LIGHTROOM.decode("utf-8-sig").encode("utf-16")
    after = render_sidecar(text, Said({"rating": 1}))
    assert after is not None
    assert (look(after).title, read_xmp(after).said) == ("Old", {"rating": 1})


@pytest.mark.parametrize(
    ("precision", "offset", "text"),
    [
        ("year", None, "2001"),
        ("month", 60, "2001-02"),
        ("day", None, "2001-02-03"),
        ("minute", None, "2001-02-03T04:05"),
        ("second", 345, "2001-02-03T04:05:06+05:45"),
        ("millisecond", None, "2001-02-03T04:05:06.500"),
    ],
)
def test_a_date_is_as_exact_as_it_is_known(precision: str, offset: int | None, text: str) -> None:
    local = "2001-02-03T04:05:06.500" if precision == "millisecond" else "2001-02-03T04:05:06"
    captured = {"local": local, "precision": precision, "offset_min": offset}
    assert format_date(captured) == text


@pytest.mark.parametrize(
    "said",
    [
        {"rating": 9},
        {"rating": "5"},
        {"favourite": 1},
        {"title": 3},
        {"rotation": 45},
        {"position": {"lat": 100, "lon": 0}},
        {"captured": {"local": "soon", "precision": "day", "offset_min": None}},
        {"keywords": {"add": [1], "remove": []}},
        {"shown": "abc"},
        {"owner": 2},
    ],
)
def test_nothing_in_a_sidecar_is_trusted(said: dict[str, Any]) -> None:
    """SPEC 6.6."""
    data = render_sidecar(None, Said({"favourite": True}))
    assert data is not None
    forged = data.replace(b'{"favourite":true}', json.dumps(said).encode())
    assert read_xmp(forged).said == {}


@pytest.mark.parametrize(
    "said", [b'{"title":"\\ud83d"}', b'{"keywords":{"add":["a\\udfff"],"remove":[]}}']
)
def test_half_a_character_is_left_out(said: bytes) -> None:
    """SPEC 6.6: JSON can hold it, no database and no sidecar can; the photo is imported without."""
    data = render_sidecar(None, Said({"title": "x"}))
    assert data is not None
    assert read_xmp(data.replace(b'{"title":"x"}', said)).said == {}
