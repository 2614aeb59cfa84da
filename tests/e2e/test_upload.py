"""Adding photos by picker, drop, paste and other apps; many downloaded as one (SPEC 10.3)."""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.commands.conftest import age
from tests.e2e.conftest import Server, Starter, cells, wait_true
from tests.samples import make_photo

pytestmark = pytest.mark.e2e
SHARE = """async files => {
  await navigator.serviceWorker.ready;
  const data = new DataTransfer();
  for (const [name, content] of files) {
    const bytes = Uint8Array.from(atob(content), byte => byte.charCodeAt(0));
    data.items.add(new File([bytes], name, { type: 'image/jpeg', lastModified: 1500000000000 }));
  }
  const form = document.createElement('form');
  Object.assign(form, { action: '/share', method: 'POST', enctype: 'multipart/form-data' });
  const input = document.createElement('input');
  Object.assign(input, { type: 'file', name: 'files', multiple: true });
  input.files = data.files;
  form.append(input);
  document.body.append(form);
  form.submit();
}"""
KEPT = "async () => (await caches.has('shared-photos'))"
CONTROLLED = "() => navigator.serviceWorker?.controller != null"


@pytest.fixture
def house(start_server: Starter, page: Page, tmp_path: Path) -> Server:
    """A server with one photo, and its timeline."""
    make_photo(tmp_path / "photos" / "old.jpg", taken=datetime(2019, 1, 1), seed=1)
    age(tmp_path / "photos")
    server = start_server(tmp_path / "photos")
    page.goto(server.url + "/photos")
    expect(cells(page)).to_have_count(1, timeout=20_000)
    return server


@pytest.fixture
def new(tmp_path: Path) -> list[Path]:
    """Three photos that the library does not have, in a folder of two."""
    folder = tmp_path / "new"
    names = ("a.jpg", "b.jpg", "deep/er/c.jpg")
    return [
        make_photo(folder / name, taken=datetime(2021, 2, 3 + n), size=(900, 600), seed=50 + n)
        for n, name in enumerate(names)
    ]


def card(page: Page) -> Locator:
    return page.get_by_test_id("uploads")


def choose(page: Page, files: list[Path]) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("banner").get_by_role("button", name="Add photos").click()
    assert chooser.value.is_multiple()
    chooser.value.set_files(files)


def total(page: Page, server: Server, q: str = "") -> int:
    answer = page.request.get(f"{server.url}/api/v1/assets", params={"q": q})
    return int(answer.json()["total"])


def own_files(server: Server) -> list[str]:
    """What lies in the library's folder."""
    found = (path.relative_to(server.library) for path in server.library.rglob("*"))
    files = (one for one in found if (server.library / one).is_file())
    return sorted(str(one) for one in files if one.parts[0] != ".photostore")


def test_chosen_files_are_added_and_undone(house: Server, page: Page, new, tmp_path: Path) -> None:
    """SPEC 9.6: one act; what is no photo is told with the reason, what is here is not sent."""
    (tmp_path / "text.jpg").write_bytes(b"no picture")
    choose(page, [*new, tmp_path / "text.jpg", house.photos / "old.jpg"])
    listed = card(page)
    expect(listed.get_by_role("status")).to_have_text("3 photos added", timeout=30_000)
    expect(listed).to_contain_text("1 was here already · 1 cannot be added")
    expect(listed.locator("[data-state=refused]")).to_contain_text("the content is no photo")
    expect(cells(page)).to_have_count(4)
    assert own_files(house) == [
        *("2021/2021-02-03/a.jpg", "2021/2021-02-04/b.jpg", "2021/2021-02-05/c.jpg"),
    ]
    listed.get_by_role("link", name="Show them").click()
    expect(page).to_have_url(re.compile(r"/search\?q=id"))
    expect(cells(page)).to_have_count(3)
    # What is to be seen is not covered.
    expect(listed.locator("li")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone: 3.")).to_be_visible()
    assert total(page, house) == 1
    assert total(page, house, "in:trash") == 3
    listed.get_by_role("button", name="Close").click()
    expect(listed).to_be_hidden()


def test_a_dropped_folder(house: Server, page: Page, new: list[Path]) -> None:
    """Anywhere on the page, with all below; what is no photo is counted and left out."""
    folder = new[0].parent
    (folder / "notes.txt").write_text("no photo")
    (folder / ".hidden.jpg").write_bytes(new[0].read_bytes())
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(folder)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver"):
        drag = {"type": kind, "x": 500, "y": 400, "data": data}
        session.send("Input.dispatchDragEvent", drag)
    expect(page.get_by_test_id("drop")).to_contain_text("Drop photos and videos here")
    session.send("Input.dispatchDragEvent", {"type": "drop", "x": 500, "y": 400, "data": data})
    expect(page.get_by_test_id("drop")).to_be_hidden()
    expect(card(page).get_by_role("status")).to_have_text("3 photos added", timeout=30_000)
    expect(card(page)).to_contain_text("1 other file left out")
    expect(cells(page)).to_have_count(4)


def test_pasted_and_without_a_name(house: Server, page: Page, new: list[Path]) -> None:
    content = base64.b64encode(new[0].read_bytes()).decode()
    page.evaluate(
        """content => {
          const bytes = Uint8Array.from(atob(content), byte => byte.charCodeAt(0));
          const data = new DataTransfer();
          data.items.add(new File([bytes], 'image', { type: 'image/jpeg' }));
          dispatchEvent(new ClipboardEvent('paste', { clipboardData: data }));
        }""",
        content,
    )
    expect(card(page).get_by_role("status")).to_have_text("1 photo added", timeout=30_000)
    assert own_files(house) == ["2021/2021-02-03/image.jpg"]


def test_cancelled_while_it_is_sent(house: Server, page: Page, new: list[Path]) -> None:
    """Nothing of it stays, and what comes after it is added."""
    held: list[Any] = []

    def hold(route: Any) -> None:
        held.append(route)

    page.route("**/api/v1/uploads?*name=a.jpg*", hold)
    choose(page, new[:2])
    listed = card(page)
    expect(listed.locator("[data-state=added]")).to_have_count(1, timeout=30_000)
    expect(listed.locator("[data-state=sending]")).to_contain_text("a.jpg")
    expect(listed.get_by_role("progressbar")).to_be_visible()
    listed.get_by_role("button", name="Do not add a.jpg").click()
    expect(listed.get_by_role("status")).to_have_text("1 photo added")
    assert own_files(house) == ["2021/2021-02-04/b.jpg"]
    for route in held:
        route.abort()


def test_a_failed_one_is_tried_again(house: Server, page: Page, new: list[Path]) -> None:
    problem = {"type": "no-room", "title": "x", "status": 507, "detail": "The disk is full"}
    page.route("**/api/v1/uploads?*", lambda route: route.fulfill(status=507, json=problem))
    choose(page, new[:1])
    failed = card(page).locator("[data-state=failed]")
    expect(failed).to_contain_text("The disk is full")
    page.unroute("**/api/v1/uploads?*")
    card(page).get_by_role("button", name="Try 1 again").click()
    expect(card(page).get_by_role("status")).to_have_text("1 photo added", timeout=30_000)


def test_a_lost_connection_is_waited_for(house: Server, page: Page, new: list[Path]) -> None:
    choose(page, new[:1])
    expect(card(page).get_by_role("status")).to_have_text("1 photo added", timeout=30_000)
    page.context.set_offline(True)
    choose(page, new[1:])
    expect(card(page).get_by_role("status")).to_contain_text("wait for the server")
    page.context.set_offline(False)
    expect(card(page).get_by_role("status")).to_have_text("3 photos added", timeout=30_000)
    expect(cells(page)).to_have_count(4)


def test_the_list_is_fetched_when_it_can_be(house: Server, page: Page, new: list[Path]) -> None:
    """What was chosen is not lost when the connection goes before the list's own code is there."""
    page.route("**/Uploads-*.js", lambda route: route.abort())
    choose(page, new)
    expect(page.get_by_text("A part of the app could not be loaded")).to_be_visible()
    page.unroute("**/Uploads-*.js")
    expect(card(page).get_by_role("status")).to_have_text("3 photos added", timeout=30_000)
    page.goto(house.url + "/journal")
    expect(page.get_by_role("main")).to_contain_text("Added 3")


def share(page: Page, files: list[Path]) -> None:
    """As the system does when another app shares with the installed one."""
    given = [(path.name, base64.b64encode(path.read_bytes()).decode()) for path in files]
    page.evaluate(SHARE, given)
    expect(page).to_have_url(re.compile(r"/add\?shared"))


@pytest.fixture
def installed(house: Server, page: Page) -> Server:
    """The service worker is at work."""
    page.wait_for_function(CONTROLLED, timeout=20_000)
    return house


def test_what_another_app_shares_is_added(installed: Server, page: Page, new: list[Path]) -> None:
    share(page, new[:2])
    expect(card(page).get_by_role("status")).to_have_text("2 photos added", timeout=30_000)
    assert total(page, installed) == 3
    assert own_files(installed) == ["2021/2021-02-03/a.jpg", "2021/2021-02-04/b.jpg"]
    wait_true(page, f"async () => !(await ({KEPT})())")


def test_what_is_shared_offline_waits(installed: Server, page: Page, new: list[Path]) -> None:
    """Kept over a reload too: nothing that was shared is lost."""
    port = int(installed.url.rpartition(":")[2])
    installed.stop()
    share(page, new[:1])
    expect(card(page).get_by_role("status")).to_contain_text("waits for the server")
    page.reload()
    expect(card(page).get_by_role("status")).to_contain_text("waits for the server")
    assert page.evaluate(KEPT)
    again = Starter(installed.library.parent)
    try:
        again(installed.photos, library=installed.library, port=port)
        expect(card(page).get_by_role("status")).to_have_text("1 photo added", timeout=40_000)
        wait_true(page, f"async () => !(await ({KEPT})())")
    finally:
        again.end_all()


def test_an_empty_library_offers_it(
    start_server: Starter, page: Page, tmp_path: Path, new: list[Path]
) -> None:
    server = start_server(tmp_path / "photos")
    page.goto(server.url)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("main").get_by_role("button", name="Add photos").click()
    chooser.value.set_files(new[:1])
    expect(cells(page)).to_have_count(1, timeout=30_000)
    with page.expect_file_chooser() as by_key:
        page.keyboard.press("u")
    by_key.value.set_files(new[1:])
    expect(cells(page)).to_have_count(3, timeout=30_000)


def test_the_manifest_offers_to_share(house: Server, page: Page) -> None:
    """As Chromium reads it, before it offers the installed app to others."""
    session = page.context.new_cdp_session(page)
    read = session.send("Page.getAppManifest")
    assert read["errors"] == []
    assert read["manifest"]["shareTarget"]["action"] == house.url + "/share"
    target = json.loads(read["data"])["share_target"]
    assert (target["method"], target["enctype"]) == ("POST", "multipart/form-data")
    assert target["params"]["files"][0]["accept"][:2] == ["image/*", "video/*"]


def test_the_page_says_why_nothing_can_be_added(
    start_server: Starter, page: Page, tmp_path: Path
) -> None:
    server = start_server(tmp_path / "photos", "--no-uploads")
    page.goto(server.url + "/add")
    expect(page.get_by_role("alert")).to_contain_text("turned off (setting uploads)")
    expect(page.get_by_role("button", name="Choose files")).to_be_hidden()


def test_no_accessibility_faults(house: Server, page: Page, new: list[Path]) -> None:
    """Light and dark, on a phone and a desk, from right to left."""
    page.goto(house.url + "/add?dir=rtl")
    expect(page.get_by_text("Largest file")).to_be_visible()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose files").click()
    chooser.value.set_files(new)
    expect(card(page).get_by_role("status")).to_have_text("3 photos added", timeout=30_000)
    for scheme in ("light", "dark"):
        for width in (390, 1280):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            page.set_viewport_size({"width": width, "height": 800})
            results = Axe().run(page)
            assert results.violations_count == 0, results.generate_report()
            box = card(page).bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width


def test_messages_leave_the_bar_of_pages_free(house: Server, page: Page, new: list[Path]) -> None:
    """Beside the card of what was added too."""
    choose(page, new)
    expect(card(page).get_by_role("status")).to_have_text("3 photos added", timeout=30_000)
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 700})
        message = page.locator(".toast").first.bounding_box()
        assert message is not None
        for other in (page.locator("nav:visible").last, card(page)):
            box = other.bounding_box()
            assert box is not None
            assert (
                message["y"] + message["height"] <= box["y"]
                or message["x"] >= box["x"] + box["width"]
                or message["x"] + message["width"] <= box["x"]
            ), (width, message, box)


@pytest.fixture
def pair(house: Server, page: Page, new: list[Path]) -> Server:
    """Three photos, one of which has two files."""
    listed = page.request.get(f"{house.url}/api/v1/assets").json()["assets"]
    answer = page.request.post(
        f"{house.url}/api/v1/uploads?name=b.jpg", data=new[1].read_bytes()
    ).json()
    ids = [listed[0]["id"], answer["id"]]
    page.request.post(f"{house.url}/api/v1/assets/merge", data={"ids": ids})
    for one in (new[0], new[2]):
        page.request.post(f"{house.url}/api/v1/uploads?name=a.jpg", data=one.read_bytes())
    expect(cells(page)).to_have_count(3)
    return house


def test_many_are_downloaded_as_one_archive(pair: Server, page: Page, new: list[Path]) -> None:
    """Original bytes under names of their own; where there is more than is shown, a person says."""
    cells(page).first.hover()
    cells(page).first.get_by_role("checkbox").click()
    page.keyboard.press("Control+a")
    page.get_by_test_id("selection-bar").get_by_role("button", name="Download").click()
    dialog = page.get_by_test_id("dialog")
    expect(dialog).to_contain_text("Download 3 photos")
    dialog.get_by_label(re.compile("All files.*4 files")).check()
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename.endswith(".zip")
    with zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as opened:
        assert opened.testzip() is None
        assert sorted(opened.namelist()) == ["a-1.jpg", "a.jpg", "b.jpg", "old.jpg"]
        contents = {opened.read(name) for name in opened.namelist()}
    assert contents == {path.read_bytes() for path in (*new, pair.photos / "old.jpg")}
