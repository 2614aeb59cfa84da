"""What is missing is kept for 30 days with all that a person added to it: SPEC 4.4."""

from __future__ import annotations

from dataclasses import replace

from photostore.sync.missing import DAY_MS, purge_missing
from photostore.sync.shared import now_ms


async def age_missing(yard, days: float) -> None:
    async with yard.database.write() as transaction:
        await transaction.execute(
            "UPDATE file SET gone_at = ? WHERE gone_at IS NOT NULL",
            (now_ms() - round(days * DAY_MS),),
        )


async def assets(yard) -> int:
    async with yard.database.read() as reading:
        return await reading.fetch_value("SELECT count(*) FROM asset")


async def test_it_is_forgotten_after_30_days_and_not_before(yard):
    yard.write("a.jpg", "b.jpg", "c.jpg")
    await yard.scan()
    await yard.import_all()
    async with yard.database.write(durable=True) as transaction:
        await transaction.execute(
            """INSERT INTO asset_edit (asset_id, field, value, user_id, at)
               SELECT asset_id, 'title', '"mine"', 1, 0 FROM file WHERE name = x'612e6a7067'"""
        )
    yard.remove("a.jpg")
    await yard.scan()
    await age_missing(yard, 29.9)
    assert await purge_missing(yard.shared) == 0
    assert await assets(yard) == 3
    await age_missing(yard, 30.1)
    assert await purge_missing(yard.shared) == 1
    assert set(await yard.ids()) == {"b.jpg", "c.jpg"}
    async with yard.database.read() as reading:
        assert await reading.fetch_value("SELECT count(*) FROM asset_edit") == 0
        assert await reading.fetch_all("PRAGMA foreign_key_check") == []
    assert await assets(yard) == 2


async def test_what_is_there_after_all_is_kept(yard):
    """A marker, a pattern or a disk that is away hides files, and none of them is forgotten."""
    yard.write("hidden/a.jpg", "b.jpg")
    await yard.scan()
    await yard.import_all()
    yard.write("hidden/.nomedia")
    await yard.scan()
    await age_missing(yard, 400)
    assert await purge_missing(yard.shared) == 0
    yard.remove("hidden/.nomedia")
    await yard.scan()
    rows = await yard.rows()
    assert {name: row["gone_at"] for name, row in rows.items()} == {
        "hidden/a.jpg": None,
        "b.jpg": None,
    }


async def test_nothing_is_forgotten_while_the_disk_is_away(yard):
    yard.write("a.jpg", "b.jpg")
    await yard.scan()
    await yard.import_all()
    yard.remove("a.jpg")
    await yard.scan()
    await age_missing(yard, 400)
    async with yard.database.write() as transaction:
        await transaction.execute("UPDATE root SET state = 'unavailable'")
    assert await purge_missing(yard.shared) == 0


async def test_a_clock_that_was_not_set_forgets_nothing(yard):
    """A Pi without a battery starts in 1970: when the file went is not known then."""
    yard.write("a.jpg", "b.jpg")
    await yard.scan()
    await yard.import_all()
    yard.remove("a.jpg")
    await yard.scan()
    async with yard.database.write() as transaction:
        await transaction.execute("UPDATE file SET gone_at = 5000 WHERE gone_at IS NOT NULL")
    assert await purge_missing(yard.shared) == 0


async def test_an_asset_goes_with_the_last_of_its_files(yard):
    yard.write("a.jpg", "b.jpg", content="the same")
    yard.write("other.jpg")
    await yard.scan()
    await yard.import_all()
    assert await assets(yard) == 2
    yard.remove("a.jpg")
    await yard.scan()
    await age_missing(yard, 31)
    yard.remove("b.jpg")
    await yard.scan()
    assert await purge_missing(yard.shared) == 0, "b.jpg is missing since today"
    await age_missing(yard, 31)
    assert await purge_missing(yard.shared) == 2
    assert await assets(yard) == 1


async def test_a_file_that_never_became_an_asset_is_forgotten_too(yard):
    yard.write("a.jpg", "b.jpg")
    await yard.scan()
    yard.remove("a.jpg")
    await yard.scan()
    await age_missing(yard, 31)
    assert await purge_missing(yard.shared) == 1
    assert set(await yard.ids()) == {"b.jpg"}


async def test_the_trash_is_not_missing(yard):
    yard.write("a.jpg", "b.jpg")
    await yard.scan()
    await yard.import_all()
    yard.remove("a.jpg")
    await yard.scan()
    async with yard.database.write() as transaction:
        await transaction.execute(
            "UPDATE file SET trashed = CAST('.Trash-1/files/a.jpg' AS BLOB) WHERE gone_at NOT NULL"
        )
    await age_missing(yard, 400)
    assert await purge_missing(yard.shared) == 0


async def test_a_hidden_file_keeps_its_asset_when_its_copy_is_forgotten(yard):
    """SPEC 5.2: nothing is lost when the marker goes away, also if a copy was deleted meanwhile."""
    yard.write("hidden/a.jpg", "b.jpg", content="the same")
    yard.write("other.jpg")
    await yard.scan()
    await yard.import_all()
    async with yard.database.write(durable=True) as transaction:
        await transaction.execute(
            """INSERT INTO asset_edit (asset_id, field, value, user_id, at)
               SELECT asset_id, 'title', '"mine"', 1, 0 FROM file WHERE name = x'622e6a7067'"""
        )
    yard.write("hidden/.nomedia")
    yard.remove("b.jpg")
    await yard.scan()
    await age_missing(yard, 400)
    assert await purge_missing(yard.shared) == 1
    yard.remove("hidden/.nomedia")
    await yard.scan()
    await yard.import_all()
    assert await assets(yard) == 2
    async with yard.database.read() as reading:
        assert await reading.fetch_value("SELECT value FROM asset_edit") == '"mine"'


async def test_a_disk_that_went_since_the_last_scan_takes_nothing_with_it(yard):
    """What a marker hides is gone for a while when the disk is: SPEC 4.3, 5.2."""
    yard.write("hidden/a.jpg", "b.jpg", "c.jpg")
    await yard.scan()
    await yard.import_all()
    yard.write("hidden/.nomedia")
    yard.remove("c.jpg")
    await yard.scan()
    await age_missing(yard, 400)
    away = yard.photos.with_name("away")
    yard.photos.rename(away)
    assert await purge_missing(yard.shared) == 0
    yard.photos.mkdir()
    assert await purge_missing(yard.shared) == 0, "the mount point without its disk"
    yard.photos.rmdir()
    away.rename(yard.photos)
    assert await purge_missing(yard.shared) == 1
    assert set(await yard.ids()) == {"hidden/a.jpg", "b.jpg"}


async def test_what_another_disk_hides_that_is_mounted_over_it_is_kept(yard, monkeypatch):
    """SPEC 4.3: its files are under the mount, where nobody can look."""
    yard.write("under/a.jpg", "b.jpg")
    await yard.scan()
    await yard.import_all()
    rules = yard.scanner.rules

    async def with_mount(root):
        return replace(await rules(root), mounts=frozenset({yard.path("under")}))

    monkeypatch.setattr(yard.scanner, "rules", with_mount)
    yard.photos.joinpath("under").rename(yard.photos.with_name("under"))
    yard.photos.joinpath("under").mkdir()
    await yard.scan()
    await age_missing(yard, 400)
    assert await purge_missing(yard.shared) == 0
    monkeypatch.undo()
    yard.photos.joinpath("under").rmdir()
    yard.photos.with_name("under").rename(yard.photos / "under")
    await yard.scan()
    assert await yard.missing() == set()
