"""``fmn deliveries``: lists, requeues or discards failed and pending deliveries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypeVar

import click

from fmn.administration.requeueing import discard_deliveries, requeue_deliveries
from fmn.channels import channel_types
from fmn.cli.command_group import CommandGroup
from fmn.cli.current_operator import current_operator
from fmn.cli.datetime_option import UtcDateTimeParam
from fmn.ledger.failed_deliveries import DeliverySelection, FailureGroup, failure_groups
from fmn.settings import Settings
from fmn.text import pluralize
from fmn.wiring import Services

COMMAND: Final = "fmn deliveries"
#: A limit on reasons that none reaches: the counts of all add up to the total.
EVERY_REASON: Final = 1_000_000
Command = TypeVar("Command", bound=Callable[..., Any])


def _selection_options(command: Command) -> Command:
    """The options that select deliveries."""
    for option in (
        click.option("--since", type=UtcDateTimeParam(), help="Only those that failed since then (UTC)."),
        click.option("--reason", default="", metavar="TEXT", help="Only those whose reason contains TEXT."),
        click.option("--channel", metavar="NAME", help="Only those of a channel: email, irc, …"),
    ):
        command = option(command)
    return command


_waiting: Final = click.option(
    "--waiting", is_flag=True, help="Pending ones instead of failed ones; --since is their creation.")
_dry: Final = click.option("--dry-run", is_flag=True, help="Change nothing; show what would change.")


@click.group("deliveries", cls=CommandGroup)
def deliveries() -> None:
    """List, requeue or discard failed and pending deliveries."""


@deliveries.command("list")
@_selection_options
@_waiting
@click.pass_obj
def list_(
    settings: Settings, channel: str | None, reason: str, since: datetime | None, *, waiting: bool,
) -> None:
    """List failed deliveries by channel and reason, the most frequent first."""
    which = _which(channel, reason, since, waiting=waiting)
    with Services(settings).database.reading() as session:
        found = failure_groups(session, which)
    for each in found:
        click.echo(_line(each))
    if not found:
        click.echo("No matching pending deliveries." if waiting else "No matching failed deliveries.")


@deliveries.command()
@_selection_options
@_dry
@click.pass_obj
def requeue(
    settings: Settings, channel: str | None, reason: str, since: datetime | None, *, dry_run: bool,
) -> None:
    """Retry failed deliveries, within seconds.

    Old ones get one attempt instead of retries for days.
    """
    _apply(
        settings, _which(channel, reason, since), requeue_deliveries, "requeued", dry_run=dry_run)


@deliveries.command()
@_selection_options
@_waiting
@click.option("--all", "everything", is_flag=True, help="All of them, whatever the channel and the reason.")
@_dry
@click.pass_obj
def discard(
    settings: Settings, channel: str | None, reason: str, since: datetime | None, *, waiting: bool,
    everything: bool, dry_run: bool,
) -> None:
    """Give up failed deliveries for good. Their notifications stay in users' inboxes, with the reason."""
    if not (channel or reason or since or everything):
        raise click.UsageError("select deliveries with --channel, --reason or --since, or use --all")
    which = _which(channel, reason, since, waiting=waiting)
    _apply(settings, which, discard_deliveries, "discarded", dry_run=dry_run)


def _which(
    channel: str | None, reason: str, since: datetime | None, *, waiting: bool = False,
) -> DeliverySelection:
    # All channels, not only those in the settings: deliveries of a channel that was removed remain.
    if channel is not None and channel not in channel_types():
        raise click.BadParameter(f"choose from {', '.join(channel_types())}", param_hint="--channel")
    return DeliverySelection(context=channel, containing=reason, since=since, waiting=waiting)


def _apply(
    settings: Settings, which: DeliverySelection, do: Callable[..., int], done: str, *, dry_run: bool,
) -> None:
    database = Services(settings).database
    if dry_run:
        with database.reading() as session:
            found = failure_groups(session, which, EVERY_REASON)
        for each in found:
            click.echo(_line(each))
        told = _deliveries(sum(each.count for each in found))
        click.echo(f"Dry run, nothing changed. Without --dry-run: {told} {done}.")
        return
    now = database.now()
    with database.transaction() as session:
        count = do(session, current_operator(COMMAND), which, now)
    click.echo(f"{_deliveries(count)} {done}.")


def _line(each: FailureGroup) -> str:
    last = f"{each.last:%Y-%m-%d %H:%M}" if each.last else "-"
    return f"{each.count:>8}  {each.context:8}  {last:16}  {each.reason or '(no reason yet)'}"


def _deliveries(count: int) -> str:
    return pluralize(count, "delivery", "deliveries")
