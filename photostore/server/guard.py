"""Before any request: who may ask, from where, and what every answer says (SPEC 11.1, 11.5).

A rebound DNS name is no name of this server (421); a page of another site changes nothing (403);
reachable from elsewhere without an account, nothing of the library is shown (403).
"""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from photostore.base.settings import Auth
from photostore.server.responses import problem_response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from photostore.server.context import ServerContext

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Open to all: what a health check and a person without an account need to see.
OPEN_PATHS = frozenset({"/ping", "/api/openapi.json"})
# Without an account, of what can be reached from elsewhere nothing but the app's own files is open.
CLOSED_PATHS = ("/api/", "/health", "/welcome")
POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    b"content-security-policy": POLICY.encode(),
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"referrer-policy": b"same-origin",
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
}


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, context: ServerContext) -> None:
        self._app = app
        self._context = context
        own = socket.gethostname().lower()
        self._names = {"localhost", own, f"{own}.local", *context.settings.allowed_hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on with our headers on the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                added = [item for item in HEADERS.items() if item[0] not in present]
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in scope["headers"]
        }
        refusal = self._refuse(scope["method"], scope["path"], headers)
        if refusal is None and scope["path"].startswith("/api/v1/"):
            await self._context.wait_decided()
        await (refusal or self._app)(scope, receive, send_with_headers)

    def _refuse(self, method: str, path: str, headers: Mapping[str, str]) -> ASGIApp | None:
        host = headers.get("host", "")
        if not self._is_own_host(host):
            return problem_response(
                421,
                "unknown-host",
                "This server is not known by that name",
                "Use its address, or add the name to the setting allowed_hosts",
            )
        if method not in SAFE_METHODS and not is_same_origin(headers, host):
            return problem_response(
                403,
                "cross-site",
                "Another site asked for this",
                "Only photostore's own pages may change something",
            )
        locked = self._context.exposed and self._context.settings.auth is not Auth.NONE
        if locked and path.startswith(CLOSED_PATHS) and path not in OPEN_PATHS:
            return problem_response(
                403,
                "account-needed",
                "An account is needed",
                "photostore can be reached from other devices and has no accounts yet: let it "
                "listen on 127.0.0.1 only, or, where everyone in the network may see all photos, "
                "set PS_AUTH=none",
            )
        return None

    def _is_own_host(self, host: str) -> bool:
        name = host_name(host)
        return name in self._names or is_address(name)


def host_name(host: str) -> str:
    """The name in a Host header, lower case, without port and brackets."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_address(name: str) -> bool:
    """Whether a name is an IP address, which DNS cannot rebind."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_same_origin(headers: Mapping[str, str], host: str) -> bool:
    """Whether a state-changing request comes from our own page, or from no page at all.

    Browsers send Sec-Fetch-Site, older ones Origin; programs send neither.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc.lower() == host.lower()
