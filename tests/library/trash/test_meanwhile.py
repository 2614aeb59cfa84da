"""No more goes than a person agreed to, whatever happens while it waits: SPEC 9.4, 9.6."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from photostore.library.trashing import deeds
from photostore.library.trashing.service import Trash
from photostore.store.journal import ActName, NewAct, write_act
from photostore.store.removal import set_removed
from photostore.store.scope import OWNER
from tests.library.trash.stocked import House, opened, put, take_in

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _home_trash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    put(folder / "a.jpg", "asset 1", 1)
    put(folder / "b.jpg", "asset 2", 2)
    return folder


def when_its_turn_comes(monkeypatch: pytest.MonkeyPatch, do) -> None:
    """Have something happen after the deed was asked for, before it begins."""
    catch_up = Trash._catch_up

    async def come_between(self: Trash) -> None:
        monkeypatch.setattr(Trash, "_catch_up", catch_up)
        await do()
        await catch_up(self)

    monkeypatch.setattr(Trash, "_catch_up", come_between)


async def ids_of(house: House) -> list[str]:
    return [(await house.get(f"/assets?q=filename:{name}.jpg"))["assets"][0]["id"] for name in "ab"]


async def test_what_joined_since_it_was_confirmed_is_not_deleted_for_good(
    tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
):
    async with opened(tmp_path / "home", photos, try_soft_deletes=False) as house:
        await take_in(house.library)
        ids = await ids_of(house)

        async def copy() -> None:
            put(photos / "a copy.jpg", "asset 1", 1)
            await take_in(house.library)

        when_its_turn_comes(monkeypatch, copy)
        done = await house.post("/assets/delete", ids=ids, confirm={"assets": 2, "bytes": 14})
        assert [one["reason"] for one in done["refused"]] == [
            "it has another file than a moment ago"
        ]
        assert await house.ids() == ids[:1]
    assert set(os.listdir(photos)) == {"a.jpg", "a copy.jpg"}


async def test_undoing_an_upload_leaves_what_was_merged_with_it_meanwhile(
    tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
):
    async with opened(tmp_path / "home", photos) as house:
        await take_in(house.library)
        ids = await ids_of(house)
        async with house.library.database.write() as transaction:
            sha1 = await transaction.fetch_value(
                "SELECT lower(hex(sha1)) FROM file WHERE name = x'612e6a7067'"
            )
            added = {"assets": {ids[0]: {"sha1s": [sha1]}}}
            act = await write_act(transaction, NewAct(ActName.UPLOAD, 1, 1, 1, added, {}))

        async def merge() -> None:
            await house.library.acts.merge(OWNER, ids)

        when_its_turn_comes(monkeypatch, merge)
        done = await house.library.acts.undo(OWNER, act)
        assert (done.changed, done.skipped) == (0, 1)
    assert set(os.listdir(photos)) == {"a.jpg", "b.jpg"}


async def test_what_is_taken_out_of_the_library_while_it_is_trashed_comes_back_from_there(
    tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
):
    """It was in neither place for a person: no way led back from both at once."""
    async with opened(tmp_path / "home", photos) as house:
        await take_in(house.library)
        ids = await ids_of(house)

        async def remove_and_note(transaction, files, now) -> None:
            await set_removed(transaction, OWNER, ids[:1], now)
            await noting(transaction, files, now)

        noting = deeds.note_trashed
        monkeypatch.setattr(deeds, "note_trashed", remove_and_note)
        await house.post("/assets/trash", ids=ids[:1])
        assert await house.ids("in:trash") == ids[:1]
        done = await house.post("/assets/restore", ids=ids[:1])
        assert (done["restored"], done["refused"]) == (1, [])
        assert set(await house.ids()) == set(ids)
    assert set(os.listdir(photos)) == {"a.jpg", "b.jpg"}
