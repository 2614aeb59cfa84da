"""SPEC 8.1, 6.4: previews and orientation."""

from __future__ import annotations

import io
from pathlib import Path

import pillow_heif
import pytest
import pyvips
from PIL import Image

from photostore.base.errors import CodecMissingError, UnreadableError
from photostore.media.preview import (
    Preview,
    pays_first,
    render,
    render_grid,
    render_screen,
    render_size,
)
from photostore.media.probe import probe
from photostore.media.reading import Content, read_content
from tests.samples import make_photo

from .conftest import Read, encode, exif_block, jpeg_with_exif, noise, quarters
from .rawfile import build_dng

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
# Where the four quarters stand (top left, top right, bottom left, bottom right) when a picture with
# the rows RED GREEN / BLUE WHITE is shown as the EXIF number says.
SHOWN = {
    1: (RED, GREEN, BLUE, WHITE),
    2: (GREEN, RED, WHITE, BLUE),
    3: (WHITE, BLUE, GREEN, RED),
    4: (BLUE, WHITE, RED, GREEN),
    5: (RED, BLUE, GREEN, WHITE),
    6: (BLUE, RED, WHITE, GREEN),
    7: (WHITE, GREEN, BLUE, RED),
    8: (GREEN, WHITE, RED, BLUE),
}


def opened(preview: Preview) -> Image.Image:
    picture = Image.open(io.BytesIO(preview.data))
    assert picture.size == (preview.width, preview.height)
    assert Image.MIME[picture.format or ""] == preview.mime
    return picture


def corners(preview: Preview) -> list[tuple[int, ...]]:
    picture = opened(preview).convert("RGB")
    width, height = picture.size
    places = [(x, y) for y in (height // 4, height * 3 // 4) for x in (width // 4, width * 3 // 4)]
    return [picture.getpixel(place) for place in places]  # type: ignore[misc]


def near(found: list[tuple[int, ...]], expected: tuple[tuple[int, ...], ...]) -> bool:
    return all(
        abs(a - b) < 40
        for one, other in zip(found, expected, strict=True)
        for a, b in zip(one, other, strict=True)
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_exactly_once(read: Read, kind: str, orientation: int) -> None:
    block = b"Exif\x00\x00" + exif_block({0x112: orientation})
    if kind == "TIFF":
        data = encode(quarters(), kind, tiffinfo={0x112: orientation})
    else:
        data = encode(quarters(), kind, exif=block)
    content, facts = read("a." + kind.lower(), data)
    assert facts.orientation == orientation
    assert (facts.width, facts.height) == ((320, 240) if orientation < 5 else (240, 320))
    previews = render(content, facts)
    for preview in (previews.grid, previews.screen, render_size(content, facts, 200)):
        assert near(corners(preview), SHOWN[orientation])
        assert (preview.width < preview.height) is (orientation >= 5)
        assert not opened(preview).getexif()


@pytest.mark.parametrize(
    ("size", "screen", "grid"),
    [
        ((4000, 3000), (1440, 1080), (427, 320)),
        ((3000, 4000), (1080, 1440), (240, 320)),
        ((3000, 2000), (1440, 960), (480, 320)),
        ((200, 150), (200, 150), (200, 150)),
        ((6000, 1000), (1440, 240), (800, 133)),
        ((1, 3000), (1, 1440), (1, 320)),
        ((1, 1), (1, 1), (1, 1)),
    ],
)
def test_sizes(
    read: Read, size: tuple[int, int], screen: tuple[int, int], grid: tuple[int, int]
) -> None:
    """Never larger than the original; the long edge is 1440; a panorama's grid picture is wider."""
    content, facts = read("a.jpg", encode(Image.new("RGB", size, (90, 120, 40)), "JPEG"))
    previews = render(content, facts)
    assert (previews.screen.width, previews.screen.height) == screen
    assert (previews.grid.width, previews.grid.height) == pytest.approx(grid, abs=1)
    assert previews.damaged is None
    assert 5 <= len(previews.thumbhash) <= 25


def test_sizes_can_be_chosen(read: Read) -> None:
    content, facts = read("a.jpg", encode(noise(1200, 900), "JPEG"))
    previews = render(content, facts, screen_px=600, grid_px=100)
    assert (previews.screen.width, previews.grid.height) == (600, 100)
    assert render_size(content, facts, 300).width == 300
    assert render_size(content, facts, 5000).width == 1200


def test_formats_and_weight(read: Read) -> None:
    content, facts = read("a.jpg", encode(noise(300, 200).resize((3000, 2000)), "JPEG"))
    previews = render(content, facts)
    assert (previews.grid.mime, previews.screen.mime) == ("image/webp", "image/jpeg")
    assert len(previews.grid.data) < 25_000
    assert len(previews.screen.data) < 300_000


def test_metadata_never_leaks(read: Read) -> None:
    block = exif_block({0x10F: "SECRETMAKE"}, gps={1: "N", 2: (1.0, 2.0, 3.0)})
    content, facts = read("a.jpg", jpeg_with_exif(encode(noise(), "JPEG"), block))
    previews = render(content, facts)
    for preview in (previews.grid, previews.screen):
        assert b"SECRET" not in preview.data
        assert b"Exif" not in preview.data


def test_transparency_is_kept_and_idle_alpha_dropped(read: Read) -> None:
    picture = quarters().convert("RGBA")
    content, facts = read("a.png", encode(picture, "PNG"))
    assert facts.has_alpha
    assert render(content, facts).screen.mime == "image/jpeg"
    picture.paste((0, 0, 0, 0), (0, 0, 160, 120))
    content, facts = read("b.png", encode(picture, "PNG"))
    previews = render(content, facts)
    assert previews.screen.mime == "image/webp"
    assert opened(previews.grid).convert("RGBA").getpixel((10, 10))[3] == 0  # type: ignore[index]


def test_colours_do_not_bleed_out_of_transparent_pixels(read: Read) -> None:
    picture = Image.new("RGBA", (800, 800), (0, 255, 0, 0))
    picture.paste((255, 0, 0, 255), (0, 0, 401, 800))
    content, facts = read("a.png", encode(picture, "PNG"))
    preview = render_size(content, facts, 100)
    edge = opened(preview).convert("RGBA")
    greens = [edge.getpixel((x, 50))[1] for x in range(48)]  # type: ignore[index]
    assert max(greens) < 40


def test_truncated_jpeg_is_shown_and_marked(read: Read) -> None:
    """Most of it there: shown, with a word on the damage. Almost nothing there: unreadable."""
    data = encode(noise(1600, 1200), "JPEG", quality=90)
    content, facts = read("a.jpg", data[: len(data) * 8 // 10])
    previews = render(content, facts)
    assert previews.damaged is not None
    assert "%" in previews.damaged
    content, facts = read("b.jpg", data[: len(data) // 10])
    with pytest.raises(UnreadableError, match="damaged"):
        render(content, facts)


def test_missing_end_marker_alone_is_no_loss(read: Read) -> None:
    content, facts = read("a.jpg", encode(noise(), "JPEG")[:-2])
    damaged = render(content, facts).damaged
    assert damaged is None or "100%" in damaged


def test_animations_show_their_first_frame(read: Read) -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in (RED, BLUE)]
    for kind in ("GIF", "WEBP", "PNG"):
        data = encode(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
        content, facts = read("a." + kind.lower(), data)
        assert facts.animated
        assert near(corners(render(content, facts).screen), (RED,) * 4)


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("1", "TIFF"), ("L", "JPEG"), ("L", "BMP"), ("P", "PNG"), ("LA", "PNG"), ("I;16", "TIFF"),
     ("CMYK", "TIFF"), ("RGBA", "WEBP"), ("RGB", "JPEG2000"), ("I;16", "PNG"), ("F", "TIFF")],
)  # fmt: skip
def test_every_pixel_layout_is_rendered(read: Read, mode: str, kind: str) -> None:
    grey = Image.linear_gradient("L")
    if mode == "I;16":
        picture = Image.new("I;16", (256, 256))
        picture.putdata([value * 257 for value in grey.tobytes()])
    else:
        picture = grey.convert(mode)
    content, facts = read("a.bin", encode(picture, kind))
    shown = opened(render(content, facts).screen).convert("L")
    top, bottom = shown.getpixel((128, 8)), shown.getpixel((128, 247))
    assert isinstance(top, int)
    assert isinstance(bottom, int)
    assert top < 60
    assert bottom > 190


def test_heic_is_rendered_upright(read: Read) -> None:
    """SPEC 6.4: the decoder applies HEIF's own turn; EXIF must not turn it again."""
    pillow_heif.register_heif_opener()
    data = encode(quarters(), "HEIF", exif=b"Exif\x00\x00" + exif_block({0x112: 6}), quality=95)
    content, facts = read("a.heic", data)
    assert facts.kind.name == "heic"
    previews = render(content, facts)
    assert (facts.width, facts.height) == (previews.screen.width, previews.screen.height)
    assert (facts.width, facts.height) == (240, 320)
    assert near(corners(previews.screen), SHOWN[6])


def test_avif_is_rendered(read: Read) -> None:
    content, facts = read("a.avif", encode(quarters(), "AVIF", quality=90))
    assert facts.kind.name == "avif"
    assert near(corners(render(content, facts).screen), SHOWN[1])


def test_facts_of_another_file_do_no_harm(read: Read) -> None:
    """The bytes may be other ones than were probed: an error at worst."""
    content, _ = read("a.jpg", encode(noise(), "JPEG"))
    _, facts = read("b.png", encode(noise(), "PNG"))
    with pytest.raises(UnreadableError):
        render(content, facts)


def test_raw_shows_its_embedded_jpeg(read: Read) -> None:
    """A TIFF-based RAW with a large preview in it: the preview is shown, turned as EXIF says."""
    data = build_dng(encode(quarters(1280, 960), "JPEG", quality=95), orientation=6)
    content, facts = read("a.dng", data)
    assert facts.kind.name == "dng"
    assert (facts.width, facts.height, facts.orientation) == (960, 1280, 6)
    assert near(corners(render(content, facts).screen), SHOWN[6])


def test_raw_without_a_preview_waits_for_a_codec(read: Read) -> None:
    content, facts = read("a.dng", build_dng(encode(quarters(160, 120), "JPEG"), orientation=1))
    with pytest.raises(CodecMissingError, match="preview"):
        render(content, facts)


def test_render_needs_no_file(read: Read) -> None:
    content, facts = read("a.jpg", encode(noise(), "JPEG"))
    ghost = Content(b"/nowhere.jpg", content.size, 0, content.sha1, content.head, content.data)
    assert render(ghost, facts).grid.data
    assert probe(ghost).width == 640


# The grid picture alone, of a first pass (docs/decisions/0015)


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("size", [(4000, 3000), (2400, 1350), (1500, 1000), (6000, 1500)])
def test_a_grid_picture_of_its_own_is_as_good(
    tmp_path: Path, size: tuple[int, int], orientation: int
) -> None:
    """Against one that is scaled down from every pixel: no eye sees a mean delta E below one."""
    path = make_photo(tmp_path / "a.jpg", size=size, orientation=orientation, seed=3)
    content = read_content(bytes(path))
    facts = probe(content)
    assert pays_first(content, facts)
    exact = render(content, facts, screen_px=max(size)).grid
    usual, first = render(content, facts), render_grid(content, facts)
    assert first.screen is None
    assert exact
    assert usual.grid
    assert first.grid
    assert first.grid.width == pytest.approx(usual.grid.width, abs=1)
    assert first.grid.height == pytest.approx(usual.grid.height, abs=1)
    assert first.thumbhash
    assert usual.thumbhash
    assert len(first.thumbhash) == len(usual.thumbhash)
    assert len(first.grid.data) == pytest.approx(len(usual.grid.data), rel=0.15)
    loss = _delta_e(usual.grid, exact)
    assert _delta_e(first.grid, exact) < max(1.0, 1.25 * loss)


def _delta_e(one: Preview, other: Preview) -> float:
    """The mean CIEDE2000 distance of two previews, which may differ by a pixel in size."""
    left = pyvips.Image.new_from_buffer(one.data, "")
    right = pyvips.Image.new_from_buffer(other.data, "")
    width, height = min(left.width, right.width), min(left.height, right.height)
    return float(left.crop(0, 0, width, height).dE00(right.crop(0, 0, width, height)).avg())


def test_a_first_pass_pays_for_jpegs_in_one_scan(tmp_path: Path) -> None:
    picture = pyvips.Image.gaussnoise(1600, 1200).cast("uchar").copy(interpretation="b-w")
    pays = {
        "plain.jpg": {},
        "progressive.jpg": {"interlace": True},
        "picture.png": {},
        "picture.webp": {},
    }
    for name, options in pays.items():
        path = tmp_path / name
        picture.write_to_file(str(path), **options)
        content = read_content(bytes(path))
        assert pays_first(content, probe(content)) == (name == "plain.jpg"), name
    small = make_photo(tmp_path / "small.jpg", size=(640, 480))
    content = read_content(bytes(small))
    assert not pays_first(content, probe(content))


def test_a_screen_picture_of_its_own_is_the_same(tmp_path: Path) -> None:
    path = make_photo(tmp_path / "a.jpg", size=(2000, 1500), orientation=8)
    content = read_content(bytes(path))
    facts = probe(content)
    both, alone = render(content, facts), render_screen(content, facts)
    assert (alone.grid, alone.thumbhash) == (None, None)
    assert both.screen
    assert alone.screen
    assert alone.screen.data == both.screen.data
