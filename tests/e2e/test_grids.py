"""Every grid is chosen from alike, and gone about by keys (SPEC 10.3, 10.5)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import cells
from tests.e2e.gallery import call, gallery, ids_of, visit, wait_cells

pytestmark = pytest.mark.e2e
__all__ = ["gallery", "visit"]

GRIDS = ("album", "smart", "tag", "folder", "favourites", "hidden", "trash", "search", "recent")


def prepare(page: Page, gallery, grid: str) -> str:
    """Have at least seven photos in a grid; returns its address."""
    some = ids_of(page, gallery, 8)
    match grid:
        case "album":
            body = {"name": "Reach", "ids": [*some[4:], *some[:4]]}
            return "/albums/" + call(page, gallery, "POST", "/albums", body)["id"]
        case "smart":
            body = {"name": "Reach all", "query": "keyword:odd"}
            return "/albums/" + call(page, gallery, "POST", "/albums", body)["id"]
        case "tag" | "folder":
            kind, word = ("keyword", "odd") if grid == "tag" else ("folder", "trip")
            tags = call(page, gallery, "GET", f"/tags?q={word}")["tags"]
            tag = next(one["id"] for one in tags if one["kind"].startswith(kind))
            return f"/{grid}s/{tag}"
        case "favourites" | "hidden":
            field = grid.removesuffix("s")
            call(page, gallery, "PATCH", "/assets", {"ids": some, "set": {field: True}})
        case "trash":
            call(page, gallery, "POST", "/assets/trash", {"ids": some})
        case "search":
            return "/search?q=keyword:even&order=oldest"
    return f"/{grid}"


def restore(page: Page, gallery, grid: str) -> None:
    """Leave the gallery as it was."""
    query = {"hidden": "in:hidden", "trash": "in:trash", "favourites": "favorite:yes"}.get(grid)
    if query is None:
        return
    ids = ids_of(page, gallery, 20, query)
    if grid == "trash":
        call(page, gallery, "POST", "/assets/restore", {"ids": ids})
    else:
        field = grid.removesuffix("s")
        call(page, gallery, "PATCH", "/assets", {"ids": ids, "set": {field: False}})


def chosen(page: Page) -> list[int]:
    return page.locator(".cell.selected").evaluate_all(
        "all => all.map(one => Number(one.dataset.ordinal)).sort((a, b) => a - b)"
    )


@pytest.mark.parametrize("grid", GRIDS)
def test_reach_is_what_lies_between_on_screen(page: Page, gallery, visit, grid) -> None:
    """Backwards and forwards, in the view's own order, and only shown while Shift is held."""
    visit(prepare(page, gallery, grid))
    wait_cells(page)

    def cell(ordinal: int):
        return page.locator(f"[data-ordinal='{ordinal}']")

    cell(5).hover()
    cell(5).get_by_role("checkbox").click()
    page.keyboard.down("Shift")
    cell(2).hover()
    expect(page.locator(".cell.reached")).to_have_count(3)
    page.keyboard.up("Shift")
    expect(page.locator(".cell.reached")).to_have_count(0)
    cell(2).locator("a").click(modifiers=["Shift"])
    expect(page.get_by_test_id("selection-bar")).to_contain_text("4 selected")
    assert chosen(page) == [2, 3, 4, 5]
    cell(6).locator("a").click(modifiers=["Shift"])
    assert chosen(page) == [2, 3, 4, 5, 6]
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("selection-bar")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)
    restore(page, gallery, grid)


def test_go_to_a_date(page: Page, visit) -> None:
    visit("/photos")
    wait_cells(page)
    page.keyboard.press("g")
    dialog = page.get_by_test_id("dialog")
    dialog.get_by_label("Day").fill("2019-06-30")
    dialog.get_by_role("button", name="Go", exact=True).click()
    expect(dialog).to_have_count(0)
    focused = page.locator("[data-testid=timeline] a:focus")
    expect(focused).to_have_attribute("aria-label", re.compile(r"Photo, \d+ Jun 2019"))
    expect(focused).to_be_in_viewport()


def test_the_link_is_copied_where_nothing_can_be_shared(page: Page, gallery, visit) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=gallery.url)
    visit("/photos")
    wait_cells(page)
    cells(page).first.locator("a").click()
    viewer = page.get_by_role("dialog", name="Photo viewer")
    viewer.get_by_role("button", name="Copy link").click()
    expect(viewer.get_by_text("Link copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url


def test_what_comes_above_the_page_moves_no_photo(page: Page, gallery, visit) -> None:
    """SPEC 10.2: an import begins and ends; the place under the eyes stays."""
    visit("/photos")
    wait_cells(page)
    page.get_by_test_id("timeline").evaluate("element => (element.scrollTop = 600)")
    page.wait_for_function("() => document.querySelector('[data-ordinal=\"20\"]')")
    place = "document.querySelector('[data-ordinal=\"20\"]').getBoundingClientRect().top"
    before = page.evaluate(place)
    page.evaluate(
        """() => {
          const strip = Object.assign(document.createElement('div'), { id: 'strip' });
          strip.style.cssText = 'flex: none; height: 36px';
          document.querySelector('main').parentElement.before(strip);
        }"""
    )
    page.wait_for_function("() => document.querySelector('main').getBoundingClientRect().top > 90")
    page.wait_for_function(f"before => Math.abs({place} - before) < 1", arg=before)
    page.evaluate("document.getElementById('strip').remove()")
    page.wait_for_function("() => document.querySelector('main').getBoundingClientRect().top < 90")
    page.wait_for_function(f"before => Math.abs({place} - before) < 1", arg=before)
