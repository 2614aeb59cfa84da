"""Reverse proxies in front of a container, set up by the very text of docs/install/proxies.md.

Each runs in the network of the container, where photostore is at 127.0.0.1:1787 as the text says.
Only paths, the password's hash and what fetches a certificate from outside are put in.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from tests.container.box import Box
from tests.container.image import TOP

TEXT = TOP / "docs" / "install" / "proxies.md"
NAME = "photos.example.org"
USER, PASSWORD = "me", "a secret of the proxy"
PORT = 443
START_LIMIT_S = 30


@dataclass
class Proxy:
    """One that runs in front of a container."""

    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


@dataclass(frozen=True)
class Kind:
    """How a kind of proxy is set up in a folder; `set_up` returns its command."""

    program: str
    set_up: Callable[[Path, str], list[str]]
    environ: dict[str, str] = field(default_factory=dict)

    def find(self) -> str | None:
        """The program, if it is here."""
        return shutil.which(self.program) or shutil.which(f"/usr/sbin/{self.program}")


def read_text(title: str) -> str:
    """The settings below a heading of the page, without their indentation."""
    section = TEXT.read_text().partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    lines = re.search(r"(?:^(?: {4}.*)?\n)+^ {4}.*$", section, re.MULTILINE)
    assert lines, title
    return re.sub(r"^ {4}", "", lines[0].strip("\n"), flags=re.MULTILINE)


def make_certificate(folder: Path) -> None:
    """`photos.pem` and `photos.key`, and both in `both.pem`."""
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", f"/CN={NAME}", "-keyout", "photos.key", "-out", "photos.pem"]
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    both = [(folder / name).read_text() for name in ("photos.pem", "photos.key")]
    (folder / "both.pem").write_text("".join(both))


def hash_password(kind: str) -> str:
    """As `openssl passwd` writes it."""
    command = ["openssl", "passwd", f"-{kind}", PASSWORD]
    return subprocess.check_output(command, text=True).strip()


def _set_up_nginx(folder: Path, program: str) -> list[str]:
    server = read_text("nginx").replace("/etc/ssl/", f"{folder}/")
    server = server.replace("/etc/nginx/", f"{folder}/")
    (folder / "photos.htpasswd").write_text(f"{USER}:{hash_password('apr1')}\n")
    temporary = " ".join(
        f"{name}_temp_path {folder}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; user root; pid {folder}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; {temporary}\n{server}\n}}\n"
    )
    return [program, "-p", str(folder), "-c", str(folder / "nginx.conf")]


def _set_up_caddy(folder: Path, program: str) -> list[str]:
    hashed = subprocess.check_output(
        [program, "hash-password", "--plaintext", PASSWORD], text=True
    ).strip()
    site = read_text("Caddy").replace("HASH", hashed)
    version = subprocess.check_output([program, "version"], text=True).lstrip("v").split(".")
    if (int(version[0]), int(version[1])) >= (2, 8):
        site = site.replace("basicauth", "basic_auth")
    # A certificate of its own in place of one from outside.
    (folder / "Caddyfile").write_text(f"{{\nlocal_certs\nskip_install_trust\n}}\n{site}\n")
    return [program, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


def _set_up_haproxy(folder: Path, program: str) -> list[str]:
    text = read_text("HAProxy").replace("/etc/haproxy/photos.pem", f"{folder}/both.pem")
    (folder / "haproxy.cfg").write_text(text.replace("HASH", hash_password("6")) + "\n")
    return [program, "-db", "-f", str(folder / "haproxy.cfg")]


def _set_up_traefik(folder: Path, program: str) -> list[str]:
    """Its labels, which name what its files do; the server's address stands for the container's."""
    labels = yaml.safe_load(read_text("Traefik"))["labels"]
    settings: dict[str, dict] = {}
    for label, value in labels.items():
        *way, last = label.removeprefix("traefik.").split(".")
        if way and last != "certresolver":
            place = settings
            for step in way:
                place = place.setdefault(step, {})
            place[last] = value
    http = settings["http"]
    http["routers"]["photostore"] |= {"tls": {}, "service": "photostore"}
    http["routers"]["photostore"]["middlewares"] = ["photostore-password"]
    user = f"{USER}:{hash_password('apr1')}"
    http["middlewares"]["photostore-password"]["basicauth"]["users"] = [user]
    port = http["services"]["photostore"]["loadbalancer"].pop("server")["port"]
    http["services"]["photostore"]["loadbalancer"]["servers"] = [
        {"url": f"http://127.0.0.1:{port}"}
    ]
    (folder / "dynamic.yaml").write_text(yaml.safe_dump(settings))
    (option,) = re.findall(r"`(--entryPoints\.websecure\.transport\S+)`", TEXT.read_text())
    command = [program, f"--entryPoints.websecure.address=:{PORT}", option]
    return [*command, f"--providers.file.filename={folder}/dynamic.yaml"]


KINDS = {
    "nginx": Kind("nginx", _set_up_nginx),
    "Caddy": Kind("caddy", _set_up_caddy),
    "HAProxy": Kind("haproxy", _set_up_haproxy),
    "Traefik": Kind("traefik", _set_up_traefik),
}


def start_proxy(kind: Kind, box: Box, folder: Path) -> Proxy:
    """Start one in the network of a container; returns when its port is open."""
    program = kind.find()
    assert program
    folder.mkdir()
    make_certificate(folder)
    command = kind.set_up(folder, program)
    environ = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    with (folder / "log").open("wb") as log:
        inside = ["nsenter", f"--net=/proc/{box.pid}/ns/net", "--", *command]
        process = subprocess.Popen(inside, stdout=log, stderr=log, env=environ, cwd=folder)
    limit = time.monotonic() + START_LIMIT_S
    while True:
        try:
            box.connect(PORT).close()
        except OSError:
            said = (folder / "log").read_text(errors="replace")
            assert process.poll() is None, said
            assert time.monotonic() < limit, said
            time.sleep(0.1)
        else:
            return Proxy(process, folder / "log")
