"""``fmn db``: creates, upgrades, checks and restores the database's tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import click
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from fmn.administration.restored_database import accept_failover, finish_restore
from fmn.cli.command_group import CommandGroup
from fmn.cli.current_operator import current_operator
from fmn.cli.datetime_option import UtcDateTimeParam
from fmn.cli.progress import progress
from fmn.infra import migrations
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.infra.logs import configure_logging
from fmn.ledger.reasons import Reason
from fmn.settings import Settings
from fmn.text import pluralize


@click.group(cls=CommandGroup)
def db() -> None:
    """Create, upgrade, check or restore the database's tables."""


@db.command()
@click.pass_obj
def upgrade(settings: Settings) -> None:
    """Create the tables, or upgrade them to this version."""
    with _database_errors_as_messages():
        database = Database(settings.database.url)
        with progress("Migrations", migrations.pending_count(database)) as advance:
            migrations.upgrade(database, on_step=lambda: advance(1, ""))
    click.echo("The tables are up to date.")


@db.command()
@click.pass_obj
def grant(settings: Settings) -> None:
    """Grant each process's role the privileges it needs, as `fmn db upgrade` does.

    Run it after you create roles: fmn_consumer, fmn_worker and so on, beside fmn, which owns the tables.
    """
    with _database_errors_as_messages():
        granted = migrations.grant(Database(settings.database.url))
    click.echo(f"Granted privileges to {', '.join(granted)}." if granted else
               "There are no roles for processes: all processes log in as the owner of the tables.")


@db.command()
@click.argument("revision")
@click.pass_obj
def downgrade(settings: Settings, revision: str) -> None:
    """Downgrade the tables to REVISION, which `fmn db head` of an older version prints.

    Deletes data that the older version doesn't know. Stop all processes of this version first.
    """
    with _database_errors_as_messages():
        migrations.downgrade(Database(settings.database.url), revision)
    click.echo(f"The tables are at revision {revision}.")


@db.command()
@click.pass_obj
def check(settings: Settings) -> None:
    """Check that the tables are those of this version. Exit with 1 if they aren't."""
    with _database_errors_as_messages():
        current = migrations.is_current(Database(settings.database.url))
    if not current:
        raise click.ClickException("the database's tables aren't those of this version")
    click.echo("The tables are up to date.")


@db.command()
@click.option(
    "--sent-until", type=UtcDateTimeParam(),
    help="When sending stopped before the database was lost (UTC). Deliveries due earlier aren't sent again.")
@click.option(
    "--nothing-lost", is_flag=True,
    help="Nothing committed is missing: a replica without lag took over. Nobody has to sign in again.")
@click.pass_obj
def restored(settings: Settings, sent_until: datetime | None, *, nothing_lost: bool) -> None:
    """Finish restoring a database from a backup, or switching to a replica.

    Run it before you start any process. Rows written after the backup, or after the replica fell behind, are
    lost. Their numbers aren't given out again, since links in mails use them. Everybody has to sign in again.
    """
    configure_logging(settings.log)
    now = utc_now()
    if sent_until is not None and sent_until > now:
        raise click.UsageError("--sent-until must not be in the future")
    if sent_until is not None and nothing_lost:
        raise click.UsageError("use either --sent-until or --nothing-lost")
    database = Database(settings.database.url)
    if not migrations.is_current(database):
        raise click.ClickException("the database's tables aren't those of this version: run fmn db upgrade")
    if nothing_lost:
        with _database_errors_as_messages(), database.transaction() as session:
            accept_failover(session, current_operator("fmn db"))
        click.echo("Noted: this database is complete.")
        return
    with _database_errors_as_messages(), database.transaction() as session:
        done = finish_restore(session, current_operator("fmn db"), sent_until, now)
    click.echo(f"{done.tables} tables number new rows after a gap; "
               f"{pluralize(done.accounts, 'user has', 'users have')} to sign in again.")
    if sent_until is not None:
        failed = pluralize(done.failed_deliveries, "delivery", "deliveries")
        click.echo(f"{failed} in doubt: maybe sent, maybe not. Decide with: "
                   f'fmn deliveries requeue or discard --reason "{Reason.IN_DOUBT.sentence}"')


@db.command()
def head() -> None:
    """Print the revision of the tables that this version needs."""
    click.echo(migrations.head())


@contextmanager
def _database_errors_as_messages() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise click.ClickException(f"fmn.database.url: {str(error.orig).strip()}") from error
    except CommandError as error:
        raise click.ClickException(str(error)) from error
