"""Loading the index from the database, in bulk, and the few people who changed, one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from threading import Lock
from typing import Any, Final

import structlog
from sqlalchemy import Select, String, cast, func, literal, select
from sqlalchemy.orm import Session

from fmn import metrics
from fmn.db import Database
from fmn.filters.expressions import MalformedExpressionError, expression_from_json
from fmn.filters.models import Filter, StoredExpression
from fmn.filters.rule_types import RuleError, RuleTypes
from fmn.matching.compiler import NEVER, Clause, compile_expression
from fmn.matching.index import EMPTY, NO_FILTERS, Expressions, Index, Profile, population_of
from fmn.people.changes import changes_since, current_revision
from fmn.people.models import Preference, User

log = structlog.get_logger()

#: Past so many changed people a fresh load is cheaper than carrying them beside the population.
MOST_CHANGED: Final = 100_000
#: Rows fetched at a time: enough to make round trips cheap, little enough to stay small in memory.
ROWS_AT_ONCE: Final = 20_000


def load_index(session: Session, rule_types: RuleTypes) -> Index:
    """The index of everyone's enabled filters. The revision is read first: what is newer comes again."""
    revision = current_revision(session)
    expressions = Expressions.of(_clauses(session.execute(
        select(StoredExpression.id, StoredExpression.body)), rule_types))
    profiles = _Profiles()
    rows = session.execute(_people(), execution_options={"yield_per": ROWS_AT_ONCE})
    people = ((user_id, nick, profiles.read(filters)) for user_id, nick, filters in rows)
    return Index(revision, expressions, population_of(people, expressions))


def refresh_index(session: Session, index: Index, rule_types: RuleTypes) -> Index:
    """The index as the preferences are now; the same object if nobody changed."""
    changes = changes_since(session, index.revision)
    if changes.revision == index.revision and index is not EMPTY:
        return index
    if index is EMPTY or not changes.complete or len(index.changed) > MOST_CHANGED:
        return load_index(session, rule_types)
    profiles = _Profiles()
    people = {
        user_id: (nick, profiles.read(filters))
        for user_id, nick, filters in session.execute(_people(changes.user_ids))
    }
    used = {e for _, profile in people.values() for _, expression_ids in profile for e in expression_ids}
    new = session.execute(
        select(StoredExpression.id, StoredExpression.body)
        .where(StoredExpression.id.in_(used - index.expressions.clauses.keys())))
    return index.patched(changes.revision, people, changes.user_ids - people.keys(), _clauses(new, rule_types))


class Matcher:
    """The current index of a process. Threads share it."""

    def __init__(self, database: Database, rule_types: RuleTypes) -> None:
        self._database = database
        self._rule_types = rule_types
        self._index = EMPTY
        self._lock = Lock()

    def current(self) -> Index:
        """The index, brought up to date: what was saved before this call counts."""
        with self._lock:
            with self._database.transaction() as session:
                self._index = refresh_index(session, self._index, self._rule_types)
            metrics.index_users.set(len(self._index))
            return self._index


class _Profiles:
    """Reads profiles as the database gathers them; most people's are the same few texts."""

    def __init__(self) -> None:
        self._known: dict[str, Profile] = {}

    def read(self, filters: str) -> Profile:
        known = self._known.get(filters)
        if known is None:
            known = self._known[filters] = _profile(filters)
        return known


def _profile(filters: str) -> Profile:
    contexts: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for entry in filters.split(","):
        context, position, expression_id = entry.split(":")
        contexts[context].append((int(position), int(expression_id)))
    return tuple(
        (context, tuple(expression_id for _, expression_id in sorted(found)))
        for context, found in sorted(contexts.items())
    ) or NO_FILTERS


def _people(user_ids: Iterable[int] | None = None) -> Select[int, str, str]:
    """Everyone's id, nick and enabled filters, these as ``context:position:expression,…``."""
    entry = (
        Preference.context + literal(":") + cast(Filter.position, String)
        + literal(":") + cast(Filter.expression_id, String)
    )
    statement = (
        select(User.id, User.nick, func.aggregate_strings(entry, ","))
        .join(Preference, Preference.user_id == User.id)
        .join(Filter, Filter.preference_id == Preference.id)
        .where(Preference.enabled, Filter.enabled)
        .group_by(User.id, User.nick)
    )
    return statement if user_ids is None else statement.where(User.id.in_(user_ids))


def _clauses(rows: Iterable[Any], rule_types: RuleTypes) -> Mapping[int, Clause]:
    return dict(_compiled(rows, rule_types))


def _compiled(rows: Iterable[Any], rule_types: RuleTypes) -> Iterator[tuple[int, Clause]]:
    for expression_id, body in rows:
        try:
            yield expression_id, compile_expression(expression_from_json(body), rule_types)
        except (RuleError, MalformedExpressionError) as error:
            # One person's mistake is theirs alone: it matches nothing, and the preview tells them.
            log.warning("filter can't be asked", expression_id=expression_id, reason=str(error))
            yield expression_id, NEVER
