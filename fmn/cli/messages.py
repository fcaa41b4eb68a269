"""``fmn messages``: messages that nobody tries to match any more."""

from __future__ import annotations

from typing import Final

import click

from fmn.administration.requeueing import requeue_messages
from fmn.cli.current_operator import current_operator
from fmn.ledger.quarantine import MAX_TRIES, quarantined
from fmn.settings import Settings
from fmn.text import pluralize
from fmn.wiring import Services

COMMAND: Final = "fmn messages"


@click.group()
def messages() -> None:
    """Messages that were set aside, since processes died while they matched them."""


@messages.command("list")
@click.pass_obj
def list_(settings: Settings) -> None:
    """List what is set aside, oldest first."""
    with Services(settings).database.reading() as session:
        found = [(each.received_at, each.msg_id, each.topic) for each in quarantined(session)]
    for received_at, msg_id, topic in found:
        click.echo(f"{received_at:%Y-%m-%d %H:%M:%S}  {msg_id}  {topic}")
    if not found:
        click.echo("Nothing is set aside.")


@messages.command()
@click.pass_obj
def requeue(settings: Settings) -> None:
    """Let all of it be tried again, each message alone, within seconds."""
    with Services(settings).database.transaction() as session:
        count = requeue_messages(session, current_operator(COMMAND))
    click.echo(f"{pluralize(count, 'message')} will be tried again, {MAX_TRIES} times at most.")
