"""Linter of filters: finds mistakes before a user misses messages or gets too many.

It refuses filters that match everything and filters that can't match anything. It warns of filters that are
slow, match nothing in recent traffic, or have redundant rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from fmn.catalog import Catalog, Severity
from fmn.filters.budgets import COST_CACHE, PER_FILTER, FilterCost, budget_share, excess_of_filter
from fmn.filters.conditions import CheckCondition, KeyCondition, KeyKind
from fmn.filters.expression_description import describe_rule
from fmn.filters.expressions import Expression, rules_in
from fmn.filters.generic_rules import TOPIC_RULE, topic_patterns
from fmn.filters.rule_types import RuleError, RuleTypes
from fmn.filters.slow_rules import slow_rules
from fmn.localized import number_text, series
from fmn.matching.compiler import EvaluationTimeoutError, IndexKeys, compile_expression, index_keys_of
from fmn.matching.contradictions import contradiction
from fmn.matching.deadlines import CpuTimeLimit
from fmn.matching.lint_findings import LintCode, LintFinding, LintSeverity
from fmn.matching.matches_everything import matches_every_sample, share_of_samples
from fmn.matching.message_kinds import MessageKinds, kinds_of
from fmn.matching.normal_form import Disjunction, Literal, NormalForm, literals_in, normal_form
from fmn.matching.recent_traffic import NO_RECENT_TRAFFIC, RecentTraffic
from fmn.matching.redundant_rules import redundancies
from fmn.matching.shadowed_filters import shadowing_filter
from fmn.text import sentence
from fmn.translations import gettext, ngettext

#: Rules in a filter, at most.
MAX_RULES: Final = PER_FILTER.rules
#: Instructions of a regular expression that is called slow. Common ones have ten to a hundred.
SLOW_INSTRUCTIONS: Final = 1_000
#: CPU seconds for trying a filter with samples, some hundred short messages. Common ones take milliseconds.
SAMPLE_CPU_SECONDS: Final = 1.0
#: Percent of its budget for regular expressions from which on a filter's owner is told of it.
BUDGET_WARNING_PERCENT: Final = 50
#: The share of the sample messages whose topics a pattern needs, from which on it narrows nothing down.
COMMON_SHARE: Final = 0.5
#: Rules that a sentence names.
MAX_RULES_NAMED: Final = 3


def lint(
    expression: Expression, rule_types: RuleTypes, catalog: Catalog, *,
    seen: RecentTraffic = NO_RECENT_TRAFFIC,
    earlier: Sequence[tuple[str, Expression]] = (),
) -> list[LintFinding]:
    """Findings about a filter, worst first.

    ``seen`` is recent traffic. ``earlier`` are the enabled filters before it in its preference, by name and
    in order.
    """
    unusable = list(_unusable(expression, rule_types))
    if unusable:
        return unusable
    linter = _Linter(expression, rule_types, catalog, seen)
    refused = [*linter.never(), *linter.everything()]
    return refused or [
        *_shadowed(expression, earlier), *linter.costly(), *linter.matches_nothing(), *linter.redundant()]


def _unusable(expression: Expression, rule_types: RuleTypes) -> Iterator[LintFinding]:
    rules = list(rules_in(expression))
    if len(rules) > MAX_RULES:
        yield _refused(LintCode.TOO_LONG, excess_of_filter(FilterCost(rules=len(rules))))
        return
    if over := excess_of_filter(COST_CACHE.of(expression)):
        yield _refused(LintCode.TOO_LONG, over)
        return
    for rule in dict.fromkeys(rules):
        try:
            rule_types.check_rule(rule)
        except RuleError as error:
            yield _refused(LintCode.UNUSABLE, str(error))


def _refused(code: LintCode, text: str) -> LintFinding:
    return LintFinding(LintSeverity.REFUSE, code, sentence(text))


def _warned(code: LintCode, text: str) -> LintFinding:
    return LintFinding(LintSeverity.WARN, code, sentence(text))


def _shadowed(expression: Expression, earlier: Sequence[tuple[str, Expression]]) -> Iterator[LintFinding]:
    found = shadowing_filter(expression, earlier)
    if found is not None:
        yield _warned(LintCode.SHADOWED, gettext(
            "The filter “{name}” comes first and already matches everything this one matches. Move this "
            "filter up, or delete it.").format(name=found))


def _unseen(days: int) -> str:
    """That a rule has had no matches lately: the sentence, in which its title and the days are to be put."""
    if days > 1:
        return ngettext(
            "{rule} had no matches in the last {number} day.",
            "{rule} had no matches in the last {number} days.", days)
    return gettext("{rule} had no matches in the last 24 hours.")


def _redundancy(literal: Literal, cause: Literal | None) -> str:
    """Why a rule has no effect: the sentence, in which its title and the other rule's are to be put."""
    if cause is None and literal.wanted:
        return gettext("{rule} has no effect: every message that matches the other rules matches it too.")
    if cause is None:
        return gettext("{rule} has no effect: no message that matches the other rules matches it.")
    if literal.condition == cause.condition:
        return gettext("{rule} has no effect: the filter has it twice.")
    return gettext("{rule} has no effect: {other} already covers it.")


class _Linter:
    """Lints one filter whose rules can all be evaluated."""

    def __init__(
        self, expression: Expression, rule_types: RuleTypes, catalog: Catalog, seen: RecentTraffic,
    ) -> None:
        self._rule_types = rule_types
        self._catalog = catalog
        self._seen = seen
        self._meter = CpuTimeLimit(SAMPLE_CPU_SECONDS)
        self._expression = expression
        self._cost = COST_CACHE.of(expression)
        self._clause = compile_expression(expression, rule_types)
        self._normal = normal_form(expression, rule_types)
        self._literals = list(literals_in(self._normal))
        self._kinds = _kinds(self._literals, catalog)

    def never(self) -> Iterator[LintFinding]:
        found = contradiction(self._normal, self._kinds)
        if found is not None:
            yield _refused(LintCode.NEVER, self._never(found))

    def _never(self, found: Sequence[Literal]) -> str:
        match found:
            case []:
                return gettext("A filter or group without rules never matches. Add a rule.")
            case [one]:
                return gettext("No message can match {rule}.").format(rule=self._words(one))
            case [one, other] if one.condition == other.condition:
                return gettext(
                    "{rule} is both required and excluded, so the filter never matches.",
                ).format(rule=self._title(one))
            case [one, other] if one.negated or other.negated:
                return gettext(
                    "{rule} and {other} exclude everything, so the filter never matches.",
                ).format(rule=self._words(one), other=self._words(other))
            case [one, other]:
                return gettext("No message can match both {rule} and {other}.").format(
                    rule=self._words(one), other=self._words(other))
        return gettext("No message can match all of {rules}.").format(rules=self._list(found))

    def everything(self) -> Iterator[LintFinding]:
        """Whether the filter, without what it excludes, matches every sample message."""
        try:
            if matches_every_sample(self._normal, self._catalog, self._meter):
                yield _refused(LintCode.EVERYTHING, self._everything())
        except EvaluationTimeoutError:
            yield _refused(LintCode.TOO_LONG, gettext(
                "The regular expressions take too long. Simplify them, or name packages and applications "
                "instead."))

    def _everything(self) -> str:
        culprits = list(self._culprits(self._normal))
        wanted = [literal for literal in culprits if literal.wanted]
        if not culprits:
            return gettext(
                "Together these rules match every message. Add a rule that narrows the filter.")
        if wanted:
            return ngettext(
                "{rules} matches every message. Add a rule that narrows the filter.",
                "{rules} match every message. Add a rule that narrows the filter.", len(wanted),
            ).format(rules=self._list(wanted))
        if isinstance(self._normal, Disjunction):
            return gettext(
                "The alternative {rule} matches every other message. Add a rule to it that says what you "
                "want.").format(rule=self._list(culprits[:1]))
        return gettext(
            "This filter only excludes messages ({rules}) and matches every other one. Add a rule that says "
            "what you want.").format(rules=self._list(culprits))

    def _culprits(self, part: NormalForm) -> Iterator[Literal]:
        """The literals that narrow nothing down, in a filter without others."""
        if not matches_every_sample(part, self._catalog, self._meter):
            return
        if isinstance(part, Literal):
            yield part
        else:
            for inner in part.parts:
                yield from self._culprits(inner)

    def costly(self) -> Iterator[LintFinding]:
        place = index_keys_of(self._clause)
        slow = slow_rules(self._expression, self._rule_types)
        patterns = [literal for literal in dict.fromkeys(self._literals) if literal.rule in slow]
        if patterns:
            yield _warned(LintCode.COSTLY, ngettext(
                "{rules} is slow, because FMN has to try it with every message. Add two letters that a "
                "message must have, or a rule for a person, package, group, application or event type.",
                "{rules} are slow, because FMN has to try them with every message. Add two letters that a "
                "message must have, or a rule for a person, package, group, application or event type.",
                len(patterns)).format(rules=self._list(patterns)))
        elif place.residual or self._is_common(place):
            yield _warned(LintCode.COSTLY, gettext(
                "This filter is slow, because FMN has to check nearly every message. Narrow it if you can: "
                "add a rule for a person, package, group, application or event type."))
        yield from self._slow()

    def _is_common(self, place: IndexKeys) -> bool:
        """Whether most messages have one of the keys under which a filter is filed."""
        if (KeyKind.SEVERITY, Severity.INFO) in place.keys:
            return True
        return share_of_samples(place.keys, self._catalog) > COMMON_SHARE

    def _slow(self) -> Iterator[LintFinding]:
        for literal in dict.fromkeys(self._literals):
            program = literal.condition.program if isinstance(literal.condition, CheckCondition) else 0
            if program >= SLOW_INSTRUCTIONS:
                yield _warned(LintCode.COSTLY, gettext(
                    "{rule} is slow: its regular expression compiles to {number} instructions. Narrow it if "
                    "you can.").format(rule=self._title(literal), number=number_text(program)))
        if (used := budget_share(self._cost)) >= BUDGET_WARNING_PERCENT:
            yield _warned(LintCode.COSTLY, gettext(
                "The regular expressions use {share} of the limit for a filter.").format(share=f"{used} %"))

    def matches_nothing(self) -> Iterator[LintFinding]:
        kinds = self._kinds
        alive = kinds.where(not kind.retired for kind in kinds.numbered)
        seen = kinds.where(self._seen.includes(kind.category, kind.event) for kind in kinds.numbered)
        for literal in dict.fromkeys(self._literals):
            asked = kinds.asked(literal) if literal.wanted else None
            if asked and not asked & alive:
                yield _warned(LintCode.RETIRED, gettext(
                    "{rule} never matches any more: the application is retired.",
                ).format(rule=self._title(literal)))
            elif self._seen and ((asked and not asked & seen) or self._topic_is_unseen(literal)):
                yield _warned(LintCode.UNSEEN, _unseen(self._seen.days).format(
                    rule=self._title(literal), number=number_text(self._seen.days)))

    def _topic_is_unseen(self, literal: Literal) -> bool:
        if literal.rule.name != TOPIC_RULE or not literal.wanted:
            return False
        fits = topic_patterns(dict(literal.rule.arguments))
        return not any(map(fits, self._seen.topics))

    def redundant(self) -> Iterator[LintFinding]:
        for literal, cause in redundancies(self._normal, self._kinds):
            told = _redundancy(literal, cause)
            yield _warned(LintCode.REDUNDANT, told.format(
                rule=self._words(literal), other=self._words(cause) if cause else ""))

    def _title(self, literal: Literal) -> str:
        return gettext("“{name}”").format(name=describe_rule(literal.rule, self._rule_types))

    def _words(self, literal: Literal) -> str:
        title = self._title(literal)
        return gettext("not {rule}").format(rule=title) if literal.negated else title

    def _list(self, literals: Sequence[Literal]) -> str:
        return series(map(self._words, literals), MAX_RULES_NAMED)


def _kinds(literals: Iterable[Literal], catalog: Catalog) -> MessageKinds:
    named = {
        value for literal in literals if isinstance(literal.condition, KeyCondition)
        for kind, value in literal.condition.keys if kind is KeyKind.CATEGORY
    }
    known = kinds_of(catalog)
    unknown = named - catalog.applications.keys()
    return known.also(sorted(unknown)) if unknown else known
