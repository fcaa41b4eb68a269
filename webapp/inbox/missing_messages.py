"""Answers to "Why didn't I get this?": what somebody was sent of a message, and what kept the rest back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from fmn.catalog import catalog
from fmn.directory.snapshot import Directory
from fmn.ledger.inbox import load_entries
from fmn.ledger.models import StoredMessage
from fmn.ledger.quarantine import MatchingState, matching_state
from fmn.ledger.recorded_notifications import recorded_notifications
from fmn.matching.deadlines import EXPLANATION_CPU_SECONDS, CpuTimeLimit
from fmn.matching.verdicts import ExpressionEvaluator, Verdict
from fmn.matching.why import ContextVerdict, FilterState, FilterVerdict, why
from fmn.text import sentence
from webapp.context_names import context_heading, context_name
from webapp.directory_or_none import directory_or_none
from webapp.filters.explanations import NO_DIRECTORY, DescribedMessage, describe_message, merge_negations
from webapp.humanize import natural_time, natural_time_without_on
from webapp.inbox.inbox_items import InboxItem, InboxItemBuilder, describer
from webapp.message_lookup import find_messages
from webapp.owned import current_user_zone
from webapp.request import Request

#: What is said of a message that nobody was notified of yet, or ever.
UNMATCHED: Final = (
    "FMN hasn’t worked on this message yet, so nobody was notified. Load this page again in a minute.")
QUARANTINED: Final = (
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
        problem or ("" if directory else NO_DIRECTORY))


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
        reasons.append(f"{context_heading(verdict.context)} is switched off.")
    if verdict.silence is not None:
        kind, value, until = verdict.silence
        ends = "for ever" if until is None else (
            f"until {natural_time_without_on(until, request.now, current_user_zone(request))}")
        reasons.append(f"You have muted the {kind} {value} {ends}.")
    if not verdict.filters:
        reasons.append(f"You have no filter for {by}.")
    if verdict.notifies and stored.matched_at is not None:
        when = natural_time(stored.matched_at, request.now, current_user_zone(request))
        reasons.append(
            "As things are now you would get it. Your filters, what you muted, or who owns the package "
            f"have changed since FMN worked on the message {when}.")
    return ContextAnswer(
        verdict.context, context_heading(verdict.context), by, verdict.enabled, verdict.silence is not None,
        reasons, [_filter_answer(request, each) for each in verdict.filters])


def _filter_answer(request: Request, verdict: FilterVerdict) -> FilterAnswer:
    off = _off(request, verdict)
    refusal = verdict.refusal
    if refusal is None:
        text = f"All its rules fit, but {off}" if off else "All its rules fit"
        return FilterAnswer(verdict.filter_id, verdict.label, sentence(text))
    text = f"{off}, and this rule says no" if off else "this rule says no"
    return FilterAnswer(
        verdict.filter_id, verdict.label, f"{sentence(text)[:-1]}:", merge_negations(refusal))


def _off(request: Request, verdict: FilterVerdict) -> str:
    """Why a filter doesn't count, ``""`` if it does."""
    zone = current_user_zone(request)
    match verdict.state:
        case FilterState.SNOOZED:
            assert verdict.snoozed_until is not None
            return f"it’s snoozed until {natural_time_without_on(verdict.snoozed_until, request.now, zone)}"
        case FilterState.SPENT:
            assert verdict.fired_at is not None
            return f"it has sent its one message {natural_time(verdict.fired_at, request.now, zone)}"
        case FilterState.OFF:
            return "it’s switched off"
    return ""
