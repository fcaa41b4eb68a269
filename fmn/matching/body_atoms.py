"""Texts that stored bodies must contain for a rule about them to be true of a message.

A body is stored as JSON in ASCII without spaces between values; the rules see it with spaces, or its decoded
values. So only those parts of required atoms count that are the same in both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from fmn.filters.conditions import CheckCondition
from fmn.filters.field_paths import ANY, parse_path
from fmn.filters.generic_rules import FIELD_REGEX_RULE, FIELD_RULE, PACKAGE_REGEX_RULE, TEXT_RULE
from fmn.filters.required_atoms import (
    Conjunct,
    Conjuncts,
    atoms_of_values,
    required_atoms,
    without_characters,
)
from fmn.filters.rule_arguments import argument_values

#: Shorter atoms are in most bodies.
MIN_ATOM: Final = 2
#: Rules that search bodies.
BODY_RULES: Final = frozenset({TEXT_RULE, FIELD_RULE, FIELD_REGEX_RULE})

#: Characters that may be stored as others: a space not at all, those beyond ASCII as escapes, and halves of
#: surrogate pairs, which rules see as question marks.
_IN_TEXT: Final = re.compile("[^!->@-~]")
#: The same of decoded values, whose spaces are stored, and quotes and backslashes with a backslash before.
_IN_VALUES: Final = re.compile(r"[^ !#->@-\[\]-~]")
#: Letters that also stand for the Kelvin sign and the long s, which are stored as escapes, where a pattern
#: ignores case or names letters beyond ASCII.
_FOLDED: Final = re.compile("[ks]")
_MAY_FOLD: Final = re.compile(r"\(\?[A-Za-z]*i|\\x|[^\x00-\x7f]")
_UNSTORED: Final = {
    TEXT_RULE: _IN_TEXT, FIELD_RULE: _IN_VALUES, FIELD_REGEX_RULE: _IN_VALUES, PACKAGE_REGEX_RULE: _IN_VALUES}


class StoredAtoms(NamedTuple):
    """Conjuncts of texts of which a stored body, or the stored packages, have one each.

    They're in lower case. If they're ``cased``, that's how they're stored; else the case of stored texts
    doesn't count.
    """

    conjuncts: Conjuncts
    cased: bool


def stored_atoms(check: CheckCondition) -> StoredAtoms:
    """The atoms of a check on bodies or on packages."""
    arguments = dict(check.arguments)
    may_fold = any(map(_MAY_FOLD.search, arguments.values()))
    conjuncts = tuple(_keys(arguments.get("path", "")))
    if check.rule in _UNSTORED:
        found = without_characters(_required(check.rule, arguments), _UNSTORED[check.rule])
        conjuncts = (without_characters(found, _FOLDED) if may_fold else found) + conjuncts
    return StoredAtoms(
        tuple(each for each in conjuncts if min(map(len, each)) >= MIN_ATOM),
        cased=not may_fold and all(text == text.lower() for text in arguments.values()))


def _required(rule: str, arguments: Mapping[str, str]) -> Conjuncts:
    if rule == FIELD_RULE:
        return atoms_of_values(argument_values(arguments, "value"))
    return required_atoms(arguments["pattern"])


def _keys(path: str) -> Iterator[Conjunct]:
    """The keys of a path as they're stored; a number may be a place in a list."""
    for step in parse_path(path) if path else ():
        if step != ANY and not step.isdecimal() and not _IN_VALUES.search(step):
            yield frozenset({f'"{step.lower()}":'})
