"""`photostore organise`, and copying after a sync (SPEC 9.2)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from tests.commands.conftest import Shell
from tests.samples import make_photo


def test_dry_run_then_copy(shell: Shell, tmp_path: Path):
    """Into the library's own folder, which is scanned from then on without reading copies again."""
    photos = tmp_path / "card" / "DCIM"
    make_photo(photos / "IMG_1.jpg", taken=datetime(2020, 5, 1, 10, 0, 0), seed=1)
    make_photo(photos / "IMG_2.jpg", taken=datetime(2021, 6, 2, 10, 0, 0), seed=2)
    before = {path.name: path.read_bytes() for path in photos.iterdir()}
    assert shell.sync("--no-filter", photos)["assets"] == 2
    library = ("--library", shell.library)
    planned = shell.json("organise", "--dry-run", "--json", *library)
    assert isinstance(planned, dict)
    assert (planned["files"], planned["assets"], planned["refused"]) == (2, 2, 0)
    assert not (shell.library / "2020").exists()
    copied = shell.json("organise", "--json", *library)
    assert [item["target"] for item in copied["items"]] == [
        item["target"] for item in planned["items"]
    ]
    copies = sorted(path for path in shell.library.glob("*/*/*.jpg"))
    assert [str(path.relative_to(shell.library)) for path in copies] == [
        "2020/2020-05-01/IMG_1.jpg",
        "2021/2021-06-02/IMG_2.jpg",
    ]
    assert {path.name: path.read_bytes() for path in copies} == before
    assert {path.name: path.read_bytes() for path in photos.iterdir()} == before
    again = shell.sync("--no-filter")
    assert (again["found"], again["imported"], again["assets"]) == (4, 0, 2)
    listed = shell.json("list", "--json", *library)
    assert {asset["files"][0]["path"] for asset in listed} == {str(path) for path in copies}
    said = shell.run("organise", *library).stdout
    assert said.startswith("0 files")


def test_a_sync_copies_if_that_is_set(shell: Shell, tmp_path: Path):
    photos = tmp_path / "card"
    make_photo(photos / "IMG_1.jpg", taken=datetime(2020, 5, 1, 10, 0, 0), seed=1)
    shell.sync("--no-filter", "--copy-to-library", photos)
    assert (shell.library / "2020" / "2020-05-01" / "IMG_1.jpg").exists()


def test_a_wrong_template_is_one_line(shell: Shell):
    done = shell.run("organise", "--organise-template", "../{name}", code=2)
    assert "organise_template" in done.stderr
    assert done.stdout == ""
