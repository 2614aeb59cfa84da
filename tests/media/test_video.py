"""SPEC 6.4, 8.2: facts and poster of videos; what plays no picture is rejected."""

from __future__ import annotations

import io
import os
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image

from photostore.base.errors import FileChangedError, MediaRejectedError, UnreadableError
from photostore.media import film
from photostore.media.preview import Preview, render, render_size
from photostore.media.probe import probe
from photostore.media.reading import read_content

from .conftest import Read, quarters

Colour = tuple[int, int, int]
BLACK, RED, GREEN = (0, 0, 0), (220, 20, 20), (20, 200, 20)


def build_video(
    pictures: list[Image.Image],
    *,
    format: str = "mp4",  # noqa: A002
    codec: str = "libx264",
    rotation: int = 0,
    metadata: dict[str, str] | None = None,
    aspect: Fraction | None = None,
    rate: int = 10,
) -> bytes:
    """Encode pictures at `rate` frames a second."""
    target = io.BytesIO()
    options = {"movflags": "use_metadata_tags"} if format in ("mp4", "mov") else {}
    with av.open(target, "w", format=format, options=options) as container:
        container.metadata.update(metadata or {})
        stream = container.add_stream(codec, rate=rate)
        stream.width, stream.height = pictures[0].size
        stream.pix_fmt = "yuv420p"
        if aspect:
            stream.codec_context.sample_aspect_ratio = aspect
        if rotation:
            stream.set_display_rotation(rotation)
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_image(picture)))
        container.mux(stream.encode())
    return target.getvalue()


def plain(colour: Colour, count: int) -> list[Image.Image]:
    return [Image.new("RGB", (320, 240), colour)] * count


def middle(preview: Preview) -> Colour:
    picture = Image.open(io.BytesIO(preview.data)).convert("RGB")
    return picture.getpixel((picture.width // 2, picture.height // 2))  # type: ignore[return-value]


def close(found: Colour, expected: Colour) -> bool:
    return all(abs(a - b) < 45 for a, b in zip(found, expected, strict=True))


@pytest.mark.parametrize(
    ("format", "codec", "name", "kind"),
    [
        ("mp4", "libx264", "h264", "mp4"),
        ("mov", "mpeg4", "mpeg4", "mov"),
        ("matroska", "libx264", "h264", "mkv"),
        ("webm", "libvpx", "vp8", "webm"),
        ("avi", "mpeg4", "mpeg4", "avi"),
        ("mpegts", "libx264", "h264", "m2ts"),
        ("mpeg", "mpeg1video", "mpeg1video", "mpeg"),
        ("asf", "wmv2", "wmv2", "wmv"),
        ("flv", "flv", "flv1", "flv"),
    ],
)
def test_containers(read: Read, format: str, codec: str, name: str, kind: str) -> None:  # noqa: A002
    data = build_video(plain(RED, 50), format=format, codec=codec, rate=25)
    content, facts = read(f"a.{kind}", data)
    assert facts.kind.name == kind
    assert (facts.width, facts.height) == (320, 240)
    assert facts.video_codec == name
    assert facts.audio_codec is None
    # A programme stream has no duration written in it: FFmpeg guesses.
    assert facts.duration_s == pytest.approx(2.0, abs=0.6 if kind == "mpeg" else 0.25)
    previews = render(content, facts)
    assert close(middle(previews.screen), RED)
    assert previews.screen.mime == "image/jpeg"


def test_poster_is_at_ten_percent(read: Read) -> None:
    content, facts = read("a.mp4", build_video([*plain(GREEN, 4), *plain(RED, 46)]))
    assert close(middle(render(content, facts).grid), RED)
    assert close(middle(render_size(content, facts, 100)), RED)


def test_poster_is_at_most_three_seconds_in(read: Read) -> None:
    data = build_video([*plain(RED, 31), *plain(GREEN, 69)])
    content, facts = read("a.mp4", data)
    # 10 % of ten seconds is one second.
    assert close(middle(render(content, facts).grid), RED)
    long = build_video([*plain(RED, 35), *plain(GREEN, 400)])
    content, facts = read("b.mp4", long)
    assert facts.duration_s == pytest.approx(43.5)
    assert close(middle(render(content, facts).grid), RED)


@pytest.mark.parametrize("dark", [20, 45])
def test_poster_is_never_black_if_a_later_frame_is_not(read: Read, dark: int) -> None:
    data = build_video([*plain(BLACK, dark), *plain(RED, 50 - dark)])
    content, facts = read("a.mp4", data)
    assert close(middle(render(content, facts).grid), RED)


def test_an_all_black_video_still_has_a_poster(read: Read) -> None:
    content, facts = read("a.mp4", build_video(plain(BLACK, 15)))
    assert close(middle(render(content, facts).grid), BLACK)


@pytest.mark.parametrize(
    ("degrees", "orientation", "top_left"),
    [(0, 1, (255, 0, 0)), (-90, 6, (0, 0, 255)), (180, 3, (255, 255, 255)), (90, 8, (0, 255, 0))],
)
def test_rotation_is_applied_once(
    read: Read, degrees: int, orientation: int, top_left: Colour
) -> None:
    """FFmpeg counts the turn counter-clockwise."""
    content, facts = read("a.mp4", build_video([quarters()] * 12, rotation=degrees))
    assert facts.orientation == orientation
    assert (facts.width, facts.height) == ((320, 240) if orientation < 5 else (240, 320))
    screen = render(content, facts).screen
    assert (screen.width, screen.height) == (facts.width, facts.height)
    picture = Image.open(io.BytesIO(screen.data)).convert("RGB")
    assert close(picture.getpixel((30, 30)), top_left)  # type: ignore[arg-type]


def test_pixels_that_are_not_square(read: Read) -> None:
    content, facts = read("a.mp4", build_video(plain(RED, 12), aspect=Fraction(3, 2)))
    assert (facts.width, facts.height) == (480, 240)
    assert render(content, facts).screen.width == 480


def test_quicktime_keys(read: Read) -> None:
    keys = {
        "com.apple.quicktime.creationdate": "2021-07-04T18:30:05+0200",
        "com.apple.quicktime.make": "Apple",
        "com.apple.quicktime.model": "iPhone 11",
        "com.apple.quicktime.location.ISO6709": "+47.3769+008.5417+408.000/",
        "com.apple.quicktime.content.identifier": "ABC-123",
        "creation_time": "2021-07-04T16:30:05.000000Z",
    }
    _, facts = read("a.mov", build_video(plain(RED, 12), format="mov", metadata=keys))
    assert facts.captured is not None
    assert facts.captured.local.isoformat() == "2021-07-04T18:30:05"
    assert (facts.captured.offset_min, facts.captured.source) == (120, "QuickTime:CreationDate")
    assert (facts.make, facts.model, facts.content_identifier) == ("Apple", "iPhone 11", "ABC-123")
    assert facts.position is not None
    assert facts.position.lon == pytest.approx(8.5417)
    assert facts.position.alt_m == pytest.approx(408)


def test_creation_time_is_utc(read: Read) -> None:
    _, facts = read(
        "a.mp4",
        build_video(plain(RED, 12), metadata={"creation_time": "2019-03-31T01:30:00.000000Z"}),
    )
    assert facts.captured is not None
    assert facts.captured.local.isoformat() == "2019-03-31T01:30:00"
    assert (facts.captured.offset_min, facts.captured.source) == (0, "QuickTime:CreateDate")


def test_sound_alone_is_rejected(read: Read) -> None:
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=44_100, layout="mono")
        frame = av.AudioFrame(format="fltp", layout="mono", samples=1024)
        frame.sample_rate = 44_100
        frame.planes[0].update(bytes(4096))
        for at in range(20):
            frame.pts = at * 1024
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with pytest.raises(MediaRejectedError, match="sound only"):
        read("a.mp4", target.getvalue())


@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_truncated_without_index_is_unreadable(read: Read, share: float) -> None:
    data = build_video(plain(RED, 20))
    with pytest.raises(UnreadableError):
        read("a.mp4", data[: int(len(data) * share)])


def test_a_playlist_named_mp4_reaches_nothing(tmp_path: Path, read: Read) -> None:
    (tmp_path / "secret.ts").write_bytes(build_video(plain(RED, 5), format="mpegts"))
    for text in (b"#EXTM3U\n#EXTINF:1,\nsecret.ts\n", b"ffconcat version 1.0\nfile secret.ts\n"):
        with pytest.raises(MediaRejectedError):
            read("a.mp4", text)
        with pytest.raises((UnreadableError, MediaRejectedError)):
            read("b.mp4", b"\x00\x00\x00\x10ftypisom\x00\x00\x00\x00" + text)


def test_too_large_frames_are_refused_before_decoding(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(film, "MAX_FRAME_PIXELS", 1000)
    with pytest.raises((MediaRejectedError, UnreadableError)):
        read("a.mp4", build_video(plain(RED, 5)))


def test_deadline(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(film, "DEADLINE_S", -1.0)
    with pytest.raises(UnreadableError, match="gave up"):
        read("a.mp4", build_video(plain(RED, 5)))


def test_file_changed_between_reading_and_poster(read: Read) -> None:
    content, facts = read("a.mp4", build_video(plain(RED, 12)))
    os.utime(content.path, ns=(1, 1))
    with pytest.raises(FileChangedError):
        render(content, facts)


def test_names_that_are_no_utf8(tmp_path: Path) -> None:
    path = os.path.join(bytes(tmp_path), b"\xff\n.mp4")
    Path(os.fsdecode(path)).write_bytes(build_video(plain(RED, 12)))
    content = read_content(path)
    assert render(content, probe(content)).grid.data


def test_no_descriptor_is_left_open(read: Read) -> None:
    data = build_video(plain(RED, 12))
    content, facts = read("a.mp4", data)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        render(content, facts)
        with pytest.raises(UnreadableError):
            read("b.mp4", data[:200])
    assert len(os.listdir("/proc/self/fd")) <= before
