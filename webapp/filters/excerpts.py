"""Excerpts of a text around what is wrong in it."""

from __future__ import annotations

from typing import Final, NamedTuple

#: Characters of an excerpt before and after what is wrong, and of that.
AROUND: Final = 30


class Excerpt(NamedTuple):
    """A piece of text on one line, in three: ``wrong`` is what is wrong, empty if something is missing."""

    before: str
    wrong: str
    after: str


def excerpt(text: str, span: tuple[int, int]) -> Excerpt:
    """The text around a span."""
    start, end = span
    end = min(end, start + AROUND)
    before = text[max(0, start - AROUND):start].lstrip()
    after = text[end:end + AROUND].rstrip()
    return Excerpt(
        _one_line(f"{'… ' if start > AROUND else ''}{before}"), _one_line(text[start:end]),
        _one_line(f"{after}{' …' if len(text) > end + AROUND else ''}"))


def _one_line(text: str) -> str:
    return text.replace("\n", " ")
