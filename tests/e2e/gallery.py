"""A library of ninety photos in folders, with places and keywords: enough for a home page.

Import `gallery` and `visit` into a test module; tests of one module share the server, so what one
of them makes is named so that it disturbs no other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.commands.conftest import age
from tests.e2e.conftest import Server, Starter, cells
from tests.samples import Caption, make_photo

COUNT = 90
CITIES = ((52.52, 13.405), (38.72, -9.14), (35.68, 139.69))
CAMERAS = (("Canon", "EOS 70D"), ("Nikon", "Z 6"))
Visit = Callable[..., None]


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on the library, with everything imported."""
    home = tmp_path_factory.mktemp("gallery")
    photos = home / "photos"
    begun = datetime(2018, 3, 3, 12)
    for number in range(COUNT):
        make, model = CAMERAS[number % 2]
        make_photo(
            photos / f"trip {number % 3}" / f"{number:02}.jpg",
            taken=begun + timedelta(days=23 * number),
            gps=CITIES[number % 3],
            caption=Caption(title=f"Number {number}", keywords=("even", "odd")[number % 2 :][:1]),
            make=make,
            model=model,
            size=(360, 240) if number % 4 else (240, 360),
            seed=number,
        )
    age(photos)
    starter = Starter(home)
    server = starter(photos)
    wait_imported(server)
    yield server
    starter.end_all()


def wait_imported(server: Server) -> None:
    """Photos that come in later would rightly move the place under the scroll bar."""
    deadline = time.monotonic() + 60
    with httpx.Client(base_url=server.url) as client:
        while True:
            answer = client.get("/api/v1/stats")
            stats = answer.json() if answer.is_success else {}
            if (stats.get("assets"), stats.get("pending")) == (COUNT, 0):
                return
            assert time.monotonic() < deadline, stats
            time.sleep(0.05)


@pytest.fixture
def visit(gallery: Server, page: Page) -> Visit:
    """Open a path of the gallery."""

    def open_path(path: str) -> None:
        page.goto(gallery.url + path)

    return open_path


def call(page: Page, server: Server, method: str, path: str, body: Any = None) -> Any:
    """An answer of the API."""
    options = {} if body is None else {"data": body}
    answer = page.request.fetch(server.url + "/api/v1" + path, method=method, **options)
    assert answer.ok, f"{answer.status} {answer.text()}"
    return answer.json()


def ids_of(page: Page, server: Server, count: int, query: str = "") -> list[str]:
    """The first ids of a search, newest first."""
    answer = page.request.get(
        f"{server.url}/api/v1/assets", params={"q": query, "limit": str(count)}
    )
    return [asset["id"] for asset in answer.json()["assets"]]


def wait_cells(page: Page) -> None:
    """Until photos are on screen."""
    expect(cells(page).first).to_be_visible(timeout=15_000)


def top_of(page: Page) -> float:
    """How far the grid or the page is scrolled."""
    scroller = "main [data-testid=timeline], main [data-scroll]"
    return page.locator(scroller).first.evaluate("element => element.scrollTop")


def focused_href(page: Page) -> str | None:
    """The address of the link that has the focus."""
    return page.evaluate("document.activeElement?.closest('a')?.getAttribute('href') ?? null")
