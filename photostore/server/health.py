"""How all is, as JSON and as a page (SPEC 1.5).

The page is plain HTML without scripts, so that it can be read when nothing else works.
"""

from __future__ import annotations

from dataclasses import asdict
from html import escape
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, RedirectResponse

from photostore import __version__
from photostore.server.checks import run_checks, worst
from photostore.server.checks.importing import ROOT_REMEDIES, TOOLS_REMEDY
from photostore.server.context import context_of
from photostore.server.responses import json_response

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from photostore.server.checks import Check, Status


async def show_health(request: Request) -> Response:
    """GET /api/v1/health."""
    checks = await run_checks(context_of(request))
    return json_response(
        {
            "status": worst(checks),
            "version": __version__,
            "checks": [asdict(check) for check in checks],
        }
    )


async def show_health_page(request: Request) -> Response:
    """GET /health."""
    checks = await run_checks(context_of(request))
    return HTMLResponse(render_page(checks), headers={"cache-control": "no-store"})


async def accept_missing(request: Request) -> Response:
    """POST /health/accept-missing: the answer to what a guard held back (SPEC 4.3)."""
    await context_of(request).library.engine.accept_missing()
    return RedirectResponse("/health", 303)


PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="icon" href="/icon.svg">
<title>photostore: health</title>
<style>
  :root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }}
  body {{ max-width: 60rem; margin: 2rem auto; padding: 0 1rem }}
  table {{ border-collapse: collapse; width: 100% }}
  td {{ padding: .5rem .75rem; border-top: 1px solid #8884; vertical-align: top;
    overflow-wrap: anywhere }}
  td:nth-child(2) {{ min-width: 5rem }}
  td:first-child {{ white-space: nowrap }}
  .ok {{ color: #3a8a55 }} .warn {{ color: #b06f00 }} .error {{ color: #d03b30 }}
  small {{ opacity: .75 }}
</style>
<h1>Health</h1>
<p>photostore {version}. <a href="/">Back to the photos</a></p>
<table>{rows}</table>
</html>
"""
ACCEPT = (
    '<form method="post" action="/health/accept-missing">'
    "<button>The files are gone: take them out</button></form>"
)
TOOLS = '<br><a href="/welcome/tools">Videos and HEIC photos</a>'
MARKS: dict[Status, str] = {"ok": "● fine", "warn": "▲ look here", "error": "■ broken"}


def render_page(checks: Sequence[Check]) -> str:
    """The page of some checks. All texts are escaped: they may hold names of files."""
    rows = "".join(
        f'<tr><td class="{check.status}">{MARKS[check.status]}</td>'
        f"<td>{escape(check.label)}</td><td>{escape(check.summary)}"
        + (f"<br><small>{escape(check.remedy)}</small>" if check.remedy else "")
        + (TOOLS if check.remedy == TOOLS_REMEDY else "")
        + (ACCEPT if check.remedy == ROOT_REMEDIES["missing"] else "")
        + "</td></tr>"
        for check in checks
    )
    return PAGE.format(version=__version__, rows=rows)
