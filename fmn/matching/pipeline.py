"""Notify pipeline: the stages that decide what becomes of each match, in one list.

Alertmanager's notify pipeline is the model. A match travels as a :class:`Candidate`. Each stage takes the
candidates of a batch, drops some or notes a decision on them, and returns the rest. Nothing is inserted here:
:mod:`fmn.matching.batch_recorder` writes down what the stages decided.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, partial
from itertools import groupby
from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from fmn.catalog import EventType, Facts
from fmn.catalog.events import Outcome
from fmn.catalog.outcomes import SubjectOutcome
from fmn.catalog.threads import thread_of
from fmn.filters.models import Filter
from fmn.filters.mutes import mutes_by_user
from fmn.infra.db import Base
from fmn.ledger.messages import UnmatchedMessage
from fmn.ledger.throttling import IncomingNotification, NotificationRate, recent_rate
from fmn.matching.group_rows import NO_GROUPS, Groups, group_filter_rows
from fmn.matching.index.matching_index import Match
from fmn.people.change_log import filter_changed, record_change
from fmn.people.models import Preference, User
from fmn.people.schedule import SCHEDULE_COLUMNS, Schedule, schedule_of_columns
from fmn.settings import FloodSettings


@dataclass(frozen=True)
class MatchedMessage:
    """A message of the ledger, the facts read from it, and its matches.

    It isn't ``complete`` if it has more matches, which another transaction records.
    """

    stored: UnmatchedMessage
    facts: Facts
    matches: Sequence[Match]
    complete: bool = True


class Delay(NamedTuple):
    """A failure's notification waits ``until`` then, in case the subject with this ``key`` recovers."""

    key: str
    until: datetime


class MatchedPreference(NamedTuple):
    """The preference that a match is about."""

    id: int
    user_id: int
    context: str


class MatchedFilter(NamedTuple):
    """The filter that let a message through, and what it does with it."""

    id: int
    expression_id: int
    oneshot: bool
    hold_minutes: int | None


@dataclass(slots=True)
class Candidate:
    """A match on its way through the stages, and what they decided so far.

    The filter stage sets ``preference``, ``filter`` and ``schedule``; no earlier stage may read them.
    """

    message: MatchedMessage
    match: Match
    preference: MatchedPreference = field(init=False)
    filter: MatchedFilter = field(init=False)
    schedule: Schedule = field(init=False)
    batched: bool = False
    throttled: bool = False
    delay: Delay | None = None

    @property
    def event(self) -> EventType:
        """The message's event type."""
        return self.message.facts.event


#: Takes candidates in the order of their messages, and returns those that remain, in the same order.
Stage = Callable[[Sequence[Candidate]], Sequence[Candidate]]


class Pipeline:
    """The stages for one transaction. A rematch sends its candidates through the same stages again."""

    def __init__(
        self, session: Session, now: datetime, limits: FloodSettings, outcomes: Mapping[int, SubjectOutcome],
        groups: Groups = NO_GROUPS,
    ) -> None:
        rates = RateStage(session, now, limits)
        self.oneshots = OneShotStage(session)
        self._stages: tuple[Stage, ...] = (
            MuteStage(session, now),    # drops what its owner has muted
            rates,                      # counts recent notifications; locks preferences near their limit
            FilterStage(session, groups),  # reads and locks the filter behind a match; drops what is off
            self.oneshots,              # drops all but the first message of a one-shot filter
            DigestStage(now),           # batches what a digest or quiet hours hold back
            ThrottleStage(rates),       # batches what exceeds the limits
            DelayStage(now, outcomes),  # delays failures that may recover
        )

    def decide(self, batch: Sequence[MatchedMessage]) -> Sequence[Candidate]:
        """The candidates that become notifications, with what the stages decided about them."""
        candidates: Sequence[Candidate] = [
            Candidate(message, match) for message in batch for match in message.matches]
        for stage in self._stages:
            if not candidates:
                break
            candidates = stage(candidates)
        return candidates


class MuteStage:
    """Drops matches with something that the user muted: a thread, an event type or a package."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def __call__(self, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
        """Read all users' mutes at once; most batches have none."""
        muted = mutes_by_user(self._session, {each.match.user_id for each in candidates}, self._now)
        if not muted:
            return candidates
        remaining: list[Candidate] = []
        for _, of_message in groupby(candidates, key=lambda each: each.message.stored.id):
            group = list(of_message)
            facts = group[0].message.facts
            thread = cache(partial(thread_of, facts))
            silent = {
                user_id for user_id in muted.keys() & {each.match.user_id for each in group}
                if muted[user_id].active_mute(facts, thread)}
            remaining += [each for each in group if each.match.user_id not in silent]
        return remaining


class RateStage:
    """Counts the recent notifications of the preferences concerned, for :class:`ThrottleStage`.

    It may lock preferences, which has to happen before any other stage locks something: see
    :mod:`fmn.ledger.account_deletion`.
    """

    def __init__(self, session: Session, now: datetime, limits: FloodSettings) -> None:
        self._session = session
        self._now = now
        self.limits = limits
        self.rate = NotificationRate()

    def __call__(self, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
        """Count anew, with what this transaction has recorded so far; drops nothing."""
        arrivals = (
            IncomingNotification(each.match.user_id, each.match.context, each.event) for each in candidates)
        self.rate = recent_rate(self._session, arrivals, self._now, self.limits)
        return candidates


_PREFERENCES: Final = Base.metadata.tables[Preference.__tablename__]
_FILTERS: Final = Base.metadata.tables[Filter.__tablename__]
_USERS: Final = Base.metadata.tables[User.__tablename__]
#: Of a user's filters with the same expression, the last row here is the first in the user's order. Made
#: once, of the tables: making a statement of models' attributes takes longer than running it.
_ENABLED_FILTERS: Final = (
    select(_PREFERENCES.c.id, _PREFERENCES.c.user_id, _PREFERENCES.c.context, _FILTERS.c.id,
           _FILTERS.c.expression_id, _FILTERS.c.oneshot, _FILTERS.c.hold_minutes, *SCHEDULE_COLUMNS)
    .join_from(_PREFERENCES, _FILTERS, _FILTERS.c.preference_id == _PREFERENCES.c.id)
    .join(_USERS, _USERS.c.id == _PREFERENCES.c.user_id)
    .where(_PREFERENCES.c.user_id.in_(bindparam("user_ids", expanding=True)),
           _FILTERS.c.expression_id.in_(bindparam("expression_ids", expanding=True)),
           _PREFERENCES.c.enabled, _FILTERS.c.enabled)
    .order_by(_FILTERS.c.position.desc(), _FILTERS.c.id.desc())
    .with_for_update(read=True, key_share=True, of=(_PREFERENCES, _FILTERS)))


class FilterStage:
    """Reads the preference and the filter behind each match; drops matches whose filter is off or deleted.

    A filter of the person's own comes before those of their ``groups``. The rows are locked against deletion
    until the commit, since notifications refer to them.
    """

    def __init__(self, session: Session, groups: Groups = NO_GROUPS) -> None:
        self._session = session
        self._groups = groups

    def __call__(self, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
        """Read and lock the rows of all candidates at once."""
        rows = self._session.execute(_ENABLED_FILTERS, {
            "user_ids": list({each.match.user_id for each in candidates}),
            "expression_ids": list({each.match.expression_id for each in candidates})})
        found = {each.match: each for each in map(_filter_row, rows)}
        others = {each.match for each in candidates}.difference(found)
        found |= {each.match: each for each in map(
            _filter_row, group_filter_rows(self._session, others, self._groups))}
        remaining: list[Candidate] = []
        for candidate in candidates:
            if (row := found.get(candidate.match)) is not None:
                _, candidate.preference, candidate.filter, candidate.schedule = row
                remaining.append(candidate)
        return remaining


class _FilterRow(NamedTuple):
    """A filter, and the preference with the schedule that it belongs to."""

    match: Match
    preference: MatchedPreference
    filter: MatchedFilter
    schedule: Schedule


def _filter_row(row: Sequence[Any]) -> _FilterRow:
    preference_id, user_id, context, filter_id, expression_id, oneshot, hold_minutes, *schedule = row
    return _FilterRow(
        Match(user_id, context, expression_id), MatchedPreference(preference_id, user_id, context),
        MatchedFilter(filter_id, expression_id, oneshot, hold_minutes), schedule_of_columns(*schedule))


class FiredFilter(NamedTuple):
    """A one-shot filter that lets one message of the batch through, and is to be switched off for it."""

    message_id: int
    user_id: int
    context: str


class SwitchedOff(NamedTuple):
    """Filters that another worker switched off first, for another message, and whom to match again."""

    lost_filter_ids: Collection[int]
    rematch_user_ids: frozenset[int]


class OneShotStage:
    """Drops all but the first message of a one-shot filter, which is then switched off."""

    def __init__(self, session: Session) -> None:
        self._session = session
        #: By filter id: about to be switched off.
        self._fired: dict[int, FiredFilter] = {}
        #: Users to match again without their one-shot filters.
        self._skipped: set[int] = set()
        #: Ids of filters that this transaction switched off.
        self.switched_off: set[int] = set()

    def __call__(self, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
        """Note which filters fire, and for which message."""
        return [each for each in candidates if not each.filter.oneshot or self._fires(each)]

    def _fires(self, candidate: Candidate) -> bool:
        message_id, user_id = candidate.message.stored.id, candidate.match.user_id
        fired = self._fired.setdefault(
            candidate.filter.id, FiredFilter(message_id, user_id, candidate.preference.context))
        if fired.message_id != message_id:
            self._skipped.add(user_id)
            return False
        return True

    def forget(self, user_ids: Collection[int]) -> None:
        """Forget what fired for these users: they are matched again."""
        self._fired = {
            filter_id: fired for filter_id, fired in self._fired.items() if fired.user_id not in user_ids}
        self._skipped -= set(user_ids)

    def switch_off(self) -> SwitchedOff:
        """Switch off the filters that fired.

        Users are to be matched again if their filter would have let a second message through, or if another
        worker switched it off first.
        """
        if not self._fired:
            return SwitchedOff((), frozenset())
        fired, self._fired = self._fired, {}
        # Every worker locks in this order, so that no two wait for each other.
        self._session.execute(
            select(Filter.id).where(Filter.id.in_(fired)).order_by(Filter.id)
            .with_for_update(key_share=True))
        off = set(self._session.scalars(
            update(Filter).where(Filter.id.in_(fired), Filter.enabled).values(enabled=False)
            .returning(Filter.id).execution_options(synchronize_session=False)))
        self.switched_off |= off
        for context in {fired[filter_id].context for filter_id in off}:
            users = [fired[each].user_id for each in off if fired[each].context == context]
            record_change(self._session, users, filter_changed(context, "state"))
        lost = fired.keys() - off
        skipped, self._skipped = self._skipped, set()
        return SwitchedOff(lost, frozenset(skipped.union(fired[filter_id].user_id for filter_id in lost)))


class DigestStage:
    """Batches what the preference's schedule defers: digests, and quiet hours."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def __call__(self, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
        """Decide for each; drops nothing."""
        for each in candidates:
            each.batched = each.schedule.is_deferred(self._now, severe=each.event.severity.is_severe)
        return candidates


class ThrottleStage:
    """Batches immediate notifications that exceed ``fmn.flood``'s limits within its window."""

    def __init__(self, rates: RateStage) -> None:
        self._rates = rates

    def __call__(self, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
        """Decide for each, in order, and count it; drops nothing."""
        rate = self._rates.rate
        for each in candidates:
            if not each.batched:
                each.batched = each.throttled = self._exceeds(rate, each.preference.id, each.event)
                rate.add(each.preference.id, each.event)
        return candidates

    def _exceeds(self, rate: NotificationRate, preference_id: int, event: EventType) -> bool:
        limits = self._rates.limits
        if rate.by_event[preference_id, event.name] >= limits.per_event:
            return True
        # Only events of the same type throttle a severe one: amid a mass rebuild, a host that is down comes
        # immediately.
        return not event.severity.is_severe and rate.total[preference_id] >= limits.per_preference


class DelayStage:
    """Delays notifications of failures by the filter's recovery time, in minutes."""

    def __init__(self, now: datetime, outcomes: Mapping[int, SubjectOutcome]) -> None:
        self._now = now
        self._outcomes = outcomes

    def __call__(self, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
        """Decide for each; drops nothing."""
        for each in candidates:
            minutes = each.filter.hold_minutes
            outcome = self._outcomes.get(each.message.stored.id) if minutes else None
            if minutes and outcome is not None and outcome.outcome is Outcome.FAILED:
                each.delay = Delay(outcome.key, self._now + timedelta(minutes=minutes))
        return candidates
