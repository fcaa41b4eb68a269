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

from fmn.infra.broker import hint
from fmn.settings import CONFIG_VARIABLE, Settings
from fmn.sources.backfill.backfill_source import SourceError
from fmn.sources.backfill.ingesting import Taker, Tally
from fmn.sources.backfill.time_windows import Window, clamped
from fmn.sources.backfill.worker import ask, open_source
from fmn.text import counted
from fmn.wiring import services

#: How long ago, in words of the command line.
_AGO: Final = re.compile(r"(\d{1,6})\s*([mhd])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}

#: Told what's done: so many more seconds of the time that is asked about, and all that there was until now.
Progress = Callable[[Window, Tally], object]


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
    whole = Window.around(since, min(until or now, now))
    if whole.seconds <= 0:
        raise click.ClickException("--until has to be after --since")
    os.environ[CONFIG_VARIABLE] = str(context.meta[CONFIG_VARIABLE])
    from fmn import actors  # noqa: PLC0415 - they read their settings when they're imported

    taker = services().taker(partial(hint, actors.match))
    failed = [address for address in settings.catchup.sources if not _asked(settings, address, whole, taker)]
    if failed:
        raise click.ClickException(f"not all could be asked: {', '.join(failed)}")


def _within_history(since: datetime, now: datetime, settings: Settings) -> datetime:
    earliest = clamped(since, now, timedelta(days=settings.history.days))
    if earliest > since:
        click.echo(f"Messages are kept {counted(settings.history.days, 'day')} (fmn.history.days): "
                   f"asking from {_shown(earliest)} on.", err=True)
    return earliest


def _asked(settings: Settings, address: str, whole: Window, taker: Taker) -> bool:
    """Ask one source, and say what became of it; whether it could be asked about all of the time."""
    done, reached = Tally(), whole.start
    click.echo(f"Asking {address}")
    try:
        with closing(open_source(settings.catchup, address)) as source, _progress(whole) as tell:
            for window, tally in ask(source, whole, taker):
                done.add(tally)
                reached = window.end
                tell(window, done)
    except KeyboardInterrupt:
        click.echo(_summary(done))
        resume = datetime.fromtimestamp(reached, UTC)
        raise click.ClickException(
            f"stopped. Go on with: fmn catchup --since {resume:%Y-%m-%dT%H:%M:%S}") from None
    except SourceError as error:
        click.echo(str(error), err=True)
    click.echo(_summary(done))
    return reached == whole.end


@contextmanager
def _progress(whole: Window) -> Iterator[Progress]:
    """A bar in a terminal, lines elsewhere."""
    if not sys.stdout.isatty():
        yield _line
        return
    with click.progressbar(length=whole.seconds, item_show_func=_as_it_is) as bar:
        yield lambda window, done: bar.update(window.seconds, f"{done.new:,} new")


def _line(window: Window, done: Tally) -> None:
    click.echo(f"until {_shown(window.closes)}: {done.fetched:,} fetched, {done.new:,} new")


def _as_it_is(said: str | None) -> str | None:
    return said


def _summary(done: Tally) -> str:
    reasons = ", ".join(f"{reason} {number:,}" for reason, number in sorted(done.refused.items()))
    refused = f"{done.refused.total():,} refused" + (f" ({reasons})" if reasons else "")
    return f"{done.fetched:,} fetched: {done.new:,} new, {done.known:,} known already, {refused}."


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
