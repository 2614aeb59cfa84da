"""What `photostore compose` writes is understood by a program that runs it (SPEC 1.2, 2.1)."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from photostore.base.compose import Mount, Plan, render
from tests.container.box import LIMITS, Box, call, owners

COMPOSE = (sys.executable, "-m", "podman_compose")


@pytest.fixture
def plan(library: Path, photos: Path, image: str) -> Plan:
    os.chown(library, 1234, 1235)
    return Plan(library=library, photos=(photos,), image=image, uid=1234, gid=1235)


def write(folder: Path, plan: Plan, name: str) -> list[str]:
    """The file, and one beside it for what cannot be had here: a network, and systemd's limits."""
    (folder / "compose.yaml").write_text(render(plan))
    limits = dict(each.removeprefix("--ulimit=").split("=") for each in LIMITS)
    here = {
        "container_name": name,
        "network_mode": "none",
        "ulimits": {key: int(value.partition(":")[0]) for key, value in limits.items()},
    }
    override = yaml.safe_dump({"services": {"photostore": here}}) + "    ports: !reset []\n"
    (folder / "override.yaml").write_text(override)
    return ["--file", str(folder / "compose.yaml"), "--file", str(folder / "override.yaml")]


@pytest.mark.parametrize("hardened", [False, True])
def test_compose_file_is_run(plan: Plan, photos: Path, tmp_path: Path, hardened: bool):
    name = f"photostore-test-{secrets.token_hex(6)}"
    files = write(tmp_path, replace(plan, is_hardened=hardened), name)
    compose = (*COMPOSE, "--podman-args=--runtime=runc", *files)
    try:
        done = call(*compose, "up", "--detach", timeout_s=120)
        assert done.code == 0, done.err
        box = Box(name)
        box.wait_ready()
        stats = box.wait_imported(3)
        (root,) = stats["roots"]
        assert (root["path"], root["read_only"]) == (f"/photos/{photos.name}", True)
        assert box.status(box.server_pid)["Uid"].split() == ["1234"] * 4
        assert owners(plan.library) == {(1234, 1235)}
        assert box.inspect("{{.HostConfig.RestartPolicy.Name}}") == "unless-stopped"
        assert box.inspect("{{.HostConfig.ReadonlyRootfs}}") == str(hardened).lower()
    finally:
        call(*compose, "down", timeout_s=60)
    assert "photostore has stopped" in "".join(
        path.read_text() for path in (plan.library / ".photostore" / "logs").glob("*.log")
    )


def test_every_name_survives(tmp_path: Path):
    plan = Plan(
        library=Path("/srv/photostore"),
        photos=(Path('/a/b "c" # d'), Path("/a/$HOME"), Path("/a/- ü: x")),
        own=(Mount(Path("/ssd"), "/ps/tmp"),),
    )
    (tmp_path / "compose.yaml").write_text(render(plan))
    read = subprocess.check_output(
        (*COMPOSE, "--file", tmp_path / "compose.yaml", "config"), text=True
    )
    (service,) = yaml.safe_load(read)["services"].values()
    sources = [each["source"] for each in service["volumes"]]
    assert sources == ["/srv/photostore", "/ssd", '/a/b "c" # d', "/a/$HOME", "/a/- ü: x"]
