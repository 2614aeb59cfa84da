"""The rules that hold everywhere: where SQL is, how long things get, what is documented.

The floors are held by import-linter, in `make lint`.
"""

from __future__ import annotations

import ast
import importlib.util
import re
from functools import cache
from pathlib import Path

import pytest

from photostore.base.settings import SETTINGS
from photostore.server.routes import ENDPOINTS

TOP = Path(__file__).resolve().parent.parent
PACKAGE = TOP / "photostore"
DOCS = [TOP / "README.md", TOP / "CHANGELOG.md", *sorted((TOP / "docs").rglob("*.md"))]

MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 60
SQL = re.compile(
    r"\b(SELECT\s.*\bFROM|INSERT\s+(OR\s+\w+\s+)?INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM"
    r"|(CREATE|ALTER|DROP)\s+(TABLE|INDEX|VIEW|VIRTUAL|TRIGGER)|PRAGMA\s+\w+|ORDER\s+BY"
    r"|BEGIN\s+IMMEDIATE)\b",
    re.DOTALL,
)
# Put together, so that this file does not hold what it looks for.
UNFINISHED = re.compile(
    r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")) + r")\b(?!\(#\d)"
)


def sources(*folders: str, suffixes: tuple[str, ...] = (".py",)) -> list[Path]:
    found = [path for folder in folders for path in (TOP / folder).rglob("*")]
    return sorted(path for path in found if path.suffix in suffixes)


def name_of(path: Path) -> str:
    return path.relative_to(TOP).as_posix()


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), filename=str(path))


def docstrings(tree: ast.Module) -> set[ast.AST]:
    """The nodes of all docstrings."""
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    bodies = [node.body for node in ast.walk(tree) if isinstance(node, owners)]
    return {body[0].value for body in bodies if body and isinstance(body[0], ast.Expr)}


def load_generator():
    spec = importlib.util.spec_from_file_location("generate", TOP / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# Structure


def test_sql_is_only_in_store():
    offenders = []
    for path in sources("photostore"):
        if path.is_relative_to(PACKAGE / "store"):
            continue
        tree = parse(path)
        texts = docstrings(tree)
        offenders += [
            f"{name_of(path)}:{node.lineno}: {node.value[:60]!r}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node not in texts
            and SQL.search(node.value)
        ]
    assert not offenders


@pytest.mark.parametrize(
    ("text", "is_sql"),
    [
        ("SELECT id\nFROM asset", True),
        ("INSERT OR IGNORE INTO file", True),
        ("SELECT a photo FROM the grid".lower(), False),
        ("UPDATE asset SET title = ?", True),
        ("Update the settings", False),
        ("PRAGMA integrity_check", True),
    ],
)
def test_the_search_for_sql_finds_it(text, is_sql):
    assert bool(SQL.search(text)) is is_sql


def test_only_store_talks_to_the_database_driver():
    offenders = [
        name_of(path)
        for path in sources("photostore")
        if not path.is_relative_to(PACKAGE / "store")
        and re.search(r"^\s*(import|from) aiosqlite\b", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert not offenders


def test_files_stay_short():
    files = sources("photostore", "tests", "docs", "web/src", suffixes=(".py", ".ts", ".svelte"))
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in files}
    assert not {name: lines for name, lines in lengths.items() if lines > MAX_FILE_LINES}


def test_functions_stay_short():
    long = {
        f"{name_of(path)}:{node.lineno} {node.name}": node.end_lineno - node.lineno + 1
        for path in [TOP / "hatch_build.py", *sources("photostore", "tests", "docs")]
        for node in ast.walk(parse(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno + 1 > MAX_FUNCTION_LINES
    }
    assert not long


def test_only_commands_print():
    allowed = set(sources("photostore/commands"))
    offenders = [
        f"{name_of(path)}:{node.lineno}"
        for path in sources("photostore")
        if path not in allowed
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]
    assert not offenders


def test_each_module_says_what_it_is():
    assert not [
        name_of(path)
        for path in sources("photostore", "docs")
        if path.stat().st_size and not ast.get_docstring(parse(path))
    ]


def test_nothing_is_left_unfinished():
    files = sources(
        "photostore", "tests", "docs", "web/src", suffixes=(".py", ".ts", ".svelte", ".css", ".md")
    )
    offenders = [
        f"{name_of(path)}:{number}"
        for path in [TOP / "hatch_build.py", TOP / "Makefile", TOP / "README.md", *files]
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if UNFINISHED.search(line)
    ]
    assert not offenders


# Documents


def test_generated_documents_are_current():
    stale = [
        name_of(path)
        for path, render in load_generator().DOCUMENTS.items()
        if path.read_text("utf-8") != render()
    ]
    assert not stale, "run `make docs`"


def test_each_setting_is_documented():
    text = (TOP / "docs" / "settings.md").read_text("utf-8")
    assert not [
        name
        for setting in SETTINGS
        for name in (f"### {setting.name}\n", *setting.env_names, setting.type.allowed)
        if name not in text and setting.type.name != "text"
    ]
    assert all(setting.description for setting in SETTINGS)


def test_documents_name_no_setting_that_does_not_exist():
    # PS_ENV_FILE and PS_IN_CONTAINER say where settings come from and are none themselves.
    known = {name for setting in SETTINGS for name in setting.env_names}
    known |= {"PS_ENV_FILE", "PS_IN_CONTAINER"}
    offenders = {
        f"{name_of(path)}: {name}"
        for path in DOCS
        for name in re.findall(r"\bPS_[A-Z_]+\b", path.read_text("utf-8"))
        if name not in known and name.removesuffix("_FILE") not in known and name != "PS_NAME_FILE"
    }
    assert not offenders


def test_each_endpoint_is_in_the_api_document():
    text = (TOP / "docs" / "api.md").read_text("utf-8")
    missing = [
        f"{one.method} {one.path}"
        for one in ENDPOINTS
        if f"`{one.method} {one.path.removeprefix('/api/v1')}" not in text
    ]
    assert not missing


def test_each_command_of_make_is_in_the_document():
    targets = re.findall(
        r"^([a-z0-9-]+):.* ## ", (TOP / "Makefile").read_text("utf-8"), re.MULTILINE
    )
    text = (TOP / "docs" / "development.md").read_text("utf-8")
    assert "test" in targets
    assert not [name for name in targets if name != "help" and f"| `make {name}` |" not in text]


def test_links_between_documents_lead_somewhere():
    broken = [
        f"{name_of(path)}: {target}"
        for path in DOCS
        for target in re.findall(r"(?<!!)\[[^\]]*\]\(([^)#\s]+)", path.read_text("utf-8"))
        if "://" not in target and not (path.parent / target).exists()
    ]
    assert not broken


def test_the_architecture_names_modules_that_exist():
    text = (TOP / "docs" / "architecture.md").read_text("utf-8")
    names = set(re.findall(r"(?<![\w/.])((?:[a-z]+/)+[a-z_.]+\.(?:py|ts))\b", text))
    assert len(names) > 15
    assert not [n for n in names if not (PACKAGE / n).exists() and not (TOP / n).exists()]


def test_pinned_packages_are_named_by_version_alone():
    lines = (TOP / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert not [pin for pin in pins if not re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", pin)]
    assert '"resolved"' not in (TOP / "web" / "package-lock.json").read_text("utf-8")
