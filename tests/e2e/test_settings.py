"""Settings, reports and the lists of files with a problem (SPEC 3.3, 5.3, 5.7, 5.8)."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.commands.conftest import age
from tests.e2e.conftest import wait_true
from tests.e2e.gallery import gallery, visit
from tests.samples import make_photo

pytestmark = pytest.mark.e2e
__all__ = ["gallery", "visit"]


def test_value_of_the_command_line_is_shown_as_fixed(page: Page, gallery, visit) -> None:
    visit("/settings")
    row = page.locator("[data-setting=library]")
    expect(row.get_by_role("textbox")).to_be_disabled()
    expect(row.get_by_role("textbox")).to_have_value(str(gallery.library))
    expect(row).to_contain_text("Fixed on the command line")


def test_setting_is_saved_into_its_file(page: Page, gallery, visit) -> None:
    visit("/settings")
    row = page.locator("[data-setting=min_file_size]")
    field = row.get_by_role("textbox")
    expect(field).to_be_visible()
    field.fill("12kB")
    field.press("Tab")
    bar = page.get_by_test_id("save-bar")
    expect(bar).to_contain_text("1 change")
    bar.get_by_role("button", name="Save").click()
    expect(page.get_by_text("1 setting saved")).to_be_visible()
    expect(bar).to_be_hidden()
    expect(row).to_contain_text("From the settings file")
    expect(page.get_by_test_id("restart")).to_be_visible()
    assert "12" in (gallery.library / ".photostore" / "settings.toml").read_text("utf-8")
    row.get_by_role("button", name="Back to default").click()
    bar.get_by_role("button", name="Save").click()
    expect(bar).to_be_hidden()


def test_wrong_value_is_explained_in_place(page: Page, visit) -> None:
    visit("/settings")
    row = page.locator("[data-setting=nice]")
    row.get_by_role("textbox").fill("99")
    row.get_by_role("textbox").press("Tab")
    page.get_by_test_id("save-bar").get_by_role("button", name="Save").click()
    expect(row.get_by_role("alert")).to_contain_text("0 to 19")
    expect(row.get_by_role("textbox")).to_have_value("99")


def test_all_wrong_values_are_explained_at_once(page: Page, visit) -> None:
    """SPEC 3.4: in the person's words, beside each field; the first has the focus."""
    visit("/settings")
    for name, value in (("max_temp_c", "500"), ("preview_px", "3")):
        page.locator(f"[data-setting={name}] input").fill(value)
    page.keyboard.press("Tab")
    page.get_by_test_id("save-bar").get_by_role("button", name="Save").click()
    for name, allowed in (("max_temp_c", "0 to 120"), ("preview_px", "320 to 8192")):
        expect(page.locator(f"[data-setting={name}]").get_by_role("alert")).to_contain_text(allowed)
    expect(page.locator("[data-setting=max_temp_c] input")).to_be_focused()
    page.get_by_test_id("save-bar").get_by_role("button", name="Discard").click()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_values_are_edited_as_people_say_them(page: Page, gallery, visit) -> None:
    """A number and its unit, a time or never, a list with a field for each; undone in one go."""
    visit("/settings")
    toml = gallery.library / ".photostore" / "settings.toml"
    keep = page.locator("[data-setting=trash_keep]")
    keep.get_by_role("textbox").fill("30")
    keep.get_by_role("combobox").select_option("d")
    paths = page.locator("[data-setting=exclude_globs]")
    paths.get_by_role("textbox").fill("**/Cache/**")
    paths.get_by_role("button", name="Add").click()
    expect(paths.get_by_role("textbox").nth(1)).to_be_focused()
    page.keyboard.type("**/old/**")
    page.keyboard.press("Tab")
    page.locator("[data-setting=rescan_time]").get_by_label("Never").check()
    bar = page.get_by_test_id("save-bar")
    expect(bar).to_contain_text("3 changes")
    bar.get_by_role("button", name="Save").click()
    expect(bar).to_be_hidden()
    text = toml.read_text("utf-8")
    assert 'trash_keep = "30d"' in text
    assert "**/old/**" in text
    expect(keep).to_contain_text("default: 0 seconds", ignore_case=True)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Settings changed back")).to_be_visible()
    expect(page.locator("[data-setting=rescan_time] input[type=time]")).to_have_value("02:00")
    expect(paths.get_by_role("textbox")).to_have_count(1)
    assert 'trash_keep = "30d"' not in toml.read_text("utf-8")


def test_changes_that_are_not_saved_are_kept(page: Page, gallery, visit) -> None:
    """A look at another page takes nothing away."""
    visit("/settings")
    page.locator("[data-setting=backup_keep] input").fill("9")
    page.keyboard.press("Tab")
    bar = page.get_by_test_id("save-bar")
    expect(bar).to_be_visible()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Import").click()
    expect(page.get_by_role("heading", level=1, name="Import")).to_be_visible()
    page.go_back()
    expect(bar).to_contain_text("1 change")
    expect(page.locator("[data-setting=backup_keep] input")).to_have_value("9")
    bar.get_by_role("button", name="Discard").click()
    expect(bar).to_be_hidden()


def test_settings_are_found_by_words(page: Page, visit) -> None:
    visit("/settings")
    expect(page.locator("[data-setting]").nth(10)).to_be_visible()
    page.get_by_role("searchbox", name="Find a setting").fill("allowed_hosts")
    expect(page.locator("[data-setting]")).to_have_count(1)


def test_single_keys_can_be_switched_off(page: Page, visit) -> None:
    """WCAG 2.1.4."""
    visit("/settings")
    page.get_by_label("Single keys as shortcuts").uncheck()
    page.get_by_role("heading", name="This browser").click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_label("Single keys as shortcuts").check()
    page.get_by_role("heading", name="This browser").click()
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Search")).to_be_focused()


def test_rejected_file_is_imported_anyway(start_server, page: Page, tmp_path: Path) -> None:
    """SPEC 5.3: the reason is shown, and there is an override."""
    photos = tmp_path / "photos"
    make_photo(photos / "fine.jpg", size=(800, 600), seed=1)
    (photos / "noise.jpg").write_bytes(os.urandom(30_000))
    age(photos)
    server = start_server(photos)
    page.goto(server.url + "/sync")
    problems = page.get_by_test_id("problems")
    page.get_by_role("tab", name=re.compile("Left out")).click()
    expect(problems).to_contain_text("noise.jpg", timeout=20_000)
    asked: list[str] = []
    page.on(
        "request",
        lambda request: (
            asked.append(request.post_data or "") if "override" in request.url else None
        ),
    )
    problems.get_by_role("button", name="Import anyway: noise.jpg").click()
    expect(page.get_by_text("“noise.jpg” will be imported")).to_be_visible()
    assert len(asked) == 1


def test_report_is_a_searchable_table(page: Page, gallery, visit) -> None:
    """SPEC 5.8."""
    visit("/sync")
    page.get_by_test_id("reports").get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(r"/sync/reports/"))
    rows = page.locator("tbody tr")
    expect(rows.first).to_be_visible()
    page.get_by_role("searchbox", name="Search by path or reason").fill("07.jpg")
    expect(rows).to_have_count(1)
    expect(page).to_have_url(re.compile(r"\?q=07\.jpg$"))
    expect(rows.first).to_contain_text("Imported")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert "07.jpg" in Path(download.value.path()).read_text("utf-8")


def test_import_is_paused_and_goes_on(page: Page, visit) -> None:
    """SPEC 5.6."""
    visit("/sync")
    card = page.get_by_test_id("progress-card")
    expect(card).to_have_attribute("data-state", "idle", timeout=20_000)
    card.get_by_role("button", name="Scan now").click()
    expect(card).to_have_attribute("data-state", "idle", timeout=20_000)
    page.request.post(page.url.replace("/sync", "/api/v1/sync/pause"))
    expect(card).to_have_attribute("data-state", "paused", timeout=10_000)
    card.get_by_role("button", name="Resume").click()
    expect(card).to_have_attribute("data-state", "idle", timeout=20_000)


def test_about_names_licences_and_data(page: Page, visit) -> None:
    visit("/about")
    main = page.get_by_role("main")
    for name in ("svelte", "starlette", "GeoNames", "CC BY 4.0", "OpenStreetMap", "ODbL"):
        expect(main).to_contain_text(name)


def test_files_that_are_gone_are_taken_for_gone_by_a_person(
    start_server, page: Page, tmp_path: Path
) -> None:
    """SPEC 4.3: an empty folder may be a disk that is away; only a person can tell."""
    photos = tmp_path / "photos"
    for number in range(2):
        make_photo(photos / f"{number}.jpg", seed=number)
    age(photos)
    server = start_server(photos)
    page.goto(server.url + "/sync")
    assets = "async () => (await (await fetch('/api/v1/stats')).json()).assets"
    wait_true(page, f"async () => await ({assets})() === 2", timeout=60_000)
    photos.rename(tmp_path / "elsewhere")
    photos.mkdir()
    page.request.post(server.url + "/api/v1/sync", data={})
    gone = page.get_by_role("button", name="These files are gone")
    for _ in range(20):
        page.wait_for_timeout(1_000)
        page.reload()
        page.get_by_test_id("reports").wait_for()
        page.wait_for_timeout(300)
        if gone.count():
            break
    assert page.evaluate(f"({assets})()") == 2
    gone.click()
    dialog = page.get_by_test_id("dialog")
    expect(dialog).to_contain_text("30 days")
    dialog.get_by_role("button", name="These files are gone").click()
    wait_true(page, f"async () => await ({assets})() === 0", timeout=60_000)
