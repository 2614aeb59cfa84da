"""A real server in a process of its own, and a real Chromium.

This folder runs as its own pytest process: the synchronous Playwright and anyio do not go together.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from tests.commands.conftest import age
from tests.samples import Caption, make_photo, make_video

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Chromium's own traffic (updates, sync) would be other hosts, and root needs no-sandbox.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
START_LIMIT_S = 30
IDLE = "async () => !(await (await fetch('/api/v1/stats')).json()).syncing"
HOSTILE = '<img src=x onerror="window.hacked = true">'
# Other work may keep the machine busy.
expect.set_options(timeout=15_000)
REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass
class Server:
    """A running `photostore serve`."""

    process: subprocess.Popen[str]
    url: str
    photos: Path
    library: Path
    output: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def stop(self) -> int:
        """Ask it to stop; returns its exit code."""
        self.process.terminate()
        return self.process.wait(10)


class Starter:
    """Starts servers whose folders lie in `home`, and ends them."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._started: list[Server] = []

    def __call__(
        self, photos: Path, *options: str, library: Path | None = None, port: int = 0
    ) -> Server:
        """Serve a folder of photos; returns when the server listens."""
        photos.mkdir(parents=True, exist_ok=True)
        place = library or self._home / "library"
        environ = {**os.environ, "PYTHONPATH": os.fspath(REPOSITORY), "PYTHONUNBUFFERED": "1"}
        environ |= {
            f"XDG_{name}_HOME": str(self._home / name) for name in ("DATA", "CACHE", "CONFIG")
        }
        command = [
            *(sys.executable, "-m", "photostore", "serve", "--no-filter"),
            *("--library", os.fspath(place), "--scan", os.fspath(photos)),
            *("--port", str(port), "--min-free-space", "0", *options),
        ]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ)
        server = Server(process, "", photos, place)
        self._started.append(server)
        assert process.stdout is not None
        for line in process.stdout:
            server.output.append(line)
            found = re.search(r"http://\S+?(?=/?\s)", line)
            if found:
                server.url = found.group()
                break
        assert server.url, f"the server did not start: {server.output}"
        threading.Thread(target=server.output.extend, args=(process.stdout,), daemon=True).start()
        return server

    def end_all(self) -> None:
        """End what still runs."""
        for server in self._started:
            if server.process.poll() is None:
                server.process.kill()
            server.process.wait(10)
            if server.process.stdout:
                server.process.stdout.close()


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Starter]:
    """Start servers on folders of photos; they are stopped when the test ends."""
    starter = Starter(tmp_path)
    yield starter
    starter.end_all()


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The system's Chromium; `make test` installs it where it can."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("no Chromium: install it, for example by `apt-get install chromium`")
    chromium = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
    yield chromium
    chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile, 1280 x 800, in English. A request to another host fails the test."""
    fresh = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    hosts: set[str | None] = set()
    fresh.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
    yield fresh
    fresh.close()
    # SPEC 10.5. Blobs and data have no host.
    assert hosts <= {"localhost", "127.0.0.1", None}


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page on which an uncaught error fails the test."""
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    assert errors == []


def wait_true(page: Page, script: str, arg: object = None, timeout: float = 20_000) -> None:
    """Wait until an async function says something true; `wait_for_function` does not await it."""
    deadline = time.monotonic() + timeout / 1000
    while not page.evaluate(script, arg):
        assert time.monotonic() < deadline, f"never true: {script}"
        page.wait_for_timeout(100)


def cells(page: Page):
    """The photos in the grid whose facts are there."""
    return page.locator("[data-testid=timeline] [data-id]")


@pytest.fixture(scope="session")
def album(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of eight photos and a clip that no test changes."""
    home = tmp_path_factory.mktemp("album")
    photos = home / "photos"
    for number in range(8):
        make_photo(
            photos / f"{number}.jpg",
            taken=datetime(2020, 1 + number, 3, 12),
            caption=Caption(title=HOSTILE) if number == 3 else None,
            size=(1600, 1200),
            seed=number,
        )
    make_video(photos / "clip.mp4", taken_utc=datetime(2019, 1, 1), seed=5)
    age(photos)
    starter = Starter(home)
    yield starter(photos)
    starter.end_all()


@pytest.fixture
def site(album: Server, page: Page) -> Server:
    """The album's timeline in a browser; every request that the page makes is noted."""
    album.hosts = set()
    page.on("request", lambda request: album.hosts.add(urlsplit(request.url).netloc))
    page.goto(album.url)
    expect(cells(page)).to_have_count(9, timeout=20_000)
    return album


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of twelve photos, a live photo and a clip; the tests of one module change them."""
    home = tmp_path_factory.mktemp("workshop")
    photos = home / "photos"
    for number in range(12):
        make_photo(
            photos / f"{number:02d}.jpg",
            taken=datetime(2020, 1 + number // 3, 3 + number % 3, 12),
            make="Cardboard",
            model="Box 1",
            size=(1600, 1200),
            seed=number,
        )
    make_photo(photos / "live.jpg", taken=datetime(2021, 6, 1, 12), offset=0, seed=40)
    make_video(photos / "live.mp4", taken_utc=datetime(2021, 6, 1, 12), seed=41)
    make_video(photos / "clip.mp4", taken_utc=datetime(2019, 1, 1), seed=42)
    age(photos)
    starter = Starter(home)
    yield starter(photos)
    starter.end_all()


@pytest.fixture
def desk(workshop: Server, page: Page) -> Iterator[Server]:
    """The workshop in a browser; no request may go to another host (SPEC 10.5)."""
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.goto(f"{workshop.url}/photos")
    # All of them, unless a test that failed left some hidden.
    expect(cells(page).nth(9)).to_be_visible(timeout=20_000)
    wait_true(page, IDLE)
    yield workshop
    assert {host for host in hosts if host} == {urlsplit(workshop.url).netloc}
