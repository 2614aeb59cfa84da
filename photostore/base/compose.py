"""The text of a compose.yaml: how a container of photostore is started (SPEC 1.2, 2).

For `photostore compose` and the page of the same; reads and writes nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photostore.base.errors import UsageError
from photostore.base.text import display_name

if TYPE_CHECKING:
    from pathlib import PurePath

IMAGE = "photostore:latest"
# The port inside the container; which one of the computer leads to it is what a person chooses.
PORT = 1787
DEFAULT_USER = 1000


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder of this computer, and where it is in the container."""

    source: PurePath
    target: str
    is_read_only: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a compose file says. `library` and the folders of photos are absolute.

    `is_open`: whether everyone who reaches the port may see and change everything, as there are no
    accounts yet. `hosts`: names by which other devices call this computer.
    """

    library: PurePath
    photos: tuple[PurePath, ...] = ()
    own: tuple[Mount, ...] = ()
    image: str = IMAGE
    port: int = PORT
    is_exposed: bool = False
    is_open: bool = True
    hosts: tuple[str, ...] = ()
    uid: int = DEFAULT_USER
    gid: int = DEFAULT_USER
    umask: int | None = None
    tz: str = "UTC"
    is_hardened: bool = False


def list_mounts(plan: Plan) -> list[Mount]:
    """The mounts of a plan: photos below /photos, each by its name, read-only."""
    mounts = [Mount(plan.library, "/ps/library"), *plan.own]
    taken = set()
    for folder in plan.photos:
        name, number = folder.name or "root", 2
        while name in taken:
            name, number = f"{folder.name}-{number}", number + 1
        taken.add(name)
        mounts.append(Mount(folder, f"/photos/{name}", is_read_only=True))
    return mounts


def render(plan: Plan) -> str:
    """The text of a compose file. Raises UsageError for a folder whose name YAML cannot hold."""
    lines = [
        "# Made by `photostore compose`. Start it with: docker compose up --detach",
        "name: photostore",
        "services:",
        "  photostore:",
        f"    image: {_quote(plan.image)}",
        "    container_name: photostore",
        "    restart: unless-stopped",
        "    stop_grace_period: 15s",
        *(_render_user(plan) if plan.is_hardened else ()),
        "    environment:",
        *_render_environment(plan),
        "    ports:",
        f"      - {_quote(('' if plan.is_exposed else '127.0.0.1:') + f'{plan.port}:{PORT}')}",
        "    volumes:",
    ]
    for mount in list_mounts(plan):
        lines += [
            "      - type: bind",
            f"        source: {_quote(str(mount.source))}",
            f"        target: {_quote(mount.target)}",
        ]
        if mount.is_read_only:
            # A disk that is not there must be an error, and no empty folder in its place.
            lines += [
                "        read_only: true",
                "        bind:",
                "          create_host_path: false",
            ]
    return "\n".join([*lines, ""])


def _render_user(plan: Plan) -> list[str]:
    return [
        "    # No root in it at any time: the library must belong to this user already.",
        f"    user: {_quote(f'{plan.uid}:{plan.gid}')}",
        "    read_only: true",
        "    tmpfs: [/tmp]",
        "    cap_drop: [ALL]",
        "    security_opt: [no-new-privileges]",
    ]


def _render_environment(plan: Plan) -> list[str]:
    variables = {} if plan.is_hardened else {"PUID": str(plan.uid), "PGID": str(plan.gid)}
    if plan.umask is not None:
        variables["UMASK"] = f"{plan.umask:03o}"
    variables["TZ"] = plan.tz
    if plan.is_exposed and plan.hosts:
        variables["PS_ALLOWED_HOSTS"] = ":".join(plan.hosts)
    lines = [f"      {name}: {_quote(value)}" for name, value in variables.items()]
    who = "in your network" if plan.is_exposed else "at this computer"
    return [
        *lines,
        f"      # Everyone {who} may see and change everything: there are no accounts yet.",
        "      # Without this line photostore starts, but shows no photo.",
        f"      {'' if plan.is_open else '# '}PS_AUTH: none",
    ]


def _quote(text: str) -> str:
    """Text in quotes as YAML has them (those of JSON), with `$` as compose wants it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        shown = display_name(text)
        raise UsageError(
            f"a compose file cannot hold this name, it is not UTF-8: {shown}"
        ) from None
    return json.dumps(text.replace("$", "$$"), ensure_ascii=False)
