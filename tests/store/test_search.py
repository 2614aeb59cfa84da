"""What a person may type into the search: SPEC 7.5."""

from __future__ import annotations

import json
import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from photostore.base.errors import BadRequestError
from photostore.store import planning
from photostore.store.assets import refresh
from photostore.store.db import PRAGMAS
from photostore.store.migrate import migrate
from photostore.store.search import (
    FILTERS,
    Order,
    QueryError,
    Shelf,
    View,
    compile_view,
    parse,
    render,
)
from photostore.store.search.syntax import All, Either, Filter, Not, Value, Word
from photostore.store.tagging import retag
from photostore.store.timeline import load_page, load_places
from tests.store.stock import NOW, facts, raw, video, wall_ms

TIMED = [Order.NEWEST, Order.OLDEST, Order.ADDED]
BERLIN = {"lat": 52.52, "lon": 13.405}
POTSDAM = {"lat": 52.3989, "lon": 13.0657}
LIBRARY = {
    "beach": (
        "2019/Holiday/IMG_0001.jpg",
        facts(
            "beach", title="Sommer am Strand", keywords=("Île", "don't panic", "beach"),
            captured_ms=wall_ms(2019, 7, 14), iso=200, f_number=2.8, focal_mm=35.0, rating=5,
            width=3000, height=4000, extra=json.dumps({"keyword_paths": ["Trips/Sea/beach"]}),
        ),
    ),
    "tram": (
        "2020/tram.jpeg",
        facts(
            "tram", description="A tram in Lisbon", people=("Zoë Ångström",), lat=38.72, lon=-9.14,
            captured_ms=wall_ms(2020, 12, 24), rating=2,
        ),
    ),
    "night": (
        "2020/Berlin/night.jpg",
        facts(
            "night", make="Canon", model="Canon EOS 80D", lens="EF-S18-135mm", iso=3200,
            title="Straße bei Nacht", captured_ms=wall_ms(2020, 5, 3), **BERLIN,
            width=8000, height=2000,
        ),
    ),
    "raw": (
        "2021/DSC_7.nef",
        raw("raw", make="NIKON CORPORATION", model="NIKON D90", captured_ms=None, **POTSDAM),
    ),
    "clip": ("clips/MVI_0042.mp4", video("clip", width=500, height=500)),
}  # fmt: skip
ALL = set(LIBRARY)


@pytest.fixture
async def library(stock):
    """Five assets that differ in what they say."""
    ids = {name: (await stock.add(path, found))[1] for name, (path, found) in LIBRARY.items()}
    async with stock.database.write() as transaction:
        for face, name in ((1, "tram"), (2, "tram"), (3, "beach")):
            await transaction.execute(
                "INSERT INTO face (id, asset_id, source) VALUES (?, ?, 'test')", (face, ids[name])
            )
        await transaction.execute("DELETE FROM face WHERE source <> 'test'")
        await transaction.execute(
            "UPDATE asset SET favourite = 1 WHERE id IN (?, ?)", (ids["beach"], ids["clip"])
        )
        await transaction.execute(
            """INSERT INTO album (id, public_id, owner_id, name, created_at, revision)
               VALUES (1, 'a1', 1, 'Summer 2019', 1, 1)"""
        )
        await transaction.execute_many(
            "INSERT INTO album_asset VALUES (1, ?, ?, 1)", [(ids["tram"], 1), (ids["beach"], 2)]
        )
        await retag(transaction, ids.values())
    return stock, ids


async def find(library, query, order=Order.NEWEST):
    stock, ids = library
    names = {asset_id: name for name, asset_id in ids.items()}
    async with stock.database.read() as reading:
        places = await load_places(reading, View(query, order))
        page, _ = await load_page(reading, View(query, order), 100, None)
    assert page == [place.id for place in places]
    return [names[place.id] for place in places]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ALL),
        ("   ", ALL),
        ("strand", {"beach"}),
        ("STR", {"beach", "night"}),  # beginnings of words, any case
        ("str*", {"beach", "night"}),
        ("straße", {"night"}),
        ("ile zoe", set()),
        ("ile", {"beach"}),
        ("zoe angstrom", {"tram"}),  # accents do not matter, all words must occur
        ("Zoë", {"tram"}),
        ("tram -lisbon", set()),
        ("-lisbon", ALL - {"tram"}),
        ('"am strand"', {"beach"}),
        ('"strand am"', set()),
        ('"stran"', set()),  # quoted words are whole
        ("don't", {"beach"}),
        ("eos canon", {"night"}),
        ("mvi_0042", {"clip"}),
        ("0042.mp4", {"clip"}),
        ("strand | tram", {"beach", "tram"}),
        ("strand|tram", {"beach", "tram"}),
        ("(strand | tram) zoe", {"tram"}),
        ("strand | tram zoe", {"tram"}),  # or binds closer than a space
        ("(tram zoe) | strand", {"beach", "tram"}),
        ("-(strand | tram)", {"night", "raw", "clip"}),
        ("-strand -tram -type:video", {"night", "raw"}),
        ("-strand | type:video", ALL - {"beach"}),
        ("--strand", {"beach"}),
        ('"a|b"', set()),
    ],
)
async def test_words(library, query, found):
    for order in TIMED:
        assert set(await find(library, query, order)) == found


FILTERED = (
    ("type:video", {"clip"}),
    ("TYPE:Photo", ALL - {"clip"}),
    ("-type:video", ALL - {"clip"}),
    ("type:photo tram", {"tram"}),
    ('type:"video"', {"clip"}),
    ("type:raw", {"raw"}),
    ("type:raw|video", {"raw", "clip"}),
    ("type:live", set()),
    ("portrait", {"beach"}),
    ("landscape", {"tram", "night", "raw"}),
    ("landscape:no", {"beach", "clip"}),
    ("square", {"clip"}),
    ('"portrait"', set()),
    ("panorama", {"night"}),
    ("year:2019", {"beach"}),
    ("year:2019|2020 -clip", {"beach", "tram", "night"}),
    ("year:2019-2020 type:photo", {"beach", "tram", "night"}),
    ("month:7", {"beach"}),
    ("month:4-7", {"beach", "night"}),
    ("taken:2020-05", {"night"}),
    ("taken:2020-12-24", {"tram"}),
    ("before:2020", {"beach"}),
    ("after:2020-06", {"tram"}),
    ("since:2020-12-24", {"tram"}),
    ("onthisday:12-24", {"tram"}),
    ("undated:yes", {"raw"}),
    ("undated:no -type:video", {"beach", "tram", "night"}),
    ("added:2023-11", ALL),
    ("added:2023-12", set()),
    ("country:germany", {"night", "raw"}),
    ("country:de|pt", {"night", "raw", "tram"}),
    ("country:yes", {"night", "raw", "tram"}),
    ("-country:yes", {"beach", "clip"}),
    ("state:brandenburg", {"raw"}),
    ("city:berlin", {"night"}),
    ("city:ber*", {"night"}),
    ('city:"ber"', set()),
    ("berlin", {"night"}),  # places are words as well (SPEC 7.5)
    ("near:52.52,13.4", {"night"}),
    ("near:berlin dist:40", {"night", "raw"}),
    ('near:"52.52, 13.4" dist:1', {"night"}),
    ("geo:yes", {"night", "raw", "tram"}),
    ("geo:no", {"beach", "clip"}),
    ("camera:canon", {"night"}),
    ("camera:eos", {"night"}),
    ('camera:"canon eos 80d"', {"night"}),
    ("make:nikon", {"raw"}),
    ("model:d90", {"raw"}),
    ("lens:ef", {"night"}),
    ("camera:no", {"beach", "tram", "clip"}),
    ("iso:200-400", {"beach"}),
    ("iso:201-", {"night"}),
    ("iso:3200", {"night"}),
    ("f:1.4-2.8", {"beach"}),
    ("mm:35", {"beach"}),
    ("mp:-1", {"clip"}),
    ("mp:16", {"night"}),
    ("person:angstrom", {"tram"}),
    ('person:"zoe angstrom"', {"tram"}),
    ('person:"zoe"', set()),
    ("person:no", ALL - {"tram"}),
    ("faces:2", {"tram"}),
    ("faces:1", {"tram", "beach"}),
    ("faces:1-1", {"beach"}),
    ("faces:no", {"night", "raw", "clip"}),
    ("faces:-1", {"beach", "night", "raw", "clip"}),
    ("keyword:beach", {"beach"}),
    ("keyword:trips", {"beach"}),
    ("label:sea", {"beach"}),
    ("keyword:no", ALL - {"beach"}),
    ('tag:"Keywords/trips/sea"', {"beach"}),
    ('tag:"Where/Germany"', {"night", "raw"}),
    ('tag:"when/2020"', {"tram", "night"} | {"clip"}),
    ('tag:"Where/Nowhere"', set()),
    ("title:strand", {"beach"}),
    ("title:no", {"tram", "raw", "clip"}),
    ("description:lisbon", {"tram"}),
    ("favourite:yes", {"beach", "clip"}),
    ("favorite:no", {"tram", "night", "raw"}),
    ("rating:4-5", {"beach"}),
    ("rating:-3", {"tram"}),
    ("-rating:4-5", ALL - {"beach"}),  # what has no stars has not 4 or 5 of them
    ("-rating:-1", ALL),
    ("rating:no", {"night", "raw", "clip"}),
    ("rating:0", {"night", "raw", "clip"}),
    ("album:a1", {"beach", "tram"}),
    ('album:"summer 2019"', {"beach", "tram"}),
    ("album:sum*", {"beach", "tram"}),
    ("album:no", {"night", "raw", "clip"}),
    ("folder:holiday", {"beach"}),
    ("folder:2020", {"tram", "night"}),
    ("path:2019/Holiday", {"beach"}),
    ("path:2020", {"tram", "night"}),
    ("filename:IMG_00", {"beach"}),
    ("filename:*0042*", {"clip"}),
    ('name:"night.jpg"', {"night"}),
    ('name:"night"', set()),
    ("filename:*.jp*g", {"beach", "night", "tram"}),
    ("ext:jpg", {"beach", "night"}),
    ("ext:jpg|nef", {"beach", "night", "raw"}),
    ("in:hidden", set()),
    ("year:2020 camera:canon landscape", {"night"}),
    ("-camera:canon -type:video (year:2019 | undated:yes)", {"beach", "raw"}),
)


@pytest.mark.parametrize(("query", "found"), FILTERED)
async def test_filters(library, query, found):
    # The clip has the date of all test files; it is not what these are about.
    answer = set(await find(library, query))
    if "clip" in answer - found and any(word in query for word in ("year:", "taken:", "after:")):
        answer -= {"clip"}
    assert answer == found
    for order in TIMED[1:]:
        assert set(await find(library, query, order)) - {"clip"} == found - {"clip"}


@pytest.mark.parametrize("many", [0, 1, 3, 1_000])
async def test_whichever_filter_leads_the_same_is_found(library, many, monkeypatch):
    """`find` compares what is planned with what is not."""
    monkeypatch.setattr(planning, "MANY", many)
    monkeypatch.setattr(planning, "MANY_ALONG", many)
    monkeypatch.setattr(planning, "SMALL", 0)
    for first, (query, _) in enumerate(FILTERED):
        other, _ = FILTERED[(first * 7 + many) % len(FILTERED)]
        if "in:" not in query + other:
            for both in (f"{query} {other}", f"{query} -({other})"):
                try:
                    compile_view(View(both))
                except QueryError as error:
                    # Two years at once, or a second dist: they are told, not looked for.
                    assert "both" in error.message or "once" in error.message  # noqa: PT017
                else:
                    await find(library, both)


async def test_an_album_has_its_own_order(library):
    assert await find(library, "album:a1", Order.ALBUM) == ["tram", "beach"]
    assert await find(library, 'album:"Summer 2019" type:photo', Order.ALBUM) == ["tram", "beach"]


async def test_another_shelf(library):
    """in: shows what is not on the timeline."""
    stock, ids = library
    async with stock.database.write() as transaction:
        await transaction.execute("UPDATE asset SET trashed_at = ? WHERE id = ?", (NOW, ids["raw"]))
        await refresh(transaction, [ids["raw"]])
    assert await find(library, "in:trash") == ["raw"]
    assert await find(library, "in:trash strand") == []
    # What lies in the trash has no file in its place, and is found by its numbers all the same.
    async with stock.database.write() as transaction:
        await transaction.execute(
            "UPDATE asset SET trashed_at = ? WHERE id = ?", (NOW, ids["night"])
        )
        await transaction.execute(
            "UPDATE file SET gone_at = ?, trashed = x'61' WHERE asset_id = ?", (NOW, ids["night"])
        )
        await refresh(transaction, [ids["night"]])
    assert await find(library, "in:trash iso:3200") == ["night"]
    assert await find(library, "iso:3200") == []
    assert "raw" not in await find(library, "nikon")
    assert compile_view(View("x in:trash")).shelf is Shelf.TRASH


@pytest.mark.parametrize(
    ("query", "said", "start", "end"),
    [
        ("sea colr:red", "did you mean color:", 4, 9),
        ("weather:rain", 'no filter "weather:"; the help lists all filters', 0, 8),
        ("isp:100", "did you mean iso:", 0, 4),
        ("type:film", "use photo, video", 5, 9),
        ("type:vidio", "did you mean type:video", 5, 10),
        ("in:trsh", "did you mean in:trash", 3, 7),
        ("tag:Keyword/a", "did you mean tag:Keywords", 4, 13),
        ("rating:9", "1 to 5", 7, 8),
        ("rating:4-7", "1 to 5", 7, 10),
        ("rating:3.5", "whole numbers", 7, 10),
        ("faces:1.5", "whole numbers", 6, 9),
        ("month:0", "1 to 12", 6, 7),
        ("month:1.5", "whole numbers", 6, 9),
        ("iso:-", "give a number or a range", 4, 5),
        ("year:1825", "before 1826", 5, 9),
        ("before:1826", "before 1826", 7, 11),
        ("year:2999", "future", 5, 9),
        ("year:2998-2999", "future", 5, 14),
        ("taken:2999-01", "future", 6, 13),
        ("after:2999", "future", 6, 10),
        ("added:2999", "future", 6, 10),
        ("after:2020 before:2010", "both after:2020 and before:2010", 11, 22),
        ("year:2019 dog taken:2020-05", "both year:2019 and taken:2020-05", 14, 27),
        ("year:2019 year:2020", r"write year:2019\|2020", 10, 19),
        ("(year:2019 before:2018) | dog", "both", 11, 22),
        ("year:2019|2021 after:2020 before:2021", "both", 26, 37),
        ("dist:5", "near:lisbon dist:5", 0, 6),
        ("near:berlin | dist:5", "without - or", 14, 20),
        ("near:berlin -dist:5", "without - or", 13, 19),
        ("near:berlin dist:5 dist:6", "once", 19, 25),
        ("near:lisbonn", "did you mean near:Lisbon", 5, 12),
        ("type:", "needs a value", 5, 6),
        ("!!!", "no letter or digit", 0, 3),
        ("-", "no letter or digit", 0, 1),
        ('a ""', "no letter or digit", 2, 4),
        ("a*b", "end of a word", 0, 3),
        ("(a", "not closed", 0, 1),
        ('sea "a b', "quotation mark is not closed", 4, 8),
        ('title:"a', "quotation mark is not closed", 6, 8),
        ("a |", "after the", 2, 3),
        ("| a", "before the", 0, 1),
        ("()", "nothing between", 0, 2),
        ("iso:many", "give a number or a range", 4, 8),
        ("year:19", "give a year", 5, 7),
        ("taken:2019-02-30", "give a year, month or day", 6, 16),
        ("month:13", "1 to 12", 6, 8),
        ("onthisday:02-30", "month and day", 10, 15),
        ("near:nowhereatall", "position or a place", 5, 17),
        ("dist:0 near:berlin", "kilometres", 5, 6),
        ("-in:trash", "stands alone", 1, 9),
        ("(in:trash dog) | cat", "stands alone", 1, 9),
        ("in:attic", "use hidden", 3, 8),
        ("tag:foo", "path begins with", 4, 7),
        ("color:red", "colours", 6, 9),
        ("rating:x", "rating:4-5", 7, 8),
        ("geo:maybe", "geo:yes or geo:no", 4, 9),
        ("ext:.", "extension", 4, 5),
        ("x" * 2001, "2000 characters", 2000, 2001),
        ("a " * 51, "50 terms", 100, 102),
        ("(" * 13, "too many brackets", 12, 13),
        ("type:\udcff", "type:", 5, 6),
    ],
)
def test_what_is_not_understood_is_explained(query, said, start, end):
    with pytest.raises(QueryError, match=said) as raised:
        compile_view(View(query))
    str(raised.value).encode()  # may be sent as it is
    assert (raised.value.start, raised.value.end) == (start, end)


def test_the_order_of_an_album_needs_one():
    with pytest.raises(QueryError, match="album:NAME"):
        compile_view(View("album:yes", Order.ALBUM))


@pytest.mark.parametrize("kind", FILTERS, ids=lambda kind: kind.name)
def test_examples_are_understood(kind):
    """What help and documents show works."""
    for example in kind.examples:
        condition = compile_view(View(example))
        assert any(name in example for name in kind.names)
        assert condition.sql
    for choice in kind.choices:
        compile_view(View(f"{kind.name}:{choice}"))


PLAIN = st.text(alphabet="abcÎß0.'*_-:,/\\(", min_size=1, max_size=6)
QUOTED = st.text(alphabet='ab"\\ ():-é', max_size=6)
NAMES = st.sampled_from(["year", "type", "camera", "no_such"])


def is_plain(text):
    """Whether it is read as one unquoted word wherever it stands."""
    return (
        not text.startswith(("-", "(", '"')) and ":" not in text and "(" not in text and text != ")"
    )


WORDS = PLAIN.filter(is_plain).map(lambda text: Value(text, False, 0, 0)) | QUOTED.map(
    lambda text: Value(text, True, 0, 0)
)
LEAVES = WORDS.map(Word) | st.builds(
    lambda name, values: Filter(name, tuple(values), 0, 0),
    NAMES,
    st.lists(WORDS, min_size=1, max_size=3),
)


def several(kind, inner):
    return st.lists(inner, min_size=2, max_size=3).map(lambda nodes: kind(tuple(nodes)))


NODES = st.recursive(
    LEAVES,
    lambda inner: (
        several(Either, inner)
        | several(All, inner)
        | inner.filter(lambda node: not isinstance(node, Not)).map(Not)
    ),
    max_leaves=6,
)


def bare(node):
    """A tree without positions, as brackets that say nothing are left out."""
    match node:
        case Word(value):
            return ("word", value.text, value.quoted)
        case Filter(name, values):
            return ("filter", name, [(value.text, value.quoted) for value in values])
        case Not(inner):
            return ("not", bare(inner))
        case Either(nodes):
            return ("either", [bare(one) for one in nodes])
        case All(nodes):
            parts = []
            for one in nodes:
                parts += bare(one)[1] if isinstance(one, All) else [bare(one)]
            return ("all", parts)
    raise TypeError(node)


@settings(max_examples=400)
@given(nodes=st.lists(NODES, min_size=1, max_size=3))
def test_a_tree_is_read_as_it_is_written(nodes):
    tree = All(tuple(nodes))
    assert bare(parse(render(tree))) == bare(tree)


@settings(max_examples=300)
@given(query=st.text(alphabet='ab:"|()- *\\', max_size=14))
def test_writing_what_was_read_changes_nothing(query):
    try:
        tree = parse(query)
    except QueryError:
        return
    assert bare(parse(render(tree))) == bare(tree)


@pytest.fixture(scope="module")
def connection(tmp_path_factory):
    path = tmp_path_factory.mktemp("search") / "p.db"
    migrate(path, path.parent)
    with sqlite3.connect(path) as connection:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("INSERT INTO asset_text VALUES ('a', 'b', 'c', 'd', '', '', 'x.jpg')")
    yield connection
    connection.close()


TYPED = st.text(alphabet=st.sampled_from("ab0:\"-*^()+{}|\\.'_ßẞİé́\x00\ud800 \n\t漢🏖"), max_size=30)
SPELLED = st.builds(
    lambda name, text, minus: f"{minus}{name}:{text}",
    st.sampled_from([name for kind in FILTERS for name in kind.names]),
    st.text(alphabet="0123459-.,ab*%_'\"|/\\é \x00\ud800yesno", max_size=12),
    st.sampled_from(["", "-", "a | ", "("]),
)


@settings(max_examples=1000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=TYPED | st.text(max_size=30) | SPELLED)
def test_no_query_is_an_error_of_the_database(connection, query):
    """Anything that may be typed is understood or explained, never a syntax error of SQL or FTS."""
    try:
        condition = compile_view(View(query))
    except BadRequestError as error:
        str(error).encode()
        return
    connection.execute(
        f"SELECT count(*) FROM asset WHERE {condition.sql}", condition.parameters
    ).fetchall()
