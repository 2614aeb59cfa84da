"""A phone and its fingers: choosing, arranging, density, the info sheet (SPEC 10.3, 10.5, 7.6)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import cells, wait_true
from tests.e2e.gallery import COUNT, call, gallery, ids_of, wait_cells
from tests.e2e.touch import PHONE, Hand, spot

pytestmark = pytest.mark.e2e
__all__ = ["gallery"]

ORDINAL = "([id, want]) => document.querySelector(`[data-id='${id}']`)?.dataset.ordinal === want"
WHOLE = """async want => {
  const stats = await (await fetch('/api/v1/stats')).json();
  return stats.assets === want && stats.pending === 0;
}"""


@pytest.fixture
def phone(browser: Browser, gallery) -> Iterator[Page]:
    """A phone's browser on the gallery; an uncaught error fails the test."""
    context = browser.new_context(
        viewport=PHONE, has_touch=True, is_mobile=True, locale="en-GB", device_scale_factor=1
    )
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(gallery.url + "/photos")
    wait_true(page, WHOLE, arg=COUNT, timeout=60_000)
    # Photos that still come in would rightly stand between those that are chosen.
    expect(page.get_by_test_id("progress")).to_be_hidden()
    page.reload()
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def hand(phone: Page) -> Hand:
    return Hand(phone)


def cell(page: Page, asset_id: str):
    return page.locator(f"[data-id='{asset_id}']")


CLOSE_WATCHER = """window.CloseWatcher = class extends EventTarget {
  constructor() { super(); window.goBack = () => this.onclose(); }
  destroy() { window.goBack = null; }
}"""


def test_the_way_back_gives_up_the_choice(phone: Page, hand: Hand, gallery) -> None:
    """As on Android it closes what is open; the browser of the tests has no such gesture."""
    phone.add_init_script(CLOSE_WATCHER)
    phone.reload()
    wait_cells(phone)
    hand.press(spot(phone.locator("[data-ordinal='1']")))
    hand.up()
    phone.wait_for_function("() => window.goBack")
    phone.evaluate("() => window.goBack()")
    expect(phone.get_by_test_id("selection-bar")).to_have_count(0)
    assert phone.evaluate("() => window.goBack") is None


def test_long_press_and_drag_chooses(phone: Page, hand: Hand, gallery) -> None:
    wait_cells(phone)
    hand.press(spot(phone.locator("[data-ordinal='1']")))
    hand.move(spot(phone.locator("[data-ordinal='4']")))
    hand.up()
    expect(phone.get_by_test_id("selection-bar")).to_contain_text("4 selected")
    # A tap goes on choosing, and opens nothing.
    phone.locator("[data-ordinal='2'] a").tap()
    expect(phone.get_by_test_id("selection-bar")).to_contain_text("3 selected")
    expect(phone.get_by_role("dialog")).to_have_count(0)


def test_pinch_changes_the_density(phone: Page, hand: Hand, gallery) -> None:
    wait_cells(phone)
    height = "document.querySelector('[data-ordinal=\"0\"]').getBoundingClientRect().height"
    before = phone.evaluate(height)
    hand.down((150, 400), (240, 400))
    hand.move((40, 400), (350, 400))
    hand.up()
    phone.wait_for_function(f"before => {height} > before * 1.2", arg=before)


def test_photos_of_an_album_are_arranged_by_a_finger(phone: Page, hand: Hand, gallery) -> None:
    """SPEC 7.6; what was let go at once is chosen instead, and what is chosen goes together."""
    ids = ids_of(phone, gallery, 6)
    album = call(phone, gallery, "POST", "/albums", {"name": "By finger", "ids": ids})
    phone.goto(f"{gallery.url}/albums/{album['id']}")
    expect(cells(phone)).to_have_count(6)
    hand.press(spot(cell(phone, ids[0])))
    expect(phone.locator(".carried")).to_be_visible()
    hand.move(spot(cell(phone, ids[2]), 0.9))
    expect(phone.locator(".drop-mark")).to_be_visible()
    hand.up()
    phone.wait_for_function(ORDINAL, arg=[ids[0], "2"])
    expect(phone.locator(".carried, .drop-mark")).to_have_count(0)
    expect(phone.get_by_test_id("selection-bar")).to_have_count(0)
    hand.press(spot(cell(phone, ids[1])))
    hand.up()
    expect(phone.get_by_test_id("selection-bar")).to_contain_text("1 selected")
    cell(phone, ids[2]).locator("a").tap()
    expect(phone.get_by_test_id("selection-bar")).to_contain_text("2 selected")
    hand.press(spot(cell(phone, ids[2])))
    expect(phone.locator(".carried")).to_have_text("2")
    hand.move(spot(cell(phone, ids[4]), 0.9))
    hand.up()
    phone.wait_for_function(ORDINAL, arg=[ids[2], "4"])
    members = phone.request.get(f"{gallery.url}/api/v1/assets?q=album:{album['id']}&order=album")
    wanted = [ids[0], ids[3], ids[4], ids[1], ids[2], ids[5]]
    assert [one["id"] for one in members.json()["assets"]] == wanted


def test_a_long_album_scrolls_while_a_photo_is_carried(phone: Page, hand: Hand, gallery) -> None:
    ids = ids_of(phone, gallery, 60)
    album = call(phone, gallery, "POST", "/albums", {"name": "Long", "ids": ids})
    phone.goto(f"{gallery.url}/albums/{album['id']}")
    expect(cell(phone, ids[0])).to_be_visible()
    grid = phone.get_by_test_id("timeline")
    hand.press(spot(cell(phone, ids[0])))
    hand.move((150, 770))
    phone.wait_for_function(
        "() => document.querySelector('[data-testid=timeline]').scrollTop > 300", timeout=10_000
    )
    x, y = spot(grid)
    hand.move((x, y))
    expect(phone.locator(".drop-mark")).to_be_visible()
    hand.up()
    expect(phone.get_by_text("Order changed.")).to_be_visible()
    members = phone.request.get(f"{gallery.url}/api/v1/assets?q=album:{album['id']}&order=album")
    assert [one["id"] for one in members.json()["assets"]].index(ids[0]) > 8


def test_albums_are_arranged_and_put_into_each_other(phone: Page, hand: Hand, gallery) -> None:
    """By a finger; by keys they step. Dropped on the middle of another, one goes inside."""
    for name in ("Tree A", "Tree B", "Tree C"):
        call(phone, gallery, "POST", "/albums", {"name": name})

    def names() -> list[str]:
        albums = call(phone, gallery, "GET", "/albums")["albums"]
        return [one["name"][-1] for one in albums if one["name"].startswith("Tree")]

    phone.goto(gallery.url + "/albums")
    cards = {name: phone.get_by_role("link", name=f"Tree {name}") for name in "ABC"}
    cards["C"].scroll_into_view_if_needed()
    hand.press(spot(cards["C"], 0.5, 0.3))
    hand.move(spot(cards["B"], 0.05, 0.3))
    hand.up()
    expect(phone.get_by_text("Moved “Tree C”")).to_be_visible()
    assert names() == ["A", "C", "B"]
    cards["C"].focus()
    with phone.expect_response(lambda answer: answer.request.method == "PATCH"):
        phone.keyboard.press("]")
    assert names() == ["A", "B", "C"]
    expect(cards["C"]).to_be_focused()
    hand.press(spot(cards["B"], 0.5, 0.3))
    hand.move(spot(cards["A"], 0.5, 0.3))
    expect(phone.locator(".drop-mark.inside")).to_be_visible()
    hand.up()
    expect(cards["A"]).to_contain_text("1 album")
    albums = {one["name"]: one for one in call(phone, gallery, "GET", "/albums")["albums"]}
    assert albums["Tree B"]["parent"] == albums["Tree A"]["id"]


def test_a_pull_upwards_shows_the_info(phone: Page, hand: Hand, gallery) -> None:
    first, second = ids_of(phone, gallery, 2)
    phone.goto(f"{gallery.url}/photos/{first}")
    expect(phone.get_by_role("button", name="Info")).to_be_visible()
    hand.swipe((195, 560), (195, 540))
    expect(phone.get_by_test_id("info")).to_have_count(0)
    hand.swipe((195, 560), (195, 260))
    expect(phone.get_by_test_id("info")).to_be_visible()
    # Sideways is still a step, and downwards a way out.
    hand.swipe((300, 150), (60, 150))
    phone.wait_for_url(f"**/{second}")


def test_the_info_sheet_is_pulled_away(phone: Page, hand: Hand, gallery) -> None:
    """Its head pulls it, its content only where that is at its beginning."""
    phone.goto(f"{gallery.url}/photos/{ids_of(phone, gallery, 1)[0]}")
    sheet = phone.get_by_test_id("info")

    def open_sheet() -> None:
        phone.get_by_role("button", name="Info").tap()
        expect(sheet.get_by_role("heading", name="Info")).to_be_visible()
        phone.wait_for_timeout(250)

    open_sheet()
    # What scrolls inside does not close it.
    sheet.evaluate("element => (element.scrollTop = 200)")
    hand.swipe((190, 560), (190, 760), steps=10)
    expect(sheet).to_be_visible()
    assert sheet.evaluate("element => element.scrollTop") < 200
    head = sheet.locator("header")
    hand.swipe(spot(head, 0.3), (120, 60), steps=10)
    phone.wait_for_timeout(300)
    box = sheet.bounding_box()
    assert box is not None
    assert box["height"] > PHONE["height"] * 0.85
    hand.swipe(spot(head, 0.3), (120, 800), steps=10)
    expect(sheet).to_have_count(0)
    open_sheet()
    hand.swipe((190, 520), (190, 780), steps=4)
    expect(sheet).to_have_count(0)
    expect(phone.get_by_role("dialog", name="Photo viewer")).to_be_visible()
