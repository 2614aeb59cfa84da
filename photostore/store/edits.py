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

    from photostore.store.db import Reading, Row, Transaction
    from photostore.store.scope import Scope

    State = Sequence[Any]


# Sorts after everything that has a date, in the order newest first.
UNDATED_MS = -(2**53)


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
    SHOWN = "shown"  # {"sha1": hex, "path": escaped, below the mount point} of the file shown


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


@dataclass(frozen=True, slots=True)
class Editable:
    """An asset as an edit needs it. `keywords` are those of its files; unknown dates are None.

    `states` are the states of the fields that a person changed; each keyword is a field of its own,
    `keyword:beach`, [true] where it was added and [false] where it was taken away.
    """

    id: int
    public_id: str
    captured_ms: int | None
    captured_precision: str | None
    captured_offset_min: int | None
    rotation: int
    keywords: tuple[str, ...]
    sha1s: tuple[str, ...]
    states: Mapping[str, State]


KEYWORD = "keyword:"


async def load_editables(
    reading: Reading, scope: Scope, public_ids: Sequence[str]
) -> list[Editable]:
    """These assets as an edit needs them, in their order; unknown ids are left out."""
    assets = await reading.fetch_all(
        # The plus keeps the planner from walking all of an owner's assets by an index.
        """SELECT id, public_id, captured_ms, captured_precision, captured_offset_min, rotation
           FROM asset WHERE +owner_id = :owner
             AND public_id IN (SELECT value FROM json_each(:ids))""",
        {"owner": scope.user_id, "ids": json.dumps(list(public_ids))},
    )
    ids = json.dumps([row["id"] for row in assets])
    files: dict[int, list[Row]] = defaultdict(list)
    for file in await reading.fetch_all(
        """SELECT asset_id, keywords, sha1, gone_at FROM file
           WHERE asset_id IN (SELECT value FROM json_each(?)) AND sha1 IS NOT NULL
             AND state <> 'rejected'""",
        (ids,),
    ):
        files[file["asset_id"]].append(file)
    waited = await reading.fetch_all(
        "SELECT asset_id, sha1 FROM kept WHERE asset_id IN (SELECT value FROM json_each(?))", (ids,)
    )
    contents = defaultdict(set)
    for row in waited:
        contents[row["asset_id"]].add(row["sha1"].hex())
    edits = await load_edits(reading, [row["id"] for row in assets])
    found = {
        row["public_id"]: _editable(
            row, files[row["id"]], contents[row["id"]], edits.get(row["id"], {})
        )
        for row in assets
    }
    return [found[one] for one in dict.fromkeys(public_ids) if one in found]


def _editable(
    asset: Row, files: Sequence[Row], waited: set[str], edits: Mapping[str, Edit]
) -> Editable:
    counted = [file for file in files if file["gone_at"] is None] or files
    undated = asset["captured_ms"] == UNDATED_MS
    return Editable(
        asset["id"],
        asset["public_id"],
        None if undated else asset["captured_ms"],
        asset["captured_precision"],
        asset["captured_offset_min"],
        asset["rotation"],
        tuple(dict.fromkeys(word for file in counted for word in json.loads(file["keywords"]))),
        tuple(sorted({file["sha1"].hex() for file in files} | waited)),
        flatten(edits),
    )


def flatten(edits: Mapping[str, Edit]) -> dict[str, State]:
    """The states of what a person said, each keyword on its own."""
    states: dict[str, State] = {
        field: [edit.value] for field, edit in edits.items() if field != Field.KEYWORDS
    }
    if Field.KEYWORDS in edits:
        keywords = edits[Field.KEYWORDS].value
        states |= {KEYWORD + word: [True] for word in keywords["add"]}
        states |= {KEYWORD + word: [False] for word in keywords["remove"]}
    return states


def gather_changes(
    asset_id: int, states: Mapping[str, State], changed: Mapping[str, State]
) -> list[EditChange]:
    """The rows to write for changed states of an asset; `states` are those it has now."""
    rows = [
        EditChange(asset_id, field, state)
        for field, state in changed.items()
        if not field.startswith(KEYWORD)
    ]
    if len(rows) == len(changed):
        return rows
    words = {
        field.removeprefix(KEYWORD): state[0]
        for field, state in {**states, **changed}.items()
        if field.startswith(KEYWORD) and state
    }
    # Sorted, so that the same words in whatever order they came are the same value.
    value = {
        "add": sorted(word for word, added in words.items() if added),
        "remove": sorted(word for word, added in words.items() if not added),
    }
    return [*rows, EditChange(asset_id, Field.KEYWORDS, [value] if words else [])]


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


async def mark_sidecars_due(transaction: Transaction, asset_ids: Sequence[int]) -> None:
    """Note that the sidecars of assets are to be written: what a person said of them changed."""
    await transaction.execute(
        """UPDATE asset SET sidecar_due = ?
           WHERE id IN (SELECT value FROM json_each(?))""",
        (await transaction.revision(), json.dumps(list(asset_ids))),
    )


def wall_ms(local: str) -> int:
    """Milliseconds of an ISO wall clock as if it were UTC."""
    return round(datetime.fromisoformat(local).replace(tzinfo=UTC).timestamp() * 1000)
