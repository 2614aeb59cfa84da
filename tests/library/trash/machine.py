"""Real mounts, and the trash programs of the desktop, for tests that are root."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

TOOLS = ("trash-list", "trash-put", "trash-restore", "gio", "dbus-run-session", "setpriv")
# Any time is fine for the programs; a time zone of the machine's would be another date here.
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def run(*command, **options) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, capture_output=True, check=False, timeout=120, **options)


class Machine:
    """Mounts below one folder that everybody can enter; all of them go at the end."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self.folder = Path(tempfile.mkdtemp(prefix="photostore-mounts-"))
        self.folder.chmod(0o755)
        self._stack.callback(self._remove)

    def close(self) -> None:
        self._stack.close()
        assert str(self.folder) not in Path("/proc/self/mountinfo").read_text()

    def tmpfs(self, name: str, options: str = "size=16m,mode=1777") -> Path:
        return self._mount(name, "-t", "tmpfs", "-o", options, "tmpfs")

    def bind(self, source: Path, target: Path) -> Path:
        target.mkdir(exist_ok=True)
        self._do("mount", "--bind", source, target)
        self._stack.callback(self._unmount, target)
        return target

    def loop(self, name: str, kind: str, options: str = "") -> Path:
        """A file system of a kind in a file; skips the test if this machine cannot have it."""
        if shutil.which(f"mkfs.{kind}", path=PATH) is None:
            pytest.skip(f"mkfs.{kind} is not installed")
        if not re.search(rf"\b{kind}$", Path("/proc/filesystems").read_text(), re.MULTILINE):
            pytest.skip(f"this kernel has no {kind}")
        image = self.folder / f"{name}.img"
        with image.open("wb") as file:
            file.truncate(48 << 20)
        quiet = ("-q",) if kind == "ext4" else ()
        self._do(f"mkfs.{kind}", *quiet, image)
        option = ",".join(filter(None, ("loop", options)))
        top = self._mount(name, "-t", kind, "-o", option, image)
        if kind == "ext4":
            top.chmod(0o1777)
            (top / "lost+found").rmdir()
        return top

    def fuse(self, name: str, *command: str | Path) -> Path:
        """A file system in user space, mounted by a program; the mount point comes last."""
        if shutil.which(str(command[0])) is None or not os.access("/dev/fuse", os.W_OK):
            pytest.skip(f"{command[0]} is not installed, or there is no /dev/fuse")
        top = self.folder / name
        top.mkdir()
        self._do(*command, top)
        self._stack.callback(self._unmount, top)
        return top

    def home(self, uid: int) -> Path:
        home = self.folder / f"home-{uid}"
        if not home.exists():
            (home / "run").mkdir(parents=True)
            (home / "run").chmod(0o700)
            for path in (home, home / "run"):
                os.chown(path, uid, uid)
        return home

    def run_as(self, uid: int, *command, **options) -> bytes:
        """What a program says that a user runs; it has to succeed."""
        home = self.home(uid)
        environ = {
            "PATH": PATH,
            "HOME": str(home),
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_RUNTIME_DIR": str(home / "run"),
            "LC_ALL": "C.UTF-8",
            "PYTHONIOENCODING": "utf-8:surrogateescape",
        }
        user = ("setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups")
        done = run(*user, *command, env=environ, **options)
        assert done.returncode == 0, (command, done.stderr[-2000:])
        return done.stdout

    # trash-cli

    def trash_list(self, uid: int) -> bytes:
        """What it lists of this machine: it looks into all mounts, those of other tests too."""
        said = self.run_as(uid, "trash-list")
        entries = re.split(rb"^(?=\d{4}-\d\d-\d\d \d\d:\d\d:\d\d /)", said, flags=re.MULTILINE)
        own = os.fsencode(self.folder) + b"/"
        return b"".join(one for one in entries if one[20:].startswith(own))

    def trash_restore(self, uid: int, path: bytes) -> None:
        said = self.run_as(uid, "trash-restore", path, input=b"0\n")
        assert b"No files" not in said

    # gio

    def gio(self, uid: int, *arguments) -> bytes:
        return self.run_as(uid, "dbus-run-session", "--", "gio", "trash", *arguments)

    def gio_list(self, uid: int) -> dict[bytes, bytes]:
        """The addresses by the paths where the files were."""
        lines = re.split(rb"^(?=trash:///)", self.gio(uid, "--list"), flags=re.MULTILINE)
        pairs = (line.removesuffix(b"\n").split(b"\t", 1) for line in lines if line)
        found = {unescape(path): address for address, path in pairs}
        own = os.fsencode(self.folder) + b"/"
        return {path: address for path, address in found.items() if path.startswith(own)}

    def gio_restore(self, uid: int, addresses) -> None:
        self.gio(uid, "--restore", *addresses)

    def _mount(self, name: str, *arguments) -> Path:
        top = self.folder / name
        top.mkdir()
        self._do("mount", *arguments, top)
        self._stack.callback(self._unmount, top)
        return top

    def _do(self, *command) -> None:
        done = run(*command)
        if done.returncode:
            pytest.skip(f"{command[0]} does not work here: {done.stderr.decode(errors='replace')}")

    def _remove(self) -> None:
        # Never into something that is still mounted.
        if str(self.folder) not in Path("/proc/self/mountinfo").read_text():
            shutil.rmtree(self.folder)

    @staticmethod
    def _unmount(top: Path) -> None:
        # A daemon of the desktop may look into it just now: then it goes when that is done.
        if run("umount", top).returncode:
            run("umount", "--lazy", top)


def is_text(path: bytes) -> bool:
    """Whether trash-cli can handle a name: what is not UTF-8 becomes replacement characters."""
    return as_text(path) == path


def as_text(path: bytes) -> bytes:
    return path.decode("utf-8", "replace").encode()


def is_short(path: bytes) -> bool:
    """Whether the other programs can trash a name: they add `.trashinfo` to it as it is."""
    return len(os.path.basename(path)) <= 245


def unescape(path: bytes) -> bytes:
    return re.sub(rb"\\x([0-9a-f]{2})", lambda found: bytes.fromhex(found[1].decode()), path)


def gio_can_restore(path: bytes) -> bool:
    """Before 2.84.1 gio makes a file with `\\xNN` in its name where it shows the path so."""
    version = run("gio", "version").stdout.decode().strip().split(".")
    is_plain = path.isascii() and path.decode().isprintable() and b"\\" not in path
    return is_plain or tuple(map(int, version)) >= (2, 84, 1)
