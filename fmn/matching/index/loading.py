"""Loads the index from the database: all users in bulk, changed users one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Container, Iterator, Sequence
from threading import Lock
from typing import Final, NamedTuple

import structlog
from sqlalchemy import ScalarSelect, Select, String, Text, cast, exists, func, literal, select, type_coerce
from sqlalchemy.orm import Session

from fmn.filters.models import Filter, StoredExpression
from fmn.filters.rule_types import RuleTypes
from fmn.infra import metrics
from fmn.infra.db import Database
from fmn.matching.compiler import Clause
from fmn.matching.index.expression_store_builder import ExpressionStoreBuilder
from fmn.matching.index.matching_index import EMPTY, Index
from fmn.matching.index.population import Population, Profile
from fmn.matching.index.snapshots import IndexSnapshots
from fmn.matching.index.stored_clauses import compile_error, stored_clause
from fmn.people.change_log import changes_since, current_revision
from fmn.people.models import Preference, PreferenceChange, User

log = structlog.get_logger()

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
    session: Session, rule_types: RuleTypes, on_user: Callable[[], object] | None = None,
) -> Index:
    """The index of everyone's enabled filters.

    ``on_user`` is called once for each of the users that :func:`indexed_users` counts.
    """
    revision = current_revision(session)
    users = _people(session, _everyone())
    population = Population.of(users if on_user is None else _reported(users, on_user))
    used, shared = population.most_shared(MAX_SHARED)
    builder = ExpressionStoreBuilder(rule_types, shared, MAX_SHARED + MAX_RESIDUAL)
    for expression_id, body in _stored(session, used):
        builder.add(expression_id, body)
    return Index.of_store(revision, population, builder.finish(), builder.clauses)


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


def refresh_index(session: Session, index: Index, rule_types: RuleTypes) -> Index:
    """The index with the current preferences; the same object if nobody changed."""
    changes = changes_since(session, index.revision)
    if changes.revision == index.revision and index is not EMPTY:
        return index
    if index is EMPTY or not changes.complete or len(index.changed) > MAX_CHANGED:
        return load_index(session, rule_types)
    changed = (
        select(PreferenceChange.user_id).where(PreferenceChange.revision > index.revision).scalar_subquery())
    people = {
        user_id: (nick, profile)
        for user_id, nick, profile in _people(session, _everyone().where(User.id.in_(changed)))
    }
    used = _expressions().where(StoredExpression.id.in_(_used_by(changed)))
    new = dict(_compiled(session, used, rule_types, known=index.expressions))
    return index.patched(changes.revision, people, changes.user_ids - people.keys(), new)


def index_of(session: Session, user_ids: Collection[int], index: Index, rule_types: RuleTypes) -> Index:
    """An index of these users alone, with their current preferences.

    Compiled expressions are taken from ``index``, which may be older, as far as it has them.
    """
    people = list(_people(session, _everyone().where(User.id.in_(user_ids))))
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

    def current(self) -> Index:
        """The index, brought up to date: preferences saved before this call count."""
        with self._lock:
            with self._database.reading() as session:
                _see_one_state(session)
                index = self._refreshed(session)
            metrics.index_checked.set_to_current_time()
            if index is not self._index:
                self._index = index
                metrics.index_users.set(len(index))
                metrics.index_expressions.set(len(index.expressions))
            return index


    def _refreshed(self, session: Session) -> Index:
        known = self._index
        if self._snapshots is not None and known is EMPTY:
            found = self._snapshots.load(session)
            known = EMPTY if found is None else found
        index = refresh_index(session, known, self._rule_types)
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


def _people(session: Session, statement: Select[int, str, str]) -> Iterator[IndexedUser]:
    known: dict[str, Profile] = {}  # most people's filters are the same few texts
    for user_id, nick, filters in session.execute(statement, execution_options={"yield_per": ROWS_AT_ONCE}):
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


def _used_by(user_ids: ScalarSelect[int]) -> Select[int]:
    return (
        select(Filter.expression_id)
        .join(Preference, Filter.preference_id == Preference.id)
        .where(Preference.user_id.in_(user_ids))
    )


def _compiled(
    session: Session, statement: Select[int, str], rule_types: RuleTypes,
    known: Container[int] = (),
) -> Iterator[tuple[int, Clause]]:
    for expression_id, body in session.execute(statement):
        if expression_id not in known:
            yield expression_id, stored_clause(expression_id, body, rule_types)
