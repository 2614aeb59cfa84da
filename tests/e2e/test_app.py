"""The app as a person uses it: viewer, keys, back button, first run, offline (SPEC 10.3-10.5)."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.commands.conftest import age
from tests.e2e.conftest import cells
from tests.samples import make_photo

pytestmark = pytest.mark.e2e


def test_back_returns_to_the_same_place_with_focus(site, page: Page) -> None:
    """SPEC 10.3: opening pushes one entry, stepping replaces it, back lands on the photo."""
    cells(page).nth(1).locator("a, button").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert "/photos/" in page.url
    first = page.url
    page.keyboard.press("ArrowRight")
    page.wait_for_function("before => location.href !== before", arg=first)
    third = page.url.rpartition("/")[2]
    page.go_back()
    expect(page.get_by_role("dialog")).to_be_hidden()
    focused = page.evaluate("document.activeElement.closest('[data-id]')?.dataset.id")
    assert focused == third


def test_deep_link_opens_the_photo(site, page: Page) -> None:
    asset_id = cells(page).nth(2).get_attribute("data-id")
    page.goto(f"{site.url}/photos/{asset_id}")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(cells(page).first).to_be_visible()


def test_info_says_why_this_date_and_where_the_file_lies(site, page: Page) -> None:
    asset_id = cells(page).nth(0).get_attribute("data-id")
    page.goto(f"{site.url}/photos/{asset_id}")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("i")
    info = page.get_by_test_id("info")
    expect(info).to_contain_text("DateTimeOriginal")
    expect(info).to_contain_text("7.jpg")


def test_text_from_files_is_text_everywhere(site, page: Page) -> None:
    """SPEC 6.6."""
    page.goto(f"{site.url}/photos")
    asset = page.request.get(f"{site.url}/api/v1/assets?q=onerror").json()["assets"][0]
    page.goto(f"{site.url}/photos/{asset['id']}")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("i")
    expect(page.get_by_test_id("info")).to_contain_text("onerror")
    assert page.evaluate("window.hacked") is None


def test_video_plays(site, page: Page) -> None:
    clip = page.request.get(f"{site.url}/api/v1/assets?q=type:video").json()["assets"][0]
    page.goto(f"{site.url}/photos/{clip['id']}")
    video = page.locator("video")
    expect(video).to_be_visible()
    video.evaluate("video => { video.muted = true; return video.play() }")
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.2")


def test_grid_is_one_tab_stop_with_arrow_keys(site, page: Page) -> None:
    """SPEC 10.5."""
    stops = page.locator("[data-testid=timeline] [data-id] [tabindex='0']").count()
    own = page.locator("[data-testid=timeline] [data-id][tabindex='0']").count()
    assert stops + own == 1


def test_selection_by_keys_and_mouse(site, page: Page) -> None:
    """SPEC 10.3: one selection model: all, none, count."""
    cells(page).first.focus()
    page.keyboard.press("Control+a")
    bar = page.get_by_test_id("selection-bar")
    expect(bar).to_contain_text("9")
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()


def test_no_request_goes_to_another_host(site, page: Page) -> None:
    """SPEC 10.5."""
    asset_id = cells(page).first.get_attribute("data-id")
    for path in ("/sync", f"/photos/{asset_id}", "/health"):
        page.goto(site.url + path)
        page.wait_for_load_state("networkidle" if path == "/health" else "load")
    assert {host for host in site.hosts if host} == {urlsplit(site.url).netloc}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path",
    ["/photos", "/search?q=jpg", "/search?q=no:filter", "/search?q=nowhere", "/sync", "/about"],
)
def test_pages_have_no_accessibility_faults(site, page: Page, scheme, path) -> None:
    """SPEC 10.5: WCAG 2.2 AA, as far as axe can tell."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(site.url + path)
    page.wait_for_timeout(1_000)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def test_viewer_has_no_accessibility_faults(site, page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{site.url}/photos/{cells(page).first.get_attribute('data-id')}")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("i")
    expect(page.get_by_test_id("info")).to_contain_text("DateTimeOriginal")
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def test_first_run_explains_itself(start_server, page: Page, tmp_path: Path) -> None:
    """SPEC 10.4: an empty library says which folders are looked at and how to add some."""
    server = start_server(tmp_path / "nothing here yet")
    page.goto(server.url)
    expect(page.get_by_role("main")).to_contain_text("nothing here yet")
    expect(page.get_by_role("main")).to_contain_text("--scan")


def test_lost_connection_is_said_and_mended(start_server, page: Page, tmp_path: Path) -> None:
    """SPEC 10.4."""
    make_photo(tmp_path / "photos" / "a.jpg", seed=1)
    age(tmp_path / "photos")
    server = start_server(tmp_path / "photos")
    page.goto(server.url)
    expect(cells(page)).to_have_count(1, timeout=15_000)
    assert server.stop() == 0
    expect(page.get_by_test_id("offline")).to_be_visible(timeout=15_000)
    expect(cells(page)).to_have_count(1)
    start_server(server.photos, port=urlsplit(server.url).port)
    expect(page.get_by_test_id("offline")).to_be_hidden(timeout=30_000)


def test_phone_width_has_no_sideways_scroll(site, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(site.url)
    expect(cells(page).first).to_be_visible()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
