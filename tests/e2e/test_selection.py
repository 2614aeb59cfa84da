"""One selection model in every grid (SPEC 10.3)."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Server, cells

pytestmark = pytest.mark.e2e


def choose(page: Page, index: int, *modifiers: str) -> None:
    """Press the check of a cell."""
    cell = cells(page).nth(index)
    cell.hover()
    cell.get_by_role("checkbox").click(modifiers=list(modifiers))  # type: ignore[arg-type]


def chosen(page: Page) -> list[int]:
    """The places of the chosen cells in the view, from 1."""
    marked = page.locator("[data-testid=timeline] .cell.selected")
    return sorted(int(cell.get_attribute("aria-posinset") or 0) for cell in marked.all())


@pytest.mark.parametrize(("first", "last"), [(2, 6), (6, 2)])
def test_shift_reaches_in_both_directions(desk: Server, page: Page, first, last) -> None:
    """Reverse shift-select grabs what lies between and nothing else (immich#24992)."""
    choose(page, first)
    choose(page, last, "Shift")
    assert chosen(page) == [3, 4, 5, 6, 7]
    bar = page.get_by_test_id("selection-bar")
    expect(bar).to_contain_text("5 selected")
    expect(bar).to_contain_text(re.compile(r"\d+(\.\d+)? (kB|MB)"))
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()


def test_all_of_a_grid_and_a_day(desk: Server, page: Page) -> None:
    choose(page, 0)
    bar = page.get_by_test_id("selection-bar")
    bar.get_by_role("button", name="All 14").click()
    expect(bar).to_contain_text("14 selected")
    page.keyboard.press("Escape")
    heading = page.get_by_role("checkbox", name=re.compile("Select all of"))
    page.locator(".heading").nth(1).hover()
    heading.nth(1).click()
    expect(bar).to_contain_text("1 selected")


@pytest.mark.parametrize("path", ["/search?q=jpg", "/recent"])
def test_other_grids_select_alike(desk: Server, page: Page, path: str) -> None:
    page.goto(desk.url + path)
    expect(cells(page).nth(5)).to_be_visible()
    choose(page, 4)
    choose(page, 1, "Shift")
    assert chosen(page) == [2, 3, 4, 5]
    page.keyboard.press("Control+a")
    count = page.locator("[data-testid=timeline] .cell").first.get_attribute("aria-setsize")
    expect(page.get_by_test_id("selection-bar")).to_contain_text(f"{count} selected")


def test_many_are_rated_and_tagged_at_once(desk: Server, page: Page) -> None:
    """Issue 5.4: edits of many; each act has its Undo."""
    choose(page, 3)
    choose(page, 5, "Shift")
    page.keyboard.press("3")
    expect(page.get_by_text("3 rated")).to_be_visible()
    page.keyboard.press("t")
    dialog = page.get_by_test_id("dialog")
    expect(dialog.get_by_label("Add keywords")).to_be_focused()
    page.keyboard.type("sample")
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Keywords of 3 changed")).to_be_visible()
    answer = page.request.get(f"{desk.url}/api/v1/assets?q=sample").json()
    assert [one["rating"] for one in answer["assets"]] == [3, 3, 3]
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone: 3.")).to_be_visible()
    assert page.request.get(f"{desk.url}/api/v1/assets?q=sample").json()["total"] == 0
    expect(page.get_by_test_id("selection-bar")).to_contain_text("3 selected")


def test_dates_of_many_are_shifted(desk: Server, page: Page) -> None:
    ids = [cells(page).nth(index).get_attribute("data-id") for index in (2, 3)]

    def moments() -> list[str]:
        found = (page.request.get(f"{desk.url}/api/v1/assets/{one}").json() for one in ids)
        return [one["captured"]["local"] for one in found]

    before = moments()
    choose(page, 2)
    choose(page, 3, "Shift")
    page.keyboard.press("Shift+T")
    dialog = page.get_by_test_id("dialog")
    dialog.get_by_label("Hours").fill("2")
    dialog.get_by_label("Direction").select_option("earlier")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("2 dates changed")).to_be_visible()
    assert [one[11:13] for one in moments()] == ["10", "10"]
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone: 2.")).to_be_visible()
    assert moments() == before


def test_a_keyboard_is_enough(desk: Server, page: Page) -> None:
    """SPEC 10.5: from the grid over selection, act and undo into the viewer and back."""
    cells(page).first.locator("a").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_test_id("selection-bar")).to_contain_text("2 selected")
    page.keyboard.press("f")
    expect(page.get_by_text("2 added to the favourites")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(page.get_by_text("Undone: 2.")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    viewer = page.get_by_role("dialog", name="Photo viewer")
    expect(viewer).to_be_visible()
    shown = page.url
    page.keyboard.press("i")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement?.textContent?.trim()") == "Add a title":
            break
    page.keyboard.press("Enter")
    page.keyboard.type("By keys")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Title: By keys")).to_be_focused()
    page.keyboard.press("Control+z")
    expect(page.get_by_role("button", name="Add a title")).to_be_visible()
    page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    focused = page.evaluate("document.activeElement.closest('[data-id]')?.dataset.id")
    assert focused == shown.rpartition("/")[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_bar_and_menu_have_no_accessibility_faults(desk: Server, page: Page, scheme) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    choose(page, 0)
    bar = page.get_by_test_id("selection-bar")
    bar.get_by_role("button", name="More").click()
    expect(page.get_by_role("button", name="Remove from library").last).to_be_visible()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def test_phone_keeps_the_tools_in_reach(desk: Server, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    expect(cells(page).first).to_be_visible()
    cells(page).first.locator("a").focus()
    page.keyboard.press("x")
    bar = page.get_by_test_id("selection-bar")
    bar.get_by_role("button", name="More").click()
    expect(page.get_by_role("button", name="Change date").last).to_be_in_viewport()
    count = cells(page).count()
    page.get_by_role("button", name="Select all").click()
    expect(bar.get_by_role("status")).to_have_text(f"{count} selected")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_two_are_joined_and_undone(desk: Server, page: Page) -> None:
    """SPEC 7.1: what a person joins is one photo, until that is undone."""
    before = page.request.get(f"{desk.url}/api/v1/stats").json()["assets"]
    choose(page, 7)
    choose(page, 8, "Shift")
    bar = page.get_by_test_id("selection-bar")
    bar.get_by_role("button", name="Join into one photo").first.click()
    expect(page.get_by_text("Joined into one photo")).to_be_visible()
    assert page.request.get(f"{desk.url}/api/v1/stats").json()["assets"] == before - 1
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text(re.compile("^Undone"))).to_be_visible()
    assert page.request.get(f"{desk.url}/api/v1/stats").json()["assets"] == before
