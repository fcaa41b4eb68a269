"""Where the index files an expression: hashes of its index keys, and what else it has to know of a clause.

Of most people's own filters only the arguments differ. So what a template comes to is found out once, by
compiling it with names that stand for arguments, and what is filed for other arguments follows from it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from zlib import crc32

from fmn.filters.conditions import OWNER_KINDS, CheckCondition, Key, KeyKind
from fmn.filters.expressions import Expression, expression_from_json, rules_in
from fmn.filters.rule_types import RuleTypes
from fmn.matching.body_templates import SLOT, joined_body
from fmn.matching.compiler import (
    Clause,
    asks_for_own_groups,
    checks_in,
    compile_expression,
    index_keys_of,
    members_asked_for,
)
from fmn.matching.key_table import key_hash
from fmn.matching.stored_clauses import PATTERN

#: A value that is one name. Lists, spaces around and characters that rules refuse take the long way.
_PLAIN: Final = re.compile(r"[!-+\--\[\]-~]{1,100}")
#: Stands before and after a slot's number. A template that has it already takes the long way.
_MARK: Final = "\ue000"
_MARKED: Final = re.compile(f"{_MARK}([0-9]+){_MARK}")


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
    asks_for_owners: bool

    @property
    def hashes(self) -> list[int]:
        """The hashes of the keys."""
        return [key_hash(kind, value) for kind, value in self.keys]


def filing_of(clause: Clause) -> Filing:
    """Where a clause is filed."""
    if clause.never:
        return Filing(frozenset(), Trait.NEVER, asks_for_owners=False)
    place = index_keys_of(clause)
    traits = (
        (Trait.ELSEWHERE if place.keys or place.residual else 0)
        | (Trait.RESIDUAL if place.residual else 0)
        | (Trait.BY_RELATION if place.ties else 0)
        | (Trait.OWN_GROUPS if asks_for_own_groups(clause) else 0)
        | (Trait.MEASURED if checks_in(clause) else 0))
    return Filing(place.keys, traits, asks_for_owners(clause))


def asks_for_owners(clause: Clause) -> bool:
    """Whether a clause asks who owns a message's packages by name."""
    keys = clause.forbidden_keys.union(*(has.keys for has in clause.required))
    return any(kind in OWNER_KINDS for kind, _ in keys) or any(
        asks_for_owners(part) for either in clause.alternatives for part in either)


def check_hash(check: CheckCondition) -> int:
    """The hash by which expressions with a metered check are found."""
    return crc32(json.dumps([check.rule, check.arguments]).encode())


@dataclass(frozen=True, slots=True)
class TemplateFiling:
    """Where expressions of a template are filed, if their values are plain."""

    constant: tuple[int, ...]
    slots: tuple[tuple[KeyKind, int], ...]
    filing: Filing

    def hashes(self, values: Sequence[str]) -> list[int] | None:
        """The hashes of the keys with these values; ``None`` if these take the long way."""
        if not all(map(_PLAIN.fullmatch, values)):
            return None
        return [*self.constant, *(key_hash(kind, values[slot]) for kind, slot in self.slots)]


def template_filing(template: str, rule_types: RuleTypes) -> TemplateFiling | None:
    """Where expressions of a template are filed; ``None`` if that depends on more than names."""
    if template == SLOT or _MARK in template or f'"{PATTERN}"' in template:
        return None
    marks = [f"{_MARK}{slot}{_MARK}" for slot in range(template.count(SLOT))]
    try:
        expression = expression_from_json(json.loads(joined_body(template, marks)))
        if not _is_about_names(expression, rule_types):
            return None
        clause = compile_expression(expression, rule_types)
    except Exception:  # noqa: BLE001 - whatever it is, it's told of each expression by itself
        return None
    special = members_asked_for(clause) or checks_in(clause)
    return None if special else _split_keys(filing_of(clause))


def _is_about_names(expression: Expression, rule_types: RuleTypes) -> bool:
    """Whether all arguments in slots are such that each value becomes a key."""
    return all(
        rule_types.by_name[rule.name].keys_by_value
        for rule in rules_in(expression) if any(_MARK in value for _, value in rule.arguments))


def _split_keys(filing: Filing) -> TemplateFiling:
    marked = {key: _MARKED.fullmatch(key[1]) for key in filing.keys}
    constant = tuple(key_hash(*key) for key, mark in marked.items() if mark is None)
    slots = tuple((key[0], int(mark[1])) for key, mark in marked.items() if mark is not None)
    return TemplateFiling(constant, slots, filing)
