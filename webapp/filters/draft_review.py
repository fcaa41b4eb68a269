"""The filter editor, between form and page: what's wrong with a draft, and what it would let through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.orm import Session

from fmn.catalog import Catalog
from fmn.filters.expression_syntax import NotationError
from fmn.filters.expressions import Expression, personal
from fmn.filters.rule_types import RuleTypes
from fmn.matching.lint_findings import Code, Finding, Gravity, refusals
from fmn.matching.lint_in_preference import advice
from fmn.matching.recent_traffic import Seen
from fmn.text import sentence
from webapp.filters.drafts import Draft
from webapp.filters.editor_rows import missing
from webapp.filters.previews import Panel, Previewer, Tried

NO_DIRECTORY: Final = "Who owns what can’t be looked up just now: the preview is back in a minute or two."


@dataclass(frozen=True)
class Look:
    """What there is to say of a draft. ``unreadable`` is what's wrong with its text.

    ``expression`` is what it asks, ``None`` unless it can be saved. ``problem`` says why there's no panel,
    where that isn't the draft's fault.
    """

    findings: Sequence[Finding] = ()
    unreadable: str = ""
    expression: Expression | None = None
    panel: Panel | None = None
    tried: Tried | None = None
    problem: str = ""

    @property
    def refused(self) -> Sequence[str]:
        """The sentences for which the draft can't be saved."""
        return [self.unreadable] if self.unreadable else refusals(self.findings)


@dataclass(frozen=True)
class Editor:
    """Looks at drafts at one place among somebody's filters; without ``filter_id`` at a new one's."""

    session: Session
    rule_types: RuleTypes
    catalog: Catalog
    nick: str
    preference_id: int
    filter_id: int | None
    seen: Seen

    def check(self, draft: Draft) -> Look:
        """What's wrong with it."""
        if unfilled := missing(draft, self.rule_types):
            return Look([Finding(Gravity.REFUSE, Code.UNUSABLE, each) for each in unfilled])
        try:
            expression = personal(draft.expression(self.rule_types), self.nick)
        except NotationError as error:
            return Look(unreadable=sentence(str(error)))
        findings = advice(
            self.session, expression, self.rule_types, self.catalog, self.seen,
            preference_id=self.preference_id, filter_id=self.filter_id)
        return Look(findings, expression=None if refusals(findings) else expression)

    def look(self, draft: Draft, previewer: Previewer | None, tried: str = "") -> Look:
        """The same, what it would let through, and whether it lets the message ``tried`` through."""
        if draft.empty:
            return Look()
        found = self.check(draft)
        if found.expression is None:
            return found
        if previewer is None:
            return replace(found, problem=NO_DIRECTORY)
        return replace(
            found, panel=previewer.panel(found.expression),
            tried=previewer.tried(found.expression, tried) if tried else None)
