"""The table of dates in names (SPEC 6.3): what people's files are really called."""

from __future__ import annotations

from datetime import datetime

import pytest

from photostore.media.facts import Precision
from photostore.media.names import date_from_folders, date_from_name

DAY, SECOND, MILLI, MINUTE = (
    Precision.DAY,
    Precision.SECOND,
    Precision.MILLISECOND,
    Precision.MINUTE,
)

NAMES = (
    ("IMG_20190608_143015.jpg", "2019-06-08 14:30:15", SECOND),
    ("VID_20190608_143015.mp4", "2019-06-08 14:30:15", SECOND),
    ("MVIMG_20190608_143015.jpg", "2019-06-08 14:30:15", SECOND),
    ("PANO_20190608_143015.jpg", "2019-06-08 14:30:15", SECOND),
    ("DSC_20190608143015.JPG", "2019-06-08 14:30:15", SECOND),
    ("00000IMG_00000_BURST20190608143015123_COVER.jpg", "2019-06-08 14:30:15.123", MILLI),
    ("20190608_143015.jpg", "2019-06-08 14:30:15", SECOND),
    ("20190608_143015(0).jpg", "2019-06-08 14:30:15", SECOND),
    ("20190608_143015_HDR.jpg", "2019-06-08 14:30:15", SECOND),
    ("IMG_20190608_143015_123.jpg", "2019-06-08 14:30:15.123", MILLI),
    ("P20190608_143015.jpg", "2019-06-08 14:30:15", SECOND),
    ("DJI_20190608143015_0001_D.JPG", "2019-06-08 14:30:15", SECOND),
    ("WP_20150608_14_30_15_Pro.jpg", "2015-06-08 14:30:15", SECOND),
    ("WP_20150608_001.jpg", "2015-06-08 00:00:00", DAY),
    ("IMG-20190608-WA0001.jpg", "2019-06-08 00:00:00", DAY),
    ("VID-20190608-WA0001.mp4", "2019-06-08 00:00:00", DAY),
    ("WhatsApp Image 2019-06-08 at 14.30.15.jpeg", "2019-06-08 14:30:15", SECOND),
    ("WhatsApp Image 2019-06-08 at 2.30.15 PM.jpeg", "2019-06-08 14:30:15", SECOND),
    ("WhatsApp Image 2019-06-08 at 12.30.15 AM (1).jpeg", "2019-06-08 00:30:15", SECOND),
    ("signal-2019-06-08-143015.jpg", "2019-06-08 14:30:15", SECOND),
    ("signal-2019-06-08-14-30-15-123.jpg", "2019-06-08 14:30:15.123", MILLI),
    ("photo_2019-06-08_14-30-15.jpg", "2019-06-08 14:30:15", SECOND),
    ("photo_2@08-06-2019_14-30-15.jpg", "2019-06-08 14:30:15", SECOND),
    ("Screenshot_20190608-143015.png", "2019-06-08 14:30:15", SECOND),
    ("Screenshot_2019-06-08-14-30-15.png", "2019-06-08 14:30:15", SECOND),
    ("Screenshot_2019-06-08-14-30-15-123_com.app.png", "2019-06-08 14:30:15.123", MILLI),
    ("Screenshot_20190608-143015_Maps.jpg", "2019-06-08 14:30:15", SECOND),
    ("Screenshot from 2019-06-08 14-30-15.png", "2019-06-08 14:30:15", SECOND),
    ("Screen Shot 2019-06-08 at 2.30.15 PM.png", "2019-06-08 14:30:15", SECOND),
    ("Screenshot 2019-06-08 at 2.30.15\u202fPM.png", "2019-06-08 14:30:15", SECOND),
    ("Bildschirmfoto 2019-06-08 um 14.30.15.png", "2019-06-08 14:30:15", SECOND),
    ("Capture d\u2019écran 2019-06-08 à 14.30.15.png", "2019-06-08 14:30:15", SECOND),
    ("ScreenRecording_06-08-2019 14-30-15_1.mov", "2019-06-08 14:30:15", SECOND),
    ("2019-06-08 14.30.15.jpg", "2019-06-08 14:30:15", SECOND),
    ("2019-06-08 14.30.15-1.jpg", "2019-06-08 14:30:15", SECOND),
    ("2019-06-08T14:30:15.jpg", "2019-06-08 14:30:15", SECOND),
    ("2019.06.08 14-30 Garden.jpg", "2019-06-08 14:30:00", MINUTE),
    ("Garden 2019_06_08.jpg", "2019-06-08 00:00:00", DAY),
    ("C360_2015-06-08-14-30-15-123.jpg", "2015-06-08 14:30:15.123", MILLI),
    ("InShot_20190608_143015.mp4", "2019-06-08 14:30:15", SECOND),
)  # fmt: skip
UTC_NAMES = (
    ("PXL_20190608_143015123.jpg", "2019-06-08 14:30:15.123"),
    ("PXL_20190608_143015123.PORTRAIT.jpg", "2019-06-08 14:30:15.123"),
    ("FB_IMG_1560004215123.jpg", "2019-06-08 14:30:15.123"),
    ("1560004215123.jpg", "2019-06-08 14:30:15.123"),
    ("RPReplay_Final1560004215.mp4", "2019-06-08 14:30:15"),
    ("2019-06-08T14:30:15Z.jpg", "2019-06-08 14:30:15"),
)
NO_DATES = (
    "IMG_1234.jpg", "1958.jpg", "DSC_0238(1).JPG", "received_15600042151234567.jpeg", "a.jpg",
    "20191308_143015.jpg", "P1010023.JPG", "scan 120190608.jpg", "GOPR0123.MP4",
)  # fmt: skip


@pytest.mark.parametrize(("name", "local", "precision"), NAMES)
def test_names_of_wall_clocks(name: str, local: str, precision: Precision) -> None:
    found = date_from_name(b"/photos/" + name.encode())
    assert found is not None
    assert found.local == datetime.fromisoformat(local)
    assert (found.precision, found.offset_min, found.source) == (precision, None, "file-name")


@pytest.mark.parametrize(("name", "local"), UTC_NAMES)
def test_names_in_utc(name: str, local: str) -> None:
    found = date_from_name(name.encode())
    assert found is not None
    assert (found.local, found.offset_min) == (datetime.fromisoformat(local), 0)


def test_a_zone_in_a_name() -> None:
    found = date_from_name(b"20190608T143015+0200.jpg")
    assert found is not None
    assert found.offset_min == 120


@pytest.mark.parametrize("name", NO_DATES)
def test_names_without_a_date(name: str) -> None:
    assert date_from_name(name.encode()) is None


@pytest.mark.parametrize(
    ("path", "local", "precision"),
    [
        ("/p/2009/2009-07 Lofoten/a.jpg", "2009-07-01", Precision.MONTH),
        ("/p/2009-07-14/a.jpg", "2009-07-14", Precision.DAY),
        ("/p/2009-07-14 Reine/a.jpg", "2009-07-14", Precision.DAY),
        ("/p/20090714_Reine/a.jpg", "2009-07-14", Precision.DAY),
        ("/p/Reine 2009.07.14/a.jpg", "2009-07-14", Precision.DAY),
        ("/p/2009/07/14/a.jpg", "2009-07-14", Precision.DAY),
        ("/p/2009/07 - July/a.jpg", "2009-07-01", Precision.MONTH),
        ("/p/2009/Reine/a.jpg", "2009-01-01", Precision.YEAR),
        ("/p/2009/2008-05-04/a.jpg", "2008-05-04", Precision.DAY),
        ("/p/Photos from 2019/a.jpg", "2019-01-01", Precision.YEAR),
        ("/p/Fotos von 2019/a.jpg", "2019-01-01", Precision.YEAR),
    ],
)
def test_folders(path: str, local: str, precision: Precision) -> None:
    found = date_from_folders(path.encode())
    assert found is not None
    assert (found.local, found.precision, found.source) == (
        datetime.fromisoformat(local),
        precision,
        "folder",
    )


@pytest.mark.parametrize(
    "path",
    ["/p/100CANON/a.jpg", "/p/12345678/a.jpg", "/p/Road 66/a.jpg", "a.jpg", "/2009/a/b/c/d/e.jpg"],
)  # fmt: skip
def test_folders_without_a_date(path: str) -> None:
    assert date_from_folders(path.encode()) is None
