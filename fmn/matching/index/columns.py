"""An index as columns and back: what a snapshot on disk has. Users who changed since it was loaded aren't in.

Clauses aren't in either: those that are kept compiled are compiled again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from fmn.filters.conditions import KeyKind
from fmn.filters.group_filters import GroupFilters
from fmn.filters.rule_types import RuleTypes
from fmn.matching.index.expression_store import ExpressionColumns, ExpressionStore, clause_reader
from fmn.matching.index.holdings import Holders, Holdings
from fmn.matching.index.key_table import HASH_BITS, KeyTable
from fmn.matching.index.matching_index import Index
from fmn.matching.index.population import Population, Profiles

#: The format of the columns. Increment it with any change here, and of what is hashed.
FORMAT: Final = 3


class IndexColumnsError(Exception):
    """Columns aren't those of an index."""


def columns_of(index: Index) -> dict[str, memoryview]:
    """The columns of an index that was just loaded."""
    store, population = index.expressions.store, index.population
    profiles, holders = population.profiles, index.holdings.holders
    return {
        "users": population.users, "profile numbers": population.numbers,
        "profile lists": profiles.lists, "profile contexts": profiles.contexts_of,
        "profile starts": profiles.starts, "profile expressions": profiles.ids,
        "expressions": store.columns.ids, "templates": store.columns.templates_of,
        "traits": store.columns.traits, "value starts": store.columns.starts, "values": store.columns.values,
        **_table_columns("filed", store.filed), **_table_columns("checks", store.checks),
        "holder starts": holders.starts, "holders": holders.users, "related": index.holdings.related,
        "names": _encoded(_names(index)),
    }


def index_of_columns(columns: Mapping[str, memoryview], revision: int, rule_types: RuleTypes) -> Index:
    """The index of these columns. Raises :class:`IndexColumnsError` if they contradict each other."""
    try:
        return _index(columns, json.loads(columns["names"].tobytes()), revision, rule_types)
    except (LookupError, TypeError, ValueError) as error:
        raise IndexColumnsError(f"{type(error).__name__}: {error}") from error


def _names(index: Index) -> dict[str, Any]:
    """What isn't numbers."""
    store, population = index.expressions.store, index.population
    return {
        "nicks": list(population.ids), "contexts": population.profiles.contexts,
        "templates": store.columns.templates, "residual": store.residual, "shared": sorted(store.shared),
        "kinds": sorted(store.kinds), "atom keys": list(store.atom_keys), "members": sorted(store.members),
        "too large": list(store.too_large.items()), "owner kinds": sorted(store.owner_kinds),
        "group readers": sorted(index.holdings.group_readers),
        "group filters": {group: list(ids) for group, ids in index.group_filters.expressions.items()},
        "group members": {group: sorted(who) for group, who in index.group_filters.members.items()},
    }


def _encoded(names: dict[str, Any]) -> memoryview:
    return memoryview(json.dumps(names).encode())


def _table_columns(name: str, table: KeyTable) -> dict[str, memoryview]:
    return {f"{name} starts": table.starts, f"{name} hashes": table.hashes, f"{name} numbers": table.numbers}


def _index(
    columns: Mapping[str, memoryview], names: Mapping[str, Any], revision: int, rule_types: RuleTypes,
) -> Index:
    population = _population(columns, names)
    store = _store(columns, names, rule_types)
    holders = Holders(columns["holder starts"], columns["holders"])
    _check_offsets("holder starts", holders.starts, len(store), len(holders.users))
    _check("holders", bool(np.isin(np.asarray(holders.users), np.asarray(population.users)).all()))
    _check("related", len(columns["related"]) == len(population.profiles))
    clauses = {expression_id: store.clause(expression_id) for expression_id in sorted(store.shared)}
    holdings = Holdings(holders, columns["related"], frozenset(names["group readers"]))
    index = Index.of_store(revision, population, store, clauses, holdings)
    return replace(index, group_filters=GroupFilters(
        {group: tuple(ids) for group, ids in names["group filters"].items()},
        {group: frozenset(who) for group, who in names["group members"].items()}))


def _population(columns: Mapping[str, memoryview], names: Mapping[str, Any]) -> Population:
    contexts = tuple(map(tuple, names["contexts"]))
    profiles = Profiles(
        columns["profile lists"], columns["profile contexts"], columns["profile starts"],
        columns["profile expressions"], contexts)
    _check("profile lists", len(profiles) > 0)
    _check_offsets("profile lists", profiles.lists, len(profiles), len(profiles.contexts_of))
    _check_offsets("profile starts", profiles.starts, len(profiles.contexts_of), len(profiles.ids))
    _check_below("profile contexts", profiles.contexts_of, len(contexts))
    users, numbers = columns["users"], columns["profile numbers"]
    _check_below("profile numbers", numbers, len(profiles))
    _check("users", len(users) == len(numbers) and min(users, default=0) >= 0)
    return Population(dict(zip(names["nicks"], users, strict=True)), users, numbers, profiles)


def _store(
    columns: Mapping[str, memoryview], names: Mapping[str, Any], rule_types: RuleTypes,
) -> ExpressionStore:
    stored = ExpressionColumns(
        columns["expressions"], columns["templates"], columns["traits"], columns["value starts"],
        columns["values"], tuple(names["templates"]))
    _check("expressions", bool(np.all(np.diff(np.asarray(stored.ids)) > 0)))
    _check("traits", len(stored.traits) == len(stored.templates_of) == len(stored.ids))
    _check("residual", all(0 <= number < len(stored.ids) for number in names["residual"]))
    _check_offsets("value starts", stored.starts, len(stored.ids), len(stored.values))
    _check_below("templates", stored.templates_of, len(stored.templates))
    too_large = {int(expression_id): str(reason) for expression_id, reason in names["too large"]}
    return ExpressionStore(
        stored, _table("filed", columns, len(stored.ids)), _table("checks", columns, len(stored.ids)),
        tuple(names["residual"]), frozenset(names["shared"]), frozenset(map(KeyKind, names["kinds"])),
        [(KeyKind(kind), value) for kind, value in names["atom keys"]], frozenset(names["members"]),
        too_large, frozenset(map(KeyKind, names["owner kinds"])),
        clause_reader(stored, too_large, rule_types))


def _table(name: str, columns: Mapping[str, memoryview], limit: int) -> KeyTable:
    starts, hashes, numbers = (columns[f"{name} {part}"] for part in ("starts", "hashes", "numbers"))
    bits = (len(starts) - 1).bit_length() - 1
    _check(f"{name} starts", 0 < bits <= HASH_BITS and len(starts) == (1 << bits) + 1)
    _check_offsets(f"{name} starts", starts, 1 << bits, len(hashes))
    _check(f"{name} hashes", len(hashes) == len(numbers))
    _check_below(f"{name} numbers", numbers, limit)
    return KeyTable(starts, hashes, numbers, bits)


def _check_offsets(name: str, offsets: memoryview, many: int, end: int) -> None:
    """Offsets of so many parts, one after the other, up to an end."""
    numbers = np.asarray(offsets)
    _check(name, len(numbers) == many + 1 and numbers[0] == 0 and numbers[-1] == end)
    _check(name, bool(np.all(numbers[1:] >= numbers[:-1])))


def _check_below(name: str, numbers: memoryview, limit: int) -> None:
    _check(name, not len(numbers) or int(np.asarray(numbers).max()) < limit)


def _check(name: str, holds: bool) -> None:  # noqa: FBT001 - it's what is checked
    if not holds:
        raise IndexColumnsError(f"the column {name!r} doesn't fit the others")
