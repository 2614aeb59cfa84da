"""How files come to a folder that is watched: copied, synchronised, saved anew (SPEC 5.5)."""

from __future__ import annotations

import os
import threading
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

from tests.faults.conftest import Server, put, sha1_of

LONG_AGO = (1_500_000_000, 1_500_000_000)
# Longer than the settle time of two seconds, so that each half is taken for the whole.
STALL_S = 3.5


def in_pieces(path: Path, data: bytes, *, pause_s: float, mode: str = "wb") -> None:
    with path.open(mode, buffering=0) as file:
        for start in range(0, len(data), len(data) // 3 + 1):
            if start:
                time.sleep(pause_s)
            file.seek(start)
            file.write(data[start : start + len(data) // 3 + 1])


def rsync(path: Path, data: bytes) -> None:
    """A hidden name of its own beside it, the time of the source, then the name."""
    hidden = path.with_name(f".{path.name}.Xy12Za")
    in_pieces(hidden, data, pause_s=0.8)
    os.utime(hidden, LONG_AGO)
    hidden.rename(path)


def copy_with_time(path: Path, data: bytes) -> None:
    """`cp -p`: under its name from the start, the time at the end."""
    in_pieces(path, data, pause_s=STALL_S)
    os.utime(path, LONG_AGO)


def samba(path: Path, data: bytes) -> None:
    """The whole length at once, the old time before and after the content."""
    with path.open("wb") as file:
        file.truncate(len(data))
    os.utime(path, LONG_AGO)
    time.sleep(STALL_S)
    in_pieces(path, data, pause_s=STALL_S, mode="r+b")
    os.utime(path, LONG_AGO)


def syncthing(path: Path, data: bytes) -> None:
    hidden = path.with_name(f".syncthing.{path.name}.tmp")
    in_pieces(hidden, data, pause_s=STALL_S)
    os.utime(hidden, LONG_AGO)
    hidden.rename(path)


def browser(path: Path, data: bytes) -> None:
    part = path.with_name(path.name + ".part")
    in_pieces(part, data, pause_s=STALL_S)
    part.rename(path)


def nextcloud(path: Path, data: bytes) -> None:
    part = path.with_name(f"{path.name}.ocTransferId1234.part")
    in_pieces(part, data, pause_s=0.5)
    os.utime(part, LONG_AGO)
    part.rename(path)


def stalled(path: Path, data: bytes) -> None:
    in_pieces(path, data, pause_s=STALL_S)


def saved_anew(path: Path, data: bytes) -> None:
    """Another picture is there first; then it is cut to nothing, and filled slowly."""
    put(path, data[: len(data) // 2] + bytes(5000))
    time.sleep(STALL_S)
    in_pieces(path, data, pause_s=0.6)


def saved_beside(path: Path, data: bytes) -> None:
    """An editor writes a new file, and gives it the name and the time of the old one."""
    put(path, data + b"<!-- an earlier one -->")
    time.sleep(STALL_S)
    other = path.with_name("saving~.jpg")
    other.write_bytes(data)
    other.replace(path)


WAYS: tuple[Callable[[Path, bytes], None], ...] = (
    rsync,
    copy_with_time,
    samba,
    syncthing,
    browser,
    nextcloud,
    stalled,
    saved_anew,
    saved_beside,
)


def test_every_way_of_copying_ends_with_the_whole_file(
    server: Server, tmp_path: Path, photo_bytes: list[bytes]
) -> None:
    """Whatever was seen meanwhile: in the end each file is there once, with its own content."""
    photos = tmp_path / "photos"
    put(photos / "a.jpg", photo_bytes[0])
    server.start("--scan", photos)
    server.until(lambda: server.stats()["assets"] == 1)
    threads = []
    for number, way in enumerate(WAYS, 1):
        # Each for itself: what happens to another must not draw attention to it.
        path = photos / way.__name__ / f"{way.__name__}.jpg"
        path.parent.mkdir()
        threads.append(threading.Thread(target=way, args=(path, photo_bytes[number])))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = {str(path): sha1_of(path) for path in photos.rglob("*.jpg")}
    assert len(expected) == len(WAYS) + 1
    server.until(lambda: server.contents() == expected and server.is_idle(), "all are whole")
    assert server.stats()["failed"] == server.stats()["missing"] == 0
    assert server.get("/problems")["problems"] == []
    # Of what was seen half no picture is left.
    server.until(lambda: server.stats()["assets"] == len(expected))
    notes = [asset["notes"] for asset in server.get("/assets")["assets"]]
    assert notes == [[]] * len(expected)
    server.stop()


def test_links_and_names_that_look_alike(
    server: Server, tmp_path: Path, photo_bytes: list[bytes]
) -> None:
    """Two names of one file, and two spellings of one name (SPEC 4.2): each is there."""
    photos = tmp_path / "photos"
    name = "Müllerstraße é.jpg"
    first = put(photos / unicodedata.normalize("NFC", name), photo_bytes[0])
    second = put(photos / unicodedata.normalize("NFD", name), photo_bytes[1])
    put(photos / "one.jpg", photo_bytes[2])
    os.link(photos / "one.jpg", photos / "two.jpg")
    put(photos / "Case.jpg", photo_bytes[3])
    put(photos / "case.JPG", photo_bytes[4])
    server.start("--scan", photos)
    server.until(lambda: server.stats()["assets"] == 5 and server.is_idle())
    assert server.contents() == {str(path): sha1_of(path) for path in photos.iterdir()}
    (photos / "one.jpg").unlink()
    second.rename(photos / "NFD.jpg")
    (photos / "case.JPG").rename(photos / "CASE.JPG")
    server.until(lambda: len(server.contents()) == 5)
    server.until(
        lambda: server.contents() == {str(path): sha1_of(path) for path in photos.iterdir()}
    )
    assert server.stats()["assets"] == 5
    assert first.exists()
    server.stop()
