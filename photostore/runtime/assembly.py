"""The parts of a library put together. Nothing is read or written by this."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from photostore.library.acts import Acts
from photostore.library.acts.copy import JOURNAL, JournalCopy
from photostore.library.albums import Albums
from photostore.library.organise import Organiser, OrganiseSetup
from photostore.library.previews import PreviewStore
from photostore.library.removal import Removal
from photostore.library.trashing import Trash, TrashSetup
from photostore.library.trashing.undoing import undoers
from photostore.library.uploads import Uploads, UploadSetup
from photostore.library.views import ViewCache
from photostore.server.context import OpenLibrary
from photostore.sync.arrivals import Arrivals

if TYPE_CHECKING:
    from photostore.base.configuration import Configuration
    from photostore.base.events import Bus
    from photostore.library.reports import Reports
    from photostore.library.tasks import Tasks
    from photostore.store.db import Database
    from photostore.sync.engine import SyncEngine

# The folder in the support folder that holds what acts are about to do.
ACTS = "acts"


def assemble(
    configuration: Configuration,
    bus: Bus,
    database: Database,
    engine: SyncEngine,
    reports: Reports,
    tasks: Tasks,
) -> OpenLibrary:
    """The parts of a library around those that are open; nothing is read or written by this."""
    previews = PreviewStore(configuration.layout.previews)
    trash = make_trash(configuration, bus, database, engine, (reports, previews))
    removal = Removal(database, bus)
    organiser = make_organiser(configuration, bus, reports, trash)
    uploads = make_uploads(configuration, reports, trash)
    journal = JournalCopy(database, configuration.layout.support / JOURNAL)
    trash.on_act = removal.on_act = organiser.on_act = journal.catch_up
    uploads.on_act = journal.catch_up
    views = ViewCache(database)
    acts = Acts(database, bus, journal, undoers(trash, removal))
    return OpenLibrary(
        database,
        views,
        previews,
        engine,
        reports,
        trash=trash,
        removal=removal,
        organiser=organiser,
        arrivals=Arrivals(uploads, engine, previews),
        acts=acts,
        albums=Albums(acts, views.find),
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
        exclude_globs=settings.exclude_globs,
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
        exclude_globs=settings.exclude_globs,
    )
    return Uploads(trash.database, setup, trash.turn, trash.quiet)


def make_trash(
    configuration: Configuration,
    bus: Bus,
    database: Database,
    engine: SyncEngine,
    beside: tuple[Reports, PreviewStore],
) -> Trash:
    """Who deletes in the library of a configuration, and `beside` that reports and previews."""
    reports, previews = beside
    layout, settings = configuration.layout, configuration.settings
    setup = TrashSetup(
        acts=layout.support / ACTS,
        previews=previews,
        reports=reports,
        soft_deletes=settings.try_soft_deletes,
        keep=settings.trash_keep,
        in_container=configuration.in_container,
        environ=os.environ,
    )
    return Trash(database, bus, setup, engine.hold_scans)
