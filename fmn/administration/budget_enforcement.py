"""Budget enforcement: switches off filters that exceed their owner's budget and tells the owner why."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fmn.administration.audit_log import log_action
from fmn.administration.models import AuditEntry
from fmn.filters.models import Filter
from fmn.infra import metrics
from fmn.infra.db import Database
from fmn.ledger.system_deliveries import send_account_notice
from fmn.localized import number_text, series
from fmn.people.change_log import filter_changed, record_change
from fmn.people.models import Preference, User
from fmn.people.reader_language import in_language_of
from fmn.translations import gettext, mark, ngettext

if TYPE_CHECKING:
    from fmn.matching.cpu_costs import Overspent

log = structlog.get_logger()

#: Actor and action of the audit entries.
ACTOR: Final = "fmn worker"
ACTION: Final = mark("switched off for what it costs")
#: How long an owner can't add regular expressions after theirs took too long: each slow one costs a worker
#: a few seconds before it's switched off.
PATTERN_PAUSE: Final = timedelta(minutes=15)
#: How far back the administrators' overview lists owners of switched-off filters.
LATELY: Final = timedelta(days=1)
#: Most filters named in a sentence, and most characters of a name there.
NAMED: Final = 5
SHOWN: Final = 80
NO_VALUES: Final[Mapping[str, str | float]] = MappingProxyType({})

TOO_SLOW: Final = mark(
    "It takes too much computing time. All your filters together took {spent} milliseconds for a "
    "message, on average of the last {messages}, and {most} is the most; this one is among the slowest. "
    "Narrow its regular expressions, or ask for packages and applications by name. Then switch it on again.")
TOO_LARGE: Final = mark("It’s larger than a filter may be, so it isn’t asked any more. {why}")


class BudgetEnforcer:
    """Switches off filters over budget. ``most`` is a person's limit in CPU milliseconds per message."""

    def __init__(self, database: Database, most: float) -> None:
        self._database = database
        self._most = most

    def __call__(self, overspent: Sequence[Overspent], too_large: Mapping[int, str]) -> None:
        now = self._database.now()
        for each in overspent:
            # Whatever members get from a group is switched off once, where it is.
            values = {
                "spent": round(1000 * each.seconds / each.messages), "messages": each.messages,
                "most": self._most}
            with self._database.transaction() as session:
                for user_id in (each.user_id, *_groups_with(session, each.expression_ids)):
                    disable_filters(
                        session, user_id, each.expression_ids, TOO_SLOW, now, values, pause=PATTERN_PAUSE)
        for expression_id, why in too_large.items():
            with self._database.transaction() as session:
                for user_id in _owners_of(session, expression_id):
                    disable_filters(session, user_id, [expression_id], TOO_LARGE, now, {"why": why})


def disable_filters(
    session: Session, user_id: int, expression_ids: Collection[int], explanation: str, now: datetime,
    values: Mapping[str, str | float] = NO_VALUES, *, pause: timedelta | None = None,
) -> int:
    """Switch off a user's filters with these expressions and tell the user why; returns how many.

    The note beside the filter and the notice have the ``explanation``, with its ``values``, in the owner's
    language, the audit log in English.
    Filters that are off or were edited meanwhile are left alone, so several workers may do this at once. For
    ``pause`` the owner can't add regular expressions.
    """
    # Preferences, filters, and only then the revision, as everybody does: see fmn/filters/locking.py.
    preferences = session.scalars(
        select(Preference).where(Preference.user_id == user_id).order_by(Preference.id)
        .with_for_update(key_share=True)).all()
    contexts = {each.id: each.context for each in preferences}
    stopped = session.scalars(
        select(Filter)
        .where(Filter.preference_id.in_(contexts), Filter.expression_id.in_(expression_ids), Filter.enabled)
        .order_by(Filter.id).with_for_update(), execution_options={"populate_existing": True}).all()
    if not stopped:
        return 0
    with in_language_of(session, user_id):
        note = _filled(explanation, values)
    for each in stopped:
        each.enabled, each.stop_reason = False, note
    owner = session.get_one(User, user_id)
    owner.patterns_paused_until = now + pause if pause else owner.patterns_paused_until
    session.flush()
    changed = dict.fromkeys(filter_changed(contexts[each.preference_id], "state") for each in stopped)
    record_change(session, [user_id], *changed)
    names = _notify_owner(session, owner, stopped, note, now)
    reason = _filled(explanation, values)
    log_action(session, ACTOR, ACTION, owner.nick, filters=names, filter_ids=[each.id for each in stopped],
        note=reason)
    metrics.filters_switched_off.inc(len(stopped))
    log.warning("filters switched off", nick=owner.nick, filters=names, reason=reason)
    return len(stopped)


def _filled(explanation: str, values: Mapping[str, str | float]) -> str:
    """An explanation in the language that is spoken, with its values."""
    return gettext(explanation).format(**{
        name: value if isinstance(value, str) else number_text(value) for name, value in values.items()})


def _notify_owner(
    session: Session, owner: User, stopped: Sequence[Filter], note: str, now: datetime,
) -> Sequence[str]:
    """Send the owner a notice. Returns the filters' names."""
    names = list(dict.fromkeys(each.name[:SHOWN] for each in stopped))
    with in_language_of(session, owner.id):
        sentence = ngettext(
            "Your filter {names} was switched off.", "Your filters {names} were switched off.", len(names),
        ).format(names=series((f"“{name}”" for name in names), NAMED))
        subject = sentence.rstrip(".") if len(names) == 1 else gettext(
            "{number} of your filters were switched off").format(number=len(names))
        send_account_notice(session, owner.id, subject, f"{sentence}\n\n{note}", now)
    return names


def _owners_of(session: Session, expression_id: int) -> Sequence[int]:
    return session.scalars(
        select(Preference.user_id).join(Filter, Filter.preference_id == Preference.id)
        .where(Filter.expression_id == expression_id, Filter.enabled)
        .group_by(Preference.user_id).order_by(Preference.user_id)).all()


def _groups_with(session: Session, expression_ids: Collection[int]) -> Sequence[int]:
    """The accounts of the groups that have filters with these expressions."""
    return session.scalars(
        select(Preference.user_id).join(Filter, Filter.preference_id == Preference.id)
        .where(Filter.group_name.is_not(None), Filter.expression_id.in_(expression_ids), Filter.enabled)
        .distinct().order_by(Preference.user_id)).all()


def owners_of_disabled_filters(session: Session, since: datetime) -> Sequence[str]:
    """Return the nicks of people whose filters were switched off over budget, the latest first."""
    latest = func.max(AuditEntry.id)
    return session.scalars(
        select(AuditEntry.subject)
        .where(AuditEntry.actor == ACTOR, AuditEntry.action == ACTION, AuditEntry.happened_at > since)
        .group_by(AuditEntry.subject).order_by(latest.desc(), AuditEntry.subject)).all()
