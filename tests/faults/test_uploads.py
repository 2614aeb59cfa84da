"""Uploads to a real server that are cut, lie about themselves, or meet a full disk: rows 20 and 21.

The rows are those of the table of faults in docs/development.md.
"""

from __future__ import annotations

import hashlib
import random
import socket
from datetime import datetime
from pathlib import Path

import pytest

from tests.faults.conftest import Server
from tests.library.trash.machine import Machine, run
from tests.samples import make_photo


@pytest.fixture
def content(tmp_path: Path) -> bytes:
    """A photo of a few megabytes."""
    made = make_photo(
        tmp_path / "a.jpg", taken=datetime(2023, 4, 5), size=(3000, 2400), quality=97, seed=7
    )
    return made.read_bytes()


def own_files(library: Path) -> list[Path]:
    """What lies in the library's folder besides its own things, arriving files included."""
    return [
        path
        for path in library.rglob("*")
        if path.is_file() and ".photostore/" not in str(path.relative_to(library))
    ]


def request(server: Server, length: int | None, query: str = "name=a.jpg") -> socket.socket:
    """A connection over which the head of an upload was sent."""
    url = server.client.base_url
    connection = socket.create_connection((url.host, url.port), 10)
    framing = f"content-length: {length}" if length is not None else "transfer-encoding: chunked"
    head = f"POST /api/v1/uploads?{query} HTTP/1.1\r\nhost: localhost\r\n{framing}\r\n\r\n"
    connection.sendall(head.encode())
    return connection


def status_of(connection: socket.socket) -> int:
    """The status of the answer."""
    return int(connection.recv(4096).split()[1])


def test_row_20_a_cut_upload_leaves_nothing(server: Server, content: bytes, tmp_path: Path) -> None:
    """At any byte, by any end of the connection; then the whole file is added as if nothing was."""
    server.start("--scan", tmp_path / "photos")
    chance = random.Random(20)
    for number in range(12):
        connection = request(server, None if number % 4 == 3 else len(content))
        part = content[: chance.choice((0, 1, 4096, chance.randrange(len(content))))]
        connection.sendall(part if number % 4 != 3 else b"%x\r\n" % len(content) + part)
        if number % 3 == 0:
            # A reset instead of an orderly end.
            linger = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        elif number % 3 == 1:
            connection.shutdown(socket.SHUT_WR)
        connection.close()
    server.until(lambda: own_files(server.library) == [], "the parts are gone")
    assert server.stats()["assets"] == 0
    answer = server.client.post("/api/v1/uploads?name=a.jpg", content=content)
    assert answer.status_code == 201
    (file,) = own_files(server.library)
    assert file.read_bytes() == content
    server.stop()


def test_what_is_said_of_a_file_is_compared(server: Server, content: bytes, tmp_path: Path) -> None:
    server.start("--scan", tmp_path / "photos")
    wrong = hashlib.sha1(b"another").hexdigest()
    answer = server.client.post(f"/api/v1/uploads?name=a.jpg&sha1={wrong}", content=content)
    assert (answer.status_code, answer.json()["type"]) == (400, "upload-damaged")
    with request(server, len(content) + 10) as connection:
        connection.sendall(content)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(4096)
    server.until(lambda: own_files(server.library) == [])
    # What is refused at once is answered all the same, with all of it on its way.
    answer = server.client.post("/api/v1/uploads?name=a.txt", content=b"text " * 1_000_000)
    assert answer.status_code == 422
    assert server.stats()["assets"] == 0
    server.stop()


def test_row_21_the_disk_is_full_during_an_upload(
    server: Server, machine: Machine, content: bytes, tmp_path: Path
) -> None:
    """507, nothing in part, the server goes on; and with room it is added."""
    disk = machine.tmpfs("small", "size=4m,mode=755")
    server.shell.environ["PS_ORIGINALS_DIR"] = str(disk)
    server.shell.environ["PS_MIN_FREE_SPACE"] = "0"
    server.start("--scan", tmp_path / "photos")
    stone = disk / "stone"
    stone.write_bytes(bytes((4 << 20) - (1 << 19)))
    told = server.client.post("/api/v1/uploads?name=a.jpg", content=content)
    assert (told.status_code, told.json()["type"]) == (507, "no-room")

    def drops():
        for start in range(0, len(content), 65536):
            yield content[start : start + 65536]

    # Without a length, the disk itself says so in the midst of it.
    unforeseen = server.client.post("/api/v1/uploads?name=a.jpg", content=drops())
    assert (unforeseen.status_code, unforeseen.json()["type"]) == (507, "no-room")
    assert own_files(disk) == [stone]
    assert server.client.get("/ping").status_code == 200
    server.get("/assets")
    stone.unlink()
    answer = server.client.post("/api/v1/uploads?name=a.jpg", content=drops())
    assert answer.status_code == 201, answer.text
    (file,) = own_files(disk)
    assert file.read_bytes() == content
    assert server.stats()["assets"] == 1
    server.stop()


def test_a_destination_that_is_read_only(
    server: Server, machine: Machine, content: bytes, tmp_path: Path
) -> None:
    """A clear problem with the remedy, and it goes on when the disk can be written."""
    disk = machine.tmpfs("originals", "size=24m,mode=755")
    run("mount", "-o", "remount,ro", str(disk))
    server.shell.environ["PS_ORIGINALS_DIR"] = str(disk)
    server.shell.environ["PS_MIN_FREE_SPACE"] = "0"
    server.start("--scan", tmp_path / "photos")
    assert "Read-only" in server.get("/uploads")["problem"]
    answer = server.client.post("/api/v1/uploads?name=a.jpg", content=content)
    assert (answer.status_code, answer.json()["type"]) == (409, "uploads-unavailable")
    assert ":ro" in answer.json()["detail"]
    run("mount", "-o", "remount,rw", str(disk))
    assert server.client.post("/api/v1/uploads?name=a.jpg", content=content).status_code == 201
    server.stop()


def test_memory_does_not_grow_with_the_file(server: Server, tmp_path: Path) -> None:
    """A film of 256 MB that turns out to be none: it came to the disk, not to the memory."""
    server.start("--scan", tmp_path / "photos")
    film = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"

    def send(megabytes: int):
        yield film
        block = bytes(1 << 20)
        for _ in range(megabytes):
            yield block

    def memory_after(megabytes: int) -> float:
        answer = server.client.post("/api/v1/uploads?name=film.mp4", content=send(megabytes))
        assert answer.status_code == 422
        return server.memory_mb()

    # The first starts what looks at films.
    before = memory_after(8)
    assert memory_after(256) - before < 100
    server.until(lambda: own_files(server.library) == [])
    server.stop()
