"""What a pager shows: from a delivery in words to one line. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from fmn.text import shorten
from fmn.delivery.contract import Letter, Outgoing
from fmn.delivery.signed_links import Links
from fmn.delivery.notification_text import note_of

#: Characters that a pager shows.
LONGEST = 200


def format_line(outgoing: Outgoing, applications: Mapping[str, str], links: Links) -> str:
    """The line of a delivery: a letter, a single, or with several items a digest."""
    if outgoing.letter is not None:
        return _letter(outgoing.letter, links)
    notes = [note_of(item, applications, links, outgoing.presentation) for item in outgoing.items]
    if outgoing.count == 1:
        return shorten(f"{notes[0].application}: {notes[0].summary}", LONGEST)
    return shorten(f"{outgoing.count:,} notifications, the first: {notes[0].summary}", LONGEST)


def _letter(letter: Letter, links: Links) -> str:
    if letter.confirmation is not None:
        return f"{letter.subject}: {links.code(letter.confirmation)}"
    return shorten(f"{letter.subject}: {' '.join(letter.paragraphs)}", LONGEST)
