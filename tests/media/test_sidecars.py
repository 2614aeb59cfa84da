"""Whose a sidecar is, what it says, and what wins (SPEC 6.2)."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from photostore.base.errors import UnreadableError
from photostore.media.facts import Captured, Face, Facts, Position, Precision
from photostore.media.kinds import KINDS
from photostore.media.sidecars import (
    SidecarFacts,
    SidecarForm,
    match_sidecars,
    merge,
    read_sidecar,
)
from photostore.media.takeout import match_strength
from photostore.media.xmp import read_xmp
from tests.media.conftest import Write

NOW = datetime(2024, 1, 1, tzinfo=UTC)
TAKEN = Captured(datetime(2019, 6, 8, 12, 0), Precision.SECOND, None, "EXIF:DateTimeOriginal")
NAMED = Captured(datetime(2019, 6, 8, 15, 20, 9), Precision.SECOND, None, "file-name")


def facts(**values: object) -> Facts:
    return Facts(KINDS["jpeg"], 400, 300, 1, b"\0" * 20, **values)  # type: ignore[arg-type]


def xmp(body: str) -> SidecarFacts:
    packet = (
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF "
        "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description "
        "xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/' "
        "xmlns:exif='http://ns.adobe.com/exif/1.0/' xmlns:lr='http://ns.adobe.com/lightroom/1.0/' "
        "xmlns:digiKam='http://www.digikam.org/ns/1.0/' "
        "xmlns:MP='http://ns.microsoft.com/photo/1.2/' "
        "xmlns:MPRI='http://ns.microsoft.com/photo/1.2/t/RegionInfo#' "
        "xmlns:MPReg='http://ns.microsoft.com/photo/1.2/t/Region#' "
        "xmlns:mp1='http://ns.microsoft.com/photo/1.0/' "
        "xmlns:darktable='http://darktable.sf.net/'>"
        f"{body}</rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    return SidecarFacts(SidecarForm.XMP, xmp=read_xmp(packet.encode()))


def bag(name: str, *values: str) -> str:
    items = "".join(f"<rdf:li>{value}</rdf:li>" for value in values)
    return f"<{name}><rdf:Bag>{items}</rdf:Bag></{name}>"


def takeout(write: Write, **values: object) -> SidecarFacts:
    data = {"title": "IMG.jpg", "photoTakenTime": {"timestamp": "1560000009"}} | values
    return read_sidecar(write("t.json", json.dumps(data).encode()), SidecarForm.TAKEOUT)


def test_xmp_names() -> None:
    found = match_sidecars([b"a.jpg", b"a.CR2", b"A.jpg.XMP", b"a.xmp", b"b.jpg", b"c.xmp"])
    assert [one.name for one in found[b"a.jpg"]] == [b"A.jpg.XMP", b"a.xmp"]
    assert [one.name for one in found[b"a.CR2"]] == [b"a.xmp"]
    assert b"b.jpg" not in found


def test_names_that_are_no_text_do_not_collide() -> None:
    found = match_sidecars([b"\xff.jpg", b"\xfe.jpg", b"\xff.jpg.xmp"])
    assert set(found) == {b"\xff.jpg"}


LONG = "a_photo_with_a_very_long_name_that_goes_on_and_"  # 47 characters


@pytest.mark.parametrize(
    ("media", "sidecar"),
    [
        ("IMG_1.jpg", "IMG_1.jpg.json"),
        ("IMG_1.jpg", "IMG_1.JPG.json"),
        ("IMG_1.jpg", "IMG_1.jpg.supplemental-metadata.json"),
        ("IMG_1.jpg", "IMG_1.jpg.supplemental-me.json"),
        ("IMG_1.jpg", "IMG_1.jpg.s.json"),
        ("IMG_1(1).jpg", "IMG_1.jpg(1).json"),
        ("IMG_1(1).jpg", "IMG_1(1).jpg.json"),
        ("IMG_1(1).jpg", "IMG_1.jpg.supplemental-metadata(1).json"),
        ("IMG_1-edited.jpg", "IMG_1.jpg.json"),
        ("IMG_1-bearbeitet.jpg", "IMG_1.jpg.supplemental-metadata.json"),
        ("IMG_1-edited(1).jpg", "IMG_1.jpg(1).json"),
        ("IMG_1.jpg", "IMG_1.json"),
        ("IMG_1.MP4", "IMG_1.HEIC.json"),
        ("IMG_1.MP4", "IMG_1.HEIC.supplemental-metadata.json"),
        (f"{LONG}.jpg", f"{LONG[:46]}.json"),
        (f"{LONG[:44]}.jpg", f"{LONG[:44]}.j.json"),
        ("été 日本.jpg", "été 日本.jpg.json"),
    ],
)
def test_takeout_names(media: str, sidecar: str) -> None:
    assert match_strength(media, sidecar) is not None
    found = match_sidecars([media.encode(), b"other.jpg", sidecar.encode()])
    assert [one.name for one in found[media.encode()]] == [sidecar.encode()]
    assert b"other.jpg" not in found


@pytest.mark.parametrize(
    ("media", "sidecar"),
    [
        ("IMG_1.jpg", "IMG_1.jpg(1).json"),
        ("IMG_1(1).jpg", "IMG_1.jpg.json"),
        ("IMG_1.jpg", "IMG_10.jpg.json"),
        ("IMG_10.jpg", "IMG_1.jpg.json"),
        ("IMG_1.jpg", "IMG_1.jpg.other.json"),
        ("IMG_1.jpg", "IMG_1.HEIC.json"),
        (f"{LONG}.jpg", "a_photo.json"),
    ],
)
def test_takeout_names_that_are_another_s(media: str, sidecar: str) -> None:
    assert match_strength(media, sidecar) is None


def test_an_album_s_file_belongs_to_all_of_its_folder(write: Write) -> None:
    names = [b"a.jpg", b"b.jpg", "métadonnées.json".encode()]
    found = match_sidecars(names)
    assert [found[name][0].form for name in names[:2]] == [SidecarForm.ALBUM] * 2
    album = read_sidecar(write("m.json", b'{"title": "Lofoten"}'), SidecarForm.ALBUM)
    assert merge(facts(), [album]).albums == ("Lofoten",)


def test_takeout_fills_in_and_does_not_round(write: Write) -> None:
    place = Position(48.2000123, 16.3700456, 100.0)
    geo = {"latitude": 48.2, "longitude": 16.37, "altitude": 0.0}
    side = takeout(
        write, geoData=geo, geoDataExif=geo, description="Words",
        people=[{"name": "Ana"}], favorited=True,
    )  # fmt: skip
    merged = merge(facts(captured=TAKEN, position=place), [side], NOW)
    assert merged.position == place
    assert merged.captured is not None
    assert merged.captured.local == TAKEN.local
    assert (merged.description, merged.people, merged.favourite) == ("Words", ("Ana",), True)
    assert merged.sources["description"] == "sidecar:takeout"
    moved = takeout(write, geoData={"latitude": 50.0, "longitude": 16.0}, geoDataExif=geo)
    assert merge(facts(position=place), [moved], NOW).position == Position(50.0, 16.0)


def test_takeout_time_beats_the_name_and_takes_its_wall_clock(write: Write) -> None:
    merged = merge(facts(captured=NAMED), [takeout(write)], NOW)
    assert merged.captured is not None
    assert merged.captured.source == "Takeout:photoTakenTime"
    assert (merged.captured.local, merged.captured.offset_min) == (NAMED.local, 120)


def test_a_sidecar_replaces_what_the_file_says() -> None:
    side = xmp(
        "<xmp:Rating>-1</xmp:Rating><exif:DateTimeOriginal>2001-02-03T04:05:06"
        "</exif:DateTimeOriginal>" + bag("dc:subject", "new")
    )
    merged = merge(facts(captured=TAKEN, rating=3, keywords=("old",), title="Kept"), [side], NOW)
    assert (merged.rating, merged.keywords, merged.title) == (-1, ("new",), "Kept")
    assert merged.captured is not None
    assert merged.captured.local == datetime(2001, 2, 3, 4, 5, 6)
    assert merged.sources["captured"] == "sidecar:XMP:DateTimeOriginal"


def test_a_sidecar_that_repeats_the_date_keeps_the_file_s_precision() -> None:
    exact = Captured(
        datetime(2019, 6, 8, 12, 0, 0, 120_000), Precision.MILLISECOND, 120, "EXIF:DateTimeOriginal"
    )
    side = xmp("<exif:DateTimeOriginal>2019-06-08T12:00:00</exif:DateTimeOriginal>")
    assert merge(facts(captured=exact), [side], NOW).captured == exact


def test_a_film_s_utc_copied_by_digikam_is_no_wall_clock() -> None:
    film = Captured(datetime(2019, 6, 8, 12, 0), Precision.SECOND, 120, "QuickTime:CreateDate")
    side = xmp("<exif:DateTimeOriginal>2019-06-08T10:00:00</exif:DateTimeOriginal>")
    assert merge(facts(captured=film), [side], NOW).captured == film


def test_the_first_sidecar_wins() -> None:
    one, two = xmp("<xmp:Rating>1</xmp:Rating>"), xmp("<xmp:Rating>2</xmp:Rating>")
    assert merge(facts(), [one, two], NOW).rating == 1


@pytest.mark.parametrize(
    ("body", "field", "value"),
    [
        (bag("lr:hierarchicalSubject", "Places|Oslo"), "keyword_paths", (("Places", "Oslo"),)),
        (bag("digiKam:TagsList", "Places/Oslo"), "keywords", ("Oslo",)),
        ("<digiKam:ColorLabel>4</digiKam:ColorLabel>", "label", "Green"),
        ("<darktable:colorlabels><rdf:Seq><rdf:li>3</rdf:li></rdf:Seq></darktable:colorlabels>",
         "label", "Blue"),
        ("<mp1:Rating>75</mp1:Rating>", "rating", 4),
        (("<exif:GPSLatitude>59,54.6N</exif:GPSLatitude>"
         "<exif:GPSLongitude>10,45.0E</exif:GPSLongitude>"), "position", Position(59.91, 10.75)),
    ],
)  # fmt: skip
def test_dialects(body: str, field: str, value: object) -> None:
    assert getattr(merge(facts(), [xmp(body)], NOW), field) == value


def test_microsoft_faces_are_turned_with_the_picture() -> None:
    body = (
        "<MP:RegionInfo rdf:parseType='Resource'><MPRI:Regions><rdf:Bag>"
        "<rdf:li MPReg:PersonDisplayName='Ana' MPReg:Rectangle='0.1, 0.2, 0.3, 0.4'/>"
        "</rdf:Bag></MPRI:Regions></MP:RegionInfo>"
    )
    merged = merge(facts(), [xmp(body)], NOW)
    assert merged.people == ("Ana",)
    assert merged.faces == (Face("Ana", (0.1, 0.2, 0.3, 0.4)),)
    turned = merge(Facts(KINDS["jpeg"], 300, 400, 6, b"\0" * 20), [xmp(body)], NOW)
    assert turned.faces == (Face("Ana", (0.4, 0.1, 0.4, 0.3)),)


def test_what_is_no_sidecar_says_nothing(write: Write) -> None:
    for data in (b"", b"[]", b"{}", b'{"a": ', b"[" * 100_000, b"\xff\xfe"):
        path = write("x.json", data)
        assert read_sidecar(path, SidecarForm.TAKEOUT).takeout is None
        assert read_sidecar(path, SidecarForm.ALBUM).album is None
    with pytest.raises(UnreadableError):
        read_sidecar(write("big.xmp", b" " * (5 << 20)), SidecarForm.XMP)
