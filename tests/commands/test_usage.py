"""The shape of the command line: SPEC 1.2, 3.3, 3.4."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from photostore import __version__, cli
from photostore.base.settings import SETTINGS
from tests.commands.conftest import Shell

COMMANDS = (
    *("serve", "sync", "info", "list", "doctor"),
    *("backup", "restore", "compose", "stop"),
)


def test_help_names_every_command(shell: Shell) -> None:
    text = shell.run("--help").stdout
    for command in COMMANDS:
        assert re.search(rf"^ +{command} +\w", text, re.MULTILINE), command
    assert max(map(len, text.splitlines())) < 100


def test_no_command_loads_decoders_or_a_server_before_it_is_called(shell: Shell) -> None:
    code = (
        "import sys, photostore.cli; photostore.cli.make_parser();"
        "print(*{'pyvips', 'av', 'hypercorn', 'starlette', 'asyncio', 'PIL'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=shell.environ, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--help"])
    assert ended.value.code == 0
    assert "--library DIR" in capsys.readouterr().out or command == "stop"


def test_version(shell: Shell) -> None:
    assert shell.run("--version").stdout == f"photostore {__version__}\n"


@pytest.mark.parametrize(
    "args",
    [
        ["nonsense"],
        ["--nonsense"],
        ["sync", "--nonsense"],
        ["info"],
        ["list", "-0", "--json"],
        ["list", "--query", "nonsense:x", "--library", "/nowhere"],
        ["stop"],
        ["--stop"],
        ["serve", "--port", "x"],
        ["--port", "70000"],
        ["sync", "--min-file-size", "much"],
        ["--lib", "/nowhere"],
    ],
)
def test_wrong_usage_is_one_line_and_exit_2(shell: Shell, args: list[str]) -> None:
    done = shell.run(*args, code=2)
    assert re.fullmatch(r"photostore: .+\n", done.stderr)
    assert done.stdout == ""
    assert not any(shell.library.parent.iterdir())


def test_a_bad_value_from_the_environment_is_exit_1(shell: Shell) -> None:
    done = shell.run("serve", code=1, PS_HTTP_PORT="x")
    assert done.stderr.count("\n") == 1
    assert "http_port" in done.stderr
    assert '"x"' in done.stderr
    assert not any(shell.library.parent.iterdir())


def test_every_setting_is_an_option_of_every_command() -> None:
    for command in ((), *([name] for name in COMMANDS)):
        for setting in SETTINGS:
            option = "--" + setting.name.replace("_", "-")
            value = [] if isinstance(setting.default, bool) else ["1"]
            rest = ["file"] if command in (["info"], ["restore"]) else []
            arguments = cli.make_parser().parse_args([*command, option, *value, *rest])
            expected = {bool: True, tuple: ["1"]}.get(type(setting.default), "1")
            assert getattr(arguments, setting.name) == expected


def test_options_before_the_command_count() -> None:
    arguments = cli.make_parser().parse_args(["--library", "/l", "list", "--query", "x"])
    assert (arguments.command, arguments.library, arguments.query) == ("list", "/l", "x")
