"""The command line: options and commands, nothing else. What they do is in `commands`.

Every setting is an option of every command (SPEC 3.3), named as it is in the settings file; the
help shows those that are given by hand. A command is imported when it is called for, so that
`--help` does not wait for decoders to load.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import sys
import warnings
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, NoReturn

from photostore import __version__
from photostore.base.errors import PhotostoreError, SettingError, UsageError
from photostore.base.settings import SETTING_BY_NAME, SETTINGS, Source
from photostore.commands.terminal import INTERRUPTED, complain

if TYPE_CHECKING:
    from collections.abc import Sequence

EPILOG = (
    "Every other setting is an option too, for example --log-level info: "
    "settings.example.toml describes them."
)
# Settings that the help shows, each with its option if that is shorter than its name.
SHOWN: dict[str, tuple[str, str | None, str]] = {
    "library": ("--library", "DIR", "folder of the library: database, previews, settings"),
    "scan": ("--scan", "DIR", "folder with photos and videos; may be given several times"),
    "http_port": ("--port", "N", "port of the web page (1787)"),
    "http_host": ("--host", "ADDRESS", "address to listen on (127.0.0.1)"),
    "expose": ("--expose", None, "let other devices in the network reach it"),
    "pidfile": ("--pidfile", "FILE", "file that holds the process number while it runs"),
    "disable_all_filters": ("--no-filter", None, "import files of any size and duration"),
}
OF_A_SERVER = tuple(SHOWN)


class _Parser(argparse.ArgumentParser):
    """Wrong usage is one line and an exception, as every other error is."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {self.prog} --help)")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code of SPEC 1.2."""
    if not sys.warnoptions:
        # Readers of odd files warn in words for programmers; what counts is in the results.
        warnings.simplefilter("ignore")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A name that the locale cannot print is no reason to stop.
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(make_parser().parse_args(argv))
        sys.stdout.flush()
    except SettingError as error:
        complain(str(error))
        return UsageError.exit_code if error.where.startswith(Source.CLI) else error.exit_code
    except PhotostoreError as error:
        complain(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever reads has enough, as in `photostore list | head`. The interpreter flushes at its
        # end and would complain once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (OSError, sqlite3.Error) as error:
        complain(str(error))
        return 1
    return code


def make_parser() -> argparse.ArgumentParser:
    """The parser of all commands; what is not given is not in the result."""
    parser = _Parser(
        prog="photostore",
        usage="photostore [OPTION]... [COMMAND ...]",
        description="A self-hosted photo and video library. Without a command it serves.",
        epilog=EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"photostore {__version__}")
    parser.add_argument("--stop", action="store_true", help="the same as the command stop")
    _add_settings(parser, OF_A_SERVER)
    commands = parser.add_subparsers(title="commands", dest="command", metavar="COMMAND")

    def add(name: str, summary: str, shown: Sequence[str]) -> argparse.ArgumentParser:
        text = summary[0].upper() + summary[1:] + "."
        command = commands.add_parser(name, help=summary, description=text, epilog=EPILOG)
        _add_settings(command, shown)
        return command

    add("serve", "show the library in the browser and keep it true to the disk", OF_A_SERVER)
    sync = add(
        "sync", "scan once, import, report, exit", ("library", "scan", "disable_all_filters")
    )
    sync.add_argument("paths", nargs="*", metavar="PATH", help="file or folder (all that are set)")
    sync.description = (
        "Scan once, import, report, exit. Files that cannot be imported are named in the report; "
        "the exit code is 1 only if something could not be scanned."
    )
    _add_json(sync, "print the counts as one JSON object, in the last line of stdout")
    info = add("info", "tell everything known about files", ("library", "disable_all_filters"))
    info.add_argument("files", nargs="+", metavar="FILE", help="file, in a library or not")
    _add_json(info, "print a JSON array with an object for each file")
    listing = add("list", "list the photos of a library, newest first", ("library",))
    listing.add_argument("--query", metavar="Q", default="", help="only what matches this search")
    form = listing.add_mutually_exclusive_group()
    form.add_argument("-0", dest="nul", action="store_true", help="end each path with a NUL byte")
    _add_json(form, "print a JSON array of everything known about each")
    journal = add("journal", "list what people did, the newest first", ("library",))
    _add_json(journal, "print a JSON array with all that each act changed")
    organise = add("organise", "copy photos that lie outside the library into it", ("library",))
    organise.add_argument("--dry-run", action="store_true", help="only say what would go where")
    _add_json(organise, "print the outcome as one JSON object")
    doctor = add("doctor", "check whether a library is well", ("library",))
    _add_json(doctor, "print the checks as one JSON object")
    backup = add("backup", "copy the database, also beside a running server", ("library",))
    _add_json(backup, "print where the copy lies as one JSON object")
    restore = add("restore", "put a backup in the place of the database", ("library",))
    restore.add_argument("backup", metavar="FILE", help="a copy made by `backup` or in the night")
    _add_json(restore, "print what was restored and what was kept as one JSON object")
    compose = add(
        "compose",
        "write a compose.yaml for Docker or Podman, from options or questions",
        ("library", "scan", "http_port", "expose"),
    )
    compose.add_argument("--output", metavar="FILE", help="file to write (compose.yaml); -: stdout")
    compose.add_argument("--image", metavar="NAME", help="image to run (photostore:latest)")
    compose.add_argument("--hardened", action="store_true", help="no root, no writing elsewhere")
    add("stop", "stop the server of a pidfile, and wait until it is gone", ("pidfile",))
    return parser


def _add_json(parser: argparse._ActionsContainer, text: str) -> None:
    parser.add_argument("--json", action="store_true", help=text)


def _add_settings(parser: argparse.ArgumentParser, shown: Sequence[str]) -> None:
    """Add an option for each setting; those not given leave no trace in the namespace.

    So an option before the command is not undone by the command's own default.
    """
    for setting in SETTINGS:
        own = "--" + setting.name.replace("_", "-")
        options: dict[str, Any] = {"dest": setting.name, "default": argparse.SUPPRESS}
        if isinstance(setting.default, bool):
            options["action"] = "store_true"
            opposite = options | {"action": "store_false", "help": argparse.SUPPRESS}
            parser.add_argument("--no-" + own.removeprefix("--"), **opposite)
        elif isinstance(setting.default, tuple):
            options["action"] = "append"
        short = own
        if setting.name in shown:
            short, metavar, text = SHOWN[setting.name]
            visible = options | {"help": text} | ({"metavar": metavar} if metavar else {})
            parser.add_argument(short, **visible)
        if setting.name not in shown or short != own:
            parser.add_argument(own, **options, help=argparse.SUPPRESS)


def _run(arguments: argparse.Namespace) -> int:  # noqa: PLR0911 - one for each command
    """Call the command that was asked for."""
    given = {name: value for name, value in vars(arguments).items() if name in SETTING_BY_NAME}
    match arguments.command:
        case "sync":
            from photostore.commands.sync import sync

            return sync(given, arguments.paths, as_json=arguments.json)
        case "info":
            from photostore.commands.info import show_info

            return show_info(given, arguments.files, as_json=arguments.json)
        case "list":
            from photostore.commands.listing import ListOptions, list_assets

            options = ListOptions(arguments.query, arguments.json, arguments.nul)
            return list_assets(given, options)
        case "journal":
            from photostore.commands.journal import list_journal

            return list_journal(given, as_json=arguments.json)
        case "organise":
            from photostore.commands.organise import organise

            return organise(given, dry_run=arguments.dry_run, as_json=arguments.json)
        case "doctor":
            from photostore.commands.doctor import examine_library

            return examine_library(given, as_json=arguments.json)
        case "compose":
            from photostore.base.compose import IMAGE
            from photostore.commands.compose import FILE, ComposeOptions, write_compose

            output, image = arguments.output or FILE, arguments.image or IMAGE
            return write_compose(given, ComposeOptions(output, image, arguments.hardened))
        case "backup":
            from photostore.commands.backup import make_backup

            return make_backup(given, as_json=arguments.json)
        case "restore":
            from photostore.commands.backup import restore_backup

            return restore_backup(given, arguments.backup, as_json=arguments.json)
    if arguments.stop or arguments.command == "stop":
        from photostore.commands.stop import stop

        return stop(given)
    from photostore.commands.serve import serve

    return serve(given)
