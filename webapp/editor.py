"""The filter editor, between form and page: what's wrong with a draft, and what it would let through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from fmn.catalog import Catalog
from fmn.catalog.text import sentence
from fmn.filters.expressions import Expression, personal
from fmn.filters.notation import NotationError
from fmn.filters.rule_types import RuleTypes
from fmn.matching.advice import advice
from fmn.matching.findings import Code, Finding, Gravity, refusals
from fmn.matching.seen import Seen
from webapp.drafts import Draft
from webapp.previews import Panel, Previewer, Tried
from webapp.rows import missing

NO_DIRECTORY: Final = "Who owns what can’t be looked up just now: the preview is back in a minute or two."


@dataclass(frozen=True)
class Look:
    """What there is to say of a draft. ``unreadable`` is what's wrong with its text.

    ``problem`` says why there's no panel, where that isn't the draft's fault.
    """

    findings: Sequence[Finding] = ()
    unreadable: str = ""
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

    def asked(self, draft: Draft) -> Expression:
        """What a draft asks. Raises :class:`~fmn.filters.notation.NotationError`."""
        return personal(draft.expression(self.rule_types), self.nick)

    def check(self, draft: Draft) -> Look:
        """What's wrong with it."""
        if unfilled := missing(draft, self.rule_types):
            return Look([Finding(Gravity.REFUSE, Code.UNUSABLE, each) for each in unfilled])
        try:
            expression = self.asked(draft)
        except NotationError as error:
            return Look(unreadable=sentence(str(error)))
        return Look(advice(
            self.session, expression, self.rule_types, self.catalog, self.seen,
            preference_id=self.preference_id, filter_id=self.filter_id))

    def look(self, draft: Draft, previewer: Previewer | None, tried: str = "") -> Look:
        """The same, what it would let through, and whether it lets the message ``tried`` through."""
        if draft.empty:
            return Look()
        found = self.check(draft)
        if found.refused:
            return found
        if previewer is None:
            return Look(found.findings, problem=NO_DIRECTORY)
        expression = self.asked(draft)
        return Look(
            found.findings, panel=previewer.panel(expression),
            tried=previewer.tried(expression, tried) if tried else None)
