"""Size limit of mails: which notifications fit, and how much of their texts.

Every notification gets its lines (what happened, where, why it was sent) before any gets its text. What room
is left is shared fairly: short texts stay whole, and those that are too long end up equally long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

from fmn.delivery.notification_text import NotificationText

#: Bytes that a character of a text has in both parts of a mail at most: 12 in each (four of UTF-8, each
#: as ``=XX``) and 12 in a link's target, or 2 for a line end and its indent, and what soft line ends add.
MAX_BYTES_PER_CHARACTER = 44
#: Bytes of a body beside its texts: boundaries and the parts' own headers.
AROUND_PARTS = 600
#: Bytes of a text of which it's worth to show the beginning; below that the link alone says it better.
_WORTH_SHOWING = 400

#: The bytes that a note takes in both parts, with all that comes with it, where it stands.
Cost = Callable[[int, NotificationText], int]


def fit_to_size(
    notes: Sequence[NotificationText], room: int, cost: Cost, parts: int,
) -> Sequence[NotificationText]:
    """Texts that fit into ``room`` bytes, from the first on, shortened as needed.

    The first is always among them, for a mail that says nothing would be no use. Of a mail's ``parts`` each
    has one byte at least of a character.
    """
    kept, spent = _kept(notes, room, cost)
    order = sorted((index for index, note in enumerate(kept) if note.cut), key=lambda i: len(notes[i].long))
    for done, index in enumerate(order):
        bare = cost(index, kept[index])
        share = bare + (room - spent) // (len(order) - done)
        fitted = _cut(notes[index], share, partial(cost, index), parts)
        spent += cost(index, fitted) - bare
        kept[index] = fitted
    return kept


def _kept(notes: Iterable[NotificationText], room: int, cost: Cost) -> tuple[list[NotificationText], int]:
    kept: list[NotificationText] = []
    spent = 0
    for index, note in enumerate(notes):
        bare = replace(note, long="", cut=bool(note.long))
        spent += cost(index, bare)
        if kept and spent > room:
            return kept, spent - cost(index, bare)
        kept.append(bare)
    return kept, spent


def _cut(
    note: NotificationText, share: int, cost: Callable[[NotificationText], int], least: int,
) -> NotificationText:
    """A text shortened to its share of bytes."""
    fitted = note
    if len(note.long) * least > share:
        fitted = _first(note, share // least)
    while (size := cost(fitted)) > share:
        # In proportion, and a little less, because the text isn't equally dense everywhere.
        fitted = _first(fitted, min(int(len(fitted.long) * share / size * 0.95), len(fitted.long) - 1))
        if len(fitted.long) * least < _WORTH_SHOWING:
            return replace(fitted, long="")
    return fitted


def _first(note: NotificationText, length: int) -> NotificationText:
    """A text shortened to about ``length`` characters, between lines or words."""
    beginning = note.long[:max(length, 0)]
    whole_lines = beginning.rpartition("\n")[0]
    if len(whole_lines) < length // 2:
        whole_lines = beginning.rpartition(" ")[0] or beginning
    return replace(note, long=whole_lines.rstrip(), cut=True)
