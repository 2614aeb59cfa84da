"""What a person does, and takes back, in the browser (SPEC 9.1, 9.6, 10.3)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Server, cells

pytestmark = pytest.mark.e2e


def asset_of(page: Page, site: Server, asset_id: str | None = None) -> dict[str, Any]:
    """The facts of the photo in the viewer, or of another, as the server has them now."""
    asset_id = asset_id or page.url.split("?")[0].rpartition("/")[2]
    answer: dict[str, Any] = page.request.get(f"{site.url}/api/v1/assets/{asset_id}").json()
    return answer


def open_photo(page: Page, site: Server, name: str = "05.jpg", *, info: bool = True) -> str:
    """Open a photo by its file's name; returns its id."""
    found = page.request.get(f"{site.url}/api/v1/assets?limit=100").json()["assets"]
    wanted = next(one for one in found if any(file["name"] == name for file in one["files"]))
    page.goto(f"{site.url}/photos/{wanted['id']}")
    # With its picture the facts are there that keys act upon.
    expect(page.get_by_role("dialog", name="Photo viewer").locator("img").first).to_be_visible()
    if info:
        page.keyboard.press("i")
        expect(page.get_by_test_id("info")).to_contain_text(name)
    return str(wanted["id"])


def call(page: Page, site: Server, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """What the app's own page would send."""
    headers = {"origin": site.url}
    answer = page.request.post(f"{site.url}/api/v1{path}", data=body, headers=headers)
    assert answer.ok, answer.text()
    found: dict[str, Any] = answer.json()
    return found


def undo(page: Page) -> None:
    """Press Undo in the message of the last act (the viewer shows messages above the page's)."""
    page.get_by_role("button", name="Undo").first.click()
    expect(page.get_by_text(re.compile("^Undone")).first).to_be_visible()


def test_favourite_by_key_is_undone_by_toast_and_by_key(desk: Server, page: Page) -> None:
    open_photo(page, desk)
    heart = page.get_by_role("dialog").get_by_role("button", name="Favourite")
    page.keyboard.press("f")
    expect(heart).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("Added to the favourites").first).to_be_visible()
    assert asset_of(page, desk)["favourite"] is True
    undo(page)
    expect(heart).to_have_attribute("aria-pressed", "false")
    assert asset_of(page, desk)["favourite"] is False
    page.keyboard.press("f")
    expect(heart).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Undo").first).to_be_visible()
    page.keyboard.press("Control+z")
    expect(heart).to_have_attribute("aria-pressed", "false")


def test_rating_by_key_and_star_and_reject(desk: Server, page: Page) -> None:
    open_photo(page, desk)
    page.keyboard.press("4")
    star = page.get_by_test_id("info").get_by_role("button", name="4 stars")
    expect(star).to_have_attribute("aria-pressed", "true")
    assert asset_of(page, desk)["rating"] == 4
    page.get_by_test_id("info").get_by_role("button", name="Reject").click()
    expect(star).to_have_attribute("aria-pressed", "false")
    assert asset_of(page, desk)["rating"] == -1
    undo(page)
    expect(star).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("0")
    expect(star).to_have_attribute("aria-pressed", "false")
    assert asset_of(page, desk)["rating"] is None


def test_star_that_is_pressed_while_a_description_is_written(desk: Server, page: Page) -> None:
    """SPEC 9.1: the field that is left does not pull the star away under the pointer."""
    open_photo(page, desk, "08.jpg")
    info = page.get_by_test_id("info")
    info.get_by_role("button", name="Add a description").click()
    page.keyboard.type("One\nTwo\nThree")
    star = info.get_by_role("button", name="3 stars")
    star.click(delay=120)
    expect(star).to_have_attribute("aria-pressed", "true")
    expect(info.get_by_role("button", name="Description: One")).to_be_visible()
    found = asset_of(page, desk)
    assert (found["rating"], found["description"]) == (3, "One\nTwo\nThree")


def test_last_photo_of_a_search_is_back_by_key(desk: Server, page: Page) -> None:
    """SPEC 9.6: Ctrl-Z is there too where nothing is left to be seen."""
    page.goto(f"{desk.url}/search?q=filename:09.jpg")
    expect(cells(page)).to_have_count(1)
    page.keyboard.press("Control+a")
    page.keyboard.press("Shift+A")
    expect(page.get_by_text("No photos found")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(cells(page)).to_have_count(1)


def test_title_and_description_survive_a_reload(desk: Server, page: Page) -> None:
    open_photo(page, desk, "04.jpg")
    info = page.get_by_test_id("info")
    info.get_by_role("button", name="Add a title").click()
    page.keyboard.type("The <b>old</b> mill")
    page.keyboard.press("Enter")
    expect(info.get_by_role("button", name="Title: The <b>old</b> mill")).to_be_focused()
    info.get_by_role("button", name="Add a description").click()
    page.keyboard.type("Two lines\nof text")
    page.keyboard.press("Control+Enter")
    expect(info).to_contain_text("of text")
    expect(page.get_by_text("Saved").first).to_be_visible()
    page.reload()
    expect(page.get_by_role("dialog", name="Photo viewer")).to_be_visible()
    page.keyboard.press("i")
    expect(info.get_by_role("button", name="Title: The <b>old</b> mill")).to_be_visible()
    asset = asset_of(page, desk)
    assert asset["title"] == "The <b>old</b> mill"
    assert asset["description"] == "Two lines\nof text"
    assert sorted(asset["edited"]) == ["description", "title"]


def test_escape_leaves_a_title_as_it_was(desk: Server, page: Page) -> None:
    open_photo(page, desk, "03.jpg")
    page.get_by_role("button", name="Add a title").click()
    page.keyboard.type("nothing")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Add a title")).to_be_focused()
    expect(page.get_by_role("dialog", name="Photo viewer")).to_be_visible()
    assert asset_of(page, desk)["title"] is None


def test_date_with_as_much_as_is_known(desk: Server, page: Page) -> None:
    """SPEC 6.3: precision and offset are the person's; undo brings the file's own back."""
    open_photo(page, desk, "06.jpg")
    info = page.get_by_test_id("info")
    before = asset_of(page, desk)["captured"]
    info.get_by_role("button", name="Change date").click()
    info.get_by_label("Year").fill("1987")
    info.get_by_label("Month").select_option("")
    info.get_by_role("button", name="Save").click()
    expect(info).to_contain_text("only the year is known")
    expect(info).to_contain_text("a person")
    captured = asset_of(page, desk)["captured"]
    assert (captured["precision"], captured["local"][:4]) == ("year", "1987")
    undo(page)
    expect(info).to_contain_text("2020")
    assert asset_of(page, desk)["captured"] == before


def test_position_from_pasted_text(desk: Server, page: Page) -> None:
    open_photo(page, desk, "07.jpg")
    info = page.get_by_test_id("info")
    info.get_by_role("button", name="Add a position").click()
    field = info.get_by_label("Position", exact=True)
    field.fill("somewhere nice")
    expect(info.get_by_role("button", name="Save")).to_be_disabled()
    field.fill("52.5163, 13.3777")
    info.get_by_role("button", name="Save").click()
    expect(info.get_by_role("link", name="Berlin").first).to_be_visible()
    gps = asset_of(page, desk)["gps"]
    assert (round(gps["lat"], 4), round(gps["lon"], 4)) == (52.5163, 13.3777)
    undo(page)
    expect(info).to_contain_text("No position")


def test_keywords_as_chips_lead_to_their_search(desk: Server, page: Page) -> None:
    asset_id = open_photo(page, desk, "08.jpg")
    info = page.get_by_test_id("info")
    info.get_by_role("button", name="Change keywords").click()
    # The form is fetched when it is wanted.
    expect(info.locator("[data-first]")).to_be_focused()
    page.keyboard.type("harbour, grey heron")
    page.keyboard.press("Enter")
    info.get_by_role("button", name="Save").click()
    expect(info.get_by_role("link", name="grey heron")).to_be_visible()
    assert sorted(asset_of(page, desk)["keywords"]) == ["grey heron", "harbour"]
    info.get_by_role("link", name="grey heron").click()
    expect(page.get_by_role("dialog", name="Photo viewer")).to_be_hidden()
    expect(cells(page)).to_have_count(1)
    assert cells(page).first.get_attribute("data-id") == asset_id
    page.go_back()
    expect(page.get_by_role("dialog", name="Photo viewer")).to_be_visible()


def test_rotation_keeps_the_photo_open(desk: Server, page: Page) -> None:
    """SPEC 9.1: the file stays untouched, the pictures turn."""
    asset_id = open_photo(page, desk, "09.jpg")
    sha1 = asset_of(page, desk)["files"][0]["sha1"]
    page.keyboard.press("r")
    expect(page.get_by_text("Rotated").first).to_be_visible()
    picture = page.locator("dialog .slide:not([aria-hidden=true]) img").first
    page.wait_for_function(
        "() => { const i = document.querySelector('dialog .slide[aria-hidden=false] img');"
        " return i && i.naturalHeight > i.naturalWidth }"
    )
    expect(picture).to_be_visible()
    asset = asset_of(page, desk, asset_id)
    assert (asset["rotation"], asset["files"][0]["sha1"]) == (90, sha1)
    assert asset_id in page.url
    undo(page)
    assert asset_of(page, desk, asset_id)["rotation"] == 0


def test_hidden_photo_is_on_its_page_and_shown_again(desk: Server, page: Page) -> None:
    """SPEC 9.1: hidden is off the timeline and nothing more; the next photo is shown."""
    asset_id = open_photo(page, desk, "10.jpg", info=False)
    page.keyboard.press("Shift+A")
    page.wait_for_function("id => !location.pathname.endsWith(id)", arg=asset_id)
    expect(page.get_by_role("dialog", name="Photo viewer")).to_be_visible()
    page.goto(f"{desk.url}/hidden")
    expect(cells(page)).to_have_count(1)
    cells(page).first.locator("a").focus()
    page.keyboard.press("x")
    page.get_by_role("button", name="Show again").first.click()
    expect(page.get_by_text("Nothing is hidden")).to_be_visible()
    assert asset_of(page, desk, asset_id)["shelf"] == "timeline"


def test_hiding_is_undone_by_toast(desk: Server, page: Page) -> None:
    asset_id = open_photo(page, desk, "09.jpg", info=False)
    page.keyboard.press("Shift+A")
    expect(page.get_by_text("Hidden. It stays in the library").first).to_be_visible()
    assert asset_of(page, desk, asset_id)["shelf"] == "hidden"
    undo(page)
    assert asset_of(page, desk, asset_id)["shelf"] == "timeline"


def test_another_file_is_shown_and_undone(desk: Server, page: Page) -> None:
    """SPEC 7.1: a person says which files are one photo, and which of them is shown."""
    first, second = (open_photo(page, desk, name, info=False) for name in ("00.jpg", "01.jpg"))
    merged = call(page, desk, "/assets/merge", {"ids": [first, second]})
    page.goto(f"{desk.url}/photos/{merged['asset']}")
    expect(page.get_by_role("dialog", name="Photo viewer")).to_be_visible()
    page.keyboard.press("i")

    def shown() -> str:
        files = asset_of(page, desk)["files"]
        return str(next(file["path"] for file in files if file["shown"]))

    before = shown()
    page.get_by_role("button", name=re.compile("Show this file")).click()
    expect(page.get_by_text("Another file is shown now").first).to_be_visible()
    assert shown() != before
    undo(page)
    assert shown() == before
    call(page, desk, f"/journal/{merged['act']}/undo", {})


def test_taking_out_of_an_album_is_undone(desk: Server, page: Page) -> None:
    """SPEC 7.6: the photo stays in the library; undo puts it back to its place."""
    found = page.request.get(f"{desk.url}/api/v1/assets?limit=3").json()["assets"]
    ids = [one["id"] for one in found]
    album = call(page, desk, "/albums", {"name": "Three", "ids": ids})
    page.goto(f"{desk.url}/albums/{album['id']}")
    expect(cells(page)).to_have_count(3)
    cells(page).nth(1).locator("a").focus()
    page.keyboard.press("x")
    bar = page.get_by_test_id("selection-bar")
    bar.get_by_role("button", name="Take out of this album").first.click()
    expect(cells(page)).to_have_count(2)
    undo(page)
    expect(cells(page)).to_have_count(3)
    assert [cell.get_attribute("data-id") for cell in cells(page).all()] == ids


def test_new_album_from_the_viewer(desk: Server, page: Page) -> None:
    """SPEC 7.6."""
    open_photo(page, desk, "11.jpg")
    page.keyboard.press("l")
    page.get_by_test_id("dialog").get_by_label("Find or name an album").fill("At the mill")
    page.get_by_role("button", name="New album “At the mill”").click()
    info = page.get_by_test_id("info")
    expect(info.get_by_role("link", name="At the mill")).to_be_visible()
    undo(page)
    expect(info.get_by_role("link", name="At the mill")).to_be_hidden()


def test_enter_takes_the_album_that_is_marked(desk: Server, page: Page) -> None:
    """SPEC 7.6: the beginning of a name is not a new album."""
    call(page, desk, "/albums", {"name": "Holidays by the sea"})
    open_photo(page, desk, "10.jpg")
    page.keyboard.press("l")
    find = page.get_by_test_id("dialog").get_by_label("Find or name an album")
    find.fill("holi")
    rows = page.get_by_test_id("dialog").locator("li")
    expect(rows).to_have_text([re.compile("Holidays by the sea"), "New album “holi”"])
    find.press("Enter")
    info = page.get_by_test_id("info")
    expect(info.get_by_role("link", name="Holidays by the sea")).to_be_visible()
    undo(page)


def test_journal_shows_what_is_done_elsewhere(desk: Server, page: Page) -> None:
    """SPEC 9.6."""
    asset_id = open_photo(page, desk, "03.jpg", info=False)
    call(page, desk, "/albums", {"name": "Before"})
    page.goto(f"{desk.url}/journal")
    expect(page.get_by_test_id("act").first).to_be_visible()
    before = page.get_by_test_id("act").count()
    headers = {"origin": desk.url}
    body = {"ids": [asset_id], "set": {"rating": 2}}
    assert page.request.patch(f"{desk.url}/api/v1/assets", data=body, headers=headers).ok
    expect(page.get_by_test_id("act")).to_have_count(before + 1)
    expect(page.get_by_test_id("act").first).to_contain_text("rating")


def test_journal_tells_and_undoes(desk: Server, page: Page) -> None:
    """SPEC 9.6: the page has each act in words, with its photos, and takes it back."""
    asset_id = open_photo(page, desk, "02.jpg", info=False)
    page.keyboard.press("5")
    expect(page.get_by_text("Rated").first).to_be_visible()
    page.goto(f"{desk.url}/journal")
    first = page.get_by_test_id("act").first
    expect(first).to_contain_text("rating")
    expect(first.locator("img")).to_have_count(1)
    first.get_by_role("button", name="Undo").click()
    expect(page.get_by_test_id("act").nth(1)).to_contain_text("undone")
    assert asset_of(page, desk, asset_id)["rating"] is None


def test_act_without_a_connection_is_said_and_taken_back(desk: Server, page: Page) -> None:
    """SPEC 10.4."""
    open_photo(page, desk, "01.jpg", info=False)
    page.keyboard.press("f")
    heart = page.get_by_role("dialog").get_by_role("button", name="Favourite")
    expect(heart).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Undo").first).to_be_visible()
    edits = re.compile(r"/api/v1/assets\?task=")
    page.route(edits, lambda route: route.abort())
    page.keyboard.press("f")
    expect(page.get_by_text("Nothing was changed.").first).to_be_visible()
    page.unroute(edits)
    expect(heart).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/journal", "/trash", "/hidden"])
def test_pages_have_no_accessibility_faults(desk: Server, page: Page, scheme, path) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(desk.url + path)
    page.wait_for_timeout(800)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_editors_have_no_accessibility_faults(desk: Server, page: Page, scheme) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    open_photo(page, desk, "00.jpg")
    info = page.get_by_test_id("info")
    for name in ("Change date", "Change keywords"):
        info.get_by_role("button", name=name).click()
    expect(info.get_by_label("Year")).to_be_visible()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Everything").click()
    expect(page.get_by_test_id("everything")).to_contain_text("DateTimeOriginal")
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
