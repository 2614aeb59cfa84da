"""Fingers on a phone: what a touch screen sends, in steps that a page can follow."""

from __future__ import annotations

from collections.abc import Sequence

from playwright.sync_api import CDPSession, Locator, Page

PHONE = {"width": 390, "height": 844}
PRESS_MS = 600
Point = tuple[float, float]


class Hand:
    """One or two fingers on a page."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._at: list[Point] = []

    def down(self, *points: Point) -> None:
        """Put fingers onto the screen."""
        self._at = list(points)
        self._send("touchStart", points)

    def move(self, *points: Point, steps: int = 8) -> None:
        """Move them there in a straight line."""
        before = self._at
        for step in range(1, steps + 1):
            share = step / steps
            self._at = [
                (x0 + (x - x0) * share, y0 + (y - y0) * share)
                for (x0, y0), (x, y) in zip(before, points, strict=True)
            ]
            self._send("touchMove", self._at)
            self._page.wait_for_timeout(16)

    def up(self) -> None:
        """Lift them."""
        self._send("touchEnd", ())

    def press(self, point: Point) -> None:
        """Rest on a point until it counts as a long press."""
        self.down(point)
        self._page.wait_for_timeout(PRESS_MS)

    def swipe(self, start: Point, end: Point, steps: int = 6) -> None:
        """One finger, down, along and up."""
        self.down(start)
        self.move(end, steps=steps)
        self.up()

    def _send(self, kind: str, points: Sequence[Point]) -> None:
        touches = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


def spot(locator: Locator, across: float = 0.5, down: float = 0.5) -> Point:
    """A point of an element, as shares of its width and height."""
    box = locator.bounding_box()
    assert box is not None
    return box["x"] + box["width"] * across, box["y"] + box["height"] * down
