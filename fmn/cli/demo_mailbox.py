"""``fmn mailbox``: reads the local mailbox of ``fmn up``."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import click

from fmn.demo.mailbox import read_mails
from fmn.settings import Settings
from fmn.text import pluralize


@click.command()
@click.argument("number", type=click.IntRange(min=1), required=False)
@click.pass_obj
def mailbox(settings: Settings, number: int | None) -> None:
    """List the mails in the local mailbox, or print mail NUMBER."""
    found = read_mails(mailbox_directory(settings))
    if number is None:
        for position, (_, mail) in enumerate(found, start=1):
            click.echo(f"{position:4}  {mail['To']:28}  {mail['Subject']}")
        click.echo(f"{pluralize(len(found), 'mail')}. Read one with: fmn mailbox NUMBER")
    elif number > len(found):
        raise click.ClickException(f"there is no mail {number}: the last one is {len(found)}")
    else:
        click.echo(_readable(found[number - 1][1]))


def mailbox_directory(settings: Settings) -> Path:
    """The folder of the local mailbox."""
    return settings.demo.directory / "mailbox"


def _readable(mail: EmailMessage) -> str:
    headers = "\n".join(f"{name}: {value}" for name, value in mail.items())
    body = mail.get_body(("plain",))
    return f"{headers}\n\n{body.get_content() if body else ''}"
