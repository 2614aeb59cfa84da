"""Home, tags, folders, and the search box with its suggestions (SPEC 7.3, 7.5, 10.2)."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import cells, wait_true
from tests.e2e.gallery import call, gallery, visit, wait_cells

pytestmark = pytest.mark.e2e
__all__ = ["gallery", "visit"]


def box(page: Page):
    return page.get_by_role("combobox", name="Search")


def test_home_leads_to_a_photo_among_its_stream(page: Page, visit) -> None:
    """SPEC 10.2: cards lead to the viewer in the context of the stream."""
    visit("/")
    stream = page.locator("[data-testid=stream][data-kind=keyword]").first
    expect(stream).to_be_visible()
    stream.locator("a[data-id]").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/search/\w+\?q="))
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("home")).to_be_visible()


def test_shuffle_shows_others(page: Page, visit) -> None:
    visit("/")
    links = page.get_by_test_id("home").locator("a[data-id]")
    expect(links.first).to_be_visible()
    ids = "all => all.map(one => one.dataset.id).join()"
    before = links.evaluate_all(ids)
    page.get_by_role("button", name="Shuffle").click()
    page.wait_for_function(
        "before => [...document.querySelectorAll('[data-testid=home] a[data-id]')]"
        ".map(one => one.dataset.id).join() !== before",
        arg=before,
    )


def test_typing_suggests_and_keys_choose(page: Page, gallery, visit) -> None:
    """SPEC 7.5; the combobox pattern: arrows walk, Enter takes, Escape leaves."""
    visit("/photos")
    page.keyboard.press("/")
    page.keyboard.type("cam")
    options = page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    expect(options.first).to_contain_text("camera:")
    expect(box(page)).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    active = box(page).get_attribute("aria-activedescendant")
    expect(page.locator(f"#{active}")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(box(page)).to_have_value("camera:")
    expect(options.filter(has_text="Canon").first).to_be_visible()
    options.filter(has_text="Canon").first.click()
    expect(page).to_have_url(re.compile(r"/search\?q=camera%3A"))
    expect(page.get_by_test_id("result-count")).to_contain_text("45")
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_open_suggestions_are_accessible(page: Page, visit) -> None:
    visit("/photos")
    wait_cells(page)
    page.keyboard.press("/")
    page.keyboard.type("key")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def test_mistake_is_shown_where_it_is(page: Page, visit) -> None:
    """SPEC 7.5: a wrong query is an explanation, while typing and after Enter."""
    visit("/photos")
    page.keyboard.press("/")
    page.keyboard.type("even year:soon")
    expect(page.get_by_test_id("query-problem")).to_contain_text("year")
    expect(page.get_by_test_id("query-problem").locator("mark")).to_contain_text("soon")
    expect(page).to_have_url(re.compile("/photos$"))
    page.keyboard.press("Enter")
    main = page.get_by_role("main")
    expect(main).to_contain_text("not understood")
    expect(main.locator("mark")).to_contain_text("soon")


def test_recent_searches_come_back(page: Page, visit) -> None:
    visit("/photos")
    page.keyboard.press("/")
    page.keyboard.type("even")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("result-count")).to_contain_text("45")
    visit("/photos")
    box(page).focus()
    expect(page.get_by_role("option").first).to_contain_text("even")


def test_help_lists_filters_that_work(page: Page, gallery, visit) -> None:
    """Each example of the help is understood by the server; not every library has what it names."""
    visit("/photos")
    page.keyboard.press("/")
    page.keyboard.type("a")
    # What is suggested comes above the help.
    expect(page.locator("#search-list [role=option]").nth(3)).to_be_visible()
    page.get_by_role("option", name="Help for searching").click()
    dialog = page.get_by_test_id("dialog")
    links = dialog.locator("dt a")
    expect(links.nth(30)).to_be_visible()
    for href in links.evaluate_all("all => all.map(one => one.search)"):
        answer = page.request.get(f"{gallery.url}/api/v1/assets{href}&limit=1")
        assert answer.ok or "in this library" in answer.text(), f"{href}: {answer.text()}"
    dialog.get_by_role("link", name="type:video").first.click()
    expect(dialog).to_be_hidden()
    expect(page).to_have_url(re.compile("type%3Avideo"))


def test_tags_lead_down_the_tree(page: Page, visit) -> None:
    """SPEC 7.3: counts, covers, the way back up."""
    visit("/tags")
    page.get_by_role("region", name="Where").get_by_role("link", name="Germany").click()
    expect(page.get_by_role("heading", level=1, name="Germany")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("30 photos")
    page.get_by_role("list", name="Inside").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Germany")
    path = page.get_by_role("navigation", name="Path")
    path.get_by_role("link", name="Germany").click()
    expect(page.get_by_role("heading", level=1, name="Germany")).to_be_visible()
    path.get_by_role("link", name="Where").click()
    expect(page.get_by_role("main").get_by_role("link", name="Portugal")).to_be_visible()


def test_tags_are_found_by_name(page: Page, visit) -> None:
    visit("/tags")
    page.get_by_role("searchbox", name="Find a tag").fill("portu")
    page.get_by_role("main").get_by_role("link", name="Portugal").first.click()
    expect(page.get_by_role("heading", level=1, name="Portugal")).to_be_visible()
    wait_cells(page)


def test_keyword_is_renamed_and_it_is_undone(page: Page, gallery, visit) -> None:
    tag = next(
        one
        for one in call(page, gallery, "GET", "/tags?q=odd")["tags"]
        if one["path"] == ["Keywords", "odd"]
    )
    visit(f"/tags/{tag['id']}")
    page.get_by_role("button", name="Rename").click()
    dialog = page.get_by_test_id("dialog")
    dialog.get_by_label("Name").fill("strange")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Renamed on 45 photos")).to_be_visible()
    expect(page.get_by_role("heading", level=1, name="strange")).to_be_visible()
    wait_cells(page)
    page.get_by_role("button", name="Undo").click()
    wait_true(
        page,
        "async () => (await (await fetch('/api/v1/assets?q=keyword:odd&limit=1')).json()).total"
        " === 45",
    )


def test_folders_begin_where_the_ways_part(page: Page, visit) -> None:
    visit("/folders")
    main = page.get_by_role("main")
    for name in ("trip 0", "trip 1", "trip 2"):
        expect(main.get_by_role("link", name=name)).to_be_visible()
    main.get_by_role("link", name="trip 1").click()
    expect(page).to_have_url(re.compile(r"/folders/\w+$"))
    expect(main).to_contain_text("30 photos")
    wait_cells(page)
    cells(page).first.locator("a").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/folders/\w+/\w+$"))


def test_deep_links_open_the_photo_in_its_context(page: Page, gallery, visit) -> None:
    """SPEC 10.3: a URL per photo in its context."""
    recent = call(page, gallery, "GET", "/assets?order=added&limit=3")["assets"][1]["id"]
    visit(f"/recent/{recent}")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.wait_for_timeout(300)
    page.keyboard.press("Escape")
    expect(page).to_have_url(f"{gallery.url}/recent")
    wait_cells(page)
