"""Query parameters and bodies, checked: a wrong one is an answer that says what is allowed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from photostore.base.errors import BadRequestError
from photostore.store.search import Order, View

if TYPE_CHECKING:
    from starlette.requests import Request

# A hundred thousand ids of assets.
MAX_BODY_BYTES = 4_000_000
MAX_NUMBER = 2**53


def read_view(request: Request) -> View:
    """The view that `q` and `order` name; what `q` says is checked where it is used."""
    order = request.query_params.get("order", Order.NEWEST)
    if order not in set(Order):
        raise BadRequestError(f'order "{order}" is unknown: use {", ".join(Order)}')
    return View(request.query_params.get("q", "").strip(), Order(order))


def read_number(
    request: Request, name: str, default: int | None, *, low: int = 0, high: int = MAX_NUMBER
) -> int:
    """A whole number in decimal digits; without a default it must be given."""
    text = request.query_params.get(name)
    if text is None:
        if default is None:
            raise BadRequestError(f"{name} must be given")
        return default
    # isdecimal alone accepts digits of other scripts, which no program means to send.
    if not (text.isascii() and text.isdecimal() and len(text) <= 16 and low <= int(text) <= high):
        raise BadRequestError(f"{name} must be a whole number from {low} to {high}")
    return int(text)


def read_choice(request: Request, name: str, choices: tuple[str, ...], default: str) -> str:
    """One of a few words."""
    text = request.query_params.get(name, default)
    if text not in choices:
        raise BadRequestError(f"{name} must be one of {', '.join(choices)}")
    return text


async def read_object(request: Request) -> dict[str, Any]:
    """The JSON object in a body; an empty body is an empty object."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise BadRequestError(f"The body may have {MAX_BODY_BYTES} bytes at most")
    if not body:
        return {}
    try:
        value = json.loads(body)
        if b"\\u" in body:
            # Half a surrogate could neither be stored nor told back to who sent it.
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise BadRequestError("The body must be a JSON object") from error
    if not isinstance(value, dict):
        raise BadRequestError("The body must be a JSON object")
    return value


def read_list(body: dict[str, Any], name: str, kind: type, high: int) -> list[Any] | None:
    """A list of one kind of values in a body, None if it is not there or null."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or len(value) > high:
        raise BadRequestError(f"{name} must be a list of {high} entries at most")
    if not all(type(entry) is kind for entry in value):
        raise BadRequestError(f"{name} must hold values of type {kind.__name__} only")
    if kind is int and not all(0 <= entry <= MAX_NUMBER for entry in value):
        raise BadRequestError(f"{name} must hold numbers from 0 to {MAX_NUMBER}")
    return value
