"""The matching index: finds the users whom a message concerns without evaluating all filters.

A user's filters are a *profile*: for each context, its expressions in the user's order. Users with the same
filters share a profile. "Me" in an expression depends on the *relations* between a message and a user, so all
users with the same profile and relations get the same answer, which is computed once.

Users whom a message names or whose package it's about are found by nick. Other filters are filed under the
keys that they need, with the users who have them, their *holders*. An index is immutable;
:meth:`Index.patched` makes another one that shares all but the changed users.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Final, NamedTuple

from fmn.catalog import Facts
from fmn.directory.snapshot import Directory
from fmn.filters.conditions import (
    OWNER_KINDS,
    CheckedMessage,
    Key,
    Relations,
    group_members,
    keys_of,
    member_keys,
    owner_keys,
    owners_of,
    relations_of,
)
from fmn.matching.atom_scan import AtomScanner
from fmn.matching.compiler import (
    Clause,
    MessageEvaluation,
    Meter,
    asks_for_own_groups,
    checks_in,
    index_keys_of,
    members_asked_for,
)

#: Contexts with the same filters, and the ids of these filters' expressions in the user's order.
Profile = tuple[tuple[tuple[str, ...], tuple[int, ...]], ...]

#: The profile of people without filters.
NO_FILTERS: Final[Profile] = ()

#: Numbers of users and profiles in an array: 64 and 32 bits.
USER_IDS: Final = "q"
PROFILES: Final = "I"

_NOBODY: Final[frozenset[int]] = frozenset()
_NO_NICKS: Final[frozenset[str]] = frozenset()


class Match(NamedTuple):
    """A message concerns a user in a context, because of an expression."""

    user_id: int
    context: str
    expression_id: int


@dataclass(frozen=True)
class Expressions:
    """All compiled expressions by id, and their index keys.

    Those in ``elsewhere`` are filed under keys or residual: they can hold for users whom the message neither
    names nor knows as owners. Those ``by_ties`` can hold for users who are related to it. Those in
    ``own_groups`` depend on their owners being in a group that a message concerns; ``members`` are asked for
    by name. Those in ``measured`` may take long; those in ``too_large`` aren't evaluated, for the reason
    given.
    """

    clauses: Mapping[int, Clause] = field(default_factory=dict)
    filed: Mapping[Key, Sequence[int]] = field(default_factory=dict)
    residual: tuple[int, ...] = ()
    elsewhere: frozenset[int] = _NOBODY
    by_ties: frozenset[int] = _NOBODY
    asks_for_owners: bool = False
    own_groups: frozenset[int] = _NOBODY
    members: frozenset[str] = _NO_NICKS
    measured: frozenset[int] = _NOBODY
    too_large: Mapping[int, str] = field(default_factory=dict)
    scanner: AtomScanner = field(default_factory=AtomScanner)

    def with_more(self, clauses: Mapping[int, Clause]) -> Expressions:
        """A copy with more clauses."""
        places = {
            expression_id: index_keys_of(clause) for expression_id, clause in clauses.items()
            if not clause.never
        }
        filed: defaultdict[Key, list[int]] = defaultdict(list)
        for expression_id, place in places.items():
            for key in place.keys:
                filed[key].append(expression_id)
        residual = [expression_id for expression_id, place in places.items() if place.residual]
        return Expressions(
            {**self.clauses, **clauses},
            {**self.filed, **{key: (*self.filed.get(key, ()), *ids) for key, ids in filed.items()}},
            (*self.residual, *residual),
            self.elsewhere.union(residual, *filed.values()),
            self.by_ties.union(expression_id for expression_id, place in places.items() if place.ties),
            self.asks_for_owners or any(map(_asks_for_owners, clauses.values())),
            self.own_groups.union(each for each, clause in clauses.items() if asks_for_own_groups(clause)),
            self.members.union(*map(members_asked_for, clauses.values())),
            self.measured.union(each for each, clause in clauses.items() if checks_in(clause)),
            {**self.too_large, **{each: clause.over for each, clause in clauses.items() if clause.over}},
            self.scanner.with_more(key for key in filed if key not in self.filed))

    def among(self, profile: Profile) -> frozenset[int]:
        """The profile's expressions that are in ``elsewhere``."""
        return _among(profile, self.elsewhere)


def _among(profile: Profile, expression_ids: frozenset[int]) -> frozenset[int]:
    return expression_ids.intersection(chain.from_iterable(ids for _, ids in profile))


def _asks_for_owners(clause: Clause) -> bool:
    keys = clause.forbidden_keys.union(*(has.keys for has in clause.required))
    return any(kind in OWNER_KINDS for kind, _ in keys) or any(
        _asks_for_owners(part) for either in clause.alternatives for part in either)


@dataclass(frozen=True)
class Population:
    """Users with filters, in bulk: ids by nick, and the profile number of each id (0: none)."""

    ids: Mapping[str, int] = field(default_factory=dict)
    profile_of: array[int] = field(default_factory=lambda: array(PROFILES))
    profiles: Sequence[Profile] = (NO_FILTERS,)

    @classmethod
    def of(cls, people: Iterable[tuple[int, str, Profile]]) -> Population:
        """A population of users by id, nick and profile; equal profiles are stored once."""
        numbers: dict[Profile, int] = {NO_FILTERS: 0}
        ids: dict[str, int] = {}
        profile_of = array(PROFILES)
        for user_id, nick, profile in people:
            ids[nick] = user_id
            if user_id >= len(profile_of):
                profile_of.extend([0] * (user_id + 1 - len(profile_of)))
            profile_of[user_id] = numbers.setdefault(profile, len(numbers))
        return cls(ids, profile_of, tuple(numbers))

    def profile(self, user_id: int) -> Profile:
        """A user's profile."""
        return self.profiles[self.profile_of[user_id]]

    def holders(self, expressions: Expressions) -> Mapping[int, Sequence[int]]:
        """Users who have the expressions in ``elsewhere``, by expression."""
        wanted = {
            number: found
            for number, profile in enumerate(self.profiles)
            if (found := expressions.among(profile))
        }
        holders: defaultdict[int, array[int]] = defaultdict(lambda: array(USER_IDS))
        for user_id, number in enumerate(self.profile_of if wanted else ()):
            for expression_id in wanted.get(number, ()):
                holders[expression_id].append(user_id)
        return dict(holders)

    def nicks_with(self, expression_ids: frozenset[int]) -> frozenset[str]:
        """Users who have any of these expressions."""
        wanted = {
            number for number, profile in enumerate(self.profiles) if _among(profile, expression_ids)}
        return frozenset(
            nick for nick, user_id in (self.ids.items() if wanted else ())
            if self.profile_of[user_id] in wanted)


@dataclass(frozen=True)
class Index:
    """A population, and the users who changed since it was loaded, at a ``revision`` of the preferences.

    ``changed`` has the profiles of all who changed, ``changed_ids`` only users with filters.
    ``group_readers`` are users with filters about their own groups: a message that concerns a group is held
    against those of them who are its members. Like holders, they are only added.
    """

    revision: int
    expressions: Expressions
    population: Population
    holders: Mapping[int, Sequence[int]] = field(default_factory=dict)
    changed_ids: Mapping[str, int] = field(default_factory=dict)
    changed: Mapping[int, Profile] = field(default_factory=dict)
    changed_holders: Mapping[int, frozenset[int]] = field(default_factory=dict)
    group_readers: frozenset[str] = _NO_NICKS
    changed_group_readers: frozenset[str] = _NO_NICKS

    @classmethod
    def of(cls, revision: int, population: Population, clauses: Mapping[int, Clause]) -> Index:
        """An index of compiled expressions, by id, and users who have no others."""
        expressions = Expressions().with_more(clauses)
        return cls(
            revision, expressions, population, population.holders(expressions),
            group_readers=population.nicks_with(expressions.own_groups))

    def __len__(self) -> int:
        """Number of users with filters."""
        known = self.population.profile_of
        replaced = sum(1 for user_id in self.changed if user_id < len(known) and known[user_id])
        return len(self.population.ids) - replaced + len(self.changed_ids)

    def patched(
        self, revision: int, people: Mapping[int, tuple[str, Profile]], gone: Collection[int],
        clauses: Mapping[int, Clause],
    ) -> Index:
        """A copy with these users' new nicks and profiles, and without users who are gone.

        ``clauses`` are compiled expressions that this index lacks. Holders are only added: a user found by an
        expression that they no longer have is evaluated by their profile anyway.
        """
        expressions = self.expressions.with_more(clauses) if clauses else self.expressions
        profiles = {user_id: profile for user_id, (_, profile) in people.items()}
        others = {
            nick: user_id for nick, user_id in self.changed_ids.items()
            if user_id not in people and user_id not in gone
        }
        return replace(
            self, revision=revision, expressions=expressions,
            changed={**self.changed, **dict.fromkeys(gone, NO_FILTERS), **profiles},
            changed_ids={**others, **{nick: user_id for user_id, (nick, _) in people.items()}},
            changed_holders=_with_more_holders(self.changed_holders, profiles, expressions),
            changed_group_readers=self.changed_group_readers.union(
                nick for nick, profile in people.values() if _among(profile, expressions.own_groups)),
        )

    def holding(self, expression_ids: frozenset[int]) -> Mapping[int, frozenset[int]]:
        """Users who have any of these expressions, and which. It scans all users, so use it rarely."""
        wanted = {
            number: found for number, profile in enumerate(self.population.profiles)
            if (found := _among(profile, expression_ids))
        }
        profiles = self.population.profile_of if wanted else ()
        holding = {
            user_id: wanted[number] for user_id, number in enumerate(profiles)
            if number in wanted and user_id not in self.changed
        }
        return holding | {
            user_id: found for user_id, profile in self.changed.items()
            if (found := _among(profile, expression_ids))
        }

    def match(self, facts: Facts, directory: Directory, meter: Meter | None = None) -> list[Match]:
        """The matches of a message: for each user and context the first expression that holds.

        ``meter`` meters checks that may take long.
        """
        owners = owners_of(facts, directory)
        keys = keys_of(facts, directory)
        if self.expressions.asks_for_owners:
            keys |= owner_keys(owners)
        keys |= member_keys(facts, directory, self.expressions.members)
        message = CheckedMessage(facts)
        if self.expressions.scanner.layers:
            keys.update(self.expressions.scanner.keys_in(message.searched))
        view = MessageEvaluation(message, keys, meter)
        concerned = self._by_id(relations_of(facts, owners, self._members(facts, directory)))
        possible = frozenset(self._filed_under(view))
        for expression_id in possible:
            for user_id in self.holders.get(expression_id, ()):
                concerned.setdefault(user_id, 0)
            for user_id in self.changed_holders.get(expression_id, ()):
                concerned.setdefault(user_id, 0)
        return self._matches(view, concerned, possible)

    def _members(self, facts: Facts, directory: Directory) -> frozenset[str]:
        """Members of the message's groups who have filters about their own groups."""
        if not facts.groups:
            return _NO_NICKS
        return group_members(facts, directory, self.group_readers) | group_members(
            facts, directory, self.changed_group_readers)

    def _by_id(self, by_nick: Mapping[str, Relations]) -> dict[int, Relations]:
        known, changed_ids, changed = self.population.ids, self.changed_ids, self.changed
        found: dict[int, Relations] = {}
        for nick, ties in by_nick.items():
            user_id = changed_ids.get(nick)
            if user_id is None:
                user_id = known.get(nick)
                if user_id is None or user_id in changed:  # unknown, or gone, or called otherwise now
                    continue
            found[user_id] = ties
        return found

    def _filed_under(self, view: MessageEvaluation) -> Iterator[int]:
        """Expressions in ``elsewhere`` that may hold. Others can only for people related to the message."""
        filed, clauses = self.expressions.filed, self.expressions.clauses
        needed = {expression_id for key in view.keys for expression_id in filed.get(key, ())}
        for expression_id in needed.union(self.expressions.residual):
            held = expression_id in self.holders or expression_id in self.changed_holders
            if held and clauses[expression_id].may_hold(view):
                yield expression_id

    def _matches(
        self, view: MessageEvaluation, concerned: Mapping[int, Relations], possible: AbstractSet[int],
    ) -> list[Match]:
        changed, population = self.changed, self.population
        # Profiles are kept once, so their identity will do, and is quicker than their content.
        answers: dict[tuple[int, Relations], list[tuple[str, int]]] = {}
        matches: list[Match] = []
        for user_id, ties in concerned.items():
            profile = changed[user_id] if user_id in changed else population.profile(user_id)
            answer = answers.get((id(profile), ties))
            if answer is None:
                answer = answers[id(profile), ties] = self._ask(profile, view, ties, possible)
            matches += [Match(user_id, context, expression_id) for context, expression_id in answer]
        return matches

    def _ask(
        self, profile: Profile, view: MessageEvaluation, ties: Relations, possible: AbstractSet[int],
    ) -> list[tuple[str, int]]:
        """The first expression of each context that holds."""
        clauses, by_ties = self.expressions.clauses, self.expressions.by_ties if ties else _NOBODY
        return [
            (context, expression_id)
            for contexts, expression_ids in profile
            for expression_id in [next((
                e for e in expression_ids
                if (e in by_ties or e in possible) and clauses[e].holds(view, ties)), None)]
            if expression_id is not None
            for context in contexts
        ]


def _with_more_holders(
    holders: Mapping[int, frozenset[int]], profiles: Mapping[int, Profile], expressions: Expressions,
) -> Mapping[int, frozenset[int]]:
    added: defaultdict[int, list[int]] = defaultdict(list)
    for user_id, profile in profiles.items():
        for expression_id in expressions.among(profile):
            added[expression_id].append(user_id)
    return {**holders, **{
        expression_id: holders.get(expression_id, _NOBODY).union(user_ids)
        for expression_id, user_ids in added.items()
    }}


EMPTY: Final = Index(0, Expressions(), Population())
