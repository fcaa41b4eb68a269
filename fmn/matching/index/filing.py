"""Where the index files an expression: hashes of its index keys, and what else it has to know of a clause.

Of most people's own filters only the arguments differ. So what a template comes to is found out once, by
compiling it with names that stand for arguments, and what is filed for other arguments follows from it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final, NamedTuple
from zlib import crc32

from fmn.filters.conditions import OWNER_KINDS, CheckCondition, Key, KeyKind, RequiredAtoms
from fmn.filters.expressions import Rule, expression_from_json, rules_in
from fmn.filters.required_atoms import required_atoms
from fmn.filters.rule_types import RuleError, RuleTypes
from fmn.matching.compiler import (
    Clause,
    asks_for_own_groups,
    checks_in,
    compile_expression,
    index_keys_of,
    members_asked_for,
)
from fmn.matching.index.atom_scan import SCANNED_KINDS as ATOM_KINDS
from fmn.matching.index.body_templates import SLOT, joined_body
from fmn.matching.index.clause_templates import ClauseTemplate, clause_template
from fmn.matching.index.key_table import key_hash
from fmn.matching.index.stored_clauses import PATTERN

#: A value that is one name. Lists, spaces around and characters that rules refuse take the long way.
_PLAIN: Final = re.compile(r"[!-+\--\[\]-~]{1,100}")
#: Stands before and after a slot's number. A template that has it already takes the long way.
_MARK: Final = "\ue000"
_MARKED: Final = re.compile(f"{_MARK}([0-9]+){_MARK}")

_NO_KINDS: Final[frozenset[KeyKind]] = frozenset()


class Trait:
    """Traits of an expression, as a sum.

    An enumeration of flags would say it more nicely, and cost as much as all the rest of filing.
    """

    #: It can hold for users whom the message neither names nor knows as owners: filed under keys or residual.
    ELSEWHERE: Final = 1
    #: It's held against every message.
    RESIDUAL: Final = 2
    #: It can hold by a relation between the message and its owner.
    BY_RELATION: Final = 4
    #: It depends on its owner being in a group that the message concerns.
    OWN_GROUPS: Final = 8
    #: Its computing time is metered.
    MEASURED: Final = 16
    #: It never holds.
    NEVER: Final = 32
    ALL: Final = (ELSEWHERE, RESIDUAL, BY_RELATION, OWN_GROUPS, MEASURED, NEVER)


@dataclass(frozen=True, slots=True)
class Filing:
    """Index keys and traits of an expression."""

    keys: frozenset[Key]
    traits: int
    #: The kinds of owners' keys that it depends on.
    owner_kinds: frozenset[KeyKind] = _NO_KINDS

    @property
    def hashes(self) -> list[int]:
        """The hashes of the keys."""
        return [key_hash(kind, value) for kind, value in self.keys]


def filing_of(clause: Clause) -> Filing:
    """Where a clause is filed."""
    if clause.never:
        return Filing(frozenset(), Trait.NEVER)
    place = index_keys_of(clause)
    traits = (
        (Trait.ELSEWHERE if place.keys or place.residual else 0)
        | (Trait.RESIDUAL if place.residual else 0)
        | (Trait.BY_RELATION if place.ties else 0)
        | (Trait.OWN_GROUPS if asks_for_own_groups(clause) else 0)
        | (Trait.MEASURED if checks_in(clause) else 0))
    return Filing(place.keys, traits, owner_kinds_of(clause))


def owner_kinds_of(clause: Clause) -> frozenset[KeyKind]:
    """The kinds of keys by which a clause asks for owners of a message's packages by name."""
    keys = clause.forbidden_keys.union(*(has.keys for has in clause.required))
    own = frozenset(kind for kind, _ in keys if kind in OWNER_KINDS)
    return own.union(*(owner_kinds_of(part) for either in clause.alternatives for part in either))


def check_hash(rule: str, arguments: Iterable[tuple[str, str]]) -> int:
    """The hash by which expressions with a metered check are found."""
    return crc32("\0".join((rule, *chain.from_iterable(arguments))).encode("utf-8", "surrogatepass"))


class Filed(NamedTuple):
    """What an expression with certain values is filed under."""

    hashes: list[int]
    atom_keys: Sequence[Key] = ()
    check_hashes: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class TemplateFiling:
    """Where expressions of a template are filed, given values for its slots, and what clause they have.

    ``filled`` is the clause. ``names`` and ``atoms`` are the kinds of the keys that names and the atoms of a
    pattern become, with their slots. ``pattern`` is the slot of a pattern, whose metered check is that of the
    rule ``check``.
    """

    filing: Filing
    filled: ClauseTemplate
    constant: tuple[int, ...]
    names: tuple[tuple[KeyKind, int], ...]
    atoms: KeyKind | None = None
    files_atoms: bool = False
    pattern: int | None = None
    check: str = ""

    def filed(self, values: Sequence[str]) -> Filed | None:
        """What an expression with these values is filed under; ``None`` if these take the long way."""
        slot = self.pattern
        if not self._fits(values):
            return None
        hashes = [*self.constant, *(key_hash(kind, values[place]) for kind, place in self.names)]
        if slot is None or self.atoms is None:
            return Filed(hashes)
        return self._filed_by_atoms(hashes, values[slot], self.atoms)

    def clause(self, values: Sequence[str], rule_types: RuleTypes) -> Clause | None:
        """The clause of an expression with these values; ``None`` if these take the long way."""
        if not self._fits(values):
            return None
        if self.pattern is None:
            return self.filled.clause(values)
        try:
            rule = Rule(self.check, ((PATTERN, _pattern(values[self.pattern])),))
            check, _ = rule_types.condition(rule)
        except (RuleError, ValueError):  # the long way says what is wrong with it
            return None
        assert isinstance(check, CheckCondition)
        return self.filled.clause(values, check)

    def _fits(self, values: Sequence[str]) -> bool:
        return all(_PLAIN.fullmatch(value) for place, value in enumerate(values) if place != self.pattern)

    def _filed_by_atoms(self, hashes: list[int], value: str, kind: KeyKind) -> Filed | None:
        try:
            pattern = _pattern(value)
            key = RequiredAtoms.of(kind, required_atoms(pattern)).key
        except (ValueError, OverflowError):  # no pattern that RE2 would compile
            return None
        if key is None or not pattern.strip():
            return None
        checks = [check_hash(self.check, [(PATTERN, pattern)])]
        if not self.files_atoms:
            return Filed(hashes, check_hashes=checks)
        return Filed([*hashes, key_hash(*key)], [key], checks)


def _pattern(value: str) -> str:
    """The pattern that JSON writes so. Raises :class:`ValueError`."""
    return str(json.loads(f'"{value}"')) if "\\" in value else value


def template_filing(template: str, rule_types: RuleTypes) -> TemplateFiling | None:
    """Where expressions of a template are filed; ``None`` if that depends on more than names and a pattern.

    A pattern isn't compiled: whether it can be is found out when a message reaches it.
    """
    if template == SLOT or _MARK in template or template.count(f'"{PATTERN}"') > 1:
        return None
    marks = [f"{_MARK}{slot}{_MARK}" for slot in range(template.count(SLOT))]
    try:
        expression = expression_from_json(json.loads(joined_body(template, marks)))
        clause = compile_expression(expression, rule_types)
    except Exception:  # noqa: BLE001 - whatever it is, it's told of each expression by itself
        return None
    used = [rule for rule in rules_in(expression) if any(_MARK in value for _, value in rule.arguments)]
    patterns = [rule for rule in used if rule_types.by_name[rule.name].atoms]
    others = [rule for rule in used if rule not in patterns]
    about_names = all(rule_types.by_name[rule.name].keys_by_value for rule in others)
    if not about_names or members_asked_for(clause) or len(checks_in(clause)) != len(patterns):
        return None
    filing, filled = filing_of(clause), clause_template(clause, _slot_of)
    return _with_pattern(filing, filled, patterns[0], rule_types) if patterns else _split_keys(filing, filled)


def _slot_of(value: str) -> int | None:
    """The slot that a name stands for, if it's such a name."""
    found = _MARKED.fullmatch(value)
    return found and int(found[1])


def _with_pattern(
    filing: Filing, filled: ClauseTemplate, rule: Rule, rule_types: RuleTypes,
) -> TemplateFiling:
    kind, mark = rule_types.by_name[rule.name].atoms, rule[PATTERN]
    assert kind is not None
    atoms = {key for key in filing.keys if key[0] in ATOM_KINDS}
    names = _split_keys(replace(filing, keys=filing.keys - atoms), filled)
    return replace(
        names, filing=filing, atoms=kind, files_atoms=bool(atoms), pattern=_slot_of(mark), check=rule.name)


def _split_keys(filing: Filing, filled: ClauseTemplate) -> TemplateFiling:
    slots = {key: _slot_of(key[1]) for key in filing.keys}
    constant = tuple(key_hash(*key) for key, slot in slots.items() if slot is None)
    names = tuple((key[0], slot) for key, slot in slots.items() if slot is not None)
    return TemplateFiling(filing, filled, constant, names)
