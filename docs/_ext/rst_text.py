"""Text of ours as reStructuredText: for directives that write pages from the code. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_MARKUP: Final = re.compile(r"([\\*`|_<>])")


def escaped(text: str) -> str:
    """The text, so that none of its characters is markup."""
    return _MARKUP.sub(r"\\\1", text)


def title(text: str, underline: str) -> str:
    """A section's title."""
    return f"\n{text}\n{underline * len(text)}\n\n"


def indented(text: str, by: int = 4) -> str:
    """The text ``by`` blanks further to the right."""
    return "\n".join(f"{' ' * by}{line}" if line else "" for line in text.splitlines())


def definitions(entries: Iterable[tuple[str, str]]) -> str:
    """A definition list of terms, which are markup already, and what stands below each."""
    return "".join(f"{term}\n{indented(text or '…')}\n\n" for term, text in entries)
