"""Findings: what a filter's owner should know about it, one sentence each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class LintSeverity(StrEnum):
    """What becomes of a filter with a finding."""

    REFUSE = "refuse"
    WARN = "warn"


class LintCode(StrEnum):
    """What a finding is about."""

    UNUSABLE = "unusable"
    TOO_LONG = "too long"
    EVERYTHING = "everything"
    NEVER = "never"
    COSTLY = "costly"
    RETIRED = "retired"
    UNSEEN = "unseen"
    REDUNDANT = "redundant"
    SHADOWED = "shadowed"


@dataclass(frozen=True)
class LintFinding:
    """One thing to know about a filter, in one sentence."""

    severity: LintSeverity
    code: LintCode
    sentence: str


def refusals(findings: Iterable[LintFinding]) -> list[str]:
    """The sentences for which a filter can't be saved."""
    return [finding.sentence for finding in findings if finding.severity is LintSeverity.REFUSE]
