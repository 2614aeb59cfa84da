"""The composition root: opens everything in order, owns every task, closes in reverse.

Start: socket -> log -> library -> server and sync. Stop: live streams end -> the server returns ->
sync gives its work back -> the database is closed. The socket comes first, so that a taken port
is one line and the library stays untouched (SPEC 1.3).

    serving      the server's life     ->  keeping   a library kept open, in step with its disk
    opening      lock, database, roots ->  assembly  the parts of a library put together
"""

from photostore.runtime.assembly import assemble
from photostore.runtime.opening import BACKUPS, LOCK, REPORTS, folders_to_scan, open_library
from photostore.runtime.serving import bind_socket, run_server

__all__ = [
    "BACKUPS",
    "LOCK",
    "REPORTS",
    "assemble",
    "bind_socket",
    "folders_to_scan",
    "open_library",
    "run_server",
]
