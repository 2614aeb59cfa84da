"""The journal: every act of a person, what was before and what is after it (SPEC 9.6).

Rows are only ever added; the one column that changes later is `undone_by`. `before` and `after`
are JSON objects of two parts, each left out where it is empty:

    {"assets": {public_id: {"sha1s": [hex, ...], "edits": {field: value | null}, ...}},
     "albums": {public_id: {...} | null}}

`sha1s` are those of all files of the asset: by them a rebuilt library finds it again. `edits` are
rows of `asset_edit`, null where there is none. `after` may give once, under "edits", what holds
for each asset of `before`.

An edit of many assets is written in parts, of this form each: the first in the act's row, each
further one in the transaction that changes its assets. So an act is whole at any moment.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from photostore.store.db import Reading, Row, Transaction
    from photostore.store.scope import Scope

SAMPLED = 4


class ActName(StrEnum):
    """The kinds of acts."""

    EDIT = "edit"
    ALBUM_CREATE = "album_create"
    ALBUM_CHANGE = "album_change"
    ALBUM_DELETE = "album_delete"
    ALBUM_ADD = "album_add"
    ALBUM_REMOVE = "album_remove"
    ALBUM_ORDER = "album_order"
    TAG_RENAME = "tag_rename"
    TAG_MERGE = "tag_merge"
    SPLIT = "split"
    MERGE = "merge"
    CHOOSE_FILE = "choose_file"
    TRASH = "trash"
    RESTORE = "restore"
    DELETE = "delete"
    REMOVE = "remove"
    UNREMOVE = "unremove"
    COPY = "copy"
    UPLOAD = "upload"


@dataclass(frozen=True, slots=True)
class NewAct:
    """An act that is being done. `count`: assets that it changes. `undoes`: the act it takes back.

    `summary` holds the values of the sentence that tells of it, for instance the album's name.
    """

    act: ActName
    user_id: int
    at_ms: int
    count: int
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    undoes: int | None = None
    summary: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ActHead:
    """An act as the list shows it. `sample`: public ids of up to four of its assets."""

    id: int
    at_ms: int
    user_id: int
    act: ActName
    count: int
    undoes: int | None
    undone_by: int | None
    summary: Mapping[str, Any]
    sample: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JournalAct(ActHead):
    """An act with all that it changed."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ActLine:
    """An act as one line of JSON, and the moment that says which file of the copy it goes to."""

    id: int
    at_ms: int
    text: str


async def write_act(transaction: Transaction, act: NewAct, *, is_whole: bool = True) -> int:
    """Write an act in the transaction that does it; returns its id in the journal.

    Of one that is not whole yet, `extend_act` writes the other parts, and `mark_undone` says at the
    end that the act which it takes back holds no more.
    """
    assets = act.before.get("assets") or act.after.get("assets") or {}
    sample = [public_id for public_id, _ in zip(assets, range(SAMPLED), strict=False)]
    # Of a hundred thousand assets that is a moment too long for the event loop.
    before, after = await asyncio.to_thread(lambda: (to_json(act.before), to_json(act.after)))
    act_id = await transaction.execute(
        # What it takes back may be unknown here: an older copy of the database, a damaged line.
        """INSERT INTO journal (at, user_id, act, count, before, after, undoes, summary, sample)
           VALUES (?, ?, ?, ?, ?, ?, (SELECT id FROM journal WHERE id = ?), ?, ?)""",
        (
            act.at_ms,
            act.user_id,
            act.act,
            act.count,
            before,
            after,
            act.undoes,
            to_json(act.summary),
            to_json(sample),
        ),
    )
    if is_whole:
        await mark_undone(transaction, act_id, act.undoes)
    return act_id


async def extend_act(transaction: Transaction, act_id: int, part: NewAct) -> None:
    """Write a further part of an act, in the transaction that does it."""
    before, after = await asyncio.to_thread(lambda: (to_json(part.before), to_json(part.after)))
    await transaction.execute(
        "INSERT INTO journal_part (act_id, before, after) VALUES (?, ?, ?)", (act_id, before, after)
    )
    await transaction.execute(
        "UPDATE journal SET count = count + ? WHERE id = ?", (part.count, act_id)
    )


async def mark_undone(transaction: Transaction, act_id: int, undoes: int | None) -> None:
    """Note which acts hold: one that is undone holds no more, what it had undone holds again."""
    actor, holds, target = act_id, True, undoes
    while target is not None:
        await transaction.execute(
            "UPDATE journal SET undone_by = ? WHERE id = ?", (actor if holds else None, target)
        )
        actor, holds = target, not holds
        target = await transaction.fetch_value("SELECT undoes FROM journal WHERE id = ?", (actor,))


HEAD = "id, at, user_id, act, count, undoes, undone_by, summary, sample"


async def list_acts(
    reading: Reading, scope: Scope, limit: int, before_id: int | None = None
) -> list[ActHead]:
    """The acts of a person, the last one first; with `before_id` those before that act."""
    rows = await reading.fetch_all(
        f"SELECT {HEAD} FROM journal WHERE id < ? AND user_id = ? ORDER BY id DESC LIMIT ?",
        (2**63 - 1 if before_id is None else before_id, scope.user_id, limit),
    )
    return [ActHead(**_head(row)) for row in rows]


async def find_act(reading: Reading, scope: Scope, act_id: int) -> JournalAct | None:
    """One act of a person in full, None if there is none of this id."""
    row = await reading.fetch_one(
        f"SELECT {HEAD}, before, after FROM journal WHERE id = ? AND user_id = ?",
        (act_id, scope.user_id),
    )
    if row is None:
        return None
    parts = await _further_parts(reading, act_id)
    return await asyncio.to_thread(_whole, row, parts)


async def find_head(reading: Reading, scope: Scope, act_id: int) -> ActHead | None:
    """One act of a person without all that it changed, None if there is none of this id."""
    row = await reading.fetch_one(
        f"SELECT {HEAD} FROM journal WHERE id = ? AND user_id = ?", (act_id, scope.user_id)
    )
    return None if row is None else ActHead(**_head(row))


async def list_parts(reading: Reading, act_id: int) -> list[int | None]:
    """The parts of an act in their order, to be loaded one by one; None is the first."""
    rows = await reading.fetch_all(
        "SELECT id FROM journal_part WHERE act_id = ? ORDER BY id", (act_id,)
    )
    return [None, *(int(row["id"]) for row in rows)]


async def load_part(
    reading: Reading, act_id: int, part: int | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both sides of one part of an act."""
    table, key = ("journal", act_id) if part is None else ("journal_part", part)
    row = await reading.fetch_one(f"SELECT before, after FROM {table} WHERE id = ?", (key,))
    if row is None:
        return {}, {}
    return await asyncio.to_thread(lambda: (json.loads(row["before"]), json.loads(row["after"])))


async def _further_parts(reading: Reading, act_id: int) -> list[Row]:
    return await reading.fetch_all(
        "SELECT before, after FROM journal_part WHERE act_id = ? ORDER BY id", (act_id,)
    )


async def lines_after(
    reading: Reading, act_id: int, limit: int, last_id: int = 2**63 - 1
) -> list[ActLine]:
    """Acts of everybody after one, in the order in which they were done, as text for the copy.

    None after `last_id`.
    """
    rows = await reading.fetch_all(
        f"""SELECT {HEAD}, before, after FROM journal WHERE id > ? AND id <= ?
            ORDER BY id LIMIT ?""",
        (act_id, last_id, limit),
    )
    return [await _line(reading, row) for row in rows]


async def _line(reading: Reading, row: Row) -> ActLine:
    # What is JSON already is not read and written again: it may be many megabytes.
    sides = row["before"], row["after"]
    parts = await _further_parts(reading, row["id"])
    if parts:
        sides = await asyncio.to_thread(_join_text, [sides, *map(tuple, parts)])
    return ActLine(
        row["id"],
        row["at"],
        f'{{"id":{row["id"]},"at":{row["at"]},"user":{row["user_id"]},"act":"{row["act"]}",'
        f'"count":{row["count"]},"undoes":{to_json(row["undoes"])},'
        f'"summary":{row["summary"]},"sample":{row["sample"]},'
        f'"before":{sides[0]},"after":{sides[1]}}}',
    )


def _join_text(parts: Sequence[tuple[str, str]]) -> tuple[str, str]:
    before, after = _join([(json.loads(one), json.loads(other)) for one, other in parts])
    return to_json(before), to_json(after)


def _join(
    parts: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both sides of an act from those of its parts, which are about other assets each."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for one, other in parts:
        sides = (before, one), (after, expand(other, one.get("assets", {})))
        for whole, part in sides:
            for name, content in part.items():
                whole.setdefault(name, {}).update(content)
    return before, compact(after)


def compact(after: Mapping[str, Any]) -> dict[str, Any]:
    """Give once what holds for all assets: a hundred thousand ratings are one."""
    assets: Mapping[str, Mapping[str, Any]] = after.get("assets", {})
    first = next(iter(assets.values()), None)
    if len(assets) < 2 or first is None or first.keys() != {"edits"}:
        return dict(after)
    if any(one != first for one in assets.values()):
        return dict(after)
    return {"edits": first["edits"]} | {
        name: part for name, part in after.items() if name != "assets"
    }


def expand(content: Mapping[str, Any], assets: Iterable[str]) -> dict[str, Any]:
    """The opposite of `compact`; `assets` are the public ids that the other side names."""
    if "edits" not in content:
        return dict(content)
    alike = {public_id: {"edits": content["edits"]} for public_id in assets}
    return {name: part for name, part in content.items() if name != "edits"} | {"assets": alike}


async def times_of(reading: Reading, act_ids: Sequence[int]) -> dict[int, int]:
    """When some acts were done, by their ids."""
    rows = await reading.fetch_all(
        "SELECT id, at FROM journal WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(act_ids)),),
    )
    return {row["id"]: row["at"] for row in rows}


async def user_names(reading: Reading) -> dict[int, str]:
    """What users are called, by their ids."""
    rows = await reading.fetch_all("SELECT id, coalesce(display_name, name) AS name FROM user")
    return {row["id"]: row["name"] for row in rows}


async def last_act_id(reading: Reading) -> int:
    """The id of the last act, 0 if there is none."""
    return int(await reading.fetch_value("SELECT coalesce(max(id), 0) FROM journal"))


async def take_up_act(transaction: Transaction, act: JournalAct) -> None:
    """Write an act that an earlier database had, under its id; one that is there stays."""
    await transaction.execute(
        """INSERT INTO journal (id, at, user_id, act, count, before, after, undoes, summary, sample)
           VALUES (?, ?, ?, ?, ?, ?, ?, (SELECT id FROM journal WHERE id = ?), ?, ?)
           ON CONFLICT (id) DO NOTHING""",
        (
            act.id,
            act.at_ms,
            act.user_id,
            act.act,
            act.count,
            to_json(act.before),
            to_json(act.after),
            act.undoes,
            to_json(act.summary),
            to_json(act.sample),
        ),
    )
    await mark_undone(transaction, act.id, act.undoes)


def _head(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "at_ms": row["at"],
        "user_id": row["user_id"],
        "act": ActName(row["act"]),
        "count": row["count"],
        "undoes": row["undoes"],
        "undone_by": row["undone_by"],
        "summary": json.loads(row["summary"]),
        "sample": tuple(json.loads(row["sample"])),
    }


def _whole(row: Row, parts: Sequence[Row]) -> JournalAct:
    sides = [(json.loads(one["before"]), json.loads(one["after"])) for one in (row, *parts)]
    before, after = _join(sides) if parts else sides[0]
    return JournalAct(**_head(row), before=before, after=after)


def to_json(value: object) -> str:
    """JSON without blanks: an act may hold a hundred thousand assets."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
