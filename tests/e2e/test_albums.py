"""Albums: made, filled, ordered, nested, smart, deleted and back again (SPEC 7.6)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import cells
from tests.e2e.gallery import call, gallery, ids_of, visit

pytestmark = pytest.mark.e2e
__all__ = ["gallery", "visit"]


def order(page: Page) -> list[str]:
    """The ids in the grid, in its order."""
    return cells(page).evaluate_all(
        "all => all.sort((a, b) => a.dataset.ordinal - b.dataset.ordinal).map(c => c.dataset.id)"
    )


def make(page: Page, gallery, name: str, count: int = 5, **more) -> dict:
    return call(
        page, gallery, "POST", "/albums", {"name": name, "ids": ids_of(page, gallery, count)} | more
    )


def test_album_is_made_renamed_and_described(page: Page, gallery, visit) -> None:
    visit("/albums")
    page.get_by_role("main").get_by_role("button", name="New album").first.click()
    dialog = page.get_by_test_id("dialog")
    dialog.get_by_label("Name").fill("Summer")
    dialog.get_by_role("button", name="Create").click()
    expect(page).to_have_url(re.compile(r"/albums/\w+$"))
    expect(page.get_by_role("heading", name="Summer")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("This album is empty")
    page.get_by_role("button", name="Edit").click()
    dialog.get_by_label("Name").fill("Summers")
    dialog.get_by_label("Description").fill("All <b>of</b> them")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Summers")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("All <b>of</b> them")
    expect(page).to_have_title(re.compile("^Summers"))


def test_photos_are_ordered_by_keys(page: Page, gallery, visit) -> None:
    album = make(page, gallery, "By keys")
    visit(f"/albums/{album['id']}")
    expect(cells(page)).to_have_count(5)
    before = order(page)
    cells(page).first.locator("a").focus()
    page.keyboard.press("]")
    page.wait_for_function(
        "id => document.querySelector(`[data-id='${id}']`)?.dataset.ordinal === '1'", arg=before[0]
    )
    page.keyboard.press("]")
    page.wait_for_function(
        "id => document.querySelector(`[data-id='${id}']`)?.dataset.ordinal === '2'", arg=before[0]
    )
    assert order(page) == [before[1], before[2], before[0], before[3], before[4]]
    page.keyboard.press("[")
    page.wait_for_function(
        "id => document.querySelector(`[data-id='${id}']`)?.dataset.ordinal === '1'", arg=before[0]
    )
    page.reload()
    expect(cells(page)).to_have_count(5)
    assert order(page) == [before[1], before[0], before[2], before[3], before[4]]


def test_photos_are_ordered_by_drag_and_it_is_undone(page: Page, gallery, visit) -> None:
    album = make(page, gallery, "By drag")
    visit(f"/albums/{album['id']}")
    expect(cells(page)).to_have_count(5)
    before = order(page)
    first = page.locator(f"[data-id='{before[0]}']").bounding_box()
    last = page.locator(f"[data-id='{before[4]}']").bounding_box()
    assert first is not None
    assert last is not None
    page.mouse.move(first["x"] + first["width"] / 2, first["y"] + first["height"] / 2)
    page.mouse.down()
    page.mouse.move(last["x"] + last["width"] * 0.5, last["y"] + 40, steps=6)
    page.mouse.move(last["x"] + last["width"] * 0.9, last["y"] + 50, steps=4)
    page.wait_for_timeout(100)
    expect(page.locator(".drop-mark")).to_be_visible()
    page.mouse.up()
    page.wait_for_function(
        "id => document.querySelector(`[data-id='${id}']`)?.dataset.ordinal === '4'", arg=before[0]
    )
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert order(page) == [*before[1:], before[0]]
    page.get_by_role("button", name="Undo").click()
    page.wait_for_function(
        "id => document.querySelector(`[data-id='${id}']`)?.dataset.ordinal === '0'", arg=before[0]
    )
    assert order(page) == before


def test_cover_is_chosen_from_the_photos(page: Page, gallery, visit) -> None:
    album = make(page, gallery, "Cover")
    visit(f"/albums/{album['id']}")
    expect(cells(page)).to_have_count(5)
    chosen = order(page)[3]
    assert album["cover"] != chosen
    page.locator(f"[data-id='{chosen}']").hover()
    page.locator(f"[data-id='{chosen}'] [role=checkbox]").click()
    page.get_by_role("button", name="Use as cover").click()
    expect(page.get_by_text("The cover is set")).to_be_visible()
    assert call(page, gallery, "GET", f"/albums/{album['id']}")["cover"] == chosen


def test_nested_albums_show_the_way(page: Page, gallery, visit) -> None:
    outer = make(page, gallery, "Outer")
    inner = make(page, gallery, "Inner", 3, parent=outer["id"])
    visit("/albums")
    expect(page.get_by_role("link", name="Outer")).to_contain_text("1 album")
    expect(page.get_by_role("link", name="Inner")).to_be_hidden()
    page.get_by_role("link", name="Outer").click()
    page.get_by_role("link", name="Inner").click()
    expect(page).to_have_url(f"{gallery.url}/albums/{inner['id']}")
    path = page.get_by_role("navigation", name="Path")
    path.get_by_role("link", name="Outer").click()
    expect(page).to_have_url(f"{gallery.url}/albums/{outer['id']}")


def test_search_becomes_a_smart_album(page: Page, gallery, visit) -> None:
    visit("/search?q=keyword:odd")
    page.get_by_role("button", name="Save as album").click()
    dialog = page.get_by_test_id("dialog")
    expect(dialog.get_by_label("Search")).to_have_value("keyword:odd")
    dialog.get_by_label("Name").fill("Odd ones")
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="Odd ones")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("45 photos")
    expect(page.get_by_role("link", name="keyword:odd")).to_be_visible()
    expect(cells(page).first).to_be_visible()


def test_deleted_album_comes_back(page: Page, gallery, visit) -> None:
    """Its photos stay; the deletion is undone."""
    album = make(page, gallery, "To go")
    visit("/albums")
    page.get_by_role("link", name="To go").click()
    page.get_by_role("button", name="Delete album").click()
    question = page.get_by_test_id("dialog")
    # What does no harm is under the Enter key.
    expect(question.get_by_role("button", name="Cancel")).to_be_focused()
    expect(question).to_have_accessible_description(re.compile("Its photos stay"))
    question.get_by_role("button", name="Delete album").click()
    expect(page).to_have_url(f"{gallery.url}/albums")
    expect(page.get_by_role("link", name="To go")).to_be_hidden()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="To go")).to_be_visible()
    assert call(page, gallery, "GET", f"/albums/{album['id']}")["count"] == 5


def test_album_that_is_gone_says_so(page: Page, visit) -> None:
    visit("/albums/nosuchalbum")
    expect(page.get_by_role("main")).to_contain_text("There is nothing here")
    page.get_by_role("main").get_by_role("link", name="To the photos").click()
    expect(page).to_have_url(re.compile("/photos$"))
