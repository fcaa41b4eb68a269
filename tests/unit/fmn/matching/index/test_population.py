"""Users and their profiles in columns."""

from __future__ import annotations

from array import array
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.matching.index.filing import Trait
from fmn.matching.index.holdings import holdings_of
from fmn.matching.index.population import NO_FILTERS, Population, Profile, expressions_in

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

    assert {user_id: population.profiles[population.profile_of[user_id]] for user_id in people} == people
    assert population.ids == {f"user{user_id}": user_id for user_id in people}
    assert len(population.profiles) == len({NO_FILTERS, *people.values()})
    assert all((user_id in population) == (people.get(user_id, NO_FILTERS) != NO_FILTERS)
               for user_id in (*people, 0, 21, 10**10))


@given(USERS, st.frozensets(st.integers(1, 6)))
def test_who_has_any_of_some_expressions_is_known(
    people: dict[int, Profile], wanted: frozenset[int],
) -> None:
    population = population_of(people)
    having = {user_id: wanted & expressions_in(profile) for user_id, profile in people.items()}
    chosen = np.isin(np.asarray(population.profiles.ids), list(wanted))

    assert dict(population.holding(wanted)) == {user_id: found for user_id, found in having.items() if found}
    assert population.nicks_with(population.profiles_with(chosen)) == {
        f"user{user_id}" for user_id, found in having.items() if found}


@given(USERS, st.dictionaries(st.integers(1, 6), st.integers(0, 63)))
def test_holdings_are_those_of_each_profile(people: dict[int, Profile], traits: dict[int, int]) -> None:
    population = population_of(people)
    ids = sorted(traits)
    holdings = holdings_of(
        population, memoryview(array("q", ids)), memoryview(bytes(traits[each] for each in ids)))

    def who(trait: int, *asked: int) -> set[int]:
        return {user_id for user_id, profile in people.items() if any(
            traits.get(each, 0) & trait and each in (asked or ids) for each in expressions_in(profile))}

    for number, expression_id in enumerate(ids):
        assert sorted(holdings.holders.of(number)) == sorted(who(Trait.ELSEWHERE, expression_id))
    assert holdings.group_readers == {f"user{user_id}" for user_id in who(Trait.OWN_GROUPS)}
    assert {user_id for user_id in people if holdings.related[population.profile_of[user_id]]} == who(
        Trait.BY_RELATION)


@pytest.mark.parametrize(("most", "shared"), [(0, set()), (1, {3}), (2, {2, 3}), (4, {1, 2, 3, 4})])
def test_the_most_shared_expressions_are_those_of_most_profiles(most: int, shared: set[int]) -> None:
    population = population_of({
        user_id: ((("email",), tuple(ids)),)
        for user_id, ids in enumerate([[1, 3], [2, 3], [2, 3, 4]], 1)})
    ids, found = population.most_shared(most)

    assert list(ids) == [1, 2, 3, 4]
    assert found == shared
