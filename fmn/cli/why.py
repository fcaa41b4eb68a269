"""``fmn why``: explains which of somebody's filters let a message through, or what kept it from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click
from sqlalchemy import select

from fmn.catalog import catalog
from fmn.delivery.notification_text import minute
from fmn.filters.mutes import ActiveMute
from fmn.infra.clock import utc_now
from fmn.ledger.messages import messages_with_id
from fmn.ledger.models import StoredMessage
from fmn.ledger.quarantine import MatchingState, matching_state
from fmn.ledger.recorded_notifications import RecordedNotification, recorded_notifications
from fmn.matching.verdicts import NOT, ExpressionEvaluator, Verdict
from fmn.matching.why import ContextVerdict, FilterState, FilterVerdict
from fmn.matching.why import why as verdicts_of
from fmn.people.models import User
from fmn.settings import Settings
from fmn.text import pluralize
from fmn.wiring import Services

MARKS = {True: "✓", False: "✗"}


@click.command()
@click.argument("user")
@click.argument("msg_id")
@click.option("--rules", is_flag=True, help="List every rule, also where the first one that said no decides.")
@click.pass_obj
def why(settings: Settings, user: str, msg_id: str, *, rules: bool) -> None:
    """Explain which filter of USER lets the message MSG_ID through, or why none does.

    Where nothing gets through, each filter has the first rule that said no, and whatever else keeps the
    message back: a mute, a channel or filter that is off, a message that isn't matched yet.
    """
    services = Services(settings)
    directory = services.directory.current()
    with services.database.reading() as session:
        user_id = session.scalar(select(User.id).where(User.nick == user))
        if user_id is None:
            raise click.ClickException(
                f"there is no user {user!r}. Accounts are created at the first sign-in")
        found = messages_with_id(session, msg_id)
        if not found:
            raise click.ClickException(unknown_message(msg_id, settings))
        for stored in found:
            facts = catalog().facts(stored.message, directory.account)
            judge = ExpressionEvaluator(facts, directory, services.rule_types, user)
            contexts = verdicts_of(session, judge, user, utc_now())
            recorded = recorded_notifications(session, stored.id, user_id)
            click.echo("\n".join(_about(stored, catalog().describe(stored.message, directory.account).summary,
                                        several=len(found) > 1)))
            for context in contexts:
                click.echo("\n".join(
                    _context_lines(context, recorded.get(context.context), stored, all_rules=rules)))
            if not contexts:
                click.echo(f"{user} has no filters.")


def unknown_message(msg_id: str, settings: Settings) -> str:
    """Says that there is no message of an id, and what to do."""
    return (
        f"there is no message {msg_id!r} in the last {settings.history.days} days. Check the id. If the bus "
        "had the message and FMN missed it, `fmn catchup --since` asks for it")


def matching_problem(stored: StoredMessage) -> str:
    """A sentence about a message that isn't matched, and what to do; ``""`` for one that is."""
    match matching_state(stored):
        case MatchingState.QUARANTINED:
            return (
                f"The message is quarantined: {pluralize(stored.tries, 'worker')} died while matching it, so "
                "nobody was notified. Fix the cause, then run `fmn messages requeue`.")
        case MatchingState.UNMATCHED:
            return (
                "The message isn't matched yet, so nobody was notified. `fmn status` says what holds the "
                "workers up.")
    return ""


def _about(stored: StoredMessage, summary: str, *, several: bool) -> Iterator[str]:
    if several:
        yield f"\nSigned by {stored.signer or 'nobody'}:"
    yield summary
    if stored.late:
        yield f"It came late: sent {minute(stored.sent_at)}, received {minute(stored.received_at)}."
    if problem := matching_problem(stored):
        yield problem


def _context_lines(
    context: ContextVerdict, recorded: RecordedNotification | None, stored: StoredMessage, *, all_rules: bool,
) -> Iterator[str]:
    notes = [] if context.enabled else ["the channel is switched off"]
    if context.silence is not None:
        notes.append(_muted(context.silence))
    yield f"\n{MARKS[context.notifies]} {context.context}{_in_brackets(notes)}"
    if recorded is not None:
        by = f"filter {recorded.filter_name!r}" if recorded.filter_name else "a filter deleted since"
        yield (f"  Recorded: notified {minute(recorded.created_at)} because of {by}; "
               "`fmn trace` shows the deliveries.")
    elif context.notifies and stored.matched_at is not None:
        yield ("  Recorded: no notification. Filters, mutes or package owners have changed since the message "
               f"was matched {minute(stored.matched_at)}.")
    for one in context.filters:
        yield from _filter_lines(one, all_rules=all_rules or context.notifies)
    if not context.filters:
        yield "  There is no filter."


def _muted(silence: ActiveMute) -> str:
    until = f"until {minute(silence.until)}" if silence.until else "for ever"
    return f"the {silence.kind} {silence.value} is muted {until}"


def _in_brackets(notes: Sequence[str]) -> str:
    return f" ({', '.join(notes)})" if notes else ""


def _filter_lines(one: FilterVerdict, *, all_rules: bool) -> Iterator[str]:
    notes = list(_filter_notes(one))
    refusal = one.refusal
    yield f"  {MARKS[one.verdict.holds]} {one.label}{_in_brackets(notes)}"
    if refusal is None and not all_rules:
        yield "    All its rules fit."
    else:
        yield from _verdict_lines(one.verdict if all_rules or refusal is None else refusal, "    ")


def _filter_notes(one: FilterVerdict) -> Iterator[str]:
    match one.state:
        case FilterState.OFF:
            yield "switched off"
        case FilterState.SNOOZED:
            assert one.snoozed_until is not None
            yield f"snoozed until {minute(one.snoozed_until)}"
        case FilterState.SPENT:
            assert one.fired_at is not None
            yield f"one-shot, switched off after its message of {minute(one.fired_at)}"
    if one.lets_through:
        yield "lets it through"
    if one.hold_minutes is not None:
        yield f"holds failures for {pluralize(one.hold_minutes, 'minute')}"


def _verdict_lines(verdict: Verdict, indent: str) -> Iterator[str]:
    negated = verdict.words == NOT and not verdict.parts[0].parts
    words = f"{NOT}: {verdict.parts[0].words}" if negated else verdict.words
    asked = verdict.parts[0] if negated else verdict
    problem = f": {asked.problem}" if asked.problem and not asked.parts else ""
    yield f"{indent}{MARKS[verdict.holds]} {words}{problem}"
    for part in () if negated else verdict.parts:
        yield from _verdict_lines(part, indent + "  ")
