"""Why some differences stay: a line each, by the file's place in the corpus and the field."""

from __future__ import annotations

from typing import Final

_SEQUENCE: Final = "An AVIF sequence: its brand says picture, exiftool goes by the film inside."
_MOJIBAKE: Final = (
    "The IPTC text is UTF-8 without saying so; exiftool takes it for Latin-1 and counts it twice."
)
_NO_DATE: Final = "More than two days ahead of now: no date (SPEC 6.3)."

EXPLAINED: Final[dict[tuple[str, str], str]] = {
    ("avif/imagemeta-AVIF.avif", "kind"): (
        "Its brand is `heic`, its only item AV1: exiftool goes by the brand, photostore by both."
    ),
    ("avif/kimageformats-framenumbers.avif", "kind"): _SEQUENCE,
    ("avif/mp4parse-rust-alpha_video_fixed.avif", "kind"): _SEQUENCE,
    ("broken/mp4parse-rust-loop_1.avif", "kind"): _SEQUENCE,
    ("broken/mp4parse-rust-no_edts.avif", "kind"): _SEQUENCE,
    ("broken/libheif-lightning_mini.heif", "kind"): (
        "A low-overhead HEIF, which exiftool 12.57 does not know and calls MP4."
    ),
    ("bombs/jpeg-xmp-entity-bomb.jpg", "title"): (
        "An entity bomb: packets with a document type are not read at all."
    ),
    ("broken/made-exif-latin1.jpg", "description"): (
        "The bytes are Latin-1; exiftool puts question marks, photostore the letters."
    ),
    ("broken/made-future-date.jpg", "capture time"): _NO_DATE,
    ("exif/exif-samples-WWL_(Polaroid)_ION230.jpg", "capture time"): _NO_DATE,
    ("broken/mp4parse-rust-video_colr_nclx_hlg_full_range.mp4", "width and height"): (
        "The sample says 2 x 2 and decodes so; exiftool reads fixed-point figures as whole ones."
    ),
    ("dates/phockup-exif.mp4", "width and height"): (
        "The frames are 8 x 8; exiftool reads fixed-point figures as whole ones."
    ),
    ("broken/photoview-bad-exif.jpg", "exposure"): (
        "A fraction with the divisor 0: exiftool says infinity, photostore nothing."
    ),
    ("heic/pillow-heif-rgb8_210_128_2_2~2.heic", "lens"): (
        "It stands in the XMP of the file's second picture, not of the one that is shown."
    ),
    ("raw/imagemeta-sample.arw", "width and height"): (
        "The raw directory says 3880 x 2600 with the sensor's border, exiftool gives the JPEG's."
    ),
    ("video/metadata-extractor-image-Sony ILCE-7M3 (A7M3).mts", "make"): (
        "264 is Sony's number in such streams (0x108); the name is of more use."
    ),
    ("wrongext/jpeg-named.mp4", "video codec"): (
        "It is a JPEG: ffprobe calls every picture a film of one frame."
    ),
    ("xmp/pigallery2/sidecar/20240107_110258.jpg", "keywords"): _MOJIBAKE,
    ("xmp/pigallery2/sidecar/20240121_102400.JPG", "keywords"): _MOJIBAKE,
    ("xmp/pigallery2/sidecar/20240128_185808.JPG", "keywords"): _MOJIBAKE,
}
