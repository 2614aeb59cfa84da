"""Types of values: SPEC 3.4."""

from __future__ import annotations

import datetime as dt
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photostore.base.settings import SETTINGS, LogLevel
from photostore.base.settings import values as v


@given(st.integers(min_value=0, max_value=36_525 * 86_400_000))
def test_durations_survive_the_round_trip(duration_ms: int) -> None:
    duration = dt.timedelta(milliseconds=duration_ms)
    assert v.parse_duration(v.show_duration(duration)) == duration


@given(st.integers(min_value=0, max_value=2**63 - 1))
def test_sizes_survive_the_round_trip(size_bytes: int) -> None:
    assert v.parse_size(v.show_size(size_bytes)) == size_bytes


@given(st.integers(min_value=0, max_value=2**63 - 1))
def test_pixels_survive_the_round_trip(pixels: int) -> None:
    assert v.PIXELS.read(v.PIXELS.show(pixels)) == pixels


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_lists_survive_the_round_trip(items: list[str]) -> None:
    assert v.TEXTS.read(v.TEXTS.show(tuple(items))) == tuple(items)


@given(st.text())
def test_nothing_but_a_value_error_comes_out(text: str) -> None:
    for setting in SETTINGS:
        try:
            setting.type.show(setting.type.read(text))
        except ValueError:
            continue


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda s: s.name)
def test_each_default_survives_the_round_trip(setting) -> None:
    assert setting.type.read(setting.type.show(setting.default)) == setting.default
    assert setting.type.read(setting.type.to_toml(setting.default)) == setting.default


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("1h30m", 5400),
        ("7d", 604_800),
        ("250ms", 0.25),
        ("1.5s", 1.5),
        ("1m30s", 90),
        ("0", 0),
        ("15", 15),
        (" 2s ", 2),
        (2, 2),
        (0.5, 0.5),
    ],
)
def test_durations(text: object, seconds: float) -> None:
    assert v.DURATION.read(text) == dt.timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    ["", "7 days", "-1s", "1.5h", "s", "30s1h", "1e9", "1.0001s", "٣s", "99999999d", True, []],
)
def test_wrong_durations(text: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the message is made by the caller
        v.DURATION.read(text)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("500MB", 500_000_000),
        ("16GiB", 16 * 1024**3),
        ("10kB", 10_000),
        ("10 KB", 10_000),
        ("1.5gb", 1_500_000_000),
        ("42", 42),
        ("0B", 0),
        (1024, 1024),
    ],
)
def test_sizes(text: object, size: int) -> None:
    assert v.SIZE.read(text) == size


@pytest.mark.parametrize("text", ["", "MB", "1.5B", "-1", "10XB", "9e9", "99999PB", False, None])
def test_wrong_sizes(text: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        v.SIZE.read(text)


def test_shown_sizes_and_durations_are_short() -> None:
    assert [v.show_size(n) for n in (0, 10_000, 16 * 1024**3, 1001)] == [
        "0B",
        "10kB",
        "16GiB",
        "1001B",
    ]
    assert v.show_duration(dt.timedelta(hours=1, minutes=30)) == "1h30m"
    assert v.PIXELS.show(500_000_000) == "500MP"


@pytest.mark.parametrize(
    ("text", "flag"), [("TRUE", True), ("yes", True), ("1", True), ("off", False), (False, False)]
)
def test_flags(text: object, flag: bool) -> None:
    assert v.FLAG.read(text) is flag


@pytest.mark.parametrize("text", ["maybe", 1, "", None])
def test_wrong_flags(text: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        v.FLAG.read(text)


def test_numbers() -> None:
    port = v.whole_number(0, 65_535)
    assert port.read("1787") == port.read(1787) == 1787
    for wrong in ("65536", "-1", "1_0", "٣", "1.0", 1.5, True, "", "9" * 30):
        with pytest.raises(ValueError):  # noqa: PT011
            port.read(wrong)
    umask = v.optional_number(0, 0o777, base=8)
    assert umask.read("022") == 0o22
    assert umask.show(0o22) == "022"
    assert umask.read("") is None


def test_words() -> None:
    assert v.choice(LogLevel).read("WARN") is LogLevel.WARN
    assert v.choice(LogLevel).allowed == "error or warn or info or debug"
    with pytest.raises(ValueError, match="loud"):
        v.choice(LogLevel).read("loud")


def test_times_of_day() -> None:
    assert v.TIME_OF_DAY.read("02:00") == v.TIME_OF_DAY.read(dt.time(2, 0, 0)) == dt.time(2, 0)
    assert v.TIME_OF_DAY.read("off") is None
    for wrong in ("24:00", "2", "02:00:00", "noon"):
        with pytest.raises(ValueError):  # noqa: PT011
            v.TIME_OF_DAY.read(wrong)


def test_time_zones() -> None:
    """SPEC 3.4: a wrong one is found before anything is opened."""
    for name in ("Europe/Berlin", ":Europe/Berlin", "/usr/share/zoneinfo/Europe/Berlin"):
        assert v.TIME_ZONE.read(name) == "Europe/Berlin"
    for system in ("", ":/etc/localtime", " "):
        assert v.TIME_ZONE.read(system) == ""
    for wrong in ("Europe/Nowhere", "CET-1CEST", "../../etc/passwd", "/etc/passwd", "Europe", 1):
        with pytest.raises(ValueError, match=str(wrong)[-4:]):
            v.TIME_ZONE.read(wrong)


def test_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert v.FOLDER.read("~/photos") == tmp_path / "photos"
    assert v.FOLDER.read("photos") == tmp_path / "photos"
    assert v.FOLDER.read("/a b ") == Path("/a b ")
    assert v.FOLDER.read("") is None
    assert v.FOLDERS.read("/a:/b") == v.FOLDERS.read('["/a", "/b"]') == (Path("/a"), Path("/b"))
    assert v.FOLDERS.read([Path("/a:b")]) == (Path("/a:b"),)
    for wrong in ("a\0b", "~nobody-of-that-name/x", 3):
        with pytest.raises(ValueError):  # noqa: PT011
            v.FOLDER.read(wrong)


def test_lists() -> None:
    assert v.TEXTS.read("a:b") == v.TEXTS.read(["a", "b"]) == ("a", "b")
    assert v.TEXTS.read("[]") == ()
    for wrong in ("[1]", '["a"', "[" * 100_000, 5, {"a": "b"}):
        with pytest.raises(ValueError):  # noqa: PT011
            v.TEXTS.read(wrong)


def test_hosts_and_networks() -> None:
    assert v.HOSTS.read("Photos.example.org:nas") == ("photos.example.org", "nas")
    assert v.HOSTS.read('["::1", "10.0.0.2"]') == ("::1", "10.0.0.2")
    for wrong in ("photos.example.org:8443", "http://a", "a b", "-a"):
        with pytest.raises(ValueError):  # noqa: PT011
            v.HOSTS.read(wrong)
    assert v.NETWORKS.read("10.0.0.7/8") == (ip_network("10.0.0.0/8"),)
    assert v.NETWORKS.read("10.0.0.1:10.0.0.2") == (
        ip_network("10.0.0.1"),
        ip_network("10.0.0.2"),
    )
    assert v.NETWORKS.read("10.0.0.1:10.0.0.2:10.0.0.3") == tuple(
        ip_network(f"10.0.0.{n}") for n in (1, 2, 3)
    )
    assert v.NETWORKS.read("fe80::1") == (ip_network("fe80::1"),)
    with pytest.raises(ValueError, match="proxy"):
        v.NETWORKS.read("proxy")
