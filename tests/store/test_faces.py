"""Faces that other programs marked, in the library (SPEC 6.2)."""

from __future__ import annotations

import json

from photostore.store.assets import refresh
from tests.store.stock import facts


def marked(*people: tuple[str | None, float]) -> str:
    """Facts with a face a name; the number is its left edge."""
    return json.dumps(
        {"faces": [{"name": name, "box": [left, 0.1, 0.2, 0.3]} for name, left in people]}
    )


async def faces(stock) -> list[tuple[object, ...]]:
    async with stock.database.read() as reading:
        rows = await reading.fetch_all(
            """SELECT asset_id, name, x, face.source FROM face
               LEFT JOIN person ON person.id = person_id ORDER BY asset_id, x"""
        )
    return [tuple(row) for row in rows]


async def test_faces_and_people_follow_the_file(stock):
    file_id, asset = await stock.add("a.jpg", facts("a", extra=marked(("Ada", 0.1), (None, 0.5))))
    _, other = await stock.add("b.jpg", facts("b", extra=marked(("Ada", 0.2))))
    assert await faces(stock) == [
        (asset, "Ada", 0.1, "metadata"),
        (asset, None, 0.5, "metadata"),
        (other, "Ada", 0.2, "metadata"),
    ]
    assert await stock.value("SELECT count(*) FROM person") == 1
    await stock.record(file_id, facts("a", extra=marked(("Bob", 0.1))))
    assert await faces(stock) == [(asset, "Bob", 0.1, "metadata"), (other, "Ada", 0.2, "metadata")]
    await stock.record(file_id, facts("a"))
    assert await faces(stock) == [(other, "Ada", 0.2, "metadata")]
    assert await stock.value("SELECT group_concat(name) FROM person") == "Ada"


async def test_a_second_look_writes_nothing(stock):
    _, asset = await stock.add("a.jpg", facts("a", extra=marked(("Ada", 0.1))))
    before = await stock.value("SELECT id FROM face")
    async with stock.database.write() as transaction:
        await refresh(transaction, [asset])
    assert await stock.value("SELECT id FROM face") == before


async def test_faces_that_were_found_otherwise_stay(stock):
    file_id, asset = await stock.add("a.jpg", facts("a", extra=marked(("Ada", 0.1))))
    async with stock.database.write() as transaction:
        await transaction.execute(
            "INSERT INTO face (asset_id, x, y, width, height, source) VALUES (?, 0, 0, 1, 1, 'x')",
            (asset,),
        )
    await stock.record(file_id, facts("a"))
    assert await faces(stock) == [(asset, None, 0, "x")]


async def test_a_name_without_a_box_is_no_face(stock):
    extra = json.dumps({"faces": [{"name": "Ada", "box": None}]})
    await stock.add("a.jpg", facts("a", extra=extra))
    assert await faces(stock) == []
