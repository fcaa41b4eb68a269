"""``fmn index``: checks or rebuilds the workers' index of filters."""

from __future__ import annotations

import time

import click

from fmn.administration.audit_log import log_action
from fmn.cli.command_group import CommandGroup
from fmn.cli.current_operator import current_operator
from fmn.cli.progress import progress
from fmn.matching.index.loading import indexed_users, load_index, unusable_filters
from fmn.people.change_log import record_change_of_all
from fmn.settings import Settings
from fmn.text import pluralize
from fmn.translations import mark
from fmn.wiring import Services


@click.group(cls=CommandGroup)
def index() -> None:
    """Check or rebuild the workers' index of filters."""


@index.command()
@click.pass_obj
def check(settings: Settings) -> None:
    """Load the index as workers do, and list the filters that can't be used.

    Exits with 1 if there are any.
    """
    services = Services(settings)
    with services.database.reading() as session:
        with progress("Users", indexed_users(session)) as advance:
            began = time.monotonic()
            found = load_index(session, services.rule_types, lambda: advance(1, ""))
            seconds = time.monotonic() - began
        wrong = unusable_filters(session, services.rule_types)
    click.echo(f"{pluralize(len(found), 'user')} with filters, loaded in {seconds:.1f} s.")
    for each in wrong:
        click.echo(f"{each.nick}, {each.context}: filter “{each.name}” can't be used: {each.reason}")
    if wrong:
        raise click.ClickException(f"{pluralize(len(wrong), 'filter')} can't be used")


@index.command()
@click.pass_obj
def rebuild(settings: Settings) -> None:
    """Make every worker reload the index before its next batch.

    Workers keep the index up to date themselves. Use this after you changed filters in the database by hand.
    """
    with Services(settings).database.transaction() as session:
        revision = record_change_of_all(session)
        log_action(session, current_operator("fmn index"), mark("had the index rebuilt"), revision=revision)
    click.echo(f"Workers reload the index before their next batch, at revision {revision}.")
