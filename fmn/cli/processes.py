"""``fmn consumer`` and ``scheduler``: the processes that receive messages and start periodic jobs."""

from __future__ import annotations

import os
import signal
from _thread import start_new_thread
from collections.abc import Sequence
from functools import partial
from threading import Event

import click

from fmn.cli.task_processes import require_shared_broker
from fmn.infra.broker import enqueue
from fmn.infra.db import Database
from fmn.infra.logs import configure_logging
from fmn.monitoring.process_endpoints import serve_endpoints
from fmn.scheduler.periodic_jobs import (
    Scheduler,
    announcer_jobs,
    database_check_jobs,
    monitoring_jobs,
    task_jobs,
)
from fmn.settings import CONFIG_VARIABLE, Settings
from fmn.sources.configured_sources import opened_sources
from fmn.sources.consumer import Consumer
from fmn.wiring import services


def stop_on_signals() -> Event:
    """An event that SIGTERM and SIGINT set."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        # In a thread: a signal may come while this one has the event's lock, as in the handler of another.
        signal.signal(number, lambda *_: start_new_thread(stop.set, ()))
    return stop


@click.command()
@click.argument("names", metavar="[SOURCE]...", nargs=-1)
@click.pass_context
def consumer(context: click.Context, names: Sequence[str]) -> None:
    """Receive messages from each SOURCE, by default from all that are configured, and store them.

    One process is enough. A second one is harmless.
    """
    settings: Settings = context.obj
    os.environ[CONFIG_VARIABLE] = str(context.meta[CONFIG_VARIABLE])
    # The actors read their settings when they're imported, so not before we know which.
    from fmn import actors  # noqa: PLC0415

    database = Database(settings.database.url)
    with opened_sources(settings, database, names) as sources:
        serve_endpoints(services(), *(source.problem for source in sources))
        Consumer.from_settings(settings, sources, database, partial(enqueue, actors.match)).run(
            stop_on_signals())


@click.command()
@click.pass_context
def scheduler(context: click.Context) -> None:
    """Start periodic jobs: digests, retries, backfill, clean-up.

    Any number of processes may run; one of them leads.
    """
    settings: Settings = context.obj
    require_shared_broker(settings)
    os.environ[CONFIG_VARIABLE] = str(context.meta[CONFIG_VARIABLE])
    from fmn import actors  # noqa: PLC0415 - as above

    configure_logging(settings.log)
    database = Database(settings.database.url)
    serve_endpoints(services())
    jobs = [*task_jobs(
        settings, actors.PERIODIC), *announcer_jobs(database, settings), *database_check_jobs(database),
            *monitoring_jobs(services())]
    Scheduler(database, jobs).run(stop_on_signals())
