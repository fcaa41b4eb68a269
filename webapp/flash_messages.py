"""What the next page says of what was just done, and how to take it back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from webapp.request import Request

#: Bytes that a session's cookie has for what waits to be said, and characters of the longest sentence.
#: Whoever never looks at a page hears none of it, and must still be able to go on.
ROOM: Final = 1000
LONGEST: Final = 200


@dataclass(frozen=True)
class Flash:
    """A sentence; ``undo`` is the id of what takes it back, ``trouble`` says that it's none that pleases."""

    sentence: str
    undo: int | None = None
    trouble: bool = False


def say(request: Request, sentence: str, *, undo: int | None = None, trouble: bool = False) -> None:
    """Have the next page say it."""
    short = sentence if len(sentence) <= LONGEST else f"{sentence[:LONGEST]}…"
    request.session.flash([short, undo, trouble])
    waiting = request.session.peek_flash()
    while len(json.dumps(waiting, ensure_ascii=False).encode()) > ROOM:
        del waiting[0]


def said(request: Request) -> Sequence[Flash]:
    """What is to be said now. It's forgotten afterwards."""
    if "_f_" not in request.session:
        return []  # asking would make a cookie for everybody who reads a public page
    return [Flash(*each) for each in request.session.pop_flash()]
