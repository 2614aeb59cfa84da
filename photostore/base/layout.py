"""Where photostore keeps its things: the library and the folders beside it (SPEC 2.2).

In a container the folders are mounts below /ps, elsewhere those of the XDG base directory
specification. Each choice is tried by writing and carries its reason, for the log and /health.
Never touches an original.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import xdg_base_dirs

from photostore.base.disk import find_write_obstacle
from photostore.base.text import display_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CONTAINER_ROOT = Path("/ps")
SUPPORT_NAME = ".photostore"
SETTINGS_NAME = "settings.toml"
DATABASE_NAME = "photostore.db"


@dataclass(frozen=True, slots=True)
class Choice:
    """One folder that was chosen: what it is for, which, and why, as a sentence for people."""

    name: str
    path: Path
    why: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Folders that settings ask for; None: photostore chooses."""

    cache: Path | None = None
    logs: Path | None = None
    config: Path | None = None
    originals: Path | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """Every place on disk that photostore uses.

    `problem` says why the library cannot be used (missing rights, read-only), or is None. Then the
    other folders that lie inside the library cannot be used either, and the server starts only to
    say so (SPEC 1.5).
    """

    library: Path
    support: Path
    database: Path
    previews: Path
    cache: Path
    logs: Path
    config: Path
    originals: Path | None
    choices: tuple[Choice, ...]
    problem: str | None

    @property
    def system_toml(self) -> Path:
        """The settings file of this computer, as it is written."""
        return self.config / SETTINGS_NAME

    @property
    def library_toml(self) -> Path:
        """The settings file that travels with the library."""
        return self.support / SETTINGS_NAME


def is_in_container(environ: Mapping[str, str], root: Path = CONTAINER_ROOT) -> bool:
    """Tell whether the container's folders apply: `PS_IN_CONTAINER`, else is /ps/library there."""
    told = environ.get("PS_IN_CONTAINER", "").strip().lower()
    if told:
        return told in {"1", "true", "yes", "on"}
    return (root / "library").is_dir()


def choose_library(
    library: Path | None,
    environ: Mapping[str, str],
    in_container: bool,
    root: Path = CONTAINER_ROOT,
) -> Choice:
    """Return the library folder; touches nothing on disk."""
    if library is not None:
        return Choice("library", library, "asked for by the settings")
    if in_container:
        return Choice("library", root / "library", "the library's mount in a container")
    data = _find_xdg(environ, "XDG_DATA_HOME", xdg_base_dirs.xdg_data_home)
    return Choice("library", data / "photostore" / "library", "no library was named; your own data")


def find_system_toml(
    library: Path,
    config: Path | None,
    environ: Mapping[str, str],
    in_container: bool,
    root: Path = CONTAINER_ROOT,
) -> Path | None:
    """Return the system settings file to read, or None. Touches nothing on disk.

    A folder that cannot be written may still hold it, as a Kubernetes ConfigMap does.
    """
    for folder in list_config_folders(library, config, environ, in_container, root):
        path = folder / SETTINGS_NAME
        if _may_exist(path):
            return path
    return None


def list_config_folders(
    library: Path,
    config: Path | None,
    environ: Mapping[str, str],
    in_container: bool,
    root: Path = CONTAINER_ROOT,
) -> list[Path]:
    """The folders that may be the config folder, the likeliest first. Touches nothing on disk."""
    places = _Places(library / SUPPORT_NAME, environ, in_container, root)
    return [*(each.path for each in places.list_config(config)), places.inside_config]


def resolve_layout(
    library: Path | None,
    environ: Mapping[str, str],
    in_container: bool,
    *,
    wanted: Wanted | None = None,
    root: Path = CONTAINER_ROOT,
) -> Layout:
    """Choose and make the folders; never raises for one that cannot be used (see `problem`).

    An optional folder that is missing or cannot be written is replaced by one inside the library,
    and its `Choice` says why. `root` is where a container has its mounts.
    """
    wanted = wanted or Wanted()
    chosen = choose_library(library, environ, in_container, root)
    support = chosen.path / SUPPORT_NAME
    previews = support / "previews"
    chosen, problem = _prepare_library(chosen, support, is_made=not in_container)
    problem = problem or _prepare(_Candidate(previews, "", are_parents_made=False))
    places = _Places(support, environ, in_container, root)
    choices = [chosen]
    for name, candidates, inside in (
        ("cache", places.list_cache(wanted.cache), support / "cache"),
        ("logs", places.list_logs(wanted.logs), support / "logs"),
        ("config", places.list_config(wanted.config), places.inside_config),
    ):
        choice, obstacle = _choose(name, candidates, inside)
        choices.append(choice)
        problem = problem or obstacle
    originals = _choose_originals(wanted.originals, in_container, root)
    if originals:
        choices.append(originals)
    return Layout(
        library=chosen.path,
        support=support,
        database=support / DATABASE_NAME,
        previews=previews,
        cache=choices[1].path,
        logs=choices[2].path,
        config=choices[3].path,
        originals=originals.path if originals else None,
        choices=tuple(choices),
        problem=f"{problem} (running as UID {os.getuid()}, GID {os.getgid()})" if problem else None,
    )


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A folder that may be chosen; `is_made`: it is created if missing.

    Folders inside the library are made without parents: a library that is not there must not come
    to be by a log file.
    """

    path: Path
    why: str
    is_made: bool = True
    are_parents_made: bool = True


@dataclass(frozen=True, slots=True)
class _Places:
    """The candidates for each optional folder, best first; those inside the library come last."""

    support: Path
    environ: Mapping[str, str]
    in_container: bool
    root: Path

    @property
    def inside_config(self) -> Path:
        return self.support / ("docker-config" if self.in_container else "config")

    def list_cache(self, wanted: Path | None) -> list[_Candidate]:
        # A library has a cache of its own, so that two libraries never share files.
        key = hashlib.sha256(os.fsencode(self.support.parent)).hexdigest()[:16]
        own = Path("photostore") / key
        return self._list(wanted, "tmp", ("XDG_CACHE_HOME", xdg_base_dirs.xdg_cache_home, own))

    def list_logs(self, wanted: Path | None) -> list[_Candidate]:
        return self._list(wanted, "logs", None)

    def list_config(self, wanted: Path | None) -> list[_Candidate]:
        own = Path("photostore")
        return self._list(wanted, "config", ("XDG_CONFIG_HOME", xdg_base_dirs.xdg_config_home, own))

    def _list(
        self,
        wanted: Path | None,
        mount: str,
        xdg: tuple[str, Callable[[], Path], Path] | None,
    ) -> list[_Candidate]:
        if wanted is not None:
            return [_Candidate(wanted, "asked for by the settings")]
        if self.in_container:
            return [_Candidate(self.root / mount, "its mount in a container", is_made=False)]
        if xdg is None:
            return []
        variable, find_default, below = xdg
        return [
            _Candidate(_find_xdg(self.environ, variable, find_default) / below, "your own folder")
        ]


def _prepare_library(chosen: Choice, support: Path, *, is_made: bool) -> tuple[Choice, str | None]:
    """Make the library and its support folder; return the choice, and why they cannot be used.

    A library of another user is usable where the support folder is ours, as after a change of PUID:
    all is kept in there, but for copies of photos.
    """
    problem = _prepare(_Candidate(chosen.path, "", is_made=is_made))
    if problem and not os.path.isdir(support):  # which raises nothing where it may not look
        return chosen, problem
    inside = _prepare(_Candidate(support, "", are_parents_made=False))
    if problem and not inside:
        why = f"{chosen.why}; only {SUPPORT_NAME} in it can be written: {problem}"
        return Choice(chosen.name, chosen.path, why), None
    return chosen, problem or inside


def _choose(name: str, candidates: list[_Candidate], inside: Path) -> tuple[Choice, str | None]:
    """Return the first usable candidate, else the folder inside the library and what is wrong."""
    obstacles: list[str] = []
    for candidate in candidates:
        obstacle = _prepare(candidate)
        if obstacle is None:
            return Choice(name, candidate.path, candidate.why), None
        obstacles.append(obstacle)
    why = ", because ".join(["inside the library", *obstacles])
    return Choice(name, inside, why), _prepare(_Candidate(inside, "", are_parents_made=False))


def _choose_originals(wanted: Path | None, in_container: bool, root: Path) -> Choice | None:
    """Return the folder for originals; it is neither made nor tried, for it may be read-only."""
    if wanted is not None:
        return Choice("originals", wanted, "asked for by the settings")
    mount = root / "originals"
    if in_container and mount.is_dir():
        return Choice("originals", mount, "its mount in a container")
    return None


def _prepare(candidate: _Candidate) -> str | None:
    """Make the folder if it may be made; return why it cannot be used, or None."""
    path = candidate.path
    try:
        if candidate.is_made:
            path.mkdir(parents=candidate.are_parents_made, exist_ok=True)
        elif not path.is_dir():
            return f"{display_name(path)} is not mounted"
    except OSError as error:
        return f"{display_name(path)} cannot be made: {error.strerror or error}"
    obstacle = find_write_obstacle(path)
    return f"{display_name(path)} cannot be written: {obstacle}" if obstacle else None


def _may_exist(path: Path) -> bool:
    try:
        return path.is_file()
    except PermissionError:
        return True  # reading it will say what is wrong


def _find_xdg(environ: Mapping[str, str], variable: str, find_default: Callable[[], Path]) -> Path:
    """Return an XDG folder by the environment passed in; a relative path is invalid by the spec."""
    value = environ.get(variable, "")
    return Path(value) if value.startswith("/") else find_default()
