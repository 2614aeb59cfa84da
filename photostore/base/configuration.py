"""Settings and folders together: each needs the other, so they are found in one go.

The library's place decides which settings files are read, and a settings file may name the library:
first command line and environment, then the system's file, then the library's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from photostore.base import layout as places
from photostore.base.codecs import use_installed
from photostore.base.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Plan:
    """The settings in force and the library's folder. Nothing on disk was touched to find them."""

    settings: Settings
    library: Path
    in_container: bool
    environ: Mapping[str, str]
    root: Path

    @property
    def database(self) -> Path:
        """Where the library's database is or would be."""
        return self.library / places.SUPPORT_NAME / places.DATABASE_NAME


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a start needs to know."""

    settings: Settings
    layout: places.Layout
    in_container: bool


def make_plan(
    args: Mapping[str, object],
    environ: Mapping[str, str],
    root: Path = places.CONTAINER_ROOT,
) -> Plan:
    """Return settings and library for one start; `args` as in `load_settings`.

    Every value is checked before the first folder is made (SPEC 3.4). Raises SettingError,
    UsageError, or FileError for a settings file that cannot be read.
    """
    inside = places.is_in_container(environ, root)
    early = load_settings(args, environ, in_container=inside)
    named = places.choose_library(early.library, environ, inside, root).path
    system_toml = places.find_system_toml(named, early.config_dir, environ, inside, root)
    system = load_settings(args, environ, system_toml, in_container=inside)
    library = places.choose_library(system.library, environ, inside, root).path
    library_toml = library / places.SUPPORT_NAME / places.SETTINGS_NAME
    settings = load_settings(args, environ, system_toml, library_toml, in_container=inside)
    return Plan(settings, library, inside, environ, root)


def use_decoders(plan: Plan) -> None:
    """Use the decoders that were installed earlier, where no folders are made (SPEC 2.6)."""
    support = plan.library / places.SUPPORT_NAME
    for config in places.list_config_folders(
        plan.library, plan.settings.config_dir, plan.environ, plan.in_container, plan.root
    ):
        use_installed(config, support)


def make_folders(plan: Plan) -> Configuration:
    """Choose and make the folders of a plan; `layout.problem` says why that was impossible.

    Decoders that were installed into the config folder can be imported from here on.
    """
    settings = plan.settings
    wanted = places.Wanted(
        cache=settings.cache_dir,
        logs=settings.logs_dir,
        config=settings.config_dir,
        originals=settings.originals_dir,
    )
    layout = places.resolve_layout(
        settings.library, plan.environ, plan.in_container, wanted=wanted, root=plan.root
    )
    use_installed(layout.config, layout.support)
    return Configuration(settings, layout, plan.in_container)


def load_configuration(
    args: Mapping[str, object],
    environ: Mapping[str, str],
    root: Path = places.CONTAINER_ROOT,
) -> Configuration:
    """Return settings and folders for one start: a plan, carried out. Raises as `make_plan`."""
    return make_folders(make_plan(args, environ, root))
