"""A grid's order is chosen, stands in the address, and an album keeps it (SPEC 10.1, 7.6)."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import cells
from tests.e2e.gallery import call, focused_href, gallery, ids_of, top_of, visit, wait_cells
from tests.e2e.test_back import open_photo
from tests.samples import make_photo

pytestmark = pytest.mark.e2e
__all__ = ["gallery", "visit"]

HEADINGS = """() => [...document.querySelectorAll('[data-testid=timeline] h2')]
  .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
  .map(one => one.textContent)"""


def first_id(page: Page) -> str | None:
    return page.locator("[data-ordinal='0']").get_attribute("data-id")


def choose(page: Page, order: str) -> None:
    """Choose an order, and wait for its first photo."""
    page.get_by_test_id("order").select_option(order)
    expect(page.get_by_test_id("order")).to_have_value(order)
    wait_cells(page)


def oldest(page: Page, gallery) -> str:
    answer = page.request.get(f"{gallery.url}/api/v1/assets?order=oldest&limit=1")
    return answer.json()["assets"][0]["id"]


def test_oldest_first_with_its_headings_and_scrubber(page: Page, gallery, visit) -> None:
    visit("/photos")
    wait_cells(page)
    choose(page, "oldest")
    expect(page).to_have_url(f"{gallery.url}/photos?order=oldest")
    assert first_id(page) == oldest(page, gallery)
    # The control that was used keeps the focus, though the grid is another one.
    expect(page.get_by_test_id("order")).to_be_focused()
    years = [int(text[-4:]) for text in page.evaluate(HEADINGS) if re.search(r"\d{4}$", text)]
    assert years == sorted(years)
    assert years[0] == 2018
    scrubber = page.get_by_test_id("scrubber")
    expect(scrubber).to_have_attribute("aria-valuetext", "March 2018")
    labels = scrubber.locator(".year").all_inner_texts()
    assert labels == sorted(labels)
    scrubber.focus()
    # Months that share a row are one step.
    page.keyboard.press("ArrowDown")
    expect(scrubber).not_to_have_attribute("aria-valuetext", "March 2018")
    expect(scrubber).to_have_attribute("aria-valuetext", re.compile("2018$"))


def test_what_was_added_last_says_so(page: Page, gallery, visit) -> None:
    visit("/search?q=keyword:odd&order=added")
    wait_cells(page)
    expect(page.get_by_test_id("order")).to_have_value("added")
    assert page.evaluate(HEADINGS)[0].startswith("Added ")
    # What was added last has one order, and no choice.
    visit("/recent?order=oldest")
    wait_cells(page)
    expect(page.get_by_test_id("order")).to_have_count(0)


def test_back_and_deep_links_keep_the_order(page: Page, gallery, visit) -> None:
    """Over the viewer, over another page, and from an address: SPEC 10.3."""
    visit("/photos?order=oldest")
    wait_cells(page)
    page.mouse.move(640, 500)
    page.mouse.wheel(0, 700)
    page.wait_for_timeout(400)
    top = top_of(page)
    open_photo(page)
    expect(page).to_have_url(re.compile(r"/photos/\w+\?order=oldest$"))
    shown = page.url.split("/")[-1].split("?")[0]
    taken = call(page, gallery, "GET", f"/assets/{shown}")["captured"]["local"]
    page.keyboard.press("ArrowRight")
    expect(page).not_to_have_url(re.compile(shown))
    after = page.url.split("/")[-1].split("?")[0]
    assert call(page, gallery, "GET", f"/assets/{after}")["captured"]["local"] > taken
    page.go_back()
    expect(page).to_have_url(f"{gallery.url}/photos?order=oldest")
    assert top_of(page) == pytest.approx(top, abs=300)
    assert after in (focused_href(page) or "")
    page.get_by_role("navigation").get_by_role("link", name="Albums").first.click()
    expect(page).to_have_url(f"{gallery.url}/albums")
    page.go_back()
    expect(page.get_by_test_id("order")).to_have_value("oldest")
    page.goto(f"{gallery.url}/photos/{shown}?order=oldest")
    expect(page.get_by_role("dialog", name="Photo viewer")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page).to_have_url(f"{gallery.url}/photos?order=oldest")


@pytest.mark.parametrize("path", ["/favourites", "/hidden", "/tags", "/folders"])
def test_each_grid_has_it(page: Page, gallery, visit, path) -> None:
    some = ids_of(page, gallery, 2)
    wish = {"/favourites": "favourite", "/hidden": "hidden"}.get(path)
    if wish:
        call(page, gallery, "PATCH", "/assets", {"ids": some, "set": {wish: True}})
    else:
        kind = "keyword" if path == "/tags" else "folder"
        tags = call(page, gallery, "GET", "/tags?q=odd" if path == "/tags" else "/tags?q=trip")
        path += "/" + next(one["id"] for one in tags["tags"] if one["kind"].startswith(kind))
    visit(path)
    wait_cells(page)
    choose(page, "oldest")
    expect(page).to_have_url(f"{gallery.url}{path}?order=oldest")
    choose(page, "newest")
    expect(page).to_have_url(gallery.url + path)
    if wish:
        call(page, gallery, "PATCH", "/assets", {"ids": some, "set": {wish: False}})


def test_an_album_remembers_its_order(page: Page, gallery, visit) -> None:
    ids = ids_of(page, gallery, 4)
    arranged = [ids[2], ids[0], ids[3], ids[1]]
    album = call(page, gallery, "POST", "/albums", {"name": "Remembered", "ids": arranged})
    visit(f"/albums/{album['id']}")
    wait_cells(page)
    expect(page.get_by_test_id("order")).to_have_value("album")
    assert first_id(page) == ids[2]
    choose(page, "oldest")
    expect(page.locator("[data-ordinal='0']")).to_have_attribute("data-id", ids[3])
    # What stands by its date cannot be arranged.
    expect(page.get_by_text("Drag photos to order them")).to_have_count(0)
    visit(f"/albums/{album['id']}")
    wait_cells(page)
    expect(page.get_by_test_id("order")).to_have_value("oldest")
    choose(page, "album")
    expect(page.locator("[data-ordinal='0']")).to_have_attribute("data-id", ids[2])
    assert call(page, gallery, "GET", f"/albums/{album['id']}")["order"] == "album"


def test_arrivals_come_in_at_their_place(start_server, page: Page, tmp_path) -> None:
    """SPEC 10.1: the oldest first, so a new photo comes in below and is no news above."""
    photos = tmp_path / "photos"
    for number in range(3):
        make_photo(photos / f"{number}.jpg", taken=datetime(2019, 1 + number, 1), seed=number)
    server = start_server(photos)
    page.goto(f"{server.url}/photos?order=oldest")
    expect(cells(page)).to_have_count(3, timeout=20_000)
    before = first_id(page)
    make_photo(photos / "new.jpg", taken=datetime(2024, 5, 1), seed=9)
    expect(cells(page)).to_have_count(4, timeout=20_000)
    assert first_id(page) == before
    new = page.locator("[data-ordinal='3']").get_attribute("data-id")
    captured = page.request.get(f"{server.url}/api/v1/assets/{new}").json()["captured"]
    assert captured["local"].startswith("2024-05-01")
