"""What is not a page of its own is accessible too: menus, dialogs, the viewer, states, a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.addresses import PAGES, fill, find_names
from tests.e2e.conftest import cells
from tests.e2e.gallery import call, gallery, ids_of, visit, wait_cells

pytestmark = pytest.mark.e2e
__all__ = ["gallery", "visit"]

PHONE = {"width": 390, "height": 844}


def open_menu(page: Page) -> None:
    page.get_by_role("button", name="More").first.click()
    expect(page.get_by_role("link", name="Health")).to_be_visible()


def open_suggestions(page: Page) -> None:
    page.get_by_role("combobox", name="Search").press_sequentially("cam")
    expect(page.locator("#search-list [role=option]").nth(1)).to_be_visible()


def type_wrong(page: Page) -> None:
    page.get_by_role("combobox", name="Search").press_sequentially("iso:many")
    expect(page.get_by_test_id("query-problem")).to_be_visible()


def open_search_help(page: Page) -> None:
    page.get_by_role("combobox", name="Search").focus()
    page.locator("#search-list [role=option]").last.click()
    expect(page.get_by_role("dialog")).to_contain_text("Taken in a year")


def open_keys(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


def select_some(page: Page) -> None:
    cells(page).first.hover()
    page.keyboard.press("Control+a")
    expect(page.get_by_role("button", name="Clear the selection")).to_be_visible()


def open_photo(page: Page) -> None:
    cells(page).nth(1).locator("a").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def open_info(page: Page) -> None:
    open_photo(page)
    page.keyboard.press("i")
    expect(page.get_by_role("complementary")).to_contain_text("Number")


STATES: dict[str, Callable[[Page], None]] = {
    "menu": open_menu,
    "suggestions": open_suggestions,
    "wrong query": type_wrong,
    "search help": open_search_help,
    "keys": open_keys,
    "selection": select_some,
    "viewer": open_photo,
    "info": open_info,
}


def check(page: Page) -> None:
    """No violation of what axe can tell (WCAG 2.2 AA)."""
    page.wait_for_timeout(400)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES)
def test_state_is_accessible(page: Page, visit, state, scheme) -> None:
    """SPEC 10.5."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    visit("/photos")
    wait_cells(page)
    STATES[state](page)
    check(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_wrong_settings_are_accessible(page: Page, visit, scheme) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    visit("/settings")
    page.locator("[data-setting=nice] input").fill("99")
    page.keyboard.press("Tab")
    page.get_by_test_id("save-bar").get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    check(page)


def test_phone_is_accessible(page: Page, gallery, visit) -> None:
    """Every page at the width of a phone, and the sheet of the other pages."""
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size(PHONE)
    call(page, gallery, "POST", "/albums", {"name": "P", "ids": ids_of(page, gallery, 5)})
    names = find_names(lambda path: call(page, gallery, "GET", path))
    for path in PAGES:
        visit(fill(path, names))
        page.wait_for_load_state("networkidle")
        results = Axe().run(page)
        assert results.violations_count == 0, f"{path}: {results.generate_report()}"
    page.get_by_role("button", name="Browse").click()
    expect(page.get_by_role("navigation", name="Browse")).to_be_visible()
    check(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_empty_library_and_lost_server_are_accessible(
    start_server, page: Page, tmp_path: Path, scheme
) -> None:
    """SPEC 10.4: first run, and the banner while the server is away."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    server = start_server(tmp_path / "photos")
    page.goto(server.url)
    expect(page.get_by_test_id("codecs")).to_be_visible()
    check(page)
    assert server.stop() == 0
    expect(page.get_by_test_id("offline")).to_be_visible(timeout=20_000)
    check(page)
