"""Clauses of expressions that differ in arguments only, made from the clause of their template.

Compiling a filter takes 20 to 80 µs. Of millions, most that a message reaches weren't reached lately.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fmn.filters.conditions import CheckCondition, Key, KeyCondition, KeyKind, Relations
from fmn.matching.compiler import Clause

#: The slot that the value of a key stands for, if it does.
SlotOf = Callable[[str], int | None]


class _Keys(NamedTuple):
    """Keys, of which those in ``slots`` have a slot's value."""

    constant: frozenset[Key]
    slots: tuple[tuple[KeyKind, int], ...]

    def filled(self, values: Sequence[str]) -> frozenset[Key]:
        if not self.slots:
            return self.constant
        return self.constant.union([(kind, values[slot]) for kind, slot in self.slots])


@dataclass(frozen=True, slots=True)
class ClauseTemplate:
    """The parts of a clause. Of its checks only one that is metered depends on values."""

    forbidden: _Keys
    forbidden_ties: Relations
    required: tuple[tuple[_Keys, Relations], ...]
    checks: tuple[tuple[CheckCondition, bool], ...]
    alternatives: tuple[tuple[ClauseTemplate, ...], ...]
    never: bool

    def clause(self, values: Sequence[str], check: CheckCondition | None = None) -> Clause:
        """The clause with these values, and with the metered check that one of them asks for."""
        return Clause(
            self.forbidden.filled(values), self.forbidden_ties,
            tuple([KeyCondition(keys.filled(values), ties) for keys, ties in self.required]),
            tuple([(check if check and each.measured else each, wanted) for each, wanted in self.checks]),
            tuple([tuple([part.clause(values, check) for part in either]) for either in self.alternatives]),
            self.never)


def clause_template(clause: Clause, slot_of: SlotOf) -> ClauseTemplate:
    """The template of a clause in which names stand for slots, and of whose checks one is metered at most."""
    return ClauseTemplate(
        _keys(clause.forbidden_keys, slot_of), clause.forbidden_ties,
        tuple((_keys(has.keys, slot_of), has.ties) for has in clause.required),
        clause.checks,
        tuple(tuple(clause_template(part, slot_of) for part in either) for either in clause.alternatives),
        clause.never)


def _keys(keys: Iterable[Key], slot_of: SlotOf) -> _Keys:
    slots = {key: slot_of(key[1]) for key in keys}
    return _Keys(
        frozenset(key for key, slot in slots.items() if slot is None),
        tuple((key[0], slot) for key, slot in slots.items() if slot is not None))
