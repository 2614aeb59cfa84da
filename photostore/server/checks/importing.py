"""Rows about what is found and read: folders of photos, watches, decoders."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from photostore.base.codecs import find_missing
from photostore.base.text import display_name
from photostore.library.codecs import State
from photostore.server.checks.row import Check
from photostore.store.volumes import configured_roots

if TYPE_CHECKING:
    from photostore.server.context import ServerContext

# What holds a decode child where the kernel has it (SPEC 5.7).
LAYERS = ("limits", "landlock", "seccomp")
TOOLS_REMEDY = "Open /welcome/tools: there they can be installed"
ROOT_REMEDIES = {
    "unavailable": "Nothing leaves the library. Mount it again: it is looked for every minute",
    "missing": "Nothing has left the library. Bring the files back, or say that they are gone",
}


async def check_roots(context: ServerContext) -> list[Check]:
    """Folders of photos: those that cannot be found, are empty, or held back."""
    checks = [
        Check("root", "Folder of photos", "warn", problem, "Mount it, or take it out of `scan`")
        for problem in context.root_problems
    ]
    if context.opened is None:
        return checks
    async with context.opened.database.read() as reading:
        roots = await configured_roots(reading)
    for root in roots:
        rights = "read-only" if root.read_only else "writable"
        checks.append(
            Check(
                f"root-{root.id}",
                "Folder of photos",
                "ok" if root.state == "ok" else "warn",
                f"{display_name(root.path)}: {root.reason or rights}",
                ROOT_REMEDIES.get(root.state),
            )
        )
    if not roots:
        checks.append(
            Check(
                "root",
                "Folders of photos",
                "warn",
                "None is known",
                "Start with --scan FOLDER, or mount folders into the container",
            )
        )
    return checks


async def check_watchers(context: ServerContext) -> list[Check]:
    """How changes are noticed, and what holds an import up."""
    if context.opened is None:
        return []
    if context.sync_problem:
        text = f"Importing has stopped: {context.sync_problem}"
        remedy = "Start photostore again; the log has what to report"
        return [Check("watchers", "Watching", "error", text, remedy)]
    obstacle = context.opened.engine.obstacle
    if obstacle:
        return [
            Check("watchers", "Importing", "warn", f"It waits: {obstacle}", "It goes on by itself")
        ]
    if not context.settings.watch:
        text = "Watching is off: changes are found by the nightly scan"
        return [Check("watchers", "Watching", "ok", text)]
    states = context.opened.engine.watch_states()
    failed = [state for state in states if not state.watched]
    if not failed:
        return [Check("watchers", "Watching", "ok", f"folders watched: {len(states)}")]
    return [
        Check(
            "watchers",
            "Watching",
            "warn",
            f"{display_name(state.path)} is not watched: {state.problem}",
            "It is scanned regularly instead. If a limit is named: "
            "sysctl fs.inotify.max_user_watches=1048576",
        )
        for state in failed
    ]


async def check_import(context: ServerContext) -> list[Check]:
    """How far the second round of a large import is (docs/decisions/0015)."""
    count = context.opened.engine.progress().screens_left if context.opened else 0
    text = f"large pictures still to be made of photos that can be seen already: {count:,}"
    return [Check("import", "Importing", "ok", text)] if count else []


async def check_children(context: ServerContext) -> list[Check]:
    """The processes for RAW, very large and suspicious files: what protects from what they read."""
    if context.opened is None:
        return []
    layers = context.opened.engine.protection()
    if layers is None:
        text = "RAW, very large and suspicious files are decoded apart; there was none so far"
        return [Check("decoder", "Decoding apart", "ok", text)]
    lacking = [name for name in LAYERS if name not in layers]
    text = f"held by {', '.join(layers)}"
    if lacking:
        text += f"; this system has no {' and no '.join(lacking)}"
    return [Check("decoder", "Decoding apart", "ok", text)]


async def check_codecs(context: ServerContext) -> list[Check]:
    """Kinds of files for which there is no decoder here."""
    missing = context.codecs.missing if context.codecs else find_missing()
    absent = " and ".join(codec.purpose for codec in missing)
    if not absent:
        return [Check("codecs", "Codecs", "ok", "pictures, HEIC and video can be decoded")]
    text = f"There is no decoder for {absent}; such files wait for one"
    if context.codecs is None:
        remedy = "Start the server and open /welcome/tools: there they can be installed"
        return [Check("codecs", "Codecs", "warn", text, remedy)]
    match await asyncio.to_thread(lambda codecs: codecs.state, context.codecs):
        case State.DECLINED:
            return [Check("codecs", "Codecs", "ok", text, TOOLS_REMEDY)]
        case State.INSTALLING:
            text = f"Decoders for {absent} are being installed"
        case State.FAILED:
            text = f"{text}. They could not be installed: {context.codecs.problem}"
    return [Check("codecs", "Codecs", "warn", text, TOOLS_REMEDY)]
