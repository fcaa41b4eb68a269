"""``fmn messages``: lists or requeues quarantined messages."""

from __future__ import annotations

from typing import Final

import click

from fmn.administration.requeueing import requeue_messages
from fmn.cli.command_group import CommandGroup
from fmn.cli.current_operator import current_operator
from fmn.ledger.quarantine import MAX_TRIES, quarantined
from fmn.settings import Settings
from fmn.text import pluralize
from fmn.wiring import Services

COMMAND: Final = "fmn messages"


@click.group(cls=CommandGroup)
def messages() -> None:
    """List or requeue quarantined messages.

    A message is quarantined after several processes died while they matched it.
    """


@messages.command("list")
@click.pass_obj
def list_(settings: Settings) -> None:
    """List quarantined messages, oldest first."""
    with Services(settings).database.reading() as session:
        found = [(each.received_at, each.msg_id, each.topic) for each in quarantined(session)]
    for received_at, msg_id, topic in found:
        click.echo(f"{received_at:%Y-%m-%d %H:%M:%S}  {msg_id}  {topic}")
    if not found:
        click.echo("No quarantined messages.")


@messages.command()
@click.pass_obj
def requeue(settings: Settings) -> None:
    """Match all quarantined messages again, each in a batch of its own, within seconds."""
    with Services(settings).database.transaction() as session:
        count = requeue_messages(session, current_operator(COMMAND))
    click.echo(f"{pluralize(count, 'message')} requeued, for {MAX_TRIES} attempts at most.")
