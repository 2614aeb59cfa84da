"""The baseline for serving: Hypercorn answering every request with the same bytes from memory."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from hypercorn.asyncio import serve
from hypercorn.config import Config


def make_app(body: bytes):
    """An ASGI application that knows one answer."""
    headers = [(b"content-type", b"image/webp"), (b"content-length", str(len(body)).encode())]

    async def app(scope, receive, send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


def main() -> None:
    """`python -m tests.perf.bare PORT FILE`."""
    config = Config()
    config.bind = [f"127.0.0.1:{sys.argv[1]}"]
    asyncio.run(serve(make_app(Path(sys.argv[2]).read_bytes()), config))


if __name__ == "__main__":
    main()
