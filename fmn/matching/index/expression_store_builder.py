"""Builds the store of expressions from their bodies, in one pass."""

from __future__ import annotations

from array import array
from collections.abc import Collection
from typing import Final

import numpy as np

from fmn.filters.conditions import Key, KeyKind
from fmn.filters.rule_types import RuleTypes
from fmn.matching.compiler import Clause, checks_in, members_asked_for
from fmn.matching.index.atom_scan import SCANNED_KINDS
from fmn.matching.index.body_templates import SEPARATOR, SLOT, split_body
from fmn.matching.index.expression_store import TRAITS, ExpressionColumns, ExpressionStore, clause_reader
from fmn.matching.index.filing import Filed, TemplateFiling, Trait, check_hash, filing_of, template_filing
from fmn.matching.index.key_table import HASHES, KeyTable
from fmn.matching.index.population import IDS, NUMBERS
from fmn.matching.index.stored_clauses import SMALL, stored_clause

#: Templates that are told apart. An expression with one more is stored whole.
MAX_TEMPLATES: Final = 100_000
#: The template of an expression that is stored whole.
_WHOLE: Final = 0


class ExpressionStoreBuilder:
    """Builds a store. ``clauses`` become the compiled clauses of those that the index keeps compiled.

    Those are ``shared``, by many, and up to ``most_residual`` of the residual ones. Of others only keys are
    found out, most from their template.
    """

    def __init__(self, rule_types: RuleTypes, shared: Collection[int], most_residual: int = 0) -> None:
        self.clauses: dict[int, Clause] = {}
        self._rule_types = rule_types
        self._shared = shared
        self._most_residual = most_residual
        self._ids, self._templates_of, self._traits = array(IDS), array(NUMBERS), array(TRAITS)
        self._starts, self._values = array(IDS, [0]), bytearray()
        self._filed = _Pairs()
        self._checks = _Pairs()
        self._residual: list[int] = []
        self._templates: dict[str, int] = {SLOT: _WHOLE}
        #: How templates are filed. One that has come once isn't among them.
        self._filings: dict[int, TemplateFiling | None] = {_WHOLE: None}
        self._kinds: set[KeyKind] = set()
        self._atom_keys: dict[Key, None] = {}
        self._members: set[str] = set()
        self._too_large: dict[int, str] = {}
        self._owner_kinds: set[KeyKind] = set()

    def add(self, expression_id: int, body: str) -> None:
        """Store an expression and file it. Ids have to rise."""
        text, values = split_body(body)
        template = self._template(text)
        if template == _WHOLE:
            values = [body]
        if not self._file_by_template(expression_id, template, values, body):
            self._file_compiled(expression_id, body)
        self._ids.append(expression_id)
        self._templates_of.append(template)
        self._values += SEPARATOR.join(values).encode("utf-8", "surrogatepass")
        self._starts.append(len(self._values))

    def finish(self) -> ExpressionStore:
        """The store."""
        columns = ExpressionColumns(
            memoryview(self._ids), memoryview(self._templates_of), memoryview(self._traits),
            memoryview(self._starts), memoryview(self._values), tuple(self._templates))
        return ExpressionStore(
            columns, self._filed.table(), self._checks.table(), tuple(self._residual),
            frozenset(self.clauses), frozenset(self._kinds), tuple(self._atom_keys), frozenset(self._members),
            self._too_large, frozenset(self._owner_kinds),
            clause_reader(columns, self._too_large, self._rule_types))

    def _template(self, text: str) -> int:
        known = self._templates.get(text)
        if known is None:
            if len(self._templates) >= MAX_TEMPLATES:
                return _WHOLE
            self._templates[text] = len(self._templates)
            return self._templates[text]
        if known not in self._filings:
            filing = self._filings[known] = template_filing(text, self._rule_types)
            if filing is not None:
                self._kinds.update(kind for kind, _ in filing.filing.keys)
                self._owner_kinds |= filing.filing.owner_kinds
        return known

    def _file_by_template(self, expression_id: int, template: int, values: list[str], body: str) -> bool:
        """File an expression as its template says; false if it doesn't say."""
        filing = self._filings.get(template)
        if filing is None or expression_id in self._shared or len(body) > SMALL:
            return False
        filed = filing.filed(values)
        if filed is None:
            return False
        self._place(filed, filing.filing.traits)
        return True

    def _file_compiled(self, expression_id: int, body: str) -> None:
        clause = stored_clause(expression_id, body, self._rule_types)
        filing = filing_of(clause)
        if clause.over:
            self._too_large[expression_id] = clause.over
        residual = filing.traits & Trait.RESIDUAL and len(self.clauses) < self._most_residual
        if residual or expression_id in self._shared:
            self.clauses[expression_id] = clause
            self._traits.append(filing.traits)
            return
        self._kinds.update(kind for kind, _ in filing.keys)
        self._members |= members_asked_for(clause)
        self._owner_kinds |= filing.owner_kinds
        atom_keys = [key for key in filing.keys if key[0] in SCANNED_KINDS]
        checks = [check_hash(check.rule, check.arguments) for check in checks_in(clause)]
        self._place(Filed(filing.hashes, atom_keys, checks), filing.traits)

    def _place(self, filed: Filed, traits: int) -> None:
        number = len(self._ids)
        self._traits.append(traits)
        for each in filed.hashes:
            self._filed.add(each, number)
        for key in filed.atom_keys:
            self._atom_keys[key] = None
        for each in filed.check_hashes:
            self._checks.add(each, number)
        if traits & Trait.RESIDUAL:
            self._residual.append(number)


class _Pairs:
    """Hashes and numbers that become a table."""

    def __init__(self) -> None:
        self._hashes, self._numbers = array(HASHES), array(NUMBERS)

    def add(self, key: int, number: int) -> None:
        self._hashes.append(key)
        self._numbers.append(number)

    def table(self) -> KeyTable:
        return KeyTable.of(np.asarray(self._hashes, np.uint32), np.asarray(self._numbers, np.uint32))
