"""From what a person wishes to the new states of an asset's fields, and those into the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from photostore.library.acts.change import API_FIELDS, format_local, is_datable
from photostore.store.assets import refresh
from photostore.store.edits import (
    KEYWORD,
    Field,
    gather_changes,
    mark_sidecars_due,
    save_edits,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from photostore.library.acts.change import Change
    from photostore.library.acts.record import Record
    from photostore.store.db import Transaction
    from photostore.store.edits import Editable, EditChange, State
    from photostore.store.scope import Scope

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall clock
WHOLE_TURN = 360
# No tag follows from these, and tags are most of the work.
UNTAGGED = frozenset(
    one.value
    for one in (Field.TITLE, Field.DESCRIPTION, Field.RATING, Field.FAVOURITE, Field.HIDDEN)
)


def new_states(asset: Editable, change: Change) -> dict[str, State]:
    """The states that differ from the present ones, by field; empty if nothing changes."""
    states: dict[str, State] = {field.value: [] for field in change.reset}
    if Field.KEYWORDS in change.reset:
        del states[Field.KEYWORDS]
        states |= {field: [] for field in asset.states if field.startswith(KEYWORD)}
    states |= {field.value: [value] for field, value in change.values.items()}
    captured = _captured(asset, change)
    if captured is not None:
        states[Field.CAPTURED] = [captured]
    if change.turn:
        states[Field.ROTATION] = [(asset.rotation + change.turn) % WHOLE_TURN]
    known = set(asset.keywords)
    for word in change.add_keywords:
        states[KEYWORD + word] = [] if word in known else [True]
    for word in change.remove_keywords:
        states[KEYWORD + word] = [False] if word in known else []
    return {
        field: state
        for field, state in states.items()
        if list(state) != list(asset.states.get(field, []))
    }


def _captured(asset: Editable, change: Change) -> dict[str, Any] | None:
    """The new capture time; None where it stays, or where there is none to move."""
    wish = change.captured
    if wish is not None:
        offset = wish.offset_min if wish.sets_offset else asset.captured_offset_min
        return {"local": wish.local, "precision": wish.precision, "offset_min": offset}
    if asset.captured_ms is None or not (change.shift_s or change.offset):
        return None
    local = _wall(asset.captured_ms) + timedelta(seconds=change.shift_s)
    if not is_datable(local):
        return None
    return {
        "local": format_local(local),
        "precision": asset.captured_precision or "second",
        "offset_min": change.offset[0] if change.offset else asset.captured_offset_min,
    }


def _wall(moment_ms: int) -> datetime:
    return EPOCH + timedelta(milliseconds=moment_ms)


def now_ms() -> int:
    """UTC milliseconds since 1970."""
    return round(datetime.now(UTC).timestamp() * 1000)


def summarise(change: Change) -> dict[str, Any]:
    """The key and the values of the sentence that tells of an edit; `fields` as the API has them.

    The key is `edit.FIELD` of a single field (`edit.favourite.on`, `edit.hidden.off`), `edit.shift`
    of a moved clock, `edit.reset`, or `edit.several`.
    """
    given: dict[Field, Any] = dict(change.values)
    if change.captured or change.offset or change.shift_s:
        given[Field.CAPTURED] = change.captured.local if change.captured else ""
    if change.turn:
        given[Field.ROTATION] = change.turn
    if change.add_keywords or change.remove_keywords:
        given[Field.KEYWORDS] = ""
    fields = [API_FIELDS[one] for one in (*given, *change.reset)]
    values: dict[str, Any] = {"fields": ", ".join(fields)}
    if change.add_keywords or change.remove_keywords:
        values["added"] = ", ".join(change.add_keywords)
        values["removed"] = ", ".join(change.remove_keywords)
    if change.shift_s:
        values["seconds"] = change.shift_s
    if change.reset and not given:
        return {"key": "edit.reset", "values": values}
    if len(fields) > 1:
        return {"key": "edit.several", "values": values}
    ((field, value),) = given.items()
    if field in (Field.FAVOURITE, Field.HIDDEN):
        return {"key": f"edit.{field}.{'on' if value else 'off'}", "values": values}
    if change.shift_s:
        return {"key": "edit.shift", "values": values}
    if isinstance(value, (str, int)) and value != "":
        values["value"] = value
    return {"key": f"edit.{API_FIELDS[field]}", "values": values}


async def change_states(
    transaction: Transaction,
    scope: Scope,
    wishes: Sequence[tuple[Editable, Mapping[str, State]]],
    record: Record,
    at_ms: int,
) -> None:
    """Write new states of fields, derive the assets anew, and note both sides."""
    rows: list[EditChange] = []
    touched: list[int] = []
    fields: set[str] = set()
    for asset, states in wishes:
        if not states:
            continue
        before = {field: list(asset.states.get(field, [])) for field in states}
        record.note_edits(asset.public_id, asset.sha1s, before, states)
        rows += gather_changes(asset.id, asset.states, states)
        touched.append(asset.id)
        fields |= states.keys()
    if touched:
        await save_edits(transaction, rows, scope.user_id, at_ms)
        await refresh(transaction, touched, tags=not fields <= UNTAGGED)
        await mark_sidecars_due(transaction, touched)
