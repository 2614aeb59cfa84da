"""The decode child (SPEC 5.7): looks at files, may do nothing else, and can be killed."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from photostore.base.errors import MediaRejectedError, UnreadableError
from photostore.decode import child as decode_child
from photostore.decode.child import CrashedError, DecodeChild, make_children
from photostore.decode.examination import Request, Stage, examine
from photostore.decode.messages import UntrustedMessageError, read_message, write_message
from photostore.media.filters import Limits
from tests.samples import make_photo, make_video


def ask(path: Path) -> Request:
    return Request(bytes(path), path.stat().st_size, Limits(enabled=False), 1440)


@pytest.fixture
def apart(tmp_path: Path):
    child = DecodeChild([bytes(tmp_path)], limit_s=20)
    yield child
    child.close()


def test_child_finds_what_the_process_itself_finds(apart: DecodeChild, tmp_path: Path) -> None:
    for path in (make_photo(tmp_path / "a.jpg"), make_video(tmp_path / "b.mp4")):
        assert apart.examine(ask(path), Stage()) == examine(ask(path), Stage())


def test_child_tells_reason_and_stage(apart: DecodeChild, tmp_path: Path) -> None:
    path = tmp_path / "c.jpg"
    path.write_bytes(b"no picture" * 100)
    stage = Stage()
    with pytest.raises(MediaRejectedError) as caught:
        apart.examine(ask(path), stage)
    assert caught.value.path == bytes(path)
    assert stage.name == "probe"


def fake_child(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: str) -> None:
    """Put a child of our own in the place of the real one: ready, then `answer` for a request."""
    script = tmp_path / "child.py"
    script.write_text(
        "import os, signal, subprocess, sys, time\n"
        "from photostore.decode.messages import read_message, write_message\n"
        "write_message(sys.stdout.buffer, [])\n"
        "read_message(sys.stdin.buffer)\n" + textwrap.dedent(answer)
    )
    monkeypatch.setattr(
        decode_child.subprocess,
        "Popen",
        lambda _, popen=decode_child.subprocess.Popen, **more: popen(
            [sys.executable, str(script)], **more
        ),
    )


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("os.kill(os.getpid(), signal.SIGABRT)", "SIGABRT"),
        ("os._exit(3)", "ended unexpectedly"),
        ("time.sleep(60)", "given up after"),
    ],
)
def test_death_is_told(apart, monkeypatch, tmp_path, answer: str, words: str) -> None:
    path = make_photo(tmp_path / "a.jpg")
    fake_child(monkeypatch, tmp_path, answer)
    apart.limit_s = 1.0 if "given up" in words else 60.0
    with pytest.raises(CrashedError, match=words):
        apart.examine(ask(path), Stage())
    monkeypatch.undo()
    assert apart.examine(ask(path), Stage()).facts.width == 640, "the next one gets a new child"


def test_a_child_that_cannot_start_is_no_fault_of_the_file(apart, monkeypatch, tmp_path) -> None:
    path = make_photo(tmp_path / "a.jpg")
    fake_child(monkeypatch, tmp_path, "pass")
    (tmp_path / "child.py").write_text("raise SystemExit(1)")
    stage = Stage()
    with pytest.raises(UnreadableError, match="cannot be started") as caught:
        apart.examine(ask(path), stage)
    assert not isinstance(caught.value, CrashedError)
    assert stage.name != "crash"
    monkeypatch.undo()
    assert apart.examine(ask(path), Stage()).facts.width == 640


class Evil:
    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, ("/nowhere",)


def test_child_can_send_nothing_but_plain_values(tmp_path: Path) -> None:
    for forbidden in (Evil(), os.mkdir, Path("/")):
        file = tmp_path / "message"
        data = pickle.dumps(forbidden, protocol=4)
        file.write_bytes(len(data).to_bytes(8, "big") + data)
        with file.open("rb") as stream, pytest.raises(UntrustedMessageError):
            read_message(stream)


def test_message_that_claims_to_be_huge_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "message"
    file.write_bytes(b"\xff" * 8)
    with file.open("rb") as stream, pytest.raises(UntrustedMessageError):
        read_message(stream)


FORBIDDEN = {
    "write": "open('{home}/new', 'w')",
    "read elsewhere": "open('/etc/passwd')",
    "unlink": "os.unlink('{home}/a.jpg')",
    "rename": "os.rename('{home}/a.jpg', '{home}/b.jpg')",
    "socket": "socket.socket()",
    "run": "os.execv('/bin/true', ['true'])",
    "fork": "os.fork()",
    "kill": "os.kill({parent}, 0)",
    "chmod": "os.chmod('{home}/a.jpg', 0o777)",
}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Landlock and seccomp are Linux")
@pytest.mark.parametrize("what", FORBIDDEN)
def test_sandbox_refuses(tmp_path: Path, what: str) -> None:
    """Which layers hold depends on the kernel; without both this cannot be tested."""
    make_photo(tmp_path / "a.jpg")
    act = FORBIDDEN[what].format(home=tmp_path, parent=os.getpid())
    script = (
        "import os, socket, sys\n"
        "from photostore.decode.sandbox import confine\n"
        f"layers = confine([{bytes(tmp_path)!r}])\n"
        "if {'landlock', 'seccomp'} - set(layers): os._exit(77)\n"
        f"assert open({str(tmp_path / 'a.jpg')!r}, 'rb').read(2) == b'\\xff\\xd8'\n"
        f"try: {act}\n"
        "except OSError: os._exit(0)\n"
        "os._exit(1)\n"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    code = decode_child.subprocess.run([sys.executable, "-c", script], env=environ).returncode
    if code == 77:
        pytest.skip("this kernel has no Landlock or no seccomp")
    assert code == 0, f"{what} was possible"
    assert (tmp_path / "a.jpg").exists()


def test_message_round_trip(tmp_path: Path) -> None:
    request = ask(make_photo(tmp_path / "a.jpg"))
    with (tmp_path / "message").open("w+b") as stream:
        write_message(stream, request)
        stream.seek(0)
        assert read_message(stream) == request


def test_close_ends_a_child_in_the_middle_of_a_file(apart, monkeypatch, tmp_path) -> None:
    """SPEC 1.4: a stop does not wait for a decoder that hangs (row 25)."""
    path = make_photo(tmp_path / "a.jpg")
    fake_child(monkeypatch, tmp_path, "time.sleep(60)")
    ended: list[Exception] = []

    def look() -> None:
        try:
            apart.examine(ask(path), Stage())
        except CrashedError as error:
            ended.append(error)

    thread = threading.Thread(target=look)
    thread.start()
    while apart.process_id is None or apart.layers is None:
        time.sleep(0.01)
    began = time.monotonic()
    apart.close()
    thread.join(20)
    # The child would sleep for a minute.
    assert time.monotonic() - began < 20
    assert ended
    with pytest.raises(CrashedError):
        apart.examine(ask(path), Stage())


def test_one_that_went_by_itself_is_reaped_and_replaced(apart, monkeypatch, tmp_path) -> None:
    path = make_photo(tmp_path / "a.jpg")
    apart.examine(ask(path), Stage())
    first = apart.process_id
    os.kill(first, signal.SIGTERM)
    while apart.process_id is not None:
        apart.reap()
    assert apart.examine(ask(path), Stage()).facts.width == 640
    monkeypatch.setattr(decode_child, "FILES_A_CHILD", 1)
    second = apart.process_id
    apart.examine(ask(path), Stage())
    assert apart.process_id != second


def test_a_folder_that_is_named_later_can_be_read(apart, tmp_path_factory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    path = make_photo(elsewhere / "a.jpg")
    if "landlock" in (start_layers(apart, path) or ()):
        with pytest.raises(UnreadableError, match="cannot be opened"):
            apart.examine(ask(path), Stage())
    apart.allow([bytes(elsewhere)])
    assert apart.examine(ask(path), Stage()).facts.width == 640


def start_layers(child: DecodeChild, path: Path) -> tuple[str, ...] | None:
    with contextlib.suppress(UnreadableError):
        child.examine(ask(path), Stage())
    return child.layers


def test_no_more_children_than_memory_allows(monkeypatch) -> None:
    for gib, count in ((0, 1), (1, 1), (2, 2), (64, 4)):
        monkeypatch.setattr(decode_child, "memory_bytes", lambda size=gib << 30: size)
        assert len(make_children([], 4)) == count
