"""Loads the index from the database: all users in bulk, changed users one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from threading import Lock
from typing import Final, NamedTuple

import structlog
from sqlalchemy import Select, String, Text, cast, exists, func, literal, select, type_coerce
from sqlalchemy.orm import Session

from fmn.directory.snapshot import Directory
from fmn.filters.group_filters import load_group_filters, members_with_filters
from fmn.filters.models import Filter, StoredExpression
from fmn.filters.rule_types import RuleTypes
from fmn.infra import metrics
from fmn.infra.db import Base, Database
from fmn.infra.id_lists import in_ids
from fmn.matching.compiler import Clause
from fmn.matching.index.expression_store_builder import ExpressionStoreBuilder
from fmn.matching.index.group_profiles import ids_of, inherited_by, moved_members, with_inherited
from fmn.matching.index.matching_index import EMPTY, Index
from fmn.matching.index.population import Population, Profile, expressions_in
from fmn.matching.index.snapshots import IndexSnapshots
from fmn.matching.index.stored_clauses import compile_error, stored_clause
from fmn.people.change_log import changes_since, current_revision
from fmn.people.models import Preference, User

log = structlog.get_logger()

#: Where nobody is in a group.
NO_DIRECTORY: Final = Directory()
_USER_ID: Final = Base.metadata.tables[User.__tablename__].c.id
_EXPRESSION_ID: Final = Base.metadata.tables[StoredExpression.__tablename__].c.id

#: Past so many changed people a fresh load is cheaper than carrying them beside the population.
MAX_CHANGED: Final = 100_000
#: Expressions that are kept compiled: those that most people have, and residual ones.
MAX_SHARED: Final = 10_000
MAX_RESIDUAL: Final = 20_000
#: Rows fetched at a time: enough to make round trips cheap, little enough to stay small in memory.
ROWS_AT_ONCE: Final = 20_000

#: A user's id, nick and enabled filters.
IndexedUser = tuple[int, str, Profile]


def load_index(
    session: Session, rule_types: RuleTypes, on_user: Callable[[], object] | None = None, *,
    directory: Directory = NO_DIRECTORY,
) -> Index:
    """The index of everyone's enabled filters, and of those of the groups that the directory says they're in.

    ``on_user`` is called once for each of the users that :func:`indexed_users` counts.
    """
    revision = current_revision(session)
    users = _people(session, _everyone())
    group_filters = load_group_filters(session, directory.groups)
    population = Population.of(with_inherited(
        users if on_user is None else _reported(users, on_user), inherited_by(session, group_filters)))
    used, shared = population.most_shared(MAX_SHARED)
    builder = ExpressionStoreBuilder(rule_types, shared, MAX_SHARED + MAX_RESIDUAL)
    for expression_id, body in _stored(session, used):
        builder.add(expression_id, body)
    index = Index.of_store(revision, population, builder.finish(), builder.clauses)
    return replace(index, group_filters=group_filters)


def _stored(session: Session, used: Sequence[int]) -> Iterator[tuple[int, str]]:
    """The bodies of used expressions, whose ids are sorted: some more are stored, for undoing edits."""
    wanted = iter(used)
    next_wanted = next(wanted, None)
    statement = _expressions().order_by(StoredExpression.id)
    for expression_id, body in session.execute(statement, execution_options={"yield_per": ROWS_AT_ONCE}):
        while next_wanted is not None and next_wanted < expression_id:
            next_wanted = next(wanted, None)
        if expression_id == next_wanted:
            yield expression_id, body


def indexed_users(session: Session) -> int:
    """The number of users with enabled filters."""
    return session.scalar(select(func.count()).select_from(_everyone().subquery())) or 0


def _reported(users: Iterator[IndexedUser], on_user: Callable[[], object]) -> Iterator[IndexedUser]:
    for user in users:
        on_user()
        yield user


def refresh_index(
    session: Session, index: Index, rule_types: RuleTypes, directory: Directory = NO_DIRECTORY,
) -> Index:
    """The index with the current preferences and members; the same object if nobody changed."""
    changes = changes_since(session, index.revision)
    if changes.revision == index.revision and index is not EMPTY and _same_members(index, directory):
        return index
    if index is EMPTY or not changes.complete or len(index.changed) > MAX_CHANGED:
        return load_index(session, rule_types, directory=directory)
    group_filters = load_group_filters(session, directory.groups)
    moved = ids_of(session, moved_members(index.group_filters, group_filters))
    if len(moved) > MAX_CHANGED:
        return load_index(session, rule_types, directory=directory)
    changed = changes.user_ids | moved
    own = _people(session, _everyone().where(in_ids(_USER_ID, "ids")), {"ids": [*changed]})
    inherited = inherited_by(session, group_filters, changed)
    people = {user_id: (nick, profile) for user_id, nick, profile in with_inherited(own, inherited)}
    wanted = {each for _, profile in people.values() for each in expressions_in(profile)}
    new = dict(_compiled(
        session, _expressions().where(in_ids(_EXPRESSION_ID, "ids")), rule_types,
        {"ids": [each for each in wanted if each not in index.expressions]}))
    patched = index.patched(changes.revision, people, changed - people.keys(), new)
    return replace(patched, group_filters=group_filters)


def _same_members(index: Index, directory: Directory) -> bool:
    """Whether the groups that have filters have the members that they had."""
    known = index.group_filters.members
    # As dictionaries: these don't compare a set with itself, which takes 0.13 ms for 10,000 members.
    return {group: members_with_filters(directory.groups, group) for group in known} == known


def index_of(
    session: Session, user_ids: Collection[int], index: Index, rule_types: RuleTypes,
    directory: Directory = NO_DIRECTORY,
) -> Index:
    """An index of these users alone, with their current preferences.

    Compiled expressions are taken from ``index``, which may be older, as far as it has them.
    """
    inherited = inherited_by(session, load_group_filters(session, directory.groups), user_ids)
    people = list(with_inherited(_people(session, _everyone().where(User.id.in_(user_ids))), inherited))
    wanted = {each for _, _, profile in people for _, expression_ids in profile for each in expression_ids}
    known = {each: index.expressions.clause(each) for each in wanted if each in index.expressions}
    new = _expressions().where(StoredExpression.id.in_(wanted - known.keys()))
    compiled = dict(_compiled(session, new, rule_types)) if len(known) < len(wanted) else {}
    return Index.of(index.revision, Population.of(people), {**known, **compiled})


class UnusableFilter(NamedTuple):
    """An enabled filter that can't be evaluated, and why."""

    nick: str
    context: str
    name: str
    reason: str


def unusable_filters(session: Session, rule_types: RuleTypes) -> Sequence[UnusableFilter]:
    """Enabled filters that match nothing since they can't be evaluated, in order of users."""
    used = _expressions().where(exists().where(Filter.expression_id == StoredExpression.id, Filter.enabled))
    reasons = {
        expression_id: reason for expression_id, body in session.execute(used)
        if (reason := compile_error(body, rule_types))}
    rows = session.execute(
        select(User.nick, Preference.context, Filter.name, Filter.expression_id)
        .join(Preference, Preference.user_id == User.id).join(Filter, Filter.preference_id == Preference.id)
        .where(Filter.expression_id.in_(reasons), Filter.enabled, Preference.enabled)
        .order_by(User.nick, Preference.context, Filter.position))
    return [UnusableFilter(nick, context, name, reasons[asked]) for nick, context, name, asked in rows]


class CurrentIndex:
    """The current index of a process. Threads share it.

    It begins with the snapshot on disk, if there's one that fits, and writes one when it was loaded anew.
    """

    def __init__(
        self, database: Database, rule_types: RuleTypes, snapshots: IndexSnapshots | None = None,
    ) -> None:
        self._database = database
        self._rule_types = rule_types
        self._snapshots = snapshots
        self._index = EMPTY
        self._lock = Lock()

    def current(self, directory: Directory = NO_DIRECTORY) -> Index:
        """The index, brought up to date: preferences saved before this call count, and members of groups."""
        with self._lock:
            with self._database.reading() as session:
                _see_one_state(session)
                index = self._refreshed(session, directory)
            metrics.index_checked.set_to_current_time()
            if index is not self._index:
                self._index = index
                metrics.index_users.set(len(index))
                metrics.index_expressions.set(len(index.expressions))
            return index


    def _refreshed(self, session: Session, directory: Directory) -> Index:
        known = self._index
        if self._snapshots is not None and known is EMPTY:
            found = self._snapshots.load(session)
            known = EMPTY if found is None else found
        index = refresh_index(session, known, self._rule_types, directory)
        if self._snapshots is not None and index.population is not known.population:
            self._snapshots.save(session, index)
        return index


def _see_one_state(session: Session) -> None:
    """Give a transaction that begins one snapshot for all queries, as SQLite does by itself."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _everyone() -> Select[int, str, str]:
    """All users' ids, nicks and enabled filters, these as lines of ``position:expression:context``."""
    entry = (
        cast(Filter.position, String) + literal(":") + cast(Filter.expression_id, String) + literal(":")
        + Preference.context
    )
    return (
        select(User.id, User.nick, func.aggregate_strings(entry, "\n"))
        .join(Preference, Preference.user_id == User.id)
        .join(Filter, Filter.preference_id == Preference.id)
        .where(Preference.enabled, Filter.enabled)
        .group_by(User.id, User.nick)
    )


def _people(
    session: Session, statement: Select[int, str, str], given: Mapping[str, object] | None = None,
) -> Iterator[IndexedUser]:
    known: dict[str, Profile] = {}  # most people's filters are the same few texts
    rows = session.execute(statement, given, execution_options={"yield_per": ROWS_AT_ONCE})
    for user_id, nick, filters in rows:
        profile = known.get(filters)
        if profile is None:
            profile = known[filters] = _profile(filters)
        yield user_id, nick, profile


def _profile(filters: str) -> Profile:
    in_order: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for line in filters.split("\n"):
        position, expression_id, context = line.split(":", 2)
        in_order[context].append((int(position), int(expression_id)))
    alike: defaultdict[tuple[int, ...], list[str]] = defaultdict(list)
    for context, found in sorted(in_order.items()):
        alike[tuple(expression_id for _, expression_id in sorted(found))].append(context)
    return tuple((tuple(contexts), expression_ids) for expression_ids, contexts in alike.items())


def _expressions() -> Select[int, str]:
    """Ids and stored bodies. Parsing a body may fail, so it comes later, for each by itself."""
    return select(StoredExpression.id, type_coerce(StoredExpression.body, Text))


def _compiled(
    session: Session, statement: Select[int, str], rule_types: RuleTypes,
    given: Mapping[str, object] | None = None,
) -> Iterator[tuple[int, Clause]]:
    for expression_id, body in session.execute(statement, given):
        yield expression_id, stored_clause(expression_id, body, rule_types)
