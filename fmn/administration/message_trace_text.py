"""Renders a message's trace as sentences, for the terminal and the administrators' pages. Times are UTC."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from fmn.administration.message_trace import MessageTrace, TracedDelivery, TracedNotification
from fmn.delivery.notification_text import DELETED
from fmn.ledger.models import DeliveryState
from fmn.ledger.quarantine import MatchingState
from fmn.ledger.reasons import Reason
from fmn.matching.muted_recipients import MutedRecipient
from fmn.text import one_line, pluralize, sentence, shorten

#: Characters of an answer or a reason: servers may answer with long stories.
MAX_REASON_LENGTH: Final = 300
#: Units of time with their seconds, the largest first. Each is used from two of it on.
_UNITS: Final = (("day", 86_400), ("hour", 3_600), ("minute", 60))


def second(moment: datetime) -> str:
    """A moment to the second, as ``2026-05-04 12:00:07 UTC``."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def duration(span: timedelta) -> str:
    """A length of time in one unit: ``0.4 s``, ``90 s``, ``12 minutes``, ``3 hours``."""
    seconds = span.total_seconds()
    for unit, size in _UNITS:
        if abs(seconds) >= 2 * size:
            return pluralize(round(seconds / size), unit)
    return f"{seconds:.1f} s"


def steps(trace: MessageTrace) -> Iterator[tuple[str, str]]:
    """What was done with the message itself, in order: each step and when, with the time since the last."""
    yield "Sent", second(trace.sent_at)
    late = "; marked as late" if trace.late else ""
    yield "Received", (
        f"{second(trace.received_at)}, {duration(trace.received_at - trace.sent_at)} after it was sent{late}")
    if trace.enqueued_at is not None:
        yield "Stored and enqueued", f"{second(trace.enqueued_at)}, when the last task to match it was sent"
    if trace.matched_at is not None:
        lag = duration(trace.matched_at - trace.received_at)
        yield "Matched", f"{second(trace.matched_at)}, {lag} after it was received"
    elif trace.state is MatchingState.QUARANTINED:
        yield "Quarantined", (
            f"{pluralize(trace.tries, 'worker')} died while matching it, so nobody was notified. Fix the "
            "cause, then run `fmn messages requeue`.")
    else:
        interrupted = (
            f", after {pluralize(trace.interruptions, 'attempt')} that took too long"
            if trace.interruptions else "")
        yield "Not matched yet", f"nobody was notified{interrupted}"


def count_lines(trace: MessageTrace) -> Iterator[tuple[str, str]]:
    """How many deliveries of each context are in each state."""
    for context, counts in trace.counts.items():
        yield context, ", ".join(f"{count:,} {state}" for state, count in counts.items())


def cause(notification: TracedNotification) -> str:
    """Which filter let the message through, and when that was recorded."""
    by = f"filter “{one_line(notification.filter_name)}”" if notification.filter_name else DELETED
    read = f", read {second(notification.read_at)}" if notification.read_at else ""
    return f"{by}, recorded {second(notification.created_at)}{read}"


def outcomes(notification: TracedNotification) -> Iterator[tuple[str, str]]:
    """What came of a notification: a state in a word, and the rest of the sentence."""
    if notification.awaits_digest:
        throttled = ", because too much came at once" if notification.throttled else ""
        until = notification.delayed_until
        delayed = f", delayed until {second(until)} {Reason.DELAYED.sentence}" if until else ""
        yield "waiting", f"for the next digest{throttled}{delayed}"
    digest = notification.digest
    if digest is not None:
        throttled = ", because too much came at once" if digest.throttled else ""
        yield "in digest", (
            f"{digest.id}, closed {second(digest.created_at)} with "
            f"{pluralize(digest.notifications, 'notification')}{throttled}")
    for delivery in notification.deliveries:
        yield _delivered(delivery)
    if not (notification.awaits_digest or notification.deliveries):
        yield "without a delivery", "none is recorded, or it isn't kept any more"


def _delivered(delivery: TracedDelivery) -> tuple[str, str]:
    where = f"to {delivery.address}" if delivery.address else ""
    attempts = f"after {pluralize(delivery.attempts, 'attempt')}" if delivery.attempts else "no attempt yet"
    reason = shorten(delivery.reason, MAX_REASON_LENGTH)
    finished = second(delivery.finished_at) if delivery.finished_at else ""
    bounced = f"; came back {second(delivery.bounced_at)}" if delivery.bounced_at else ""
    created = f"created {second(delivery.created_at)}"
    if delivery.state == DeliveryState.SENT:
        text = f"{where} {finished} {attempts}, {created}{bounced}"
    elif delivery.state == DeliveryState.FAILED:
        text = f"{where} {finished} {attempts}, {created}: {reason}"
    elif delivery.state == DeliveryState.DROPPED:
        text = f"{where} {finished}, {created}: {reason}"
    else:
        return _pending(delivery, where, f"{attempts}, {created}", reason)
    return delivery.state, text.strip()


def _pending(delivery: TracedDelivery, where: str, history: str, reason: str) -> tuple[str, str]:
    if delivery.claimed_until is not None:
        return "sending", f"{where}, claimed until {second(delivery.claimed_until)}, {history}"
    due = second(delivery.next_attempt_at) if delivery.next_attempt_at else "now"
    if delivery.delayed:
        return "delayed", f"{where} until {due} {Reason.DELAYED.sentence}, {history}"
    last = f"; last answer: {reason}" if reason and delivery.attempts else f": {reason}" if reason else ""
    return "waiting", f"{where}, next attempt {due}, {history}{last}"


def muted_text(muted: MutedRecipient) -> str:
    """What keeps somebody from the message now, in which contexts, and since when."""
    until = f"until {second(muted.until)}" if muted.until else "for ever"
    return (
        f"by {', '.join(muted.contexts)}: the {muted.kind} {one_line(muted.value)}, muted since "
        f"{second(muted.since)} {until}")


def muted_summary(trace: MessageTrace) -> str:
    """What a list of mutes means, or why there is none."""
    if trace.muted_problem:
        return sentence(f"Who has it muted can't be told: {trace.muted_problem}")
    return (
        "Muting isn't recorded. These people get no notification now, because of a mute that is in force; "
        "it may be newer than the message.") if trace.muted else ""

