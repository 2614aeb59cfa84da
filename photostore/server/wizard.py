"""The questions of `photostore compose` as a plain page, and the compose.yaml that answers them.

Nothing on this computer is looked at or changed: the folders are those of the computer that the
container will run on. All answers are in the address, so that the page can be kept as a bookmark.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from html import escape
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.responses import Response

from photostore.base.compose import DEFAULT_USER, IMAGE, PORT, Mount, Plan, render
from photostore.base.errors import BadRequestError, PhotostoreError
from photostore.server.context import context_of
from photostore.server.plain import plain_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

TITLE = "A compose file for photostore"
MAX_ID = 2**32 - 2
ZONE = re.compile(r"[A-Za-z0-9_+/-]{1,64}")
NAME = re.compile(r"[A-Za-z0-9.-]{1,253}")
IMAGE_NAME = re.compile(r"[A-Za-z0-9._:/@-]{1,255}")
INTRODUCTION = (
    "<p>Fill this in, save the result as <code>compose.yaml</code> on the computer that photostore"
    " shall run on, and start it there with <code>docker compose up --detach</code>. All folders"
    " are those of that computer. <code>photostore compose</code> asks the same in a terminal.</p>"
)


@dataclass(frozen=True, slots=True)
class Field:
    """A line of the form. `hint` says what is meant, in words for people."""

    name: str
    label: str
    hint: str
    default: str


def list_fields(zone: str) -> tuple[Field, ...]:
    """The lines of the form, with what stands in them at first."""
    return (
        Field("library", "Folder for the library", "database and previews", "/srv/photostore"),
        Field("photos", "Folders with photos", "one a line; never changed", "/srv/photos"),
        Field("puid", "User number", "<code>id -u</code> tells yours", f"{_own(os.getuid())}"),
        Field("pgid", "Group number", "<code>id -g</code> tells yours", f"{_own(os.getgid())}"),
        Field("tz", "Time zone", "as in Europe/Berlin", zone or "UTC"),
        Field("port", "Port", "of that computer", f"{PORT}"),
        Field("hosts", "Names", "by which other devices call that computer; blanks between", ""),
        Field("tmp", "Folder for what can be made again", "on an SSD; may be left empty", ""),
        Field("image", "Image", "as you built or loaded it", IMAGE),
    )


async def show_wizard(request: Request) -> Response:
    """GET /welcome/compose: the form, and below it the file if it was filled in."""
    fields = list_fields(context_of(request).settings.tz)
    answers = dict(request.query_params)
    body = INTRODUCTION
    status = 200
    if answers:
        try:
            text = render(read_plan(answers))
            address = "/welcome/compose.yaml?" + urlencode(answers)
            body = (
                f"<pre>{escape(text)}</pre>"
                f'<p><a href="{escape(address)}" download="compose.yaml">Save compose.yaml</a></p>'
            )
        except PhotostoreError as error:
            body += f'<p class="warn">{escape(str(error))}</p>'
            status = 400
    return plain_page(TITLE, body + _render_form(fields, answers), status=status)


async def send_compose_file(request: Request) -> Response:
    """GET /welcome/compose.yaml: the file. Raises BadRequestError."""
    text = render(read_plan(dict(request.query_params)))
    headers = {
        "cache-control": "no-store",
        "content-disposition": 'attachment; filename="compose.yaml"',
    }
    return Response(text, 200, headers, "application/yaml")


def read_plan(answers: Mapping[str, str]) -> Plan:
    """What the answers ask for. Raises BadRequestError with what is wrong with one."""
    tmp = answers.get("tmp", "").strip()
    hosts = tuple(answers.get("hosts", "").split())
    return Plan(
        library=_folder(answers.get("library", "")),
        photos=tuple(
            _folder(line) for line in answers.get("photos", "").splitlines() if line.strip()
        ),
        own=(Mount(_folder(tmp), "/ps/tmp"),) if tmp else (),
        image=_matching(IMAGE_NAME, "an image", answers.get("image", "").strip() or IMAGE),
        port=_number("port", answers, PORT, 1, 65_535),
        is_exposed=answers.get("reach") == "network",
        is_open=answers.get("reach") != "network" or "open" in answers,
        hosts=tuple(_matching(NAME, "a name", host) for host in hosts),
        uid=_number("puid", answers, DEFAULT_USER, 0, MAX_ID),
        gid=_number("pgid", answers, DEFAULT_USER, 0, MAX_ID),
        tz=_matching(ZONE, "a time zone", answers.get("tz", "").strip() or "UTC"),
        is_hardened="hardened" in answers,
    )


def _own(number: int) -> int:
    """The number of this server's user, unless it is root: that is nobody's choice."""
    return number or DEFAULT_USER


def _folder(text: str) -> PurePosixPath:
    name = text.strip()
    if not name.startswith("/"):
        what = (
            f"“{name}” is no full path of a folder"
            if name
            else "A folder for the library is needed"
        )
        raise BadRequestError(f"{what}: it has to begin with /")
    return PurePosixPath(name)


def _number(name: str, answers: Mapping[str, str], default: int, low: int, high: int) -> int:
    text = answers.get(name, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdecimal() or not low <= int(text[:20]) <= high:
        raise BadRequestError(f"{name}: “{text}” is no number from {low} to {high}")
    return int(text)


def _matching(pattern: re.Pattern[str], what: str, text: str) -> str:
    if pattern.fullmatch(text) is None:
        raise BadRequestError(f"“{text}” cannot be {what}")
    return text


def _render_form(fields: tuple[Field, ...], answers: Mapping[str, str]) -> str:
    lines = "".join(_render_field(field, answers.get(field.name)) for field in fields)
    network = answers.get("reach") == "network"
    return (
        f'<form action="/welcome/compose">{lines}'
        "<fieldset><legend>Who can reach it</legend>"
        f"{_render_choice('radio', 'reach', 'computer', 'that computer only', on=not network)}"
        f"{_render_choice('radio', 'reach', 'network', 'every device in the network', on=network)}"
        + _render_choice(
            "checkbox",
            "open",
            "yes",
            "all of them may see and change everything: there are no accounts yet",
            on="open" in answers,
        )
        + "</fieldset>"
        + _render_choice(
            "checkbox",
            "hardened",
            "yes",
            "as few rights as possible: no root, nothing writable but the library",
            on="hardened" in answers,
        )
        + "<p><button>Write the file</button></p></form>"
    )


def _render_field(field: Field, answer: str | None) -> str:
    value = escape(field.default if answer is None else answer)
    line = f'<input name="{field.name}" value="{value}">'
    if field.name == "photos":
        line = f'<textarea name="{field.name}" rows="3">{value}</textarea>'
    return f"<label>{field.label} <small>{field.hint}</small>{line}</label>"


def _render_choice(kind: str, name: str, value: str, text: str, *, on: bool) -> str:
    attributes = f'type="{kind}" name="{name}" value="{value}"{" checked" if on else ""}'
    return f"<label><input {attributes}> {escape(text)}</label>"
