"""The viewer: live photos, everything, streams, slideshow, sharing (SPEC 6.5, 10.2, 10.3)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Server, cells
from tests.e2e.test_acts import open_photo

pytestmark = pytest.mark.e2e

PLAYING = "selector => (document.querySelector(selector)?.currentTime ?? 0) > 0.1"


def test_live_photo_plays_on_hover_in_the_grid(desk: Server, page: Page) -> None:
    """SPEC 6.5."""
    live = page.locator("[data-testid=timeline] [data-id]", has=page.locator(".badge")).first
    live.hover()
    page.wait_for_function(PLAYING, arg="[data-testid=timeline] video")
    page.mouse.move(0, 0)
    expect(page.locator("[data-testid=timeline] video")).to_have_count(0)


def test_nothing_moves_by_itself_where_motion_is_reduced(desk: Server, page: Page) -> None:
    """SPEC 10.5."""
    page.emulate_media(reduced_motion="reduce")
    page.locator("[data-testid=timeline] [data-id]", has=page.locator(".badge")).first.hover()
    page.wait_for_timeout(800)
    expect(page.locator("[data-testid=timeline] video")).to_have_count(0)


def test_live_photo_plays_while_it_is_pressed(desk: Server, page: Page) -> None:
    """SPEC 6.5: press and hold, hover on its sign, or the space bar."""
    open_photo(page, desk, "live.jpg", info=False)
    clip = page.get_by_test_id("live")
    badge = page.get_by_role("button", name="Play the live photo")
    badge.hover()
    page.wait_for_function(PLAYING, arg="[data-testid=live]")
    page.mouse.move(640, 400)
    expect(clip).to_have_count(0)
    page.mouse.down()
    page.wait_for_function(PLAYING, arg="[data-testid=live]")
    page.mouse.up()
    expect(clip).to_have_count(0)
    page.get_by_role("dialog", name="Photo viewer").focus()
    page.keyboard.press("Space")
    page.wait_for_function(PLAYING, arg="[data-testid=live]")
    expect(clip).to_have_count(0, timeout=10_000)


def test_everything_says_what_was_looked_at(desk: Server, page: Page) -> None:
    """Issue 3.7: all tags of each file, and why the date is what it is."""
    open_photo(page, desk, "live.jpg")
    page.get_by_role("button", name="Everything").click()
    dialog = page.get_by_test_id("everything")
    expect(dialog).to_contain_text("What was looked at for the date")
    expect(dialog).to_contain_text("chosen")
    page.get_by_label("2 files").select_option(label="live.mp4")
    expect(dialog).to_contain_text("QuickTime")
    page.get_by_label("Filter").fill("duration")
    expect(dialog.locator("tr").first).to_contain_text("uration")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Photo viewer")).to_be_visible()


def test_streams_lead_on(desk: Server, page: Page) -> None:
    """SPEC 10.2: the same day, camera, folder around a photo; a photo of it opens among them."""
    shown = open_photo(page, desk, "05.jpg")
    camera = page.locator("[data-testid=info] [data-kind=camera]")
    expect(camera).to_contain_text("Box 1")
    expect(camera.locator("[data-id]")).not_to_have_count(0)
    other = camera.locator(f"[data-id]:not([data-id='{shown}'])").first
    wanted = other.get_attribute("data-id")
    other.click()
    page.wait_for_function("id => location.pathname.endsWith(id)", arg=wanted)
    expect(page.get_by_role("dialog", name="Photo viewer")).to_be_visible()
    page.go_back()
    page.wait_for_function("id => location.pathname.endsWith(id)", arg=shown)


def test_split_makes_two_and_undo_one(desk: Server, page: Page) -> None:
    """SPEC 7.1."""
    open_photo(page, desk, "live.jpg")
    page.get_by_role("button", name="Make this file a photo of its own: live.mp4").click()
    expect(page.get_by_text("Split into two").first).to_be_visible()
    expect(page.get_by_role("button", name="Play the live photo")).to_have_count(0)
    assert page.request.get(f"{desk.url}/api/v1/stats").json()["assets"] == 15
    page.keyboard.press("Control+z")
    expect(page.get_by_text("Undone").first).to_be_visible()
    assert page.request.get(f"{desk.url}/api/v1/stats").json()["assets"] == 14


def test_slideshow_walks_pauses_and_ends(desk: Server, page: Page) -> None:
    page.add_init_script("localStorage.setItem('photostore.slides', '2')")
    first = open_photo(page, desk, "11.jpg", info=False)
    page.keyboard.press("s")
    bar = page.get_by_test_id("slides")
    expect(bar).to_be_visible()
    page.wait_for_function("id => !location.pathname.endsWith(id)", arg=first, timeout=6_000)
    page.keyboard.press("Space")
    paused = page.url
    page.wait_for_timeout(2_600)
    assert page.url == paused
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    expect(page.get_by_role("dialog", name="Photo viewer")).to_be_visible()


def test_share_gives_the_file_to_the_device(desk: Server, page: Page) -> None:
    page.add_init_script(
        "navigator.canShare = () => true;"
        "navigator.share = (data) => { window.shared = data.files?.[0]?.name;"
        " return Promise.resolve() };"
    )
    open_photo(page, desk, "03.jpg", info=False)
    page.get_by_role("button", name="Share").click()
    page.wait_for_function("() => window.shared === '03.jpg'")


@pytest.mark.parametrize("width", [390, 1280, 2560])
def test_panel_fits_every_window(desk: Server, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    open_photo(page, desk, "05.jpg")
    panel = page.get_by_test_id("info").bounding_box()
    assert panel is not None
    assert panel["x"] >= 0
    assert panel["x"] + panel["width"] <= width
    wide = page.evaluate(
        "() => { const i = document.querySelector('[data-testid=info]');"
        " return i.scrollWidth <= i.clientWidth }"
    )
    assert wide
    expect(cells(page).first).to_be_attached()


def test_an_old_link_says_where_the_photo_lies(desk: Server, page: Page) -> None:
    """A photo in the trash can be brought back from there, and not be thrown away again."""
    asset = cells(page).nth(3).get_attribute("data-id")
    page.request.post(f"{desk.url}/api/v1/assets/trash", data={"ids": [asset]})
    page.goto(f"{desk.url}/photos/{asset}")
    viewer = page.get_by_role("dialog", name="Photo viewer")
    expect(viewer.get_by_test_id("standing")).to_have_text("In the trash")
    expect(viewer.get_by_role("button", name="Move to trash")).to_have_count(0)
    viewer.get_by_role("button", name="Restore", exact=True).first.click()
    expect(viewer.get_by_test_id("standing")).to_have_count(0)
    expect(viewer.get_by_role("button", name="Move to trash").first).to_be_visible()
    page.goto(f"{desk.url}/photos/01m0000000000000000000000z")
    expect(viewer).to_contain_text("not in the library any more")


def test_a_file_that_vanishes_while_it_is_looked_at(desk: Server, page: Page) -> None:
    """SPEC 4.4: the picture stays, and the viewer says what became of its file."""
    open_photo(page, desk, "05.jpg", info=False)
    file = desk.photos / "05.jpg"
    away = desk.photos.parent / "away.jpg"
    file.rename(away)
    viewer = page.get_by_role("dialog", name="Photo viewer")
    expect(viewer.get_by_test_id("standing")).to_contain_text("not there")
    away.rename(file)
    expect(viewer.get_by_test_id("standing")).to_have_count(0)


def test_a_lost_connection_is_said_in_the_viewer(desk: Server, page: Page) -> None:
    """SPEC 10.4: above the picture, and gone by itself."""
    open_photo(page, desk, "01.jpg", info=False)
    page.context.set_offline(True)
    viewer = page.get_by_role("dialog", name="Photo viewer")
    expect(viewer.get_by_test_id("viewer-offline")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(viewer.locator(".slide[aria-hidden=false] img").first).to_be_visible()
    page.context.set_offline(False)
    expect(viewer.get_by_test_id("viewer-offline")).to_have_count(0)


def test_a_picture_that_failed_comes_with_the_connection(desk: Server, page: Page) -> None:
    """SPEC 10.4: mended silently."""
    open_photo(page, desk, "11.jpg", info=False)
    page.context.set_offline(True)
    shown = page.get_by_role("dialog", name="Photo viewer").locator(".slide[aria-hidden=false]")
    # Its neighbours are there already.
    for _ in range(4):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(200)
    expect(shown.get_by_text("could not be shown")).to_be_visible()
    page.context.set_offline(False)
    expect(shown.get_by_text("could not be shown")).to_have_count(0)
    expect(shown.locator("img.loaded").first).to_be_visible()
