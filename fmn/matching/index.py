"""The index: finds the people a message concerns without looking at the others.

Everyone's filters are a *profile*: for each context the expressions in the user's order. People with the
same filters share one profile, and "me" in an expression is answered by the *ties* between a message
and a person, so all who share a profile and have the same ties get the same answer, found once.

Whoever a message names or whose package it is about is at hand by name. Filters that ask about something
else are filed under the keys that they need, with the people who have them. An index is immutable;
:meth:`Index.patched` makes another that shares all but the changed people.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from fmn.catalog import Facts
from fmn.directory.snapshot import Directory
from fmn.filters.conditions import Key, KeyKind, Subject, Tie, keys_of, owner_keys, owners_of
from fmn.matching.compiler import NEVER, Access, Clause, View, access_of

#: Ids of expressions, in a user's order, by context.
Profile = tuple[tuple[str, tuple[int, ...]], ...]

#: The profile of people without filters.
NO_FILTERS: Final[Profile] = ()

_OWNER_KINDS: Final = frozenset({KeyKind.COMMITS, KeyKind.WATCHES})
_NOBODY: Final[frozenset[int]] = frozenset()


class Match(NamedTuple):
    """A message concerns a user in a context, because of an expression."""

    user_id: int
    context: str
    expression_id: int


@dataclass(frozen=True)
class Expressions:
    """All compiled expressions by id, and where they're filed."""

    clauses: Mapping[int, Clause]
    filed: Mapping[Key, tuple[int, ...]]
    residual: tuple[int, ...]
    asks_for_owners: bool

    @classmethod
    def of(cls, clauses: Mapping[int, Clause]) -> Expressions:
        """File the clauses."""
        filed: defaultdict[Key, list[int]] = defaultdict(list)
        residual: list[int] = []
        for expression_id, clause in clauses.items():
            if clause.never:
                continue
            place: Access = access_of(clause)
            if place.residual:
                residual.append(expression_id)
            for key in place.keys:
                filed[key].append(expression_id)
        return cls(
            clauses, {key: tuple(ids) for key, ids in filed.items()}, tuple(residual),
            any(_asks_for_owners(clause) for clause in clauses.values()))

    def filed_elsewhere(self) -> frozenset[int]:
        """Expressions that can hold for people whom the message neither names nor knows as owners."""
        return frozenset(self.residual).union(*self.filed.values())


def _asks_for_owners(clause: Clause) -> bool:
    keys = clause.forbidden_keys.union(*(has.keys for has in clause.required))
    return any(kind in _OWNER_KINDS for kind, _ in keys) or any(
        _asks_for_owners(part) for either in clause.alternatives for part in either)


@dataclass(frozen=True)
class Population:
    """People in bulk: ids by nick, and for each id the number of a profile in ``profiles`` (0: none)."""

    ids: Mapping[str, int] = field(default_factory=dict)
    profile_of: array[int] = field(default_factory=lambda: array("I"))
    profiles: Sequence[Profile] = (NO_FILTERS,)
    holders: Mapping[int, Sequence[int]] = field(default_factory=dict)

    def profile(self, user_id: int) -> Profile:
        """The user's profile."""
        known = user_id < len(self.profile_of)
        return self.profiles[self.profile_of[user_id]] if known else NO_FILTERS


@dataclass(frozen=True)
class Index:
    """A population, and what changed since it was loaded. ``revision`` is the preferences' one."""

    revision: int
    expressions: Expressions
    population: Population
    changed_ids: Mapping[str, int] = field(default_factory=dict)
    changed: Mapping[int, Profile] = field(default_factory=dict)
    changed_holders: Mapping[int, frozenset[int]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.population.ids) + len(self.changed_ids.keys() - self.population.ids.keys())

    def patched(
        self, revision: int, people: Mapping[int, tuple[str, Profile]], gone: Iterable[int],
        clauses: Mapping[int, Clause],
    ) -> Index:
        """The index with these people's new nicks and profiles, without those who are gone.

        ``clauses`` are the compiled expressions that this index doesn't have yet. Holders are only
        added: a person found by an expression they no longer have is asked by their profile anyway.
        """
        expressions = Expressions.of({**self.expressions.clauses, **clauses}) if clauses else self.expressions
        changed = {**self.changed, **dict.fromkeys(gone, NO_FILTERS)}
        changed |= {user_id: profile for user_id, (_, profile) in people.items()}
        holders = _holders({user_id: profile for user_id, (_, profile) in people.items()},
                           expressions.filed_elsewhere())
        return replace(
            self, revision=revision, expressions=expressions, changed=changed,
            changed_ids={**self.changed_ids, **{nick: user_id for user_id, (nick, _) in people.items()}},
            changed_holders={
                expression_id: self.changed_holders.get(expression_id, _NOBODY).union(holders.get(expression_id, ()))
                for expression_id in self.changed_holders.keys() | holders.keys()
            },
        )

    def match(self, facts: Facts, directory: Directory) -> list[Match]:
        """Whom a message concerns: for each user and context the first expression that holds."""
        owners = owners_of(facts, directory)
        keys = keys_of(facts, directory)
        if self.expressions.asks_for_owners:
            keys |= owner_keys(owners)
        view = View(Subject(facts), keys)
        ties = self._ties(facts, owners)
        for user_id in self._filed_under(view):
            ties.setdefault(user_id, Tie(0))
        return list(self._matches(view, ties))

    def _ties(self, facts: Facts, owners: Mapping[str, Tie]) -> dict[int, Tie]:
        ties: dict[int, Tie] = {}
        for nick, tie in owners.items():
            if (user_id := self._id(nick)) is not None:
                ties[user_id] = tie
        for nick in facts.usernames:
            if (user_id := self._id(nick)) is not None:
                acted = Tie.ACTED if nick == facts.agent else Tie(0)
                ties[user_id] = ties.get(user_id, Tie(0)) | Tie.NAMED | acted
        return ties

    def _filed_under(self, view: View) -> Iterator[int]:
        filed, clauses = self.expressions.filed, self.expressions.clauses
        needed = {expression_id for key in view.keys for expression_id in filed.get(key, ())}
        for expression_id in needed.union(self.expressions.residual):
            if clauses[expression_id].may_hold(view):
                yield from self.population.holders.get(expression_id, ())
                yield from self.changed_holders.get(expression_id, ())

    def _matches(self, view: View, ties: Mapping[int, Tie]) -> Iterator[Match]:
        # Profiles are kept once, so their identity will do, and is quicker than their content.
        answers: dict[tuple[int, Tie], list[tuple[str, int]]] = {}
        for user_id, tie in ties.items():
            profile = self._profile(user_id)
            answer = answers.get((id(profile), tie))
            if answer is None:
                answer = answers[id(profile), tie] = self._ask(profile, view, tie)
            for context, expression_id in answer:
                yield Match(user_id, context, expression_id)

    def _ask(self, profile: Profile, view: View, tie: Tie) -> list[tuple[str, int]]:
        clauses = self.expressions.clauses
        return [
            (context, first)
            for context, expression_ids in profile
            if (first := next((e for e in expression_ids if clauses[e].holds(view, tie)), None)) is not None
        ]

    def _id(self, nick: str) -> int | None:
        user_id = self.changed_ids.get(nick)
        return self.population.ids.get(nick) if user_id is None else user_id

    def _profile(self, user_id: int) -> Profile:
        profile = self.changed.get(user_id)
        return self.population.profile(user_id) if profile is None else profile


def _holders(profiles: Mapping[int, Profile], wanted: frozenset[int]) -> dict[int, list[int]]:
    holders: defaultdict[int, list[int]] = defaultdict(list)
    for user_id, profile in profiles.items():
        for expression_id in {e for _, expression_ids in profile for e in expression_ids} & wanted:
            holders[expression_id].append(user_id)
    return dict(holders)


def population_of(
    people: Iterable[tuple[int, str, Profile]], expressions: Expressions,
) -> Population:
    """Take in people by id, nick and profile; equal profiles are kept once."""
    numbers: dict[Profile, int] = {NO_FILTERS: 0}
    ids: dict[str, int] = {}
    profile_of = array("I")
    wanted = expressions.filed_elsewhere()
    holders: defaultdict[int, array[int]] = defaultdict(lambda: array("q"))
    for user_id, nick, profile in people:
        ids[nick] = user_id
        number = numbers.setdefault(profile, len(numbers))
        if user_id >= len(profile_of):
            profile_of.extend([0] * (user_id + 1 - len(profile_of)))
        profile_of[user_id] = number
        if wanted:
            for expression_id in {e for _, expression_ids in profile for e in expression_ids} & wanted:
                holders[expression_id].append(user_id)
    return Population(ids, profile_of, tuple(numbers), dict(holders))


EMPTY: Final = Index(0, Expressions.of({0: NEVER}), Population())
