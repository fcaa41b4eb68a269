"""The matching index: finds the users whom a message concerns without evaluating all filters.

"Me" in an expression depends on the *relations* between a message and a user, so all users with the same
profile and relations get the same answer, which is computed once.

Users whom a message names or whose package it's about are found by nick. Other filters are filed under the
keys that they need, with the users who have them, their *holders*. Of a user's filters only those are
evaluated that a key of the message or the user's relations to it lead to. Filters that many share are kept
compiled; all others are in a store, which compiles what a message reaches.

An index is immutable; :meth:`Index.patched` makes another one that shares all but the changed users.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Final, NamedTuple

import numpy as np

from fmn.catalog import Facts
from fmn.directory.snapshot import Directory
from fmn.filters.conditions import (
    CheckCondition,
    CheckedMessage,
    Key,
    KeyKind,
    Relations,
    group_members,
    keys_of,
    member_keys,
    owner_keys,
    owners_of,
    relations_of,
)
from fmn.filters.group_filters import NO_GROUP_FILTERS, GroupFilters
from fmn.matching.compiler import (
    Clause,
    MessageEvaluation,
    Meter,
    checks_in,
    members_asked_for,
)
from fmn.matching.index.atom_scan import AtomScanner
from fmn.matching.index.expression_store import EMPTY_STORE, ExpressionStore
from fmn.matching.index.filing import Trait, filing_of
from fmn.matching.index.holdings import NO_HOLDINGS, Holdings, holdings_of
from fmn.matching.index.key_table import key_hash
from fmn.matching.index.population import IDS, NO_FILTERS, Population, Profile, expressions_in

_NOBODY: Final[frozenset[int]] = frozenset()
_NO_NICKS: Final[frozenset[str]] = frozenset()


class Match(NamedTuple):
    """A message concerns a user in a context, because of an expression."""

    user_id: int
    context: str
    expression_id: int


@dataclass(frozen=True)
class Expressions:
    """All expressions by id: the compiled ones with their index keys, and a store with all others.

    Those ``by_trait`` have a trait. ``members`` are asked for by name. Those in ``too_large`` aren't
    evaluated, for the reason given. ``owner_kinds`` are the kinds of owners' keys that they depend on. These
    three and ``scanner`` are about the store's too.
    """

    clauses: Mapping[int, Clause] = field(default_factory=dict)
    filed: Mapping[Key, Sequence[int]] = field(default_factory=dict)
    by_trait: Mapping[int, frozenset[int]] = field(default_factory=dict)
    owner_kinds: frozenset[KeyKind] = frozenset()
    members: frozenset[str] = _NO_NICKS
    too_large: Mapping[int, str] = field(default_factory=dict)
    scanner: AtomScanner = field(default_factory=AtomScanner)
    store: ExpressionStore = EMPTY_STORE

    @classmethod
    def of_store(cls, store: ExpressionStore, clauses: Mapping[int, Clause]) -> Expressions:
        """The expressions of a store, and the clauses of those that it leaves to the index."""
        compiled = cls(
            owner_kinds=store.owner_kinds, members=store.members, too_large=store.too_large,
            store=store).with_more(clauses)
        return replace(compiled, scanner=AtomScanner().with_more(chain(store.atom_keys, compiled.filed)))

    @property
    def stores(self) -> bool:
        """Whether messages may reach expressions of the store."""
        return bool(self.store.kinds or self.store.residual)

    def __len__(self) -> int:
        return len(self.clauses) + len(self.store) - len(self.store.shared)

    def __contains__(self, expression_id: object) -> bool:
        return expression_id in self.clauses or expression_id in self.store

    def clause(self, expression_id: int) -> Clause:
        """The clause of an expression."""
        known = self.clauses.get(expression_id)
        return self.store.clause(expression_id) if known is None else known

    def with_more(self, clauses: Mapping[int, Clause]) -> Expressions:
        """A copy with more clauses."""
        filings = {expression_id: filing_of(clause) for expression_id, clause in clauses.items()}
        filed: defaultdict[Key, list[int]] = defaultdict(list)
        for expression_id, filing in filings.items():
            for key in filing.keys:
                filed[key].append(expression_id)
        return replace(
            self,
            clauses={**self.clauses, **clauses},
            filed={**self.filed, **{key: (*self.filed.get(key, ()), *ids) for key, ids in filed.items()}},
            by_trait={
                trait: self.with_trait(trait).union(
                    each for each, filing in filings.items() if filing.traits & trait)
                for trait in Trait.ALL},
            owner_kinds=self.owner_kinds.union(*(each.owner_kinds for each in filings.values())),
            members=self.members.union(*map(members_asked_for, clauses.values())),
            too_large={
                **self.too_large, **{each: clause.over for each, clause in clauses.items() if clause.over}},
            scanner=self.scanner.with_more(key for key in filed if key not in self.filed))

    def with_trait(self, trait: int) -> frozenset[int]:
        """The compiled expressions with a trait."""
        return self.by_trait.get(trait, _NOBODY)

    def has_trait(self, expression_id: int, trait: int) -> bool:
        """Whether an expression has a trait."""
        if expression_id in self.clauses:
            return expression_id in self.with_trait(trait)
        return bool(self.store.traits(expression_id) & trait)

    def among(self, profile: Profile, trait: int) -> frozenset[int]:
        """The profile's expressions that have a trait."""
        return frozenset(each for each in expressions_in(profile) if self.has_trait(each, trait))

    def with_checks(self, checks: Collection[CheckCondition]) -> Iterator[int]:
        """The expressions that have any of these metered checks."""
        for expression_id in self.with_trait(Trait.MEASURED):
            if not checks_in(self.clauses[expression_id]).isdisjoint(checks):
                yield expression_id
        yield from self.store.with_checks(checks)


@dataclass(frozen=True)
class Index:
    """A population, and the users who changed since it was loaded, at a ``revision`` of the preferences.

    ``changed`` has the profiles of all who changed, ``changed_ids`` only users with filters.
    ``group_readers`` are users with filters about their own groups: a message that concerns a group is held
    against those of them who are its members. Like holders, they are only added.

    ``holdings`` says who has what, and ``holders`` once more who has which compiled expression. With
    ``all_related`` all profiles have filters that can hold by a relation.
    """

    revision: int
    expressions: Expressions
    population: Population
    holders: Mapping[int, Sequence[int]] = field(default_factory=dict)
    holdings: Holdings = NO_HOLDINGS
    all_related: bool = True
    changed_ids: Mapping[str, int] = field(default_factory=dict)
    changed: Mapping[int, Profile] = field(default_factory=dict)
    changed_holders: Mapping[int, frozenset[int]] = field(default_factory=dict)
    group_readers: frozenset[str] = _NO_NICKS
    #: What is in members' profiles, see :mod:`fmn.matching.index.group_profiles`.
    group_filters: GroupFilters = NO_GROUP_FILTERS
    changed_group_readers: frozenset[str] = _NO_NICKS

    @classmethod
    def of(cls, revision: int, population: Population, clauses: Mapping[int, Clause]) -> Index:
        """An index of compiled expressions, by id, and users who have no others."""
        ids = sorted(clauses)
        traits = bytes(filing_of(clauses[each]).traits for each in ids)
        by_id = memoryview(array(IDS, ids))
        index = cls(revision, Expressions().with_more(clauses), population)
        return index._filled(by_id, holdings_of(population, by_id, memoryview(traits)))

    @classmethod
    def of_store(
        cls, revision: int, population: Population, store: ExpressionStore, clauses: Mapping[int, Clause],
        holdings: Holdings | None = None,
    ) -> Index:
        """An index of stored expressions, of which some are compiled, and users who have no others.

        Without ``holdings``, who has what is found out.
        """
        ids, traits = store.columns.ids, store.columns.traits
        index = cls(revision, Expressions.of_store(store, clauses), population)
        return index._filled(ids, holdings or holdings_of(population, ids, traits))

    def _filled(self, ids: memoryview, holdings: Holdings) -> Index:
        """A copy that knows who has which of the expressions with these ids."""
        compiled = list(self.expressions.clauses)
        places = zip(np.searchsorted(np.asarray(ids), compiled).tolist(), compiled, strict=True)
        by_number = holdings.holders
        holders = {each: found for place, each in places if (found := by_number.of(place))}
        return replace(
            self, holders=holders, holdings=holdings, all_related=all(holdings.related[1:]),
            group_readers=holdings.group_readers)

    def __len__(self) -> int:
        """Number of users with filters."""
        replaced = sum(1 for user_id in self.changed if user_id in self.population)
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
                nick for nick, profile in people.values() if expressions.among(profile, Trait.OWN_GROUPS)),
        )

    def holding(self, expression_ids: frozenset[int]) -> Mapping[int, frozenset[int]]:
        """Users who have any of these expressions, and which. It scans all users, so use it rarely."""
        holding = {
            user_id: found for user_id, found in self.population.holding(expression_ids)
            if user_id not in self.changed
        }
        return holding | {
            user_id: found for user_id, profile in self.changed.items()
            if (found := expression_ids & expressions_in(profile))
        }

    def match(self, facts: Facts, directory: Directory, meter: Meter | None = None) -> list[Match]:
        """The matches of a message: for each user and context the first expression that holds.

        ``meter`` meters checks that may take long.
        """
        owners = owners_of(facts, directory)
        keys = keys_of(facts, directory)
        if self.expressions.owner_kinds:
            keys |= owner_keys(facts, owners, directory, self.expressions.owner_kinds)
        keys |= member_keys(facts, directory, self.expressions.members)
        message = CheckedMessage(facts)
        if self.expressions.scanner.layers:
            keys.update(self.expressions.scanner.keys_in(message.searched))
        view = MessageEvaluation(message, keys, meter)
        related = self._by_id(relations_of(facts, owners, self._members(facts, directory)))
        reached, users = self._reached(view)
        concerned = related if self.all_related else self._by_relation(related)
        for user_id in users:
            if user_id not in concerned:
                concerned[user_id] = related.get(user_id, 0)
        return self._matches(view, concerned, reached)

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

    def _by_relation(self, related: Mapping[int, Relations]) -> dict[int, Relations]:
        """Those of the users who have filters that can hold by a relation, or changed."""
        by_profile, profile_of, changed = self.holdings.related, self.population.profile_of, self.changed
        return {
            user_id: ties for user_id, ties in related.items()
            if user_id in changed or by_profile[profile_of[user_id]]}

    def _reached(self, view: MessageEvaluation) -> tuple[set[int], set[int]]:
        """Expressions that may hold by a key of the message, and the users who have them."""
        expressions, users = set[int](), set[int]()
        found = self._filed_under(view)
        if self.expressions.stores:
            found = chain(found, self._stored_under(view))
        for expression_id, holders in found:
            changed = self.changed_holders.get(expression_id, ())
            if (holders or changed) and self.expressions.clause(expression_id).may_hold(view):
                expressions.add(expression_id)
                users.update(holders, changed)
        return expressions, users

    def _filed_under(self, view: MessageEvaluation) -> Iterator[tuple[int, Sequence[int]]]:
        filed = self.expressions.filed
        needed = {expression_id for key in view.keys for expression_id in filed.get(key, ())}
        for expression_id in needed.union(self.expressions.with_trait(Trait.RESIDUAL)):
            yield expression_id, self.holders.get(expression_id, ())

    def _stored_under(self, view: MessageEvaluation) -> Iterator[tuple[int, Sequence[int]]]:
        store, kinds = self.expressions.store, self.expressions.store.kinds
        for number in store.reached_by(key_hash(kind, value) for kind, value in view.keys if kind in kinds):
            yield store.columns.ids[number], self.holdings.holders.of(number)

    def _matches(
        self, view: MessageEvaluation, concerned: Mapping[int, Relations], reached: Collection[int],
    ) -> list[Match]:
        changed, profiles, profile_of = self.changed, self.population.profiles, self.population.profile_of
        # Profiles are kept once, so numbers, or else identities, will do, and are quicker than the content.
        answers: dict[tuple[int, Relations], list[tuple[str, int]]] = {}
        matches: list[Match] = []
        for user_id, ties in concerned.items():
            own = changed.get(user_id)
            which = profile_of[user_id] if own is None else -id(own)
            answer = answers.get((which, ties))
            if answer is None:
                profile = profiles[which] if own is None else own
                answer = answers[which, ties] = self._ask(profile, view, ties, reached)
            matches += [Match(user_id, context, expression_id) for context, expression_id in answer]
        return matches

    def _ask(
        self, profile: Profile, view: MessageEvaluation, ties: Relations, reached: Collection[int],
    ) -> list[tuple[str, int]]:
        store, clauses = self.expressions.store, self.expressions.clauses
        # Without relations nothing holds but what a key led to.
        related = self.expressions.with_trait(Trait.BY_RELATION) if ties else _NOBODY
        answer: list[tuple[str, int]] = []
        for contexts, expression_ids in profile:
            for each in expression_ids:
                if each not in reached and each not in related and (
                        not ties or each in clauses or not store.traits(each) & Trait.BY_RELATION):
                    continue
                clause = clauses[each] if each in clauses else store.clause(each)
                if clause.holds(view, ties):
                    answer += [(context, each) for context in contexts]
                    break
        return answer


def _with_more_holders(
    holders: Mapping[int, frozenset[int]], profiles: Mapping[int, Profile], expressions: Expressions,
) -> Mapping[int, frozenset[int]]:
    added: defaultdict[int, list[int]] = defaultdict(list)
    for user_id, profile in profiles.items():
        for expression_id in expressions.among(profile, Trait.ELSEWHERE):
            added[expression_id].append(user_id)
    return {**holders, **{
        expression_id: holders.get(expression_id, _NOBODY).union(user_ids)
        for expression_id, user_ids in added.items()
    }}


EMPTY: Final = Index(0, Expressions(), Population())
