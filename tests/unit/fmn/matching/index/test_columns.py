"""An index as columns and back."""

from __future__ import annotations

import json
from array import array
from collections.abc import Mapping
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.naive_matcher import Filters
from fmn.catalog import Facts
from fmn.directory.snapshot import Directory
from fmn.filters.expressions import expression_to_json
from fmn.matching.compiler import Clause
from fmn.matching.index.columns import IndexColumnsError, columns_of, index_of_columns
from fmn.matching.index.expression_store_builder import ExpressionStoreBuilder
from fmn.matching.index.matching_index import EMPTY, Index
from fmn.matching.index.population import Population
from tests.hypothesis_profiles import scaled
from tests.unit.fmn.matching.generated_inputs import (
    RULE_TYPES,
    Registry,
    directories,
    messages,
    populations,
)


def stored_index(people: Mapping[str, Filters], compiled: int = 0) -> Index:
    """An index of stored expressions, of which as many are kept compiled."""
    registry = Registry()
    population = Population.of(
        (user_id, nick, profile) for user_id, (nick, mine) in enumerate(people.items(), 1)
        if (profile := registry.profile(mine)))
    _, shared = population.most_shared(compiled)
    builder = ExpressionStoreBuilder(RULE_TYPES, shared, compiled)
    for expression, expression_id in registry.expressions.items():
        builder.add(expression_id, json.dumps(expression_to_json(expression)))
    return Index.of_store(7, population, builder.finish(), builder.clauses)


def may_hold(index: Index) -> Mapping[int, Clause]:
    """The compiled expressions that can hold at all: of the others the columns only say that they can't."""
    return {each: clause for each, clause in index.expressions.clauses.items() if not clause.never}


@settings(max_examples=scaled(60))
@given(populations(), st.sampled_from([0, 2, 100]), directories(), st.lists(messages(), max_size=3))
def test_an_index_of_columns_finds_whom_the_first_one_finds(
    people: dict[str, Filters], compiled: int, directory: Directory, bus: list[Facts],
) -> None:
    index = stored_index(people, compiled)
    again = index_of_columns(columns_of(index), 7, RULE_TYPES)

    for facts in bus:
        assert sorted(again.match(facts, directory)) == sorted(index.match(facts, directory))
    assert (len(again), len(again.expressions)) == (len(index), len(index.expressions))
    assert again.group_readers == index.group_readers
    assert may_hold(again) == may_hold(index)
    assert again.expressions.clauses.keys() == index.expressions.clauses.keys()
    assert again.expressions.too_large == index.expressions.too_large


def test_an_empty_index_has_columns_too() -> None:
    assert len(index_of_columns(columns_of(EMPTY), 7, RULE_TYPES)) == 0


@settings(max_examples=scaled(200))
@given(populations().filter(lambda drawn: any(map(len, drawn.values()))), st.data())
def test_columns_that_dont_fit_are_refused_or_harmless(
    people: dict[str, Filters], data: st.DataObject,
) -> None:
    # Given columns of which one is cut, or has another number in it
    columns = columns_of(stored_index(people))
    name = data.draw(st.sampled_from(sorted(columns.keys() - {"names"})))
    numbers = deepcopy(columns[name].tolist())
    if data.draw(st.booleans()) or not numbers:
        numbers = numbers[:-1] if numbers else [1]
    else:
        numbers[data.draw(st.integers(0, len(numbers) - 1))] = 255
    columns[name] = _like(columns[name], numbers)
    # When an index is made of them, then they're refused, or a message can be matched
    try:
        index = index_of_columns(columns, 7, RULE_TYPES)
    except IndexColumnsError:
        return
    index.match(data.draw(messages()), data.draw(directories()))


def _like(column: memoryview, numbers: list[int]) -> memoryview:
    return memoryview(array(column.format, numbers))


@pytest.mark.parametrize("names", [b"", b"7", b"{}", b'{"nicks": 7}'])
def test_names_that_cant_be_read_are_refused(names: bytes) -> None:
    columns = {**columns_of(EMPTY), "names": memoryview(names)}

    with pytest.raises(IndexColumnsError):
        index_of_columns(columns, 7, RULE_TYPES)
