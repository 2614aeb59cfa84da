"""Every setting: the table, reading from all sources, and the settings files (SPEC 3).

`declaration` says what a setting is, `table` lists them all, `values` knows the types of values,
`loading` reads, `toml` writes.
"""

from photostore.base.settings.declaration import Origin, Scope, Setting, Source, Topic
from photostore.base.settings.loading import load_settings, read_value
from photostore.base.settings.table import SETTING_BY_NAME, SETTINGS, Auth, LogLevel, Settings
from photostore.base.settings.toml import render_example, write_toml

__all__ = [
    "SETTINGS",
    "SETTING_BY_NAME",
    "Auth",
    "LogLevel",
    "Origin",
    "Scope",
    "Setting",
    "Settings",
    "Source",
    "Topic",
    "load_settings",
    "read_value",
    "render_example",
    "write_toml",
]
