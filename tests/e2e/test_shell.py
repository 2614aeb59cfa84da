"""What is around the photos: menu, size of the photos, scrubber, import page, offline."""

from __future__ import annotations

import gzip
import os
import re
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from photostore import __version__
from tests.commands.conftest import age
from tests.e2e.conftest import cells, wait_true
from tests.samples import make_photo

pytestmark = pytest.mark.e2e


def test_menu_leads_to_health_and_about(site, page: Page) -> None:
    page.get_by_role("button", name="More").click()
    page.get_by_role("link", name="About photostore").click()
    expect(page.get_by_test_id("version")).to_contain_text(__version__)
    page.get_by_role("button", name="More").click()
    page.get_by_role("navigation", name="More").get_by_role("link", name="Health").click()
    expect(page).to_have_url(f"{site.url}/status")
    expect(page.get_by_role("heading", level=1, name="Health")).to_be_visible()
    expect(page.locator("[data-check=library]")).to_contain_text("Library")
    page.get_by_role("link", name="/health").click()
    expect(page).to_have_url(f"{site.url}/health")
    expect(page.locator("body")).to_contain_text("Back to the photos")


def test_a_part_of_an_older_app_is_mended_by_reading_the_page_anew(site, page: Page) -> None:
    """After an update the chunks of an open tab are gone: never a blank page."""
    shell = page.request.get(site.url + "/index.html").text()
    asked: list[str] = []

    def answer_index(route) -> None:
        asked.append(route.request.url)
        route.fulfill(body=shell.replace("/assets/first-", "/assets/newer-"))

    page.route("**/index.html", answer_index)
    page.route(
        "**/AboutPage-*.js",
        lambda route: route.continue_() if asked else route.abort(),
    )
    page.get_by_role("button", name="More").click()
    page.get_by_role("link", name="About photostore").click()
    expect(page.get_by_test_id("version")).to_contain_text(__version__)
    assert len(asked) == 1


def test_a_part_that_cannot_be_loaded_is_said(site, page: Page) -> None:
    """It is no update: the page says what is the matter, and tries again when asked to."""
    page.route("**/AboutPage-*.js", lambda route: route.abort())
    page.get_by_role("button", name="More").click()
    page.get_by_role("link", name="About photostore").click()
    main = page.get_by_role("main")
    expect(main.get_by_text("A part of the app could not be loaded")).to_be_visible()
    page.unroute("**/AboutPage-*.js")
    main.get_by_role("button", name="Try again").click()
    expect(page.get_by_test_id("version")).to_contain_text(__version__)


def test_a_tab_says_that_photostore_was_updated(start_server, page: Page, tmp_path: Path) -> None:
    """When the server is back with another app, the tab offers to read the page anew."""
    make_photo(tmp_path / "photos" / "a.jpg")
    age(tmp_path / "photos")
    server = start_server(tmp_path / "photos")
    # The viewer is fetched in advance; without a server that would fail.
    with page.expect_response(re.compile("/Viewer-.*js"), timeout=30_000):
        page.goto(server.url + "/photos")
    shell = page.request.get(server.url + "/index.html").text()
    newer = shell.replace("/assets/first-", "/assets/newer-")
    page.route("**/index.html", lambda route: route.fulfill(body=newer))
    assert server.stop() == 0
    start_server(server.photos, port=urlsplit(server.url).port)
    page.get_by_role("status").get_by_role("button", name="Reload").click(timeout=30_000)
    expect(cells(page)).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_open_menu_has_no_accessibility_faults(site, page: Page, scheme) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.get_by_role("button", name="More").click()
    expect(page.get_by_role("slider", name="Size of photos")).to_be_visible()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def height(page: Page) -> float:
    box = cells(page).first.bounding_box()
    assert box is not None
    return box["height"]


def test_size_of_photos_by_wheel_keys_and_slider(site, page: Page) -> None:
    usual = height(page)
    page.mouse.move(500, 300)
    page.keyboard.down("Control")
    page.mouse.wheel(0, 200)
    page.keyboard.up("Control")
    page.wait_for_timeout(300)
    small = height(page)
    assert small < usual
    page.reload()
    expect(cells(page)).to_have_count(9)
    assert height(page) == small, "it is kept"
    cells(page).first.locator("a").focus()
    for _ in range(3):
        page.keyboard.press("+")
    page.wait_for_timeout(300)
    assert height(page) > small
    page.get_by_role("button", name="More").click()
    page.get_by_role("slider", name="Size of photos").fill("0")
    page.wait_for_timeout(300)
    assert height(page) == usual


def test_years_lie_on_no_photo_at_phone_width(site, page: Page) -> None:
    """A narrow window with a mouse: years only while they are of use, and on a ground."""
    page.set_viewport_size({"width": 390, "height": 420})
    scrubber = page.get_by_test_id("scrubber")
    years = scrubber.locator(".year")
    page.mouse.move(100, 200)
    expect(years.first).to_be_hidden()
    box = scrubber.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 60)
    expect(years.first).to_be_visible()
    ground = years.first.evaluate("year => getComputedStyle(year).backgroundColor")
    assert ground not in {"transparent", "rgba(0, 0, 0, 0)"}


def test_import_page_at_rest_shows_the_library(start_server, page: Page, tmp_path: Path) -> None:
    """Totals and not the numbers of the last run; the first list with something in it is open."""
    photos = tmp_path / "photos"
    for number in range(3):
        make_photo(photos / f"{number}.jpg", taken=datetime(2020, 1, 1 + number), seed=number)
    (photos / "broken.jpg").write_bytes(os.urandom(20_000))
    age(photos)
    server = start_server(photos)
    page.goto(server.url)
    expect(cells(page)).to_have_count(3, timeout=20_000)
    page.goto(server.url + "/sync")
    card = page.get_by_test_id("progress-card")
    expect(card).to_have_attribute("data-state", "idle", timeout=15_000)
    expect(card).to_contain_text(re.compile(r"Photos\s*3"))
    expect(card).to_contain_text(re.compile(r"Left out\s*1"))
    expect(page.get_by_role("tab", name="Left out")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_test_id("problems")).to_contain_text("broken.jpg")


def test_app_opens_without_its_server(start_server, page: Page, tmp_path: Path) -> None:
    """SPEC 10.4, 10.5: the app opens and says so; nothing of the library is kept by it."""
    make_photo(tmp_path / "photos" / "a.jpg", seed=1)
    age(tmp_path / "photos")
    server = start_server(tmp_path / "photos")
    page.goto(server.url)
    expect(cells(page)).to_have_count(1, timeout=15_000)
    page.wait_for_function("navigator.serviceWorker.ready.then(ready => ready.active !== null)")
    kept = page.evaluate(
        "async () => (await (await caches.open((await caches.keys())[0])).keys()).map(k => k.url)"
    )
    assert len(kept) > 5
    assert not [url for url in kept if "/api/" in url]
    assert server.stop() == 0
    page.reload()
    expect(page.get_by_role("main")).to_contain_text("cannot be reached", timeout=15_000)
    page.goto(server.url + "/sync")
    expect(page.get_by_role("main")).to_contain_text("cannot be reached", timeout=15_000)
    page.goto(server.url + "/photos")
    start_server(server.photos, port=urlsplit(server.url).port)
    expect(cells(page)).to_have_count(1, timeout=30_000)


def test_import_under_the_eyes_makes_no_errors(start_server, page: Page, tmp_path: Path) -> None:
    """No request is in vain while photos come in: patches keep the page in step."""
    photos = tmp_path / "photos"
    for number in range(60):
        make_photo(photos / f"{number}.jpg", taken=datetime(2020, 1, 1), seed=number)
    age(photos)
    server = start_server(photos)
    refused: list[str] = []
    page.on(
        "response",
        lambda answer: (
            refused.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None
        ),
    )
    page.goto(server.url)
    expect(cells(page).nth(20)).to_be_visible(timeout=30_000)
    wait_true(
        page,
        "async url => (await (await fetch(url)).json()).assets === 60",
        arg=server.url + "/api/v1/stats",
        timeout=60_000,
    )
    page.wait_for_timeout(1_000)
    assert [line for line in refused if not line.startswith("409")] == []
    assert len(refused) <= 2, refused


def test_first_load_is_small(site, page: Page) -> None:
    """DESIGN 5: at most 60 kB of JavaScript and 10 kB of CSS, compressed."""
    shell = page.request.get(site.url).text()
    names = re.findall(r'(?:src|href)="(/[^"]+\.(js|css))"', shell)
    sizes = {"js": 0, "css": 0}
    for name, kind in names:
        sizes[kind] += len(gzip.compress(page.request.get(site.url + name).body(), 9))
    assert 0 < sizes["js"] <= 60_000
    assert 0 < sizes["css"] <= 10_000
