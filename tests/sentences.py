"""Collects the sentences for people in the server's source, with `x` where a value stands.

They are what `web/src/i18n/said.de.json` has to have in German: see test_translation.py.
"""

from __future__ import annotations

import ast
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).parents[1] / "photostore"
# Where errors are raised whose words a person meets in the app.
SPOKEN = ("decode", "library", "media", "server", "store", "sync")
# What is wrong with a program's request, with a command or with a start, and errors of Python.
NOT_SHOWN = {
    *("BadRequestError", "UsageError", "SettingError", "LibraryError", "LibraryLockedError"),
    "LibraryTooNewError",
    *("InstallError", "RuntimeError", "OSError", "FileExistsError", "ValueError", "TypeError"),
    *("NoRoomError", "DatabaseDamagedError", "PermissionError", "ChildError", "RevisionGoneError"),
}
# Only a program asks for what these are about.
NOT_SHOWN_FILES = ("organise/", "server/wizard.py", "server/plain.py", "library/pip.py")
# They return their reasons, or have them as constants.
REASONS = (
    "media/capture.py",
    "media/dates.py",
    "media/filters.py",
    "library/machine.py",
    "library/roots.py",
    "sync/watch.py",
)
# Names of variables that hold what a row of the health page says.
HEALTH_NAMES = {"text", "remedy", "said", "place", "rights"}


def error_sentences() -> set[str]:
    """What errors say that a person may meet, with the reasons of files that were left out."""
    found: set[str] = set()
    for path in sources():
        for node in ast.walk(read(path)):
            if isinstance(node, ast.Call):
                name = name_of(node.func)
                if name in {"QueryError", "wrong", "_refusal"} or _is_shown(name):
                    found.update(_arguments(node))
            elif isinstance(node, ast.ClassDef):
                found.update(_titles(node))
    return found


def reason_sentences() -> set[str]:
    """Why a file is left out, a folder is away or not watched, and what holds an import up."""
    found: set[str] = set()
    for path in REASONS:
        tree = read(PACKAGE / path)
        returns = [node.value for node in ast.walk(tree) if isinstance(node, ast.Return)]
        constants = [node.value for node in tree.body if isinstance(node, ast.Assign)]
        texts = (template(value) for value in (*returns, *constants))
        found.update(text for text in texts if text and " " in text)
    return found


def health_sentences() -> set[str]:
    """Labels, summaries and remedies of the health page."""
    found: set[str] = set()
    nodes = (ast.walk(read(path)) for path in (PACKAGE / "server" / "checks").glob("*.py"))
    for node in chain.from_iterable(nodes):
        if isinstance(node, ast.Call) and name_of(node.func) == "Check":
            # Not the id and the status.
            wanted = [arg for i, arg in enumerate(node.args) if i not in {0, 2}]
            found.update(text for arg in wanted for text in texts_in(arg))
        elif isinstance(node, ast.Assign) and name_of(node.targets[0]) in HEALTH_NAMES:
            found.update(text for text in texts_in(node.value) if " " in text)
    return found


def note_sentences() -> set[str]:
    """What is remarked about a file that was imported all the same."""
    found: set[str] = set()
    for folder in ("media", "sync"):
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            for node in ast.walk(read(path)):
                found.update(text for noted in _noted(node) for text in _texts_inside(noted))
    return {text for text in found if " " in text}


def _noted(node: ast.AST) -> Iterator[ast.expr]:
    """What is put among the notes here."""
    match node:
        case ast.Call(func=ast.Attribute(value=kept, attr="append"), args=[value]):
            names = [name_of(kept)]
        case ast.Assign(targets=[target], value=value):
            names = [name_of(target)]
        case ast.keyword(arg=str(name), value=value):
            names = [name]
        case _:
            return
    if names[0].lstrip("_") == "notes":
        yield value


def _texts_inside(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.expr) and (text := template(node)):
        yield text
    else:
        for inner in ast.iter_child_nodes(node):
            yield from _texts_inside(inner)


def sources() -> Iterator[Path]:
    """The modules whose errors are spoken of."""
    for folder in SPOKEN:
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            if not any(part in path.as_posix() for part in NOT_SHOWN_FILES):
                yield path


@cache
def read(path: Path) -> ast.Module:
    """A module's tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(node: ast.expr) -> str:
    """The last part of a name."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def template(node: ast.expr | None) -> str | None:
    """A text, or an f-string with `x` in the place of its values; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(template(part) or "x" for part in node.values)
    return None


def texts_in(node: ast.expr) -> Iterator[str]:
    """The text of an expression, or of both sides of a choice."""
    if isinstance(node, ast.IfExp):
        yield from texts_in(node.body)
        yield from texts_in(node.orelse)
    elif isinstance(node, ast.BoolOp):
        yield from texts_in(node.values[-1])
    elif text := template(node):
        yield text


def _is_shown(name: str) -> bool:
    return name.endswith("Error") and name not in NOT_SHOWN


def _arguments(node: ast.Call) -> Iterator[str]:
    for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
        yield from (text for text in texts_in(argument) if " " in text)


def _titles(node: ast.ClassDef) -> Iterator[str]:
    for part in node.body:
        target = part.targets[0] if isinstance(part, ast.Assign) else getattr(part, "target", None)
        if isinstance(target, ast.Name) and target.id == "title":
            yield from texts_in(part.value)  # type: ignore[attr-defined]
