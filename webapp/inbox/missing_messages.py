"""Answers to "Why didn't I get this?": what somebody was sent of a message, and what kept the rest back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from fmn.catalog import catalog
from fmn.directory.snapshot import Directory
from fmn.filters.mute_options import describe_mute
from fmn.ledger.inbox import load_entries
from fmn.ledger.models import StoredMessage
from fmn.ledger.quarantine import MatchingState, matching_state
from fmn.ledger.recorded_notifications import recorded_notifications
from fmn.matching.deadlines import EXPLANATION_CPU_SECONDS, CpuTimeLimit
from fmn.matching.verdicts import ExpressionEvaluator, Verdict
from fmn.matching.why import ContextVerdict, FilterState, FilterVerdict, why
from fmn.translations import gettext, mark
from webapp.context_names import context_heading, context_name
from webapp.directory_or_none import directory_or_none
from webapp.filters.explanations import NO_DIRECTORY, DescribedMessage, describe_message, merge_negations
from webapp.humanize import natural_time, natural_time_without_on
from webapp.inbox.inbox_items import InboxItem, InboxItemBuilder, describer
from webapp.message_lookup import find_messages
from webapp.owned import current_user_zone
from webapp.request import Request

#: What is said of a message that nobody was notified of yet, or ever.
UNMATCHED: Final = mark(
    "FMN hasn’t worked on this message yet, so nobody was notified. Load this page again in a minute.")
QUARANTINED: Final = mark(
    "FMN couldn’t work on this message, so nobody was notified. Administrators can have it tried again.")


@dataclass(frozen=True)
class FilterAnswer:
    """Why one filter didn't notify: a ``sentence``, and the first rule that said no as ``refusal``."""

    id: int
    name: str
    sentence: str
    refusal: Verdict | None = None


@dataclass(frozen=True)
class ContextAnswer:
    """Why nothing came in one context. ``reasons`` are sentences on what isn't a filter's rule."""

    context: str
    heading: str
    by: str
    enabled: bool
    muted: bool
    reasons: Sequence[str]
    filters: Sequence[FilterAnswer]


@dataclass(frozen=True)
class MessageAnswer:
    """What became of one message for one person: what they were ``sent``, and why not elsewhere.

    ``problem`` says why there's no answer, or that it's too early for one.
    """

    msg_id: str
    described: DescribedMessage
    sent: Sequence[InboxItem]
    missed: Sequence[ContextAnswer]
    problem: str


def answers(request: Request, wanted: str) -> Sequence[MessageAnswer]:
    """The answers of whoever is signed in about the messages that an id or a link names."""
    directory = directory_or_none(request.services)
    return [_answer(request, stored, directory) for stored in find_messages(request, wanted)]


def _answer(request: Request, stored: StoredMessage, directory: Directory | None) -> MessageAnswer:
    session = request.read_session
    recorded = recorded_notifications(session, stored.id, request.me.user_id)
    items = InboxItemBuilder(
        describer(directory), request.now, current_user_zone(request), request.services.settings.flood)
    state = matching_state(stored)
    problem = {MatchingState.UNMATCHED: UNMATCHED, MatchingState.QUARANTINED: QUARANTINED}.get(state, "")
    verdicts = _verdicts(request, session, stored, directory) if directory else ()
    return MessageAnswer(
        stored.msg_id, describe_message(stored.message, catalog(), directory),
        items.of(session, load_entries(session, [each.id for each in recorded.values()])),
        [_context_answer(request, each, stored) for each in verdicts if each.context not in recorded],
        gettext(problem or ("" if directory else NO_DIRECTORY)) if problem or not directory else "")


def _verdicts(
    request: Request, session: Session, stored: StoredMessage, directory: Directory,
) -> Sequence[ContextVerdict]:
    facts = catalog().facts(stored.message, directory.account)
    evaluator = ExpressionEvaluator(
        facts, directory, request.services.rule_types, request.me.nick,
        meter=CpuTimeLimit(EXPLANATION_CPU_SECONDS))
    verdicts = why(session, evaluator, request.me.nick, request.now)
    return [verdict for verdict in verdicts if verdict.context in request.contexts]


def _context_answer(request: Request, verdict: ContextVerdict, stored: StoredMessage) -> ContextAnswer:
    by = context_name(verdict.context)
    reasons = []
    if not verdict.enabled:
        reasons.append(gettext("{channel} is switched off.").format(
            channel=context_heading(verdict.context)))
    if verdict.silence is not None:
        kind, value, until = verdict.silence
        told = gettext("You have muted {what} for ever.") if until is None else gettext(
            "You have muted {what} until {when}.")
        reasons.append(told.format(what=describe_mute(kind, value), when="" if until is None else (
            natural_time_without_on(until, request.now, current_user_zone(request)))))
    if not verdict.filters:
        reasons.append(gettext("You have no filter for {channel}.").format(channel=by))
    if verdict.notifies and stored.matched_at is not None:
        when = natural_time(stored.matched_at, request.now, current_user_zone(request))
        reasons.append(gettext(
            "As things are now you would get it. Your filters, what you muted, or who owns the package "
            "have changed since FMN worked on the message {when}.").format(when=when))
    return ContextAnswer(
        verdict.context, context_heading(verdict.context), by, verdict.enabled, verdict.silence is not None,
        reasons, [_filter_answer(request, each) for each in verdict.filters])


def _filter_answer(request: Request, verdict: FilterVerdict) -> FilterAnswer:
    refusal = verdict.refusal
    if refusal is None:
        return FilterAnswer(verdict.filter_id, verdict.label, _all_fit(request, verdict))
    return FilterAnswer(
        verdict.filter_id, verdict.label, _says_no(request, verdict), merge_negations(refusal))


def _all_fit(request: Request, verdict: FilterVerdict) -> str:
    match verdict.state:
        case FilterState.SNOOZED:
            return gettext("All its rules fit, but it’s snoozed until {when}.").format(
                when=_snoozed_until(request, verdict))
        case FilterState.SPENT:
            return gettext("All its rules fit, but it has sent its one message {when}.").format(
                when=_fired_at(request, verdict))
        case FilterState.OFF:
            return gettext("All its rules fit, but it’s switched off.")
    return gettext("All its rules fit.")


def _says_no(request: Request, verdict: FilterVerdict) -> str:
    match verdict.state:
        case FilterState.SNOOZED:
            return gettext("It’s snoozed until {when}, and this rule says no:").format(
                when=_snoozed_until(request, verdict))
        case FilterState.SPENT:
            return gettext("It has sent its one message {when}, and this rule says no:").format(
                when=_fired_at(request, verdict))
        case FilterState.OFF:
            return gettext("It’s switched off, and this rule says no:")
    return gettext("This rule says no:")


def _snoozed_until(request: Request, verdict: FilterVerdict) -> str:
    assert verdict.snoozed_until is not None
    return natural_time_without_on(verdict.snoozed_until, request.now, current_user_zone(request))


def _fired_at(request: Request, verdict: FilterVerdict) -> str:
    assert verdict.fired_at is not None
    return natural_time(verdict.fired_at, request.now, current_user_zone(request))
