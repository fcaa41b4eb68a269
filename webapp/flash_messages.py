"""What the next page says of what was just done, and how to take it back."""

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
    """A sentence; ``undo`` is the id of what takes it back, ``error`` says that it's none that pleases."""

    sentence: str
    undo: int | None = None
    error: bool = False


def flash(request: Request, sentence: str, *, undo: int | None = None, error: bool = False) -> None:
    """Have the next page say it."""
    short = sentence if len(sentence) <= MAX_SENTENCE_LENGTH else f"{sentence[:MAX_SENTENCE_LENGTH]}…"
    request.session.flash([short, undo, error])
    waiting = request.session.peek_flash()
    while len(json.dumps(waiting, ensure_ascii=False).encode()) > MAX_COOKIE_BYTES:
        del waiting[0]


def pop_flashes(request: Request) -> Sequence[FlashMessage]:
    """What is to be said now. It's forgotten afterwards."""
    if "_f_" not in request.session:
        return []  # asking would make a cookie for everybody who reads a public page
    return [FlashMessage(*each) for each in request.session.pop_flash()]
