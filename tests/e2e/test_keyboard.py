"""A tour of all pages with the keyboard alone (SPEC 10.5)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.addresses import PAGES, fill, find_names
from tests.e2e.conftest import cells
from tests.e2e.gallery import call, focused_href, gallery, ids_of, visit, wait_cells

pytestmark = pytest.mark.e2e
__all__ = ["gallery", "visit"]

# What can be used on a page, each marked with a number: where Tab has to come by.
MARK = """() => {
  const all = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';
  const wanted = [...document.querySelectorAll(all)].filter((one) => one.tabIndex >= 0 &&
    !one.disabled && one.checkVisibility({ visibilityProperty: true }) &&
    !one.closest('[popover]:not(:popover-open), [inert]'));
  wanted.forEach((one, i) => (one.dataset.stop = String(i)));
  return wanted.map((one) => one.outerHTML.slice(0, 160));
}"""
# The number of what has the focus, and whether one sees that it has.
LOOK = """() => {
  const one = document.activeElement;
  if (one === null || one === document.body) return null;
  const isSeen = [one, one.parentElement, ...one.children].some((part) =>
    ['', '::after', '::before'].some((pseudo) => {
      const style = getComputedStyle(part, pseudo || undefined);
      const isRing = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
      return isRing || style.boxShadow !== 'none';
    }));
  return { stop: one.dataset.stop ?? null, isSeen, what: one.outerHTML.slice(0, 160) };
}"""


def test_tab_reaches_everything_on_every_page(page: Page, gallery, visit) -> None:
    """Nothing is left out, nothing is a trap, and what has the focus is seen to have it."""
    call(page, gallery, "POST", "/albums", {"name": "Tour", "ids": ids_of(page, gallery, 5)})
    names = find_names(lambda path: call(page, gallery, "GET", path))
    for path in PAGES:
        visit(fill(path, names))
        page.wait_for_load_state("networkidle")
        wanted = page.evaluate(MARK)
        reached: set[str] = set()
        for _ in range(len(wanted) + 10):
            page.keyboard.press("Tab")
            seen = page.evaluate(LOOK)
            if seen is None:
                continue  # past the end: the next is the first
            assert seen["isSeen"], f"{path}: nobody sees that it has the focus: {seen['what']}"
            if seen["stop"] is not None:
                reached.add(seen["stop"])
        missed = [text for i, text in enumerate(wanted) if str(i) not in reached]
        assert missed == [], path


def test_pages_are_visited_and_left_by_keys(page: Page, gallery, visit) -> None:
    """From the skip link over the side bar to each page, and into its photos and back."""
    visit("/photos")
    wait_cells(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    bar = page.get_by_role("navigation", name="Main")
    for name, path in (("Tags", "/tags"), ("Folders", "/folders"), ("Settings", "/settings")):
        bar.get_by_role("link", name=name).focus()
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(f"{path}$"))
        expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    page.go_back()
    expect(page).to_have_url(re.compile("/folders$"))
    page.get_by_role("main").get_by_role("link").first.press("Enter")
    wait_cells(page)
    page.keyboard.press("/")
    page.keyboard.type("even")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("q=even$"))
    expect(cells(page).first).to_be_visible()


def test_a_question_gives_the_focus_back(page: Page, gallery, visit) -> None:
    visit("/photos")
    wait_cells(page)
    page.keyboard.press("ArrowRight")
    photo = focused_href(page)
    assert photo
    for key in ("l", "t", "g"):
        page.keyboard.press(key)
        page.get_by_test_id("dialog").wait_for()
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("dialog")).to_have_count(0)
        assert focused_href(page) == photo, key


def test_help_names_every_key(page: Page, gallery, visit) -> None:
    """The key that is a plus sign too."""
    visit("/photos")
    wait_cells(page)
    page.keyboard.press("?")
    keys = page.get_by_role("dialog").locator("kbd").all_inner_texts()
    assert "+" in keys
    assert all(keys)
