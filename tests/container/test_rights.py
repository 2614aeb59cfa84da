"""Libraries and users that do not fit each other: used if possible, else told (SPEC 1.5, 2.3)."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.container.box import Boxes, Done, owners

SMALL = "--env=PS_DISABLE_ALL_FILTERS=true"
# As OpenShift chooses it: a number that nothing in the image knows, in the group of root.
SOME_UID = 1_000_680_000
HARDENED = ("--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges")


def mount(folder: Path, place: str, *, rights: str = "rw") -> str:
    return f"--volume={folder}:{place}:{rights}"


@pytest.mark.parametrize("temporary", [(), ("--tmpfs=/tmp",)], ids=["bare", "tmpfs"])
def test_any_user_without_a_name(boxes: Boxes, library, photos, temporary):
    library.chmod(0o2775)  # of root's group, as OpenShift gives it
    options = (f"--user={SOME_UID}:0", *HARDENED, *temporary, SMALL)
    box = boxes.serve(
        *options, mount(library, "/ps/library"), mount(photos, "/photos", rights="ro")
    )
    assert box.wait_imported(3)["photos"] == 3
    assert owners(library / ".photostore") == {(SOME_UID, 0)}
    assert box.execute("healthcheck") == Done(0, "", "")
    assert box.execute("photostore", "doctor").code == 0
    assert box.stop()[0] == 0


@pytest.mark.parametrize("mode", [0o755, 0o700])
def test_library_of_another_user_is_told(boxes: Boxes, library, mode):
    """It may hold originals, so it is not given away."""
    os.chown(library, 1500, 1500)
    library.chmod(mode)
    box = boxes.serve(mount(library, "/ps/library"), "--env=PUID=1234", "--env=PGID=1235")
    status, page = box.ask("/health", accept="text/html")
    assert status in {200, 503}
    assert "/ps/library cannot be written: Permission denied" in page
    assert "UID 1234, GID 1235" in page
    assert not list(library.iterdir())
    assert box.stop()[0] == 0


def test_another_puid_goes_on_with_the_library(boxes: Boxes, library, photos):
    """The support folder is given to the new user; the library stays of the former one."""
    mounts = (mount(library, "/ps/library"), mount(photos, "/photos", rights="ro"), SMALL)
    box = boxes.serve(*mounts)
    assert box.wait_imported(3)["photos"] == 3
    assert box.stop()[0] == 0
    box = boxes.serve(*mounts, "--env=PUID=1234", "--env=PGID=1234")
    assert "only .photostore in it can be written" in box.log
    assert box.wait_imported(3)["photos"] == 3
    assert box.stop()[0] == 0
    assert library.stat().st_uid == 1000
    assert owners(library / ".photostore") == {(1234, 1234)}


@pytest.mark.parametrize(("mask", "forbidden"), [("077", 0o077), ("027", 0o027), ("002", 0o002)])
def test_new_files_have_the_rights_that_umask_leaves(
    boxes: Boxes, library, photos, mask, forbidden
):
    mounts = (mount(library, "/ps/library"), mount(photos, "/photos", rights="ro"))
    box = boxes.serve(*mounts, SMALL, f"--env=UMASK={mask}")
    assert box.wait_imported(3)["photos"] == 3
    assert box.stop()[0] == 0
    support = library / ".photostore"
    modes = {path: stat.S_IMODE(path.lstat().st_mode) for path in [support, *support.rglob("*")]}
    assert not [path for path, mode in modes.items() if mode & forbidden]
    folders = {modes[path] for path in modes if path.is_dir()}
    assert folders == {0o777 & ~forbidden}
