"""Builds the image with buildah, on a machine that need not reach a container registry.

Where there is no base image it is made of Debian's packages, under the name that the Dockerfile
takes it from. What is built is kept under a digest of its sources, so that it is built once. How
this machine reaches package registries is passed on for the time of the build, and is not part of
the image. As a script (`python -m tests.container.image NAME`) it tags the image with a name, and
with `--obstacle` it only says why no container can be run here, or nothing.
"""

from __future__ import annotations

import ast
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
DOCKERFILE = TOP / "container" / "Dockerfile"
NAME = "localhost/photostore-test"
LOCK = TOP / "build" / "image.lock"
LAYERS_KEPT_H = 24 * 7  # of former builds, which make the next one short
SOURCES = (
    ".dockerignore",
    "LICENSE",
    "README.md",
    "constraints.txt",
    "container",
    "hatch_build.py",
    "photostore",
    "pyproject.toml",
    "web",
)
NOT_COPIED = {"__pycache__", "node_modules", "static"}
BUNDLED, ASK = "bundled", "ask"  # the Dockerfile's argument CODECS
TOOLS = ("podman", "buildah", "runc", "nsenter", "debootstrap")
# Where the build finds what it is lent; gone when it is done.
BUILD_HOME = "/root"  # of the user that builds the image
LENT = "/run/lent"
# What Debian's slim images leave out.
FAT = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info", "var/log")


def find_obstacle() -> str | None:
    """Why no container can be built or run here, or None."""
    if os.geteuid() != 0:
        return "containers are built and run as root here"
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        return f"not installed: {', '.join(missing)} (packages podman, buildah, runc, debootstrap)"
    spaces = ["unshare", "--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "true"]
    tried = subprocess.run(spaces, capture_output=True, text=True, check=False)
    if tried.returncode:
        return f"the kernel gives no name spaces: {tried.stderr.strip()}"
    return None


def ensure_image(codecs: str = BUNDLED) -> str:
    """The name of the image of the sources as they are; it is built if need be.

    `codecs` is the Dockerfile's argument: whether the decoders are in it.
    """
    tag = f"{NAME}:{digest_sources()}"
    name = tag if codecs == BUNDLED else f"{tag}-{codecs}"
    if not has_image(name):
        ensure_base(read_base())
        with working_alone():
            if not has_image(name):
                build(name, codecs)
                drop_others(tag)
    return name


@contextmanager
def working_alone() -> Iterator[None]:
    """One process builds at a time; the others wait, and find what it has made."""
    LOCK.parent.mkdir(exist_ok=True)
    with LOCK.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def digest_sources() -> str:
    """A digest of everything that the image is made of."""
    digest = hashlib.sha256()
    for path in sorted(list_sources()):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(TOP)} {content}\n".encode())
    return digest.hexdigest()[:16]


def list_sources() -> Iterator[Path]:
    """The files that the image is made of."""
    for name in SOURCES:
        if (TOP / name).is_file():
            yield TOP / name
        for folder, folders, files in os.walk(TOP / name):
            folders[:] = [each for each in folders if each not in NOT_COPIED]
            yield from (Path(folder, file) for file in files)


def has_image(name: str) -> bool:
    """Whether an image is here."""
    return subprocess.run(["podman", "image", "exists", name], check=False).returncode == 0


def drop_others(tag: str) -> None:
    """Remove the images of earlier sources, except one that a container is still made of."""
    for other in podman("images", "--format", "{{.Repository}}:{{.Tag}}", NAME).split():
        if not other.startswith(tag):
            subprocess.run(["podman", "rmi", other], capture_output=True, check=False)
    podman("image", "prune", "--force", f"--filter=until={LAYERS_KEPT_H}h")


def podman(*arguments: str) -> str:
    """Run podman and return what it says."""
    done = subprocess.run(["podman", *arguments], capture_output=True, text=True, check=True)
    return done.stdout


# The base ------------------------------------------------------------------------------------


def read_base() -> str:
    """The image that the Dockerfile starts from, as in `debian:trixie-slim`."""
    found = re.search(r"^ARG BASE=(\S+)$", DOCKERFILE.read_text(), re.MULTILINE)
    assert found
    return found[1]


def ensure_base(name: str, *options: str) -> None:
    """Make the base of Debian's packages, unless it is here; `options` are more of debootstrap."""
    if not has_image(name):
        with working_alone():
            if not has_image(name):
                _make_base(name, *options)


def _make_base(name: str, *options: str) -> None:
    release = name.rpartition(":")[2].removesuffix("-slim")
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary, "root")
        subprocess.run(["debootstrap", "--variant=minbase", *options, release, root], check=True)
        shutil.rmtree(root / "var/cache/apt")
        shutil.rmtree(root / "var/lib/apt/lists")
        for folder in FAT:
            shutil.rmtree(root / folder, ignore_errors=True)
            (root / folder).mkdir()
        archive = Path(temporary, "root.tar")
        outside = [f"--exclude=./{each}/*" for each in ("dev", "proc", "sys")]
        subprocess.run(["tar", "-C", root, *outside, "-cf", archive, "."], check=True)
        arch = [each.removeprefix("--arch=") for each in options if each.startswith("--arch=")]
        podman("import", *(f"--arch={each}" for each in arch), str(archive), name)


def ensure_arm64_image() -> str:
    """The name of the image for 64-bit ARM; its base is made under emulation, which takes a while.

    buildah takes local images of another platform by their name, and only without `--platform`.
    """
    name = f"{NAME}-arm64:{digest_sources()}"
    if not has_image(name):
        native = read_base()
        foreign = f"localhost/arm64/debian:{native.rpartition(':')[2]}"
        ensure_base(native)
        ensure_base(foreign, "--arch=arm64")
        bases = (f"--build-arg=BASE={foreign}", f"--build-arg=BUILD_BASE=localhost/{native}")
        build(name, BUNDLED, *bases, "--build-arg=TARGETARCH=arm64")
    return name


# The build -----------------------------------------------------------------------------------


def build(name: str, codecs: str, *options: str) -> None:
    """Build the image of the Dockerfile, with more options of buildah."""
    with tempfile.TemporaryDirectory() as temporary:
        command = ["buildah", "bud", "--isolation=chroot", "--format=docker", "--layers"]
        command += ["--pull-never", "--file", str(DOCKERFILE), "--tag", name]
        command += [f"--build-arg=CODECS={codecs}", *options]
        done = subprocess.run(
            [*command, *lend(Path(temporary)), str(TOP)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    assert done.returncode == 0, "\n".join(done.stdout.splitlines()[-60:])


def lend(folder: Path) -> list[str]:
    """Options that let the build reach packages as this machine does: settings of pip and npm."""
    lent: dict[str, str] = {}

    def pass_on(text: str) -> str:
        """Settings whose files and folders are lent: files elsewhere, as /etc is the image's."""
        for path in sorted(set(re.findall(r"(?<![\w.:/])/[\w./-]+|(?<=file://)/[\w./-]+", text))):
            if os.path.isfile(path):
                place = lent.setdefault(os.path.realpath(path), f"{LENT}/{len(lent)}")
                text = text.replace(path, place)
            elif os.path.isdir(path):
                # An index names the files beside it.
                shared = os.path.dirname(path) if path.endswith("/simple") else path
                lent[shared] = shared
        return text

    pip, npm = folder / "pip.conf", folder / "npmrc"
    pip.write_text(pass_on(read_pip_settings()))
    npm.write_text(pass_on(read_npm_settings()))
    lent |= {str(pip): "/etc/pip.conf", str(npm): f"{BUILD_HOME}/.npmrc"}
    return [f"--volume={path}:{place}:ro" for path, place in lent.items()]


def read_pip_settings() -> str:
    """What pip is told here, by its files and the environment, as a file of settings."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    )
    found: dict[str, str] = {}
    for line in listed.stdout.splitlines():
        name, _, value = line.partition("=")
        scope, _, key = name.partition(".")
        # What the environment says comes last, and wins.
        if scope in {"global", "install", ":env:"} and key:
            found[key.strip(".")] = str(ast.literal_eval(value)).replace("\n", " ")
    return "\n".join(["[global]", *(f"{key} = {value}" for key, value in found.items()), ""])


def read_npm_settings() -> str:
    """What npm is told here: its global file, then the user's."""
    files = [Path("/etc/npmrc"), Path("/usr/etc/npmrc"), Path.home() / ".npmrc"]
    text = "".join(path.read_text() for path in files if path.is_file())
    extra = os.environ.get("NODE_EXTRA_CA_CERTS")
    if extra and "cafile" not in text:
        text += f"cafile={extra}\n"
    # Headers of this machine's Node are not there.
    return "".join(line for line in text.splitlines(keepends=True) if "nodedir" not in line)


def main() -> int:
    """Build the image and tag it with the names that are given."""
    obstacle = find_obstacle()
    if sys.argv[1:] == ["--obstacle"]:
        print(obstacle or "")
        return 0
    if obstacle:
        print(obstacle, file=sys.stderr)
        return 1
    name = ensure_image()
    for tag in sys.argv[1:]:
        podman("tag", name, tag)
    size = int(podman("image", "inspect", "--format", "{{.Size}}", name))
    print(f"{' '.join(sys.argv[1:]) or name}: {size / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
