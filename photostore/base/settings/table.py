"""The one table of settings (SPEC 3.1): name, type, default, scope and description of each.

The fields of `Settings` are the table: types are checked where a setting is used, and the TOML
comments, `settings.example.toml`, the `PS_*` names, the settings page and the docs come from
`SETTINGS`. Nothing here reads a file or the environment (`loading` does).
"""
# ruff: noqa: RUF009 - a call per field is what makes the fields the table

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from photostore.base.settings import values as v
from photostore.base.settings.declaration import Origin, Scope, Setting, Source, declare

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class LogLevel(StrEnum):
    """How much goes to the log, least first."""

    ERROR = "error"
    WARN = "warn"
    INFO = "info"
    DEBUG = "debug"


class Auth(StrEnum):
    """Whether people must log in: `auto` asks as soon as other devices can reach the server."""

    AUTO = "auto"
    NONE = "none"


_PLACES = declare("Where things are", Scope.SYSTEM)
_NETWORK = declare("Network", Scope.SYSTEM)
_ACCESS = declare("Who may look", Scope.SYSTEM)
_WORK = declare("How hard it works", Scope.SYSTEM)
_WATCH = declare("Noticing new photos", Scope.SYSTEM)
_LOGS = declare("Logs", Scope.SYSTEM)
_OUTSIDE = declare("Only from the command line or the environment", Scope.SYSTEM, in_toml=False)
_FILTERS = declare("Which files are imported", Scope.LIBRARY)
_PREVIEWS = declare("Previews", Scope.LIBRARY)
_CARE = declare("Originals, reports and backups", Scope.LIBRARY)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Settings:
    """The value of each setting and where it came from. Sizes are bytes, lengths pixels."""

    library: Path | None = _PLACES(
        v.FOLDER,
        None,
        "The folder of your library: database, previews and settings. Must be writable. Empty: a "
        "folder in your home, or /ps/library in a container.",
        aliases=("PS_LIBRARY_DIR", "PS_LIBRARY_PATH"),
    )
    scan: tuple[Path, ...] = _PLACES(
        v.FOLDERS,
        (),
        "More folders with photos and videos. They are read, never changed. In a container every "
        "mounted folder is found without being listed here.",
        aliases=("PS_SCAN_PATHS",),
    )
    originals_dir: Path | None = _PLACES(
        v.FOLDER,
        None,
        "Where photos go that are added in the browser, and copies of new photos when copying to "
        "the library is on. Empty: the library folder, or /ps/originals in a container.",
    )
    cache_dir: Path | None = _PLACES(
        v.FOLDER,
        None,
        "Files that can be made again at any time. Best on a local, fast disk. Empty: your cache "
        "folder, or /ps/tmp in a container.",
        aliases=("PS_TMP_DIR",),
    )
    logs_dir: Path | None = _PLACES(
        v.FOLDER,
        None,
        "Where log files are written. Empty: inside the library, or /ps/logs in a container.",
    )
    pidfile: Path | None = _PLACES(
        v.FOLDER,
        None,
        "A file that holds the process number while photostore runs, for service managers and "
        "`photostore stop`. Empty: none is written.",
    )

    http_port: int = _NETWORK(
        v.whole_number(0, 65_535),
        1787,
        "The port of the web page. 0 takes any free port.",
    )
    http_host: str = _NETWORK(
        v.TEXT,
        "127.0.0.1",
        "The address to listen on. 127.0.0.1 means this computer only, 0.0.0.0 every network. In "
        "a container the default is 0.0.0.0: the published port decides who can reach it.",
        in_container="0.0.0.0",  # noqa: S104 - SPEC 2.1: a container is reached by its published port
    )
    expose: bool = _NETWORK(
        v.FLAG,
        False,
        "Let other devices in your network reach photostore, unless http_host says otherwise.",
    )
    allowed_hosts: tuple[str, ...] = _NETWORK(
        v.HOSTS,
        (),
        "Names under which you open photostore besides localhost, IP addresses and this "
        "computer's own name, for example photos.example.org behind a proxy.",
    )
    trusted_proxies: tuple[v.Network, ...] = _NETWORK(
        v.NETWORKS,
        (),
        "Addresses of reverse proxies (nginx, Caddy, Traefik) whose word on the visitor's address "
        "and https is believed.",
    )

    auth: Auth = _ACCESS(
        v.choice(Auth),
        Auth.AUTO,
        "auto: an account is needed as soon as other devices can reach photostore. none: anyone "
        "who can reach it sees and changes everything.",
    )

    max_concurrent_imports: int = _WORK(
        v.whole_number(0, 256),
        0,
        "How many files are imported at the same time. 0: as many as there are processor cores, or "
        "fewer where memory is short.",
    )
    first_pass_files: int = _WORK(
        v.whole_number(0, 100_000_000),
        1000,
        "With so many new files or more a server makes the small pictures of all of them first, so "
        "that a large new library can be looked at in half the time; the large pictures follow, "
        "and what you open gets its own at once. Most JPEGs are read twice for that, and the whole "
        "import takes a third longer. 0: never.",
    )
    nice: int = _WORK(
        v.whole_number(0, 19),
        10,
        "How readily importing gives way to other programs: 0 not at all, 19 always.",
    )
    min_free_space: int = _WORK(
        v.SIZE,
        1_000_000_000,
        "Importing pauses while the disk of the library or cache has less free space than this.",
    )
    max_temp_c: int = _WORK(
        v.whole_number(0, 120),
        80,
        "Importing pauses while the processor is hotter than this (degrees Celsius), where there "
        "is a sensor. 0: never.",
    )
    preview_cache_size: int = _WORK(
        v.SIZE,
        10_000_000_000,
        "Room in the cache for larger pictures and converted videos that are made on request. "
        "What was not looked at for longest goes first.",
    )

    watch: bool = _WATCH(
        v.FLAG,
        True,
        "Notice new and changed photos at once. Without it they are found by the regular scans.",
    )
    settle_time: dt.timedelta = _WATCH(
        v.DURATION,
        dt.timedelta(seconds=2),
        "A file is imported after it has not changed for this long, so that copies still under "
        "way are left alone.",
    )
    poll_interval: dt.timedelta = _WATCH(
        v.DURATION,
        dt.timedelta(minutes=15),
        "How often folders are scanned that cannot be watched, such as network shares.",
    )
    rescan_time: dt.time | None = _WATCH(
        v.TIME_OF_DAY,
        dt.time(2, 0),
        "When everything is compared with the disk once a day, or off.",
    )
    tz: str = _WATCH(
        v.TIME_ZONE,
        "",
        "Your time zone, for example Europe/Berlin: for the nightly scan and the log. It never "
        "changes when a photo was taken. Empty: that of the system.",
        aliases=("TZ",),
    )

    log_level: LogLevel = _LOGS(
        v.choice(LogLevel),
        LogLevel.WARN,
        "How much is written to the log. Start-up lines always are.",
    )
    log_stdout: bool = _LOGS(
        v.FLAG, False, "Write the log to the terminal (or the container's log) as well."
    )
    log_retention: dt.timedelta = _LOGS(
        v.DURATION, dt.timedelta(days=7), "Log files older than this are deleted."
    )

    config_dir: Path | None = _OUTSIDE(
        v.FOLDER,
        None,
        "Where the settings of this computer are kept. Empty: your configuration folder, or "
        "/ps/config in a container.",
    )
    puid: int | None = _OUTSIDE(
        v.optional_number(0, 2**32 - 2),
        None,
        "User number that owns what photostore writes. Empty: the owner of the settings file, "
        "else 1000. 0 is root.",
        aliases=("PUID", "puid"),
    )
    pgid: int | None = _OUTSIDE(
        v.optional_number(0, 2**32 - 2),
        None,
        "Group number that owns what photostore writes. Empty: as for the user.",
        aliases=("PGID", "pgid"),
    )
    umask: int | None = _OUTSIDE(
        v.optional_number(0, 0o777, base=8),
        None,
        "Rights taken away from new files, in octal: 022 lets others read, 077 does not.",
        aliases=("UMASK", "umask"),
    )
    no_puid_chown: bool = _OUTSIDE(
        v.FLAG, False, "Do not give photostore's own folders to that user at start."
    )

    min_file_size: int = _FILTERS(
        v.SIZE, 10_000, "Smaller files are left out: they are icons and thumbnails."
    )
    max_file_size: int = _FILTERS(v.SIZE, 16 * 1024**3, "Larger files are left out.")
    min_image_px: int = _FILTERS(
        v.whole_number(0, 100_000),
        200,
        "Photos whose shorter side has fewer pixels are left out.",
    )
    min_video_px: int = _FILTERS(
        v.whole_number(0, 100_000),
        120,
        "Videos whose shorter side has fewer pixels are left out.",
    )
    min_video_duration: dt.timedelta = _FILTERS(
        v.DURATION, dt.timedelta(seconds=1), "Shorter videos are left out."
    )
    max_pixels: int = _FILTERS(
        v.PIXELS,
        500_000_000,
        "Pictures with more pixels are left out, to protect the computer's memory.",
    )
    disable_all_filters: bool = _FILTERS(
        v.FLAG,
        False,
        "Import files of any size, dimension and duration. The limits that protect the computer "
        "stay.",
    )
    exclude_globs: tuple[str, ...] = _FILTERS(
        v.TEXTS,
        (),
        'Files and folders to leave out, as patterns of their path, for example ["**/Cache/**"].',
    )

    preview_px: int = _PREVIEWS(
        v.whole_number(320, 8192),
        1440,
        "Longer side, in pixels, of the picture that fills the screen. More is sharper on large "
        "screens and takes more disk space.",
    )

    try_soft_deletes: bool = _CARE(
        v.FLAG,
        True,
        "Deleted photos go to the trash of their disk. false: they are deleted for good, after a "
        "question.",
    )
    trash_keep: dt.timedelta = _CARE(
        v.DURATION,
        dt.timedelta(),
        "What has been in the trash for longer than this is deleted for good. 0s: nothing is "
        "deleted by itself.",
    )
    copy_to_library: bool = _CARE(
        v.FLAG,
        False,
        "Copy new photos and videos that lie outside the library into it (or into /ps/originals). "
        "Each copy is compared with its original, which stays where it is.",
    )
    organise_template: str = _CARE(
        v.TEMPLATE,
        "{year}/{year}-{month}-{day}/{name}",
        "Where copies and added photos go. {year} {month} {day} {hour} {minute} {second} are those "
        "of the capture time, {name} and {ext} those of the file, {folder} the folder that it "
        "comes from, {make} and {model} its camera. What has no date goes to a folder named "
        "undated.",
    )
    uploads: bool = _CARE(
        v.FLAG,
        True,
        "Let photos and videos be added in the browser. They go into the library's folder (or into "
        "originals_dir, or /ps/originals), named by organise_template.",
    )
    max_upload: int = _CARE(v.SIZE, 16 * 1024**3, "Larger files cannot be added in the browser.")
    write_sidecars: bool = _CARE(
        v.FLAG,
        True,
        "Write your changes (titles, ratings, dates) to small .xmp files beside the photos, where "
        "the folder is writable, for other programs. The photos themselves stay as they are.",
    )
    backup_keep: int = _CARE(
        v.whole_number(0, 1000), 7, "How many nightly copies of the database are kept."
    )
    sync_reports_keep: int = _CARE(
        v.whole_number(0, 100_000), 64, "How many reports of past scans are kept."
    )

    origins: Mapping[str, Origin] = field(default_factory=dict, compare=False)
    warnings: tuple[str, ...] = field(default=(), compare=False)

    def origin(self, name: str) -> Origin:
        """Return where the value of the setting `name` came from."""
        return self.origins.get(name, Origin(Source.DEFAULT))

    def __repr__(self) -> str:
        shown = (f"{s.name}={s.show(getattr(self, s.name))}" for s in SETTINGS)
        return f"Settings({', '.join(shown)})"


SETTINGS: tuple[Setting, ...] = tuple(
    replace(f.metadata["setting"], name=f.name) for f in fields(Settings) if "setting" in f.metadata
)
"""Each setting, in the order of the settings file and page."""

SETTING_BY_NAME: Mapping[str, Setting] = MappingProxyType({s.name: s for s in SETTINGS})
