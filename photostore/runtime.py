"""The composition root: opens everything in order, owns every task, closes in reverse.

Start: socket -> log -> library -> server and sync. Stop: live streams end -> the server returns ->
sync gives its work back -> the database is closed. The socket comes first, so that a taken port
is one line and the library stays untouched (SPEC 1.3).
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import signal
import socket
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hypercorn.asyncio import serve as serve_asgi
from hypercorn.config import Config

from photostore.base.codecs import locate_folder
from photostore.base.errors import (
    LibraryError,
    LibraryLockedError,
    PortTakenError,
)
from photostore.base.events import Bus
from photostore.base.log import announce, close_log, configure_log
from photostore.base.memory import give_back_regularly, own_budget
from photostore.base.mounts import find_bind_mounts
from photostore.base.pidfile import write_pidfile
from photostore.base.text import display_name
from photostore.decode.child import make_children
from photostore.library.acts import Acts
from photostore.library.acts.copy import JOURNAL, JournalCopy
from photostore.library.albums import Albums
from photostore.library.codecs import Codecs, take_note
from photostore.library.limits import limits_of
from photostore.library.lock import lock_library
from photostore.library.machine import Obstacles
from photostore.library.opening import open_database
from photostore.library.organise import Organiser, OrganiseSetup
from photostore.library.organise.automatic import copy_when_idle
from photostore.library.previews import PreviewStore
from photostore.library.rebuild import rebuild
from photostore.library.removal import Removal
from photostore.library.reports import Reports
from photostore.library.roots import settle_roots
from photostore.library.sidecars import SidecarWriter
from photostore.library.tagging import tag_pending
from photostore.library.tasks import Tasks
from photostore.library.trashing import Trash, TrashSetup
from photostore.library.trashing.minding import mind
from photostore.library.trashing.undoing import undoers
from photostore.library.uploads import Uploads, UploadSetup
from photostore.library.views import ViewCache
from photostore.server.app import create_app
from photostore.server.context import OpenLibrary, ServerContext
from photostore.store.problems import set_aside
from photostore.store.scope import OWNER
from photostore.store.search import View
from photostore.sync.arrivals import Arrivals
from photostore.sync.engine import SyncEngine
from photostore.sync.inflight import InFlight
from photostore.sync.journey import Workshop
from photostore.sync.shared import now_ms
from photostore.sync.trouble import find_trouble, is_of_the_disk
from photostore.sync.upkeep import Upkeep

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from photostore.base.configuration import Configuration
    from photostore.store.db import Database
    from photostore.sync.trouble import Trouble

log = logging.getLogger(__name__)

MOUNTINFO = Path("/proc/self/mountinfo")
BACKLOG = 128
# Names in the support folder.
BACKUPS, LOCK, REPORTS, ACTS = "backups", "lock", "sync-reports", "acts"
# So often a damaged database is closed and opened anew, then it is left closed.
MAX_MENDINGS = 3
# A library whose disk failed is tried again after this.
REOPEN_S = 3.0
# Docker kills ten seconds after it asked; requests get less than that to finish.
GRACE_S = 4.0


def folders_to_scan(configuration: Configuration) -> list[bytes]:
    """The roots of SPEC 5.1: configured ones, originals, bind mounts, the library itself."""
    settings, layout = configuration.settings, configuration.layout
    folders = [*settings.scan]
    if layout.originals:
        folders.append(layout.originals)
    if configuration.in_container:
        text = MOUNTINFO.read_text("utf-8", "surrogateescape")
        folders += [path for path in find_bind_mounts(text) if path.is_dir()]
    if any(not entry.name.startswith(".") for entry in layout.library.iterdir()):
        folders.append(layout.library)
    return [os.fsencode(folder) for folder in folders]


@dataclass(frozen=True, slots=True)
class Opened:
    """An open library, the scanned folders that could not be found, and what else is to be said."""

    library: OpenLibrary
    root_problems: tuple[str, ...]
    upkeep: Upkeep


@asynccontextmanager
async def open_library(
    configuration: Configuration, bus: Bus, *, roots: list[bytes] | None = None
) -> AsyncIterator[Opened]:
    """Open the library of a configuration for writing; `roots` instead of the configured ones.

    Raises LibraryError with the reason.
    """
    layout, settings = configuration.layout, configuration.settings
    if layout.problem:
        raise LibraryError(layout.problem)
    async with AsyncExitStack() as stack:
        stack.enter_context(lock_library(layout.support / LOCK))
        backups = layout.support / BACKUPS
        opened = await stack.enter_async_context(open_database(layout, backups))
        database = opened.database
        rebuilt = await rebuild(database, layout.support / JOURNAL)
        if rebuilt.acts:
            announce(f"{rebuilt.acts} acts that the database did not know were done again")
        wanted = await asyncio.to_thread(folders_to_scan, configuration) if roots is None else roots
        # Where nothing names folders, those that `sync PATH` was once given stay in use.
        exclusive = roots is None and bool(wanted)
        problems = await settle_roots(
            database, wanted, exclusive=exclusive, exclude_globs=settings.exclude_globs
        )
        workshop = await _make_workshop(configuration, database, stack)
        if opened.was_unclean:
            await asyncio.to_thread(workshop.previews.sweep)
        reports = Reports(layout.support / REPORTS, settings.sync_reports_keep)
        stack.callback(reports.close)
        engine = SyncEngine(
            database,
            bus,
            workshop,
            settings,
            find_obstacle=Obstacles(settings, layout).find,
            reports=reports,
        )
        tasks = await stack.enter_async_context(Tasks.open(bus))
        library = assemble(configuration, bus, database, engine, reports, tasks)
        await library.trash.settle()
        await asyncio.to_thread(library.arrivals.uploads.clear)
        library.journal.unknown = rebuilt.unknown
        await library.journal.catch_up()
        upkeep = Upkeep(opened, backups, settings, engine)
        library = replace(library, upkeep=upkeep)
        yield Opened(library, tuple(problems), upkeep)


async def _make_workshop(
    configuration: Configuration, database: Database, stack: AsyncExitStack
) -> Workshop:
    """What reads files: decoders, children, and the memory of what was read when a crash came."""
    layout, settings = configuration.layout, configuration.settings
    await take_note(database)
    decoders = os.fsencode(locate_folder(layout.config))
    workers = settings.max_concurrent_imports or own_budget().imports
    children = make_children([decoders], workers)
    for child in children:
        stack.callback(child.close)
    in_flight, suspects = InFlight.open(layout.support / "in-flight")
    stack.callback(in_flight.close)
    if suspects:
        async with database.write() as transaction:
            await set_aside(transaction, suspects, now_ms())
    return Workshop(
        PreviewStore(layout.previews),
        limits_of(settings),
        settings.preview_px,
        children=children,
        in_flight=in_flight,
    )


def assemble(
    configuration: Configuration,
    bus: Bus,
    database: Database,
    engine: SyncEngine,
    reports: Reports,
    tasks: Tasks,
) -> OpenLibrary:
    """The parts of a library around those that are open; nothing is read or written by this."""
    trash = make_trash(configuration, bus, engine, reports, database)
    removal = Removal(database, bus)
    organiser = make_organiser(configuration, bus, reports, trash)
    uploads = make_uploads(configuration, reports, trash)
    previews = PreviewStore(configuration.layout.previews)
    journal = JournalCopy(database, configuration.layout.support / JOURNAL)
    trash.on_act = removal.on_act = organiser.on_act = journal.catch_up
    uploads.on_act = journal.catch_up
    acts = Acts(database, bus, journal, undoers(trash, removal))
    return OpenLibrary(
        database,
        ViewCache(database),
        previews,
        engine,
        reports,
        trash=trash,
        removal=removal,
        organiser=organiser,
        arrivals=Arrivals(uploads, engine, previews),
        acts=acts,
        albums=Albums(acts),
        journal=journal,
        tasks=tasks,
    )


def make_organiser(
    configuration: Configuration, bus: Bus, reports: Reports, trash: Trash
) -> Organiser:
    """Who copies into the library of a configuration."""
    layout, settings = configuration.layout, configuration.settings
    setup = OrganiseSetup(
        destination=layout.originals or layout.library,
        template=settings.organise_template,
        enabled=settings.copy_to_library,
        reserve=settings.min_free_space,
        acts=layout.support / ACTS,
        reports=reports,
    )
    return Organiser(trash.database, bus, setup, trash.turn)


def make_uploads(configuration: Configuration, reports: Reports, trash: Trash) -> Uploads:
    """What is added in the browser to the library of a configuration."""
    layout, settings = configuration.layout, configuration.settings
    setup = UploadSetup(
        destination=layout.originals or layout.library,
        library=layout.library,
        template=settings.organise_template,
        enabled=settings.uploads,
        max_bytes=settings.max_upload,
        reserve=settings.min_free_space,
        reports=reports,
    )
    return Uploads(trash.database, setup, trash.turn, trash.quiet)


async def _copy_when_idle(library: OpenLibrary, bus: Bus) -> None:
    def is_idle() -> bool:
        return library.engine.progress().state == "idle"

    await copy_when_idle(library.organiser, OWNER, bus, is_idle)


def make_trash(
    configuration: Configuration,
    bus: Bus,
    engine: SyncEngine,
    reports: Reports,
    database: Database,
) -> Trash:
    """Who deletes in the library of a configuration."""
    layout, settings = configuration.layout, configuration.settings
    setup = TrashSetup(
        acts=layout.support / ACTS,
        previews=PreviewStore(layout.previews),
        reports=reports,
        soft_deletes=settings.try_soft_deletes,
        keep=settings.trash_keep,
        in_container=configuration.in_container,
        environ=os.environ,
    )
    return Trash(database, bus, setup, engine.hold_scans)


def bind_socket(host: str, port: int) -> socket.socket:
    """Listen on a port. Raises PortTakenError, or LibraryError's kin for other trouble."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        remedy = ""
        if error.errno == errno.EADDRINUSE:
            remedy = "; stop the other program, or give another --port"
        raise PortTakenError(
            f"cannot listen on {host} port {port}: {error.strerror}{remedy}"
        ) from error
    listener.setblocking(False)
    listener.set_inheritable(True)
    return listener


async def run_server(
    configuration: Configuration,
    listener: socket.socket | None = None,
    *,
    on_listening: Callable[[int], None] = lambda _: None,
) -> None:
    """Serve until SIGINT or SIGTERM, or until cancelled.

    `listener` is bound already, so that a taken port is told before the library's folders are made;
    without one it is bound here. `on_listening` is told the port as soon as it is open. Raises
    PortTakenError, PidfileError, and LibraryLockedError: whoever has the library serves it, and
    there is nothing that a person could mend here (SPEC 4.6).
    """
    settings = configuration.settings
    with ExitStack() as stack:
        if listener is None:
            listener = bind_socket(settings.http_host, settings.http_port)
        stack.callback(listener.close)
        configure_log(settings, configuration.layout)
        stack.callback(close_log)
        if settings.pidfile:
            stack.enter_context(write_pidfile(settings.pidfile))
        _announce_start(configuration, listener)
        stop = stack.enter_context(_stop_on_signals())
        on_listening(listener.getsockname()[1])
        bus = Bus()
        context = ServerContext(
            settings, configuration.layout, bus, exposed=not _is_loopback(listener)
        )
        context.codecs = Codecs(configuration.layout, lambda: _read_waiting(context))
        async with asyncio.TaskGroup() as tasks:
            kept = (
                tasks.create_task(_keep_library(configuration, context, stop)),
                tasks.create_task(context.codecs.run()),
                tasks.create_task(give_back_regularly()),
            )
            try:
                await _serve(context, listener, stop)
            finally:
                bus.close()
                for task in kept:
                    task.cancel()
        if isinstance(context.problem, LibraryLockedError):
            raise context.problem
        announce("photostore has stopped")


async def _keep_library(
    configuration: Configuration, context: ServerContext, stop: asyncio.Event
) -> None:
    """Open the library and keep it in step with the disk; without one, say why (SPEC 1.5).

    One whose database is damaged, deleted or away is closed and opened anew, which mends it.
    """
    mendings = 0
    while mendings < MAX_MENDINGS:
        try:
            await _keep_open(configuration, context)
        except Exception as error:
            trouble = find_trouble(error)
            if trouble is None:
                raise
            if str(trouble.problem) != str(context.problem):
                announce(f"the library is closed: {trouble.problem}")
            context.decide(problem=trouble.problem)
            if not context.was_open:
                if isinstance(trouble.problem, LibraryLockedError):
                    stop.set()
                return
            mendings += trouble.is_damage
            await _wait_for_disk(configuration, trouble)
    context.decide(problem=LibraryError(f"The database was damaged {MAX_MENDINGS} times"))


async def _wait_for_disk(configuration: Configuration, trouble: Trouble) -> None:
    """Wait a while before the library is opened anew; where its disk is away, until it is there."""
    database = configuration.layout.database
    while not trouble.passes:
        await asyncio.sleep(REOPEN_S)
        # Else a new, empty library would be made where the disk is to be mounted.
        if not trouble.is_away or await asyncio.to_thread(database.exists):
            return


async def _keep_open(configuration: Configuration, context: ServerContext) -> None:
    async with open_library(configuration, context.bus) as opened:
        context.root_problems, context.sync_problem = opened.root_problems, None
        notices = opened.upkeep.opened.notices
        context.notices += notices
        for problem in (*notices, *opened.root_problems):
            announce(problem)
        context.decide(opened=opened.library)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(opened.upkeep.run())
                tasks.create_task(mind(opened.library.trash, OWNER))
                tasks.create_task(_copy_when_idle(opened.library, context.bus))
                tasks.create_task(opened.library.arrivals.uploads.run())
                tasks.create_task(opened.library.journal.follow(context.bus))
                if configuration.settings.write_sidecars:
                    writer = SidecarWriter(
                        opened.library.database, opened.library.engine.hold_scans
                    )
                    tasks.create_task(writer.run(context.bus))
                tasks.create_task(_prepare_views(context, opened.library))
                await _sync(context, opened.library)
        finally:
            context.decide(problem=LibraryError("photostore is stopping"))


async def _prepare_views(context: ServerContext, library: OpenLibrary) -> None:
    """Have timeline and searches ready before somebody asks, tag what an older version did not."""
    await library.views.warm(View())
    await tag_pending(library.database, library.views, context.bus)
    await library.views.keep_sets()


async def _read_waiting(context: ServerContext) -> None:
    """Import what waited for a decoder; a library that is not open yet does so when it opens."""
    if context.opened is not None:
        await take_note(context.opened.database, again=True)
        context.opened.engine.problems_changed()


async def _sync(context: ServerContext, library: OpenLibrary) -> None:
    """Keep the library true to the disk; a fault in that leaves it open to be looked at.

    What the disk is to blame for begins anew after a while.
    """
    while True:
        try:
            await library.engine.run()
        except Exception as error:
            log.exception("sync has stopped")
            context.sync_problem = f"{type(error).__name__}: {error}"
            if not is_of_the_disk(error):
                await asyncio.Event().wait()
        await asyncio.sleep(REOPEN_S)
        context.sync_problem = None


async def _serve(context: ServerContext, listener: socket.socket, stop: asyncio.Event) -> None:
    """Run Hypercorn on a socket that is bound already, until `stop`."""
    config = Config()
    config.bind = [f"fd://{os.dup(listener.fileno())}"]
    config.graceful_timeout = GRACE_S
    config.keep_alive_timeout = 75
    config.keep_alive_max_requests = 100_000
    config.include_server_header = False
    config.errorlog = logging.getLogger("hypercorn.error")

    async def wait_for_stop() -> None:
        await stop.wait()
        # Event streams end first: Hypercorn on Python 3.12 and later would wait for them for ever.
        context.bus.close()

    server = asyncio.ensure_future(
        serve_asgi(create_app(context), config, shutdown_trigger=wait_for_stop)  # type: ignore[arg-type]
    )
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({server, stopping}, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait({server}, timeout=GRACE_S + 1)
        if server.done():
            server.result()
    finally:
        # Hypercorn waits without end for a peer that does not read what it asked for.
        server.cancel()
        stopping.cancel()


@contextmanager
def _stop_on_signals() -> Iterator[asyncio.Event]:
    """An event that SIGINT and SIGTERM set; the handlers are taken back at the end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)
    for number in signals:
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


def _announce_start(configuration: Configuration, listener: socket.socket) -> None:
    host, port = listener.getsockname()[:2]
    for choice in configuration.layout.choices:
        announce(f"{choice.name}: {display_name(choice.path)} ({choice.why})")
    for warning in configuration.settings.warnings:
        announce(f"warning: {warning}")
    name = "localhost" if host in {"127.0.0.1", "0.0.0.0", "::", "::1"} else host  # noqa: S104
    announce(f"photostore is at http://{name}:{port}/")


def _is_loopback(listener: socket.socket) -> bool:
    host = str(listener.getsockname()[0])
    return host.startswith("127.") or host == "::1"
