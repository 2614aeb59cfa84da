"""The settings page: each setting with its source, and changes to what a file may set (SPEC 3)."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

from photostore.base.errors import BadRequestError, SettingError
from photostore.base.layout import is_in_container
from photostore.base.settings import SETTING_BY_NAME, SETTINGS, Scope, load_settings, write_toml
from photostore.base.text import display_name, shorten
from photostore.server.context import context_of
from photostore.server.parameters import read_object
from photostore.server.responses import json_response, problem_response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from photostore.base.layout import Layout
    from photostore.base.settings import Setting, Settings

MAX_CHANGES = 100


async def show_settings(request: Request) -> Response:
    """GET /api/v1/settings: all of them, as they will be at the next start."""
    context = context_of(request)
    saved = await asyncio.to_thread(_read_saved, context.layout)
    return json_response(_settings_json(context.settings, saved))


async def change_settings(request: Request) -> Response:
    """PATCH /api/v1/settings: write some into their files; null takes one back to its default.

    One that the command line or the environment fixes is refused, and nothing is written then.
    """
    context = context_of(request)
    changes = (await read_object(request)).get("changes")
    if not isinstance(changes, dict) or not 1 <= len(changes) <= MAX_CHANGES:
        raise BadRequestError("changes must name one setting at least, with its new value or null")
    faults = _find_faults(context.settings, changes)
    if faults:
        slug, title = BadRequestError.type, BadRequestError.title
        name, fault = next(iter(faults.items()))
        return problem_response(400, slug, title, f"{name}: {fault}", faults=faults)
    try:
        await asyncio.to_thread(_write, context.layout, context.settings, changes)
    except SettingError as error:
        raise BadRequestError(str(error)) from error
    saved = await asyncio.to_thread(_read_saved, context.layout)
    return json_response(_settings_json(context.settings, saved) | {"saved": list(changes)})


def _find_faults(current: Settings, changes: Mapping[str, object]) -> dict[str, str]:
    """What is wrong with the changes, by the name of the setting: all at once, for the page."""
    faults = {name: _find_fault(current, name, value) for name, value in changes.items()}
    return {name: fault for name, fault in faults.items() if fault is not None}


def _find_fault(current: Settings, name: str, value: object) -> str | None:
    setting = SETTING_BY_NAME.get(name)
    if setting is None:
        return "There is no setting of this name"
    origin = current.origin(name)
    if not setting.topic.in_toml or origin.is_fixed:
        where = f" ({origin.where})" if origin.where else ""
        return f"This cannot be changed here: it is set by the {origin.source}{where}"
    if value is not None:
        try:
            setting.type.read(value)
        except (ValueError, ArithmeticError):
            shown = shorten(display_name(str(value)), 80)
            return f'"{shown}" cannot be used; allowed: {setting.type.allowed}'
    return None


def _write(layout: Layout, current: Settings, changes: Mapping[str, object]) -> None:
    """Write the changes of both files."""
    for scope, path in ((Scope.SYSTEM, layout.system_toml), (Scope.LIBRARY, layout.library_toml)):
        own = {name: value for name, value in changes.items() if _scope_of(name) is scope}
        if own:
            write_toml(path, own, current)


def _scope_of(name: str) -> Scope:
    return SETTING_BY_NAME[name].scope


def _read_saved(layout: Layout) -> Settings:
    """What the files say now, without command line and environment."""
    inside = is_in_container(os.environ)
    return load_settings({}, {}, layout.system_toml, layout.library_toml, in_container=inside)


def _settings_json(current: Settings, saved: Settings) -> dict[str, Any]:
    listed = [_setting_json(setting, current, saved) for setting in SETTINGS]
    differ = any(
        not entry["fixed"] and getattr(current, entry["name"]) != getattr(saved, entry["name"])
        for entry in listed
        # `expose` sets it where nothing else does, which only a start works out.
        if entry["name"] != "http_host"
    )
    return {"settings": listed, "restart_needed": differ}


def _setting_json(setting: Setting, current: Settings, saved: Settings) -> dict[str, Any]:
    fixed = current.origin(setting.name).is_fixed or not setting.topic.in_toml
    shown = current if fixed else saved
    origin = shown.origin(setting.name)
    return {
        "name": setting.name,
        "env": setting.env_name,
        "scope": setting.scope,
        "topic": setting.topic.title,
        "kind": setting.type.name,
        "value": _value_json(setting, getattr(shown, setting.name)),
        "default": _value_json(setting, setting.default),
        "description": setting.description,
        "allowed": setting.type.allowed,
        "choices": list(setting.type.choices) or None,
        "source": {"kind": origin.source, "where": origin.where or None},
        "fixed": fixed,
        # All of them are read once, at the start.
        "needs_restart": True,
    }


def _value_json(setting: Setting, value: object) -> Any:
    """A value as JSON: what a settings file would hold; secrets are never sent."""
    if setting.secret:
        return setting.show(value)
    return setting.type.to_toml(value)
