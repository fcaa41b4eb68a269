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


@dataclass(frozen=True)
class FlashMessage:
    """A flash message; ``undo`` is the path that its Undo button posts to. ``error`` marks an error."""

    sentence: str
    undo: str | None = None
    error: bool = False


def flash(request: Request, sentence: str, *, undo: str | None = None, error: bool = False) -> None:
    """Add a flash message for the next page."""
    short = sentence if len(sentence) <= MAX_SENTENCE_LENGTH else f"{sentence[:MAX_SENTENCE_LENGTH]}…"
    request.session.flash([short, undo, error])
    waiting = request.session.peek_flash()
    while len(json.dumps(waiting, ensure_ascii=False).encode()) > MAX_COOKIE_BYTES:
        del waiting[0]


def pop_flashes(request: Request) -> Sequence[FlashMessage]:
    """Return and delete the flash messages."""
    if "_f_" not in request.session:
        return []  # asking would make a cookie for everybody who reads a public page
    return [_flash_message(*each) for each in request.session.pop_flash()]


def _flash_message(sentence: str, undo: object, error: object, *_: object) -> FlashMessage:
    """The flash message of a cookie. The previous version's cookies have a number for the undo."""
    return FlashMessage(sentence, undo if isinstance(undo, str) else None, error=bool(error))


def filter_undo_path(request: Request, undo_id: int | None) -> str | None:
    """Path that undoes a change of filters."""
    return None if undo_id is None else request.route_path("undo", undo_id=undo_id)


def inbox_undo_path(request: Request, undo_id: int | None) -> str | None:
    """Path that undoes a change of the inbox, a mute or a saved search."""
    return None if undo_id is None else request.route_path("inbox_undo", undo_id=undo_id)
