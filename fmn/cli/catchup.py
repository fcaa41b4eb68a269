"""``fmn catchup``: fetches a period's messages from archives, whether or not FMN noticed a gap."""

from __future__ import annotations

import os
import re
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

import click

from fmn.cli.progress import progress
from fmn.infra.broker import enqueue
from fmn.settings import CONFIG_VARIABLE, Settings
from fmn.sources.backfill.backfill_source import BackfillSourceError
from fmn.sources.backfill.ingesting import BackfillIngester, IngestCounts
from fmn.sources.backfill.time_windows import BackfillWindow, clamp_to_history
from fmn.sources.backfill.worker import backfill, open_source
from fmn.text import pluralize
from fmn.wiring import services

#: A time as a number of minutes, hours or days ago.
_AGO: Final = re.compile(r"(\d{1,6})\s*([mhd])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}


def _moment(_context: click.Context, _option: click.Parameter, value: str | None) -> datetime | None:
    """The time meant by ``30m``, ``2h`` or ``3d`` ago, or by a date and a time in UTC."""
    if value is None:
        return None
    if (ago := _AGO.fullmatch(value)) is not None:
        return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        found = datetime.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter(
            f"{value!r} is neither how long ago, such as 2h or 3d, nor a time in UTC, "
            "such as 2026-05-04T12:00") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@click.command()
@click.option("--since", callback=_moment, required=True, metavar="WHEN",
              help="Start: 30m, 2h or 3d ago, or a time in UTC such as 2026-05-04T12:00.")
@click.option("--until", callback=_moment, metavar="WHEN", help="End. Default: now.")
@click.pass_context
def catchup(context: click.Context, since: datetime, until: datetime | None) -> None:
    """Fetch a period's messages from archives and store missing ones.

    The settings fmn.catchup.* name the archives. Messages that are stored already don't change, so a period
    may be too long. Ctrl-C stops, and keeps what was fetched.
    """
    settings: Settings = context.obj
    if not settings.catchup.sources:
        raise click.ClickException(
            "no archive is set: set fmn.catchup.url or fmn.catchup.replay_endpoints")
    now = datetime.now(UTC)
    since = _within_history(since, now, settings)
    whole = BackfillWindow.covering(since, min(until or now, now))
    if whole.seconds <= 0:
        raise click.ClickException("--until must be after --since")
    os.environ[CONFIG_VARIABLE] = str(context.meta[CONFIG_VARIABLE])
    from fmn import actors  # noqa: PLC0415 - they read their settings when they're imported

    ingester = services().ingester(partial(enqueue, actors.match))
    failed = [address for address in settings.catchup.sources if not _backfill_from(
        settings, address, whole, ingester)]
    if failed:
        raise click.ClickException(f"these archives didn't answer for the whole period: {', '.join(failed)}")


def _within_history(since: datetime, now: datetime, settings: Settings) -> datetime:
    earliest = clamp_to_history(since, now, timedelta(days=settings.history.days))
    if earliest > since:
        click.echo(f"Messages are kept {pluralize(settings.history.days, 'day')} (fmn.history.days): "
                   f"fetching from {_shown(earliest)} on.", err=True)
    return earliest


def _backfill_from(
    settings: Settings, address: str, whole: BackfillWindow, ingester: BackfillIngester,
) -> bool:
    """Fetch from one archive and print the counts. Returns whether it answered for the whole period."""
    done, reached = IngestCounts(), whole.start
    click.echo(f"Fetching from {address}")
    try:
        with closing(open_source(settings.catchup, address)) as source, progress(
                "Fetching", whole.seconds) as advance:
            for window, counts in backfill(source, whole, ingester):
                done.add(counts)
                reached = window.end
                if not sys.stdout.isatty():
                    click.echo(_line(window, done))
                advance(window.seconds, f"{done.new:,} new")
    except KeyboardInterrupt:
        click.echo(_summary(done))
        resume = datetime.fromtimestamp(reached, UTC)
        raise click.ClickException(
            f"stopped. To continue: fmn catchup --since {resume:%Y-%m-%dT%H:%M:%S}") from None
    except BackfillSourceError as error:
        click.echo(str(error), err=True)
    click.echo(_summary(done))
    return reached == whole.end


def _line(window: BackfillWindow, done: IngestCounts) -> str:
    return f"until {_shown(window.end_time)}: {done.fetched:,} fetched, {done.new:,} new"


def _summary(done: IngestCounts) -> str:
    reasons = ", ".join(f"{reason} {number:,}" for reason, number in sorted(done.refused.items()))
    refused = f"{done.refused.total():,} refused" + (f" ({reasons})" if reasons else "")
    return f"{done.fetched:,} fetched: {done.new:,} new, {done.known:,} known, {refused}."


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
