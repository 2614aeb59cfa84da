"""Whom a command in the container runs as, and what is given to that user (SPEC 2.3)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from tests.container.box import Boxes, owners, snapshot

WHO = ("shell", "-c", "echo $(id -u) $(id -g) $(umask)")
WRITE = ("shell", "-c", "mkdir -p /ps/library/.photostore && touch /ps/library/.photostore/x")


def settings_of(folder: Path, uid: int, gid: int) -> Path:
    """A settings file with this owner."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "settings.toml"
    path.write_text("")
    os.chown(path, uid, gid)
    return path


def mount(folder: Path, place: str) -> str:
    return f"--volume={folder}:{place}"


@pytest.fixture
def support(library: Path) -> Path:
    """A library that root has used until now."""
    folder = library / ".photostore"
    (folder / "previews" / "ab").mkdir(parents=True)
    (folder / "previews" / "ab" / "a preview.webp").write_text("preview")
    (folder / "photostore.db").write_text("database")
    return folder


# Who


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "1000 1000 0022"),
        ({"PUID": "1234", "PGID": "2345"}, "1234 2345 0022"),
        ({"puid": "1234", "pgid": "2345"}, "1234 2345 0022"),
        ({"PUID": "", "PGID": ""}, "1000 1000 0022"),
        ({"PUID": "1234"}, "1234 1000 0022"),
        ({"PUID": "0", "PGID": "0"}, "0 0 0022"),
        ({"PUID": "0"}, "0 0 0022"),
        ({"UMASK": "077"}, "1000 1000 0077"),
        ({"umask": "2"}, "1000 1000 0002"),
        ({"PUID": "4294967294", "PGID": "100"}, "4294967294 100 0022"),
    ],
)
def test_user_of_the_environment(boxes: Boxes, environment, expected):
    done = boxes.run(*(f"--env={name}={value}" for name, value in environment.items()), command=WHO)
    assert (done.code, done.out.strip(), done.err) == (0, expected, "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUID", "me"),
        ("PUID", "-1"),
        ("PUID", "01"),
        ("PGID", "4294967295"),
        ("PUID", "99999999999"),
        ("PUID", "1 2"),
        ("UMASK", "8"),
        ("UMASK", "7777"),
    ],
)
def test_wrong_user_is_one_line(boxes: Boxes, name, value):
    done = boxes.run(f"--env={name}={value}", command=WHO)
    assert (done.code, done.out) == (1, "")
    assert done.err.count("\n") == 0
    assert name in done.err
    assert value in done.err


def test_user_of_the_settings_file(boxes: Boxes, library, tmp_path):
    mounted = mount(library, "/ps/library")
    settings_of(library / ".photostore", 1301, 1302)
    assert boxes.run(mounted, command=WHO).out.split()[:2] == ["1301", "1302"]
    settings_of(library / ".photostore" / "docker-config", 1401, 1402)
    assert boxes.run(mounted, command=WHO).out.split()[:2] == ["1401", "1402"]
    settings_of(tmp_path / "config", 1501, 1502)
    config = mount(tmp_path / "config", "/ps/config")
    assert boxes.run(mounted, config, command=WHO).out.split()[:2] == ["1501", "1502"]
    done = boxes.run(mounted, config, "--env=PUID=1601", command=WHO)
    assert done.out.split()[:2] == ["1601", "1502"]


def test_link_to_a_file_of_root_makes_nobody_root(boxes: Boxes, library):
    settings = settings_of(library / ".photostore", 1301, 1302)
    settings.unlink()
    settings.symlink_to("/etc/passwd")
    os.lchown(settings, 1301, 1302)
    done = boxes.run(mount(library, "/ps/library"), command=WHO)
    assert done.out.split()[:2] == ["1301", "1302"]


def test_rights_of_root_are_gone_for_good(boxes: Boxes):
    done = boxes.run("--group-add=44", command=("shell", "-c", "id -G; cat /proc/self/status"))
    groups, *lines = done.out.splitlines()
    status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    assert groups == "1000 44"
    assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0
    assert status["NoNewPrivs"] == "1"


def test_started_as_another_user(boxes: Boxes, library, support):
    os.chown(library, 1234, 1234)
    before = snapshot(library)
    mounted = mount(library, "/ps/library")
    done = boxes.run("--user=1234:1235", mounted, "--cap-drop=ALL", command=WHO)
    assert (done.out.strip(), done.err) == ("1234 1235 0022", "")
    done = boxes.run("--user=1234:1235", "--env=PUID=1000", mounted, command=WHO)
    assert done.out.strip() == "1234 1235 0022"
    assert "PUID is ignored" in done.err
    assert snapshot(library) == before


def test_capabilities_that_are_enough(boxes: Boxes, library, support):
    support.chmod(0o700)
    os.chown(support, 1301, 1302)
    capabilities = ("CHOWN", "DAC_OVERRIDE", "SETGID", "SETUID")
    options = ("--cap-drop=ALL", *(f"--cap-add={name}" for name in capabilities))
    done = boxes.run(*options, mount(library, "/ps/library"), command=WHO)
    assert (done.code, done.out.strip()) == (0, "1000 1000 0022")
    assert owners(support) == {(1000, 1000)}


def test_without_the_right_to_become_another_user(boxes: Boxes):
    done = boxes.run("--cap-drop=ALL", command=WHO)
    assert (done.code, done.out) == (1, "")
    assert "--user 1000:1000" in done.err.splitlines()[-1]


def test_time_zone(boxes: Boxes):
    done = boxes.run("--env=TZ=Asia/Kolkata", command=("shell", "-c", "date +%z"))
    assert done.out.strip() == "+0530"


# What is given to it


def test_own_folders_are_given(boxes: Boxes, library, support, photos, tmp_path):
    originals = tmp_path / "originals"
    for folder in (originals, library / "Holiday", tmp_path / "inside"):
        folder.mkdir()
        (folder / "a.jpg").write_text("original")
    own = [tmp_path / name for name in ("tmp", "logs", "config")]
    for folder in own:
        (folder / "sub").mkdir(parents=True)
        (folder / "sub" / "file").write_text("")
    (support / "link").symlink_to("../Holiday/a.jpg")
    (support / "folder link").symlink_to("../Holiday")
    (support / "a mount [1]").mkdir()
    others = (originals, library / "Holiday", tmp_path / "inside", photos)
    before = [snapshot(folder) for folder in others]
    library_owner = library.stat().st_uid
    options = (
        mount(library, "/ps/library"),
        mount(originals, "/ps/originals"),
        mount(photos, "/photos"),
        mount(tmp_path / "inside", "/ps/library/.photostore/a mount [1]"),
        *(mount(folder, f"/ps/{folder.name}") for folder in own),
        "--env=PUID=1234",
        "--env=PGID=2345",
    )
    done = boxes.run(*options, command=("shell", "-c", "true"))
    assert done.code == 0
    assert "gave /ps/library/.photostore to 1234:2345" in done.err
    covered = str(support / "a mount [1]")  # where something is mounted
    given = {(path.startswith(covered), *state[:2]) for path, state in snapshot(support).items()}
    assert given == {(True, 0, 0), (False, 1234, 2345)}
    assert all(owners(folder) == {(1234, 2345)} for folder in own)
    assert [snapshot(folder) for folder in others] == before
    assert library.stat().st_uid == library_owner  # it holds what may be originals

    # Nothing is left to do at the next start.
    before = [snapshot(folder) for folder in (support, *own)]
    done = boxes.run(*options, command=("shell", "-c", "true"))
    assert (done.code, done.err) == (0, "")
    assert [snapshot(folder) for folder in (support, *own)] == before


def test_library_elsewhere_is_given(boxes: Boxes, library, support):
    (support / "mount").mkdir()
    mounts = (mount(library, "/data"), mount(library.parent, "/data/.photostore/mount"))
    boxes.run(*mounts, "--env=PS_LIBRARY=/data/", "--env=PUID=1234", command=WHO)
    assert (support / "photostore.db").stat().st_uid == 1234
    assert library.parent.stat().st_uid == 0


def test_nothing_is_given_on_wish(boxes: Boxes, library, support):
    before = snapshot(library)
    options = (mount(library, "/ps/library"), "--env=PS_NO_PUID_CHOWN=1", "--env=PUID=1234")
    done = boxes.run(*options, command=WHO)
    assert done.out.startswith("1234 ")
    assert snapshot(library) == before


def test_root_takes_what_it_is_told_to_own(boxes: Boxes, library, support):
    for path in (support, support / "photostore.db"):
        os.chown(path, 1234, 1234)
    boxes.run(mount(library, "/ps/library"), "--env=PUID=0", "--env=PGID=0", command=WHO)
    assert owners(support) == {(0, 0)}


def test_new_library_is_given(boxes: Boxes, library):
    done = boxes.run(mount(library, "/ps/library"), "--env=PUID=1234", command=WRITE)
    assert (done.code, done.err) == (0, "")
    assert owners(library) == {(1234, 1000)}


def test_folder_that_everyone_may_write_is_left_alone(boxes: Boxes, library, tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    (shared / "of somebody else").write_text("")
    before = snapshot(shared)
    done = boxes.run(
        mount(library, "/ps/library"), mount(shared, "/ps/tmp"), command=("shell", "-c", "true")
    )
    assert (done.code, done.err) == (0, "")
    assert snapshot(shared) == before


def test_link_in_place_of_the_support_folder_is_not_followed(boxes: Boxes, library, photos):
    (library / ".photostore").symlink_to("/photos")
    before = snapshot(photos)
    boxes.run(mount(library, "/ps/library"), mount(photos, "/photos"), command=WHO)
    assert snapshot(photos) == before


def test_read_only_library_is_said_and_goes_on(boxes: Boxes, library, support):
    done = boxes.run(f"{mount(library, '/ps/library')}:ro", command=WHO)
    assert done.out.strip() == "1000 1000 0022"
    assert "could not give all of /ps/library/.photostore" in done.err


# The commands


def test_any_command(boxes: Boxes, photos):
    done = boxes.run(command=("--version",))
    assert done.out.startswith("photostore ")
    done = boxes.run(mount(photos, "/photos"), command=("info", "/photos/0.jpg"))
    assert done.code == 0
    assert "640" in done.out


def test_compose_file_from_the_image(boxes: Boxes):
    options = ("--env=PUID=1234", "--env=PGID=100", "--env=TZ=Asia/Tokyo")
    command = ("compose", "--library", "/home/me/photostore", "--scan", "/x/y", "--output", "-")
    done = boxes.run(*options, command=command)
    assert (done.code, done.err) == (0, "")
    service = yaml.safe_load(done.out)["services"]["photostore"]
    assert service["environment"]["PUID"] == "1234"
    assert service["environment"]["TZ"] == "Asia/Tokyo"
    assert service["volumes"][0]["source"] == "/home/me/photostore"


def test_doctor_without_a_library(boxes: Boxes, library):
    done = boxes.run(mount(library, "/ps/library"), command=("doctor",))
    assert (done.code, done.out) == (1, "")
    assert "There is no library in /ps/library" in done.err
    assert not list(library.iterdir())
