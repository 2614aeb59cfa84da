"""Trash, restore, empty and remove in the browser (SPEC 9.3, 9.4, 9.6)."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.commands.conftest import age
from tests.e2e.conftest import Server, Starter, cells, wait_true
from tests.samples import make_photo

pytestmark = pytest.mark.e2e

COUNT = 6


@pytest.fixture
def bin_site(start_server: Starter, page: Page, tmp_path: Path) -> Server:
    """Six photos that may be deleted."""
    photos = tmp_path / "photos"
    for number in range(COUNT):
        make_photo(photos / f"{number}.jpg", taken=datetime(2020, 1, 1 + number, 12), seed=number)
    age(photos)
    server = start_server(photos)
    page.goto(f"{server.url}/photos")
    expect(cells(page)).to_have_count(COUNT, timeout=20_000)
    return server


def select(page: Page, first: int, last: int) -> None:
    """Choose the cells from first to last by keys."""
    cells(page).nth(first).locator("a").focus()
    page.keyboard.press("x")
    for _ in range(last - first):
        page.keyboard.press("Shift+ArrowRight")


def on_disk(server: Server) -> list[str]:
    return sorted(path.name for path in server.photos.glob("*.jpg"))


def test_trash_and_undo_from_the_toast(bin_site: Server, page: Page) -> None:
    select(page, 0, 1)
    page.keyboard.press("Delete")
    expect(page.get_by_text("2 moved to the trash")).to_be_visible()
    expect(cells(page)).to_have_count(COUNT - 2)
    assert len(on_disk(bin_site)) == COUNT - 2
    page.get_by_role("button", name="Undo").click()
    expect(cells(page)).to_have_count(COUNT)
    assert len(on_disk(bin_site)) == COUNT


def test_focus_goes_on_where_a_photo_was_deleted(bin_site: Server, page: Page) -> None:
    """SPEC 10.5."""
    after = cells(page).nth(2).get_attribute("data-id")
    cells(page).nth(1).locator("a").focus()
    page.keyboard.press("Delete")
    expect(cells(page)).to_have_count(COUNT - 1)
    expect(page.locator(f"[data-id='{after}'] a")).to_be_focused()


def test_trash_in_the_viewer_shows_the_next_and_back_keeps_the_place(
    bin_site: Server, page: Page
) -> None:
    second = cells(page).nth(1).get_attribute("data-id")
    cells(page).first.locator("a").click()
    viewer = page.get_by_role("dialog", name="Photo viewer")
    expect(viewer).to_be_visible()
    viewer.get_by_role("button", name="Move to trash").first.click()
    page.wait_for_function("id => location.pathname.endsWith(id)", arg=second)
    expect(viewer.get_by_text("Moved to the trash")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(viewer.get_by_text("Undone.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    expect(cells(page)).to_have_count(COUNT)
    assert len(on_disk(bin_site)) == COUNT


def test_trash_page_restores_and_empties(bin_site: Server, page: Page) -> None:
    """SPEC 9.4: for good only after a typed confirmation that states count and size."""
    select(page, 0, 2)
    page.keyboard.press("Delete")
    expect(page.get_by_text("3 moved to the trash")).to_be_visible()
    page.goto(f"{bin_site.url}/trash")
    expect(cells(page)).to_have_count(3)
    expect(page.get_by_role("main")).to_contain_text(re.compile(r"3 photos and videos, \d+ kB"))
    cells(page).first.locator("a").focus()
    page.keyboard.press("x")
    page.get_by_test_id("selection-bar").get_by_role("button", name="Restore").first.click()
    expect(cells(page)).to_have_count(2)
    assert len(on_disk(bin_site)) == COUNT - 2
    page.get_by_role("button", name="Empty the trash").click()
    dialog = page.get_by_test_id("dialog")
    expect(dialog).to_contain_text(re.compile(r"2 photos and videos, \d+ kB"))
    expect(dialog).to_contain_text("cannot be undone")
    go = dialog.get_by_role("button", name="Delete for good")
    expect(go).to_be_disabled()
    dialog.get_by_label("Type 2 to confirm").fill("1")
    expect(go).to_be_disabled()
    dialog.get_by_label("Type 2 to confirm").fill("2")
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    go.click()
    expect(page.get_by_text("The trash is empty")).to_be_visible()
    assert page.request.get(f"{bin_site.url}/api/v1/trash").json()["assets"] == 0
    page.goto(f"{bin_site.url}/photos")
    expect(cells(page)).to_have_count(COUNT - 2)


def test_restoring_is_undone(bin_site: Server, page: Page) -> None:
    select(page, 0, 0)
    page.keyboard.press("Delete")
    expect(cells(page)).to_have_count(COUNT - 1)
    page.goto(f"{bin_site.url}/trash")
    cells(page).first.locator("a").focus()
    page.keyboard.press("x")
    page.get_by_test_id("selection-bar").get_by_role("button", name="Restore").first.click()
    expect(page.get_by_text("The trash is empty")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(cells(page)).to_have_count(1)
    assert len(on_disk(bin_site)) == COUNT - 1


def test_without_a_trash_deleting_says_that_it_is_for_good(
    start_server: Starter, page: Page, tmp_path: Path
) -> None:
    """SPEC 9.4: PS_TRY_SOFT_DELETES=false, and still never without count and size."""
    photos = tmp_path / "photos"
    for number in range(2):
        make_photo(photos / f"{number}.jpg", taken=datetime(2020, 1, 1 + number), seed=number)
    age(photos)
    server = start_server(photos, "--no-try-soft-deletes")
    page.goto(f"{server.url}/photos")
    expect(cells(page)).to_have_count(2, timeout=20_000)
    select(page, 0, 0)
    bar = page.get_by_test_id("selection-bar")
    expect(bar.get_by_role("button", name="Delete for good").first).to_be_visible()
    expect(bar.get_by_role("button", name="Move to trash")).to_have_count(0)
    page.keyboard.press("Delete")
    dialog = page.get_by_test_id("dialog")
    expect(dialog).to_contain_text(re.compile(r"1 photo or video, \d+ kB"))
    dialog.get_by_label("Type 1 to confirm").fill("1")
    page.keyboard.press("Enter")
    expect(cells(page)).to_have_count(1)
    assert len(on_disk(server)) == 1
    page.goto(f"{server.url}/trash")
    expect(page.get_by_role("main")).to_contain_text("no way back")


def test_one_of_the_trash_is_deleted_for_good(bin_site: Server, page: Page) -> None:
    select(page, 0, 1)
    page.keyboard.press("Delete")
    expect(cells(page)).to_have_count(COUNT - 2)
    page.goto(f"{bin_site.url}/trash")
    expect(cells(page)).to_have_count(2)
    cells(page).first.locator("a").focus()
    page.keyboard.press("x")
    page.keyboard.press("Delete")
    dialog = page.get_by_test_id("dialog")
    dialog.get_by_label("Type 1 to confirm").fill("1")
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("^Deleted for good"))).to_be_visible()
    expect(cells(page)).to_have_count(1)


def test_removed_photos_stay_on_the_disk(bin_site: Server, page: Page) -> None:
    """Issue 6.4: removing says what it does, and undo brings it back."""
    select(page, 0, 0)
    bar = page.get_by_test_id("selection-bar")
    bar.get_by_role("button", name="Remove from library").first.click()
    dialog = page.get_by_test_id("dialog")
    expect(dialog).to_contain_text("stays on the disk")
    dialog.get_by_role("button", name="Remove from library").click()
    expect(cells(page)).to_have_count(COUNT - 1)
    assert len(on_disk(bin_site)) == COUNT
    page.get_by_role("button", name="Undo").click()
    expect(cells(page)).to_have_count(COUNT)


def test_trash_page_shows_photos_in_the_viewer(bin_site: Server, page: Page) -> None:
    select(page, 0, 0)
    page.keyboard.press("Delete")
    expect(cells(page)).to_have_count(COUNT - 1)
    page.goto(f"{bin_site.url}/trash")
    cells(page).first.locator("a").click()
    viewer = page.get_by_role("dialog", name="Photo viewer")
    expect(viewer).to_be_visible()
    assert "/trash/" in page.url
    page.keyboard.press("i")
    expect(page.get_by_test_id("info")).to_contain_text("In the trash")
    expect(viewer.get_by_role("button", name="Change date")).to_have_count(0)
    viewer.get_by_role("button", name="Restore").first.click()
    expect(viewer).to_be_hidden()
    expect(page.get_by_text("The trash is empty")).to_be_visible()
    assert len(on_disk(bin_site)) == COUNT


def test_what_comes_back_by_undo_is_no_news(desk: Server, page: Page) -> None:
    """SPEC 10.1: the word of new photos is for those that somebody else brings."""
    page.set_viewport_size({"width": 700, "height": 320})
    page.reload()
    expect(cells(page).first).to_be_visible()
    newest = page.locator("[data-ordinal='0']").get_attribute("data-id")
    page.mouse.move(300, 200)
    page.mouse.wheel(0, 300)
    page.wait_for_timeout(400)
    body = {"ids": [newest], "set": {"hidden": True}}
    # By another window first: there it is news.
    page.request.patch(f"{desk.url}/api/v1/assets", data=body)
    expect(page.locator(f"[data-id='{newest}']")).to_have_count(0)
    page.request.patch(
        f"{desk.url}/api/v1/assets", data={"ids": [newest], "set": {"hidden": False}}
    )
    news = page.get_by_role("button", name="1 new photo")
    expect(news).to_be_visible()
    news.click()
    expect(news).to_have_count(0)
    # Now by hand, here.
    cell = page.locator(f"[data-id='{newest}']")
    cell.hover()
    cell.get_by_role("checkbox").click()
    with page.expect_response(lambda answer: answer.request.method == "PATCH"):
        page.keyboard.press("Shift+a")
    expect(cell).to_have_count(0)
    page.mouse.move(300, 200)
    page.mouse.wheel(0, 300)
    page.wait_for_timeout(400)
    with page.expect_response(lambda answer: "/undo" in answer.url):
        page.keyboard.press("Control+z")
    wait_true(
        page,
        "async id => { const found = await fetch(`/api/v1/assets/${id}`);"
        " return (await found.json()).hidden === false }",
        arg=newest,
    )
    page.wait_for_timeout(700)
    expect(page.get_by_role("button", name="new photo")).to_have_count(0)
