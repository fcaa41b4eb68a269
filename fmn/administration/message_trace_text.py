"""Renders a message's trace as sentences, for the terminal and the administrators' pages. Times are UTC."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from fmn.administration.message_trace import MessageTrace, TracedDelivery, TracedDigest, TracedNotification
from fmn.delivery.notification_text import DELETED
from fmn.filters.models import MuteKind
from fmn.ledger.models import DeliveryState
from fmn.ledger.quarantine import MatchingState
from fmn.ledger.reasons import Reason, reason_text
from fmn.localized import number_text
from fmn.matching.muted_recipients import MutedRecipient
from fmn.text import one_line, sentence, shorten
from fmn.translations import gettext, mark, ngettext

#: Characters of an answer or a reason: servers may answer with long stories.
MAX_REASON_LENGTH: Final = 300
#: Units of time with their seconds, the largest first. Each is used from two of it on.
_UNITS: Final[Sequence[tuple[Callable[[int], str], int]]] = (
    (lambda n: ngettext("{n} day", "{n} days", n), 86_400),
    (lambda n: ngettext("{n} hour", "{n} hours", n), 3_600),
    (lambda n: ngettext("{n} minute", "{n} minutes", n), 60))
#: States of notifications and deliveries.
_STATES: Final = (
    mark("sent"), mark("failed"), mark("dropped"), mark("waiting"), mark("sending"), mark("delayed"),
    mark("in digest"), mark("without a delivery"))
_MUTED_KINDS: Final = {
    MuteKind.EVENT: mark("by {channels}: the event {value}, muted since {since} {until}"),
    MuteKind.PACKAGE: mark("by {channels}: the package {value}, muted since {since} {until}"),
    MuteKind.THREAD: mark("by {channels}: the thread {value}, muted since {since} {until}")}


def second(moment: datetime) -> str:
    """A moment to the second, as ``2026-05-04 12:00:07 UTC``."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def duration(span: timedelta) -> str:
    """A length of time in one unit: ``0.4 s``, ``90 s``, ``12 minutes``, ``3 hours``."""
    seconds = span.total_seconds()
    for text, size in _UNITS:
        if abs(seconds) >= 2 * size:
            number = round(seconds / size)
            return text(number).format(n=number)
    return f"{seconds:.1f} s"


def state_text(state: str) -> str:
    """A state of :func:`outcomes` or of :func:`count_lines` in a word or two."""
    return gettext(state)


def steps(trace: MessageTrace) -> Iterator[tuple[str, str]]:
    """What was done with the message itself, in order: each step and when, with the time since the last."""
    yield gettext("Sent"), second(trace.sent_at)
    received = (
        gettext("{moment}, {duration} after it was sent; marked as late") if trace.late
        else gettext("{moment}, {duration} after it was sent"))
    yield gettext("Received"), received.format(
        moment=second(trace.received_at), duration=duration(trace.received_at - trace.sent_at))
    if trace.enqueued_at is not None:
        yield gettext("Stored and enqueued"), gettext(
            "{moment}, when the last task to match it was sent").format(moment=second(trace.enqueued_at))
    yield _matching_step(trace)


def _matching_step(trace: MessageTrace) -> tuple[str, str]:
    if trace.matched_at is not None:
        return gettext("Matched"), gettext("{moment}, {duration} after it was received").format(
            moment=second(trace.matched_at), duration=duration(trace.matched_at - trace.received_at))
    if trace.state is MatchingState.QUARANTINED:
        return gettext("Quarantined"), ngettext(
            "{n} worker died while matching it, so nobody was notified. Fix the cause, then run "
            "`fmn messages requeue`.",
            "{n} workers died while matching it, so nobody was notified. Fix the cause, then run "
            "`fmn messages requeue`.", trace.tries).format(n=trace.tries)
    interrupted = ngettext(
        "nobody was notified, after {n} attempt that took too long",
        "nobody was notified, after {n} attempts that took too long", trace.interruptions)
    return gettext("Not matched yet"), (
        interrupted.format(n=trace.interruptions) if trace.interruptions else gettext("nobody was notified"))


def count_lines(trace: MessageTrace) -> Iterator[tuple[str, str]]:
    """How many deliveries of each context are in each state."""
    for context, counts in trace.counts.items():
        yield context, ", ".join(
            gettext("{number} {state}").format(number=number_text(count), state=state_text(state))
            for state, count in counts.items())


def cause(notification: TracedNotification) -> str:
    """Which filter let the message through, and when that was recorded."""
    name = one_line(notification.filter_name)
    by = gettext("filter “{name}”").format(name=name) if name else gettext(DELETED)
    read_at = notification.read_at
    said = gettext("{filter}, recorded {moment}, read {read}") if read_at else gettext(
        "{filter}, recorded {moment}")
    return said.format(
        filter=by, moment=second(notification.created_at), read=second(read_at) if read_at else "")


def outcomes(notification: TracedNotification) -> Iterator[tuple[str, str]]:
    """What came of a notification: a state, see :func:`state_text`, and the rest of the sentence."""
    if notification.awaits_digest:
        yield "waiting", _awaited_digest(notification)
    if notification.digest is not None:
        yield "in digest", _digest(notification.digest)
    for delivery in notification.deliveries:
        yield _delivered(delivery)
    if not (notification.awaits_digest or notification.deliveries):
        yield "without a delivery", gettext("none is recorded, or it isn't kept any more")


def _awaited_digest(notification: TracedNotification) -> str:
    said = (
        gettext("for the next digest, because too much came at once") if notification.throttled
        else gettext("for the next digest"))
    until = notification.delayed_until
    if until is None:
        return said
    return gettext("{waits}, delayed until {moment} {unless}").format(
        waits=said, moment=second(until), unless=gettext(Reason.DELAYED.sentence))


def _digest(digest: TracedDigest) -> str:
    said = ngettext(
        "{id}, closed {moment} with {n} notification", "{id}, closed {moment} with {n} notifications",
        digest.notifications).format(id=digest.id, moment=second(digest.created_at), n=digest.notifications)
    if not digest.throttled:
        return said
    return gettext("{digest}, because too much came at once").format(digest=said)


def _delivered(delivery: TracedDelivery) -> tuple[str, str]:
    where = gettext("to {address}").format(address=delivery.address) if delivery.address else ""
    parts = {
        "where": where, "attempts": _attempts(delivery), "created": second(delivery.created_at),
        "finished": second(delivery.finished_at) if delivery.finished_at else "",
        "bounced": second(delivery.bounced_at) if delivery.bounced_at else "",
        "reason": shorten(reason_text(delivery.reason), MAX_REASON_LENGTH)}
    if delivery.state == DeliveryState.SENT:
        said = (
            gettext("{where} {finished} {attempts}, created {created}; came back {bounced}")
            if delivery.bounced_at else gettext("{where} {finished} {attempts}, created {created}"))
    elif delivery.state == DeliveryState.FAILED:
        said = gettext("{where} {finished} {attempts}, created {created}: {reason}")
    elif delivery.state == DeliveryState.DROPPED:
        said = gettext("{where} {finished}, created {created}: {reason}")
    else:
        return _pending(delivery, parts)
    return delivery.state, said.format(**parts).strip()


def _attempts(delivery: TracedDelivery) -> str:
    number = delivery.attempts
    if not number:
        return gettext("no attempt yet")
    return ngettext("after {n} attempt", "after {n} attempts", number).format(n=number)


def _pending(delivery: TracedDelivery, parts: Mapping[str, str]) -> tuple[str, str]:
    if delivery.claimed_until is not None:
        return "sending", gettext("{where}, claimed until {until}, {attempts}, created {created}").format(
            until=second(delivery.claimed_until), **parts)
    due = second(delivery.next_attempt_at) if delivery.next_attempt_at else gettext("now")
    if delivery.delayed:
        return "delayed", gettext("{where} until {due} {unless}, {attempts}, created {created}").format(
            due=due, unless=gettext(Reason.DELAYED.sentence), **parts)
    if not delivery.reason:
        said = gettext("{where}, next attempt {due}, {attempts}, created {created}")
    elif delivery.attempts:
        said = gettext("{where}, next attempt {due}, {attempts}, created {created}; last answer: {reason}")
    else:
        said = gettext("{where}, next attempt {due}, {attempts}, created {created}: {reason}")
    return "waiting", said.format(due=due, **parts)


def muted_text(muted: MutedRecipient) -> str:
    """What keeps somebody from the message now, in which contexts, and since when."""
    until = (
        gettext("until {moment}").format(moment=second(muted.until)) if muted.until else gettext("for ever"))
    return gettext(_MUTED_KINDS[muted.kind]).format(
        channels=", ".join(muted.contexts), value=one_line(muted.value), since=second(muted.since),
        until=until)


def muted_summary(trace: MessageTrace) -> str:
    """What a list of mutes means, or why there is none."""
    if trace.muted_problem:
        unknown = gettext("Who has it muted can't be told: {reason}")
        return sentence(unknown.format(reason=trace.muted_problem))
    return gettext(
        "Muting isn't recorded. These people get no notification now, because of a mute that is in force; "
        "it may be newer than the message.") if trace.muted else ""
