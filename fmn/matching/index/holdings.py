"""Who has which expressions: found out for all users at once when the index is loaded."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from fmn.matching.index.filing import Trait
from fmn.matching.index.population import NO_IDS, NO_OFFSETS, Population


class Holders(NamedTuple):
    """Users by expression number: those of ``n`` are ``users[starts[n]:starts[n + 1]]``."""

    starts: memoryview
    users: memoryview

    def of(self, number: int) -> memoryview:
        """The ids of the users who have an expression."""
        return self.users[self.starts[number]:self.starts[number + 1]]


class Holdings(NamedTuple):
    """Holders of the expressions that are filed, and the profiles and users with filters of some kinds.

    ``related`` says of each profile, by 0 or 1, whether it has filters that can hold by a relation.
    ``group_readers`` are users with filters about their own groups.
    """

    holders: Holders
    related: memoryview
    group_readers: frozenset[str]


NO_HOLDINGS: Final = Holdings(Holders(NO_OFFSETS, NO_IDS), memoryview(b"\0"), frozenset())


def holdings_of(population: Population, ids: memoryview, traits: memoryview) -> Holdings:
    """Who has what, given the traits of expressions, whose ids are sorted. Others have none."""
    if not len(ids):
        return NO_HOLDINGS._replace(related=memoryview(bytes(len(population.profiles))))
    asked = np.asarray(population.profiles.ids)
    places = np.minimum(np.searchsorted(np.asarray(ids), asked), len(ids) - 1)
    found = np.where(np.asarray(ids)[places] == asked, np.asarray(traits)[places], np.uint8(0))
    filed = found & Trait.ELSEWHERE > 0
    related = population.profiles_with(found & Trait.BY_RELATION > 0)
    readers = population.profiles_with(found & Trait.OWN_GROUPS > 0)
    return Holdings(
        _holders(population, places[filed], population.profiles.of_ids()[filed], len(ids)),
        related.view(np.uint8).data, population.nicks_with(readers))


def _holders(
    population: Population, places: npt.NDArray[np.int64], profiles: npt.NDArray[np.int64], many: int,
) -> Holders:
    """The users whose profile has an expression, given pairs of these by number; ``many`` expressions."""
    size = len(population.profiles)
    places, profiles = np.divmod(np.unique(places * size + profiles), size)
    numbers = np.asarray(population.numbers)
    order = np.argsort(numbers, kind="stable")
    edges = np.searchsorted(numbers[order], np.arange(size + 1))
    counts = np.diff(edges)[profiles]
    # The users of each pair's profile follow each other, and so do those of each expression.
    first = np.repeat(edges[profiles] - np.cumsum(counts) + counts, counts)
    users = np.asarray(population.users)[order][first + np.arange(len(first))]
    each = np.bincount(places, weights=counts, minlength=many).astype(np.int64)
    return Holders(np.append(np.int64(0), np.cumsum(each)).data, users.data)
