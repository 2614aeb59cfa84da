"""Two hundred random acts, each undone: what a person sees is as it was (SPEC 9.6)."""

from __future__ import annotations

import random
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from photostore.base.events import Bus
from photostore.runtime import open_library
from photostore.server.app import create_app
from photostore.server.context import ServerContext
from tests.server.acting import Person, look
from tests.server.conftest import configure

ACTS = 200


@pytest.fixture
async def client(tmp_path: Path, pictures: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A library of its own photos: acts move them."""
    photos = tmp_path / "photos"
    shutil.copytree(pictures, photos)
    configuration = configure(tmp_path, photos, write_sidecars=False)
    bus = Bus()
    async with open_library(configuration, bus) as opened:
        await opened.library.engine.run_once([])
        context = ServerContext(configuration.settings, configuration.layout, bus, exposed=False)
        context.decide(opened=opened.library)
        transport = httpx.ASGITransport(create_app(context))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as asking:
            yield asking


@pytest.mark.parametrize("seed", [1, 2])
async def test_acts_undone_in_reverse_leave_nothing(client: httpx.AsyncClient, seed: int) -> None:
    before = await look(client)
    person = Person(client, random.Random(seed))
    while len(person.acts) < ACTS:
        await person.act()
    journal = (await client.get("/api/v1/journal?limit=200")).json()["acts"]
    assert len({act["act"] for act in journal}) >= 12
    assert await look(client) != before
    for act in reversed(person.acts):
        done = await client.post(f"/api/v1/journal/{act}/undo")
        assert done.status_code == 200, done.text
        assert done.json()["skipped"] == 0, act
    assert await look(client) == before


async def test_acts_on_different_fields_are_undone_in_any_order(client: httpx.AsyncClient) -> None:
    before = await look(client)
    chance = random.Random(3)
    wishes: list[dict[str, Any]] = [
        *({"set": {"title": "T"}}, {"set": {"description": "D"}}, {"set": {"rating": 4}}),
        *({"set": {"favourite": True}}, {"set": {"gps": {"lat": 1, "lon": 1}}}, {"rotate": 90}),
        *({"add_keywords": [word]} for word in ("one", "two", "three")),
        *({"shift_s": 60}, {"remove_keywords": ["tram"]}, {"set": {"hidden": True}}),
    ]
    deeds = [(one, wish) for one in before["assets"] for wish in wishes]
    chance.shuffle(deeds)
    acts = []
    for public_id, wish in deeds:
        done = await client.patch("/api/v1/assets", json={"ids": [public_id], **wish})
        if done.json()["act"] is not None:
            acts.append(done.json()["act"])
    assert len(acts) > 4 * len(wishes)
    chance.shuffle(acts)
    for act in acts:
        done = await client.post(f"/api/v1/journal/{act}/undo")
        assert (done.json()["changed"], done.json()["skipped"]) == (1, 0), done.text
    assert await look(client) == before
