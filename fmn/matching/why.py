"""Why a user is notified of a message or not: the verdict of each of their filters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from fmn.catalog import Facts
from fmn.catalog.threads import thread_of
from fmn.filters.expressions import MalformedExpressionError
from fmn.filters.group_filters import inherited_filters
from fmn.filters.models import Filter
from fmn.filters.mutes import ActiveMute, mutes_by_user
from fmn.ledger.models import Notification
from fmn.matching.verdicts import ExpressionEvaluator, Verdict, first_refusal
from fmn.people.models import Preference, User


class FilterState(StrEnum):
    """Whether a filter counts, and if not, why."""

    ON = "on"
    OFF = "off"
    SNOOZED = "snoozed"
    #: A one-shot filter that switched itself off after its one message.
    SPENT = "spent"


@dataclass(frozen=True)
class FilterVerdict:
    """Verdict of one filter. ``lets_through`` is true of the first one that counts and holds.

    ``snoozed_until`` is set of a filter that sleeps, ``fired_at`` of a one-shot filter that is off: when its
    last notification was recorded, as far as that is kept.
    """

    filter_id: int
    name: str
    enabled: bool
    verdict: Verdict
    lets_through: bool
    #: Minutes that it gives failures to recover, if it does.
    hold_minutes: int | None = None
    snoozed_until: datetime | None = None
    fired_at: datetime | None = None
    #: The group that it's from, ``""`` for one of the user's own.
    group: str = ""

    @property
    def label(self) -> str:
        """Its name, with its group's if it's from one."""
        return f"{self.name} (@{self.group})" if self.group else self.name

    @property
    def state(self) -> FilterState:
        """Whether the filter counts now."""
        if self.enabled:
            return FilterState.ON
        if self.snoozed_until is not None:
            return FilterState.SNOOZED
        return FilterState.OFF if self.fired_at is None else FilterState.SPENT

    @property
    def refusal(self) -> Verdict | None:
        """The first rule that said no; ``None`` if all said yes."""
        return None if self.verdict.holds else first_refusal(self.verdict)


@dataclass(frozen=True)
class ContextVerdict:
    """The verdicts of a user's filters in one context, in order."""

    context: str
    enabled: bool
    filters: Sequence[FilterVerdict]
    #: What keeps it from them although a filter lets it through.
    silence: ActiveMute | None = None

    @property
    def notifies(self) -> bool:
        """Whether the user is notified in this context."""
        return self.silence is None and any(one.lets_through for one in self.filters)


def why(session: Session, judge: ExpressionEvaluator, nick: str, now: datetime) -> Sequence[ContextVerdict]:
    """Verdicts of all filters of the user for whom ``judge`` evaluates, by context."""
    silence = _silence(session, judge.facts, nick, now)
    preferences = session.scalars(
        select(Preference).join(User, User.id == Preference.user_id)
        .where(User.nick == nick).order_by(Preference.context)).all()
    inherited = inherited_filters(
        session, preferences[0].user_id, nick, judge.groups) if preferences else ()
    return [
        ContextVerdict(
            preference.context, preference.enabled, list(_verdicts(session, judge, preference, inherited)),
            silence)
        for preference in preferences
    ]


def _silence(session: Session, facts: Facts, nick: str, now: datetime) -> ActiveMute | None:
    user_ids = session.scalars(select(User.id).where(User.nick == nick)).all()
    muted = mutes_by_user(session, user_ids, now).values()
    return next(
        (silence for one in muted if (silence := one.active_mute(facts, lambda: thread_of(facts)))), None)


def _verdicts(
    session: Session, judge: ExpressionEvaluator, preference: Preference, inherited: Sequence[Filter],
) -> Iterator[FilterVerdict]:
    """The verdicts of a preference's filters, and then of those ``inherited`` from groups."""
    own = session.scalars(
        select(Filter).options(joinedload(Filter.stored))
        .where(Filter.preference_id == preference.id).order_by(Filter.position, Filter.id)).all()
    filters = [*own, *inherited]
    fired = _fired(session, [one.id for one in own if one.oneshot and not one.enabled])
    found = False
    for one in filters:
        verdict = _verdict(judge, one)
        lets_through = verdict.holds and one.enabled and preference.enabled and not found
        found = found or lets_through
        yield FilterVerdict(
            one.id, one.name, one.enabled, verdict, lets_through, one.hold_minutes, one.snoozed_until,
            fired.get(one.id), one.group_name or "")


def _fired(session: Session, filter_ids: Sequence[int]) -> Mapping[int, datetime]:
    """When filters notified their owner last, by the filter's id."""
    if not filter_ids:
        return {}
    rows = session.execute(
        select(Notification.filter_id, func.max(Notification.created_at).label("fired_at"))
        .where(Notification.filter_id.in_(filter_ids)).group_by(Notification.filter_id))
    return {row.filter_id: row.fired_at for row in rows if row.filter_id is not None}


def _verdict(judge: ExpressionEvaluator, one: Filter) -> Verdict:
    try:
        return judge.verdict(one.stored.expression)
    except MalformedExpressionError as error:
        return Verdict(holds=False, words="a filter that can't be read", problem=str(error))
