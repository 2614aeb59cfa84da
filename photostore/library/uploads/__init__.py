"""Adding photos and videos from elsewhere: a browser, a phone (SPEC 11.5).

`names` says what a file may be called, `receiving` takes its bytes, `placing` gives it its place,
and `service` knows the library around it. Nothing that is there is ever overwritten.
"""

from photostore.library.uploads.placing import Shot
from photostore.library.uploads.receiving import receive
from photostore.library.uploads.results import (
    DestinationError,
    Offer,
    Received,
    UploadNoRoomError,
    UploadSetup,
)
from photostore.library.uploads.service import Uploads

__all__ = [
    "DestinationError",
    "Offer",
    "Received",
    "Shot",
    "UploadNoRoomError",
    "UploadSetup",
    "Uploads",
    "receive",
]
