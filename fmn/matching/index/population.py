"""Users with filters, in columns: who they are, and which expressions they have in which contexts.

A user's filters are a *profile*: for each context, its expressions in the user's order. Users with the same
filters share a profile. Columns can be mapped from a file.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Final

import numpy as np
import numpy.typing as npt

#: Contexts with the same filters, and the ids of these filters' expressions in the user's order.
Profile = tuple[tuple[tuple[str, ...], tuple[int, ...]], ...]

#: The profile of people without filters.
NO_FILTERS: Final[Profile] = ()

#: Ids of users and expressions, and offsets, in an array: 64 bits. Numbers of profiles: 32 bits.
IDS: Final = "q"
NUMBERS: Final = "I"

#: Columns without anything, and offsets into such.
NO_IDS: Final = memoryview(array(IDS))
NO_NUMBERS: Final = memoryview(array(NUMBERS))
NO_OFFSETS: Final = memoryview(array(IDS, [0]))
_ONE_LIST: Final = memoryview(array(IDS, [0, 0]))

#: Profiles that are kept as values, those asked for last: a thousand bytes each.
DECODED: Final = 20_000
#: An array by user id has at most so many places for each user; ids of a restored database have gaps.
MAX_SPARSENESS: Final = 8


@dataclass(frozen=True)
class Profiles:
    """Profiles by number; 0 is :data:`NO_FILTERS`.

    Profile ``p`` has the lists ``lists[p]`` to ``lists[p + 1]``. List ``g`` is that of the contexts
    ``contexts[contexts_of[g]]`` and has the expressions ``ids[starts[g]:starts[g + 1]]``.
    """

    lists: memoryview = _ONE_LIST
    contexts_of: memoryview = NO_NUMBERS
    starts: memoryview = NO_OFFSETS
    ids: memoryview = NO_IDS
    contexts: Sequence[tuple[str, ...]] = ()
    _decoded: Callable[[int], Profile] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        columns = (self.lists, self.contexts_of, self.starts, self.ids, self.contexts)
        object.__setattr__(self, "_decoded", lru_cache(DECODED)(partial(_decoded, *columns)))

    def __len__(self) -> int:
        return len(self.lists) - 1

    def __getitem__(self, number: int) -> Profile:
        return self._decoded(number)

    def of_ids(self) -> npt.NDArray[np.int64]:
        """The profile that each of :attr:`ids` belongs to."""
        ends = np.asarray(self.starts)[np.asarray(self.lists)]
        return np.repeat(np.arange(len(self)), np.diff(ends))


def _decoded(
    lists: Sequence[int], contexts_of: Sequence[int], starts: Sequence[int], ids: Sequence[int],
    contexts: Sequence[tuple[str, ...]], number: int,
) -> Profile:
    return tuple(
        (contexts[contexts_of[place]], tuple(ids[starts[place]:starts[place + 1]]))
        for place in range(lists[number], lists[number + 1]))


class _ProfilesBuilder:
    """Numbers profiles; equal ones get the same number."""

    def __init__(self) -> None:
        self._lists, self._contexts_of = array(IDS, [0, 0]), array(NUMBERS)
        self._starts, self._ids = array(IDS, [0]), array(IDS)
        self._contexts: dict[tuple[str, ...], int] = {}
        # Profiles themselves would take five times the memory.
        self._by_hash: dict[int, int] = {hash(NO_FILTERS): 0}
        self._last: tuple[Profile, int] = NO_FILTERS, 0

    def number(self, profile: Profile) -> int:
        """The number of a profile."""
        if profile is not self._last[0]:
            found = self._by_hash.setdefault(hash(profile), len(self._lists) - 1)
            if found == len(self._lists) - 1 or self._decoded(found) != profile:
                found = self._add(profile)
            self._last = profile, found
        return self._last[1]

    def finish(self) -> Profiles:
        return Profiles(
            memoryview(self._lists), memoryview(self._contexts_of), memoryview(self._starts),
            memoryview(self._ids), tuple(self._contexts))

    def _add(self, profile: Profile) -> int:
        for contexts, expression_ids in profile:
            self._contexts_of.append(self._contexts.setdefault(contexts, len(self._contexts)))
            self._ids.extend(expression_ids)
            self._starts.append(len(self._ids))
        self._lists.append(len(self._contexts_of))
        return len(self._lists) - 2

    def _decoded(self, number: int) -> Profile:
        columns = self._lists, self._contexts_of, self._starts, self._ids
        return _decoded(*columns, tuple(self._contexts), number)


@dataclass(frozen=True)
class Population:
    """Users with filters, in bulk: ids by nick, and the profile number of each id.

    ``users`` and ``numbers`` say the latter once more, in columns.
    """

    ids: Mapping[str, int] = field(default_factory=dict)
    users: memoryview = NO_IDS
    numbers: memoryview = NO_NUMBERS
    profiles: Profiles = field(default_factory=Profiles)
    profile_of: Mapping[int, int] | Sequence[int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "profile_of", _by_user(self.users, self.numbers))

    @classmethod
    def of(cls, people: Iterable[tuple[int, str, Profile]]) -> Population:
        """A population of users by id, nick and profile; equal profiles are stored once."""
        builder = _ProfilesBuilder()
        ids: dict[str, int] = {}
        users, numbers = array(IDS), array(NUMBERS)
        for user_id, nick, profile in people:
            ids[nick] = user_id
            users.append(user_id)
            numbers.append(builder.number(profile))
        return cls(ids, memoryview(users), memoryview(numbers), builder.finish())

    def __contains__(self, user_id: int) -> bool:
        known = self.profile_of
        if isinstance(known, Mapping):
            return bool(known.get(user_id))
        return 0 <= user_id < len(known) and known[user_id] > 0

    def most_shared(self, most: int) -> tuple[Sequence[int], frozenset[int]]:
        """The ids of all expressions, sorted, and of those that most profiles have."""
        ids, counts = np.unique(np.asarray(self.profiles.ids), return_counts=True)
        if len(ids) <= most:
            return ids.tolist(), frozenset(ids.tolist())
        order = np.argsort(counts)[len(ids) - most:]
        return ids.data, frozenset(ids[order[counts[order] > 1]].tolist())

    def profiles_with(self, chosen: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Which profiles have one of the chosen of their expressions."""
        found = np.zeros(len(self.profiles), np.bool_)
        found[self.profiles.of_ids()[chosen]] = True
        return found

    def users_with(self, profiles: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
        """The users who have one of the profiles, and which."""
        places = np.flatnonzero(profiles[np.asarray(self.numbers)])
        return zip(
            np.asarray(self.users)[places].tolist(), np.asarray(self.numbers)[places].tolist(), strict=True)

    def nicks_with(self, profiles: npt.NDArray[np.bool_]) -> frozenset[str]:
        """The nicks of the users who have one of the profiles."""
        wanted = {user_id for user_id, _ in self.users_with(profiles)}
        return frozenset(
            nick for nick, user_id in (self.ids.items() if wanted else ()) if user_id in wanted)

    def holding(self, expression_ids: Collection[int]) -> Iterator[tuple[int, frozenset[int]]]:
        """Users who have any of these expressions, and which."""
        chosen = np.isin(np.asarray(self.profiles.ids), np.fromiter(expression_ids, np.int64))
        wanted = frozenset(expression_ids)
        for user_id, number in self.users_with(self.profiles_with(chosen)):
            yield user_id, wanted.intersection(*[expressions_in(self.profiles[number])])


def expressions_in(profile: Profile) -> frozenset[int]:
    """The expressions of a profile."""
    return frozenset(each for _, expression_ids in profile for each in expression_ids)


def _by_user(users: memoryview, numbers: memoryview) -> Mapping[int, int] | Sequence[int]:
    """Profile numbers by user: an array with 0 for gaps, or a mapping where it would mostly have gaps."""
    size = max(users, default=-1) + 1
    if size > MAX_SPARSENESS * (len(users) + 1):
        return dict(zip(users, numbers, strict=True))
    by_user = np.zeros(size, np.uint32)
    by_user[np.asarray(users)] = np.asarray(numbers)
    return by_user.data
