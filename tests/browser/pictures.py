"""Pictures of pages for whoever wants to look: ``make screenshots`` leaves them in ``var/screenshots``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Page

#: Whether they're wanted: in CI nobody looks at them, and drawing them takes a tenth of the processor's time.
WANTED: Final = bool(os.environ.get("SCREENSHOTS"))
FOLDER: Final = Path(__file__).parents[2] / "var/screenshots"
#: Pixels of a picture's height: what comes below looks like what is above, and takes long to draw.
TALLEST: Final = 3000
DESK: Final = 1280
PHONE: Final = 390
Scheme = Literal["light", "dark"]
#: What a page is shown like in its pictures.
LOOKS: Final[Mapping[str, tuple[Scheme, int]]] = {
    "light": ("light", DESK), "dark": ("dark", DESK), "phone": ("light", PHONE)}


def show(page: Page, scheme: Scheme, width: int) -> None:
    """Have the page shown in these colours, so many pixels wide."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")


def take_pictures(page: Page, name: str) -> None:
    """Leave a picture of each look of a page, if they're wanted."""
    for look, shown in LOOKS.items() if WANTED else ():
        show(page, *shown)
        take_picture(page, f"{name}-{look}")


def take_picture(page: Page, name: str) -> None:
    """Leave a picture of a page as it's shown now, if it's wanted."""
    if WANTED:
        FOLDER.mkdir(parents=True, exist_ok=True)
        width, height = page.evaluate("[innerWidth, document.documentElement.scrollHeight]")
        page.screenshot(path=FOLDER / f"{name}.png", full_page=True, clip={
            "x": 0, "y": 0, "width": width, "height": min(height, TALLEST)})
