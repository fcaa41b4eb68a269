"""``fmn db``: the database's tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import click
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from fmn.administration.restored_database import IN_DOUBT, accept_failover, finish_restore
from fmn.cli.current_operator import current_operator
from fmn.cli.datetime_option import UtcDateTimeParam
from fmn.infra import migrations
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.infra.logs import configure_logging
from fmn.settings import Settings
from fmn.text import pluralize


@click.group()
def db() -> None:
    """The database's tables."""


@db.command()
@click.pass_obj
def upgrade(settings: Settings) -> None:
    """Bring the tables to the state of this version."""
    with _database_errors_as_messages():
        migrations.upgrade(Database(settings.database.url))
    click.echo("The tables are up to date.")


@db.command()
@click.pass_obj
def grant(settings: Settings) -> None:
    """Let the role of each process do what it needs, as `fmn db upgrade` does.

    Needed after roles were made: fmn_consumer, fmn_worker and so on, beside the owner of the tables, fmn.
    """
    with _database_errors_as_messages():
        granted = migrations.grant(Database(settings.database.url))
    click.echo(f"May do what their processes need: {', '.join(granted)}." if granted else
               "There are no roles of processes: all of them log in as the owner of the tables.")


@db.command()
@click.argument("revision")
@click.pass_obj
def downgrade(settings: Settings, revision: str) -> None:
    """Bring the tables back to REVISION, the one that `fmn db head` of an older version says.

    What only newer versions know is deleted. Stop all processes of this version before.
    """
    with _database_errors_as_messages():
        migrations.downgrade(Database(settings.database.url), revision)
    click.echo(f"The tables are those of revision {revision}.")


@db.command()
@click.pass_obj
def check(settings: Settings) -> None:
    """Say whether the tables are those of this version; exit with 1 if they aren't."""
    with _database_errors_as_messages():
        current = migrations.is_current(Database(settings.database.url))
    if not current:
        raise click.ClickException("the database's tables aren't those of this version")
    click.echo("The tables are up to date.")


@db.command()
@click.option(
    "--sent-until", type=UtcDateTimeParam(),
    help="When sending ended before the database was lost (UTC): what was due before isn't sent again.")
@click.option(
    "--nothing-lost", is_flag=True,
    help="It has all that was committed: a replica that was in step took over. Nobody has to sign in again.")
@click.pass_obj
def restored(settings: Settings, sent_until: datetime | None, *, nothing_lost: bool) -> None:
    """Make a database that was restored from a backup, or a replica that took over, fit to go on.

    After restoring a backup, start nothing before. What came into the database after the backup was made, or
    after the replica fell behind, is gone. Its numbers aren't given again, for links in mails know them;
    everybody has to sign in again.
    """
    configure_logging(settings.log)
    now = utc_now()
    if sent_until is not None and sent_until > now:
        raise click.UsageError("--sent-until is in the future.")
    if sent_until is not None and nothing_lost:
        raise click.UsageError("--sent-until is for when something was lost.")
    database = Database(settings.database.url)
    if not migrations.is_current(database):
        raise click.ClickException("the database's tables aren't those of this version: run fmn db upgrade")
    if nothing_lost:
        with _database_errors_as_messages(), database.transaction() as session:
            accept_failover(session, current_operator("fmn db"))
        click.echo("Noted: this database has everything.")
        return
    with _database_errors_as_messages(), database.transaction() as session:
        done = finish_restore(session, current_operator("fmn db"), sent_until, now)
    click.echo(f"{done.tables} tables give new numbers; {done.accounts} people have to sign in again.")
    if sent_until is not None:
        aside = pluralize(done.failed_deliveries, "delivery", "deliveries")
        click.echo(f"{aside} put aside, as they may have been sent: "
                   f'fmn deliveries requeue or discard --reason "{IN_DOUBT}"')


@db.command()
def head() -> None:
    """Print the revision of the tables that this version works with."""
    click.echo(migrations.head())


@contextmanager
def _database_errors_as_messages() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise click.ClickException(f"fmn.database.url: {str(error.orig).strip()}") from error
    except CommandError as error:
        raise click.ClickException(str(error)) from error
