"""``fmn index``: what the matcher knows of everyone's filters."""

from __future__ import annotations

import time

import click

from fmn.administration.audit_log import log_action
from fmn.cli.current_operator import current_operator
from fmn.matching.index_loading import load_index, unusable_filters
from fmn.people.change_log import record_change_of_all
from fmn.settings import Settings
from fmn.text import pluralize
from fmn.wiring import Services


@click.group()
def index() -> None:
    """What the matcher knows of everyone's filters."""


@index.command()
@click.pass_obj
def check(settings: Settings) -> None:
    """Load the index as workers do, and name the filters that can't be asked.

    Exits with 1 if there are any.
    """
    services = Services(settings)
    with services.database.reading() as session:
        began = time.monotonic()
        found = load_index(session, services.rule_types)
        seconds = time.monotonic() - began
        wrong = unusable_filters(session, services.rule_types)
    click.echo(f"{pluralize(len(found), 'person', 'people')} with filters, loaded in {seconds:.1f} s.")
    for each in wrong:
        click.echo(f"{each.nick}, {each.context}: filter “{each.name}” hears nothing: {each.reason}")
    if wrong:
        raise click.ClickException(f"{pluralize(len(wrong), 'filter')} can't be asked")


@index.command()
@click.pass_obj
def rebuild(settings: Settings) -> None:
    """Have every worker load the index anew before its next batch.

    They keep it up to date by themselves. This is for after somebody changed filters in the database by hand.
    """
    with Services(settings).database.transaction() as session:
        revision = record_change_of_all(session)
        log_action(session, current_operator("fmn index"), "had the index rebuilt", revision=revision)
    click.echo(f"Workers load the index anew before their next batch, as of revision {revision}.")
