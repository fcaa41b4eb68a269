"""Compiles expressions into clauses that are cheap to evaluate, and into index keys.

A clause is a conjunction. Most filters share a long list of negated rules; all those that come down to keys
become one set that must have nothing in common with the message's keys, so the list costs one set operation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import structlog

from fmn.filters.conditions import (
    IN_GROUP,
    CheckCondition,
    CheckedMessage,
    Key,
    KeyCondition,
    KeyKind,
    Relations,
)
from fmn.filters.expressions import All, AnyOf, Expression, Not, Rule
from fmn.filters.regexes import TooLongToSearchError
from fmn.filters.rule_types import RuleTypes

log = structlog.get_logger()

_SELECTIVE: Final = {kind: rank for rank, kind in enumerate(KeyKind, start=2)}
_TIES_RANK: Final = 1


class EvaluationStoppedError(Exception):
    """The meter stops the evaluation."""


class EvaluationTimeoutError(EvaluationStoppedError):
    """Time is up."""


class Meter(Protocol):
    """Meters checks that may take long."""

    def evaluate(self, check: CheckCondition, holds: Callable[[], bool]) -> bool:
        """The answer of a check. Raises :class:`EvaluationStoppedError` instead of starting it too late."""


#: Stands for the answer of a check that wasn't made. ``None`` is one that has no answer.
_NOT_ASKED: Final = object()


class MessageEvaluation:
    """Evaluation of one message: its keys, and the answers of checks made so far."""

    __slots__ = ("_asked", "_meter", "keys", "problems", "subject")

    def __init__(self, subject: CheckedMessage, keys: AbstractSet[Key], meter: Meter | None = None) -> None:
        self.subject = subject
        self.keys = keys
        self._meter = meter
        self._asked: dict[CheckCondition, Any] = {}
        #: Why checks have no answer, where their owners can do something about it.
        self.problems: dict[CheckCondition, str] = {}

    def evaluate(self, check: CheckCondition) -> bool | None:
        """A check's answer, ``None`` if it has none; each check is made once per message."""
        answer: bool | None = self._asked.get(check, _NOT_ASKED)
        if answer is _NOT_ASKED:
            answer = self._asked[check] = self._answer(check)
        return answer

    def _answer(self, check: CheckCondition) -> bool | None:
        if check.within and check.within.isdisjoint(self.keys):
            return False
        if check.atoms and not check.atoms.found_in(self.subject):
            return False
        try:
            if self._meter is not None and check.measured:
                return self._meter.evaluate(check, lambda: bool(check.holds(self.subject)))
            return bool(check.holds(self.subject))
        except EvaluationStoppedError:
            raise
        except TooLongToSearchError as error:
            self.problems[check] = str(error)
            log.warning(
                "rule not asked", rule=check.rule, reason=str(error),
                msg_id=self.subject.facts.message.msg_id)
            return None
        except Exception:
            # A rule that trips over a message is neither true nor false of it, and nobody else's business.
            log.exception(
                "rule failed", rule=check.rule, arguments=dict(check.arguments),
                msg_id=self.subject.facts.message.msg_id)
            return None


@dataclass(frozen=True, slots=True)
class Clause:
    """Conditions joined by AND. ``alternatives`` are ORs of clauses that must hold as well.

    A check without an answer is neither true nor false, so whatever depends on it doesn't hold. A clause that
    exceeds the size budget never holds; ``over`` says why.
    """

    forbidden_keys: frozenset[Key] = frozenset()
    forbidden_ties: Relations = 0
    required: tuple[KeyCondition, ...] = ()
    checks: tuple[tuple[CheckCondition, bool], ...] = ()
    alternatives: tuple[tuple[Clause, ...], ...] = ()
    never: bool = False
    over: str = ""

    def holds(self, view: MessageEvaluation, ties: Relations) -> bool:
        """Whether the clause holds for a message and a user with these relations to it."""
        if self.never or self.forbidden_ties & ties or not self.forbidden_keys.isdisjoint(view.keys):
            return False
        # Loops, for generators in all() and any() would take twice the time of all the rest.
        for has in self.required:
            if not has.ties & ties and has.keys.isdisjoint(view.keys):
                return False
        for check, wanted in self.checks:
            if view.evaluate(check) is not wanted:
                return False
        return not self.alternatives or all(
            any(clause.holds(view, ties) for clause in either) for either in self.alternatives)

    def may_hold(self, view: MessageEvaluation) -> bool:
        """Whether the clause can hold for some user. It may be wrongly true, but never wrongly false."""
        if self.never or not self.forbidden_keys.isdisjoint(view.keys):
            return False
        for has in self.required:
            if not has.ties and has.keys.isdisjoint(view.keys):
                return False
        for check, wanted in self.checks:
            if view.evaluate(check) is not wanted:
                return False
        return not self.alternatives or all(
            any(clause.may_hold(view) for clause in either) for either in self.alternatives)


NEVER: Final = Clause(never=True)
ALWAYS: Final = Clause()


@dataclass(frozen=True, slots=True)
class IndexKeys:
    """Index keys of a clause: it can hold only for messages with one of them, or for related users.

    A clause without keys and relations is residual: it's evaluated for every message.
    """

    keys: frozenset[Key] = frozenset()
    ties: bool = False
    rank: tuple[int, int] = field(default=(0, 0), compare=False)

    @property
    def residual(self) -> bool:
        """Whether the clause has no index keys."""
        return not self.keys and not self.ties


def compile_expression(expression: Expression, rule_types: RuleTypes) -> Clause:
    """Compile an expression. Raises :class:`~fmn.filters.rule_types.RuleError`."""
    return _compile(expression, rule_types, wanted=True)


def _compile(expression: Expression, rule_types: RuleTypes, *, wanted: bool) -> Clause:
    match expression:
        case Rule():
            return _leaf(expression, rule_types, wanted=wanted)
        case Not(part):
            return _compile(part, rule_types, wanted=not wanted)
        case All(()):  # an empty filter hears nothing
            return NEVER if wanted else ALWAYS
        case All(parts) if wanted:
            return _and([_compile(part, rule_types, wanted=True) for part in parts])
        case AnyOf(parts) if not wanted:
            return _and([_compile(part, rule_types, wanted=False) for part in parts])
        case All(parts) | AnyOf(parts):
            return _or([_compile(part, rule_types, wanted=wanted) for part in parts])


def _leaf(rule: Rule, rule_types: RuleTypes, *, wanted: bool) -> Clause:
    condition, negates = rule_types.condition(rule)
    wanted = wanted is not negates
    match condition:
        case CheckCondition(within=within):
            needed = (KeyCondition(within),) if within and wanted else ()
            return Clause(required=needed, checks=((condition, wanted),))
        case KeyCondition(keys, ties):
            return Clause(required=(condition,)) if wanted else Clause(keys, ties)


def _and(clauses: list[Clause]) -> Clause:
    if any(clause.never for clause in clauses):
        return NEVER
    together = ALWAYS
    for clause in clauses:
        together = Clause(
            together.forbidden_keys | clause.forbidden_keys,
            together.forbidden_ties | clause.forbidden_ties,
            together.required + clause.required,
            together.checks + clause.checks,
            together.alternatives + clause.alternatives,
        )
    return together


def _or(clauses: list[Clause]) -> Clause:
    possible = tuple(clause for clause in clauses if not clause.never)
    if not possible:
        return NEVER
    return possible[0] if len(possible) == 1 else Clause(alternatives=(possible,))


def checks_in(clause: Clause) -> frozenset[CheckCondition]:
    """Checks of a clause whose time is metered."""
    own = (check for check, _ in clause.checks if check.measured)
    return frozenset(own).union(
        *(checks_in(part) for either in clause.alternatives for part in either))


def members_asked_for(clause: Clause) -> frozenset[str]:
    """The people of whom a clause asks by name whether they're in a group that the message concerns."""
    keys = clause.forbidden_keys.union(*(has.keys for has in clause.required))
    named = frozenset(nick for kind, nick in keys if kind is KeyKind.MEMBER)
    return named.union(*(members_asked_for(part) for either in clause.alternatives for part in either))


def asks_for_own_groups(clause: Clause) -> bool:
    """Whether a clause depends on its owner being in a group that the message concerns."""
    ties = clause.forbidden_ties
    for has in clause.required:
        ties |= has.ties
    return bool(ties & IN_GROUP) or any(
        asks_for_own_groups(part) for either in clause.alternatives for part in either)


def index_keys_of(clause: Clause) -> IndexKeys:
    """The most selective index keys of a clause."""
    found = [place for place in _places(clause) if not place.residual]
    return min(found, key=lambda place: place.rank, default=IndexKeys())


def _places(clause: Clause) -> Iterator[IndexKeys]:
    for has in clause.required:
        ranks = [_SELECTIVE[kind] for kind, _ in has.keys] + ([_TIES_RANK] if has.ties else [])
        yield IndexKeys(has.keys, bool(has.ties), (max(ranks, default=0), 0))
    for check, wanted in clause.checks:
        if wanted and check.atoms and (key := check.atoms.key):
            # Of patterns of a kind the one with the longest atoms is the most selective.
            shortest = min(map(len, check.atoms.conjuncts[0]))
            yield IndexKeys(frozenset({key}), rank=(_SELECTIVE[check.atoms.kind], -shortest))
    for either in clause.alternatives:
        parts = [index_keys_of(part) for part in either]
        if not any(part.residual for part in parts):
            yield IndexKeys(
                frozenset().union(*(part.keys for part in parts)),
                any(part.ties for part in parts),
                max(part.rank for part in parts),
            )
