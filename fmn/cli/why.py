"""``fmn why``: why somebody hears of a message, or doesn't. FMN 2 had a script ``matchtest`` for it."""

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
from fmn.matching.verdicts import ExpressionEvaluator, Verdict
from fmn.matching.why import ContextVerdict, FilterVerdict
from fmn.matching.why import why as verdicts_of
from fmn.people.models import User
from fmn.settings import Settings
from fmn.text import pluralize
from fmn.wiring import Services

MARKS = {True: "✓", False: "✗"}


@click.command()
@click.argument("user")
@click.argument("msg_id")
@click.pass_obj
def why(settings: Settings, user: str, msg_id: str) -> None:
    """Say what each filter of USER makes of the message MSG_ID, rule by rule."""
    services = Services(settings)
    directory = services.directory.current()
    with services.database.reading() as session:
        if session.scalar(select(User.id).where(User.nick == user)) is None:
            raise click.ClickException(f"nobody here is called {user!r}")
        found = messages_with_id(session, msg_id)
        if not found:
            raise click.ClickException(
                f"there is no message {msg_id!r} in the last {settings.history.days} days")
        for stored in found:
            facts = catalog().facts(stored.message, directory.account)
            judge = ExpressionEvaluator(facts, directory, services.rule_types, user)
            contexts = verdicts_of(session, judge, user, utc_now())
            click.echo("\n".join(_about(stored, catalog().describe(stored.message, directory.account).summary,
                                        several=len(found) > 1)))
            for context in contexts:
                click.echo("\n".join(_context_lines(context)))
            if not contexts:
                click.echo(f"{user} has no filters.")


def _about(stored: StoredMessage, summary: str, *, several: bool) -> Iterator[str]:
    if several:
        yield f"\nSigned by {stored.signer or 'nobody'}:"
    yield summary
    if stored.late:
        yield f"It came late: sent {minute(stored.sent_at)}, received {minute(stored.received_at)}."


def _context_lines(context: ContextVerdict) -> Iterator[str]:
    notes = [] if context.enabled else ["switched off"]
    if context.silence is not None:
        notes.append(_muted(context.silence))
    yield f"\n{MARKS[context.notifies]} {context.context}{_in_brackets(notes)}"
    for one in context.filters:
        yield from _filter_lines(one)


def _muted(silence: ActiveMute) -> str:
    until = f"until {minute(silence.until)}" if silence.until else "for ever"
    return f"the {silence.kind} {silence.value} is muted {until}"


def _in_brackets(notes: Sequence[str]) -> str:
    return f" ({', '.join(notes)})" if notes else ""


def _filter_lines(one: FilterVerdict) -> Iterator[str]:
    notes = [] if one.enabled else ["switched off"]
    if one.lets_through:
        notes.append("lets it through")
    if one.hold_minutes is not None:
        notes.append(f"holds failures for {pluralize(one.hold_minutes, 'minute')}")
    yield f"  {MARKS[one.verdict.holds]} {one.name}{_in_brackets(notes)}"
    yield from _verdict_lines(one.verdict, "    ")


def _verdict_lines(verdict: Verdict, indent: str) -> Iterator[str]:
    problem = f": {verdict.problem}" if verdict.problem and not verdict.parts else ""
    negated = verdict.words == "not" and len(verdict.parts) == 1 and not verdict.parts[0].parts
    words = f"not: {verdict.parts[0].words}" if negated else verdict.words
    yield f"{indent}{MARKS[verdict.holds]} {words}{problem}"
    for part in () if negated else verdict.parts:
        yield from _verdict_lines(part, indent + "  ")
