"""The back button: ten ways in which others lose the place (SPEC 10.3)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import cells, wait_true
from tests.e2e.gallery import (
    call,
    focused_href,
    gallery,
    ids_of,
    top_of,
    visit,
    wait_cells,
)

pytestmark = pytest.mark.e2e
__all__ = ["gallery", "visit"]


def scroll(page: Page, pixels: int = 900) -> float:
    """Turn the wheel over the page, and wait until it rests; returns where it stands."""
    page.mouse.move(640, 500)
    page.mouse.wheel(0, pixels)
    page.wait_for_timeout(400)
    top = top_of(page)
    assert top > 100
    return top


WHOLE = """() => [...document.querySelectorAll('[data-testid=timeline] [data-id]')].find((cell) => {
  const box = cell.getBoundingClientRect();
  return box.top > 200 && box.bottom < innerHeight;
}).dataset.id"""


def open_photo(page: Page) -> str:
    """Click a photo that is whole in the window; returns its id."""
    wait_true(page, WHOLE.replace(".dataset.id", " !== undefined"))
    found = page.evaluate(WHOLE)
    page.locator(f"[data-testid=timeline] [data-id='{found}'] a").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    return found


def focused_id(page: Page) -> str | None:
    return page.evaluate("document.activeElement?.closest('[data-id]')?.dataset.id ?? null")


def test_1_viewer_closes_on_the_same_photo_and_place(page: Page, visit) -> None:
    visit("/photos")
    wait_cells(page)
    top = scroll(page)
    photo = open_photo(page)
    page.go_back()
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert focused_id(page) == photo
    assert abs(top_of(page) - top) < 2


def test_2_stepping_in_the_viewer_is_no_step_in_the_history(page: Page, visit) -> None:
    visit("/photos")
    wait_cells(page)
    open_photo(page)
    for _ in range(3):
        before = page.url
        page.keyboard.press("ArrowRight")
        page.wait_for_function("before => location.href !== before", arg=before)
    last = page.url.rpartition("/")[2]
    page.go_back()
    expect(page).to_have_url(re.compile(r"/photos$"))
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert focused_id(page) == last


def test_3_back_from_a_deep_link_leaves_the_app(page: Page, gallery, visit) -> None:
    photo = ids_of(page, gallery, 30)[20]
    page.goto("about:blank")
    page.goto(f"{gallery.url}/photos/{photo}")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.go_back()
    assert page.url == "about:blank"


def test_4_closing_a_deep_link_stays_at_its_photo(page: Page, gallery, visit) -> None:
    photo = ids_of(page, gallery, 60)[50]
    visit(f"/photos/{photo}")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.wait_for_timeout(300)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page).to_have_url(re.compile(r"/photos$"))
    expect(page.locator(f"[data-id='{photo}']")).to_be_in_viewport()


def test_5_out_of_a_search_and_out_of_the_timeline(page: Page, visit) -> None:
    visit("/photos")
    wait_cells(page)
    top = scroll(page)
    page.keyboard.press("/")
    page.keyboard.type("keyword:even")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("result-count")).to_contain_text("45")
    inside = scroll(page, 600)
    open_photo(page)
    page.go_back()
    expect(page).to_have_url(re.compile(r"/search\?q=keyword%3Aeven$"))
    assert abs(top_of(page) - inside) < 2
    page.go_back()
    expect(page).to_have_url(re.compile(r"/photos$"))
    expect(page.get_by_test_id("result-count")).to_be_hidden()
    page.wait_for_timeout(300)
    assert abs(top_of(page) - top) < 2


def test_6_album_list_album_photo_and_back(page: Page, gallery, visit) -> None:
    album = call(page, gallery, "POST", "/albums", {"name": "Six", "ids": ids_of(page, gallery, 9)})
    visit("/albums")
    page.get_by_role("link", name="Six").click()
    wait_cells(page)
    cells(page).nth(3).locator("a").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"/albums/{album['id']}/\w+$"))
    page.go_back()
    expect(page).to_have_url(f"{gallery.url}/albums/{album['id']}")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.go_back()
    expect(page).to_have_url(f"{gallery.url}/albums")
    page.wait_for_function("document.activeElement?.closest('a')?.pathname.startsWith('/albums/')")
    assert focused_href(page) == f"/albums/{album['id']}"


def test_7_home_shows_the_same_on_back_and_another_on_a_visit(page: Page, visit) -> None:
    """SPEC 10.2."""
    visit("/")
    streams = page.get_by_test_id("stream")
    expect(streams.first).to_be_visible()
    expect(page.get_by_test_id("home").locator("a[data-id]").first).to_be_visible()
    shown = page.get_by_test_id("home").locator("a[data-id]")
    before = shown.evaluate_all("links => links.map(link => link.dataset.id)")
    top = scroll(page, 500)
    link = page.locator("[data-kind=random] a[data-id]").nth(1)
    link.scroll_into_view_if_needed()
    top = top_of(page)
    href = link.get_attribute("href")
    link.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.go_back()
    expect(streams.first).to_be_visible()
    page.wait_for_function("document.activeElement?.closest('a[data-id]') !== null")
    after = shown.evaluate_all("links => links.map(link => link.dataset.id)")
    assert after == before
    assert focused_href(page) == href
    assert abs(top_of(page) - top) < 2
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Photos").click()
    wait_cells(page)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Home").click()
    expect(streams.first).to_be_visible()
    fresh = shown.evaluate_all("links => links.map(link => link.dataset.id)")
    assert fresh != before


def test_8_forward_opens_the_viewer_again(page: Page, visit) -> None:
    visit("/photos")
    wait_cells(page)
    photo = open_photo(page)
    page.go_back()
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.go_forward()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.url.endswith(photo)


def test_9_reload_keeps_the_photo_and_the_way_back(page: Page, visit) -> None:
    visit("/photos")
    wait_cells(page)
    scroll(page)
    photo = open_photo(page)
    page.reload()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.wait_for_timeout(500)
    page.go_back()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator(f"[data-id='{photo}']")).to_be_in_viewport()


def test_10_another_page_and_back_to_the_place(page: Page, visit) -> None:
    visit("/photos")
    wait_cells(page)
    top = scroll(page, 1_400)
    for name in ("Settings", "Tags", "Import"):
        page.get_by_role("navigation", name="Main").get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    for _ in range(3):
        page.go_back()
    expect(page).to_have_url(re.compile(r"/photos$"))
    wait_cells(page)
    page.wait_for_timeout(300)
    assert abs(top_of(page) - top) < 2
