"""What a check-up finds: one line per subject, and what to do about what's wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from fmn.settings.masking import masked

#: Subjects of results about the settings themselves: values that don't fit, and values that aren't safe.
SETTINGS: Final = "settings"
SECURITY: Final = "security"


class Level(StrEnum):
    """How bad it is. FMN works in spite of a warning."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "wrong"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Something about a subject, such as ``database``, in a sentence without secrets."""

    level: Level
    subject: str
    sentence: str


CheckResults: TypeAlias = Iterator[CheckResult]


@dataclass(frozen=True)
class ConfigCheck:
    """Looks at a subject, whose settings begin with one of these sections' names, such as ``fmn.irc.``."""

    subject: str
    sections: tuple[str, ...]
    run: Callable[[], CheckResults]


def ok(subject: str, sentence: str) -> CheckResult:
    """That it's as it should be."""
    return _result(Level.OK, subject, sentence)


def warning(subject: str, sentence: str) -> CheckResult:
    """That it works, and shouldn't stay as it is."""
    return _result(Level.WARNING, subject, sentence)


def failed(subject: str, sentence: str) -> CheckResult:
    """That it doesn't work."""
    return _result(Level.FAILED, subject, sentence)


def error_text(error: BaseException) -> str:
    """What an error says, to be put into a sentence."""
    return str(error).strip().rstrip(".?!") or type(error).__name__


def _result(level: Level, subject: str, sentence: str) -> CheckResult:
    # Libraries say in several lines what they tried, and some of them with the URL that they were given.
    return CheckResult(level, subject, masked(" ".join(sentence.split())))
