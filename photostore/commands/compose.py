"""`photostore compose`: a compose.yaml for this computer, from options or questions (SPEC 1.2).

Touches nothing but the file that it writes, and never one that is there.
"""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from photostore.base.compose import DEFAULT_USER, IMAGE, PORT, Mount, Plan, list_mounts, render
from photostore.base.errors import FileError, UsageError
from photostore.base.layout import is_in_container
from photostore.base.settings import Auth, load_settings
from photostore.base.text import display_name
from photostore.commands.terminal import complain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from photostore.base.settings import Settings

FILE = "compose.yaml"


@dataclass(frozen=True, slots=True)
class ComposeOptions:
    """The options that are no settings. `output`: a file, or `-` for stdout."""

    output: str = FILE
    image: str = IMAGE
    is_hardened: bool = False


def write_compose(given: Mapping[str, object], options: ComposeOptions) -> int:
    """Write the file that the settings `given` on the command line ask for.

    On a terminal, what is not given is asked for. Raises UsageError if it cannot be asked for, and
    FileError if the file exists or cannot be written.
    """
    settings = load_settings(given, {})
    # Then the folders and the name of the computer that the file is for cannot be seen.
    inside = is_in_container(os.environ)
    if settings.library is None and not sys.stdin.isatty():
        raise UsageError(
            "where shall the library be? Give its folder: photostore compose --library DIR"
        )
    output = Path(options.output)
    if options.output != "-" and output.exists():
        raise FileError(os.fsencode(output), "exists already; give another name with --output")
    if settings.library is None:
        default = Path("/srv" if inside else Path.home(), "photostore")
        plan = ask_plan(plan_of(replace(settings, library=default), options))
    else:
        plan = plan_of(settings, options)
    text = render(plan)
    for mount in list_mounts(plan):
        if not inside and not Path(mount.source).is_dir():
            complain(f"warning: {display_name(mount.source)} is no folder here yet")
    if options.output == "-":
        sys.stdout.write(text)
        return 0
    _write_new(output, text)
    print(f"{display_name(output)} is written. Start it with: docker compose up --detach")
    print(f"Then photostore is at http://localhost:{plan.port}/")
    return 0


def plan_of(settings: Settings, options: ComposeOptions) -> Plan:
    """What the settings ask for; the user and the time zone of this computer where they do not."""
    uid, gid = find_user()
    folders = (
        (settings.originals_dir, "originals"),
        (settings.cache_dir, "tmp"),
        (settings.logs_dir, "logs"),
        (settings.config_dir, "config"),
    )
    return Plan(
        library=_absolute(settings.library or Path()),
        photos=tuple(_absolute(folder) for folder in settings.scan),
        own=tuple(Mount(_absolute(path), f"/ps/{name}") for path, name in folders if path),
        image=options.image,
        port=settings.http_port or PORT,
        is_exposed=settings.expose,
        # Whoever is at this computer may look; who else may is for a person to say.
        is_open=settings.auth is Auth.NONE or not settings.expose,
        hosts=settings.allowed_hosts or find_names(),
        uid=uid if settings.puid is None else settings.puid,
        gid=gid if settings.pgid is None else settings.pgid,
        umask=settings.umask,
        tz=settings.tz or find_time_zone(),
        is_hardened=options.is_hardened,
    )


def ask_plan(plan: Plan) -> Plan:
    """The plan as a person wants it; an empty answer is what stands in brackets."""
    library = _absolute(Path(_ask("Folder for the library", str(plan.library))))
    photos = list(plan.photos)
    while folder := _ask("Folder with photos, mounted read-only (empty: no more)", ""):
        photos.append(_absolute(Path(folder)))
    port = _ask("Port", str(plan.port))
    exposed = _ask("Reachable for other devices in your network? yes or no", "no")
    everyone = "yes"
    if is_yes(exposed):
        everyone = _ask(
            "There are no accounts yet. May all of them see and change everything?", "no"
        )
    if not port.isdecimal() or not 0 < int(port) < 65_536:
        raise UsageError(f"{port} is no port: a number from 1 to 65535 is one")
    return replace(
        plan,
        library=library,
        photos=tuple(photos),
        port=int(port),
        is_exposed=is_yes(exposed),
        is_open=is_yes(everyone),
        tz=_ask("Time zone", plan.tz),
    )


def find_user() -> tuple[int, int]:
    """User and group of whoever asks, also through sudo; root itself is nobody's choice."""
    user, group = os.environ.get("SUDO_UID", ""), os.environ.get("SUDO_GID", "")
    if user.isdecimal() and group.isdecimal():
        return int(user), int(group)
    return (os.getuid(), os.getgid()) if os.getuid() else (DEFAULT_USER, DEFAULT_USER)


def find_time_zone() -> str:
    """The name of this computer's time zone, `UTC` where it has no name."""
    _, found, name = os.path.realpath("/etc/localtime").partition("/zoneinfo/")
    return os.environ.get("TZ", "").lstrip(":") or (name if found else "") or "UTC"


def find_names() -> tuple[str, ...]:
    """The names of this computer in its network; inside the container it has another one."""
    if is_in_container(os.environ):
        return ()
    name = socket.gethostname().lower()
    return tuple(dict.fromkeys((name, f"{name.partition('.')[0]}.local")))


def is_yes(answer: str) -> bool:
    """Whether an answer agrees."""
    return answer.strip().lower() in {"y", "yes"}


def _ask(question: str, default: str) -> str:
    # Not to stdout, which may be the file.
    print(f"{question} [{default}]: " if default else f"{question}: ", end="", file=sys.stderr)
    try:
        answer = input()
    except EOFError:
        raise KeyboardInterrupt from None
    return answer.strip() or default


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path.expanduser()))


def _write_new(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise FileError(os.fsencode(path), error.strerror or str(error)) from error
