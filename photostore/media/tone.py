"""High dynamic range on an ordinary screen: PQ and HLG signals as sRGB (SPEC 8.1).

Shown as they are such pictures look grey and dim: their code values mean light, up to 10,000 nits.
Light is decoded (SMPTE ST 2084, ITU-R BT.2100), rolled off above the middle tones as ITU-R BT.2390
says, with diffuse white at 203 nits (BT.2408), and brought to the primaries of sRGB.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, Final

from photostore.media.libvips import Image

# ITU-T H.273: transfer characteristics and colour primaries.
PQ: Final = 16
HLG: Final = 18
HDR_TRANSFERS: Final = frozenset((PQ, HLG))
_WHITE_NITS: Final = 203.0
# What most pictures are graded for; brighter is white.
_PEAK_NITS: Final = 1000.0
_HLG_GAMMA: Final = 1.2

# Linear light of other primaries in those of BT.709, white point D65 (BT.2087; SMPTE EG 432-1).
_TO_709: Final = {
    9: (
        (1.6605, -0.5876, -0.0728),
        (-0.1246, 1.1329, -0.0083),
        (-0.0182, -0.1006, 1.1187),
    ),
    12: (
        (1.2249, -0.2247, 0.0),
        (-0.0420, 1.0419, 0.0),
        (-0.0197, -0.0786, 1.0979),
    ),
}


def to_standard(image: Any, primaries: int, transfer: int) -> Any:
    """Return an RGB(A) image of 8 or 16 bits with a PQ or HLG signal as 8-bit sRGB."""
    alpha = None
    if image.bands == 4:
        alpha, image = image.extract_band(3), image.extract_band(0, n=3)
        alpha = (alpha / 256).cast("uchar") if alpha.format == "ushort" else alpha
    steps = 256
    if image.format == "ushort":
        # As many as ten bits have: all that a camera writes.
        image, steps = (image / 64).cast("ushort"), 1024
    table = Image.new_from_array([_light(transfer, steps)]).cast("float")
    light = image.maplut(table)
    if primaries in _TO_709:
        light = light.recomb([list(row) for row in _TO_709[primaries]])
    shown = light.copy(interpretation="scrgb").colourspace("srgb").cast("uchar")
    return shown if alpha is None else shown.bandjoin(alpha)


@lru_cache(maxsize=4)
def _light(transfer: int, steps: int) -> list[float]:
    """The linear light that each code value is shown with; 1 is white."""
    decode = _pq_nits if transfer == PQ else _hlg_nits
    return [_rolled_off(decode(code / (steps - 1))) / _WHITE_NITS for code in range(steps)]


def _pq_nits(signal: float) -> float:
    root = math.pow(signal, 32 / 2523)
    share = max(root - 107 / 128, 0) / (2413 / 128 - 2392 / 128 * root)
    return 10_000 * math.pow(share, 16384 / 2610)


def _pq_signal(nits: float) -> float:
    power = math.pow(nits / 10_000, 2610 / 16384)
    return math.pow((107 / 128 + 2413 / 128 * power) / (1 + 2392 / 128 * power), 2523 / 32)


def _hlg_nits(signal: float) -> float:
    """Each channel for itself: for a preview that is close to the system's gamma on luminance."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = signal**2 / 3 if signal <= 0.5 else (math.exp((signal - c) / a) + b) / 12
    return _PEAK_NITS * math.pow(min(scene, 1.0), _HLG_GAMMA)


def _rolled_off(nits: float) -> float:
    """BT.2390's curve from `_PEAK_NITS` down to white: dark and middle tones stay."""
    top = _pq_signal(_PEAK_NITS)
    most = _pq_signal(_WHITE_NITS) / top
    knee = 1.5 * most - 0.5
    signal = min(_pq_signal(nits) / top, 1.0)
    if signal > knee:
        t = (signal - knee) / (1 - knee)
        signal = (
            (2 * t**3 - 3 * t**2 + 1) * knee
            + (t**3 - 2 * t**2 + t) * (1 - knee)
            + (-2 * t**3 + 3 * t**2) * most
        )
    return _pq_nits(signal * top)
