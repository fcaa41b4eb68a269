"""``fmn hooks``: adds, lists, rotates and removes webhooks of forges."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

import click

from fmn.administration import hook_management as management
from fmn.cli.command_group import CommandGroup
from fmn.cli.current_operator import current_operator
from fmn.errors import OperatorError, UserError
from fmn.settings import Settings
from fmn.sources.webhooks.deliveries import last_deliveries
from fmn.sources.webhooks.forges import FORGES
from fmn.sources.webhooks.models import Hook
from fmn.text import pluralize
from fmn.wiring import Services

COMMAND: Final = "fmn hooks"
#: Deliveries that are listed without an option.
SHOWN: Final = 20


@click.group(cls=CommandGroup)
def hooks() -> None:
    """Add, list, rotate and remove webhooks that forges call."""


@hooks.command("list")
@click.pass_obj
def list_(settings: Settings) -> None:
    """List webhooks with their forge, topic prefix and address."""
    with Services(settings).database.reading() as session:
        found = management.hooks(session)
    for each in found:
        state = "" if each.enabled else "  (disabled)"
        url = management.hook_url(settings, each.name)
        click.echo(f"{each.name}  {each.forge}  {each.topic_prefix}  {url}{state}")
    if not found:
        click.echo("No webhooks.")


@hooks.command()
@click.argument("name")
@click.argument("forge", type=click.Choice(list(FORGES)))
@click.option(
    "--topic-prefix", metavar="PREFIX",
    help="What topics begin with. Default: fmn.publish.topic_prefix and fmn.bus.environment.")
@click.option("--foreign-logins", is_flag=True, help="Logins at the forge aren't account names here.")
@click.option("--private-too", is_flag=True, help="Also take what is private at the forge.")
@click.pass_obj
def add(
    settings: Settings, name: str, forge: str, topic_prefix: str | None, *, foreign_logins: bool,
    private_too: bool,
) -> None:
    """Add a webhook for FORGE, and print its address and its secret. The secret isn't shown again."""
    services = _services(settings)
    new = management.NewHook(
        name, forge, topic_prefix or management.default_topic_prefix(settings), not foreign_logins,
        private_too)
    with _mistakes(), services.database.transaction() as session:
        hook = management.add_hook(session, current_operator(COMMAND), new, services.database.now())
    _show(settings, hook)


@hooks.command()
@click.argument("name")
@click.pass_obj
def rotate(settings: Settings, name: str) -> None:
    """Give a webhook a new secret and print it. The one before stays valid for fmn.hooks.overlap_hours."""
    services = _services(settings)
    hours = settings.hooks.overlap_hours
    with _mistakes(), services.database.transaction() as session:
        hook = management.find_hook(session, name)
        management.rotate_secret(
            session, current_operator(COMMAND), hook, services.database.now(), timedelta(hours=hours))
    _show(settings, hook)
    click.echo(f"The secret before stays valid for {pluralize(hours, 'hour')}.")


@hooks.command()
@click.argument("name")
@click.pass_obj
def remove(settings: Settings, name: str) -> None:
    """Remove a webhook. Messages that came through it stay."""
    with _mistakes(), Services(settings).database.transaction() as session:
        management.remove_hook(session, current_operator(COMMAND), management.find_hook(session, name))
    click.echo(f"Removed {name}.")


@hooks.command()
@click.argument("name")
@click.option("--most", type=click.IntRange(1, 100), default=SHOWN, show_default=True, help="How many.")
@click.pass_obj
def deliveries(settings: Settings, name: str, most: int) -> None:
    """List the last deliveries of a webhook with their outcome, newest first."""
    with _mistakes(), Services(settings).database.reading() as session:
        found = last_deliveries(session, management.find_hook(session, name).id, most)
    for each in found:
        click.echo(
            f"{each.received_at:%Y-%m-%d %H:%M:%S}  {each.outcome:12}  {each.event or '-':20}  "
            f"{each.size:>9} bytes  {each.delivery_id}")
    if not found:
        click.echo("No deliveries.")


def _services(settings: Settings) -> Services:
    services = Services(settings)
    services.check_secrets()
    return services


@contextmanager
def _mistakes() -> Iterator[None]:
    try:
        yield
    except UserError as error:
        raise OperatorError(str(error)) from error


def _show(settings: Settings, hook: Hook) -> None:
    click.echo(f"address  {management.hook_url(settings, hook.name)}")
    click.echo(f"secret   {management.secret_of(settings, hook)}")
