"""`photostore backup` beside a running server, and `restore` without one (SPEC 12.5)."""

from __future__ import annotations

from pathlib import Path

from tests.commands.conftest import Shell


def test_backup_beside_a_server_and_restore_after_it(shell: Shell, photos: Path) -> None:
    shell.sync("--no-filter", photos)
    before = shell.run("list", "--library", shell.library).stdout
    process, _ = shell.serve("--scan", photos)
    made = shell.json("backup", "--json", "--library", shell.library)
    assert isinstance(made, dict)
    refused = shell.run("restore", "--library", shell.library, made["backup"], code=1)
    assert f"process {process.pid}" in refused.stderr
    process.terminate()
    assert process.wait(10) == 0

    database = shell.library / ".photostore" / "photostore.db"
    database.write_bytes(b"lost")
    done = shell.json("restore", "--json", "--library", shell.library, made["backup"])
    assert isinstance(done, dict)
    assert Path(done["kept"]).read_bytes() == b"lost"
    assert shell.run("list", "--library", shell.library).stdout == before


def test_backup_of_nothing_is_one_line(shell: Shell) -> None:
    done = shell.run("backup", "--library", shell.library, code=1)
    assert len(done.stderr.splitlines()) == 1
