"""Previews on disk: SPEC 8.1, 8.3."""

from __future__ import annotations

import os
import threading
from dataclasses import replace

import pytest
import pyvips

from photostore.library import previews as module
from photostore.library.previews import PreviewSize, PreviewStore, is_whole, preview_mime
from photostore.media.preview import Preview, Previews

SHA1 = bytes(range(20))


def encode(suffix: str) -> bytes:
    return pyvips.Image.black(40, 30, bands=3).cast("uchar").write_to_buffer(suffix)


def previews(screen: str = ".jpg") -> Previews:
    return Previews(
        grid=Preview(encode(".webp"), "image/webp", 40, 30),
        screen=Preview(encode(screen), "image/jpeg", 40, 30),
        thumbhash=b"hash",
        damaged=None,
    )


def test_what_was_written_is_read(tmp_path):
    store = PreviewStore(tmp_path / "previews")
    assert not store.has(SHA1)
    assert store.read(SHA1, PreviewSize.GRID) is None
    made = previews()
    store.write(SHA1, made)
    assert store.has(SHA1)
    assert store.read(SHA1, PreviewSize.GRID) == made.grid.data
    assert store.read(SHA1, PreviewSize.SCREEN) == made.screen.data


@pytest.mark.parametrize("suffix", [".webp", ".jpg", ".png"])
def test_a_torn_preview_counts_as_absent(tmp_path, suffix):
    """A power cut can leave any beginning of a file, or zeros."""
    whole = encode(suffix)
    assert is_whole(whole)
    assert preview_mime(whole).endswith(suffix.replace(".jpg", "jpeg").lstrip("."))
    store = PreviewStore(tmp_path)
    for torn in (b"", whole[:3], whole[: len(whole) // 2], whole[:-1], bytes(len(whole))):
        store.write(SHA1, previews())
        store.path(SHA1, PreviewSize.SCREEN).write_bytes(torn)
        assert store.read(SHA1, PreviewSize.SCREEN) is None


def test_a_half_written_one_is_never_seen(tmp_path, monkeypatch):
    store = PreviewStore(tmp_path)
    store.write(SHA1, previews())
    before = store.read(SHA1, PreviewSize.GRID)

    def fail(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(OSError, match="No space"):
        store.write(SHA1, previews())
    assert store.read(SHA1, PreviewSize.GRID) == before


def test_threads_that_make_the_same_preview_do_not_disturb_each_other(tmp_path):
    store, made = PreviewStore(tmp_path), previews()
    threads = [threading.Thread(target=store.write, args=(SHA1, made)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = [name for _, _, names in os.walk(tmp_path) for name in names]
    assert sorted(names) == [f"{SHA1.hex()}.grid", f"{SHA1.hex()}.screen"]


def test_what_a_crash_or_a_full_disk_left_half_written_goes(tmp_path, monkeypatch):
    """Issue 4: no temporary files stay."""
    store = PreviewStore(tmp_path)
    half = tmp_path / "ab" / "cd" / "abcd.7-7.partial"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half")
    whole = half.with_name("abcd.grid")
    whole.write_bytes(b"whole")
    assert store.sweep() == 1
    assert (half.exists(), whole.exists()) == (False, True)

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(OSError, match="space"):
        store._write(tmp_path / "ab" / "cd" / "x.grid", b"data")
    assert [path.name for path in half.parent.iterdir()] == ["abcd.grid"]


def test_what_is_read_while_it_is_forgotten_is_of_before(tmp_path, monkeypatch):
    store, seen = PreviewStore(tmp_path), []
    store.write(SHA1, previews())
    forget = store._forget

    def forget_while_it_is_read(*args):
        seen.append((store.generation, store.read(SHA1, PreviewSize.GRID)))
        forget(*args)

    monkeypatch.setattr(store, "_forget", forget_while_it_is_read)
    store.forget(SHA1)
    ((generation, data),) = seen
    assert data is not None
    assert generation != store.generation


@pytest.mark.parametrize("is_forgotten", [True, False])
def test_what_is_turned_while_it_is_forgotten_or_made_anew_does_not_stay(
    tmp_path, monkeypatch, is_forgotten
):
    """SPEC 9.4: of what is deleted for good no picture stays; nor of an earlier make."""
    store, turn = PreviewStore(tmp_path), module.turn_preview
    store.write(SHA1, previews())
    again = replace(previews(), grid=Preview(encode(".jpg"), "image/jpeg", 40, 30))

    def turn_slowly(data, degrees):
        monkeypatch.setattr(module, "turn_preview", turn)
        store.forget(SHA1) if is_forgotten else store.write(SHA1, again)
        return turn(data, degrees)

    monkeypatch.setattr(module, "turn_preview", turn_slowly)
    assert store.read(SHA1, PreviewSize.GRID, 90) is not None
    assert not store.path(SHA1, PreviewSize.GRID, 90).exists()


def test_who_looks_while_it_is_made_anew_does_not_keep_the_earlier_make(tmp_path, monkeypatch):
    store = PreviewStore(tmp_path)
    store.write(SHA1, previews())
    again = replace(previews(), grid=Preview(encode(".jpg"), "image/jpeg", 40, 30))
    write = store._write

    def look_and_write(path, data):
        monkeypatch.setattr(store, "_write", write)
        store.read(SHA1, PreviewSize.GRID, 90)
        write(path, data)

    monkeypatch.setattr(store, "_write", look_and_write)
    store.write(SHA1, again)
    turned = module.turn_preview(again.grid.data, 90)
    assert store.read(SHA1, PreviewSize.GRID, 90) == turned
