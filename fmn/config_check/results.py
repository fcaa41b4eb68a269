"""What a check-up finds: one line per thing, and what to do about what's wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from fmn.settings.masking import masked


class Level(StrEnum):
    """How bad it is. FMN works in spite of a warning."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a thing, such as ``database``, in a sentence without secrets."""

    level: Level
    thing: str
    sentence: str


Findings: TypeAlias = Iterator[Finding]


@dataclass(frozen=True)
class Check:
    """Looks at a thing, whose settings begin with one of these sections' names, such as ``fmn.irc.``."""

    thing: str
    sections: tuple[str, ...]
    look: Callable[[], Findings]


def ok(thing: str, sentence: str) -> Finding:
    """That it's as it should be."""
    return _finding(Level.OK, thing, sentence)


def warning(thing: str, sentence: str) -> Finding:
    """That it works, and shouldn't stay as it is."""
    return _finding(Level.WARNING, thing, sentence)


def wrong(thing: str, sentence: str) -> Finding:
    """That it doesn't work."""
    return _finding(Level.WRONG, thing, sentence)


def said(error: BaseException) -> str:
    """What an error says, to be put into a sentence."""
    return str(error).strip().rstrip(".?!") or type(error).__name__


def _finding(level: Level, thing: str, sentence: str) -> Finding:
    # Libraries say in several lines what they tried, and some of them with the URL that they were given.
    return Finding(level, thing, masked(" ".join(sentence.split())))
