"""`photostore stop`: ends the process of a pidfile, and returns when it is gone (SPEC 1.2)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from photostore.base.configuration import make_plan
from photostore.base.errors import UsageError
from photostore.base.pidfile import stop_process

if TYPE_CHECKING:
    from collections.abc import Mapping


def stop(given: Mapping[str, object]) -> int:
    """Stop the process of the setting `pidfile`. Raises PidfileError if it cannot be stopped."""
    pidfile = make_plan(given, os.environ).settings.pidfile
    if pidfile is None:
        raise UsageError("which process? Give its pidfile: photostore stop --pidfile FILE")
    pid = stop_process(pidfile)
    print(f"photostore: process {pid} has stopped")
    return 0
