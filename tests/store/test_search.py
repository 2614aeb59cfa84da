"""What a person may type into the search: SPEC 7.5."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from photostore.base.errors import BadRequestError
from photostore.store.db import PRAGMAS
from photostore.store.migrate import migrate
from photostore.store.search import Order, View, compile_view
from photostore.store.timeline import load_places
from tests.store.stock import facts, video


@pytest.fixture
async def library(stock):
    """Four assets that differ in what they say."""
    texts = {
        "beach": {"title": "Sommer am Strand", "keywords": ("Île", "don't panic")},
        "tram": {"description": "A tram in Lisbon", "people": ("Zoë Ångström",)},
        "night": {"make": "Canon", "model": "EOS 80D", "title": "Straße bei Nacht"},
    }
    ids = {
        name: (await stock.add(f"trips/{name}.jpg", facts(name, **text)))[1]
        for name, text in texts.items()
    }
    ids["clip"] = (await stock.add("clips/MVI_0042.mp4", video("clip")))[1]
    return stock, ids


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"beach", "tram", "night", "clip"}),
        ("   ", {"beach", "tram", "night", "clip"}),
        ("strand", {"beach"}),
        ("STR", {"beach", "night"}),  # beginnings of words, any case
        ("straße", {"night"}),
        ("ile zoe", set()),
        ("ile", {"beach"}),
        ("zoe angstrom", {"tram"}),  # accents do not matter, all words must occur
        ("Zoë", {"tram"}),
        ("tram -lisbon", set()),
        ("-lisbon", {"beach", "night", "clip"}),
        ('"am strand"', {"beach"}),
        ('"strand am"', set()),
        ('"stran"', set()),  # quoted words are whole
        ("don't", {"beach"}),
        ("eos canon", {"night"}),
        ("trips", {"beach", "tram", "night"}),  # folders count
        ("mvi_0042", {"clip"}),
        ("0042.mp4", {"clip"}),
        ("type:video", {"clip"}),
        ("TYPE:Photo", {"beach", "tram", "night"}),
        ("-type:video", {"beach", "tram", "night"}),
        ("type:photo tram", {"tram"}),
        ('type:"video"', {"clip"}),
        ('"unclosed', set()),
    ],
)
async def test_a_query_finds(library, query, found):
    stock, ids = library
    for order in Order:
        async with stock.database.read() as reading:
            places = await load_places(reading, View(query, order))
        assert {place.id for place in places} == {ids[name] for name in found}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("colour:red", "colour:"),
        ("type:film", "type:photo or type:video"),
        ("type:", "type:photo or type:video"),
        ("!!!", "no letter or digit"),
        ("-", "no letter or digit"),
        ('""', "no letter or digit"),
        ("x" * 1001, "1000 characters"),
        ("a " * 21, "20 terms"),
        ("type:\udcff", "type:"),
    ],
)
def test_what_is_not_understood_is_explained(query, said):
    with pytest.raises(BadRequestError, match=said) as raised:
        compile_view(View(query))
    str(raised.value).encode()  # may be sent as it is


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


@settings(max_examples=600, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=TYPED | st.text(max_size=30))
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
