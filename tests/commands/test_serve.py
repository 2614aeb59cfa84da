"""`photostore serve` and `stop` as processes: SPEC 1.3, 1.4, 4.6."""

from __future__ import annotations

import signal
import socket
import time
import urllib.request
from pathlib import Path

import pytest

from tests.commands.conftest import Shell, age, snapshot
from tests.samples import make_photo


def get(port: int, path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return answer.read()


def open_events(port: int) -> socket.socket:
    """An open event stream, its first event read."""
    client = socket.create_connection(("127.0.0.1", port), timeout=10)
    client.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    received = b""
    while b"event: hello" not in received:
        part = client.recv(4096)
        assert part, received
        received += part
    return client


def wait_for_library(port: int) -> None:
    deadline = time.monotonic() + 30
    while b'"library","label":"Library","status":"ok"' not in get(port, "/api/v1/health").replace(
        b" ", b""
    ):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture(scope="module")
def large_photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough to decode that an import of it can be interrupted."""
    folder = tmp_path_factory.mktemp("large")
    for seed in range(10):
        make_photo(folder / f"{seed}.jpg", size=(5000, 4000), seed=seed)
    age(folder)
    return folder


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_within_two_seconds_with_browsers_and_an_import(
    shell: Shell, large_photos: Path, number: signal.Signals
) -> None:
    process, port = shell.serve("--scan", large_photos)
    wait_for_library(port)
    clients = [open_events(port) for _ in range(5)]
    idle = socket.create_connection(("127.0.0.1", port))
    deadline = time.monotonic() + 60
    while b'"state":"importing"' not in get(port, "/api/v1/stats").replace(b" ", b""):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(number)
    sent = time.monotonic()
    _, err = process.communicate(timeout=20)
    elapsed = time.monotonic() - sent
    assert process.returncode == 0, err
    assert elapsed < 2
    assert err == ""
    for client in clients:
        rest = b""
        while part := client.recv(65536):
            rest += part
        assert b"event: bye" in rest
        client.close()
    idle.close()
    # The database was closed: nothing is left in the log beside it.
    wal = shell.library / ".photostore" / "photostore.db-wal"
    assert not wal.exists() or wal.stat().st_size == 0
    assert shell.sync("--scan", large_photos)["assets"] == 10


def test_a_slow_reader_does_not_keep_it(shell: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "big"
    photo = make_photo(folder / "a.jpg", size=(800, 600))
    with photo.open("ab") as file:
        file.truncate(60_000_000)
    age(folder)
    shell.sync("--scan", folder)
    [asset] = shell.json("list", "--json", "--library", shell.library)
    process, port = shell.serve("--scan", folder)
    wait_for_library(port)
    reader = socket.create_connection(("127.0.0.1", port))
    reader.sendall(
        f"GET /api/v1/assets/{asset['id']}/original HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    )
    assert reader.recv(4096).startswith(b"HTTP/1.1 200")
    process.send_signal(signal.SIGTERM)
    sent = time.monotonic()
    process.communicate(timeout=20)
    assert process.returncode == 0
    assert time.monotonic() - sent < 10
    reader.close()


def test_a_taken_port_is_one_line_and_the_library_is_not_touched(
    shell: Shell, photos: Path
) -> None:
    shell.sync("--scan", photos)
    home = shell.library.parent
    before = snapshot(home)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        start = time.monotonic()
        for library in (shell.library, home / "new" / "library"):
            done = shell.run(
                "serve", "--library", library, "--port", str(port),
                "--pidfile", home / "run" / "pid", code=1,
            )  # fmt: skip
            assert done.stdout == ""
            assert done.stderr.startswith(f"photostore: cannot listen on 127.0.0.1 port {port}: ")
            assert done.stderr.count("\n") == 1
        assert time.monotonic() - start < 20
    assert snapshot(home) == before


@pytest.mark.parametrize("spelling", [["stop", "--pidfile"], ["--stop", "--pidfile"]])
def test_stop_ends_the_process_of_the_pidfile(
    shell: Shell, tmp_path: Path, spelling: list[str]
) -> None:
    pidfile = tmp_path / "run" / "photostore.pid"
    process, port = shell.serve("--pidfile", pidfile)
    assert pidfile.read_text().strip() == str(process.pid)
    assert get(port, "/ping") == b"pong"
    done = shell.run(spelling[0], f"{spelling[1]}={pidfile}")
    # A process that ended and was not waited for still has its number; ours is a parent.
    assert process.wait(timeout=20) == 0
    assert not pidfile.exists()
    assert str(process.pid) in done.stdout
    again = shell.run("stop", "--pidfile", pidfile, code=1)
    assert again.stderr.count("\n") == 1


def test_a_library_in_use_is_one_line_and_exit_1(shell: Shell) -> None:
    process, port = shell.serve()
    wait_for_library(port)
    done = shell.run("serve", "--library", shell.library, "--port", "0", code=1)
    assert done.stderr.count("\n") == 1
    assert f"is open in process {process.pid} on " in done.stderr
    assert get(port, "/ping") == b"pong"


def test_a_library_that_cannot_be_opened_is_shown_and_not_fatal(shell: Shell) -> None:
    shell.library.write_text("a file, no folder")
    process, port = shell.serve()
    assert str(shell.library).encode() in get(port, "/health")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == 0


def test_no_command_serves(shell: Shell) -> None:
    process = shell.start("--library", shell.library, "--port", "0")
    assert process.stdout is not None
    assert any("http://localhost:" in line for line in process.stdout)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0
