"""A video that a person turned is played turned, wherever it plays (SPEC 9.1, 6.4)."""

from __future__ import annotations

import io
import re
from datetime import datetime

import pytest
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Server, wait_true
from tests.samples import make_video

pytestmark = pytest.mark.e2e

PLAYING = "selector => (document.querySelector(selector)?.currentTime ?? 0) > 0.1"


def turn(page: Page, server: Server, name: str, degrees: int) -> tuple[str, Image.Image]:
    """Turn the asset of a file; returns its id and its poster, which comes turned."""
    api = server.url + "/api/v1/assets"
    asset = page.request.get(f"{api}?q=filename:{name}").json()["assets"][0]["id"]
    page.request.patch(api, data={"ids": [asset], "set": {"rotation": degrees}})
    poster = page.request.get(f"{api}/{asset}/preview").body()
    return asset, Image.open(io.BytesIO(poster)).convert("RGB")


def look(page: Page, element: Locator, aspect: float) -> Image.Image:
    """What is drawn where the element is, without the bars beside a picture of this aspect."""
    box = element.bounding_box()
    assert box is not None
    width = min(box["width"], box["height"] * aspect)
    height = width / aspect
    clip = {
        "x": box["x"] + (box["width"] - width) / 2,
        "y": box["y"] + (box["height"] - height) / 2,
        "width": width,
        "height": height,
    }
    return Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")


def difference(one: Image.Image, other: Image.Image) -> float:
    """How much two pictures differ, from 0 to 255; small things do not count."""
    small = [image.resize((8, 8)) for image in (one, other)]
    return sum(ImageStat.Stat(ImageChops.difference(*small)).mean) / 3


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_in_the_viewer(desk: Server, page: Page, degrees) -> None:
    asset, poster = turn(page, desk, "clip.mp4", degrees)
    page.goto(f"{desk.url}/photos/{asset}")
    viewer = page.get_by_role("dialog", name="Photo viewer")
    video = viewer.locator("video")
    expect(video).to_be_visible()
    viewer.focus()
    page.keyboard.press("Space")
    page.wait_for_function(PLAYING, arg="dialog video")
    page.keyboard.press("Space")
    # Whatever is drawn above the picture would be compared with it.
    page.add_style_tag(
        content=".bar, .controls, .big, .step { visibility: hidden !important }"
        "video::-webkit-media-controls { display: none !important }"
    )
    stage = viewer.locator(".stage")
    drawn = look(page, stage, poster.width / poster.height)
    assert difference(drawn, poster) < 25
    assert difference(drawn, poster.transpose(Image.Transpose.ROTATE_180)) > 25
    turn(page, desk, "clip.mp4", 0)


def test_its_own_controls_are_not_turned(desk: Server, page: Page) -> None:
    """Play, place, sound: by pointer and by keys."""
    asset, _ = turn(page, desk, "clip.mp4", 90)
    page.goto(f"{desk.url}/photos/{asset}")
    viewer = page.get_by_role("dialog", name="Photo viewer")
    viewer.get_by_role("button", name="Play").first.click()
    page.wait_for_function(PLAYING, arg="dialog video")
    viewer.get_by_role("button", name="Pause").click()
    assert viewer.locator("video").evaluate("video => video.paused")
    place = viewer.get_by_role("slider", name="Position")
    place.focus()
    page.keyboard.press("Home")
    expect(place).to_have_attribute("aria-valuetext", "0:00")
    viewer.focus()
    page.keyboard.press("m")
    expect(viewer.get_by_role("button", name="sound")).to_have_attribute("aria-pressed", "true")
    turn(page, desk, "clip.mp4", 0)


@pytest.mark.parametrize("degrees", [90, 180])
def test_over_the_grid(desk: Server, page: Page, degrees) -> None:
    """The preview under a resting pointer."""
    asset, poster = turn(page, desk, "clip.mp4", degrees)
    page.goto(f"{desk.url}/search?q=type:video")
    cell = page.locator(f"[data-id='{asset}']")
    cell.hover()
    page.wait_for_function(PLAYING, arg="[data-testid=timeline] video")
    page.add_style_tag(content=".badge, .check, .shade { visibility: hidden !important }")
    drawn = look(page, cell, poster.width / poster.height)
    assert difference(drawn, poster) < 25
    turn(page, desk, "clip.mp4", 0)


def test_the_clip_of_a_live_photo(desk: Server, page: Page) -> None:
    asset, _ = turn(page, desk, "live.jpg", 90)
    page.goto(f"{desk.url}/photos/{asset}")
    page.get_by_role("button", name="Play the live photo").hover()
    page.wait_for_function(PLAYING, arg="[data-testid=live]")
    clip, still = (
        page.locator(selector).bounding_box()
        for selector in ("[data-testid=live]", "dialog .slide[aria-hidden=false] .picture")
    )
    assert clip is not None
    assert still is not None
    assert clip["width"] < clip["height"]
    for side in ("x", "y", "width", "height"):
        assert clip[side] == pytest.approx(still[side], abs=1.5)
    turn(page, desk, "live.jpg", 0)


def test_a_video_goes_on_where_it_was_left(desk: Server, page: Page) -> None:
    """Steps by keys; and what was seen half is not begun anew when it is come back to."""
    made = desk.photos.parent / "long.mp4"
    make_video(made, taken_utc=datetime(2018, 1, 1), seconds=20, seed=7)
    made.rename(desk.photos / "long.mp4")
    find = f"{desk.url}/api/v1/assets?q=filename:long.mp4"
    wait_true(page, "async url => (await (await fetch(url)).json()).assets[0]", arg=find)
    asset = page.request.get(find).json()["assets"][0]["id"]
    page.goto(f"{desk.url}/photos/{asset}")
    viewer = page.get_by_role("dialog", name="Photo viewer")
    page.wait_for_function("() => document.querySelector('dialog video')?.readyState > 0")
    viewer.focus()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowLeft")
    at = "() => Math.round(document.querySelector('dialog video').currentTime)"
    assert page.evaluate(at) == 10
    page.keyboard.press("ArrowLeft")
    expect(viewer.locator("video")).not_to_have_attribute("src", re.compile(asset))
    page.keyboard.press("ArrowRight")
    expect(viewer.locator("video")).to_have_attribute("src", re.compile(asset))
    wait_true(page, "() => document.querySelector('dialog video').currentTime >= 10")
