"""Decoders by consent (SPEC 2.6): asked, fetched, tried, kept, restored, and taken back."""

from __future__ import annotations

import asyncio
import importlib
import sys
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from photostore.base.codecs import (
    CONSENT_NAME,
    PINNED,
    Codec,
    Consent,
    locate_folder,
    read_consent,
    read_stamp,
    use_installed,
    write_consent,
)
from photostore.base.layout import Layout, Wanted, resolve_layout
from photostore.library.codecs import Codecs, State, take_note
from photostore.library.pip import InstallError, explain
from photostore.store.db import Database
from photostore.store.meta import load_text

TOP = Path(__file__).resolve().parents[2]
MODULE = "photostore_test_decoder"
NEW = Codec("photostore-test-decoder", MODULE, "2.0", "test pictures")
OLD = Codec("photostore-test-decoder", MODULE, "1.0", "test pictures")


def make_wheel(folder: Path, codec: Codec, code: str = "") -> None:
    """A package of one module, as pip takes it."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{codec.package.replace('-', '_')}-{codec.version}"
    about = f"{name}.dist-info"
    files = {
        f"{codec.module}.py": f"VERSION = {codec.version!r}\n{code}\n",
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {codec.package}\n"
        f"Version: {codec.version}\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{file},,\n" for file in [*files, f"{about}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-py3-none-any.whl", "w") as wheel:
        for file, text in (files | {f"{about}/RECORD": record}).items():
            wheel.writestr(file, text)


@pytest.fixture(autouse=True)
def _clean_modules() -> Iterator[None]:
    before = list(sys.path)
    yield
    sys.path[:] = before
    sys.modules.pop(MODULE, None)
    importlib.invalidate_caches()


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    (tmp_path / "library").mkdir()
    found = resolve_layout(
        tmp_path / "library", {}, in_container=True, wanted=Wanted(config=tmp_path / "config")
    )
    assert found.problem is None
    return found


@pytest.fixture
def index(tmp_path: Path) -> dict[str, str]:
    """What makes pip look nowhere but in a folder of this test."""
    make_wheel(tmp_path / "wheels", NEW)
    return {
        "PATH": "/usr/bin:/bin",
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(tmp_path / "wheels"),
    }


@asynccontextmanager
async def running(codecs: Codecs) -> AsyncIterator[None]:
    task = asyncio.create_task(codecs.run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(1200):
        if condition():
            return
        await asyncio.sleep(0.05)
    pytest.fail("it did not come to that within a minute")


async def reach(codecs: Codecs, state: State) -> None:
    await until(lambda: codecs.state is state)


def restart(layout: Layout) -> None:
    """Forget what this process has loaded, and start as a command does."""
    sys.path[:] = [path for path in sys.path if not path.startswith(str(layout.config))]
    sys.modules.pop(MODULE, None)
    importlib.invalidate_caches()
    use_installed(layout.config, layout.support)


async def test_nothing_is_fetched_unasked(layout: Layout, index: dict[str, str]) -> None:
    codecs = Codecs(layout, pytest.fail, codecs=(NEW,), environ=index)
    async with running(codecs):
        await asyncio.sleep(0.2)
        assert codecs.state is State.ASKING
        assert not codecs.folder.parent.exists()


async def test_consent_installs_and_is_kept(layout: Layout, index: dict[str, str]) -> None:
    ready = asyncio.Event()

    async def on_ready() -> None:
        ready.set()

    codecs = Codecs(layout, on_ready, codecs=(NEW,), environ=index)
    async with running(codecs):
        codecs.answer(Consent.YES)
        await reach(codecs, State.READY)
        await asyncio.wait_for(ready.wait(), 5)
    # At once, without a restart.
    assert importlib.import_module(MODULE).VERSION == "2.0"
    for folder in (layout.config, layout.support):
        assert "CODEC_INSTALL_CONSENT=yes" in (folder / CONSENT_NAME).read_text()
    assert [path.name for path in codecs.folder.parent.iterdir()] == [codecs.folder.name]
    restart(layout)
    assert importlib.import_module(MODULE).VERSION == "2.0"


@pytest.mark.parametrize("kept", ["config", "support"])
async def test_either_copy_of_the_consent_restores(
    layout: Layout, index: dict[str, str], kept: str
) -> None:
    """A container that was made anew may have lost its config folder, decoders and all."""
    write_consent([getattr(layout, kept)], Consent.YES, at=datetime.now(UTC))

    async def on_ready() -> None:
        pass

    codecs = Codecs(layout, on_ready, codecs=(NEW,), environ=index)
    async with running(codecs):
        await reach(codecs, State.READY)


async def test_decline_is_kept_and_can_be_taken_back(layout: Layout, index: dict[str, str]) -> None:
    codecs = Codecs(layout, pytest.fail, codecs=(NEW,), environ=index)
    async with running(codecs):
        codecs.answer(Consent.NO)
        await asyncio.sleep(0.1)
        assert codecs.state is State.DECLINED
        codecs.forget()
        assert codecs.state is State.ASKING
        assert read_consent((layout.config, layout.support)) is None


async def test_removed_decoders_are_not_used_by_the_next_start(
    layout: Layout, index: dict[str, str]
) -> None:
    async def on_ready() -> None:
        pass

    codecs = Codecs(layout, on_ready, codecs=(NEW,), environ=index)
    async with running(codecs):
        codecs.answer(Consent.YES)
        await reach(codecs, State.READY)
        codecs.forget()
    restart(layout)
    assert codecs.state is State.ASKING
    assert codecs.missing == (NEW,)


async def test_consent_file_deleted_by_hand_is_obeyed(
    layout: Layout, index: dict[str, str]
) -> None:
    async def on_ready() -> None:
        pass

    codecs = Codecs(layout, on_ready, codecs=(NEW,), environ=index)
    async with running(codecs):
        codecs.answer(Consent.YES)
        await reach(codecs, State.READY)
    for folder in (layout.config, layout.support):
        (folder / CONSENT_NAME).unlink()
    restart(layout)
    assert codecs.missing == (NEW,)
    assert codecs.state is State.ASKING


async def test_upgrade_replaces_older_ones_for_the_next_start(
    layout: Layout, index: dict[str, str], tmp_path: Path
) -> None:
    make_wheel(tmp_path / "wheels", OLD)

    async def on_ready() -> None:
        pass

    before = Codecs(layout, on_ready, codecs=(OLD,), environ=index)
    async with running(before):
        before.answer(Consent.YES)
        await reach(before, State.READY)
    restart(layout)
    assert importlib.import_module(MODULE).VERSION == "1.0"
    after = Codecs(layout, pytest.fail, codecs=(NEW,), environ=index)
    async with running(after):
        await until(lambda: read_stamp(after.folder) == "photostore-test-decoder==2.0\n")
    restart(layout)
    assert importlib.import_module(MODULE).VERSION == "2.0"


async def test_older_ones_stay_where_new_ones_cannot_be_had(
    layout: Layout, index: dict[str, str], tmp_path: Path
) -> None:
    make_wheel(tmp_path / "wheels", OLD)

    async def on_ready() -> None:
        pass

    before = Codecs(layout, on_ready, codecs=(OLD,), environ=index)
    async with running(before):
        before.answer(Consent.YES)
        await reach(before, State.READY)
    (tmp_path / "wheels" / "photostore_test_decoder-2.0-py3-none-any.whl").unlink()
    restart(layout)
    after = Codecs(layout, pytest.fail, codecs=(NEW,), environ=index)
    async with running(after):
        await until(lambda: after.problem is not None)
    assert importlib.import_module(MODULE).VERSION == "1.0"
    assert after.state is State.READY


async def test_another_python_has_a_folder_of_its_own(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = locate_folder(layout.config)
    monkeypatch.setattr(sys, "version_info", (3, 14, 0, "final", 0))
    assert locate_folder(layout.config) != here


async def test_what_does_not_load_is_not_kept(
    layout: Layout, index: dict[str, str], tmp_path: Path
) -> None:
    make_wheel(tmp_path / "wheels", NEW, "raise ImportError('libx.so: not for this machine')")
    codecs = Codecs(layout, pytest.fail, codecs=(NEW,), environ=index)
    async with running(codecs):
        codecs.answer(Consent.YES)
        await reach(codecs, State.FAILED)
    assert codecs.problem is not None
    assert "not for this machine" in codecs.problem
    assert list(codecs.folder.parent.iterdir()) == []


async def test_offline_is_said_and_wheels_by_hand_help(layout: Layout, tmp_path: Path) -> None:
    # Nothing listens on port 9, and no other machine is asked.
    offline = {
        "PATH": "/usr/bin:/bin",
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_RETRIES": "0",
    }

    async def on_ready() -> None:
        pass

    codecs = Codecs(layout, on_ready, codecs=(NEW,), environ=offline)
    async with running(codecs):
        codecs.answer(Consent.YES)
        await reach(codecs, State.FAILED)
        assert codecs.problem is not None
        assert "offline" in codecs.problem
        make_wheel(codecs.wheels, NEW)
        codecs.answer(Consent.YES)
        await reach(codecs, State.READY)


async def test_index_without_them_is_said(layout: Layout, index: dict[str, str]) -> None:
    codecs = Codecs(layout, pytest.fail, codecs=(OLD,), environ=index)
    async with running(codecs):
        codecs.answer(Consent.YES)
        await reach(codecs, State.FAILED)
    assert codecs.problem is not None
    assert codecs.problem.startswith("The package index has none for this Python")


def test_other_trouble_is_told_in_pips_words() -> None:
    said = "WARNING: x\nERROR: [Errno 28] No space left on device\n"
    assert explain(said) == "[Errno 28] No space left on device"


def test_versions_are_those_that_were_tested() -> None:
    constraints = (TOP / "constraints.txt").read_text().splitlines()
    assert all(codec.requirement in constraints for codec in PINNED)


async def test_decoders_that_are_here_are_noted(database: Database) -> None:
    assert await take_note(database) == 0
    async with database.read() as reading:
        assert "av==" in await load_text(reading, "decoders")


async def test_who_declines_while_they_are_fetched_is_heard(
    layout: Layout, index: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    codecs = Codecs(layout, pytest.fail, codecs=(NEW,), environ=index)
    fetch = codecs._fetch

    async def fetch_and_decline(*folders: Path) -> None:
        await fetch(*folders)
        write_consent((layout.config, layout.support), Consent.NO, datetime.now(UTC))

    monkeypatch.setattr(codecs, "_fetch", fetch_and_decline)
    codecs.answer(Consent.YES)
    await codecs._install_and_tell()
    assert codecs.state is State.DECLINED
    assert codecs.missing == (NEW,)
    assert not codecs.folder.exists()


async def test_who_tries_again_while_it_fails_does_not_wait(
    layout: Layout, index: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wheels were put there meanwhile, for instance."""
    is_ready = asyncio.Event()

    async def on_ready() -> None:
        is_ready.set()

    codecs = Codecs(layout, on_ready, codecs=(NEW,), environ=index)
    fetch = codecs._fetch

    async def fail_while_another_tries(*_: Path) -> None:
        monkeypatch.setattr(codecs, "_fetch", fetch)
        codecs.answer(Consent.YES)
        raise InstallError("no network")

    monkeypatch.setattr(codecs, "_fetch", fail_while_another_tries)
    codecs.answer(Consent.YES)
    async with running(codecs):
        await asyncio.wait_for(is_ready.wait(), 60)
