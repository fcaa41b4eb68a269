"""Results of configuration checks: a level, a subject and a sentence that says what to do."""

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
    """Severity of a check's result. FMN works in spite of a warning."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "wrong"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Result of a check: what it's about, such as ``database``, and a sentence without secrets."""

    level: Level
    subject: str
    sentence: str


CheckResults: TypeAlias = Iterator[CheckResult]


@dataclass(frozen=True)
class ConfigCheck:
    """A check to run, and the prefixes of its settings, such as ``fmn.irc.``.

    It isn't run while one of those settings is invalid.
    """

    subject: str
    sections: tuple[str, ...]
    run: Callable[[], CheckResults]


def ok(subject: str, sentence: str) -> CheckResult:
    """A result: everything is as it should be."""
    return _result(Level.OK, subject, sentence)


def warning(subject: str, sentence: str) -> CheckResult:
    """A result: it works, but something is insecure or suspicious."""
    return _result(Level.WARNING, subject, sentence)


def failed(subject: str, sentence: str) -> CheckResult:
    """A result: it doesn't work."""
    return _result(Level.FAILED, subject, sentence)


def error_text(error: BaseException) -> str:
    """An error's text without a full stop, to be put into a sentence."""
    return str(error).strip().rstrip(".?!") or type(error).__name__


def _result(level: Level, subject: str, sentence: str) -> CheckResult:
    # Libraries say in several lines what they tried, and some of them with the URL that they were given.
    return CheckResult(level, subject, masked(" ".join(sentence.split())))
