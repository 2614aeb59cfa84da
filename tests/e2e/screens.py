"""Takes screenshots of every page of a running photostore, for a person to look at.

`python -m tests.e2e.screens http://localhost:1787` writes them to `test-results/screens`, as
`PAGE-WIDTH-SCHEME.png`, and one sheet of all pages for each width and scheme. It asserts nothing
and is no part of the tests.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Browser, sync_playwright

from tests.e2e.addresses import PAGES, fill, find_names
from tests.e2e.conftest import BROWSERS, FLAGS

OUT = Path("test-results") / "screens"
HEIGHTS = {390: 844, 1280: 800, 2560: 1440}
# Pictures beside each other on a sheet, and how wide each is there.
SHEETS = {390: (8, 300), 1280: (4, 640), 2560: (3, 860)}
SETTLED_MS = 900


@dataclass(frozen=True, slots=True)
class Look:
    """How the pages are looked at."""

    width: int
    scheme: str
    locale: str
    mirrored: bool

    @property
    def name(self) -> str:
        """The end of the names of its files."""
        parts = [str(self.width), self.scheme]
        parts += [self.locale] if self.locale != "en" else []
        return "-".join([*parts, *(["rtl"] if self.mirrored else [])])


def main() -> None:
    """Take what the command line asks for."""
    options = read_options()
    names = find_names(lambda path: json.load(urlopen(f"{options.url}/api/v1{path}")))  # noqa: S310
    paths = [path for path in PAGES if _is_there(path, names) and re.search(options.only, path)]
    looks = [
        Look(width, scheme, options.locale, options.rtl)
        for width in options.width
        for scheme in options.scheme
    ]
    options.out.mkdir(parents=True, exist_ok=True)
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        for look in looks:
            taken = take(browser, look, options, [fill(path, names) for path in paths])
            draw_sheet(browser, look, options.out, dict(zip(paths, taken, strict=True)))
        browser.close()


def read_options() -> argparse.Namespace:
    """What is wanted: by default every page in English in all widths, light and dark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--width", type=int, action="append")
    parser.add_argument("--scheme", choices=("light", "dark"), action="append")
    parser.add_argument("--locale", default="en")
    parser.add_argument("--rtl", action="store_true")
    parser.add_argument("--only", default="", help="a pattern of paths")
    options = parser.parse_args()
    options.url = options.url.rstrip("/")
    options.width = options.width or list(HEIGHTS)
    options.scheme = options.scheme or ["light", "dark"]
    return options


def _is_there(path: str, names: dict[str, str]) -> bool:
    try:
        fill(path, names)
    except KeyError as missing:
        sys.stderr.write(f"{path}: the library has no {missing}\n")
        return False
    return True


def take(browser: Browser, look: Look, options: argparse.Namespace, paths: list[str]) -> list[Path]:
    """Screenshots of the paths; returns their files."""
    touches = look.width < 720  # the app's own border between phone and desk
    context = browser.new_context(
        viewport={"width": look.width, "height": HEIGHTS.get(look.width, 900)},
        color_scheme="dark" if look.scheme == "dark" else "light",
        locale=look.locale,
        has_touch=touches,
        is_mobile=touches,
        reduced_motion="reduce",
    )
    page = context.new_page()
    files = []
    for path in paths:
        mark = ("&" if "?" in path else "?") + "dir=rtl" if look.mirrored else ""
        page.goto(options.url + path + mark)
        page.wait_for_timeout(SETTLED_MS)
        file = options.out / f"{_slug(path)}-{look.name}.png"
        page.screenshot(path=file)
        files.append(file)
    context.close()
    return files


def draw_sheet(browser: Browser, look: Look, out: Path, taken: dict[str, Path]) -> None:
    """All screenshots of one look on one picture."""
    columns, width = SHEETS.get(look.width, (4, 640))
    figures = "".join(
        f'<figure><img src="{file.resolve().as_uri()}"><figcaption>{path}</figcaption></figure>'
        for path, file in taken.items()
    )
    sheet = out / f"sheet-{look.name}.html"
    sheet.write_text(
        f"<style>body{{display:grid;grid-template-columns:repeat({columns},{width}px);gap:12px;"
        "margin:12px;background:#777;font:14px sans-serif}img{width:100%}figure{margin:0}</style>"
        + figures
    )
    page = browser.new_page(viewport={"width": columns * (width + 12) + 12, "height": 600})
    page.goto(sheet.resolve().as_uri())
    page.screenshot(path=sheet.with_suffix(".png"), full_page=True)
    page.close()
    sheet.unlink()


def _slug(path: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-")[:60] or "home"


if __name__ == "__main__":
    main()
