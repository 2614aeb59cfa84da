"""What a person said of an asset, field by field; it wins over every file (SPEC 6.2, 9.1).

A field's state is a JSON list of none or one value: `[]` where the person said nothing, `[null]`
where the person said that there is none. So the two cannot be confused in the journal.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from photostore.store.db import Reading, Transaction

    State = Sequence[Any]


class Field(StrEnum):
    """What a person may say, and the form of its JSON value."""

    TITLE = "title"  # text or null
    DESCRIPTION = "description"  # text or null
    RATING = "rating"  # -1 (rejected) to 5, or null
    FAVOURITE = "favourite"  # true or false
    HIDDEN = "hidden"  # true or false
    CAPTURED = "captured"  # {"local": ISO wall clock, "precision", "offset_min": minutes or null}
    POSITION = "position"  # {"lat", "lon", "alt"?} or null
    KEYWORDS = "keywords"  # {"add": [...], "remove": [...]}, relative to those of the files
    ROTATION = "rotation"  # 0, 90, 180 or 270, clockwise
    SHOWN = "shown"  # hex SHA-1 of the file that stands for the asset


@dataclass(frozen=True, slots=True)
class Edit:
    """One value that a person gave, and when (UTC milliseconds)."""

    value: Any
    at_ms: int


@dataclass(frozen=True, slots=True)
class EditChange:
    """A new state of one field of one asset."""

    asset_id: int
    field: str
    state: State


async def load_edits(reading: Reading, asset_ids: Iterable[int]) -> dict[int, dict[str, Edit]]:
    """What a person said of some assets, by asset and field."""
    rows = await reading.fetch_all(
        """SELECT asset_id, field, value, at FROM asset_edit
           WHERE asset_id IN (SELECT value FROM json_each(?))""",
        (json.dumps(list(asset_ids)),),
    )
    found: dict[int, dict[str, Edit]] = defaultdict(dict)
    for row in rows:
        found[row["asset_id"]][row["field"]] = Edit(json.loads(row["value"]), row["at"])
    return found


async def save_edits(
    transaction: Transaction, changes: Sequence[EditChange], user_id: int, now_ms: int
) -> None:
    """Write new states of fields; the assets are to be refreshed after it."""
    said = [
        (one.asset_id, one.field, json.dumps(one.state[0], ensure_ascii=False), user_id, now_ms)
        for one in changes
        if one.state
    ]
    unsaid = [(one.asset_id, one.field) for one in changes if not one.state]
    if said:
        await transaction.execute_many(
            """INSERT INTO asset_edit (asset_id, field, value, user_id, at) VALUES (?, ?, ?, ?, ?)
               ON CONFLICT (asset_id, field)
                 DO UPDATE SET value = excluded.value, user_id = excluded.user_id, at = excluded.at
            """,
            said,
        )
    if unsaid:
        await transaction.execute_many(
            "DELETE FROM asset_edit WHERE asset_id = ? AND field = ?", unsaid
        )


def with_keywords(from_files: Iterable[str], edit: Edit | None) -> tuple[str, ...]:
    """The keywords of an asset: those of its files as the person changed them."""
    if edit is None:
        return tuple(dict.fromkeys(from_files))
    removed = set(edit.value["remove"])
    kept = (word for word in from_files if word not in removed)
    return tuple(dict.fromkeys([*kept, *edit.value["add"]]))


def column_values(edits: Mapping[str, Edit]) -> dict[str, Any]:
    """The columns of `asset` that edits determine."""
    values: dict[str, Any] = {
        field.value: edits[field].value
        for field in (Field.TITLE, Field.DESCRIPTION, Field.RATING, Field.ROTATION)
        if field in edits
    }
    if Field.FAVOURITE in edits:
        values["favourite"] = int(edits[Field.FAVOURITE].value)
    if Field.HIDDEN in edits:
        hidden = edits[Field.HIDDEN]
        values["hidden_at"] = hidden.at_ms if hidden.value else None
    if Field.CAPTURED in edits:
        captured = edits[Field.CAPTURED].value
        values |= {
            "captured_ms": wall_ms(captured["local"]),
            "captured_precision": captured["precision"],
            "captured_offset_min": captured["offset_min"],
            "captured_source": "person",
        }
    if Field.POSITION in edits:
        position = edits[Field.POSITION].value or {}
        values |= {
            "lat": position.get("lat"),
            "lon": position.get("lon"),
            "alt_m": position.get("alt"),
        }
    return values


def wall_ms(local: str) -> int:
    """Milliseconds of an ISO wall clock as if it were UTC."""
    return round(datetime.fromisoformat(local).replace(tzinfo=UTC).timestamp() * 1000)
