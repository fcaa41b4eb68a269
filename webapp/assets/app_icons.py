"""PNGs of the app's icon, made of its SVG by ``make assets``. The same SVG makes the same bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

import resvg_py

STATIC: Final = Path(__file__).parent.parent / "static"
SVG: Final = STATIC / "icon.svg"


class Variant(NamedTuple):
    """A PNG: its width and height in pixels, and what becomes of the SVG's background."""

    size: int
    background: str


#: Systems round the corners of some themselves, and of a badge they use the shape alone.
VARIANTS: Final[Mapping[str, Variant]] = {
    "icon-192.png": Variant(192, "rounded"),
    "icon-512.png": Variant(512, "rounded"),
    "icon-180.png": Variant(180, "square"),
    "icon-maskable-512.png": Variant(512, "square"),
    "icon-badge.png": Variant(96, "none"),
}


def render(variant: Variant) -> bytes:
    """Render a PNG."""
    svg = SVG.read_text()
    if variant.background == "square":
        svg = re.sub(r' rx="\d+"', "", svg)
    if variant.background == "none":
        svg = re.sub(r"<rect[^>]*/>", "", svg)
    png: bytes = bytes(resvg_py.svg_to_bytes(
        svg_string=svg, width=variant.size, height=variant.size, skip_system_fonts=True))
    return png


if __name__ == "__main__":
    for name, variant in VARIANTS.items():
        (STATIC / name).write_bytes(render(variant))
