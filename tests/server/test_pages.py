"""The app's own files: as they are on the disk now, and what an open tab has goes on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from photostore.server import pages

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_an_app_that_was_built_anew_is_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pages, "STATIC", tmp_path)
    pages._read.cache_clear()
    (tmp_path / "assets").mkdir()
    index, old = tmp_path / "index.html", tmp_path / "assets" / "first-old.js"
    index.write_text("old")
    old.write_text("1")
    assert body_of("index.html") == b"old"
    assert body_of("assets/first-old.js") == b"1"
    assert body_of("assets/first-new.js") is None
    index.write_text("new")
    os.utime(index, ns=(1, 1))
    old.unlink()
    (tmp_path / "assets" / "first-new.js").write_text("2")
    assert body_of("index.html") == b"new"
    assert body_of("assets/first-new.js") == b"2", "that it was missing is not remembered"
    assert body_of("assets/first-old.js") == b"1", "a tab that is open still has its app"
    pages._read.cache_clear()


def body_of(path: str) -> bytes | None:
    """A file of the app as it is sent."""
    file = pages.load_file(path)
    return None if file is None else file.body
