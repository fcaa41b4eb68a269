"""Lint findings: problems of a filter, one sentence each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class LintSeverity(StrEnum):
    """Severity of a finding."""

    REFUSE = "refuse"
    WARN = "warn"


class LintCode(StrEnum):
    """Code of a finding."""

    UNUSABLE = "unusable"
    TOO_LONG = "too long"
    EVERYTHING = "everything"
    NEVER = "never"
    COSTLY = "costly"
    RETIRED = "retired"
    UNSEEN = "unseen"
    REDUNDANT = "redundant"
    SHADOWED = "shadowed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class LintFinding:
    """One problem of a filter, in one sentence."""

    severity: LintSeverity
    code: LintCode
    sentence: str


def refusals(findings: Iterable[LintFinding]) -> list[str]:
    """Sentences of the findings that keep a filter from being saved."""
    return [finding.sentence for finding in findings if finding.severity is LintSeverity.REFUSE]
