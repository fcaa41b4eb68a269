"""``fmn worker`` and ``backend``: the processes that do tasks, each of which becomes dramatiq's.

They import what a few checks need and no more, since dramatiq's process, :mod:`fmn.cli.dramatiq`, imports
everything anew.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from fmn.infra.backend_queues import backend_queues
from fmn.infra.queue_names import DIGESTS_QUEUE, MATCH_QUEUE
from fmn.monitoring.listening_socket import open_inheritable_socket
from fmn.monitoring.metrics_registry import enable_multiprocess
from fmn.settings import CONFIG_VARIABLE, Settings

#: Milliseconds that running tasks get to finish at a stop. systemd's limit must be longer.
SHUTDOWN_TIMEOUT = "25000"
#: Milliseconds until a process that lost RabbitMQ connects again.
RESTART_DELAY = "500"


def require_shared_broker(settings: Settings) -> None:
    """Refuse a process of its own where tasks are in the memory of one process."""
    if settings.broker.url == "memory://":
        raise click.ClickException(
            "fmn.broker.url = memory:// is the memory of one process, so this one would have nothing to do: "
            "run fmn up, or set fmn.broker.url to RabbitMQ's address")


@click.command()
@click.option("--processes", default=1, show_default=True, help="Number of processes.")
@click.option("--threads", default=4, show_default=True, help="Number of tasks each process runs at once.")
@click.pass_context
def worker(context: click.Context, processes: int, threads: int) -> None:
    """Match messages against filters and close digests.

    Any number of processes may run, on any host.
    """
    _dramatiq(context, [MATCH_QUEUE, DIGESTS_QUEUE], processes, threads, prefetch=None)


@click.command()
@click.argument("names", metavar="[CHANNEL]...", nargs=-1)
@click.option("--processes", default=1, show_default=True, help="Number of processes.")
@click.option("--threads", default=4, show_default=True, help="Number of batches delivered at once.")
@click.pass_context
def backend(context: click.Context, names: Sequence[str], processes: int, threads: int) -> None:
    """Deliver notifications on each CHANNEL, by default on all.

    Of several processes for a channel one delivers; another stands by and takes over if it dies. With
    fmn.delivery.partitions they share the channel. Run a process for each channel, and a slow server delays
    that channel alone.
    """
    channels = context.obj.delivery.channels
    for name in names:
        if name not in channels:
            raise click.ClickException(
                f"there is no channel {name!r} here: fmn.delivery.channels = {' '.join(channels)}")
    counts = context.obj.delivery.partition_counts
    queues = [*backend_queues({name: counts[name] for name in names or channels})]
    # A process holds no more tasks than it's at work on: one that dies or hangs keeps as few as can be.
    _dramatiq(context, queues, processes, threads, prefetch=threads)


def _dramatiq(
    context: click.Context, queues: list[str], processes: int, threads: int, prefetch: int | None,
) -> NoReturn:
    require_shared_broker(context.obj)
    os.environ[CONFIG_VARIABLE] = str(context.meta[CONFIG_VARIABLE])
    os.environ.setdefault("dramatiq_restart_delay", RESTART_DELAY)
    if prefetch is not None:
        os.environ.setdefault("dramatiq_queue_prefetch", str(prefetch))
    if open_inheritable_socket(context.obj.metrics) and processes > 1:
        enable_multiprocess()
    command = [
        sys.executable, "-m", "fmn.cli.dramatiq", "fmn.actors", "-p", str(processes), "-t", str(threads),
        "--worker-shutdown-timeout", SHUTDOWN_TIMEOUT, "--skip-logging", "-Q", *queues,
    ]
    os.execv(command[0], command)
