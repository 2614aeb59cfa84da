"""SPEC 2.6: decoders that are not installed are missed only by the files that need them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from photostore.base.errors import CodecMissingError
from photostore.media.preview import render
from photostore.media.probe import probe
from photostore.media.reading import read_content
from tests.samples import make_photo, make_video


def hide(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Make imports of some packages fail, as if they were not installed."""
    for name in [*sys.modules]:
        if name.partition(".")[0] in names:
            monkeypatch.delitem(sys.modules, name)
    for name in names:
        monkeypatch.setitem(sys.modules, name, None)


def write_heic(path: Path) -> bytes:
    heif = pytest.importorskip("pillow_heif")
    heif.register_heif_opener()
    Image.new("RGB", (320, 240), (20, 90, 200)).save(path, "HEIF")
    return bytes(path)


def test_video_waits_for_its_decoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_video(tmp_path / "a.mp4")
    hide(monkeypatch, "av")
    with pytest.raises(CodecMissingError, match="no decoder for videos is installed"):
        probe(read_content(bytes(tmp_path / "a.mp4")))


def test_heic_waits_for_its_decoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_heic(tmp_path / "a.heic")
    hide(monkeypatch, "pillow_heif")
    with pytest.raises(CodecMissingError, match="no decoder for HEIC is installed"):
        probe(read_content(path))


def test_other_files_need_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_photo(tmp_path / "a.jpg")
    hide(monkeypatch, "av", "pillow_heif", "rawpy")
    content = read_content(bytes(tmp_path / "a.jpg"))
    assert render(content, probe(content)).screen.width == 640


def test_decoder_is_used_as_soon_as_it_is_there(tmp_path: Path) -> None:
    path = write_heic(tmp_path / "a.heic")
    with pytest.MonkeyPatch.context() as patch:
        hide(patch, "pillow_heif")
        with pytest.raises(CodecMissingError):
            probe(read_content(path))
    assert probe(read_content(path)).width == 320


def test_start_loads_no_decoder() -> None:
    """Idle memory and the time to be ready (SPEC 1.6): decoders come with the first file."""
    program = (
        "import sys, photostore.commands.serve;"
        "print([n for n in ('av', 'numpy', 'pillow_heif', 'rawpy') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
