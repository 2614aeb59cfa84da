"""The timeline of a million in Chromium (issue 5): usable, scrubbed, scrolled, and its memory."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright

from tests.e2e.conftest import BROWSERS, FLAGS
from tests.perf.conftest import BUSY_DAY, COUNT, Site, print_row, print_title
from tests.perf.million import ONE_DAY

PLACES = (0.5, 0.03, 0.97, 0.25, 0.75, 0.61, 0.12, 0.88)
# Whether the cells in the window are there (known: with an id and so with a placeholder;
# shown: with a picture).
SEEN = """(what) => {
  const grid = document.querySelector('[data-testid=timeline]');
  if (!grid) return false;
  const box = grid.getBoundingClientRect();
  const cells = [...document.querySelectorAll('[data-testid=timeline] [data-ordinal]')];
  const inside = cells.filter((cell) => {
    const one = cell.getBoundingClientRect();
    return one.bottom > box.top && one.top < box.bottom;
  });
  if (inside.length === 0) return false;
  if (what === 'known') return inside.every((cell) => cell.dataset.id);
  return inside.every((cell) => cell.querySelector('img.loaded'));
}"""

LONG_MS = 50


@dataclass(frozen=True)
class Task:
    """What the main thread did in one go."""

    wall_ms: float
    cpu_ms: float


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("no Chromium: install it, for example by `apt-get install chromium`")
    flags = [*FLAGS, "--enable-precise-memory-info", "--js-flags=--expose-gc"]
    chromium = playwright.chromium.launch(executable_path=path, args=flags)
    yield chromium
    chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    yield context.new_page()
    context.close()


def wait_seen(page: Page, what: str, begun: float) -> float:
    """Milliseconds from `begun` until the cells in the window are `known` or `shown`."""
    page.wait_for_function(SEEN, arg=what, timeout=60_000, polling="raf")
    return (time.perf_counter() - begun) * 1000


def measure_opening(page: Page, site: Site) -> None:
    """Open the timeline as on a second visit of the day: the server has the view ready."""
    page.request.get(site.url + "/api/v1/shape")
    known, shown = [], []
    with traced(page) as tasks:
        for _ in range(5):
            begun = time.perf_counter()
            page.goto(site.url + "/photos", wait_until="commit")
            known.append(wait_seen(page, "known", begun))
            shown.append(wait_seen(page, "shown", begun))
    print_row("open: placeholders", sorted(known), "reach: < 1500")
    print_row("open: thumbnails", sorted(shown))
    print(f"  opening, tasks: {describe(tasks)}")


def measure_scrubbing(page: Page, places: Sequence[float] = PLACES) -> None:
    """Click places on the scrubber, given as shares of its height."""
    box = page.get_by_test_id("scrubber").bounding_box()
    assert box is not None
    known, shown = [], []
    with traced(page) as tasks:
        for place in places:
            begun = time.perf_counter()
            page.mouse.click(box["x"] + box["width"] / 2, box["y"] + place * box["height"])
            known.append(wait_seen(page, "known", begun))
            shown.append(wait_seen(page, "shown", begun))
    print_row("scrub: placeholders", sorted(known), "reach: < 300")
    print_row("scrub: thumbnails", sorted(shown), "reach: < 1000")
    print(f"  scrubbing, tasks: {describe(tasks)}")


def measure_scrolling(page: Page, notches: int = 200) -> None:
    """Turn the wheel, faster than one can look."""
    page.mouse.move(500, 400)
    before = page.evaluate("performance.now()")
    with traced(page) as tasks:
        for _ in range(notches):
            page.mouse.wheel(0, 240)
            page.wait_for_timeout(16)
        page.wait_for_timeout(500)
    taken = page.evaluate("performance.now()") - before
    print(f"  wheel, {notches} notches in {taken / 1000:.1f} s, tasks: {describe(tasks)}")


@contextmanager
def traced(page: Page) -> Iterator[list[Task]]:
    """Notes what ran on the page's main thread; the list is filled at the end."""
    browser = page.context.browser
    assert browser is not None
    tasks: list[Task] = []
    browser.start_tracing(page=page, categories=["toplevel", "devtools.timeline"])
    try:
        yield tasks
    finally:
        events = json.loads(browser.stop_tracing())["traceEvents"]
        calls = Counter(place(event) for event in events if event["name"] == "FunctionCall")
        mains = {
            place(event)
            for event in events
            if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
        }
        main = max(mains, key=lambda one: calls[one])
        tasks += [
            Task(event["dur"] / 1000, event.get("tdur", 0) / 1000)
            for event in events
            if event["name"].endswith("RunTask") and "dur" in event and place(event) == main
        ]


def place(event: dict) -> tuple[int, int]:
    """The process and thread of an event."""
    return event["pid"], event["tid"]


def describe(tasks: list[Task]) -> str:
    """How many took more than 50 ms, by the clock and of the processor, and the longest.

    The processor's time is the page's own doing: a machine that is busy stretches only the other.
    """
    wall = sum(task.wall_ms > LONG_MS for task in tasks)
    cpu = sum(task.cpu_ms > LONG_MS for task in tasks)
    most = max((task.cpu_ms for task in tasks), default=0)
    return f"{cpu} over 50 ms of CPU (longest {most:.0f}), {wall} over 50 ms by the clock"


def print_memory(page: Page) -> None:
    """Memory of the page's objects after a collection, and what its process alone holds (Linux).

    That is RssAnon, which Chromium's task manager shows too: what it shares with other processes
    are decoded pictures that it gives back when memory runs short.
    """
    used = page.evaluate("() => { gc(); return performance.memory.usedJSHeapSize }")
    nodes = page.evaluate("document.querySelectorAll('*').length")
    assert page.context.browser is not None
    session = page.context.browser.new_browser_cdp_session()
    found = session.send("SystemInfo.getProcessInfo")["processInfo"]
    pids = [one["id"] for one in found if one["type"] == "renderer"]
    own = max(own_mb(pid) for pid in pids)
    print(f"  memory: objects {used / 2**20:.0f} MB, the tab's process {own:.0f} MB", end=" ")
    print(f"(reach: < 300); {nodes} elements")


def own_mb(pid: int) -> float:
    """Memory that only this process holds."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return next(int(kb) for kb in re.findall(r"RssAnon:\s+(\d+) kB", status)) / 1024


def test_timeline_of_a_million(million: Site, page: Page) -> None:
    print_title(f"Timeline of {COUNT:,} assets in Chromium")
    measure_opening(page, million)
    measure_scrubbing(page)
    measure_scrolling(page)
    print_memory(page)


def test_timeline_with_a_busy_day(busy_day: Site, page: Page) -> None:
    print_title(f"The same, {BUSY_DAY:,} of them on one day")
    measure_opening(page, busy_day)
    start, end = find_day(page, busy_day)
    measure_scrubbing(page, [start + share * (end - start) for share in (0.5, 0.1, 0.9, 0.3)])
    measure_scrolling(page)
    print_memory(page)


def find_day(page: Page, site: Site) -> tuple[float, float]:
    """Where the busy day begins and ends, as shares of the view."""
    body = page.request.get(site.url + "/api/v1/shape").body()
    length = int.from_bytes(body[:4], "little")
    ordinal = 0
    for day, count in json.loads(body[4 : 4 + length])["days"]:
        if day == ONE_DAY.isoformat():
            return ordinal / COUNT, (ordinal + count) / COUNT
        ordinal += count
    raise AssertionError("the busy day is not in the view")
