"""Pictures that were sent a moment ago, or that a list has just told of: ASGI around the rest.

A picture's address carries its version, so what it answers never changes. Forgotten pictures (of
assets deleted for good) are forgotten here too. Router and database are not asked, and the disk is
never waited for: what the system does not have in its memory is read the usual way, in a thread.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photostore.library.previews import PreviewSize, preview_mime
from photostore.server.responses import IMMUTABLE

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from photostore.server.context import OpenLibrary, ServerContext

PATH = re.compile(r"/api/v1/assets/[0-9A-Za-z]{1,40}/(?:thumbnail|preview)")
VERSIONED = re.compile(rb"v=[0-9a-zA-Z-]{1,80}")
# A few screenfuls of grid pictures; the page cache of the system has the rest.
MAX_BYTES = 8_000_000
MAX_PICTURE_BYTES = 400_000
CACHE_CONTROL = (b"cache-control", IMMUTABLE.encode())
SIZES = {"thumbnail": PreviewSize.GRID, "preview": PreviewSize.SCREEN}


@dataclass(frozen=True, slots=True)
class Picture:
    """An answer; `generation` is that of the previews when it was read."""

    start: Message
    body: bytes
    generation: int


class PictureCache:
    """The last pictures by their whole address."""

    def __init__(self, app: ASGIApp, context: ServerContext) -> None:
        self._app = app
        self._context = context
        self._pictures: OrderedDict[tuple[str, bytes], Picture] = OrderedDict()
        self._size_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from memory, or pass on and remember a picture that may be kept for ever."""
        opened = self._context.opened
        if opened is None or scope["type"] != "http" or not _is_versioned(scope):
            await self._app(scope, receive, send)
            return
        key = (scope["path"], scope["query_string"])
        generation = opened.previews.generation
        picture = self._pictures.get(key)
        if picture is not None and picture.generation == generation:
            self._pictures.move_to_end(key)
            await _send(picture, send)
            return
        picture = self._read_told(scope, opened, generation)
        if picture is not None:
            self._keep(key, picture)
            await _send(picture, send)
            return
        started: Message | None = None

        async def send_and_keep(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                # A copy: what is around adds headers of its own to the message.
                started = {**message, "headers": list(message["headers"])}
            elif started is not None and _may_be_kept(started, message):
                self._keep(key, Picture(started, message["body"], generation))
            await send(message)

        await self._app(scope, receive, send_and_keep)

    def _read_told(self, scope: Scope, opened: OpenLibrary, generation: int) -> Picture | None:
        """A picture that a client was told of, if the system has it in memory."""
        public_id, name = scope["path"].rsplit("/", 2)[1:]
        version = scope["query_string"][2:].decode("ascii")
        told = self._context.known.find(generation, public_id, version)
        if told is None:
            return None
        size = SIZES[name]
        data = opened.previews.read_at_once(told.sha1, size, told.turned)
        if data is None:
            return None
        headers = [
            (b"etag", f'"{version}-{size}"'.encode()),
            CACHE_CONTROL,
            (b"content-length", str(len(data)).encode()),
            (b"content-type", preview_mime(data).encode()),
        ]
        start = {"type": "http.response.start", "status": 200, "headers": headers}
        return Picture(start, data, generation)

    def _keep(self, key: tuple[str, bytes], picture: Picture) -> None:
        earlier = self._pictures.pop(key, None)
        self._size_bytes += len(picture.body) - (len(earlier.body) if earlier else 0)
        self._pictures[key] = picture
        while self._size_bytes > MAX_BYTES:
            _, oldest = self._pictures.popitem(last=False)
            self._size_bytes -= len(oldest.body)


async def _send(picture: Picture, send: Send) -> None:
    # A copy: what is around adds headers of its own to the message.
    await send({**picture.start, "headers": list(picture.start["headers"])})
    await send({"type": "http.response.body", "body": picture.body})


def _is_versioned(scope: Scope) -> bool:
    """Whether a picture is asked for by its version and nothing else."""
    return (
        scope["method"] == "GET"
        and PATH.fullmatch(scope["path"]) is not None
        and VERSIONED.fullmatch(scope["query_string"]) is not None
    )


def _may_be_kept(start: Message, body: Message) -> bool:
    """Whether it is the whole of a picture of the version that was asked for."""
    return (
        start["status"] == 200
        and CACHE_CONTROL in start["headers"]
        and not body.get("more_body", False)
        and len(body["body"]) <= MAX_PICTURE_BYTES
    )
