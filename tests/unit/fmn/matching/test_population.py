"""Users and their profiles in columns."""

from __future__ import annotations

from array import array
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.matching.population import NO_FILTERS, Population, Profile, expressions_in

EXPRESSIONS = st.lists(st.integers(1, 6), min_size=1, max_size=4).map(tuple)
PROFILES: st.SearchStrategy[Profile] = st.dictionaries(
    st.sampled_from([("email",), ("irc",), ("email", "sse")]), EXPRESSIONS).map(
        lambda drawn: tuple(sorted(drawn.items())))
#: Profiles by user. Ids may have large gaps, as after a restored backup.
USERS = st.dictionaries(st.one_of(st.integers(1, 20), st.integers(10**9, 10**9 + 3)), PROFILES)


def population_of(people: Mapping[int, Profile]) -> Population:
    return Population.of((user_id, f"user{user_id}", profile) for user_id, profile in people.items())


@given(USERS)
def test_everybody_has_their_profile(people: dict[int, Profile]) -> None:
    population = population_of(people)

    assert {user_id: population.profile(user_id) for user_id in people} == people
    assert population.ids == {f"user{user_id}": user_id for user_id in people}
    assert len(population.profiles) == len({NO_FILTERS, *people.values()})
    assert all((user_id in population) == (people.get(user_id, NO_FILTERS) != NO_FILTERS)
               for user_id in (*people, 0, 21, 10**10))


@given(USERS, st.frozensets(st.integers(1, 6)))
def test_who_has_which_expressions_is_known(people: dict[int, Profile], wanted: frozenset[int]) -> None:
    population = population_of(people)
    having = {user_id: wanted & expressions_in(profile) for user_id, profile in people.items()}
    ids = memoryview(array("q", range(1, 7)))
    chosen = np.isin(np.asarray(population.profiles.ids), list(wanted))

    assert dict(population.holding(wanted)) == {user_id: found for user_id, found in having.items() if found}
    holders = population.holders(ids, chosen)
    for number, expression_id in enumerate(ids):
        assert sorted(holders.of(number)) == sorted(
            user_id for user_id, found in having.items() if expression_id in found)
    assert population.nicks_with(population.profiles_with(chosen)) == {
        f"user{user_id}" for user_id, found in having.items() if found}


@given(USERS)
def test_traits_of_unknown_expressions_are_none(people: dict[int, Profile]) -> None:
    population = population_of(people)
    traits = population.traits(memoryview(array("q", [2, 4])), memoryview(b"\x01\x02"))

    assert traits.tolist() == [{2: 1, 4: 2}.get(each, 0) for each in population.profiles.ids]


@pytest.mark.parametrize(("most", "shared"), [(0, set()), (1, {3}), (2, {2, 3}), (4, {1, 2, 3, 4})])
def test_the_most_shared_expressions_are_those_of_most_profiles(most: int, shared: set[int]) -> None:
    population = population_of({
        user_id: ((("email",), tuple(ids)),)
        for user_id, ids in enumerate([[1, 3], [2, 3], [2, 3, 4]], 1)})
    ids, found = population.most_shared(most)

    assert list(ids) == [1, 2, 3, 4]
    assert found == shared
