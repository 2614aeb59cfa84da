"""People in pictures as other programs marked them: rows of `face`, derived from the files' facts.

Faces that photostore finds itself are of another source and are left alone.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photostore.store.identifiers import make_public_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from photostore.store.db import Reading, Row, Transaction

METADATA = "metadata"


@dataclass(frozen=True, slots=True, order=True)
class MarkedFace:
    """A face of a picture as displayed: left, top, width and height as shares of it (0..1)."""

    name: str
    x: float
    y: float
    width: float
    height: float


def faces_of(files: Iterable[Row]) -> tuple[MarkedFace, ...]:
    """The faces with boxes of the first of an asset's files that has some; "" for no name."""
    for file in files:
        marked = json.loads(file["facts"] or "{}").get("faces") or ()
        found = {MarkedFace(one["name"] or "", *one["box"]) for one in marked if one["box"]}
        if found:
            return tuple(sorted(found))
    return ()


async def write_faces(
    transaction: Transaction, assets: Sequence[Row], files: Mapping[int, Sequence[Row]]
) -> None:
    """Bring the faces of assets up to date with their files; people are made as they are named."""
    before = await _load(transaction, [asset["id"] for asset in assets])
    for asset in assets:
        wanted = faces_of(files.get(asset["id"], ()))
        if wanted == tuple(sorted(before.get(asset["id"], ()))):
            continue
        await transaction.execute(
            "DELETE FROM face WHERE asset_id = ? AND source = ?", (asset["id"], METADATA)
        )
        for face in wanted:
            person_id = await _person(transaction, asset["owner_id"], face.name)
            await transaction.execute(
                """INSERT INTO face (asset_id, person_id, x, y, width, height, source)
                   VALUES (?, ?, ?, ?, ?, ?, ?)""",
                (asset["id"], person_id, face.x, face.y, face.width, face.height, METADATA),
            )
        gone = {face.name for face in before.get(asset["id"], ())} - {f.name for f in wanted}
        await _forget(transaction, asset["owner_id"], gone - {""})


async def _load(reading: Reading, asset_ids: Sequence[int]) -> dict[int, list[MarkedFace]]:
    rows = await reading.fetch_all(
        """SELECT face.asset_id, coalesce(person.name, '') AS name, x, y, width, height
           FROM face LEFT JOIN person ON person.id = face.person_id
           WHERE face.asset_id IN (SELECT value FROM json_each(?)) AND source = ?""",
        (json.dumps(asset_ids), METADATA),
    )
    found: dict[int, list[MarkedFace]] = defaultdict(list)
    for row in rows:
        found[row["asset_id"]].append(MarkedFace(*tuple(row)[1:]))
    return found


async def _person(transaction: Transaction, owner_id: int, name: str) -> int | None:
    if not name:
        return None
    known = await transaction.fetch_value(
        "SELECT id FROM person WHERE owner_id = ? AND name = ?", (owner_id, name)
    )
    if known is not None:
        return int(known)
    return await transaction.execute(
        "INSERT INTO person (public_id, owner_id, name) VALUES (?, ?, ?)",
        (make_public_id(time.time_ns() // 1_000_000), owner_id, name),
    )


async def _forget(transaction: Transaction, owner_id: int, names: Iterable[str]) -> None:
    """Remove people whom no picture shows any more, unless a person hid them."""
    await transaction.execute_many(
        """DELETE FROM person WHERE owner_id = ? AND name = ? AND hidden = 0
             AND NOT EXISTS (SELECT 1 FROM face WHERE person_id = person.id)""",
        [(owner_id, name) for name in names],
    )
