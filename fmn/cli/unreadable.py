"""``fmn unreadable``: lists messages that couldn't be read."""

from __future__ import annotations

import click

from fmn.ledger.unreadable import MAX_ROWS, unreadable_messages
from fmn.settings import Settings
from fmn.text import one_line
from fmn.wiring import Services


@click.command()
@click.option("--body", is_flag=True, help="Print the beginning of each body too.")
@click.option("--last", default=20, show_default=True, type=click.IntRange(1, MAX_ROWS), metavar="NUMBER",
              help="Number of messages to list.")
@click.pass_obj
def unreadable(settings: Settings, body: bool, last: int) -> None:
    """List messages of AMQP brokers that FMN couldn't read, oldest first.

    They were acknowledged, and nobody tries them again.
    """
    with Services(settings).database.reading() as session:
        found = list(unreadable_messages(session, last))
    for each in reversed(found):
        click.echo(f"{each.received_at:%Y-%m-%d %H:%M:%S}  {each.source}  {each.reason}  "
                   f"{one_line(each.topic)}  {one_line(each.detail)}")
        if body:
            click.echo(f"    {one_line(each.body)}")
    if not found:
        click.echo("No unreadable messages.")
