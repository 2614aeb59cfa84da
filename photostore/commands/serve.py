"""`photostore serve`: the library in the browser, until SIGINT or SIGTERM."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NoReturn

from photostore.base.configuration import make_folders, make_plan
from photostore.commands.running import run_and_leave
from photostore.runtime import bind_socket, run_server

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

    from photostore.base.configuration import Plan


def serve(given: Mapping[str, object]) -> NoReturn:
    """Serve with the settings `given` on the command line.

    Raises PortTakenError before anything on disk is touched (SPEC 1.3).
    """
    plan = make_plan(given, os.environ)
    listener = bind_socket(plan.settings.http_host, plan.settings.http_port)
    run_and_leave(_serve(plan, listener))


async def _serve(plan: Plan, listener: socket.socket) -> int:
    await run_server(make_folders(plan), listener)
    return 0
