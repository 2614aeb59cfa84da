"""Questions of the first start, as plain pages: whether decoders may be installed (SPEC 2.6).

The answer is given by a form, so it needs no script; the guard sees to it that the form is ours.
"""

from __future__ import annotations

import asyncio
from html import escape
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from photostore.base.codecs import Consent
from photostore.base.errors import BadRequestError, LibraryError, PhotostoreError
from photostore.base.text import display_name
from photostore.library.codecs import State
from photostore.server.context import context_of
from photostore.server.plain import plain_page, read_form
from photostore.store.problems import count_problems

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from photostore.library.codecs import Codecs
    from photostore.server.context import ServerContext

TITLE = "Videos and HEIC photos"
TOOLS_PATH = "/welcome/tools"
# So that who does not want to answer now comes to the photos.
ASKED_COOKIE, ASKED_S = "photostore-decoders-asked", 86_400
INSTALL = ("install", "Install them")
DECLINE = ("decline", "No, leave such files out")
FORGET = ("forget", "Ask me again")
REMOVE = ("forget", "Remove them")
RETRY = ("install", "Try again")
BACK = '<p><a href="/">To the photos</a> · <a href="/health">Health</a></p>'
LICENCES = (
    "They are FFmpeg (package <code>av</code>) and libheif (<code>pillow-heif</code>), about 40 MB"
    " from the Python package index. Some of their formats are covered by patents in some"
    " countries, so whether you may use them there is for you to know. Nothing about you or your"
    " photos is sent; no other request ever leaves this computer."
)


async def show_tools(request: Request) -> Response:
    """GET /welcome/tools: how it stands with decoders, and what can be done."""
    context = context_of(request)
    codecs = _codecs_of(context)
    state = await asyncio.to_thread(lambda: codecs.state)
    body = _describe(codecs, state) + await _count_waiting(context) + BACK
    page = plain_page(TITLE, body, again_after_s=2 if state is State.INSTALLING else 0)
    if state is State.ASKING:
        page.set_cookie(ASKED_COOKIE, "1", ASKED_S, httponly=True, samesite="lax")
    return page


async def is_question_due(request: Request) -> bool:
    """Whether the first page is to ask about decoders, as it does once a day until the answer."""
    codecs = context_of(request).codecs
    if codecs is None or ASKED_COOKIE in request.cookies or not codecs.missing:
        return False
    return await asyncio.to_thread(lambda: codecs.state) is State.ASKING


async def change_tools(request: Request) -> Response:
    """POST /welcome/tools: a person's answer."""
    codecs = _codecs_of(context_of(request))
    try:
        match (await read_form(request)).get("wish"):
            case "install":
                codecs.answer(Consent.YES)
            case "decline":
                codecs.answer(Consent.NO)
            case "forget":
                await asyncio.to_thread(codecs.forget)
            case _:
                raise BadRequestError("Choose one of the buttons")
    except (PhotostoreError, OSError) as error:
        status = error.status if isinstance(error, PhotostoreError) else 500
        text = f'<p class="warn">That did not work: {escape(str(error))}</p>{BACK}'
        return plain_page(TITLE, text, status=status)
    return RedirectResponse(TOOLS_PATH, 303)


def _codecs_of(context: ServerContext) -> Codecs:
    if context.codecs is None:
        raise LibraryError("Decoders are looked after by a running server")
    return context.codecs


def _describe(codecs: Codecs, state: State) -> str:
    """How it stands, as HTML, with the buttons for it."""
    purposes = " and ".join(codec.purpose for codec in codecs.missing)
    folder = f"<code>{escape(display_name(str(codecs.folder)))}</code>"
    match state:
        case State.INCLUDED:
            return '<p class="ok">The decoders came with photostore. There is nothing to do.</p>'
        case State.ASKING:
            return (
                f"<p>photostore came without decoders for {escape(purposes)}. May it install them?"
                f"</p><p>{LICENCES}</p><p>They go to {folder} and stay there: after an update or"
                " in a new container they are there again.</p>" + _buttons(INSTALL, DECLINE)
            )
        case State.DECLINED:
            return (
                f"<p>Files that need decoders for {escape(purposes)} are left out, as you said."
                f"</p><p>{LICENCES}</p>" + _buttons(INSTALL, FORGET)
            )
        case State.INSTALLING:
            return "<p>They are being installed. This page says when that is done.</p>"
        case State.FAILED:
            return (
                f'<p class="warn">They could not be installed. {escape(codecs.problem or "")}</p>'
                "<p>It is tried again every ten minutes. Without a network, put the packages as"
                f" wheels into <code>{escape(display_name(str(codecs.wheels)))}</code>:</p>"
                f"<pre>pip download --no-deps {' '.join(_requirements(codecs))}</pre>"
                + _buttons(RETRY, FORGET)
            )
        case State.READY:
            return (
                f'<p class="ok">They are installed in {folder}: '
                f"{escape(', '.join(_requirements(codecs)))}.</p>" + _buttons(REMOVE)
            )


def _requirements(codecs: Codecs) -> list[str]:
    return [codec.requirement for codec in codecs.wanted]


def _buttons(*choices: tuple[str, str]) -> str:
    buttons = "".join(
        f'<button name="wish" value="{wish}">{escape(text)}</button>' for wish, text in choices
    )
    return f'<form method="post" action="/welcome/tools">{buttons}</form>'


async def _count_waiting(context: ServerContext) -> str:
    if context.opened is None:
        return ""
    async with context.opened.database.read() as reading:
        waiting = (await count_problems(reading))["waiting"]
    if not waiting:
        return ""
    return f"<p>Files that wait for a decoder: {waiting:,}. They are imported by themselves.</p>"
