"""The filter editor, between form and page: what's wrong with a draft, and what it would let through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.orm import Session

from fmn.catalog import Catalog
from fmn.filters.expression_syntax import ExpressionSyntaxError
from fmn.filters.expressions import Expression, with_me
from fmn.filters.rule_types import RuleTypes
from fmn.matching.lint_findings import LintCode, LintFinding, LintSeverity, refusals
from fmn.matching.lint_in_preference import lint_in_preference
from fmn.matching.recent_traffic import RecentTraffic
from fmn.text import sentence
from webapp.filters.drafts import Draft
from webapp.filters.editor_rows import missing_arguments
from webapp.filters.previews import MessageTest, Previewer, PreviewPanel

NO_DIRECTORY: Final = (
    "The preview isn’t available: FMN can’t look up package owners right now. Try again in a few minutes.")


@dataclass(frozen=True)
class DraftReview:
    """What there is to say of a draft. ``unreadable`` is what's wrong with its text.

    ``expression`` is what it asks, ``None`` unless it can be saved. ``problem`` says why there's no panel,
    where that isn't the draft's fault.
    """

    findings: Sequence[LintFinding] = ()
    unreadable: str = ""
    expression: Expression | None = None
    panel: PreviewPanel | None = None
    tried: MessageTest | None = None
    problem: str = ""

    @property
    def refused(self) -> Sequence[str]:
        """The sentences for which the draft can't be saved."""
        return [self.unreadable] if self.unreadable else refusals(self.findings)


@dataclass(frozen=True)
class DraftReviewer:
    """Looks at drafts at one place among somebody's filters; without ``filter_id`` at a new one's."""

    session: Session
    rule_types: RuleTypes
    catalog: Catalog
    nick: str
    preference_id: int
    filter_id: int | None
    seen: RecentTraffic

    def check(self, draft: Draft) -> DraftReview:
        """What's wrong with it."""
        if unfilled := missing_arguments(draft, self.rule_types):
            return DraftReview(
                [LintFinding(LintSeverity.REFUSE, LintCode.UNUSABLE, each) for each in unfilled])
        try:
            expression = with_me(draft.expression(self.rule_types), self.nick)
        except ExpressionSyntaxError as error:
            return DraftReview(unreadable=sentence(str(error)))
        findings = lint_in_preference(
            self.session, expression, self.rule_types, self.catalog, self.seen,
            preference_id=self.preference_id, filter_id=self.filter_id)
        return DraftReview(findings, expression=None if refusals(findings) else expression)

    def review(self, draft: Draft, previewer: Previewer | None, tried: str = "") -> DraftReview:
        """The same, what it would let through, and whether it lets the message ``tried`` through."""
        if draft.empty:
            return DraftReview()
        found = self.check(draft)
        if found.expression is None:
            return found
        if previewer is None:
            return replace(found, problem=NO_DIRECTORY)
        return replace(
            found, panel=previewer.panel(found.expression),
            tried=previewer.test_message(found.expression, tried) if tried else None)
