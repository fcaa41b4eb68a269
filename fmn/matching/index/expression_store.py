"""Stored expressions in columns, for millions of people's own: compiled only when a message reaches them.

An expression is a template and values (:mod:`fmn.matching.index.body_templates`), filed under hashes of its
index keys. Its clause is compiled when it's asked for and kept among those asked for last. Columns can be
mapped from a file, which several processes share then.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Final

import structlog

from fmn.filters.conditions import CheckCondition, Key, KeyKind
from fmn.filters.rule_types import RuleTypes
from fmn.matching.compiler import NEVER, Clause, checks_in
from fmn.matching.index.body_templates import SEPARATOR, SLOT, joined_body
from fmn.matching.index.filing import Trait, check_hash, template_filing
from fmn.matching.index.key_table import EMPTY_TABLE, KeyTable
from fmn.matching.index.population import NO_IDS, NO_NUMBERS, NO_OFFSETS
from fmn.matching.index.stored_clauses import SMALL, stored_clause

log = structlog.get_logger()

#: Clauses that stay compiled, of some 2 kB.
COMPILED: Final = 50_000

#: Templates whose filings are kept, of some 5 kB.
KEPT_TEMPLATES: Final = 1_000

#: Traits in an array: 8 bits.
TRAITS: Final = "B"
NO_BYTES: Final = memoryview(b"")


@dataclass(frozen=True)
class ExpressionColumns:
    """Bodies of expressions, in the order of their ids. ``starts`` has one more: the end of the values."""

    ids: memoryview = NO_IDS
    templates_of: memoryview = NO_NUMBERS
    traits: memoryview = NO_BYTES
    starts: memoryview = NO_OFFSETS
    values: memoryview = NO_BYTES
    templates: Sequence[str] = ()

    def number(self, expression_id: int) -> int | None:
        """The place of an expression."""
        number = bisect_left(self.ids, expression_id)
        return number if number < len(self.ids) and self.ids[number] == expression_id else None

    def body(self, number: int) -> str:
        """The stored body."""
        return joined_body(*self.split_body(number))

    def split_body(self, number: int) -> tuple[str, list[str]]:
        """The stored body as a template and values."""
        template = self.templates[self.templates_of[number]]
        values = self.values[self.starts[number]:self.starts[number + 1]]
        text = bytes(values).decode("utf-8", "surrogatepass")
        if template == SLOT:
            return template, [text]
        return template, text.split(SEPARATOR) if SLOT in template else []


@dataclass(frozen=True)
class ExpressionStore:
    """Expressions in columns, and how they're found.

    ``filed`` and ``checks`` lead from index keys and metered checks to numbers. What is shared by many is
    stored, but not filed: the index keeps it compiled. ``kinds`` are those of the keys, ``atom_keys`` the
    keys that messages have to be scanned for; ``members``, ``too_large`` and ``owner_kinds`` are those
    of :class:`fmn.matching.index.matching_index.Expressions`.
    """

    columns: ExpressionColumns = field(default_factory=ExpressionColumns)
    filed: KeyTable = EMPTY_TABLE
    checks: KeyTable = EMPTY_TABLE
    residual: Sequence[int] = ()
    shared: frozenset[int] = frozenset()
    kinds: frozenset[KeyKind] = frozenset()
    atom_keys: Collection[Key] = ()
    members: frozenset[str] = frozenset()
    too_large: Mapping[int, str] = field(default_factory=dict)
    owner_kinds: frozenset[KeyKind] = frozenset()
    #: The clause of an expression by its id; those asked for last stay compiled.
    clause: Callable[[int], Clause] = field(default=lambda _: NEVER, compare=False)

    def __len__(self) -> int:
        return len(self.columns.ids)

    def __contains__(self, expression_id: object) -> bool:
        return isinstance(expression_id, int) and self.columns.number(expression_id) is not None

    def traits(self, expression_id: int) -> int:
        """The traits of an expression; none if it isn't stored here."""
        number = self.columns.number(expression_id)
        return 0 if number is None else self.columns.traits[number]

    def reached_by(self, hashes: Iterable[int]) -> set[int]:
        """Numbers of expressions that may be filed under keys with these hashes, or are residual."""
        find = self.filed.find
        return {number for each in hashes for number in find(each)}.union(self.residual)

    def with_checks(self, checks: Collection[CheckCondition]) -> Iterator[int]:
        """Ids of expressions that have any of these metered checks."""
        hashes = {check_hash(check.rule, check.arguments) for check in checks}
        numbers = {number for each in hashes for number in self.checks.find(each)}
        for number in sorted(numbers):
            expression_id = self.columns.ids[number]
            if not checks_in(self.clause(expression_id)).isdisjoint(checks):
                yield expression_id


EMPTY_STORE: Final = ExpressionStore()


def clause_reader(
    columns: ExpressionColumns, too_large: Mapping[int, str], rule_types: RuleTypes,
) -> Callable[[int], Clause]:
    """A function that makes an expression's clause by its id and keeps those that it was asked for last."""
    filings = TemplateFilings(rule_types)
    return lru_cache(COMPILED)(partial(_clause, columns, too_large, filings))


class TemplateFilings:
    """Makes clauses from templates, each from its second use on: many have one expression only."""

    def __init__(self, rule_types: RuleTypes) -> None:
        self.rule_types = rule_types
        self._used: set[str] = set()
        self._filing = lru_cache(KEPT_TEMPLATES)(partial(template_filing, rule_types=rule_types))

    def clause(self, template: str, values: Sequence[str]) -> Clause | None:
        """The clause of an expression with these values; ``None`` if it has to be compiled."""
        if template not in self._used:
            self._used.add(template)
            return None
        if len(template) + sum(map(len, values)) > SMALL or (filing := self._filing(template)) is None:
            return None
        return filing.clause(values, self.rule_types)


def _clause(
    columns: ExpressionColumns, too_large: Mapping[int, str], filings: TemplateFilings, expression_id: int,
) -> Clause:
    number = columns.number(expression_id)
    if number is None:
        return NEVER
    if columns.traits[number] & Trait.NEVER:
        return Clause(never=True, over=too_large.get(expression_id, ""))
    try:
        template, values = columns.split_body(number)
        return filings.clause(template, values) or stored_clause(
            expression_id, joined_body(template, values), filings.rule_types)
    except (LookupError, ValueError) as error:  # of a snapshot that is damaged, and still fits its checksums
        log.warning("filter can't be read", expression_id=expression_id, reason=str(error))
        return NEVER
