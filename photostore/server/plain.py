"""Pages of plain HTML, without scripts: they work when the app does not, and before it is built."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.responses import HTMLResponse

from photostore.base.errors import BadRequestError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

MAX_FORM_BYTES = 64_000
FRAME = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">{head}
<title>photostore: {title}</title>
<style>
  :root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; accent-color: #3a6fd0 }}
  body {{ max-width: 44rem; margin: 2rem auto; padding: 0 1rem }}
  h1 {{ font-size: 1.6rem; line-height: 1.2 }}
  label, fieldset {{ display: block; margin: 1rem 0 }}
  fieldset {{ border: 1px solid #8886; border-radius: 6px; padding: .25rem 1rem }}
  fieldset label {{ margin: .5rem 0 }}
  input:not([type=checkbox]):not([type=radio]), textarea {{ display: block; width: 100%;
    box-sizing: border-box; font: inherit; padding: .4rem .5rem; margin-top: .25rem }}
  textarea, pre {{ font-family: ui-monospace, monospace; font-size: .9rem }}
  pre {{ padding: 1rem; overflow-x: auto; background: #8881; border-radius: 6px }}
  button {{ font: inherit; padding: .5rem 1rem; margin: 0 .5rem .5rem 0 }}
  small {{ opacity: .75; display: block }}
  .warn {{ color: #b06f00 }} .ok {{ color: #3a8a55 }}
</style>
<h1>{title}</h1>
{body}
</html>
"""


def plain_page(title: str, body: str, *, status: int = 200, again_after_s: int = 0) -> Response:
    """A page; `body` is HTML in which all texts are escaped already.

    `again_after_s`: the browser asks again after so many seconds; 0 for never.
    """
    head = f'\n<meta http-equiv="refresh" content="{again_after_s}">' if again_after_s else ""
    html = FRAME.format(head=head, title=escape(title), body=body)
    return HTMLResponse(html, status, {"cache-control": "no-store"})


async def read_form(request: Request) -> dict[str, str]:
    """The fields that a page's form sent; of those with one name the last. Raises BadRequestError.

    Whether the form was one of ours is for the guard to see, before.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            raise BadRequestError("The form is too long")
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=100)
    except ValueError as error:
        raise BadRequestError("The form cannot be read") from error
    return {name: values[-1] for name, values in fields.items()}
