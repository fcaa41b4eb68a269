"""Review of a draft in the filter editor: lint findings, preview and test with a message."""

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
from fmn.matching.unknown_names import KnownNames, unknown_names
from fmn.text import sentence
from fmn.translations import gettext, mark
from webapp.filters.drafts import Draft
from webapp.filters.excerpts import Excerpt, excerpt
from webapp.filters.previews import MessageTest, Previewer, PreviewPanel
from webapp.filters.row_fields import missing_arguments

NO_DIRECTORY: Final = mark(
    "The preview isn’t available: FMN can’t look up package owners right now. Try again in a few minutes.")


@dataclass(frozen=True)
class DraftReview:
    """Results of a review. ``unreadable`` is the syntax error of the draft's text, ``excerpt`` its place.

    ``expression`` is ``None`` unless the draft can be saved. ``problem`` says why there is no preview if that
    isn't the draft's fault.
    """

    findings: Sequence[LintFinding] = ()
    unreadable: str = ""
    excerpt: Excerpt | None = None
    expression: Expression | None = None
    panel: PreviewPanel | None = None
    tried: MessageTest | None = None
    problem: str = ""

    @property
    def refused(self) -> Sequence[str]:
        """Sentences that say why the draft can't be saved."""
        return [self.unreadable] if self.unreadable else refusals(self.findings)


@dataclass(frozen=True)
class DraftReviewer:
    """Reviews drafts for one filter of a preference, or without ``filter_id`` for a new one.

    ``nick`` is the preference's owner, whose name in an expression becomes "me". A group without filters has
    no preference yet.
    """

    session: Session
    rule_types: RuleTypes
    catalog: Catalog
    nick: str
    preference_id: int | None
    filter_id: int | None
    seen: RecentTraffic
    #: Names to warn of others, ``None`` while there's no directory.
    known: KnownNames | None = None

    def check(self, draft: Draft) -> DraftReview:
        """Lint a draft."""
        if unfilled := missing_arguments(draft, self.rule_types):
            return DraftReview(
                [LintFinding(LintSeverity.REFUSE, LintCode.UNUSABLE, each) for each in unfilled])
        try:
            asked = draft.expression(self.rule_types)
        except ExpressionSyntaxError as error:
            return DraftReview(
                unreadable=sentence(str(error)),
                excerpt=excerpt(draft.text, error.span) if draft.text and error.span else None)
        expression = with_me(self.rule_types.canonical(asked), self.nick)
        findings = lint_in_preference(
            self.session, expression, self.rule_types, self.catalog, self.seen,
            preference_id=self.preference_id, filter_id=self.filter_id)
        if refusals(findings):
            return DraftReview(findings)
        unknown = unknown_names(expression, self.known) if self.known else ()
        return DraftReview([*findings, *unknown], expression=expression)

    def review(self, draft: Draft, previewer: Previewer | None, tried: str = "") -> DraftReview:
        """Lint a draft, preview it, and test it with the message ``tried``."""
        if draft.empty:
            return DraftReview()
        found = self.check(draft)
        if found.expression is None:
            return found
        if previewer is None:
            return replace(found, problem=gettext(NO_DIRECTORY))
        return replace(
            found, panel=previewer.panel(found.expression),
            tried=previewer.test_message(found.expression, tried) if tried else None)
