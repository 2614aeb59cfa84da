"""The server's life: the socket, the signals, Hypercorn, and what runs beside it."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import signal
import socket
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from hypercorn.asyncio import serve as serve_asgi
from hypercorn.config import Config

from photostore.base.errors import (
    LibraryLockedError,
    PortTakenError,
)
from photostore.base.events import Bus
from photostore.base.log import announce, close_log, configure_log
from photostore.base.memory import give_back_regularly
from photostore.base.pidfile import write_pidfile
from photostore.base.text import display_name
from photostore.library.codecs import Codecs
from photostore.runtime.keeping import keep_library, read_waiting
from photostore.server.app import create_app
from photostore.server.context import ServerContext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from photostore.base.configuration import Configuration

BACKLOG = 128
# Docker kills ten seconds after it asked; requests get less than that to finish.
GRACE_S = 4.0


def bind_socket(host: str, port: int) -> socket.socket:
    """Listen on a port. Raises PortTakenError, or LibraryError's kin for other trouble."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        remedy = ""
        if error.errno == errno.EADDRINUSE:
            remedy = "; stop the other program, or give another --port"
        raise PortTakenError(
            f"cannot listen on {host} port {port}: {error.strerror}{remedy}"
        ) from error
    listener.setblocking(False)
    listener.set_inheritable(True)
    return listener


async def run_server(
    configuration: Configuration,
    listener: socket.socket | None = None,
    *,
    on_listening: Callable[[int], None] = lambda _: None,
) -> None:
    """Serve until SIGINT or SIGTERM, or until cancelled.

    `listener` is bound already, so that a taken port is told before the library's folders are made;
    without one it is bound here. `on_listening` is told the port as soon as it is open. Raises
    PortTakenError, PidfileError, and LibraryLockedError: whoever has the library serves it, and
    there is nothing that a person could mend here (SPEC 4.6).
    """
    settings = configuration.settings
    with ExitStack() as stack:
        if listener is None:
            listener = bind_socket(settings.http_host, settings.http_port)
        stack.callback(listener.close)
        configure_log(settings, configuration.layout)
        stack.callback(close_log)
        if settings.pidfile:
            stack.enter_context(write_pidfile(settings.pidfile))
        _announce_start(configuration, listener)
        stop = stack.enter_context(_stop_on_signals())
        on_listening(listener.getsockname()[1])
        bus = Bus()
        context = ServerContext(
            settings, configuration.layout, bus, exposed=not _is_loopback(listener)
        )
        context.codecs = Codecs(configuration.layout, lambda: read_waiting(context))
        async with asyncio.TaskGroup() as tasks:
            kept = (
                tasks.create_task(keep_library(configuration, context, stop)),
                tasks.create_task(context.codecs.run()),
                tasks.create_task(give_back_regularly()),
            )
            try:
                await _serve(context, listener, stop)
            finally:
                bus.close()
                for task in kept:
                    task.cancel()
        if isinstance(context.problem, LibraryLockedError):
            raise context.problem
        announce("photostore has stopped")


async def _serve(context: ServerContext, listener: socket.socket, stop: asyncio.Event) -> None:
    """Run Hypercorn on a socket that is bound already, until `stop`."""
    config = Config()
    config.bind = [f"fd://{os.dup(listener.fileno())}"]
    config.graceful_timeout = GRACE_S
    config.keep_alive_timeout = 75
    config.keep_alive_max_requests = 100_000
    config.include_server_header = False
    config.errorlog = logging.getLogger("hypercorn.error")

    async def wait_for_stop() -> None:
        await stop.wait()
        # Event streams end first: Hypercorn on Python 3.12 and later would wait for them for ever.
        context.bus.close()

    server = asyncio.ensure_future(
        serve_asgi(create_app(context), config, shutdown_trigger=wait_for_stop)  # type: ignore[arg-type]
    )
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({server, stopping}, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait({server}, timeout=GRACE_S + 1)
        if server.done():
            server.result()
    finally:
        # Hypercorn waits without end for a peer that does not read what it asked for.
        server.cancel()
        stopping.cancel()


@contextmanager
def _stop_on_signals() -> Iterator[asyncio.Event]:
    """An event that SIGINT and SIGTERM set; the handlers are taken back at the end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)
    for number in signals:
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


def _announce_start(configuration: Configuration, listener: socket.socket) -> None:
    host, port = listener.getsockname()[:2]
    for choice in configuration.layout.choices:
        announce(f"{choice.name}: {display_name(choice.path)} ({choice.why})")
    for warning in configuration.settings.warnings:
        announce(f"warning: {warning}")
    name = "localhost" if host in {"127.0.0.1", "0.0.0.0", "::", "::1"} else host  # noqa: S104
    announce(f"photostore is at http://{name}:{port}/")


def _is_loopback(listener: socket.socket) -> bool:
    host = str(listener.getsockname()[0])
    return host.startswith("127.") or host == "::1"
