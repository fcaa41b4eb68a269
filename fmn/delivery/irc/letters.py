"""What IRC lines say that are about no notification. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from fmn.delivery.contract import Letter
from fmn.delivery.irc.line_splitting import wrapped
from fmn.delivery.signed_links import Links
from fmn.text import one_line


def letter_lines(letter: Letter, links: Links) -> Sequence[str]:
    """The lines of a letter: what it's about, what it says, and why they get it."""
    said = [f"{letter.subject}: {' '.join(letter.paragraphs)}", letter.because]
    if letter.confirmation is not None:
        said.insert(1, links.confirm(letter.confirmation))
    return [line for text in said for line in wrapped(one_line(text).split())]
