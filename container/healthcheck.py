#!/opt/photostore/bin/python -IS
"""Health check of the container (SPEC 2.4): whether the server answers /ping on its port.

Exit code 0 or 1, with a line of why. It runs every half minute for as long as the container does,
so it starts Python without packages, and asks photostore's settings only if they may say more than
`PS_HTTP_PORT` does.
"""

from __future__ import annotations

import os
import socket
import sys

DEFAULT_PORT = 1787
TIMEOUT_S = 8
# Variables that lead to other places of the settings, or to another address.
TELLING = ("PS_HTTP", "PS_ENV_FILE", "PS_CONFIG", "PS_LIBRARY", "PS_EXPOSE")
SETTINGS_FILES = (
    "/ps/config/settings.toml",
    "/ps/library/.photostore/docker-config/settings.toml",
    "/ps/library/.photostore/settings.toml",
)
# What a server that listens on every address is asked on.
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def main() -> int:
    """Ask the server, say what is wrong."""
    try:
        host, port = find_address()
        answer = ask(host, port)
    except OSError as error:
        sys.stdout.write(f"no answer: {error}\n")
        return 1
    if not answer.startswith(b"HTTP/1.1 200 "):
        sys.stdout.write(f"unexpected answer from {host} port {port}: {answer[:80]!r}\n")
        return 1
    return 0


def find_address() -> tuple[str, int]:
    """Host and port of the server, by the settings that it runs with."""
    command = read_command()
    told = find_option(command, "--port", "--http-port")
    host = find_option(command, "--host", "--http-host")
    others = [name for name in os.environ if name.startswith(TELLING) and name != "PS_HTTP_PORT"]
    port = told or os.environ.get("PS_HTTP_PORT", "") or str(DEFAULT_PORT)
    is_settled = not host and not others and not any(map(os.path.exists, SETTINGS_FILES))
    if port.isdecimal() and is_settled:
        return "127.0.0.1", int(port)
    return ask_settings(told, host)


def ask_settings(port: str | None, host: str | None) -> tuple[str, int]:
    """Let photostore find the address, as the server did."""
    import site  # noqa: PLC0415 - not needed by most checks

    site.main()
    from photostore.base.configuration import make_plan  # noqa: PLC0415
    from photostore.base.errors import PhotostoreError  # noqa: PLC0415

    try:
        settings = make_plan({"http_port": port, "http_host": host}, os.environ).settings
    except PhotostoreError as error:
        raise OSError(str(error)) from error
    return EVERYWHERE.get(settings.http_host, settings.http_host), settings.http_port


def read_command() -> list[str]:
    """The command line of the container's first process."""
    with open("/proc/1/cmdline", "rb") as file:
        return os.fsdecode(file.read()).split("\0")


def find_option(command: list[str], *names: str) -> str | None:
    """What a command line gives as `--name VALUE` or `--name=VALUE`; None if it gives nothing."""
    told = None
    for option, following in zip(command, [*command[1:], ""], strict=True):
        name, separator, value = option.partition("=")
        if name in names:
            told = value if separator else following
    return told


def ask(host: str, port: int) -> bytes:
    """The beginning of the server's answer to /ping. Raises OSError."""
    with socket.create_connection((host, port), TIMEOUT_S) as connection:
        connection.settimeout(TIMEOUT_S)
        connection.sendall(b"GET /ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return connection.recv(4096)


if __name__ == "__main__":
    sys.exit(main())
