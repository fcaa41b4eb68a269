"""Watches of a person: filters that watch a subject, found by their expressions. All edits are idempotent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from fmn.errors import ConflictError, UserError
from fmn.filters.editing import add_filter, edit_filter
from fmn.filters.locking import (
    atomic,
    delete_filters,
    deleted,
    lock_preference,
    ordered_filters,
    record_edit,
    renumber,
)
from fmn.filters.models import Filter, StoredExpression
from fmn.filters.spec import FilterSpec
from fmn.filters.undo import before_edit, save_undo
from fmn.filters.watch_subjects import FIELD, Subject, WatchLevel, watched_subject
from fmn.people.models import Preference
from fmn.translations import gettext


@dataclass(frozen=True)
class Watch:
    """A filter that watches a subject for somebody in a context. ``on`` is whether it can match now."""

    filter_id: int
    name: str
    context: str
    level: WatchLevel
    on: bool


@dataclass(frozen=True)
class WatchedSubject:
    """A subject that somebody watches in a context, and the filter by which they do."""

    subject: Subject
    level: WatchLevel
    filter: Filter


@dataclass(frozen=True)
class WatchChange:
    """Result of a change. ``undo_id`` undoes it; it's ``None`` if nothing was changed."""

    name: str
    undo_id: int | None


def watches_of(session: Session, user_id: int, nick: str, subject: Subject) -> Sequence[Watch]:
    """The watches of a user of a subject, in one statement."""
    levels = subject.digests(nick)
    rows = session.execute(
        select(Filter.id, Filter.name, Filter.enabled, Preference.context, StoredExpression.digest)
        .join(Preference, Preference.id == Filter.preference_id)
        .join(StoredExpression, StoredExpression.id == Filter.expression_id)
        .where(Preference.user_id == user_id, StoredExpression.digest.in_(levels))
        .order_by(Preference.id, Filter.position))
    return [Watch(row.id, row.name, row.context, levels[row.digest], row.enabled) for row in rows]


def watched_subjects(session: Session, preference: Preference) -> Sequence[WatchedSubject]:
    """All that a preference's owner watches by it, each subject once, in the order of the filters."""
    filters = session.scalars(
        select(Filter).options(joinedload(Filter.stored)).where(Filter.preference_id == preference.id)
        .order_by(Filter.position, Filter.id))
    found: dict[Subject, WatchedSubject] = {}
    for each in filters:
        expression = each.stored.expression_or_none
        watched = watched_subject(expression, preference.user.nick) if expression else None
        if watched is not None and watched[0] not in found:
            found[watched[0]] = WatchedSubject(*watched, each)
    return list(found.values())


def find_watch(session: Session, preference: Preference, subject: Subject) -> WatchedSubject | None:
    """How much a preference's owner watches of a subject by it, ``None`` if they don't watch it."""
    for row, level in _watching(session, preference, subject).items():
        return WatchedSubject(subject, level, row)
    return None


@atomic
def watch(
    session: Session, preference: Preference, subject: Subject, level: WatchLevel, seen: int | None = None,
) -> WatchChange:
    """Watch a subject at a level: add a filter, or change the one that watches it already.

    ``seen`` is the version of the filter that the caller saw: :class:`~fmn.errors.ConflictError` is raised if
    it has another one, or is gone. Raises :class:`~fmn.errors.UserError` for a level that such a subject
    doesn't have, and if there's no room or budget.
    """
    if level not in subject.levels:
        raise UserError(gettext("Choose one of the levels."), FIELD)
    owned = lock_preference(session, preference.id)
    found = _watching(session, owned, subject)
    if seen is not None and seen not in [each.version for each in islice(found, 1)]:
        raise ConflictError
    if not found:
        added = add_filter(session, owned, subject.spec(level))
        return WatchChange(added.name, save_undo(session, owned, (), [added]))
    row = next(iter(found))
    if found[row] is level and row.enabled:
        return WatchChange(row.name, None)
    before = before_edit(row)
    expression = subject.expression(level)
    edit_filter(session, row.id, lambda spec: _watching_again(spec).replaced(expression=expression))
    return WatchChange(row.name, save_undo(session, owned, (), edited=[(before, row)]))


def _watching_again(spec: FilterSpec) -> FilterSpec:
    return spec if spec.enabled else spec.replaced(enabled=True, snoozed_until=None)


@atomic
def unwatch(session: Session, preference: Preference, subject: Subject) -> WatchChange | None:
    """Delete the filters of a preference that watch a subject. Returns ``None`` if there are none."""
    owned = lock_preference(session, preference.id)
    found = _watching(session, owned, subject)
    if not found:
        return None
    removed = delete_filters(session, Filter.id.in_([each.id for each in found]))
    renumber(ordered_filters(session, owned.id))
    kept = save_undo(session, owned, removed)
    record_edit(session, owned, filters=deleted(removed))
    return WatchChange(removed[0].name, kept)


def _watching(session: Session, preference: Preference, subject: Subject) -> Mapping[Filter, WatchLevel]:
    """The filters that watch the subject, in order of position, with their levels."""
    levels = subject.digests(preference.user.nick)
    rows = session.execute(
        select(Filter, StoredExpression.digest)
        .join(StoredExpression, StoredExpression.id == Filter.expression_id)
        .where(Filter.preference_id == preference.id, StoredExpression.digest.in_(levels))
        .order_by(Filter.position, Filter.id), execution_options={"populate_existing": True})
    return {row: levels[digest] for row, digest in rows}
