"""The server in a container: found, reached, asked for its health, stopped (SPEC 1.3, 2)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.container.box import Box, Boxes, Done, call, owners, snapshot
from tests.samples import make_photo

HARDENED = (
    *("--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--security-opt=no-new-privileges"),
    "--user=1234:1234",
)


BUSY_LIMIT_S = 60  # other work may keep the machine busy
LARGE = (2400, 1800)
HOURS = [datetime(2024, 5, 1) + timedelta(hours=number) for number in range(120)]


def mount(folder: Path, place: str, *, rights: str = "rw") -> str:
    return f"--volume={folder}:{place}:{rights}"


def test_library_alone(boxes: Boxes, library):
    box = boxes.serve(mount(library, "/ps/library"))
    assert box.status(box.pid)["Name"] == "tini"
    assert box.status(box.server_pid)["Uid"].split() == ["1000"] * 4
    for name, folder in (("tmp", "cache"), ("logs", "logs"), ("config", "docker-config")):
        inside = f"/ps/library/.photostore/{folder}"
        assert f"{inside} (inside the library, because /ps/{name} is not mounted)" in box.log
    assert "photostore is at http://localhost:1787/" in box.log
    # 1787 is 06FB; on every address, or the published port would lead nowhere.
    assert " 00000000:06FB " in box.execute("cat", "/proc/net/tcp").out
    assert box.execute("healthcheck") == Done(0, "", "")
    # A command in a running container is no root's, or its files could not be written any more.
    assert box.execute("photostore", "doctor").code == 0
    assert owners(library) == {(1000, 1000)}


def test_all_mounts(boxes: Boxes, library, photos, tmp_path):
    own = {name: tmp_path / name for name in ("originals", "tmp", "logs", "config")}
    for folder in own.values():
        folder.mkdir()
    mounts = [mount(folder, f"/ps/{name}") for name, folder in own.items()]
    box = boxes.serve(mount(library, "/ps/library"), mount(photos, "/photos"), *mounts)
    for name in own:
        assert f"/ps/{name} (its mount in a container)" in box.log
    roots = {root["path"] for root in box.wait_imported(3)["roots"]}
    assert roots == {"/photos", "/ps/originals"}
    assert list(own["logs"].glob("photostore-*.log"))


def test_mounts_are_found_and_originals_stay_as_they_are(boxes: Boxes, library, photos):
    before = snapshot(photos)
    box = boxes.serve(mount(library, "/ps/library"), mount(photos, "/photos", rights="ro"))
    stats = box.wait_imported(3)
    (root,) = stats["roots"]
    assert (root["path"], root["read_only"], stats["photos"]) == ("/photos", True, 3)
    assert snapshot(photos) == before


def test_folder_that_cannot_be_written(boxes: Boxes, library, tmp_path):
    (tmp_path / "tmp").mkdir()
    box = boxes.serve(
        mount(library, "/ps/library"), mount(tmp_path / "tmp", "/ps/tmp", rights="ro")
    )
    assert "/ps/library/.photostore/cache (inside the library, because /ps/tmp" in box.log


def test_library_that_cannot_be_written_is_told(boxes: Boxes, library, photos):
    """It holds something, so it is not given away; the server starts to say so."""
    (library / "a.jpg").write_bytes((photos / "0.jpg").read_bytes())
    box = boxes.serve(mount(library, "/ps/library"))
    status, page = box.ask("/health", accept="text/html")
    assert status in {200, 503}
    assert "UID 1000" in page
    assert "cannot be written" in page


def test_nothing_is_shown_without_accounts(boxes: Boxes, library):
    box = boxes.start(mount(library, "/ps/library"))
    box.wait_ready()
    status, problem = box.ask("/api/v1/stats")
    assert status == 403
    assert "PS_AUTH=none" in problem


# Stop


def test_stop_with_a_listener(boxes: Boxes, library, photos):
    box = boxes.serve(mount(library, "/ps/library"), mount(photos, "/photos"))
    network = f"--net=/proc/{box.pid}/ns/net"
    program = (
        "import http.client; c = http.client.HTTPConnection('127.0.0.1', 1787);"
        "c.request('GET', '/api/v1/events'); r = c.getresponse(); print(r.status, flush=True);"
        "print(r.read().decode())"
    )
    listener = subprocess.Popen(
        ["nsenter", network, sys.executable, "-IS", "-c", program],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert listener.stdout
    assert listener.stdout.readline() == "200\n"
    code, seconds = box.stop()
    assert code == 0
    assert seconds < 10
    assert "event: bye" in listener.communicate()[0]
    assert "photostore has stopped" in box.log
    assert not list((library / ".photostore").glob("photostore.db-wal"))


def test_stop_in_the_middle_of_an_import(boxes: Boxes, library, tmp_path):
    """SPEC 1.4: in time, with exit code 0, and the next start goes on."""
    photos = tmp_path / "many"
    for number in range(120):
        make_photo(
            photos / f"{number}.jpg", size=(2400, 1800), seed=number % 3, taken=HOURS[number]
        )
    mounts = (mount(library, "/ps/library"), mount(photos, "/photos", rights="ro"))
    box = boxes.serve(*mounts)
    limit = time.monotonic() + BUSY_LIMIT_S
    while not 0 < box.json("/api/v1/stats")["files"] < 120:
        assert time.monotonic() < limit, box.log
        time.sleep(0.05)
    code, seconds = box.stop()
    assert code == 0
    assert seconds < 10
    box = boxes.serve(*mounts)
    stats = box.wait_imported(120)
    assert (stats["files"], stats["failed"]) == (120, 0)


def test_taken_port(boxes: Boxes, library, tmp_path):
    first = boxes.serve(mount(library, "/ps/library"))
    other = tmp_path / "other"
    other.mkdir()
    second = boxes.start(mount(other, "/ps/library"), f"--network=container:{first.name}")
    limit = time.monotonic() + BUSY_LIMIT_S
    while second.inspect("{{.State.Running}}") == "true":
        assert time.monotonic() < limit
        time.sleep(0.1)
    assert second.inspect("{{.State.ExitCode}}") == "1"
    (line,) = second.log.splitlines()
    assert "port 1787" in line
    assert not list(other.iterdir())


# Port and health


@pytest.mark.parametrize("way", ["variable", "secret", "settings", "option"])
def test_port(boxes: Boxes, library, tmp_path, way):
    options, command = [mount(library, "/ps/library")], ["serve"]
    match way:
        case "variable":
            options.append("--env=PS_HTTP_PORT=8080")
        case "secret":
            (tmp_path / "port").write_text("8080\n")
            options.append(mount(tmp_path / "port", "/run/secrets/port", rights="ro"))
            options.append("--env=PS_HTTP_PORT_FILE=/run/secrets/port")
        case "settings":
            (tmp_path / "config").mkdir()
            (tmp_path / "config" / "settings.toml").write_text("http_port = 8080\n")
            options.append(mount(tmp_path / "config", "/ps/config"))
        case "option":
            command += ["--port", "8080"]
    box = boxes.serve(*options, command=command, port=8080)
    assert box.execute("healthcheck") == Done(0, "", "")
    # A secret mounted as a file is no folder of photos.
    assert box.json("/api/v1/stats")["roots"] == []


@pytest.mark.parametrize("host", ["::1", "::", "127.0.0.1", "localhost"])
def test_health_check_asks_where_the_server_listens(boxes: Boxes, library, host):
    box = boxes.start(
        *("--env=PS_AUTH=none", f"--env=PS_HTTP_HOST={host}"), mount(library, "/ps/library")
    )
    wait_healthy(box)


def test_health_check_follows_the_command_line(boxes: Boxes, library):
    command = ("serve", "--host", "::1", "--port=9000")
    wait_healthy(boxes.start(mount(library, "/ps/library"), command=command))


def wait_healthy(box: Box) -> None:
    limit = time.monotonic() + BUSY_LIMIT_S
    while (done := box.execute("healthcheck")).code:
        assert time.monotonic() < limit, (done, box.log)
        time.sleep(0.2)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("TZ=Europe/Nowhere", 'setting tz: "Europe/Nowhere" cannot be used (environment: TZ)'),
        ("PS_HTTP_PORT=http", 'setting http_port: "http" cannot be used'),
        ("PS_HTTP_PORT_FILE=/run/secrets/missing", "No such file or directory"),
        ("PS_HTTP_PORT_FILE=/run/s/unreadable", "Permission denied"),
        ("PS_HTTP_PORT_FILE=/run/s", "Is a directory"),
    ],
)
def test_wrong_setting_is_one_line_before_anything_is_opened(
    boxes: Boxes, library, tmp_path, setting, said
):
    """SPEC 3.4, 2.5."""
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "unreadable").write_text("8080")
    (secrets / "unreadable").chmod(0o400)
    done = boxes.run(
        f"--env={setting}", mount(library, "/ps/library"), mount(secrets, "/run/s", rights="ro")
    )
    assert (done.code, done.out) == (1, "")
    (line,) = done.err.splitlines()
    assert said in line
    assert not list(library.iterdir())


def test_health_check_without_an_answer(boxes: Boxes, library):
    box = boxes.start(mount(library, "/ps/library"), command=("shell", "-c", "sleep 60"))
    done = box.execute("healthcheck")
    assert done.code == 1
    assert done.out.startswith("no answer: ")


def test_hardened(boxes: Boxes, library, photos):
    os.chown(library, 1234, 1234)
    mounts = (mount(library, "/ps/library"), mount(photos, "/photos", rights="ro"))
    box = boxes.serve(*HARDENED, *mounts)
    assert box.wait_imported(3)["photos"] == 3
    assert box.execute("healthcheck") == Done(0, "", "")
    assert box.stop()[0] == 0


@pytest.mark.parametrize("limit", [0.25, 2])
def test_limits_are_seen(boxes: Boxes, library, limit):
    """SPEC 5.6: as many imports as the container has memory and processors for."""
    box = boxes.serve(mount(library, "/ps/library"), "--memory=400m", f"--cpus={limit}")
    (row,) = [row for row in box.json("/api/v1/health")["checks"] if row["id"] == "memory"]
    assert "of 419 MB that the container has" in row["summary"]
    assert f"imported at once: {1 if limit < 1 else 2}," in row["summary"]


def test_ready_soon(boxes: Boxes, library, capsys):
    begun = time.monotonic()
    box = boxes.start("--env=PS_AUTH=none", mount(library, "/ps/library"))
    started = time.monotonic()
    box.wait_ready()
    with capsys.disabled():
        ready = time.monotonic() - started
        print(f"\nready {ready:.1f} s after podman's {started - begun:.1f} s")
    assert ready < 10


def test_restart_goes_on(boxes: Boxes, library, photos):
    """What Docker's restart policies do after a crash or a reboot of the host."""
    box = boxes.serve(mount(library, "/ps/library"), mount(photos, "/photos"))
    assert box.wait_imported(3)["photos"] == 3
    call("podman", "kill", "--signal=KILL", box.name)
    assert box.inspect("{{.State.Running}}") == "false"
    assert box.inspect("{{.State.ExitCode}}") != "0"
    call("podman", "--runtime=runc", "start", box.name)
    box.wait_ready()
    assert box.wait_imported(3)["photos"] == 3
    assert box.stop()[0] == 0


# The image


def test_image(boxes: Boxes, image, capsys):
    size = int(subprocess.check_output(["podman", "image", "inspect", "-f", "{{.Size}}", image]))
    with capsys.disabled():
        print(f"\nimage: {size / 1e6:.0f} MB")
    assert size < 400e6
    tools = "for tool in cc gcc c++ make node npm pip git curl; do command -v $tool; done; true"
    assert boxes.run(command=("shell", "-c", tools)) == Done(0, "", "")


def test_image_says_what_it_is(image):
    form = "{{json .Config.ExposedPorts}} {{json .Config.Volumes}} {{json .Config.Healthcheck}}"
    told = subprocess.check_output(
        ["podman", "image", "inspect", "-f", form, image], text=True
    ).strip()
    ports, volumes, health = told.split(" ", 2)
    assert ports == '{"1787/tcp":{}}'
    assert volumes == '{"/ps/library":{}}'
    for part in ('"StartPeriod":60000000000', '"Interval":30000000000', '"Timeout":10000000000'):
        assert part in health
    assert '"Retries":3' in health
    labels = json.loads(
        subprocess.check_output(
            ["podman", "image", "inspect", "-f", "{{json .Config.Labels}}", image], text=True
        )
    )
    assert labels["org.opencontainers.image.title"] == "photostore"
    assert labels["org.opencontainers.image.licenses"] == "MIT"
    for name in ("description", "version", "revision"):
        assert f"org.opencontainers.image.{name}" in labels
