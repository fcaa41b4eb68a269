"""What a simulated process has in its memory, and loses: the objects that FMN's processes are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from typing import Any

from fmn.delivery.contract import Channel
from fmn.infra.broker import enqueue
from fmn.scheduler.periodic_jobs import Scheduler, task_jobs
from fmn.sources.consumer import Consumer
from fmn.sources.fedmsg.parser import MessageParser
from fmn.sources.fedmsg.source import FedmsgSource, Frames
from fmn.sources.spool.backlog import Backlog
from tests.simulation.broker import Worker
from tests.simulation.environment import SimulatedServices, Site

Activity = Callable[[], object]


@dataclass
class Life:
    """Consumer, worker and scheduler; ``jobs`` are to be started, ``begins`` comes before all else."""

    services: SimulatedServices
    source: FedmsgSource
    consumer: Consumer
    worker: Worker
    scheduler: Scheduler
    begins: list[Activity] = field(default_factory=list)
    jobs: list[str] = field(default_factory=list)

    @property
    def backlog(self) -> Backlog:
        """What waits to be stored."""
        backlog: Backlog = _writer(self.consumer)._backlog  # noqa: SLF001 - there's no other way in
        return backlog

    def take(self, received: Sequence[Frames]) -> None:
        """Take in what came from the bus together."""
        self.consumer.ingest(self.source, self.source.parse(received), Event())

    def drain(self) -> None:
        """Store what waits, as the storer does by itself while nothing comes."""
        _writer(self.consumer)._drain(Event())  # noqa: SLF001 - as above

    def fire(self, name: str) -> None:
        """Start a job whose time has come, as APScheduler does."""
        scheduler: Any = self.scheduler
        [job] = [job for job in scheduler._jobs if job.name == name]  # noqa: SLF001 - as above
        scheduler._fire(job, _NextTime())  # noqa: SLF001 - as above


def begin_life(site: Site, name: str, channels: Mapping[str, Channel], worker: Worker) -> Life:
    """What a process has that begins, and is called that."""
    services = SimulatedServices(site.settings, site.databases[name], channels)
    actors = site.actors
    source = FedmsgSource(_NoBus(), MessageParser.from_settings(site.settings.bus))
    consumer = Consumer.from_settings(
        site.settings, [source], services.database, partial(enqueue, actors.match))
    # Everything of the storer's happens in the thread of its process.
    storer = _writer(consumer)
    storer._jobs = _Orders(storer)  # noqa: SLF001 - as above
    scheduler = Scheduler(services.database, task_jobs(site.settings, actors.PERIODIC))
    return Life(services, source, consumer, worker, scheduler)


def _writer(consumer: Consumer) -> Any:
    return vars(consumer)["_writer"]


class _NoBus:
    """Consumers are handed batches."""

    def batches(self, *_: object, **__: object) -> Any:
        raise NotImplementedError


class _Orders:
    """Lets a storer obey at once."""

    def __init__(self, storer: Any) -> None:
        self._writer = storer

    def put(self, order: Any) -> None:
        self._writer._execute(*order)  # noqa: SLF001 - as above


class _NextTime:
    """What can't be started is, with the next tick."""

    def add_job(self, *_: object, **__: object) -> None:
        pass
