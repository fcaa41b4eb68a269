"""``fmn catchup``: asks for what was sent in a stretch of time, whatever FMN thinks it heard of that."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

import click

from fmn.infra.broker import enqueue
from fmn.settings import CONFIG_VARIABLE, Settings
from fmn.sources.backfill.backfill_source import BackfillSourceError
from fmn.sources.backfill.ingesting import BackfillIngester, IngestCounts
from fmn.sources.backfill.time_windows import BackfillWindow, clamp_to_history
from fmn.sources.backfill.worker import backfill, open_source
from fmn.text import pluralize
from fmn.wiring import services

#: How long ago, in words of the command line.
_AGO: Final = re.compile(r"(\d{1,6})\s*([mhd])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}

#: Told what's done: so many more seconds of the time that is asked about, and all that there was until now.
Progress = Callable[[BackfillWindow, IngestCounts], object]


def _moment(_context: click.Context, _option: click.Parameter, value: str | None) -> datetime | None:
    """What somebody means by 30m, 2h or 3d ago, or by a date and a time."""
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
              help="From when on: 30m, 2h or 3d ago, or a time in UTC such as 2026-05-04T12:00.")
@click.option("--until", callback=_moment, metavar="WHEN", help="Until when, if not until now.")
@click.pass_context
def catchup(context: click.Context, since: datetime, until: datetime | None) -> None:
    """Ask for messages of some time, and take in those that FMN hasn't got.

    They're asked for where fmn.catchup says. What is there already changes nothing, so it does no harm to ask
    for too much. Ctrl-C keeps what has come.
    """
    settings: Settings = context.obj
    if not settings.catchup.sources:
        raise click.ClickException(
            "there's nobody to ask: name an archive in fmn.catchup.url, or fmn.catchup.replay_endpoints")
    now = datetime.now(UTC)
    since = _within_history(since, now, settings)
    whole = BackfillWindow.covering(since, min(until or now, now))
    if whole.seconds <= 0:
        raise click.ClickException("--until has to be after --since")
    os.environ[CONFIG_VARIABLE] = str(context.meta[CONFIG_VARIABLE])
    from fmn import actors  # noqa: PLC0415 - they read their settings when they're imported

    ingester = services().ingester(partial(enqueue, actors.match))
    failed = [address for address in settings.catchup.sources if not _backfill_from(
        settings, address, whole, ingester)]
    if failed:
        raise click.ClickException(f"not all could be asked: {', '.join(failed)}")


def _within_history(since: datetime, now: datetime, settings: Settings) -> datetime:
    earliest = clamp_to_history(since, now, timedelta(days=settings.history.days))
    if earliest > since:
        click.echo(f"Messages are kept {pluralize(settings.history.days, 'day')} (fmn.history.days): "
                   f"asking from {_shown(earliest)} on.", err=True)
    return earliest


def _backfill_from(
    settings: Settings, address: str, whole: BackfillWindow, ingester: BackfillIngester,
) -> bool:
    """Ask one source, and say what became of it; whether it could be asked about all of the time."""
    done, reached = IngestCounts(), whole.start
    click.echo(f"Asking {address}")
    try:
        with closing(open_source(settings.catchup, address)) as source, _progress(whole) as tell:
            for window, counts in backfill(source, whole, ingester):
                done.add(counts)
                reached = window.end
                tell(window, done)
    except KeyboardInterrupt:
        click.echo(_summary(done))
        resume = datetime.fromtimestamp(reached, UTC)
        raise click.ClickException(
            f"stopped. Go on with: fmn catchup --since {resume:%Y-%m-%dT%H:%M:%S}") from None
    except BackfillSourceError as error:
        click.echo(str(error), err=True)
    click.echo(_summary(done))
    return reached == whole.end


@contextmanager
def _progress(whole: BackfillWindow) -> Iterator[Progress]:
    """A bar in a terminal, lines elsewhere."""
    if not sys.stdout.isatty():
        yield _line
        return
    with click.progressbar(length=whole.seconds, item_show_func=_unchanged) as bar:
        yield lambda window, done: bar.update(window.seconds, f"{done.new:,} new")


def _line(window: BackfillWindow, done: IngestCounts) -> None:
    click.echo(f"until {_shown(window.end_time)}: {done.fetched:,} fetched, {done.new:,} new")


def _unchanged(text: str | None) -> str | None:
    return text


def _summary(done: IngestCounts) -> str:
    reasons = ", ".join(f"{reason} {number:,}" for reason, number in sorted(done.refused.items()))
    refused = f"{done.refused.total():,} refused" + (f" ({reasons})" if reasons else "")
    return f"{done.fetched:,} fetched: {done.new:,} new, {done.known:,} known already, {refused}."


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
