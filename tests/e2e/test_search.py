"""Search as a person uses it (SPEC 7.5): the query is the URL, nothing is ever an empty page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import cells

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("key", ["/", "Control+k"])
def test_search_by_keys_and_back(site, page: Page, key) -> None:
    page.keyboard.press(key)
    box = page.get_by_role("combobox", name="Search")
    expect(box).to_be_focused()
    page.keyboard.type("clip")
    expect(page).to_have_url(f"{site.url}/search?q=clip")
    expect(cells(page)).to_have_count(1)
    expect(page.get_by_test_id("result-count")).to_contain_text("1 result")
    page.go_back()
    expect(page).to_have_url(re.compile(r"/(photos)?$"))
    expect(cells(page)).to_have_count(9)
    expect(box).to_have_value("")


def test_escape_clears_the_search(site, page: Page) -> None:
    page.goto(f"{site.url}/search?q=clip")
    expect(cells(page)).to_have_count(1)
    box = page.get_by_role("combobox", name="Search")
    expect(box).to_have_value("clip")
    box.press("Escape")
    expect(cells(page)).to_have_count(9)
    expect(box).to_have_value("")
    page.goto(f"{site.url}/search?q=clip")
    expect(cells(page)).to_have_count(1)
    page.keyboard.press("Escape")
    expect(cells(page)).to_have_count(9)


def test_each_search_is_one_step_back(site, page: Page) -> None:
    """Typing on replaces the entry; a search begun after Enter is a new one."""
    box = page.get_by_role("combobox", name="Search")
    box.press_sequentially("jp", delay=450)
    box.press_sequentially("g", delay=450)
    expect(cells(page)).to_have_count(8)
    box.press("Enter")
    page.keyboard.press("/")
    page.keyboard.type("type:video")
    page.keyboard.press("Enter")
    expect(cells(page)).to_have_count(1)
    page.go_back()
    expect(page).to_have_url(f"{site.url}/search?q=jpg")
    expect(cells(page)).to_have_count(8)
    page.go_back()
    expect(cells(page)).to_have_count(9)


def test_filters_quotes_and_not(site, page: Page) -> None:
    found = {'"7.jpg"': 1, 'jpg -"7.jpg"': 7, "type:video": 1, "-type:video": 8}
    for query, count in found.items():
        page.goto(f"{site.url}/search")
        box = page.get_by_role("combobox", name="Search")
        box.fill(query)
        box.press("Enter")
        expect(cells(page)).to_have_count(count)


def test_wrong_query_is_explained(site, page: Page) -> None:
    page.goto(f"{site.url}/search?q=weather:rain")
    main = page.get_by_role("main")
    expect(main).to_contain_text("not understood")
    expect(main).to_contain_text("weather")
    main.get_by_role("link", name="type:video").click()
    expect(cells(page)).to_have_count(1)


def test_nothing_found_says_what_to_do(site, page: Page) -> None:
    page.goto(f"{site.url}/search?q=nowhere")
    main = page.get_by_role("main")
    expect(main).to_contain_text("No photos found")
    expect(main).to_contain_text("nowhere")
    main.get_by_role("link", name="Show all photos").click()
    expect(cells(page)).to_have_count(9)


def test_photo_opens_in_its_search(site, page: Page) -> None:
    """SPEC 10.3: a URL per photo in its context; back returns to the same place."""
    page.goto(f"{site.url}/search?q=jpg")
    cells(page).nth(2).locator("a").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/search/\w+\?q=jpg$"))
    page.go_back()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page).to_have_url(f"{site.url}/search?q=jpg")
    expect(cells(page)).to_have_count(8)


def test_suggestions_by_keys(site, page: Page) -> None:
    """SPEC 7.5: while typing; what is suggested is taken by Enter, and the help is among it."""
    page.keyboard.press("/")
    box = page.get_by_role("combobox", name="Search")
    page.keyboard.type("type:vi")
    options = page.locator("#search-list [role=option]")
    expect(options.first).to_contain_text("video")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{site.url}/search?q=type%3Avideo")
    expect(cells(page)).to_have_count(1)
    page.keyboard.press("/")
    expect(options.last).to_contain_text("Help")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Help for searching")
    expect(dialog).to_contain_text("Taken in a year")
    dialog.get_by_role("link", name="ext:heic").click()
    expect(dialog).to_be_hidden()
    expect(page).to_have_url(f"{site.url}/search?q=ext%3Aheic")
    expect(box).to_have_value("ext:heic")


def test_recent_and_saved_searches_are_offered(site, page: Page) -> None:
    """A saved search is an album that fills itself; recent ones can be forgotten."""
    made = page.request.post(
        f"{site.url}/api/v1/albums", data={"name": "Films", "query": "type:video"}
    ).json()
    try:
        box = page.get_by_role("combobox", name="Search")
        box.fill("jpg")
        box.press("Enter")
        expect(cells(page)).to_have_count(8)
        box.fill("")
        options = page.locator("#search-list [role=option]")
        expect(options.filter(has_text="jpg")).to_have_count(1)
        options.filter(has_text="Films").click()
        expect(page).to_have_url(f"{site.url}/search?q=type%3Avideo")
        expect(cells(page)).to_have_count(1)
        box.fill("")
        options.filter(has_text="Forget").click()
        expect(options.filter(has_text="jpg")).to_have_count(0)
        expect(options.filter(has_text="Films")).to_have_count(1)
    finally:
        page.request.delete(f"{site.url}/api/v1/albums/{made['id']}", data={})


def test_the_wrong_part_is_marked_while_typing(site, page: Page) -> None:
    box = page.get_by_role("combobox", name="Search")
    box.press_sequentially("jpg iso:many")
    problem = page.get_by_test_id("query-problem")
    expect(problem).to_contain_text("iso:200-400")
    expect(problem.locator("mark")).to_have_text("many")
    expect(page).to_have_url(re.compile(r"/(search\?q=jpg.*|photos)?$"))
    box.press("Enter")
    expect(page.get_by_role("main").locator("mark")).to_have_text("many")


def test_what_was_perhaps_meant_is_one_step_away(site, page: Page) -> None:
    """In the list while typing, and on the page that explains what is wrong."""
    box = page.get_by_role("combobox", name="Search")
    first = page.locator("#search-list [role=option]").first
    page.goto(f"{site.url}/search?q=jpg%20type:vidoe")
    main = page.get_by_role("main")
    main.get_by_role("link", name="jpg type:video").click()
    expect(page).to_have_url(f"{site.url}/search?q=jpg+type%3Avideo")
    box.fill("type:vidoe")
    expect(first).to_contain_text("type:video")
    box.press("ArrowDown")
    box.press("Enter")
    expect(cells(page)).to_have_count(1)
