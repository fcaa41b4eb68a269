"""The colours of our pages can be read by everyone: WCAG 2.2, level AA, in light and dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[3] / "webapp/static"
TOKENS = (STATIC / "tokens.css").read_text(encoding="utf-8")
#: What we wrote ourselves.
SHEETS = [file for file in sorted(STATIC.glob("*.css")) if file.name != "tokens.css"]

Colour = tuple[float, float, float]

#: Text on its ground: 4.5 to 1 (success criterion 1.4.3).
TEXTS = [
    ("fgColor-default", "bgColor-default"), ("fgColor-default", "bgColor-muted"),
    ("fgColor-default", "bgColor-attention-muted"), ("fgColor-default", "bgColor-success-muted"),
    ("fgColor-default", "bgColor-neutral-muted"),
    ("fgColor-muted", "bgColor-default"), ("fgColor-muted", "bgColor-muted"),
    ("fgColor-accent", "bgColor-default"), ("fgColor-accent", "bgColor-muted"),
    ("fgColor-success", "bgColor-default"), ("fgColor-attention", "bgColor-default"),
    ("fgColor-danger", "bgColor-default"), ("fgColor-done", "bgColor-default"),
    ("fgColor-danger", "bgColor-muted"), ("fgColor-onEmphasis", "bgColor-accent-emphasis"),
]
#: What one has to tell apart, such as the focus and a field's border: 3 to 1 (success criterion 1.4.11).
MARKS = [
    ("fgColor-accent", "bgColor-default"), ("borderColor-emphasis", "bgColor-default"),
    ("bgColor-accent-emphasis", "bgColor-default"), ("bgColor-success-emphasis", "bgColor-default"),
    ("bgColor-attention-emphasis", "bgColor-default"), ("bgColor-danger-emphasis", "bgColor-default"),
]


def colours(scheme: str) -> dict[str, Colour]:
    """The colours by name, as they look on a page. The dark scheme sets only what differs."""
    light, dark = TOKENS.split("prefers-color-scheme: dark", 1)
    found = dict(re.findall(r"--([\w-]+): #([0-9a-f]{6}(?:[0-9a-f]{2})?);", light))
    if scheme == "dark":
        found |= dict(re.findall(r"--([\w-]+): #([0-9a-f]{6}(?:[0-9a-f]{2})?);", dark))
    page = found["bgColor-default"]
    return {name: seen(code, page) for name, code in found.items()}


def seen(code: str, page: str) -> Colour:
    """A colour that may be transparent, on the page's."""
    opacity = int(code[6:] or "ff", 16) / 255
    red, green, blue = (
        opacity * int(code[at:at + 2], 16) + (1 - opacity) * int(page[at:at + 2], 16) for at in (0, 2, 4))
    return red, green, blue


def contrast(one: Colour, other: Colour) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: Colour) -> float:
    """As WCAG defines it."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrasts_are_strong_enough(scheme: str) -> None:
    known = colours(scheme)
    assert {pair: ratio for pair in TEXTS if (ratio := contrast(known[pair[0]], known[pair[1]])) < 4.5} == {}
    assert {pair: ratio for pair in MARKS if (ratio := contrast(known[pair[0]], known[pair[1]])) < 3} == {}


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda file: file.name)
def test_a_style_sheet_names_no_colour_and_only_tokens_that_exist(sheet: Path) -> None:
    style = sheet.read_text(encoding="utf-8")
    own = set(re.findall(r"^ *--([\w-]+):", style, re.MULTILINE)) | {"step", "content", "bottom"}
    tokens = set(re.findall(r"--([\w-]+):", TOKENS))

    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{]*;)", style) == []
    assert set(re.findall(r"var\(--([\w-]+)", style)) - own - tokens == set()
