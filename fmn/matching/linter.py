"""The linter: what's wrong with a filter, told before anybody misses a message or drowns in them.

It refuses filters that let the whole bus through and those that can never let anything through. It warns of
filters that cost much, hear nothing, or have rules that change nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from fmn.catalog import Catalog, Severity
from fmn.filters.budgets import COSTS, PER_FILTER, Cost, excess_of_filter, share
from fmn.filters.conditions import Check, Has, KeyKind
from fmn.filters.expression_description import rule_words
from fmn.filters.expressions import Expression, rules_in
from fmn.filters.generic_rules import TOPIC_RULE, topic_patterns
from fmn.filters.rule_types import RuleError, RuleTypes
from fmn.matching.compiler import OutOfTimeError, access_of, compile_expression
from fmn.matching.contradictions import contradiction
from fmn.matching.deadlines import CpuTime
from fmn.matching.lint_findings import Code, Finding, Gravity
from fmn.matching.message_kinds import Kinds, kinds_of
from fmn.matching.normal_form import Literal, Normal, Some, literals_in, normal_form
from fmn.matching.recent_traffic import NOTHING_SEEN, Seen
from fmn.matching.redundant_rules import redundancies
from fmn.matching.sample_messages import fits_everything
from fmn.matching.shadowed_filters import shadow
from fmn.text import sentence, series

#: Rules in a filter, at most.
MOST_RULES: Final = PER_FILTER.rules
#: Instructions of a regular expression that is called slow. Common ones have ten to a hundred.
SLOW: Final = 1_000
#: CPU seconds for trying a filter with samples, some hundred short messages. Common ones take milliseconds.
TRYING: Final = 1.0
#: Percent of its budget for regular expressions from which on a filter's owner is told of it.
TOLD: Final = 50
#: Rules that a sentence names.
NAMED: Final = 3


def lint(
    expression: Expression, rule_types: RuleTypes, catalog: Catalog, *, seen: Seen = NOTHING_SEEN,
    earlier: Sequence[tuple[str, Expression]] = (),
) -> list[Finding]:
    """What's wrong with a filter, the worst first.

    ``seen`` is what the bus brought lately. ``earlier`` are the filters that come before it in its
    preference, by name and in order, and are switched on.
    """
    unusable = list(_unusable(expression, rule_types))
    if unusable:
        return unusable
    lint_it = _Linter(expression, rule_types, catalog, seen)
    refused = [*lint_it.never(), *lint_it.everything()]
    return refused or [
        *_shadowed(expression, earlier), *lint_it.costly(), *lint_it.hears_nothing(), *lint_it.redundant()]


def _unusable(expression: Expression, rule_types: RuleTypes) -> Iterator[Finding]:
    rules = list(rules_in(expression))
    if len(rules) > MOST_RULES:
        yield _refused(Code.TOO_LONG, excess_of_filter(Cost(rules=len(rules))))
        return
    if over := excess_of_filter(COSTS.of(expression)):
        yield _refused(Code.TOO_LONG, over)
        return
    for rule in dict.fromkeys(rules):
        try:
            rule_types.check_rule(rule)
        except RuleError as error:
            yield _refused(Code.UNUSABLE, str(error))


def _refused(code: Code, text: str) -> Finding:
    return Finding(Gravity.REFUSE, code, sentence(text))


def _warned(code: Code, text: str) -> Finding:
    return Finding(Gravity.WARN, code, sentence(text))


def _shadowed(expression: Expression, earlier: Sequence[tuple[str, Expression]]) -> Iterator[Finding]:
    found = shadow(expression, earlier)
    if found is not None:
        yield _warned(Code.SHADOWED, (
            f"The filter “{found}” comes first and lets all of this through already, "
            "so this one never gets its turn."))


class _Linter:
    """Looks at one filter, all of whose rules can be asked."""

    def __init__(
        self, expression: Expression, rule_types: RuleTypes, catalog: Catalog, seen: Seen,
    ) -> None:
        self._rule_types = rule_types
        self._catalog = catalog
        self._seen = seen
        self._meter = CpuTime(TRYING)
        self._cost = COSTS.of(expression)
        self._clause = compile_expression(expression, rule_types)
        self._normal = normal_form(expression, rule_types)
        self._literals = list(literals_in(self._normal))
        self._kinds = _kinds(self._literals, catalog)

    def never(self) -> Iterator[Finding]:
        found = contradiction(self._normal, self._kinds)
        if found is not None:
            yield _refused(Code.NEVER, self._never(found))

    def _never(self, found: Sequence[Literal]) -> str:
        match found:
            case []:
                return "A filter or group without rules hears nothing: add a rule that says what you want."
            case [one]:
                return f"No message is of the kind that {self._words(one)} asks for."
            case [one, other] if one.condition == other.condition:
                return f"{self._title(one)} is both asked for and excluded, so nothing gets through."
            case [one, other] if one.negated or other.negated:
                return f"{self._words(one)} and {self._words(other)} leave nothing over."
            case [one, other]:
                return f"No message fits both {self._words(one)} and {self._words(other)}."
        return f"No message fits all of {self._list(found)}."

    def everything(self) -> Iterator[Finding]:
        """Found by trying: without what it excludes, it lets every sample of a message through."""
        try:
            if fits_everything(self._normal, self._catalog, self._meter):
                yield _refused(Code.EVERYTHING, self._everything())
        except OutOfTimeError:
            yield _refused(Code.TOO_LONG, (
                "Its regular expressions take too long. Narrow them, or ask for packages and applications by "
                "name."))

    def _everything(self) -> str:
        culprits = list(self._culprits(self._normal))
        wanted = [literal for literal in culprits if literal.wanted]
        if not culprits:
            return "Together its rules let the whole bus through: add one that says what you want."
        if wanted:
            verb = "fits" if len(wanted) == 1 else "fit"
            return (
                f"{self._list(wanted)} {verb} every message, so the whole bus gets through: "
                "add a rule that says what you want.")
        if isinstance(self._normal, Some):
            return (
                f"{self._list(culprits[:1])} is an alternative that lets everything else on the bus through: "
                "say what you want in each.")
        return (
            f"It only says what it doesn't want ({self._list(culprits)}), so everything else on the bus gets "
            "through: add a rule that says what you want.")

    def _culprits(self, part: Normal) -> Iterator[Literal]:
        """The literals that narrow nothing down, where nothing else does."""
        if not fits_everything(part, self._catalog, self._meter):
            return
        if isinstance(part, Literal):
            yield part
        else:
            for inner in part.parts:
                yield from self._culprits(inner)

    def costly(self) -> Iterator[Finding]:
        place = access_of(self._clause)
        if place.residual or (KeyKind.SEVERITY, Severity.INFO) in place.keys:
            yield _warned(Code.COSTLY, (
                "It has to be held against nearly every message, which costs much: if you can, add a rule "
                "about a person, a package, a group, an application or an event type."))
        yield from self._slow()

    def _slow(self) -> Iterator[Finding]:
        for literal in dict.fromkeys(self._literals):
            program = literal.condition.program if isinstance(literal.condition, Check) else 0
            if program >= SLOW:
                yield _warned(Code.COSTLY, (
                    f"{self._title(literal)} is slow, its regular expression compiles to {program:,} "
                    "instructions. Narrow it if you can."))
        if (used := share(self._cost)) >= TOLD:
            yield _warned(Code.COSTLY, (
                f"Its regular expressions use {used} % of what those of a filter may cost."))

    def hears_nothing(self) -> Iterator[Finding]:
        kinds = self._kinds
        alive = kinds.where(not kind.retired for kind in kinds.numbered)
        seen = kinds.where(self._seen.brought(kind.category, kind.event) for kind in kinds.numbered)
        for literal in dict.fromkeys(self._literals):
            asked = kinds.asked(literal) if literal.wanted else None
            if asked and not asked & alive:
                yield _warned(Code.RETIRED, (
                    f"{self._title(literal)} hears nothing any more: its service is retired."))
            elif self._seen and ((asked and not asked & seen) or self._topic_is_unseen(literal)):
                yield _warned(Code.UNSEEN, (
                    f"{self._title(literal)} has heard nothing in the last {self._seen.time}."))

    def _topic_is_unseen(self, literal: Literal) -> bool:
        if literal.rule.name != TOPIC_RULE or not literal.wanted:
            return False
        fits = topic_patterns(dict(literal.rule.arguments))
        return not any(map(fits, self._seen.topics))

    def redundant(self) -> Iterator[Finding]:
        for literal, cause in redundancies(self._normal, self._kinds):
            if cause is None:
                why = ("all that the other rules let through fits it anyway" if literal.wanted else
                       "the other rules leave nothing over that it could exclude")
            elif literal.condition == cause.condition:
                why = "it's there twice"
            else:
                why = f"{self._words(cause)} says it already"
            yield _warned(Code.REDUNDANT, f"{self._words(literal)} changes nothing: {why}.")

    def _title(self, literal: Literal) -> str:
        return f"“{rule_words(literal.rule, self._rule_types)}”"

    def _words(self, literal: Literal) -> str:
        return f"not {self._title(literal)}" if literal.negated else self._title(literal)

    def _list(self, literals: Sequence[Literal]) -> str:
        return series(map(self._words, literals), NAMED)


def _kinds(literals: Iterable[Literal], catalog: Catalog) -> Kinds:
    named = {
        value for literal in literals if isinstance(literal.condition, Has)
        for kind, value in literal.condition.keys if kind is KeyKind.CATEGORY
    }
    known = kinds_of(catalog)
    unknown = named - catalog.applications.keys()
    return known.also(sorted(unknown)) if unknown else known
