"""Verdicts: whether an expression holds for a message, rule by rule, for people to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fmn.catalog import Facts
from fmn.directory.snapshot import Directory
from fmn.filters.conditions import (
    CheckCondition,
    CheckedMessage,
    Relations,
    group_members,
    keys_of,
    member_keys,
    owner_keys,
    owners_of,
    relations_of,
)
from fmn.filters.expression_description import describe_rule
from fmn.filters.expressions import All, AnyOf, Expression, Not, Rule
from fmn.filters.rule_types import RuleError, RuleTypes
from fmn.matching.compiler import (
    EvaluationTimeoutError,
    MessageEvaluation,
    Meter,
    compile_expression,
    members_asked_for,
)
from fmn.translations import gettext, mark

#: What a verdict on several parts says of them.
NOT: Final = mark("not")
ALL_OF: Final = mark("all of")
ANY_OF: Final = mark("any of")
#: Why a rule wasn't asked.
TOO_SLOW: Final = mark("asking this of the message takes too long")


@dataclass(frozen=True)
class Verdict:
    """Verdict on a part of an expression, with its ``words`` and the verdicts on its ``parts``.

    ``words`` are English: one of three constants that pages translate, or what a rule asks.
    ``problem`` says why a rule can't be evaluated, or wasn't; then it's neither true nor false.
    """

    holds: bool
    words: str
    parts: Sequence[Verdict] = ()
    problem: str = ""


def first_refusal(verdict: Verdict) -> Verdict:
    """The part of a failed verdict that decided it: the first rule that said no.

    Of "any of", where each part has to say no, each part is reduced to its own first refusal. "Not" is
    returned as it is, for the rule in it said yes. A verdict that holds is returned unchanged.
    """
    if verdict.holds or not verdict.parts or verdict.words == NOT:
        return verdict
    if verdict.words == ANY_OF:
        return replace(verdict, parts=tuple(map(first_refusal, verdict.parts)))
    # A rule that can't be asked makes the whole expression fail, though each part by itself may hold.
    return next((first_refusal(part) for part in verdict.parts if not part.holds), verdict)


class ExpressionEvaluator:
    """Evaluates expressions for one message and one user."""

    def __init__(
        self, facts: Facts, directory: Directory, rule_types: RuleTypes, nick: str = "", *,
        meter: Meter | None = None,
    ) -> None:
        owners = owners_of(facts, directory)
        #: What was read in the message.
        self.facts = facts
        self._directory = directory
        self._keys = keys_of(facts, directory) | owner_keys(facts, owners, directory)
        self._view = MessageEvaluation(CheckedMessage(facts), self._keys, meter)
        members = group_members(facts, directory, {nick})
        self._ties: Relations = relations_of(facts, owners, members).get(nick, 0)
        self._rule_types = rule_types

    @property
    def groups(self) -> Mapping[str, frozenset[str]]:
        """The directory's groups, with their members."""
        return self._directory.groups

    def holds(self, expression: Expression) -> bool:
        """Whether the expression holds, as the index would say. Raises :class:`RuleError`."""
        clause = compile_expression(expression, self._rule_types)
        self._keys |= member_keys(self.facts, self._directory, members_asked_for(clause))
        return clause.holds(self._view, self._ties)

    def verdict(self, expression: Expression) -> Verdict:
        """The verdict, part by part."""
        try:
            holds, problem = self.holds(expression), ""
        except RuleError as error:
            holds, problem = False, str(error)
        except EvaluationTimeoutError:
            holds, problem = False, gettext(TOO_SLOW)
        match expression:
            case Rule():
                words = describe_rule(expression, self._rule_types)
                return Verdict(holds, words, (), problem or self._problem(expression))
            case Not(part):
                return Verdict(holds, NOT, (self.verdict(part),), problem)
            case All(parts):
                return Verdict(holds, ALL_OF, tuple(map(self.verdict, parts)), problem)
            case AnyOf(parts):
                return Verdict(holds, ANY_OF, tuple(map(self.verdict, parts)), problem)

    def _problem(self, rule: Rule) -> str:
        """Why an evaluated rule has no answer, if it has none."""
        condition, _ = self._rule_types.condition(rule)
        return self._view.problems.get(condition, "") if isinstance(condition, CheckCondition) else ""
