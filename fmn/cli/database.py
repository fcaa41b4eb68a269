"""``fmn db``: the database's tables."""

from __future__ import annotations

import click
from sqlalchemy.exc import DBAPIError

from fmn import migrations
from fmn.db import Database
from fmn.settings import Settings


@click.group("db")
def database() -> None:
    """The database's tables."""


@database.command()
@click.pass_obj
def upgrade(settings: Settings) -> None:
    """Bring the tables to the state of this version."""
    try:
        migrations.upgrade(Database(settings.database.url))
    except DBAPIError as error:
        raise click.ClickException(f"fmn.database.url: {str(error.orig).strip()}") from error
    click.echo("The tables are up to date.")
