"""Whatever is typed is answered or explained, never an error of the server: SPEC 7.5."""

from __future__ import annotations

import random

import httpx
import pytest

from photostore.store.search import FILTERS
from tests.server.conftest import Site

NAMES = [name for kind in FILTERS for name in kind.names]
EXAMPLES = [example for kind in FILTERS for example in kind.examples]
LETTERS = "ab01 \t\"'|:/\\()*-%_?&#.,<>=é漢ع\x00\ud83d🏖"
VALUES = ("yes", "no", "2019", "2019-05-03", "1-5", "-", "9", "-1", "x" * 300, "*", "1e9", "é")


@pytest.fixture
def client(site: Site) -> httpx.AsyncClient:
    return site.client


def some_query(rng: random.Random) -> str:
    """Filters and words, whole and broken."""
    parts = []
    for _ in range(rng.randint(1, 4)):
        choice = rng.random()
        text = "".join(rng.choice(LETTERS) for _ in range(rng.randint(0, 8)))
        if choice < 0.3:
            parts.append(f"{rng.choice(NAMES)}:{rng.choice([text, rng.choice(VALUES)])}")
        elif choice < 0.6:
            parts.append(rng.choice(EXAMPLES))
        else:
            parts.append(text)
    query = rng.choice([" ", " | ", " -", "|", ") ("]).join(parts)
    return query if rng.random() < 0.8 else query[: rng.randrange(len(query) + 1)]


@pytest.mark.parametrize("seed", range(3))
async def test_any_text_is_answered_or_explained(client: httpx.AsyncClient, seed: int) -> None:
    rng = random.Random(seed)
    answered = explained = 0
    for _ in range(150):
        query = some_query(rng).encode("utf-8", "replace").decode()
        answer = await client.get("/api/v1/assets", params={"q": query, "limit": 3})
        typed = await client.get("/api/v1/suggest", params={"q": query})
        assert typed.status_code == 200, (query, typed.text)
        if answer.status_code == 200:
            answered += 1
            assert answer.json()["total"] >= len(answer.json()["assets"])
            continue
        problem = answer.json()
        assert answer.status_code == 400, (query, answer.text)
        assert problem["type"] in {"bad-query", "unknown-name"}, (query, answer.text)
        assert problem["detail"], query
        assert 0 <= problem["start"] < problem["end"] <= len(query.strip()) + 1, (query, problem)
        explained += 1
    assert answered > 20
    assert explained > 50


async def test_a_suggestion_is_part_of_the_problem(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/assets", params={"q": "sea type:vidio"})
    assert answer.json()["suggestion"] == "video"
    assert (answer.json()["start"], answer.json()["end"]) == (9, 14)
    typed = (await client.get("/api/v1/suggest", params={"q": "sea type:vidio"})).json()
    assert typed["problem"]["suggestion"] == "video"
    # What is being typed is not wrong yet; what stands before the cursor is.
    typed = (await client.get("/api/v1/suggest", params={"q": '"old to'})).json()
    assert typed["problem"] is None
    typed = (await client.get("/api/v1/suggest", params={"q": '"old to', "cursor": 2})).json()
    assert "not closed" in typed["problem"]["message"]


async def test_a_name_that_nothing_has_is_no_slip_of_the_search(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/assets", params={"q": "camera:nowhere"})
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (400, "unknown-name")
    assert (problem["start"], problem["end"]) == (7, 14)


async def test_a_saved_search_cannot_find_itself(client: httpx.AsyncClient) -> None:
    made = await client.post("/api/v1/albums", json={"name": "Snake", "query": "album:snake a"})
    assert made.status_code == 400
    assert "cannot search for itself" in made.json()["detail"]
    first = await client.post("/api/v1/albums", json={"name": "First", "query": "type:photo"})
    assert first.status_code == 201
    number = first.json()["id"]
    found = (await client.get("/api/v1/assets", params={"q": f"album:{number}"})).json()
    shown = (await client.get("/api/v1/assets", params={"q": "type:photo"})).json()
    assert found["total"] == shown["total"] == first.json()["count"] > 0
    second = await client.post("/api/v1/albums", json={"name": "Second", "query": "album:first"})
    assert second.json()["count"] == found["total"]
    changed = await client.patch(f"/api/v1/albums/{number}", json={"query": "album:second"})
    assert changed.status_code == 400
    undo = await client.post(f"/api/v1/journal/{second.json()['act']}/undo")
    assert undo.status_code == 200
