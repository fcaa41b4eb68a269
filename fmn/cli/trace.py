"""``fmn trace``: follows one message through FMN, from the bus to every delivery."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Final

import click
from sqlalchemy import select

from fmn.administration.message_trace import SHOWN, MessageTrace, MessageTracer, TraceScope
from fmn.administration.message_trace_text import (
    cause,
    count_lines,
    muted_summary,
    muted_text,
    outcomes,
    steps,
)
from fmn.catalog import catalog
from fmn.cli.why import unknown_message
from fmn.directory import DirectoryUnavailableError
from fmn.directory.snapshot import Directory
from fmn.infra.clock import utc_now
from fmn.ledger.messages import messages_with_id
from fmn.people.models import User
from fmn.settings import Settings
from fmn.text import one_line, pluralize, sentence
from fmn.wiring import Services

#: Characters of the column with the names of what was done with a message.
_STEP_WIDTH: Final = 21


@click.command()
@click.argument("msg_id")
@click.option("--user", metavar="NICK", help="Show only what is recorded for one person.")
@click.option("--all", "everything", is_flag=True, help=f"Show all, not only the first {SHOWN}.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def trace(settings: Settings, msg_id: str, user: str | None, *, everything: bool, as_json: bool) -> None:
    """Follow one message from the bus to each delivery.

    MSG_ID is the id of a message. The first lines say when it was received, stored and matched.

    Each notification has its person, channel and filter, each delivery its times, attempts and answers.
    """
    services = Services(settings)
    directory = _directory_or_none(services)
    with services.database.reading() as session:
        user_id = session.scalar(select(User.id).where(User.nick == user)) if user else None
        if user and user_id is None:
            raise click.ClickException(f"there is no user {user!r}")
        found = messages_with_id(session, msg_id)
        if not found:
            raise click.ClickException(unknown_message(msg_id, settings))
        tracer = MessageTracer(session, catalog(), services.rule_types, directory, utc_now())
        scope = TraceScope(user_id, user or "", most=None if everything else SHOWN)
        traces = [tracer.trace(stored, scope) for stored in found]
    if as_json:
        click.echo(json.dumps([asdict(each) for each in traces], default=_plain, indent=2))
        return
    for number, each in enumerate(traces):
        click.echo("\n" * bool(number) + "\n".join(_lines(each)))


def _directory_or_none(services: Services) -> Directory | None:
    try:
        return services.directory.current()
    except DirectoryUnavailableError:
        return None


def _plain(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat()


def _lines(traced: MessageTrace) -> Iterator[str]:
    yield one_line(traced.summary)
    for name, text in (
        ("Message", traced.msg_id), ("Topic", traced.topic), ("Signed by", traced.signer or "nobody"),
        *steps(traced), *_counted(traced),
    ):
        yield f"{name:<{_STEP_WIDTH}}{one_line(text)}"
    for notification in traced.notifications:
        yield f"\n{notification.nick}  {notification.context}  {one_line(cause(notification))}"
        for state, text in outcomes(notification):
            yield f"  {state}: {one_line(text)}"
    if traced.nick and not traced.notifications:
        yield (f"\nNo notification of it is recorded for {traced.nick}. `fmn why {traced.nick} "
               f"{traced.msg_id}` lists the first rule of each filter that said no.")
    if traced.more:
        yield f"\nThere are more than these {SHOWN}: --all shows them, --user NICK one person's."
    yield from _muted_lines(traced)


def _counted(traced: MessageTrace) -> Iterator[tuple[str, str]]:
    yield "Notified", pluralize(traced.people, "person", "people")
    for context, counts in count_lines(traced):
        yield f"  by {context}", counts


def _muted_lines(traced: MessageTrace) -> Iterator[str]:
    if summary := muted_summary(traced):
        yield f"\nMuted now. {summary}"
    for muted in traced.muted:
        yield f"  {muted.nick}  {sentence(one_line(muted_text(muted)))}"
    if traced.more_muted:
        yield f"  There are more than these {SHOWN}: --all shows them."
