"""The colours of our pages can be read by everyone: WCAG 2.2, level AA, in light and dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

STYLE = (Path(__file__).parents[3] / "webapp/static/style.css").read_text(encoding="utf-8")

#: Text on its ground: 4.5 to 1 (success criterion 1.4.3).
TEXTS = [
    ("ink", "paper"), ("ink", "raised"), ("ink", "notice"), ("quiet", "paper"), ("accent", "paper"),
    ("on-accent", "accent"), ("problem", "paper"),
]
#: What one has to tell apart, such as the focus: 3 to 1 (success criterion 1.4.11).
MARKS = [("accent", "paper"), ("accent", "raised"), ("notice-line", "notice")]


def colours(scheme: str) -> dict[str, tuple[int, int, int]]:
    """The colours by name. Those of the dark scheme are set after the light ones."""
    light, dark = STYLE.split("prefers-color-scheme: dark", 1)
    found = dict(re.findall(r"--([\w-]+): #([0-9a-f]{6});", light if scheme == "light" else dark))
    return {name: (int(code[:2], 16), int(code[2:4], 16), int(code[4:], 16)) for name, code in found.items()}


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: tuple[int, int, int]) -> float:
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


def test_both_schemes_set_the_same_colours() -> None:
    assert colours("light").keys() == colours("dark").keys()


def test_nothing_else_names_a_colour() -> None:
    assert re.findall(r"^(?!\s*--).*#[0-9a-fA-F]{3,6}\b.*$", STYLE, re.MULTILINE) == []
