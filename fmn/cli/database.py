"""``fmn db``: the database's tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from fmn import migrations
from fmn.db import Database
from fmn.settings import Settings


@click.group()
def db() -> None:
    """The database's tables."""


@db.command()
@click.pass_obj
def upgrade(settings: Settings) -> None:
    """Bring the tables to the state of this version."""
    with _told_in_a_sentence():
        migrations.upgrade(Database(settings.database.url))
    click.echo("The tables are up to date.")


@db.command()
@click.argument("revision")
@click.pass_obj
def downgrade(settings: Settings, revision: str) -> None:
    """Bring the tables back to REVISION, the one that `fmn db head` of an older version says.

    What only newer versions know is deleted. Stop all processes of this version before.
    """
    with _told_in_a_sentence():
        migrations.downgrade(Database(settings.database.url), revision)
    click.echo(f"The tables are those of revision {revision}.")


@db.command()
@click.pass_obj
def check(settings: Settings) -> None:
    """Say whether the tables are those of this version; exit with 1 if they aren't."""
    with _told_in_a_sentence():
        current = migrations.is_current(Database(settings.database.url))
    if not current:
        raise click.ClickException("the database's tables aren't those of this version")
    click.echo("The tables are up to date.")


@db.command()
def head() -> None:
    """Print the revision of the tables that this version works with."""
    click.echo(migrations.head())


@contextmanager
def _told_in_a_sentence() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise click.ClickException(f"fmn.database.url: {str(error.orig).strip()}") from error
    except CommandError as error:
        raise click.ClickException(str(error)) from error
