"""Flash messages: shown once on the next page, some with an undo button."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from webapp.request import Request

#: Bytes that a session's cookie has for what waits to be said, and characters of the longest sentence.
#: Whoever never looks at a page hears none of it, and must still be able to go on.
MAX_COOKIE_BYTES: Final = 1000
MAX_SENTENCE_LENGTH: Final = 200
#: Routes of what undoes changes of filters, and changes of the inbox, mutes and saved searches.
FILTER_UNDO: Final = "undo"
INBOX_UNDO: Final = "inbox_undo"


@dataclass(frozen=True)
class FlashMessage:
    """A flash message; ``undo`` is the undo's id for a route, or the path, that its button posts to.

    ``error`` marks an error.
    """

    sentence: str
    undo: int | str | None = None
    error: bool = False
    undo_route: str = FILTER_UNDO


def flash(
    request: Request, sentence: str, *, undo: int | str | None = None, error: bool = False,
    undo_route: str = FILTER_UNDO,
) -> None:
    """Add a flash message for the next page."""
    short = sentence if len(sentence) <= MAX_SENTENCE_LENGTH else f"{sentence[:MAX_SENTENCE_LENGTH]}…"
    request.session.flash([short, undo, error, undo_route])
    waiting = request.session.peek_flash()
    while len(json.dumps(waiting, ensure_ascii=False).encode()) > MAX_COOKIE_BYTES:
        del waiting[0]


def pop_flashes(request: Request) -> Sequence[FlashMessage]:
    """Return and delete the flash messages."""
    if "_f_" not in request.session:
        return []  # asking would make a cookie for everybody who reads a public page
    return [FlashMessage(*each) for each in request.session.pop_flash()]
