"""``fmn deliveries``: what wasn't delivered, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypeVar

import click

from fmn.administration.requeueing import discard_deliveries, requeue_deliveries
from fmn.channels import channel_types
from fmn.cli.current_operator import current_operator
from fmn.cli.datetime_option import UtcDateTimeParam
from fmn.ledger.failed_deliveries import DeliverySelection, FailureGroup, failure_groups
from fmn.settings import Settings
from fmn.text import pluralize
from fmn.wiring import Services

COMMAND: Final = "fmn deliveries"
#: So many reasons that their counts add up to all there is.
EVERY_REASON: Final = 1_000_000
Command = TypeVar("Command", bound=Callable[..., Any])


def _selection_options(command: Command) -> Command:
    """The options that say which ones."""
    for option in (
        click.option("--since", type=UtcDateTimeParam(), help="Only what ended since then (UTC)."),
        click.option("--reason", default="", metavar="TEXT", help="Only where the reason has this in it."),
        click.option("--channel", metavar="NAME", help="Only what was to be sent that way: email, irc, …"),
    ):
        command = option(command)
    return command


_waiting: Final = click.option(
    "--waiting", is_flag=True, help="What waits, rather than what failed; --since goes by when it was made.")
_dry: Final = click.option("--dry-run", is_flag=True, help="Only say what would be done.")


@click.group("deliveries")
def deliveries() -> None:
    """What failed to be delivered, or waits."""


@deliveries.command("list")
@_selection_options
@_waiting
@click.pass_obj
def list_(
    settings: Settings, channel: str | None, reason: str, since: datetime | None, *, waiting: bool,
) -> None:
    """List what failed, by channel and reason, the most frequent first."""
    which = _which(channel, reason, since, waiting=waiting)
    with Services(settings).database.reading() as session:
        found = failure_groups(session, which)
    for each in found:
        click.echo(_line(each))
    if not found:
        click.echo("Nothing like that waits." if waiting else "Nothing like that failed.")


@deliveries.command()
@_selection_options
@_dry
@click.pass_obj
def requeue(
    settings: Settings, channel: str | None, reason: str, since: datetime | None, *, dry_run: bool,
) -> None:
    """Let what failed be tried again, within seconds.

    What is too old to be tried for days is tried once.
    """
    _apply(
        settings, _which(channel, reason, since), requeue_deliveries, "will be tried again", dry_run=dry_run)


@deliveries.command()
@_selection_options
@_waiting
@click.option("--all", "everything", is_flag=True, help="All of it, whatever the channel and the reason.")
@_dry
@click.pass_obj
def discard(
    settings: Settings, channel: str | None, reason: str, since: datetime | None, *, waiting: bool,
    everything: bool, dry_run: bool,
) -> None:
    """Give up what failed for good. It stays in its owner's inbox, which says so."""
    if not (channel or reason or since or everything):
        raise click.UsageError("Say which ones, by --channel, --reason or --since, or --all.")
    which = _which(channel, reason, since, waiting=waiting)
    _apply(settings, which, discard_deliveries, "given up", dry_run=dry_run)


def _which(
    channel: str | None, reason: str, since: datetime | None, *, waiting: bool = False,
) -> DeliverySelection:
    # Not only those of the settings: what is left of a channel that isn't used any more is to be found, too.
    if channel is not None and channel not in channel_types():
        raise click.BadParameter(f"there are {', '.join(channel_types())}", param_hint="--channel")
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
        click.echo(f"Nothing was done. Without --dry-run: {told} {done}.")
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
