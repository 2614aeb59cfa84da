"""Every page: accessible in light and dark, quiet towards other hosts, mirrored, on a phone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.commands.conftest import age
from tests.e2e import addresses
from tests.e2e.addresses import PAGES, find_names
from tests.e2e.conftest import Server, cells, wait_true
from tests.e2e.gallery import call, gallery, ids_of, visit, wait_cells
from tests.samples import make_photo

pytestmark = pytest.mark.e2e
__all__ = ["gallery", "visit"]


@pytest.fixture(scope="module")
def names() -> dict[str, str]:
    """What stands for ALBUM, TAG and so on: filled by the first test that asks."""
    return {}


def fill(path: str, names: dict[str, str], page: Page, gallery: Server) -> str:
    """The path with ids of the gallery."""
    if not names:
        call(page, gallery, "POST", "/albums", {"name": "A", "ids": ids_of(page, gallery, 5)})
        names |= find_names(lambda path: call(page, gallery, "GET", path))
    return addresses.fill(path, names)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_page_is_accessible(page: Page, gallery, visit, names, path, scheme) -> None:
    """SPEC 10.5: WCAG 2.2 AA as far as axe can tell; a title, one main heading, no other host."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    visit(fill(path, names, page, gallery))
    expect(page.get_by_role("heading", level=1).first).to_be_attached()
    if path != "/nowhere/at/all":
        expect(page).to_have_title(re.compile("^(?!photostore$)."))
    page.wait_for_timeout(600)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("path", PAGES)
def test_page_fits_a_phone(page: Page, gallery, visit, names, path) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    visit(fill(path, names, page, gallery))
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    scroller = page.locator("main [data-scroll]")
    if scroller.count():
        wide = scroller.evaluate("element => element.scrollWidth - element.clientWidth")
        assert wide <= 0


@pytest.mark.parametrize("path", ["/", "/photos", "/albums", "/tags", "/settings", "/sync"])
def test_page_from_right_to_left(page: Page, visit, path) -> None:
    """SPEC 10.5: the side bar is at the right, and nothing is out of the window."""
    visit(f"{path}?dir=rtl")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    bar = page.get_by_role("navigation", name="Main").bounding_box()
    assert bar is not None
    assert bar["x"] > 1_000
    assert page.evaluate("document.documentElement.scrollWidth") <= 1_280
    # A name in Latin letters stands where its count does.
    for name in page.locator("main li .name[dir=auto]").all()[:3]:
        assert name.evaluate("element => getComputedStyle(element).textAlign") == "right"


def test_phone_has_a_bar_and_a_sheet(page: Page, gallery, visit) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    visit("/photos")
    wait_cells(page)
    bar = page.get_by_role("navigation", name="Main")
    expect(bar.get_by_role("link", name="Photos")).to_have_attribute("aria-current", "page")
    bar.get_by_role("button", name="Browse").click()
    sheet = page.get_by_role("navigation", name="Browse")
    sheet.get_by_role("link", name="Folders").click()
    expect(page).to_have_url(f"{gallery.url}/folders")
    expect(sheet).to_be_hidden()


def test_every_page_is_in_the_side_bar(page: Page, visit) -> None:
    visit("/photos")
    bar = page.get_by_role("navigation", name="Main")
    links = bar.get_by_role("link").evaluate_all("all => all.map(one => one.pathname)")
    assert set(links) >= {
        *("/", "/photos", "/albums", "/tags", "/folders", "/favourites", "/recent"),
        *("/onthisday", "/hidden", "/trash", "/sync", "/journal", "/settings"),
    }
    for path in links:
        bar.locator(f'a[href="{path}"]').click()
        expect(page).to_have_url(re.compile(f"{re.escape(path)}$"))
        expect(bar.locator(f'a[href="{path}"]')).to_have_attribute("aria-current", "page")


def test_a_second_click_goes_to_the_top(page: Page, visit) -> None:
    visit("/photos")
    wait_cells(page)
    page.mouse.move(640, 500)
    page.mouse.wheel(0, 1_200)
    page.wait_for_timeout(300)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Photos").click()
    page.wait_for_function(
        "document.querySelector('[data-testid=timeline]').scrollTop === 0", timeout=5_000
    )


def test_keyboard_alone_reaches_a_photo_of_an_album(page: Page, gallery, visit) -> None:
    """SPEC 10.5: from the top of the page to a photo and back, without a mouse."""
    call(page, gallery, "POST", "/albums", {"name": "Keys", "ids": ids_of(page, gallery, 6)})
    visit("/albums")
    link = page.get_by_role("link", name="Keys")
    expect(link).to_be_visible()
    for _ in range(40):
        page.keyboard.press("Tab")
        if link.evaluate("element => element === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(cells(page)).to_have_count(6)
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('[data-ordinal]') !== null"):
            break
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert page.evaluate("document.activeElement.closest('[data-ordinal]').dataset.ordinal") == "1"


def test_words_are_german_where_the_browser_is(browser, gallery) -> None:
    context = browser.new_context(locale="de-DE")
    page = context.new_page()
    page.goto(gallery.url + "/settings")
    expect(page.get_by_role("heading", level=1, name="Einstellungen")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "de"
    row = page.locator("[data-setting=min_file_size]")
    expect(row.get_by_text("Kleinere Dateien werden ausgelassen")).to_be_visible()
    page.goto(gallery.url + "/search?q=iso:many")
    expect(page.get_by_role("main")).to_contain_text("nenne eine Zahl oder einen Bereich")
    page.goto(gallery.url + "/status")
    expect(page.locator("[data-check=database]")).to_contain_text("Datenbank")
    page.goto(gallery.url + "/settings")
    page.get_by_label("Sprache").select_option("en")
    expect(page.get_by_role("heading", level=1, name="Settings")).to_be_visible()
    context.close()


def test_theme_is_there_before_the_first_paint(browser, gallery) -> None:
    """No flash: the ground is dark before any script of the app has run."""
    context = browser.new_context(color_scheme="dark", service_workers="block")
    page = context.new_page()
    page.route("**/assets/*.js", lambda route: route.abort())
    page.goto(gallery.url)
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 19, 20)"
    context.close()


def test_new_photos_come_while_scrolled_and_move_nothing(
    start_server, page: Page, tmp_path: Path
) -> None:
    """SPEC 10.1: what is looked at stays where it is; a button tells of what came above."""
    photos = tmp_path / "photos"
    for number in range(60):
        make_photo(photos / f"{number:02}.jpg", size=(360, 240), seed=number)
    age(photos)
    server = start_server(photos)
    page.goto(server.url + "/photos")
    expect(cells(page).nth(20)).to_be_visible(timeout=30_000)
    wait_true(
        page,
        "async () => (await (await fetch('/api/v1/stats')).json()).assets === 60",
        timeout=60_000,
    )
    page.wait_for_timeout(1_500)
    page.mouse.move(640, 500)
    page.mouse.wheel(0, 700)
    page.wait_for_timeout(500)
    place = "id => document.querySelector(`[data-id='${id}']`)?.getBoundingClientRect().top"
    seen = page.evaluate(
        "document.elementFromPoint(300, 400).closest('[data-id]')?.dataset.id"
    ) or page.evaluate("document.elementFromPoint(300, 500).closest('[data-id]').dataset.id")
    before = page.evaluate(place, seen)
    for number in range(3):
        make_photo(photos / f"new {number}.jpg", size=(360, 240), seed=100 + number)
    expect(page.get_by_role("button", name=re.compile("new photo"))).to_be_visible(timeout=20_000)
    page.wait_for_timeout(500)
    assert abs(page.evaluate(place, seen) - before) < 2
