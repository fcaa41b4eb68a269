"""What the next page says of what was just done, and how to take it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.request import Request


@dataclass(frozen=True)
class Flash:
    """A sentence; ``undo`` is the id of what takes it back, ``trouble`` says that it's none that pleases."""

    sentence: str
    undo: int | None = None
    trouble: bool = False


def say(request: Request, sentence: str, *, undo: int | None = None, trouble: bool = False) -> None:
    """Have the next page say it."""
    request.session.flash([sentence, undo, trouble])


def said(request: Request) -> Sequence[Flash]:
    """What is to be said now. It's forgotten afterwards."""
    if "_f_" not in request.session:
        return []  # asking would make a cookie for everybody who reads a public page
    return [Flash(*each) for each in request.session.pop_flash()]
